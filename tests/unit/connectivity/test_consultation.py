"""A consultation round: what is applied, what is left over, what changes and why."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nexpo.connectivity.coverage import load_rule
from nexpo.connectivity.coverage.adapters import rounds
from nexpo.connectivity.coverage.adapters.engine import KernelEngine
from nexpo.connectivity.coverage.consultation import amend, decisive, difference, kind_of
from nexpo.core.progress import Silent
from tests.strategies import write

DAY = date(2025, 8, 1)
FIBRE = {"operator": "Alfa", "technology": "fibre", "istat": "097042"}
SUBMITTED = {"submitted_by": "Alfa", "submitted_on": date(2025, 7, 1), "motive": "survey"}


def _declared(address: str, **more: Any) -> dict[str, Any]:
    return {"address_id": address, **FIBRE, "peak_down_mbps": 1000.0, "peak_up_mbps": 300.0, **more}


def _correction(action: str, address: str, **more: Any) -> dict[str, Any]:
    return {"action": action, "address_id": address, **FIBRE, **SUBMITTED, **more}


def test_a_change_replaces_what_it_states_and_nothing_else() -> None:
    rows, left = amend([_declared("1")], [_correction("change", "1", peak_down_mbps=90.0)])
    assert left == []
    assert rows == [_declared("1", peak_down_mbps=90.0)]


def test_corrections_apply_in_the_order_of_their_submission() -> None:
    late = _correction("change", "1", peak_down_mbps=50.0, submitted_on=date(2025, 7, 9))
    early = _correction("change", "1", peak_down_mbps=90.0)
    rows, _ = amend([_declared("1")], [late, early])
    assert rows[0]["peak_down_mbps"] == 50.0


@pytest.mark.parametrize(
    ("correction", "reason"),
    [
        (_correction("withdraw", "2"), "no such declaration"),
        (_correction("change", "1", technology="copper"), "no such declaration"),
        (_correction("add", "1"), "there already"),
    ],
)
def test_what_does_not_match_is_left_over_with_a_reason(
    correction: dict[str, Any], reason: str
) -> None:
    rows, left = amend([_declared("1")], [correction])
    assert rows == [_declared("1")]
    assert reason in left[0].reason
    assert left[0].remedy


def test_the_kind_of_a_cause_tells_plans_from_services() -> None:
    assert kind_of(_correction("add", "1", year=2027), DAY) == "new plan"
    assert kind_of(_correction("add", "1", year=2024), DAY) == "new service"
    assert kind_of(_correction("withdraw", "1"), DAY) == "declaration withdrawn"


def test_only_addresses_that_changed_are_listed() -> None:
    white, grey = {"colour": "white", "aid": "yes", "area": "1"}, {"colour": "grey", "aid": "no"}
    changes = difference({"a": white, "b": grey}, {"a": grey, "b": grey}, {"a": ("because",)})
    assert [(c.address_id, c.colour_before, c.colour_after, c.causes) for c in changes] == [
        ("a", "white", "grey", ("because",))
    ]


def test_a_round_reports_by_address_and_by_cause_and_writes_the_amended_file(
    tmp_path: Path,
) -> None:
    given = write([_declared("1"), _declared("2"), _declared("3")], tmp_path / "given.parquet")
    corrections = [
        _correction("withdraw", "1"),
        _correction("change", "2", peak_down_mbps=40.0),
        _correction("change", "3", peak_up_mbps=299.0),
        _correction(
            "add",
            "4",
            peak_down_mbps=1000.0,
            peak_up_mbps=200.0,
            year=2027,
            progress_report_on=date(2025, 7, 1),
        ),
        _correction("withdraw", "9"),
    ]
    amended = tmp_path / "amended.parquet"
    found = rounds.run(
        given,
        corrections,
        load_rule("eu-2023", DAY),
        DAY,
        engine=KernelEngine(),
        progress=Silent(),
        amended=amended,
    )
    assert {c.address_id: (c.colour_before, c.colour_after) for c in found.changes} == {
        "1": ("grey", None),
        "2": ("grey", "white"),
        "4": (None, "grey"),
    }
    assert found.by_cause == {
        "declaration corrected": 1,
        "declaration withdrawn": 1,
        "new plan": 1,
    }
    assert len(found.unmatched) == 1
    after = pq.read_table(amended, columns=["address_id"]).column(0).to_pylist()
    assert sorted(after) == ["2", "3", "4"]


def test_a_round_equals_classifying_everything_again(tmp_path: Path) -> None:
    from nexpo.connectivity.coverage import compile_rule, reference

    rule = load_rule("eu-2023", DAY)
    before = [_declared(str(n), peak_down_mbps=float(50 * n)) for n in range(1, 9)]
    corrections = [_correction("change", str(n), peak_down_mbps=120.0) for n in (1, 5, 7)]
    given = write(before, tmp_path / "given.parquet")
    found = rounds.run(given, corrections, rule, DAY, engine=KernelEngine(), progress=Silent())
    after, _ = amend(before, corrections)
    compiled = compile_rule(rule, DAY)
    old = {one.address_id: one.colour for one in reference.classify(compiled, before)}
    new = {one.address_id: one.colour for one in reference.classify(compiled, after)}
    assert {c.address_id for c in found.changes} == {key for key in old if old[key] != new[key]}


def test_a_correction_names_its_last_mile_where_the_operator_has_several() -> None:
    both = [_declared("1", infrastructure=name) for name in ("Rete", "Cavo")]
    rows, left = amend(both, [_correction("withdraw", "1", infrastructure="Cavo")])
    assert [row["infrastructure"] for row in rows] == ["Rete"]
    assert left == []
    rows, left = amend(both, [_correction("withdraw", "1")])
    assert rows == both
    assert "several last miles" in left[0].reason


def test_an_added_plan_keeps_every_column_it_declares() -> None:
    rows, _ = amend([], [_correction("add", "1", customer="business", lot="7", lon=9.0)])
    assert (rows[0]["customer"], rows[0]["lot"], rows[0]["lon"]) == ("business", "7", 9.0)


def test_one_reported_plan_does_not_make_the_others_lapse(tmp_path: Path) -> None:
    unreported = [_declared(str(n), year=2027) for n in (1, 2, 3)]
    given = write(unreported, tmp_path / "given.parquet")
    plan = _correction(
        "add",
        "4",
        year=2027,
        progress_report_on=date(2025, 7, 1),
        peak_down_mbps=1000.0,
        peak_up_mbps=300.0,
    )
    touching = _correction("change", "1", peak_up_mbps=299.0)
    found = rounds.run(
        given,
        [plan, touching],
        load_rule("eu-2023", DAY),
        DAY,
        engine=KernelEngine(),
        progress=Silent(),
    )
    assert {change.address_id for change in found.changes} == {"4"}


def test_a_correction_that_was_not_applied_is_no_cause(tmp_path: Path) -> None:
    given = write([_declared("1")], tmp_path / "given.parquet")
    nobody = _correction("withdraw", "1", operator="Nobody")
    lower = _correction("change", "1", peak_down_mbps=20.0)
    found = rounds.run(
        given,
        [nobody, lower],
        load_rule("eu-2023", DAY),
        DAY,
        engine=KernelEngine(),
        progress=Silent(),
    )
    assert found.by_cause == {"declaration corrected": 1}
    assert len(found.changes[0].causes) == 1


def test_a_round_sees_what_the_residual_rule_does_to_neighbours(tmp_path: Path) -> None:
    cell = {"grid_cell": "50mE4000N2500", "istat": "015146", "operator": "A"}
    rows = [
        {**cell, "address_id": str(n), "technology": "fibre", "peak_down_mbps": 1000.0}
        for n in range(11)
    ]
    rows.append({**cell, "address_id": "99", "technology": "copper", "peak_down_mbps": 20.0})
    given = tmp_path / "given.parquet"
    pq.write_table(pa.Table.from_pylist(rows), given)
    withdrawn = [
        {
            "action": "withdraw",
            "address_id": "0",
            "operator": "A",
            "technology": "fibre",
            **SUBMITTED,
        },
        {
            "action": "add",
            "address_id": "0",
            "operator": "B",
            "technology": "copper",
            "peak_down_mbps": 20.0,
            "istat": "015146",
            "grid_cell": cell["grid_cell"],
            **SUBMITTED,
        },
    ]
    found = rounds.run(
        given,
        withdrawn,
        load_rule("italy-1-giga", DAY),
        DAY,
        engine=KernelEngine(),
        progress=Silent(),
    )
    assert {change.address_id: change.aid_after for change in found.changes} == {
        "0": "yes",
        "99": "yes",
    }


def test_a_plan_that_does_not_count_is_no_cause(tmp_path: Path) -> None:
    declared = write([_declared("1", technology="copper", peak_down_mbps=20.0)], tmp_path / "d.pq")
    speeds = {"peak_down_mbps": 1000.0, "peak_up_mbps": 300.0}
    served = _correction("add", "1", operator="Zeta", **speeds)
    late = _correction("add", "1", operator="Nilo", year=2040, motive="new plan", **speeds)
    found = rounds.run(
        declared, [served, late], load_rule("eu-2023", DAY), DAY,
        engine=KernelEngine(), progress=Silent(),
    )  # fmt: skip
    (change,) = found.changes
    assert (change.colour_before, change.colour_after) == ("white", "grey")
    assert [cause.split()[0] for cause in change.causes] == ["Zeta"]
    assert found.by_cause == {"new service": 1}


def test_causes_that_only_count_together_are_all_named() -> None:
    adds = [_correction("add", "1", operator=name) for name in "ABC"]

    def two(rows: Any) -> bool:
        return len(rows) >= 2

    assert decisive([], adds, two) == adds  # any two of the three would do
    assert decisive([], adds[:2], two) == adds[:2]
    assert decisive([_declared("1")], adds[1:], two) == adds[1:]
    assert decisive([], adds, lambda rows: 0) == adds  # the neighbours decided
