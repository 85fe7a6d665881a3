"""One contract, held by every database that keeps the register."""

from __future__ import annotations

import os
import pwd
import shutil
import sqlite3
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pytest

from nexpo.core.problem import Problem
from nexpo.datacentres.actions import (
    add_report,
    change_request,
    import_facilities,
    import_requests,
    put_campus,
)
from nexpo.datacentres.adapters import database
from nexpo.datacentres.adapters.store import open_register
from nexpo.datacentres.model import (
    Campus,
    CentreType,
    Certainty,
    Facility,
    Milestone,
    Place,
    Power,
    RequestState,
    Source,
    Stage,
)
from nexpo.datacentres.ports import first_broken
from tests.unit.datacentres.register_examples import AT, SOURCE, asked, centre, report

pytestmark = pytest.mark.integration


def _server_programs() -> Path | None:
    found = shutil.which("initdb") or ""
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((each for each in folders if (each / "initdb").is_file()), None)


def _other_user() -> str | None:
    """Return a user to run the server as: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    programs = _server_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server here: apt-get install postgresql")
    if find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed: pip install 'psycopg[binary]'")
    user = _other_user()
    folder = Path(tempfile.mkdtemp(prefix="nexpo-pg-", dir="/tmp"))
    if user is not None:
        shutil.chown(folder, user)

    def run(*arguments: str) -> None:
        subprocess.run(
            [str(programs / arguments[0]), *arguments[1:]],
            user=user,
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
        )

    data = str(folder / "data")
    run("initdb", "-D", data, "-A", "trust", "-U", "nexpo", "--no-sync", "-E", "UTF8")
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    run("pg_ctl", "-D", data, "-w", "-o", options, "-l", str(folder / "log"), "start")
    try:
        yield f"postgresql://nexpo@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "register.sqlite")
    url: str = request.getfixturevalue("postgres")
    with open_register(url) as register:
        for table in TABLES:
            register._database.execute(f"DELETE FROM {table}")
    return url


TABLES = (
    "dc_report_value",
    "dc_report",
    "dc_milestone",
    "dc_value_source",
    "dc_cloud_region",
    "dc_facility",
    "dc_campus",
    "dc_grid_request",
    "dc_event",
)

FULL = Facility(
    "full",
    SOURCE,
    name="Città d'esempio “1”",
    owner="Owner",
    operator="Operator",
    type=CentreType.COLOCATION,
    place=Place("015146", "ITC4C", 9.12, 45.45, "Via Uno 1"),
    milestones=(
        Milestone(Stage.REQUESTED, date(2019, 1, 1)),
        Milestone(Stage.OPERATING, None, date(2024, 1, 1)),
    ),
    power=Power(4200.1, 6000.0, 0.0, 12.5),
    floor_area_m2=1e4,
    computer_room_m2=5e3,
    redundancy_electrical="2N",
    redundancy_cooling="N+1",
    cloud_regions=("europe-west8", "eu-south-1"),
    campus_id="campus",
    confidential=True,
    synthetic=True,
    sources={"contracted_kw": Source("grid", Certainty.DECLARED, date(2024, 2, 3), "by letter")},
)


def test_what_goes_in_comes_out(address: str) -> None:
    with open_register(address) as register:
        bare = Facility("bare", SOURCE)
        import_facilities(register, facilities=[FULL, bare], by="Op", at=AT)
        put_campus(register, campus=Campus("campus", "Campus", "Operator"), by="Op", at=AT)
        requests = [asked("r1", 5.5, day=date(2025, 1, 1)), asked("r2", None, supersedes="r1")]
        import_requests(register, requests=requests, by="Op", at=AT)
    with open_register(address) as register:
        assert register.facilities() == (bare, FULL)
        assert register.facility("full") == FULL
        assert register.facility("none") is None
        assert register.campuses() == (Campus("campus", "Campus", "Operator"),)
        assert register.requests() == tuple(requests)
        assert first_broken(register.events()) is None
        assert len(register.events("full")) == 1


def test_replacing_a_facility_leaves_nothing_of_the_old_one(address: str) -> None:
    with open_register(address) as register:
        import_facilities(register, facilities=[FULL], by="Op", at=AT)
        bare = Facility("full", SOURCE)
        import_facilities(register, facilities=[bare], by="Op", at=AT)
        assert register.facilities() == (bare,)


def test_versions_of_reports_are_never_overwritten(address: str) -> None:
    with open_register(address) as register:
        import_facilities(register, facilities=[centre("a"), centre("b")], by="Op", at=AT)
        first = replace(
            report(has_ups="yes"),
            omitted={"server_capacity": "no metric"},
            estimated=frozenset({"water_input_m3"}),
        )
        add_report(register, report=first, by="Op", at=AT)
        second = report(water_input_m3=12_500.0)
        with pytest.raises(Problem, match="reported already"):
            add_report(register, report=second, by="Op", at=AT)
        add_report(register, report=second, by="Op", at=AT, reason="meter")
        add_report(register, report=report(2024), by="Op", at=AT)
        add_report(register, report=report(2024, "b"), by="Op", at=AT)
        versions = register.versions("a", 2025)
        assert [(v.number, v.reason) for v in versions] == [(1, ""), (2, "meter")]
        assert versions[0].report == first
        assert versions[0].sha256 != versions[1].sha256
        latest = register.latest_versions()
        assert [(v.report.facility_id, v.report.year, v.number) for v in latest] == [
            ("a", 2025, 2),
            ("b", 2024, 1),
        ]
        assert {v.report.facility_id for v in register.latest_versions(2024)} == {"a", "b"}
        assert register.latest_versions(2020) == ()
        with pytest.raises(Problem), register.transaction():
            register.put_version(versions[0])
        assert register.versions("a", 2025) == versions


def test_all_or_nothing(address: str) -> None:
    with open_register(address) as register:

        def half() -> None:
            with register.transaction():
                register.put_facility(centre("a"))
                raise RuntimeError("power cut")

        with pytest.raises(RuntimeError):
            half()
        assert register.facilities() == ()
        assert register.events() == ()


def test_a_circle_of_requests_changes_nothing(address: str) -> None:
    with open_register(address) as register:
        import_requests(register, requests=[asked("r1", 1.0, supersedes="r2")], by="Op", at=AT)
        with pytest.raises(Problem, match="circle"):
            import_requests(register, requests=[asked("r2", 1.0, supersedes="r1")], by="Op", at=AT)
        assert [request.id for request in register.requests()] == ["r1"]
        done = change_request(register, request_id="r1", state=RequestState.REFUSED, by="Op", at=AT)
        assert register.requests() == (done,)
        with pytest.raises(Problem, match="no such grid request"):
            change_request(register, request_id="x", state=RequestState.REFUSED, by="Op", at=AT)


def test_two_writers_do_not_meet(address: str) -> None:
    """Eight clerks hand in a report each of one year: one is taken, the log stays whole."""
    with open_register(address) as register:
        import_facilities(register, facilities=[centre("a")], by="Op", at=AT)
    problems: list[Problem] = []

    def hand_in(number: int) -> None:
        with open_register(address) as mine:
            try:
                changed = report(water_input_m3=10_000.0 + number)
                add_report(mine, report=changed, by=f"clerk {number}", at=AT)
            except Problem as problem:
                problems.append(problem)

    threads = [threading.Thread(target=hand_in, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open_register(address) as register:
        assert len(register.versions("a", 2025)) == 1
        assert len(problems) == 7
        assert {problem.detail[:28] for problem in problems} == {"the year is reported already"}
        assert first_broken(register.events()) is None


def test_those_who_open_it_first_at_one_moment_all_get_it(address: str, tmp_path: Path) -> None:
    """Several begin on a database without tables; each row of the schema is there once."""
    started = threading.Barrier(6)
    problems: list[BaseException] = []

    def begin(where: str) -> None:
        started.wait()
        try:
            open_register(where).close()
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is told below
            problems.append(error)

    for number in range(4):
        where = address
        if address.startswith("postgresql"):
            with open_register(address) as register:
                for table in (*TABLES, "dc_schema"):
                    register._database.execute(f"DROP TABLE {table} CASCADE")
        else:
            where = str(tmp_path / f"new-{number}.sqlite")
        threads = [threading.Thread(target=begin, args=(where,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert problems == []
        with open_register(where) as register:
            assert register._database.rows("SELECT count(*) FROM dc_schema") == [(1,)]


def test_a_new_file_that_another_holds_is_waited_for_and_then_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not yet in WAL mode: a writer keeps all others out, readers too."""
    path = tmp_path / "new.sqlite"
    monkeypatch.setattr(database, "_WAIT_S", 0.2)
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("CREATE TABLE t (a)")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Problem, match="another program holds the register"):
            open_register(str(path))
        monkeypatch.setattr(database, "_WAIT_S", 10.0)
        later = threading.Timer(0.3, other.execute, ["ROLLBACK"])
        later.start()
        open_register(str(path)).close()
        later.join()


