"""What is published, read by someone who wants to know what is not.

The reader here is written apart from the gate: it knows what the file shows (labels, values,
words), that totals are sums of parts, that an average is a ratio of two sums, and that nothing
is negative. Each hidden value is attacked by linear programming with all figures at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from nexpo.datacentres.publication import Average, Publication, Terms, publish
from nexpo.datacentres.publication_cells import TOTAL, Dimension
from nexpo.datacentres.suppression import Limits

Floats = NDArray[np.float64]
Place = tuple[str, ...]

TYPE, SIZE = Dimension("type", ("type",)), Dimension("size", ("size",))
WHERE = Dimension("place", ("province", "place"))
PUE = Average("pue", "1", "energy", "it")
PARENT = {"p1": "P", "p2": "P", "q1": "Q"}


class Reader:
    """Unknown counts and sums by cell; equations from totals and averages."""

    def __init__(self, found: Publication, names: tuple[str, ...]) -> None:
        self.cells = list(zip(found.cells.labels, map(tuple, found.cells.depth), strict=True))
        self.number = {key: i for i, key in enumerate(self.cells)}
        self.names = names
        self.found = found
        self.equations: list[dict[int, float]] = []
        self.right: list[float] = []
        self._totals()
        self._values()

    def at(self, name: str, cell: int) -> int:
        return self.names.index(name) * len(self.cells) + cell

    def _parent(self, cell: int, place: int) -> int | None:
        labels, depth = self.cells[cell]
        if not depth[place]:
            return None
        code = TOTAL if depth[place] == 1 else PARENT[labels[place]]
        above = (
            (*labels[:place], code, *labels[place + 1 :]),
            (*depth[:place], depth[place] - 1, *depth[place + 1 :]),
        )
        return self.number.get(above)

    def _totals(self) -> None:
        for place in range(len(self.cells[0][0])):
            children: dict[int, list[int]] = {}
            for cell in range(len(self.cells)):
                parent = self._parent(cell, place)
                if parent is not None:
                    children.setdefault(parent, []).append(cell)
            for name in self.names:
                for parent, parts in children.items():
                    row = {self.at(name, part): 1.0 for part in parts}
                    self.equations.append(row | {self.at(name, parent): -1.0})
                    self.right.append(0.0)

    def _values(self) -> None:
        for name in self.names[:3]:
            for cell, value in enumerate(self.found[name].values):
                if np.isfinite(value):
                    self.equations.append({self.at(name, cell): 1.0})
                    self.right.append(float(value))
        above, below = ("e both", "i both") if "e both" in self.names else ("energy", "it")
        for cell, value in enumerate(self.found["pue"].values):
            if np.isfinite(value):
                row = {self.at(above, cell): 1.0, self.at(below, cell): -float(value)}
                self.equations.append(row)
                self.right.append(0.0)
        for whole, part, rest in (("energy", "e both", "e alone"), ("it", "i both", "i alone")):
            if part in self.names:
                for cell in range(len(self.cells)):
                    at = {self.at(n, cell): v for n, v in ((whole, -1.0), (part, 1.0), (rest, 1.0))}
                    self.equations.append(at)
                    self.right.append(0.0)

    def interval(self, name: str, cell: int) -> tuple[float, float]:
        matrix = np.zeros((len(self.equations), len(self.names) * len(self.cells)))
        for row, equation in enumerate(self.equations):
            matrix[row, list(equation)] = list(equation.values())
        goal = np.zeros(matrix.shape[1])
        goal[self.at(name, cell)] = 1.0
        least = np.where(
            np.arange(len(goal)) < len(self.cells), 1.0, 0.0
        )  # no empty cell is listed
        ends = []
        for sign in (1.0, -1.0):
            answer = linprog(
                sign * goal, A_eq=matrix, b_eq=self.right, bounds=[(low, None) for low in least]
            )
            assert answer.status in (0, 3), answer.message
            ends.append(sign * answer.fun if answer.status == 0 else -sign * np.inf)
        return ends[0], ends[1]


@st.composite
def centres(draw: st.DrawFn) -> tuple[dict[str, list[str]], dict[str, tuple[str, Floats]]]:
    count = draw(st.integers(3, 14))

    def codes(of: str) -> list[str]:
        return draw(st.lists(st.sampled_from(of.split()), min_size=count, max_size=count))

    places = codes("p1 p2 q1")
    columns = {"type": codes("a b c"), "size": codes("s m l"), "place": places}
    columns["province"] = [PARENT[place] for place in places]
    numbers = st.lists(st.integers(1, 400), min_size=count, max_size=count)
    it = np.array(draw(numbers), dtype=float)
    energy = it * (1 + np.array(draw(numbers)) / 500)
    return columns, {"energy": ("kWh", energy), "it": ("kWh", it)}


CASES: list[Any] = [[[TYPE, SIZE]], [[TYPE, SIZE], [TYPE, WHERE]]]


@settings(max_examples=8, deadline=None)
@given(
    centres(),
    st.sampled_from(CASES),
    st.sampled_from([(), (("centres", "energy", "it"),)]),
    st.sampled_from([Limits(), Limits(exact_groups=0)]),
)
def test_nobody_can_work_out_what_is_hidden(
    given_: Any, tables: Any, ties: tuple[tuple[str, ...], ...], limits: Limits
) -> None:
    columns, sums = given_
    terms = Terms(ties=ties, width_share=0.1)
    found = publish(columns, sums, tables, averages=[PUE], terms=terms, limits=limits)
    held = found.cells.members.sum(axis=1)
    names = ("centres", "energy", "it")
    for name in (*names, "pue"):
        assert found[name].hidden[held < 3].all()
        assert not np.isfinite(found[name].values[found[name].hidden]).any()
    reader = Reader(found, names)
    few = np.flatnonzero(held < 3)
    for name in names:
        truth = held if name == "centres" else found.cells.members @ sums[name][1]
        for cell in few[:4]:
            low, high = reader.interval(name, int(cell))
            asked = 1.0 if name == "centres" else 0.1 * truth[cell]
            assert high - low >= asked * 0.99
            assert low - 1e-6 * truth.max() <= truth[cell] <= high + 1e-6 * truth.max()


@settings(max_examples=5, deadline=None)
@given(centres(), st.integers(0, 2**14 - 1))
def test_nor_what_those_left_out_who_reported_half(given_: Any, mask: int) -> None:
    """Some report energy without IT energy: what is left of energy is protected like a cell."""
    columns, sums = given_
    out = np.array([bool(mask >> i & 1) for i in range(len(columns["type"]))])
    energy, it = sums["energy"][1], np.where(out, np.nan, sums["it"][1])
    sums = {"energy": ("kWh", energy), "it": ("kWh", it)}
    found = publish(columns, sums, [[TYPE, SIZE]], averages=[PUE])
    reader = Reader(found, ("centres", "energy", "it", "e both", "e alone", "i both", "i alone"))
    alone, held = found.cells.members @ np.where(out, energy, 0.0), found.cells.members @ out
    for cell in np.flatnonzero((held > 0) & (held < 3))[:5]:
        low, high = reader.interval("e alone", int(cell))
        assert high - low >= 0.1 * alone[cell] * 0.99
