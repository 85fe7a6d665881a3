"""The permit path and its calendar, each term counted by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from nexpo.datacentres.adapters.rule_pack_files import load_packs
from nexpo.datacentres.rules.calendar import Event, events_of, to_icalendar
from nexpo.datacentres.rules.evaluate import judge
from nexpo.datacentres.rules.model import Transition
from nexpo.datacentres.rules.permits import Step, permit_path
from tests.unit.datacentres.rules import examples

CONVERTED = {"dl-21-lapsed": date(9999, 12, 31)}
PROCEDURES = load_packs(["italy-permits"], days=CONVERTED).procedures
OPEN = load_packs(["italy-permits"]).procedures
DAY = date(2026, 7, 1)


def path(folder: Path, facts: str, day: date = DAY, **options: object) -> tuple[Step, ...]:
    project = examples.project(folder, f"name: P\ncountry: IT\n{facts}")
    return permit_path(project, PROCEDURES, day, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mwt", "day", "wanted"),
    [
        (20, DAY, ["it.aua"]),
        (49.9, DAY, ["it.aua"]),
        (50, DAY, ["it.single-procedure"]),
        (50, date(2025, 7, 1), ["it.aia"]),
        (50.1, DAY, ["it.eia-screening", "it.single-procedure"]),
        (150, DAY, ["it.eia-screening", "it.single-procedure"]),
        (151, DAY, ["it.eia-regional", "it.single-procedure"]),
        (299, date(2025, 7, 1), ["it.eia-regional", "it.aia"]),
        (300, date(2025, 7, 1), ["it.eia-regional", "it.aia-state"]),
        (300, DAY, ["it.eia-regional", "it.single-procedure-state"]),
        (301, DAY, ["it.eia-state", "it.single-procedure-state"]),
    ],
)
def test_the_thermal_ladder(tmp_path: Path, mwt: float, day: date, wanted: list[str]) -> None:
    steps = path(tmp_path, f"generators_mwt: {mwt}", day)
    assert [step.procedure.id for step in steps] == wanted
    assert all(step.certain and step.due is None for step in steps)


def test_ten_months_from_completeness_and_three_more(tmp_path: Path) -> None:
    steps = path(tmp_path, "generators_mwt: 50\napplication_complete: 2026-08-31")
    assert (steps[0].begins, steps[0].due, steps[0].extended) == (
        date(2026, 8, 31),
        date(2027, 6, 30),
        date(2027, 9, 30),
    )
    assert steps[0].term == "10 months from application_complete, 3 more exceptionally"


def test_a_term_may_roll_to_a_working_day(tmp_path: Path) -> None:
    facts = "generators_mwt: 50\napplication_complete: 2026-08-01"  # 2027-06-01 is a Tuesday
    assert path(tmp_path, facts)[0].due == date(2027, 6, 1)
    saturday = "generators_mwt: 50\napplication_complete: 2026-04-01"  # 2027-02-01 is a Monday
    holidays = frozenset({date(2027, 2, 1)})
    rolled = path(tmp_path, saturday, roll="working day", holidays=holidays)
    assert rolled[0].due == date(2027, 2, 2)
    weekend = "generators_mwt: 50\napplication_complete: 2026-03-06"  # 2027-01-06, a Wednesday
    assert path(tmp_path, weekend, roll="working day")[0].due == date(2027, 1, 6)
    sunday = "generators_mwt: 50\napplication_complete: 2026-03-10"  # 2027-01-10 is a Sunday
    assert path(tmp_path, sunday, roll="working day")[0].due == date(2027, 1, 11)


def test_ten_months_and_three_are_thirteen_from_the_start(tmp_path: Path) -> None:
    facts = "generators_mwt: 50\napplication_complete: 2026-04-30"
    (step,) = path(tmp_path, facts)
    assert (step.due, step.extended) == (date(2027, 2, 28), date(2027, 5, 30))
    (still,) = path(tmp_path, f"{facts}\nsuspended_days: 30")
    assert (still.due, still.extended) == (date(2027, 3, 30), date(2027, 6, 29))
    assert "30 days of suspension added" in still.term


def test_no_clause_that_nobody_read_keeps_a_case_under_the_old_law(tmp_path: Path) -> None:
    filed = "generators_mwt: 60\napplication_date: 2025-11-01"
    wanted = ["it.eia-screening", "it.single-procedure"]
    assert [step.procedure.id for step in path(tmp_path, filed)] == wanted
    library = load_packs(["italy-permits"], days=CONVERTED)
    project = examples.project(tmp_path, f"name: P\ncountry: IT\n{filed}")
    answers = {each.rule.id for each in judge(project, library.rules, DAY).answers}
    assert "it.dl-21.authority" in answers


def test_a_clause_keeps_a_case_on_its_path_as_it_keeps_its_rules(tmp_path: Path) -> None:
    made = load_packs(["italy-permits"], days=CONVERTED)
    clause = Transition("application_date", "pending cases stay", None)
    pack = replace(made.packs[0], transition=clause)
    procedures = [replace(each, pack=pack) for each in made.procedures]
    for facts, wanted, certain in (
        ("application_date: 2025-11-01", ["it.aia"], True),
        ("application_date: 2026-03-01", ["it.single-procedure"], True),
        ("", ["it.aia", "it.single-procedure"], False),
    ):
        project = examples.project(tmp_path, f"country: IT\ngenerators_mwt: 50\n{facts}")
        steps = permit_path(project, procedures, DAY)
        assert [step.procedure.id for step in steps] == wanted
        assert {step.certain for step in steps} == {certain}


def test_a_decree_that_may_have_lapsed_makes_both_ways_uncertain(tmp_path: Path) -> None:
    facts = "country: IT\ngenerators_mwt: 50\napplication_complete: 2026-03-31"
    project = examples.project(tmp_path, facts)
    before = permit_path(project, OPEN, date(2026, 4, 20))
    assert [(s.procedure.id, s.certain) for s in before] == [("it.single-procedure", True)]
    after = permit_path(project, OPEN, date(2026, 4, 21))
    assert [(s.procedure.id, s.certain) for s in after] == [
        ("it.single-procedure", False),
        ("it.aia", False),
    ]
    assert {event.tentative for event in events_of("P", after)} == {True}
    lapsed = load_packs(["italy-permits"], days={"dl-21-lapsed": date(2026, 4, 21)}).procedures
    (only,) = permit_path(project, lapsed, DAY)
    assert (only.procedure.id, only.certain) == ("it.aia", True)


def test_unknown_input_makes_every_procedure_possible(tmp_path: Path) -> None:
    steps = path(tmp_path, "")
    assert len(steps) == 6  # the decree is taken to be converted
    assert not any(step.certain for step in steps)
    assert "depends on generators_mwt, not known" in steps[0].reason


def test_elsewhere_there_is_no_italian_path(tmp_path: Path) -> None:
    project = examples.project(tmp_path, "country: DE\ngenerators_mwt: 60")
    assert permit_path(project, PROCEDURES, DAY) == ()


def test_the_yearly_report_comes_back(tmp_path: Path) -> None:
    procedures = load_packs(["eu-reporting"]).procedures
    project = examples.project(tmp_path, "country: IT\ninstalled_it_kw: 600\ndefence: no")
    for day, due in ((date(2026, 5, 15), date(2026, 5, 15)), (DAY, date(2027, 5, 15))):
        step = permit_path(project, procedures, day)[0]
        assert (step.due, step.term) == (due, "each year by 05-15")


def test_an_application_does_not_move_a_yearly_duty(tmp_path: Path) -> None:
    procedures = load_packs(["eu-reporting"]).procedures
    running = "country: IT\ninstalled_it_kw: 600\ndefence: no\noperation_start: 2020-01-01\n"
    project = examples.project(tmp_path, f"{running}stage: operating\napplication_date: 2023-01-01")
    for year in (2026, 2028):
        step = permit_path(project, procedures, date(year, 3, 1))[0]
        assert (step.due, step.certain) == (date(year, 5, 15), True)


@pytest.mark.parametrize(
    ("facts", "steps"),
    [
        ("stage: requested\noperation_start: 2025-01-01", []),
        ("stage: operating\noperation_start: 2026-02-01", []),
        ("stage: closed\noperation_start: 2015-01-01\noperation_end: 2024-12-31", []),
        ("stage: closed\noperation_start: 2015-01-01\noperation_end: 2025-01-01", [True]),
        ("stage: closed\noperation_start: 2015-01-01", [False]),
        ("stage: operating\noperation_start: 2025-12-31", [True]),
    ],
)
def test_who_ran_in_a_year_reports_it(tmp_path: Path, facts: str, steps: list[bool]) -> None:
    library = load_packs(["eu-reporting"])
    text = f"country: IT\ninstalled_it_kw: 600\ndefence: no\n{facts}"
    project = examples.project(tmp_path, text)
    found = permit_path(project, library.procedures, date(2026, 5, 15))
    report = [step for step in found if step.procedure.id == "eu.report"]
    assert [step.certain for step in report] == steps
    judged = judge(project, library.rules, date(2026, 5, 15))
    duty = [each for each in judged.answers if each.rule.id == "eu.report-submitted"]
    assert [each.verdict.value for each in duty] == ["unknown"] * len(steps)


# Calendar


def unfolded(text: str) -> list[str]:
    assert text.endswith("\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "\n" not in text.replace("\r\n", "")
    return text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def test_the_calendar_is_one_that_any_reader_takes(tmp_path: Path) -> None:
    steps = path(tmp_path, "generators_mwt: 120\napplication_complete: 2026-08-31")
    events = events_of("Campus, Süd; \\ north", steps)
    lines = unfolded(to_icalendar(events, name="Campus", stamp=DAY))
    assert lines[:3] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Nexpo//Data centre deadlines//EN",
    ]
    assert lines[-1] == "END:VCALENDAR"
    assert [line for line in lines if line.startswith("DTSTART")] == [
        "DTSTART;VALUE=DATE:20261114",
        "DTSTART;VALUE=DATE:20270630",
        "DTSTART;VALUE=DATE:20270930",
    ]
    assert [line for line in lines if line.startswith("STATUS")] == [
        "STATUS:TENTATIVE",  # nobody verified the term of the screening
        "STATUS:CONFIRMED",
        "STATUS:TENTATIVE",
    ]
    assert "SUMMARY:Campus\\, Süd\\; \\\\ north: EIA screening by the State" in lines
    assert lines.count("DTSTAMP:20260701T000000Z") == 3
    uids = [line for line in lines if line.startswith("UID:")]
    assert len(set(uids)) == 3
    again = unfolded(to_icalendar(events, name="Campus", stamp=date(2026, 8, 1)))
    assert [line for line in again if line.startswith("UID:")] == uids


def test_long_words_of_many_bytes_are_folded_between_letters() -> None:
    event = Event("k", DAY, "è" * 200, "a\r\nb\x07\n" + "€" * 100, yearly=True, reminder_days=7)
    lines = unfolded(to_icalendar([event], name="n", stamp=DAY))
    assert "SUMMARY:" + "è" * 200 in lines
    assert "DESCRIPTION:a\\nb\\n" + "€" * 100 in lines
    assert {"RRULE:FREQ=YEARLY", "TRIGGER:-P7D"} <= set(lines)
