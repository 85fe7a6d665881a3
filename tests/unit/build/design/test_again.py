"""A written design taken up again: verified, priced anew, compared; and what is broken is told."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from nexpo.build.design import Terms, design_to, read_design, recheck, recost, side_by_side
from nexpo.build.design.again import against_programmes, read_designs
from nexpo.build.design.folder import refuse_foreign
from nexpo.build.design.reading import META
from nexpo.connectivity.design.choice.model import Technology
from nexpo.connectivity.design.money import Level
from nexpo.core.evidence import read_ledger
from nexpo.core.files import sha256_of
from nexpo.core.problem import Problem
from tests.unit.build.design.grounds import REQUEST, borgo, village


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return design_to(REQUEST, tmp_path_factory.mktemp("d") / "borgo", materials=borgo()).folder


def broken(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "broken"))


def failing(folder: Path) -> set[str]:
    return {each.rule for each in recheck(read_design(folder)) if not each.ok}


def test_what_was_written_is_verified_from_its_files(written: Path) -> None:
    found = recheck(read_design(written))
    assert [each.rule for each in found if not each.ok] == []
    checked = {each.rule: each.checked for each in found}
    assert checked["premises.reached"] == 40
    assert checked["bill.totals"] == 21
    assert checked["figures.follow"] > 300
    assert checked["files.hash"] >= 20


def test_a_trench_taken_away_is_found(written: Path, tmp_path: Path) -> None:
    folder = broken(written, tmp_path)
    path = folder / "layers" / "trenches.parquet"
    table = pl.read_parquet(path)
    table.with_columns(length_m=pl.col("length_m") * 1.5).write_parquet(path)
    assert {"files.hash", "trench.length", "bill.quantities"} <= failing(folder)


def test_a_changed_quantity_is_found(written: Path, tmp_path: Path) -> None:
    folder = broken(written, tmp_path)
    path = folder / "quantities.csv"
    lines = path.read_text().splitlines()
    place = next(at for at, line in enumerate(lines) if "chamber.24" in line)
    cells = lines[place].split(",")
    lines[place] = ",".join(
        "1" + cell if cell.replace(".", "").isdigit() else cell for cell in cells
    )
    path.write_text("\n".join(lines) + "\n")
    assert {"files.hash", "bill.quantities", "bill.totals"} <= failing(folder)


def test_a_changed_figure_is_found(written: Path, tmp_path: Path) -> None:
    folder = broken(written, tmp_path)
    path = folder / "figures.jsonl"
    lines = path.read_text().splitlines()
    for place, line in enumerate(lines):
        entry = json.loads(line)
        if entry.get("figure", {}).get("id") == "trench.tree_cents":
            entry["figure"]["value"] += 100
            lines[place] = json.dumps(entry)
    path.write_text("\n".join(lines) + "\n")
    assert {"files.hash", "figures.follow"} <= failing(folder)


def test_a_missing_file_is_found(written: Path, tmp_path: Path) -> None:
    folder = broken(written, tmp_path)
    (folder / "map.svg").unlink()
    rules = [each for each in recheck(read_design(folder)) if not each.ok]
    assert [each.rule for each in rules] == ["files.hash"]
    assert rules[0].examples[0].id == "map.svg"


def test_priced_as_it_was_it_costs_what_it_did(written: Path) -> None:
    again = recost(read_design(written))
    first = village()
    assert first.bills is not None
    assert first.wireless_bills is not None
    assert again.costs[Technology.FIBRE].bills.mid.total == first.bills.mid.total
    assert again.costs[Technology.WIRELESS].bills.high.total == first.wireless_bills.high.total
    assert again.grants[Level.MID].amount == first.grants[Level.MID].amount


def test_a_price_of_one_s_own_changes_its_line_alone(written: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "id: own\ntitle: own\nunit: EUR\nversions:\n  - valid_from: 2020-01-01\n"
        '    article: "none"\n    source: offer\n    verified: false\n    value:\n'
        "      chapter: nodes\n      items:\n"
        "        pop.site: {en: POP, it: POP, unit: piece, eur: [1, 1, 1], source: offer}\n"
    )
    stored = read_design(written)
    first, again = recost(stored), recost(stored, Terms(prices=(own,), level=Level.HIGH))
    old = {line.item.code: line for line in first.costs[Technology.FIBRE].bills.high.lines}
    new = {line.item.code: line for line in again.costs[Technology.FIBRE].bills.high.lines}
    assert again.level is Level.HIGH
    assert new["pop.site"].amount.cents == 100
    changed = {code for code in new if new[code].amount != old[code].amount}
    assert changed == {"pop.site", "rate.design", "rate.contingency"}


def test_another_rule_gives_another_grant(written: Path) -> None:
    stored = read_design(written)
    one = recost(stored).grants[Level.MID]
    other = recost(stored, Terms(grant_rule="fnc", on=date(2026, 1, 1))).grants[Level.MID]
    assert (one.rule, other.rule) == ("italia-1-giga", "fnc")


def test_designs_stand_side_by_side_with_programmes(written: Path) -> None:
    stored = read_designs([written, written])
    rows = side_by_side(stored)
    assert [row.technology for row in rows] == ["fibre", "wireless"] * 2
    assert rows[0].each(Level.MID).cents == round(rows[0].network[Level.MID] / 40)
    assert rows[0].synthetic
    beside = against_programmes(stored[0], Level.MID)
    assert [each.public_each for each in beside] == [
        each.public_each for each in village().comparisons
    ]
    with pytest.raises(Problem, match="nothing to compare"):
        read_designs([])


def test_the_same_request_writes_the_same_bytes(written: Path, tmp_path: Path) -> None:
    again = design_to(REQUEST, tmp_path / "again", materials=borgo())
    names = [path for path in sorted(written.rglob("*")) if path.is_file()]
    differing = [
        path.name
        for path in names
        if sha256_of(path) != sha256_of(again.folder / path.relative_to(written))
    ]
    assert differing == []
    assert set(again.files) == {path.relative_to(written).as_posix() for path in names}


def test_every_main_figure_names_its_inputs_or_operands(written: Path) -> None:
    ledger = read_ledger(written / "figures.jsonl")
    assert ledger.check() == []
    gap = ledger["trench.gap"]
    assert gap.expression == "(tree - bound) / bound"
    text = ledger.explain("fibre.per_address_mid")
    assert "design.unit-costs" in text
    assert "quantity" in text
    assert all(
        figure.synthetic
        for figure in ledger
        if figure.id.startswith(
            ("demand.", "trench.", "fibre.network", "grant.", "wireless.served")
        )
    )


def test_a_folder_of_somebody_else_stays(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(Problem, match="not a design"):
        refuse_foreign(tmp_path)
    (tmp_path / META).write_text("{}")
    refuse_foreign(tmp_path)


def test_what_is_no_design_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no design"):
        read_design(tmp_path)
