"""What a size class gives away of a hidden sum, by an attacker written apart."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from nexpo.datacentres.publication import COUNT, Terms, publish
from nexpo.datacentres.publication_cells import Dimension

POWER = "installed_it_kw"
SPANS = {"small": (500.0, 1000.0), "large": (2000.0, 10_000.0)}
TIES = ((COUNT, POWER),)
SIZE = Dimension("size", ("size_class",))


def shown(kw: list[float], sizes: list[str], *, known: bool) -> dict[str, dict[str, float | None]]:
    terms = Terms(ties=TIES, each_within={POWER: {"size_class": SPANS}} if known else {})
    found = publish({"size_class": sizes}, {POWER: ("kW", np.array(kw))}, [[SIZE]], terms=terms)
    labels = [label for (label,) in found.cells.labels]
    return {
        name: {
            label: None if found[name].hidden[place] else float(found[name].values[place])
            for place, label in enumerate(labels)
        }
        for name in (COUNT, POWER)
    }


def attack(told: dict[str, dict[str, float | None]]) -> tuple[float, float]:
    """Return the interval of the power of the large ones, knowing what is told and the spans."""
    names = [(figure, label) for figure in (COUNT, POWER) for label in ("total", *SPANS)]
    at = {name: place for place, name in enumerate(names)}
    equal, above = [], []
    for figure in (COUNT, POWER):
        row = np.zeros(len(names))
        row[at[figure, "total"]] = -1.0
        row[[at[figure, label] for label in SPANS]] = 1.0
        equal.append(row)
    for label, (low, high) in SPANS.items():
        for sign, bound in ((1.0, low), (-1.0, high)):
            row = np.zeros(len(names))
            row[at[COUNT, label]], row[at[POWER, label]] = sign * bound, -sign
            above.append(row)
    bounds = [
        (value, value)
        if (value := told[figure][label]) is not None
        else (float(figure == COUNT), None)
        for figure, label in names
    ]
    ends = []
    for sign in (1.0, -1.0):
        goal = np.zeros(len(names))
        goal[at[POWER, "large"]] = sign
        answer = linprog(
            goal, A_eq=equal, b_eq=[0.0, 0.0], A_ub=above, b_ub=np.zeros(len(above)), bounds=bounds
        )
        ends.append(sign * answer.fun if answer.status == 0 else sign * -np.inf)
    return ends[0], ends[1]


@pytest.mark.parametrize("kw", [2000.0, 2050.0])
def test_the_floors_of_the_classes_give_no_centre_away(kw: float) -> None:
    powers, sizes = [500.0] * 9 + [kw], ["small"] * 9 + ["large"]
    low, high = attack(shown(powers, sizes, known=False))
    assert high - low < 0.1 * kw  # nine at 500 kW or more leave the tenth no room
    low, high = attack(shown(powers, sizes, known=True))
    assert high - low >= 0.1 * kw


def test_nothing_more_is_hidden_where_the_floors_leave_room() -> None:
    powers, sizes = [750.0] * 9 + [6000.0], ["small"] * 9 + ["large"]
    assert shown(powers, sizes, known=True) == shown(powers, sizes, known=False)


def test_a_centre_without_a_value_contradicts_no_bound() -> None:
    told = shown([700.0, 800.0, 900.0, float("nan")], ["small"] * 4, known=True)
    assert told[POWER]["total"] in {2400.0, None}
