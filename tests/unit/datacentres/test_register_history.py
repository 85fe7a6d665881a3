"""Versions of reports, the verbs, and the log of what was changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from nexpo.core.problem import Kind, Problem
from nexpo.datacentres.actions import add_report, import_facilities
from nexpo.datacentres.adapters.database import Database
from nexpo.datacentres.adapters.store import default_address, open_register
from nexpo.datacentres.history import changes, next_version, refuse_open_year
from nexpo.datacentres.model import Basis
from nexpo.datacentres.ports import first_broken
from tests.unit.datacentres.register_examples import AT, centre, report


def test_a_second_report_of_a_year_needs_a_reason() -> None:
    first = next_version([], report(), by="Op", at=AT)
    other = report(water_input_m3=12_500.0)
    with pytest.raises(Problem, match="reported already") as caught:
        next_version([first], other, by="Op", at=AT)
    assert "--reason" in str(caught.value.remedy)
    second = next_version([first], other, by="Op", at=AT, reason="meter read again")
    assert (second.number, second.reason) == (2, "meter read again")
    assert [change.column for change in changes(first.report, second.report)] == ["water_input_m3"]


def test_the_same_report_is_a_duplicate_even_with_a_reason() -> None:
    first = next_version([], report(), by="Op", at=AT)
    with pytest.raises(Problem, match="the same as version 1"):
        next_version([first], report(), by="Op", at=AT, reason="again")


def test_a_year_not_closed_is_refused() -> None:
    with pytest.raises(Problem, match="2026 is not closed"):
        next_version([], report(2026), by="Op", at=AT)
    refuse_open_year(report(2025), date(2026, 1, 1))
    with pytest.raises(Problem):
        refuse_open_year(report(2025), date(2025, 12, 31))
    refuse_open_year(replace(report(2028), basis=Basis.EXPECTED), date(2026, 5, 1))


def test_a_year_ends_in_utc() -> None:
    rome_new_year = datetime.fromisoformat("2026-01-01T00:30:00+01:00")
    with pytest.raises(Problem, match="not closed"):
        next_version([], report(2025), by="Op", at=rome_new_year)


def test_each_change_leaves_an_event_and_a_failure_none(tmp_path: Path) -> None:
    with open_register(str(tmp_path / "r.sqlite")) as register:
        first = centre("a", it_kw=1.0)
        import_facilities(register, facilities=[first, centre("b")], by="Office", at=AT)
        same = import_facilities(register, facilities=[first], by="Office", at=AT)
        assert same.unchanged == ("a",)
        changed = centre("a", it_kw=2.0)
        later = AT + timedelta(days=1)
        done = import_facilities(register, facilities=[changed], by="Other", at=later)
        assert done.changed == ("a",)
        with pytest.raises(Problem, match="no such facility"):
            add_report(register, report=report(facility_id="x"), by="Op", at=AT)
        events = register.events()
        assert [(e.sequence, e.by, e.action, e.subject) for e in events] == [
            (1, "Office", "add", "a"),
            (2, "Office", "add", "b"),
            (3, "Other", "change", "a"),
        ]
        assert '"installed_it_kw":1.0' in str(events[2].before)
        assert '"installed_it_kw":2.0' in str(events[2].after)
        assert first_broken(events) is None
        assert first_broken(events[1:]) == events[1]
        forged = replace(events[1], by="Nobody")
        assert first_broken([events[0], forged, events[2]]) == forged


def test_who_and_when_are_needed(tmp_path: Path) -> None:
    with open_register(str(tmp_path / "r.sqlite")) as register:
        with pytest.raises(Problem, match="nobody is named"):
            import_facilities(register, facilities=[centre("a")], by=" ", at=AT)
        with pytest.raises(Problem, match="time zone"):
            import_facilities(
                register, facilities=[centre("a")], by="Op", at=AT.replace(tzinfo=None)
            )
        with pytest.raises(Problem, match="stands twice"):
            import_facilities(register, facilities=[centre("a")] * 2, by="Op", at=AT)
        assert register.facilities() == ()


def test_where_the_register_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("NEXPO_HOME", str(tmp_path))
    assert default_address() == str(tmp_path / "datacentres.sqlite")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u@h/d")
    assert default_address() == "postgresql://u@h/d"


def test_what_is_no_register_is_said(tmp_path: Path) -> None:
    (tmp_path / "text.sqlite").write_text("this is no database, but long enough to be read" * 99)
    for address in (tmp_path, tmp_path / "text.sqlite"):
        with pytest.raises(Problem) as caught:
            open_register(str(address))
        assert caught.value.kind is Kind.UNAVAILABLE


def test_another_schema_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "r.sqlite")
    open_register(path).close()
    with Database(path, locked="dc_event") as database:
        database.execute("UPDATE dc_schema SET version = 99")
    with pytest.raises(Problem, match="another version"):
        open_register(path)


def test_a_password_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(Problem, match="psycopg is not installed") as caught:
        open_register("postgresql://user:secret@127.0.0.1:1/x")
    assert "secret" not in str(caught.value)


def test_moments_are_kept_in_utc(tmp_path: Path) -> None:
    rome = datetime.fromisoformat("2026-05-10T10:00:00+02:00")
    with open_register(str(tmp_path / "r.sqlite")) as register:
        import_facilities(register, facilities=[centre("a")], by="Op", at=rome)
        add_report(register, report=report(), by="Op", at=rome)
        assert register.events()[0].at == AT.astimezone(UTC)
        assert register.versions("a")[0].at.isoformat() == "2026-05-10T08:00:00+00:00"
