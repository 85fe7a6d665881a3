"""One municipality: a plain row in, a plain row out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nexpo.build.design import municipality
from nexpo.build.design.municipality import TABLE, Task, design_municipality, fingerprint


def test_a_row_adds_up_and_says_that_it_is_made_up(task: Task) -> None:
    row = design_municipality(task)
    assert tuple(row) == TABLE.names
    assert (row["status"], row["synthetic"], row["streets"]) == ("designed", True, "synthetic")
    assert row["served_addresses"] + row["unserved_addresses"] == row["addresses"] == 9
    assert row["served_units"] == row["units"] >= 9
    classes = [name for name in TABLE.names if name.endswith("_m")]
    routes = set(classes) - {"street_m", "lead_m", "route_m", "cable_m"}
    assert sum(row[name] for name in routes) == pytest.approx(row["route_m"], abs=0.01)
    assert 0 < row["route_m"] < row["street_m"]
    assert row["cable_m"] > row["route_m"]
    assert row["route_bound_cents"] <= row["route_cents"] < row["cost_mid_cents"]
    gap = row["route_cents"] / row["route_bound_cents"] - 1
    assert row["route_gap"] == pytest.approx(gap, abs=1e-12)
    assert row["cost_low_cents"] < row["cost_mid_cents"] < row["cost_high_cents"]
    assert 0 < row["grant_cents"] <= row["funding_gap_mid_cents"]
    assert row["checks_failed"] == 0
    for column in TABLE.columns:
        assert row[column.name] is not None or not column.required


def test_the_same_task_gives_the_same_row_and_another_seed_another(task: Task) -> None:
    first = design_municipality(task)
    assert design_municipality(json.loads(json.dumps(task))) == first
    other = design_municipality(task | {"seed": 2})
    assert other["route_m"] != first["route_m"]
    assert other["fingerprint"] != first["fingerprint"]


def test_what_a_row_depends_on_is_in_its_fingerprint_and_the_folder_is_not(task: Task) -> None:
    mark = fingerprint(task)
    assert fingerprint(task | {"streets": "/elsewhere"}) == mark
    for change in (
        {"addresses": 10},
        {"rounds": 6},
        {"rules": "other prices"},
        {"version": "other code"},
        {"streets_sha256": "other file"},
    ):
        changed: Any = dict(task) | change
        assert fingerprint(changed) != mark


def test_without_an_uncovered_address_there_is_nothing_to_do(task: Task) -> None:
    row = design_municipality(task | {"addresses": 0})
    assert (row["status"], row["served_addresses"], row["cost_mid_cents"]) == ("nothing", 0, None)


def test_a_municipality_without_people_fails_with_its_reason(task: Task) -> None:
    task["population"] = None
    row = design_municipality(task)
    assert row["status"] == "failed"
    assert row["problem"].startswith("a municipality needs an area and people above zero")
    assert (row["istat"], row["fingerprint"]) == ("999001", fingerprint(task))


def test_an_unforeseen_error_is_a_row_too(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("no such luck")

    monkeypatch.setattr(municipality, "design_area", broken)
    row = design_municipality(task)
    assert row["status"] == "failed"
    assert "ZeroDivisionError: no such luck" in row["problem"]
