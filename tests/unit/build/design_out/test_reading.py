"""A written design read back: the plan checks again, the request is the same, faults are named."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from nexpo.build.design.codec import decode, encode
from nexpo.build.design.layers import declared, layers
from nexpo.build.design.model import Effort, Request
from nexpo.build.design.outputs import check_sums
from nexpo.build.design.reading import read_design
from nexpo.connectivity.design import validation
from nexpo.connectivity.design.fibre import Pop, Rules
from nexpo.connectivity.design.fibre import quantities as counted
from nexpo.connectivity.design.money import Level
from nexpo.core.money import Money
from nexpo.core.problem import Problem
from tests.unit.build.design_out import example
from tests.unit.connectivity.design.fibre import examples

DESIGN = example.design(ring=True)


def test_the_plan_read_back_is_the_plan_and_passes_the_same_checks(folder: Path) -> None:
    stored = read_design(folder)
    plan, inputs = stored.plan(), stored.inputs()
    for name in ("trench_sections", "cables", "sites", "ring", "unserved"):
        found, due = getattr(plan, name), getattr(DESIGN.fibre, name)
        due = due.with_columns(pl.selectors.float().fill_nan(None))
        assert_frame_equal(found.select(due.columns), due, check_dtypes=False)
    assert_frame_equal(plan.premises, DESIGN.fibre.premises, check_column_order=False)
    assert plan.trench == DESIGN.fibre.trench
    assert validation.validate(plan, inputs) == DESIGN.validation


def test_a_trench_moved_in_the_folder_is_found(folder: Path) -> None:
    stored = read_design(folder)
    plan = stored.plan()
    longer = plan.trench_sections.with_columns(pl.col("length_m") * 1.1)
    broken = validation.validate(replace(plan, trench_sections=longer), stored.inputs())
    assert "trench.length" in {each.rule for each in broken if not each.ok}


def test_streets_and_demand_come_back(folder: Path) -> None:
    inputs = read_design(folder).inputs()
    for name in ("tail", "head", "length_m", "cost_class", "way_id", "shape_lon", "shape_start"):
        assert np.array_equal(getattr(inputs.streets, name), getattr(DESIGN.graph, name)), name
    there = [DESIGN.graph.names[each] if each >= 0 else None for each in DESIGN.graph.name]
    back = [inputs.streets.names[each] if each >= 0 else None for each in inputs.streets.name]
    assert back == there
    for name in ("units", "service", "connected", "section", "offset_m", "placement", "score"):
        assert np.array_equal(getattr(inputs.demand, name), getattr(DESIGN.demand, name)), name
    assert inputs.demand.id == DESIGN.demand.id
    assert inputs.demand.klass == DESIGN.demand.klass
    assert np.array_equal(inputs.demand.lon, DESIGN.demand.lon, equal_nan=True)
    assert [(pop.id, pop.node) for pop in inputs.pops] == [("pop-1", 27)]


def test_quantities_and_totals_come_back(folder: Path) -> None:
    stored = read_design(folder)
    due = dict(counted(DESIGN.fibre).select("item", "quantity").iter_rows())
    assert stored.quantities["fibre"].keys() == due.keys()
    for item, quantity in stored.quantities["fibre"].items():
        assert float(quantity) == pytest.approx(due[item], abs=6e-4)
    assert DESIGN.fibre_cost is not None
    assert stored.totals["fibre"]["total_cents"]["high"] == DESIGN.fibre_cost.bills.high.total.cents
    assert stored.totals["addresses"] == len(DESIGN.demand)
    assert stored.meta["synthetic"] is True


def test_a_request_of_every_kind_comes_back() -> None:
    asked = Request(
        "Lecco",
        date(2026, 1, 1),
        streets=Path("a/b.json"),
        pops=(Pop("a", 9.4, 45.8), Pop("b", node=3, capacity_units=9)),
        dem=(Path("x.tif"),),
        budget=Money(123),
        min_share=Fraction(1, 3),
        level=Level.HIGH,
        effort=Effort(rounds=None, seconds=2.5),
    )
    found = decode(Request, json.loads(json.dumps(encode(asked))))
    assert replace(found, pops=()) == replace(asked, pops=())
    assert [(pop.id, pop.node, pop.capacity_units) for pop in found.pops] == [
        ("a", None, None),
        ("b", 3, 9),
    ]


def test_rules_come_back() -> None:
    rules = examples.rules("bul-1x16", ring=True)
    found = decode(Rules, json.loads(json.dumps(encode(rules))))
    assert found.architecture == rules.architecture
    assert found.cables == rules.cables
    assert found.options == rules.options
    assert np.array_equal(found.prices.cents_per_m, rules.prices.cents_per_m)


@pytest.mark.parametrize("value", [{}, {"area": "x", "on": "no day"}, None])
def test_what_is_no_request_is_said(value: object) -> None:
    with pytest.raises(Problem, match="holds no Request"):
        decode(Request, value)


def test_a_folder_that_is_no_design_is_said(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="the folder holds no design"):
        read_design(tmp_path)
    with pytest.raises(Problem, match="no such folder"):
        read_design(tmp_path / "gone")
    (tmp_path / "meta.json").write_text("{")
    with pytest.raises(Problem, match="cannot be read") as caught:
        read_design(tmp_path)
    assert "meta.json" in str(caught.value.where)
    (tmp_path / "meta.json").write_text('{"a": 1}')
    with pytest.raises(Problem, match="no description of a design"):
        read_design(tmp_path)


@pytest.mark.parametrize("name", ["cables", "nodes"])
def test_a_missing_layer_is_named(folder: Path, tmp_path: Path, name: str) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    (copy / "layers" / f"{name}.parquet").unlink()
    with pytest.raises(Problem, match="a layer of the design is missing") as caught:
        read_design(copy)
    assert f"{name}.parquet" in str(caught.value.where)


def test_a_broken_layer_and_broken_quantities_are_named(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    (copy / "quantities.csv").write_text("technology,item,unit,quantity\nfibre,ont,piece,many\n")
    with pytest.raises(Problem, match="quantities cannot be read"):
        read_design(copy)
    (copy / "layers" / "sites.parquet").write_bytes(b"no parquet")
    with pytest.raises(Problem, match="not a layer") as caught:
        read_design(copy)
    assert "sites.parquet" in str(caught.value.where)


def test_layers_that_do_not_add_up_are_not_written() -> None:
    drawn = layers(DESIGN)
    check_sums(DESIGN, drawn)
    short = [replace(each, frame=each.frame.head(each.frame.height - 1)) for each in drawn]
    with pytest.raises(Problem, match="do not add up: addresses"):
        check_sums(DESIGN, short)


def test_an_empty_required_column_is_an_error() -> None:
    nodes = pl.DataFrame({"node": [0], "node_id": [None], "lon": [9.0], "lat": [45.0]})
    with pytest.raises(Problem, match="empty required column"):
        declared("nodes", nodes.with_columns(synthetic=pl.lit(value=True)))
