"""The packs that come with Nexpo, held against the reference sheet's own figures."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from nexpo.core.parameters import read_yaml
from nexpo.datacentres.adapters.rule_pack_files import load_packs, pack_names
from nexpo.datacentres.rules.evaluate import changes, judge
from nexpo.datacentres.rules.model import Judgement
from tests.unit.datacentres.rules import examples

LIBRARY = load_packs()

MILAN = """
name: Campus Sud
country: IT
nuts3: ITC4C
municipality: "015146"
type: colocation
stage: [{value: building, from: 2023-01-01}, {value: operating, from: 2025-03-01}]
installed_it_kw: 40000
design_it_kw: 40000
defence: no
generators_mwt: 120
use_class: productive
site_kind: brownfield
named_by_municipality: yes
application_date: 2026-06-20
attention_area: suitable
operation_start: 2025-03-01
last_report_year: 2025
water_input_reported: yes
fresh_water_reported: no
location_reported_as: LAU
"""


REPORTED = "country: IT\noperation_start: 2020-01-01\nlast_report_year: 2024\n"


def told(judged: Judgement) -> dict[str, str]:
    silent = {each.rule.id: each.why.value for each in judged.asides}
    return silent | {each.rule.id: each.verdict.value for each in judged.answers}


def judged(folder: Path, facts: str, day: str) -> Judgement:
    return judge(examples.project(folder, facts), LIBRARY.rules, date.fromisoformat(day))


def test_nothing_is_called_verified_that_was_not_read() -> None:
    for pack in LIBRARY.packs:
        document = read_yaml(Path(pack.file))
        for key in ("rules", "procedures", "events"):
            assert not any(record["verified"] for record in document.get(key, []))
    assert len(pack_names()) >= 13


def test_one_facility_in_2024_2026_and_2028(tmp_path: Path) -> None:
    first, second, third = (judged(tmp_path, MILAN, f"{y}-07-01") for y in (2024, 2026, 2028))
    was, now, later = told(first), told(second), told(third)
    rules = ("lr-11.use-class", "eu.report-submitted", "eu.wue-input", "sttm3.use-class")
    assert [was[rule] for rule in rules] == ["not yet in force"] * 4
    assert [now[rule] for rule in rules] == ["pass", "pass", "pass", "fail"]
    assert [later[rule] for rule in rules] == ["pass", "fail", "unknown", "fail"]
    why = {each.rule: each.why for each in changes(second, third)}
    assert "last_report_year = 2025" in why["eu.report-submitted"]
    assert "start of the 2026 act; not before 2026-10-11" in why["eu.wue-input"]


def test_productive_against_office(tmp_path: Path) -> None:
    assert judged(tmp_path, MILAN, "2024-07-01").conflicts == ()
    (conflict,) = judged(tmp_path, MILAN, "2026-07-01").conflicts
    assert conflict.attribute == "use class"
    assert conflict.winner is not None
    assert conflict.winner.id.endswith("lombardia-lr-11-2026")
    assert "productive" in conflict.why
    assert "office" in conflict.why
    bergamo = MILAN.replace("ITC4C", "ITC46").replace("015146", "016024")
    assert judged(tmp_path, bergamo, "2026-07-01").conflicts == ()


def test_pending_cases_stay_under_old_rules(tmp_path: Path) -> None:
    pending = MILAN.replace("2026-06-20", "2026-06-04")
    found = told(judged(tmp_path, pending, "2028-07-01"))
    kept = {word for rule, word in found.items() if rule.startswith("lr-11.")}
    assert kept == {"a pending case keeps the rules before it"}
    assert found["dgr-2629.use-class"] == "pass"
    assert judged(tmp_path, pending, "2028-07-01").conflicts == ()


SITING = ("site", "energy", "heat", "water", "network", "farmland", "coordination")


@pytest.mark.parametrize(
    ("stage", "filed", "asked"),
    [
        ("operating", "", False),
        ("operating", "application_date: 2026-06-05\n", True),
        ("requested", "application_filed: no\n", True),
        ("closed", "application_filed: no\n", False),
    ],
)
def test_a_standing_centre_is_not_sited_again(
    tmp_path: Path, stage: str, filed: str, *, asked: bool
) -> None:
    facts = f"country: IT\nnuts3: ITC4C\nsite_kind: farmland\nsupra_municipal: yes\n{filed}"
    found = told(judged(tmp_path, f"{facts}stage: {stage}\n", "2026-07-01"))
    silent = [name for name in SITING if found[f"lr-11.{name}"] == "does not apply"]
    assert silent == ([] if asked else list(SITING))


def test_what_the_2026_act_changes_once_its_day_is_known(tmp_path: Path) -> None:
    library = load_packs(["eu-reporting"], days={"act-2026-in-force": date(2026, 12, 20)})
    project = examples.project(tmp_path, MILAN)
    judged_ = judge(project, library.rules, date(2027, 7, 1))
    found = {each.rule.title: each.verdict.value for each in judged_.answers}
    assert found["WUE is fresh-water input (WIN-FRE) over IT energy"] == "fail"
    assert found["The location is reported as a NUTS 3 area"] == "fail"
    assert "WUE is total water input (WIN) over IT energy" not in found


@pytest.mark.parametrize(
    ("kw", "defence", "word"),
    [(499, "no", "does not apply"), (500, "no", "fail"), (500, "yes", "does not apply")],
)
def test_who_must_report(tmp_path: Path, kw: int, defence: str, word: str) -> None:
    facts = f"{REPORTED}installed_it_kw: {kw}\ndefence: {defence}\n"
    assert told(judged(tmp_path, facts, "2026-05-15"))["eu.report-submitted"] == word


def test_the_day_before_the_report_is_due(tmp_path: Path) -> None:
    facts = f"{REPORTED}installed_it_kw: 500\ndefence: no\n"
    assert told(judged(tmp_path, facts, "2026-05-14"))["eu.report-submitted"] == "pass"


@pytest.mark.parametrize(
    ("start", "day", "rule", "facts", "word"),
    [
        ("2020-01-01", "2027-06-30", "pue-existing", "pue: 1.6", "not yet in force"),
        ("2020-01-01", "2027-07-01", "pue-existing", "pue: 1.5", "pass"),
        ("2020-01-01", "2030-07-01", "pue-existing", "pue: 1.5", "fail"),
        ("2026-07-01", "2028-06-30", "pue-new", "pue: 1.3", "does not apply"),
        ("2026-07-01", "2028-07-01", "pue-new", "pue: 1.3", "fail"),
        ("2026-07-01", "2026-07-01", "erf", "erf: 0.10", "pass"),
        ("2027-07-01", "2027-07-01", "erf", "erf: 0.14", "fail"),
        ("2028-07-01", "2028-07-01", "erf", "erf: 0.20", "pass"),
        ("2020-01-01", "2024-06-01", "renewable", "renewable_share: 0.5", "pass"),
        ("2020-01-01", "2027-01-01", "renewable", "renewable_share: 0.5", "fail"),
        ("2020-01-01", "2026-01-01", "management", "energy_management: none", "does not apply"),
    ],
)
def test_germany(tmp_path: Path, start: str, day: str, rule: str, facts: str, word: str) -> None:
    known = f"country: DE\nnonredundant_kw: 300\npublic_body: no\noperation_start: {start}\n{facts}"
    assert told(judged(tmp_path, known, day))[f"enefg.{rule}"] == word


@pytest.mark.parametrize(
    ("facts", "day", "rule", "word"),
    [
        ("climate: cool\npue_full_load: 1.35", "2026-01-01", "pact.pue-new", "fail"),
        ("climate: warm\npue_full_load: 1.35", "2026-01-01", "pact.pue-new", "pass"),
        ("renewable_share: 0.8", "2026-01-01", "pact.renewable", "pass"),
        ("renewable_share: 0.8", "2031-01-01", "pact.renewable", "fail"),
        ("coc_practices: 105", "2026-01-01", "coc.practices", "fail"),
        ("coc_practices: 106", "2026-01-01", "coc.practices", "pass"),
        ("coc_audit_date: 2023-01-01", "2026-01-01", "coc.audit", "pass"),
        ("coc_audit_date: 2022-12-31", "2026-01-01", "coc.audit", "fail"),
        ("refrigerant_gwp: 675", "2026-01-01", "coc.refrigerant", "pass"),
    ],
)
def test_voluntary_schemes(tmp_path: Path, facts: str, day: str, rule: str, word: str) -> None:
    known = (
        "country: FR\npact_signatory: yes\ninstalled_it_kw: 900\noperation_start: 2025-06-01\n"
        + facts
    )
    assert told(judged(tmp_path, known, day))[rule] == word


@pytest.mark.parametrize(
    ("facts", "rule", "word"),
    [
        (
            "country: NL\nsite_area_m2: 100001\ncontracted_kw: 70000\nmunicipality: GM1966",
            "nl.hyperscale",
            "pass",
        ),
        (
            "country: NL\nsite_area_m2: 100001\ncontracted_kw: 70000\nmunicipality: GM0363",
            "nl.hyperscale-elsewhere",
            "needs a person",
        ),
        (
            "country: NL\nsite_area_m2: {value: 10, unit: ha}\ncontracted_kw: 70000",
            "nl.hyperscale",
            "does not apply",
        ),
        ("nuts3: NL329\nmunicipality: GM0363\npue: 1.25", "nl.amsterdam-pue", "fail"),
        (
            "country: IE\nconnection_mva: 1.5\nadditional_renewable_share: 0.7",
            "cru.renewables",
            "fail",
        ),
        ("country: IE\nconnection_mva: 1", "cru.renewables", "does not apply"),
        ("country: SG\ncfa_awarded: yes\npue: 1.25", "sg.pue-award", "pass"),
    ],
)
def test_other_countries(tmp_path: Path, facts: str, rule: str, word: str) -> None:
    assert told(judged(tmp_path, facts, "2026-07-01"))[rule] == word
