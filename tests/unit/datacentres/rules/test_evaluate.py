"""What a rule answers by day, area, scope and transition; what changes; what conflicts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from nexpo.datacentres.rules.conflicts import compatible
from nexpo.datacentres.rules.evaluate import changes, judge
from nexpo.datacentres.rules.model import Given, Moment, Silence, Verdict
from tests.unit.datacentres.rules import examples

HERE = "country: IT\nnuts3: ITC4C\n"
DAY = date(2026, 7, 1)


def one(folder: Path, value: str, facts: str, day: date = DAY) -> tuple[str, str]:
    library = examples.library(examples.pack(folder, examples.rule("r", value)))
    judged = judge(examples.project(folder, facts), library.rules, day)
    if judged.answers:
        return judged.answers[0].verdict.value, judged.answers[0].reason
    return judged.asides[0].why.value, judged.asides[0].reason


@pytest.mark.parametrize(
    ("value", "facts", "word", "said"),
    [
        ("requires: pue <= 1.3", "pue: 1.2", "pass", "pue = 1.2"),
        ("requires: pue <= 1.3", "pue: 1.4", "fail", "not met: pue is at most 1.3; here pue = 1.4"),
        ("requires: pue <= 1.3", "", "unknown", "pue not known"),
        ("requires: pue <= 1.3\nquestion: Why?", "pue: 1.2", "needs a person", "figures go"),
        ("requires: pue <= 1.3\nquestion: Why?", "pue: 1.4", "fail", "not met"),
        ("question: Why?", "", "needs a person", "judgement"),
        (
            "applies_when: defence\nrequires: pue <= 1.3",
            "pue: 1.2",
            "unknown",
            "depends on defence",
        ),
        ("applies_when: defence\nrequires: pue <= 1.3", "defence: no", "does not apply", "defence"),
    ],
)
def test_the_verdict_and_its_reason(
    tmp_path: Path, value: str, facts: str, word: str, said: str
) -> None:
    verdict, reason = one(tmp_path, value, HERE + facts)
    assert verdict == word
    assert said in reason


def test_the_answer_holds_article_dates_values_and_question(tmp_path: Path) -> None:
    found = examples.library(
        examples.pack(tmp_path, examples.rule("r", "requires: installed_it_kw > 1\nquestion: Q?"))
    )
    answer = judge(
        examples.project(tmp_path, HERE + "installed_it_kw: {value: 2, unit: MW}"), found.rules, DAY
    ).answers[0]
    assert answer.values == (("installed_it_kw", "2,000 kW"),)
    assert (answer.rule.article, answer.rule.dates) == ("art. 1", "from 2026-01-01")
    assert (answer.question, answer.missing) == ("Q?", ())


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ("country: IT\nnuts3: ITC11\n", "another area"),
        ("country: DE\n", "another area"),
        ('country: IT\nmunicipality: "015146"\n', "pass"),
        ('country: IT\nmunicipality: "001272"\n', "another area"),
        ("nuts3: ITC4C\n", "pass"),
        ("country: IT\n", "unknown"),
        ("pue: 1.1\n", "unknown"),
        ('country: IT\nnuts3: ITC11\nmunicipality: "015146"\n', "unknown"),
    ],
)
def test_a_pack_speaks_in_its_area_only(tmp_path: Path, facts: str, word: str) -> None:
    assert one(tmp_path, "requires: not defence", facts + "defence: no")[0] == word


def test_versions_speak_in_turn(tmp_path: Path) -> None:
    path = examples.pack(
        tmp_path,
        examples.rule("r", "requires: pue <= 1.5", "2027-07-01", "2030-07-01"),
        examples.rule("r", "requires: pue <= 1.3", "2030-07-01"),
    )
    project = examples.project(tmp_path, HERE + "pue: 1.4")
    rules = examples.library(path).rules
    words = [
        [each.verdict for each in judge(project, rules, date(year, 12, 31)).answers]
        for year in (2026, 2027, 2030)
    ]
    assert words == [[], [Verdict.PASS], [Verdict.FAIL]]
    before, after = (judge(project, rules, date(year, 12, 31)) for year in (2027, 2030))
    change = changes(before, after)
    assert [(each.was, each.now) for each in change] == [("pass", "fail")]
    assert "pue is at most 1.3" in change[0].why


EVENT = """events:
  - id: start
    valid_from: 2026-01-01
    article: a
    source: s
    verified: false
    value: {title: the start, earliest: 2026-10-11, latest: null}
"""


def test_a_start_that_is_not_set_is_unknown_and_said(tmp_path: Path) -> None:
    path = examples.pack(
        tmp_path,
        examples.rule("r", "requires: pue <= 1.5", "2026-01-01", "start"),
        examples.rule("r", "requires: pue <= 1.3", "start"),
        more=EVENT,
    )
    project = examples.project(tmp_path, HERE + "pue: 1.4")
    rules = examples.library(path).rules
    early, late = judge(project, rules, DAY), judge(project, rules, date(2028, 1, 1))
    assert [each.verdict for each in early.answers] == [Verdict.PASS]
    assert [aside.why for aside in early.asides] == [Silence.NOT_YET]
    assert [each.verdict for each in late.answers] == [Verdict.UNKNOWN] * 2
    assert "a day not set (the start; not before 2026-10-11)" in late.answers[1].reason
    assert "if it holds: fail" in late.answers[1].reason
    from nexpo.datacentres.adapters.rule_pack_files import load_packs

    told = load_packs([str(path)], days={"start": date(2026, 12, 15)}).rules
    judged = judge(project, told, date(2028, 1, 1))
    assert [each.verdict for each in judged.answers] == [Verdict.FAIL]
    assert [aside.why for aside in judged.asides] == [Silence.NO_LONGER]


TRANSITION = """  transition:
    fact: application_date
    clause: pending cases keep the old rules
    none_pending: not application_filed
