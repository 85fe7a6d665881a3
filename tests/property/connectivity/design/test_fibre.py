"""Any streets, any demand: what is designed is sound, and nobody is lost."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from nexpo.connectivity.design.fibre import Inputs, Pop, quantities
from nexpo.connectivity.design.model import CostClass, Service
from nexpo.connectivity.design.validation import validate
from tests.unit.connectivity.design.fibre import standin
from tests.unit.connectivity.design.fibre.examples import design, rules

CLASSES = [
    CostClass.ASPHALT,
    CostClass.ASPHALT,
    CostClass.DUCT,
    CostClass.POLES,
    CostClass.FORBIDDEN,
]


@st.composite
def cases(draw: st.DrawFn) -> Inputs:
    """Return random streets (parallels, parts, forbidden ones), demands and up to three POPs."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    nodes, sections = draw(st.integers(2, 25)), draw(st.integers(1, 45))
    points = [
        (float(x), float(y))
        for x, y in rng.uniform(0, draw(st.sampled_from([300, 9000])), (nodes, 2))
    ]
    ends = rng.integers(0, nodes, (sections, 2))
    ends[:, 1] = np.where(ends[:, 0] == ends[:, 1], (ends[:, 0] + 1) % nodes, ends[:, 1])
    streets = standin.streets(
        points,
        [(int(a), int(b)) for a, b in ends],
        [CLASSES[each] for each in rng.integers(0, len(CLASSES), sections)],
    )
    count = draw(st.integers(0, 40))
    section = rng.integers(-1, sections, count)
    offset = rng.uniform(-2, streets.length_m[section] + 2) if count else np.empty(0)
    demand = standin.demand(
        [(int(a), float(b)) for a, b in zip(section, offset, strict=True)],
        units=rng.choice([1, 2, 30, 60], count, p=[0.6, 0.3, 0.08, 0.02]).tolist(),
        service=[list(Service)[each] for each in rng.integers(0, 3, count)],
        lead_m=draw(st.sampled_from([0.0, 15.0])),
        connected=(rng.uniform(size=count) < 0.1).tolist(),
        on=streets,
    )
    room = draw(st.sampled_from([None, None, 40, 200]))
    stands = rng.choice(nodes, min(nodes, draw(st.integers(0, 3))), replace=False)
    pops = tuple(
        Pop(f"P{each}", node=int(node), capacity_units=room) for each, node in enumerate(stands)
    )
    return Inputs(streets, demand, pops)


@settings(max_examples=60, deadline=None)
@given(
    inputs=cases(),
    name=st.sampled_from(["ftth-1x64", "ftth-1x64-8x8", "bul-1x16", "p2p"]),
    ring=st.booleans(),
)
def test_every_plan_is_sound_and_counts_everybody(inputs: Inputs, name: str, ring: bool) -> None:
    plan = design(inputs.streets, inputs.demand, inputs.pops, rules(name, ring=ring))
    faults = [finding for finding in validate(plan, inputs) if not finding.ok]
    assert faults == []
    served = plan.premises["units"].sum()
    bill = quantities(plan)
    amounts = dict(zip(bill["item"], bill["quantity"], strict=True))
    assert amounts.get("ont", 0) + amounts.get("p2p.termination", 0) == served
    trenched = sum(value for item, value in amounts.items() if item.startswith("trench."))
    street = plan.trench_sections.filter(pl.col("role") != "lead")
    assert np.isclose(trenched, float(street["length_m"].sum()))
    assert (bill["quantity"] > 0).all()
