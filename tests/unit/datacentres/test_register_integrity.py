"""What was changed behind the register's back shows, and what is confidential does not."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nexpo.build.datacentres.register import duplicates_of, reconciled
from nexpo.cli.datacentres import command
from nexpo.cli.failure import exit_code_of
from nexpo.core.problem import Problem
from nexpo.datacentres.actions import add_report, import_facilities
from nexpo.datacentres.adapters.database import Database
from nexpo.datacentres.adapters.store import open_register
from nexpo.datacentres.model import Basis, Facility, Place, Power, Source
from tests.unit.datacentres.register_examples import AT, ON, report

Run = Callable[..., tuple[int, Any]]
HERE = Place("015146", "ITC4C", 9.19, 45.46)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str) -> tuple[int, Any]:
        code = exit_code_of(command, [*words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


@pytest.fixture
def path(tmp_path: Path) -> str:
    address = str(tmp_path / "r.sqlite")
    made = [
        Facility(name, Source("office"), name="Vault 1", place=HERE, power=Power(1234.0))
        for name in ("a", "b")
    ]
    with open_register(address) as register:
        import_facilities(register, facilities=made, by="Op", at=AT)
        add_report(register, report=report(2024, installed_it_kw=1234.0), by="Op", at=AT)
    return address


def change(path: str, sql: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(sql)
    connection.close()


def test_a_register_that_is_whole_says_its_last_hash(path: str, run: Run) -> None:
    code, told = run("register", "verify", "--register", path)
    assert (code, told["events"], told["first_broken"], told["changed_reports"]) == (0, 3, None, [])
    assert run("register", "verify", "--register", path, "--last", told["last_sha256"])[0] == 0
    change(path, "DELETE FROM dc_event WHERE sequence = 3")
    assert run("register", "verify", "--register", path)[0] == 0  # no chain breaks at its end
    code, told = run("register", "verify", "--register", path, "--last", told["last_sha256"])
    assert (code, told["noted_hash_missing"]) == (65, True)


def test_a_value_changed_in_the_database_is_not_read_as_true(path: str, run: Run) -> None:
    change(path, "UPDATE dc_report_value SET amount = 1.0 WHERE field = 'total_energy_kwh'")
    with open_register(path) as register, pytest.raises(Problem, match="changed behind its back"):
        register.versions("a")
    code, told = run("register", "verify", "--register", path)
    assert (code, told["changed_reports"]) == (65, ["a, 2024, version 1"])
    change(path, "UPDATE dc_event SET by_whom = 'Nobody' WHERE sequence = 2")
    assert run("register", "verify", "--register", path)[1]["first_broken"] == 2


def test_what_was_expected_does_not_stand_for_what_was(path: str) -> None:
    expected = replace(report(2024, total_energy_kwh=9e6), basis=Basis.EXPECTED)
    with open_register(path) as register:
        version = add_report(register, report=expected, by="Op", at=AT)  # no reason is needed
        assert version.number == 2
        (actual,) = register.latest_versions(2024)
        assert (actual.number, actual.report.basis) == (1, Basis.ACTUAL)
        assert [v.number for v in register.latest_versions(2024, None)] == [1, 2]
        with pytest.raises(Problem, match="version 2 by Op"):
            add_report(register, report=replace(expected, values={"name": "x"}), by="Op", at=AT)


def test_confidential_records_do_not_show_in_reports_pairs_or_sums(path: str, run: Run) -> None:
    with open_register(path) as register:
        assert len(duplicates_of(register, on=ON)) == 1
        secret = [replace(each, confidential=True) for each in register.facilities()]
        import_facilities(register, facilities=secret, by="Op", at=AT)
        assert duplicates_of(register, on=ON) == ()
        assert len(duplicates_of(register, on=ON, confidential=True)) == 1
        found = reconciled(register, year=2024, on=ON)
        assert found.reports == ()
        assert found.disagreements == ()
    for words in (("report", "list"), ("report", "history", "a"), ("register", "reconcile")):
        told = run(*words, "--register", path)[1]
        assert "1234" not in json.dumps(told)
    told = run("report", "list", "--register", path, "--confidential")[1]
    assert "1234" in json.dumps(told)


def test_a_cause_is_not_hidden_by_a_transaction_that_is_gone(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "d.sqlite"), locked="none")
    with pytest.raises(Problem, match="no such table"), database.transaction():  # noqa: PT012 - two steps
        database.execute("ROLLBACK")
        database.execute("SELECT * FROM nowhere")
    database.close()


def test_the_password_of_a_register_of_another_schema_is_not_shown(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "d.sqlite"), locked="none")
    database.address = "postgresql://user:secret@host/name"
    assert database.shown == "postgresql://user:***@host/name"
    database.close()