"""


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ("application_date: 2026-03-01", ["pass"]),
        ("application_date: 2026-06-05", ["fail"]),
        ("application_filed: no", ["fail"]),
        ("", ["unknown", "unknown"]),
    ],
)
def test_a_pending_case_keeps_the_rules_of_its_day(
    tmp_path: Path, facts: str, words: list[str]
) -> None:
    path = examples.pack(
        tmp_path,
        examples.rule("r", "requires: pue <= 1.5", "2026-01-01", "2026-06-05"),
        examples.rule("r", "requires: pue <= 1.3", "2026-06-05"),
        more=TRANSITION,
    )
    project = examples.project(tmp_path, HERE + "pue: 1.4\n" + facts)
    judged = judge(project, examples.library(path).rules, date(2027, 1, 1))
    assert [each.verdict.value for each in judged.answers] == words
    if facts == "application_date: 2026-03-01":
        aside = judged.asides[0]
        assert aside.why is Silence.PENDING
        assert "2026-03-01 lies before 2026-06-05" in aside.reason


def test_another_day_alone_is_no_change(tmp_path: Path) -> None:
    early = examples.rule("r", "requires: day >= 2026-01-01 and pue <= 1.5", until="2030-01-01")
    later = examples.rule("r", "requires: day >= 2026-01-01 and pue <= 1.5", "2030-01-01")
    rules = examples.library(examples.pack(tmp_path, early, later)).rules
    project = examples.project(tmp_path, HERE + "pue: 1.4")
    one, two, three = (judge(project, rules, date(year, 6, 1)) for year in (2026, 2028, 2031))
    assert one.answers[0].reason != two.answers[0].reason
    assert changes(one, two) == ()
    (change,) = changes(two, three)  # the same answer of another version
    assert (change.was, change.now) == ("pass", "pass")


USE = "requires: use_class == '{0}'\ngives: {{attribute: use class, relation: is, value: {0}}}"


def test_packs_that_contradict_each_other_are_both_heard(tmp_path: Path) -> None:
    law = examples.pack(
        tmp_path, examples.rule("law.use", USE.format("productive")), name="law", precedence=60
    )
    plan = examples.pack(
        tmp_path, examples.rule("plan.use", USE.format("office")), name="plan", precedence=30
    )
    project = examples.project(tmp_path, HERE + "use_class: office")
    judged = judge(project, examples.library(plan, law).rules, DAY)
    assert {a.rule.id: a.verdict.value for a in judged.answers} == {
        "law.use": "fail",
        "plan.use": "pass",
    }
    (conflict,) = judged.conflicts
    assert conflict.winner is not None
    assert (conflict.attribute, conflict.winner.id, conflict.certain) == (
        "use class",
        "test.law",
        True,
    )
    assert "productive (Law law, art. 1, secondary) against office" in conflict.why


def test_a_conflict_is_not_certain_where_it_is_not_known_whether_a_rule_applies(
    tmp_path: Path,
) -> None:
    scoped = "applies_when: defence\n" + USE.format("productive")
    paths = [
        examples.pack(tmp_path, examples.rule(f"{n}.use", value), name=n)
        for n, value in (("a", scoped), ("b", USE.format("office")))
    ]
    rules = examples.library(*paths).rules
    for facts, certain in (("", False), ("defence: yes\n", True)):
        judged = judge(examples.project(tmp_path, HERE + facts), rules, DAY)
        (conflict,) = judged.conflicts
        assert conflict.certain is certain
        assert judged.answers[0].in_doubt is not certain


def test_equal_rank_is_left_to_a_person(tmp_path: Path) -> None:
    paths = [
        examples.pack(tmp_path, examples.rule(f"{n}.use", USE.format(word)), name=n)
        for n, word in (("a", "productive"), ("b", "office"))
    ]
    project = examples.project(tmp_path, HERE)
    (conflict,) = judge(project, examples.library(*paths).rules, DAY).conflicts
    assert conflict.winner is None
    assert "a person decides" in conflict.why


@pytest.mark.parametrize(
    ("one_", "other", "wanted"),
    [
        (("at most", 1.2), ("at most", 1.5), True),
        (("at most", 1.2), ("at least", 1.5), False),
        (("at least", 1.2), ("at most", 1.2), True),
        (("is", 1.3), ("at most", 1.2), False),
        (("at least", 1.2), ("is", 1.3), True),
        (("is", "a"), ("is", "a"), True),
    ],
)
def test_what_can_hold_together(
    one_: tuple[str, float | str], other: tuple[str, float | str], wanted: bool
) -> None:
    assert compatible(Given("x", *one_), Given("x", *other)) is wanted


def test_facts_hold_from_their_day(tmp_path: Path) -> None:
    project = examples.project(
        tmp_path,
        "pue: [{value: 1.5, from: 2024-01-01}, {value: 1.3, from: 2026-01-01}]\ncountry: IT\n",
    )
    assert "pue" not in project.on(date(2023, 1, 1))
    assert [project.on(date(year, 6, 1))["pue"] for year in (2024, 2026)] == [1.5, 1.3]
    assert project.on(date(2023, 1, 1))["country"] == "IT"


def test_a_moment_between_two_days_is_unknown_between_them() -> None:
    moment = Moment("m", date(2025, 1, 1), date(2026, 1, 1))
    days = (date(2024, 12, 31), date(2025, 6, 1), date(2026, 1, 1))
    assert [moment.reached(day) for day in days] == [False, None, True]
    assert str(moment) == "a day between 2025-01-01 and 2026-01-01 (m)"
