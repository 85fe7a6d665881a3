"""Facts that can hardly be so are asked about; of a forked path it is said that it forks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from nexpo.core import parameters
from nexpo.core.problem import Kind, Problem
from nexpo.datacentres.adapters.project_files import read_projects
from nexpo.datacentres.adapters.rule_pack_files import fact_bounds, load_packs
from nexpo.datacentres.rules.doubts import doubts
from nexpo.datacentres.rules.evaluate import changes, judge, silent_changes
from nexpo.datacentres.rules.model import Project
from nexpo.datacentres.rules.permits import permit_path

DAY = date(2026, 7, 1)
GOOD = 'country: IT\nnuts3: ITC4C\nmunicipality: "015146"\npue: 1.2\nerf: 0.1\n'


def project(folder: Path, text: str) -> Project:
    path = folder / "p.yaml"
    path.write_text(text, encoding="utf-8")
    return read_projects(path)[0]


def test_good_facts_are_not_asked_about(tmp_path: Path) -> None:
    text = f"{GOOD}stage: operating\noperation_start: 2020-01-01\n"
    assert doubts(project(tmp_path, text), fact_bounds(DAY), DAY) == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("pue: 0.5", "pue 0.5 lies outside 1 to 5"),
        ("erf: 7", "in per cent? 0.07"),
        ("renewable_share: 80", "in per cent? 0.8"),
        ("generators_mwt: 60000", "outside 0 to 5,000 MW"),
        ("nuts3: ITC46", "lies in ITC4C, not in ITC46"),
        ("stage: operating\noperation_start: 2028-03-01", "operation_start 2028-03-01 lies after"),
        ("stage: building\noperation_start: 2026-03-01", "on or before 2026-07-01"),
    ],
)
def test_what_can_hardly_be_so_is_asked_about(tmp_path: Path, line: str, said: str) -> None:
    name = line.partition(":")[0]
    kept = "\n".join(each for each in GOOD.splitlines() if not each.startswith(f"{name}:"))
    (found,) = doubts(project(tmp_path, f"{kept}\n{line}\n"), fact_bounds(DAY), DAY)
    assert said in found


def test_bounds_are_dated_and_each_is_of_a_fact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use = parameters.get("datacentres/fact-bounds").use(DAY)
    assert (str(use.valid_from), use.verified) == ("1990-01-01", False)
    head = "id: a\ntitle: t\nunit: u\nversions:\n  - valid_from: 1990-01-01\n    article: a\n"
    rest = "    source: s\n    verified: false\n    value:\n      "
    (tmp_path / "datacentres").mkdir()
    monkeypatch.setenv("NEXPO_PARAMETERS", str(tmp_path))
    for wrong in ("erf: [1, 0]", "erf: high", "efr: [0, 1]"):
        path = tmp_path / "datacentres" / "fact-bounds.yaml"
        path.write_text(f"{head}{rest}{wrong}\n", encoding="utf-8")
        with pytest.raises(Problem, match="the least first") as caught:
            fact_bounds(DAY)
        assert str(caught.value.where.column) == wrong.partition(":")[0]


def test_a_fork_is_said_to_be_one(tmp_path: Path) -> None:
    path = permit_path(
        project(tmp_path, f"{GOOD}generators_mwt: 180\napplication_date: 2026-06-20\n"),
        load_packs().procedures,
        DAY,
    )
    forked = {step.procedure.id: step.one_of for step in path if step.one_of}
    assert set(forked) == {"it.single-procedure", "it.aia"}
    assert forked["it.aia"].startswith("Single permit procedure")


def test_rules_that_speak_on_neither_day_are_counted_only(tmp_path: Path) -> None:
    made = project(tmp_path, GOOD)
    one, two = (judge(made, load_packs().rules, date(year, 7, 1)) for year in (2024, 2028))
    spoken = {each.rule.id for judged in (one, two) for each in judged.answers}
    assert {each.rule for each in changes(one, two)} <= spoken
    assert silent_changes(one, two) >= 0
    assert silent_changes(one, one) == 0


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("p.yaml", "", "pue: 1.3"),
        ("p.yaml", "pue: [1.2, x\n", "at this line"),
        ("p.json", "", "by name"),
        ("p.json", '{"pue": 1', "by name"),
        ("p.csv", "", "again"),
    ],
)
def test_a_project_that_is_empty_or_cut_is_bad_input_with_a_remedy(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Problem) as caught:
        read_projects(path)
    assert caught.value.kind is Kind.BAD_INPUT
    assert said in str(caught.value.remedy)
