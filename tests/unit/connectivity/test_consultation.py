"""A consultation round: what is applied, what is left over, what changes and why."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from nexpo.connectivity.coverage import load_rule
from nexpo.connectivity.coverage.adapters import rounds
from nexpo.connectivity.coverage.adapters.engine import KernelEngine
from nexpo.connectivity.coverage.consultation import amend, difference, kind_of
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
