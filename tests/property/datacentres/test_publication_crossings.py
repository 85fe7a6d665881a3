"""Three tables in pairs, read as margins of one crossed three ways, in whole centres.

The reader here is written apart from the gate. Unknown are only the crossings of type, size and
place; a pair that is not listed is empty, a listed one holds a centre, a centre's power lies in
its size class, centres are whole, and every figure shown is a sum of crossings.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from nexpo.datacentres.publication import COUNT, Publication, Terms, publish
from nexpo.datacentres.publication_cells import TOTAL, Dimension, build_cells

Floats = NDArray[np.float64]

POWER, WATER = "installed_it_kw", "water"
SPANS = {"small": (500.0, 1000.0), "large": (2000.0, 10_000.0), "huge": (10_000.0, np.inf)}
REGION = {"A1": "A", "A2": "A", "B1": "B"}
TYPE, SIZE = Dimension("type", ("type",)), Dimension("size", ("size_class",))
PLACE = Dimension("place", ("region", "province"))
TABLES = [[TYPE, SIZE], [TYPE, PLACE], [SIZE, PLACE]]
TERMS = Terms(with_count=True, each_within={POWER: {"size_class": SPANS}})


@dataclass(frozen=True)
class Centres:
    """Centres by column, and their power and water."""

    columns: dict[str, list[str]]
    power: Floats
    water: Floats

    def published(self) -> Publication:
        sums = {POWER: ("kW", self.power), WATER: ("m3", self.water)}
        return publish(self.columns, sums, TABLES, terms=TERMS)


def centres(types: list[str], sizes: list[str], places: list[str], seed: int) -> Centres:
    draw = np.random.default_rng(seed)
    tops = {"small": 990.0, "large": 9900.0, "huge": 40_000.0}
    power = np.array([draw.uniform(SPANS[s][0], tops[s]) for s in sizes]).round()
    regions = [REGION[place] for place in places]
    columns = {"type": types, "size_class": sizes, "region": regions, "province": places}
    return Centres(columns, power, draw.uniform(1, 900, len(sizes)).round())


def drawn(seed: int) -> Centres:
    draw = np.random.default_rng(seed)
    count = int(draw.integers(6, 16))
    types = draw.choice(["host", "own"], count, p=[0.7, 0.3]).tolist()
    sizes = draw.choice(list(SPANS), count).tolist()
    return centres(types, sizes, draw.choice(list(REGION), count).tolist(), seed)


def reported() -> Centres:
    """Nine large in a region, of which eight host; nowhere else could a large one host."""
    types = ["host"] * 8 + ["own"] + ["own"] * 4 + ["host"] * 4
    sizes = ["large"] * 9 + ["small"] * 4 + ["huge"] * 4
    places = ["A1"] * 5 + ["A2"] * 4 + ["B1"] * 4 + ["A1"] * 4
    return centres(types, sizes, places, 1)


class Reader:
    """What a reader of the tables can work out of one of count, power or water."""

    def __init__(self, found: Publication) -> None:
        self.found, self.labels = found, found.cells.labels
        listed = set(self.labels)
        self.inside = [
            (t, s, p)
            for t, s, p in product(("host", "own"), SPANS, REGION)
            if {(t, s, TOTAL), (t, TOTAL, p), (TOTAL, s, p)} <= listed
        ]
        self.size = len(self.inside)
        self.holds = np.array([[self._in(x, c) for x in self.inside] for c in self.labels], float)
        self.rows, self.low, self.high = self._known()
        self.lowest = np.full((3, len(self.labels)), np.inf)
        self.highest = -self.lowest

    @staticmethod
    def _in(crossing: tuple[str, str, str], cell: tuple[str, ...]) -> bool:
        kind, size, place = crossing
        return (
            cell[0] in {TOTAL, kind}
            and cell[1] in {TOTAL, size}
            and cell[2] in {TOTAL, place, REGION[place]}
        )

    def _known(self) -> tuple[Floats, Floats, Floats]:
        rows, low, high = [], [], []
        for place, name in enumerate((COUNT, POWER, WATER)):
            for cell, value in enumerate(self.found[name].values):
                row = np.zeros(3 * self.size)
                row[place * self.size : (place + 1) * self.size] = self.holds[cell]
                shown = bool(np.isfinite(value))
                rows.append(row)
                low.append(value if shown else float(name == COUNT))
                high.append(value if shown else np.inf)
        for place, (_, size, _) in enumerate(self.inside):
            ends = (1.0, SPANS[size][0]), (-1.0, SPANS[size][1]), (-1.0, np.inf)
            for (sign, bound), column in zip(ends, (1, 1, 2), strict=True):
                row = np.zeros(3 * self.size)
                row[place], row[column * self.size + place] = (
                    -sign * min(bound, 1e4 if column == 2 else 1e6),
                    sign,
                )
                rows.append(row)
                low.append(0.0)
                high.append(np.inf)
        return np.array(rows), np.array(low), np.array(high)

    def width(self, name: str, cell: int, asked: float) -> float:
        """Return the width of the interval of a hidden value, or any width found that will do."""
        place = (COUNT, POWER, WATER).index(name)
        goal = np.zeros(3 * self.size)
        goal[place * self.size : (place + 1) * self.size] = self.holds[cell]
        whole = (np.arange(3 * self.size) < self.size).astype(float)
        for sign in (1.0, -1.0):
            if self.highest[place, cell] - self.lowest[place, cell] >= asked:
                break
            answer = milp(
                sign * goal / np.abs(goal).max(),
                constraints=LinearConstraint(self.rows, self.low, self.high),
                bounds=Bounds(0, 1e6),
                integrality=whole,
            )
            assert answer.status == 0, answer.message
            seen = answer.x.reshape(3, -1) @ self.holds.T
            self.lowest = np.minimum(self.lowest, seen)
            self.highest = np.maximum(self.highest, seen)
        return float(self.highest[place, cell] - self.lowest[place, cell])


def check(given: Centres) -> None:
    found = given.published()
    reader = Reader(found)
    members = found.cells.members
    for name, values in (
        (COUNT, np.ones(len(given.power))),
        (POWER, given.power),
        (WATER, given.water),
    ):
        figure, truth = found[name], members @ values
        assert figure.hidden[members.sum(axis=1) < 3].all()
        for cell in np.flatnonzero(figure.hidden):
            asked = 1.0 if name == COUNT else 0.1 * truth[cell]
            width = reader.width(name, int(cell), asked)
            assert width >= 0.99 * asked, (name, found.cells.labels[cell], width)


def test_the_one_that_does_not_host_is_not_given_away() -> None:
    check(reported())


@pytest.mark.parametrize("seed", [1, 4, 11])
def test_no_hidden_count_or_figure_can_be_worked_out_from_three_tables(seed: int) -> None:
    check(drawn(seed))


def test_cells_are_sums_of_leaves() -> None:
    given = reported()
    cells = build_cells(given.columns, TABLES)
    held = cells.leaves.members.sum(axis=1)
    assert (cells.leaves.content @ held == cells.members.sum(axis=1)).all()
    assert held.sum() == len(given.power)
    assert ("host", "large", "B1") not in cells.leaves.labels
    full = build_cells(given.columns, [[TYPE, SIZE, PLACE]])
    assert set(full.leaves.labels) <= set(full.labels)
