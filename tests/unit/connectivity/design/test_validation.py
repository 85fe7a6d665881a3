"""The validation report finds each fault that is put into a sound plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import polars as pl
import pytest

from nexpo.connectivity.design.fibre import Inputs, Plan, Pop
from nexpo.connectivity.design.validation import report, validate
from tests.unit.connectivity.design.fibre.examples import design, rules, town


@cache
def sound() -> tuple[Plan, Inputs]:
    streets, demand = town(6, 80)
    pops = (Pop("A", node=0),)
    return design(streets, demand, pops, rules(ring=True)), Inputs(streets, demand, pops)


def failed(plan: Plan) -> set[str]:
    return {finding.rule for finding in validate(plan, sound()[1]) if not finding.ok}


def with_cell(frame: pl.DataFrame, row: int, column: str, value: object) -> pl.DataFrame:
    cells = frame[column].to_list()
    cells[row] = value
    return frame.with_columns(pl.Series(column, cells, dtype=frame.schema[column]))


def first(frame: pl.DataFrame, column: str, value: str) -> int:
    return frame[column].to_list().index(value)


def test_a_sound_plan_has_one_finding_a_rule_and_all_are_kept() -> None:
    plan, inputs = sound()
    findings = validate(plan, inputs)
    assert [each.rule for each in findings if not each.ok] == []
    assert len({each.rule for each in findings}) == len(findings) == 16
    assert all(each.checked > 0 for each in findings)
    table = report(findings)
    assert table["ok"].all()
    assert table.columns == ["rule", "ok", "title", "checked", "failed", "examples"]


def _lost_premises(plan: Plan) -> Plan:
    return replace(plan, premises=plan.premises[1:])


def _stranger(plan: Plan) -> Plan:
    return replace(plan, premises=with_cell(plan.premises, 0, "id", "nobody"))


def _lost_drop(plan: Plan) -> Plan:
    row = first(plan.cables, "level", "drop")
    return replace(plan, cables=with_cell(plan.cables, row, "owner", "chamber-none"))


def _lost_feeder(plan: Plan) -> Plan:
    row = first(plan.cables, "level", "feeder")
    return replace(plan, cables=with_cell(plan.cables, row, "owner", "nobody"))


def _lost_chamber(plan: Plan) -> Plan:
    return replace(plan, premises=with_cell(plan.premises, 0, "cabinet", "cabinet-none"))


def _jump(plan: Plan) -> Plan:
    rows = plan.cables["trenches"].list.len().to_list()
    row = rows.index(max(rows))
    trenches = plan.cables["trenches"].to_list()[row]
    trenches[1] = trenches[-1]
    return replace(plan, cables=with_cell(plan.cables, row, "trenches", trenches))


def _short_path(plan: Plan) -> Plan:
    return replace(plan, premises=with_cell(plan.premises, 0, "feeder_m", 1.0))


def _bright(plan: Plan) -> Plan:
    return replace(plan, premises=with_cell(plan.premises, 0, "loss_db", 5.0))


def _strict_budget(plan: Plan) -> Plan:
    strict = replace(plan.rules.architecture.shared, max_loss_db=10.0)
    return _under(plan, shared=strict)


def _strict_reach(plan: Plan) -> Plan:
    strict = replace(plan.rules.architecture.direct, max_reach_km=0.1)
    return _under(plan, direct=strict)


def _far_chambers(plan: Plan) -> Plan:
    return _under(plan, chamber_reach_m=1.0)


def _far_cabinets(plan: Plan) -> Plan:
    return _under(plan, cabinet_reach_m=10.0)


def _more_fibres(plan: Plan) -> Plan:
    row = first(plan.cables, "level", "distribution")
    carried = [each + 1 for each in plan.cables["carried"].to_list()[row]]
    return replace(plan, cables=with_cell(plan.cables, row, "carried", carried))


def _thin_cable(plan: Plan) -> Plan:
    row = int(plan.cables["fibres"].arg_max() or 0)
    return replace(plan, cables=with_cell(plan.cables, row, "size", 12))


def _odd_cable(plan: Plan) -> Plan:
    return replace(plan, cables=with_cell(plan.cables, 0, "size", 1000))


def _fewer_splitters(plan: Plan) -> Plan:
    row = first(plan.sites, "kind", "chamber")
    return replace(plan, sites=with_cell(plan.sites, row, "splitters", 7))


def _other_ratio(plan: Plan) -> Plan:
    row = first(plan.sites, "kind", "cabinet")
    return replace(plan, sites=with_cell(plan.sites, row, "splitter_ratio", 8))


def _small_chamber(plan: Plan) -> Plan:
    units = plan.sites.with_row_index().filter(pl.col("kind") == "chamber").sort("units")
    return replace(plan, sites=with_cell(plan.sites, units["index"][-1], "size", 1))


def _miscounted(plan: Plan) -> Plan:
    row = first(plan.sites, "kind", "cabinet")
    return replace(plan, sites=with_cell(plan.sites, row, "units", 3))


def _dug_twice(plan: Plan) -> Plan:
    return replace(plan, trench_sections=pl.concat([plan.trench_sections] * 2))


def _long_trench(plan: Plan) -> Plan:
    return replace(plan, trench_sections=with_cell(plan.trench_sections, 0, "length_m", 500.0))


def _wrong_class(plan: Plan) -> Plan:
    return replace(plan, trench_sections=with_cell(plan.trench_sections, 0, "cost_class", "paved"))


def _cheap(plan: Plan) -> Plan:
    return replace(plan, trench_sections=with_cell(plan.trench_sections, 0, "cost_cents", 1))


def _high_bound(plan: Plan) -> Plan:
    return replace(plan, trench=replace(plan.trench, bound_cents=10**12))


def _island(plan: Plan) -> Plan:
    made = with_cell(plan.trench_sections, 0, "tail", 10_000)
    return replace(plan, trench_sections=with_cell(made, 0, "head", 10_001))


def _same_way_twice(plan: Plan) -> Plan:
    cables = plan.cables
    feeder, ring = first(cables, "level", "feeder"), first(cables, "level", "ring")
    for column in ("trenches", "carried", "length_m"):
        cables = with_cell(cables, ring, column, cables[column].to_list()[feeder])
    return replace(plan, cables=cables)


def _no_second_way(plan: Plan) -> Plan:
    row = first(plan.cables, "level", "ring")
    return replace(plan, cables=with_cell(plan.cables, row, "owner", "cabinet-none"))


def _light_that_is_not_there(plan: Plan) -> Plan:
    return replace(plan, ring=with_cell(plan.ring, 0, "second_dark", 3))


def _under(plan: Plan, **changes: object) -> Plan:
    architecture = replace(plan.rules.architecture, **changes)  # type: ignore[arg-type]
    return replace(plan, rules=replace(plan.rules, architecture=architecture))


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (_lost_premises, "premises.complete"),
        (_stranger, "premises.complete"),
        (_lost_drop, "premises.reached"),
        (_lost_feeder, "premises.reached"),
        (_lost_chamber, "sites.capacity"),
        (_jump, "cables.whole"),
        (_short_path, "premises.lengths"),
        (_bright, "premises.budget"),
        (_strict_budget, "premises.budget"),
        (_strict_reach, "premises.budget"),
        (_far_chambers, "premises.near"),
        (_far_cabinets, "premises.near"),
        (_more_fibres, "cables.fibres"),
        (_thin_cable, "cables.size"),
        (_odd_cable, "cables.size"),
        (_fewer_splitters, "sites.split"),
        (_other_ratio, "sites.split"),
        (_small_chamber, "sites.capacity"),
        (_miscounted, "sites.capacity"),
        (_dug_twice, "trench.once"),
        (_long_trench, "trench.length"),
        (_long_trench, "trench.street"),
        (_wrong_class, "trench.street"),
        (_cheap, "trench.cost"),
        (_high_bound, "trench.cost"),
        (_island, "trench.joined"),
        (_same_way_twice, "ring.apart"),
        (_no_second_way, "ring.apart"),
        (_light_that_is_not_there, "ring.apart"),
    ],
)
def test_a_fault_is_found_by_its_rule(fault: Callable[[Plan], Plan], rule: str) -> None:
    plan = fault(sound()[0])
    assert rule in failed(plan)
    finding = next(each for each in validate(plan, sound()[1]) if each.rule == rule)
    assert finding.failed >= len(finding.examples) > 0
    assert finding.examples[0].message


def test_a_failure_at_an_address_says_where_it_is() -> None:
    findings = validate(_bright(sound()[0]), sound()[1])
    example = next(each for each in findings if each.rule == "premises.budget").examples[0]
    row = sound()[0].premises.row(0, named=True)
    assert (example.id, example.lon, example.lat) == (row["id"], row["lon"], row["lat"])