def test_a_lock_of_another_is_waited_for_and_then_told(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer waits for a writer; nothing of his is kept, and he is told to come back."""
    monkeypatch.setattr(database, "_WAIT_S", 0.2)
    with open_register(address) as holder, open_register(address) as other:
        with holder.transaction():
            with pytest.raises(Problem, match="another program holds the register") as caught:
                import_facilities(other, facilities=[centre("a")], by="Op", at=AT)
            assert "do this again" in str(caught.value.remedy)
        import_facilities(other, facilities=[centre("b")], by="Op", at=AT)
        assert [each.id for each in holder.facilities()] == ["b"]


def test_who_reads_or_begins_does_not_wait_for_ever(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table that is being rebuilt, and tables that another is making."""
    monkeypatch.setattr(database, "_WAIT_S", 0.2)
    with open_register(postgres) as holder, open_register(postgres) as reader:
        with holder.transaction():
            holder._database.execute("LOCK TABLE dc_facility IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(Problem, match="another program holds the register"):
                reader.facilities()
        assert reader.facilities() == holder.facilities()
        with (
            holder._database.preparing(),
            pytest.raises(Problem, match="another program holds the register"),
        ):
            open_register(postgres)


def test_values_are_values_not_sql(address: str) -> None:
    odd = replace(centre("a"), name="x'); DROP TABLE dc_facility; -- %s ?")
    with open_register(address) as register:
        import_facilities(register, facilities=[odd], by="O'Brien", at=AT)
        assert register.facilities() == (odd,)
