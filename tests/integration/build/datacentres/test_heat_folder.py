"""The folder of an assignment of heat: page, map, tables and evidence say the same."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from nexpo.build.datacentres.heat import Reused, Wish, reuse
from nexpo.build.datacentres.heat_outputs import write
from nexpo.build.datacentres.heat_page import map_of, matches, ordered, unknown
from nexpo.core.evidence import read_ledger
from nexpo.core.problem import Problem

SITES = "id,lon,lat,name,it_kw,waste_c\na,9.19,45.46,<A & B>,2000,35\nb,9.05,45.36,B,20000,\n"


@pytest.fixture(scope="module")
def reused(tmp_path_factory: pytest.TempPathFactory) -> Reused:
    """Three sites, one of unknown power; users are the stand-ins of networks."""
    folder = tmp_path_factory.mktemp("heat")
    sites = folder / "sites.csv"
    sites.write_text(f"{SITES}c,10.22,45.54,C,,60\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        (folder / "none").mkdir()
        patch.setenv("NEXPO_DATA", str(folder / "none"))
        patch.setenv("NEXPO_HOME", str(folder / "home"))
        patch.delenv("DATABASE_URL", raising=False)
        return reuse(Wish("lombardia", date(2025, 8, 1), sites))


@pytest.fixture(scope="module")
def folder(reused: Reused, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "heat"
    write(reused, out)
    return out


def test_only_layers_that_are_looked_at_are_named(reused: Reused, folder: Path) -> None:
    assert set(reused.ground.layers) == {"municipalities", "district_heating"}
    assert reused.synthetic == ("District heating networks",)
    with (folder / "sources.csv").open(encoding="utf-8") as lines:
        files = {row["file"] for row in csv.DictReader(lines)}
    assert {"sites.csv", "district_heating.synthetic"} <= files
    assert not {name for name in files if name.startswith(("flood", "land_use", "protected"))}


def test_the_page_gives_ranges_and_says_what_they_rest_on(reused: Reused, folder: Path) -> None:
    page = (folder / "index.html").read_text(encoding="utf-8")
    least, most = reused.levels["low"].handed_mwh, reused.levels["high"].handed_mwh
    assert least < most
    assert f"{least:,.0f} to {most:,.0f} MWh a year could be handed over by 2 of 3 sites" in page
    assert f"{reused.levels['low'].erf:.3f} to {reused.levels['high'].erf:.3f}" in page
    for said in ("do not act on this", "What is assumed", "season_share", "&lt;A &amp; B&gt;"):
        assert said in page
    assert "the power, so the heat, of 1 of 3 sites: C" in page
    assert "the temperature of the waste heat of 1 of 3 sites" in page
    assert "<A & B>" not in page
    assert "nan" not in page.lower().replace("finanz", "")


def test_tables_map_and_evidence_agree(reused: Reused, folder: Path) -> None:
    figures = read_ledger(folder / "figures.jsonl")
    assert figures.check() == []
    told = json.loads((folder / "heat.synthetic.json").read_text())
    with (folder / "flows.synthetic.csv").open(encoding="utf-8") as lines:
        flows = list(csv.DictReader(lines))
    for level in ("low", "mid", "high"):
        total = sum(float(row["handed_mwh"]) for row in flows if row["level"] == level)
        assert total == pytest.approx(told["levels"][level]["handed_mwh"], abs=0.01)
        assert figures[f"heat.handed_{level}"].value == pytest.approx(total, abs=0.01)
        assert figures[f"heat.erf_{level}"].synthetic
    of_pairs = sum(each.mid for each in matches(reused))
    assert of_pairs == pytest.approx(reused.mid.handed_mwh)
    assert all(row["user_name"].endswith("(synthetic)") for row in flows)


def test_sites_of_unknown_power_come_last_and_are_drawn_as_unknown(reused: Reused) -> None:
    rows = ordered(reused)
    assert [row["number"] for row in rows] == [1, 2, 3]
    assert (rows[-1]["id"], rows[-1]["handed_mwh_mid"]) == ("c", None)
    drawn = map_of(reused)
    words = " ".join(ET.fromstring(drawn).itertext())
    assert "SYNTHETIC" in words
    assert "km" in words
    assert drawn.count("stroke-dasharray") == 2  # the site, and the legend
    assert drawn.count("<circle") == 3 + 4


def test_without_any_power_the_page_says_unknown_and_no_zero(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reused: Reused
) -> None:
    none = Reused(
        reused.wish,
        reused.ground,
        reused.given,
        reused.sites[2:],
        reused.users,
        (),
        {
            level: type(each)(each.terms, (), each.sites[2:], each.demand_mwh, each.users_unknown)
            for level, each in reused.levels.items()
        },
    )
    write(none, tmp_path / "out")
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "Unknown: nobody states the power of any of the 1 sites" in page
    assert "No site can be matched to a user" in page
    assert "0.000" not in page
    assert any("power" in each for each in unknown(none))


def test_a_folder_of_somebody_is_not_replaced(reused: Reused, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(Problem, match="replaced whole"):
        write(reused, tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["thesis.txt"]
