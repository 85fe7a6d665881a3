"""Rule packs and projects from files: what is wrong is named with file, rule and field."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from nexpo.core.problem import Kind, Problem
from nexpo.datacentres.adapters.project_files import read_projects
from nexpo.datacentres.adapters.rule_pack_files import load_packs, pack_names
from tests.unit.datacentres.rules import examples


@pytest.mark.parametrize(
    ("rules", "field", "said"),
    [
        (
            [("r", "requires: wrong > 1", "2026-01-01", "")],
            "r.value.requires",
            "unknown fact wrong",
        ),
        (
            [("r", "requires: pue > 'x'", "2026-01-01", "")],
            "r.value.requires",
            "cannot be compared",
        ),
        ([("r", "requires: pue", "2026-01-01", "")], "r.value.requires", "a boolean is wanted"),
        (
            [("r", "applies_when: defence", "2026-01-01", "")],
            "r.value.requires",
            "or asks a person",
        ),
        ([("r", "requires: defence\nextra: 1", "2026-01-01", "")], "r.value.extra", "unknown key"),
        ([("r", "requires: defence", "soon", "")], "r.valid_from", "neither a day nor an event"),
        ([("r", "requires: defence", "2026/01/01", "")], "r.valid_from", "a day or the id"),
        (
            [("r", "requires: defence", "2026-01-01", "2025-01-01")],
            "r.valid_to",
            "it ends before it starts",
        ),
        (
            [("r", "requires: defence", "2026-01-01", ""), ("r", "question: Q", "2027-01-01", "")],
            "r.valid_to",
            "two versions of one rule",
        ),
        (
            [
                ("r", "requires: defence", "2026-01-01", "2027-01-02"),
                ("r", "question: Q", "2027-01-01", ""),
            ],
            "r.valid_to",
            "two versions of one rule",
        ),
        (
            [
                (
                    "r",
                    "question: Q\ngives: {attribute: a, relation: over, value: 1}",
                    "2026-01-01",
                    "",
                )
            ],
            "r.value.gives.relation",
            "at most",
        ),
        (
            [
                (
                    "r",
                    "question: Q\ngives: {attribute: a, relation: at most, value: x}",
                    "2026-01-01",
                    "",
                )
            ],
            "r.value.gives.value",
            "a number is expected",
        ),
    ],
)
def test_a_wrong_rule_names_file_rule_and_field(
    tmp_path: Path, rules: list[tuple[str, str, str, str]], field: str, said: str
) -> None:
    path = examples.pack(tmp_path, *(examples.rule(*each) for each in rules))
    with pytest.raises(Problem, match=said) as caught:
        load_packs([str(path)])
    assert caught.value.kind is Kind.CONFIG
    assert (caught.value.where.file, caught.value.where.column) == (str(path), field)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("precedence: 50", "precedence: high", "pack.precedence"),
        ("certainty: quoted", "certainty: sure", "pack.certainty"),
        ("jurisdiction: Testland", "jurisdiction:", "pack.jurisdiction"),
        ('lau: ["015"]', "lau: [015]", "pack.area.lau"),
        ("title: Law one", "titel: Law one", "title"),
        ("verified: false", "verified: perhaps", "r.verified"),
        ("certainty: secondary", "certainty: unverified\n    note: [1]", "r.note"),
    ],
)
def test_a_wrong_pack_names_the_field(tmp_path: Path, old: str, new: str, field: str) -> None:
    path = examples.pack(tmp_path, examples.rule("r", "question: Q"))
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Problem) as caught:
        load_packs([str(path)])
    assert caught.value.where.column == field


def test_unknown_packs_and_events_name_the_known_ones() -> None:
    with pytest.raises(Problem, match="no such rule pack") as caught:
        load_packs(["germany"])
    assert "germany-enefg" in str(caught.value.remedy)
    with pytest.raises(Problem, match="no such event") as caught:
        load_packs(["eu-reporting"], days={"act": date(2026, 12, 1)})
    assert "act-2026-in-force" in str(caught.value.remedy)
    with pytest.raises(Problem, match="cannot have been then"):
        load_packs(["eu-reporting"], days={"act-2026-in-force": date(2026, 1, 1)})
    assert "milan-sttm3-variant" in pack_names()


# Projects


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "p.yaml",
            (
                'name: P\nfacts:\n  municipality: "015146"\n  installed_it_kw: {value: 2, unit: MW}'
                "\n  defence: no\n  operation_start: 2026-01-01\n"
            ),
        ),
        (
            "p.json",
            json.dumps(
                [
                    {
                        "name": "P",
                        "municipality": "015146",
                        "installed_it_kw": 2000,
                        "defence": False,
                        "operation_start": "2026-01-01",
                    }
                ]
            ),
        ),
        (
            "p.csv",
            "fact,value,unit\nname,P,\nmunicipality,015146,\ninstalled_it_kw,2,MW\ndefence,no,\noperation_start,2026-01-01,\n",
        ),
        (
            "w.csv",
            "name,municipality,installed_it_kw,defence,operation_start,pue\nP,015146,2000,no,2026-01-01,\n",
        ),
    ],
)
def test_every_kind_of_file_gives_the_same_facts(tmp_path: Path, name: str, text: str) -> None:
    (project,) = read_projects(write(tmp_path, name, text))
    found = project.on(date(2026, 7, 1))
    assert project.name == "P"
    del found["day"]
    found.pop("name", None)
    assert found == {
        "municipality": "015146",
        "installed_it_kw": 2000.0,
        "defence": False,
        "operation_start": date(2026, 1, 1),
    }


def test_one_table_may_hold_several_projects(tmp_path: Path) -> None:
    text = "project;fact;value;from\nA;pue;1.5;\nB;pue;1.4;2026-01-01\nB;pue;1.3;2027-01-01\n"
    first, second = read_projects(write(tmp_path, "p.csv", text))
    assert (first.name, second.name) == ("A", "B")
    assert second.on(date(2026, 6, 1))["pue"] == 1.4


@pytest.mark.parametrize(
    ("name", "text", "place", "said"),
    [
        ("p.yaml", "puee: 1.2", (None, "puee"), "unknown fact"),
        ("p.yaml", "day: 2026-01-01", (None, "day"), "unknown fact"),
        ("p.yaml", "municipality: 015146", (None, "municipality"), "a code is text"),
        ("p.yaml", "pue: low", (None, "pue"), "text in a number"),
        ("p.yaml", "pue: 1.2-1.4", (None, "pue"), "a range instead of a value"),
        ("p.yaml", "defence: maybe", (None, "defence"), "not yes or no"),
        ("p.yaml", "use_class: housing", (None, "use_class"), "not an allowed value"),
        (
            "p.yaml",
            "generators_mwt: {value: 5, unit: kWh}",
            (None, "generators_mwt"),
            "cannot be expressed",
        ),
        ("p.yaml", "defence: {value: yes, unit: kW}", (None, "defence"), "no unit"),
        ("p.yaml", "pue: {value: 1.2, since: 2026}", (None, "pue"), "unknown key since"),
        ("p.yaml", "pue: {value: 1.2, from: soon}", (None, "pue"), "not a date"),
        ("p.yaml", "pue: [1.2, 1.3]", (1, "pue"), "given twice"),
        ("p.csv", "fact,value\npue,1.2\npuee,1\n", (2, "puee"), "unknown fact"),
        ("p.csv", "fact,value,unti\npue,1.2,x\n", (1, "pue"), "unknown column"),
        ("w.csv", "pue,puee\n1.2,1\n", (1, "puee"), "unknown fact"),
        ("p.json", "[1]", (1, None), "a mapping of facts"),
        ("p.json", "{", (None, None), "not JSON"),
    ],
)
def test_a_wrong_fact_names_file_row_and_fact(
    tmp_path: Path, name: str, text: str, place: tuple[int | None, str | None], said: str
) -> None:
    path = write(tmp_path, name, text)
    with pytest.raises(Problem, match=said) as caught:
        read_projects(path)
    where = caught.value.where
    assert (where.file, where.row, where.column) == (str(path), *place)


@pytest.mark.parametrize("name", ["none.yaml", "none.json", "none.csv"])
def test_a_file_that_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(Problem) as caught:
        read_projects(tmp_path / name)
    assert caught.value.kind is Kind.NO_INPUT
