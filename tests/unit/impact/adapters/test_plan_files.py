"""Plans from three formats, and every slip told with file, row and column."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from nexpo.core.problem import Problem
from nexpo.core.settings import regions_directory
from nexpo.impact.adapters.plan_files import read_plan
from nexpo.impact.model import Mix, Phase, Plan, PriceBasis

HEADER = "project,year,phase,sector,amount,currency,basis,price_year,import_share,province"
ROW = "hall,2026,construction,F,1250000.50,EUR,purchaser,2024,,015"
LIBRARY = (Mix("hall", "A", (("F", 1.0),)), Mix("other", "A", (("F", 1.0),)))
YAML = """
id: hall
title: A hall
region: "03"
currency: EUR
basis: purchaser
price_year: 2024
project: hall
assumptions: [made up]
mixes:
  hall:
    A: {shares: {F: 1.0}, source: book, assumption: false}
    B: {default: true, shares: {F: 0.25, C28: 0.75}}
lines:
  - {year: 2026, phase: construction, sector: hall, amount: 1250000.50, province: "015"}
  - {year: 2027, phase: operation, sector: F, amount: "10", local_share: 0.5}
"""


def csv(tmp_path: Path, *rows: str, header: str = HEADER) -> Path:
    path = tmp_path / "plan.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def yaml(tmp_path: Path, text: str = YAML) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def book(tmp_path: Path) -> Path:
    path, made = tmp_path / "plan.xlsx", openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(HEADER.split(","))
    sheet.append(["hall", 2026, "construction", "hall", 1250000.5, "EUR", "purchaser", 2024,
                  None, "015"])  # fmt: skip
    mixes = made.create_sheet("mixes")
    mixes.append(["product", "name", "sector", "share", "default"])
    mixes.append(["hall", "B", "F", 0.25, "yes"])
    mixes.append(["hall", "B", "C28", 0.75, None])
    made.create_sheet("about").append(["title", "A hall"])
    made.save(path)
    return path


def test_yaml_with_mixes_and_what_is_said_once(tmp_path: Path) -> None:
    plan = read_plan(yaml(tmp_path))
    first, second = plan.lines
    assert (plan.id, plan.title, plan.region, plan.currency) == ("hall", "A hall", "03", "EUR")
    assert plan.assumptions == ("made up",)
    assert (first.amount_cents, first.province, first.row) == (125_000_050, "015", 1)
    assert (first.basis, first.phase) == (PriceBasis.PURCHASER, Phase.CONSTRUCTION)
    assert (second.amount_cents, second.local_share, second.import_share) == (1000, 0.5, None)
    assert [(mix.name, mix.default, mix.assumption) for mix in plan.mixes] == [
        ("A", False, False),
        ("B", True, True),
    ]


def test_csv_takes_the_library_s_mixes_that_it_names(tmp_path: Path) -> None:
    plan = read_plan(csv(tmp_path, ROW, ROW.replace(",F,", ",hall,")), LIBRARY)
    assert [mix.product for mix in plan.mixes] == ["hall"]
    assert plan.lines[0].amount_cents == 125_000_050


def test_csv_with_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    text = ROW.replace(",", ";").replace("1250000.50", "1.250.000,50")
    plan = read_plan(csv(tmp_path, text, header=HEADER.replace(",", ";")), decimal=",")
    assert plan.lines[0].amount_cents == 125_000_050


def test_workbook(tmp_path: Path) -> None:
    plan = read_plan(book(tmp_path))
    assert (plan.title, plan.lines[0].amount_cents) == ("A hall", 125_000_050)
    assert plan.mixes[0].shares == (("F", 0.25), ("C28", 0.75))
    assert plan.lines[0].province == "015"


@pytest.mark.parametrize(
    ("change", "column", "told"),
    [
        (("1250000.50", "-5"), "amount", "not below zero"),
        (("1250000.50", "12.345"), "amount", "two decimals"),
        (("1250000.50", "lots"), "amount", "not an amount"),
        (("EUR", "USD"), "currency", "in euros"),
        (("2026", "26"), "year", "not a year"),
        (("construction", "planning"), "phase", "unknown phase"),
        (("purchaser", "list"), "basis", "unknown basis"),
        (("2024,,", "2024,1.2,"), "import_share", "from 0 to 1"),
        (("2024,,", "2024,25%,"), "import_share", "from 0 to 1"),
        ((",F,", ",,"), "sector", "empty"),
    ],
)
def test_a_bad_cell_is_told_with_row_and_column(
    tmp_path: Path, change: tuple[str, str], column: str, told: str
) -> None:
    with pytest.raises(Problem, match=told) as caught:
        read_plan(csv(tmp_path, ROW, ROW.replace(*change)))
    where = caught.value.where
    assert (where.file, where.row, where.column) == ("plan.csv", 2, column)
    assert caught.value.remedy


def test_two_price_bases_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="mixes price bases: row 1 is at purchaser") as caught:
        read_plan(csv(tmp_path, ROW, ROW.replace("purchaser", "basic")))
    assert caught.value.where.row == 2


def test_a_plan_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no lines"):
        read_plan(csv(tmp_path))
    with pytest.raises(Problem, match="spends nothing"):
        read_plan(csv(tmp_path, ROW.replace("1250000.50", "0")))
    with pytest.raises(Problem, match="no lines"):
        read_plan(yaml(tmp_path, "id: x\n"))
    with pytest.raises(Problem, match="no such plan"):
        read_plan(tmp_path / "absent.yaml")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("C28: 0.75", "C28: 0.7"), "do not sum to 1 but to 0.95"),
        (("C28: 0.75", "C28: -0.75"), "from 0 to 1"),
        (("{F: 1.0}, source", "{F: 1.0}, default: true, source"), "one default mix"),
        (("project: hall", "projekt: hall"), "unknown key"),
        (('province: "015"', "province: 015"), "a code is text"),
        (("amount: 1250000.50", "amount: 1250000.50, currency: USD"), "another here"),
        (("amount: 1250000.50", "amount: true"), "not an amount"),
        (("assumptions: [made up]", "assumptions: {a: 1}"), "list of texts"),
        (("lines:\n", "lines:\n  - text\n"), "mapping of columns"),
        (("id: hall\n", "id: hall\nid: hall\n"), "twice"),
        (("    A: {shares: {F: 1.0},", "    A: {shares: [F],"), "mapping of keys"),
    ],
)
def test_slips_in_yaml(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    assert change[0] in YAML
    with pytest.raises(Problem, match=told) as caught:
        read_plan(yaml(tmp_path, YAML.replace(*change)))
    assert "plan.yaml" in str(caught.value.where.file)
    assert caught.value.kind.exit_code == 65


def test_slips_in_headers_and_files(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no such column") as caught:
        read_plan(csv(tmp_path, ROW, header=HEADER.replace("project", "projekt")))
    assert caught.value.value == "projekt"
    with pytest.raises(Problem, match="column year is missing"):
        read_plan(csv(tmp_path, ROW, header=HEADER.replace(",year,", ",source,")))
    with pytest.raises(Problem, match="has not 10 cells"):
        read_plan(csv(tmp_path, ROW + ",more"))
    other = tmp_path / "plan.txt"
    other.write_text("x", encoding="utf-8")
    with pytest.raises(Problem, match="YAML, CSV or XLSX"):
        read_plan(other)
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"not a zip")
    with pytest.raises(Problem, match="cannot be read"):
        read_plan(broken)
    latin = tmp_path / "latin.csv"
    latin.write_bytes((HEADER + "\n" + ROW.replace("hall", "citt\xe0")).encode("latin-1"))
    with pytest.raises(Problem, match="not UTF-8"):
        read_plan(latin)


def shipped() -> list[Path]:
    return sorted((regions_directory() / "lombardia" / "plans").glob("*.yaml"))


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_the_plans_that_ship_say_what_they_assume(path: Path) -> None:
    plan: Plan = read_plan(path)
    assert plan.region == "03"
    assert plan.assumptions
    assert plan.sources
    assert all(line.assumption or line.source for line in plan.lines)


def test_three_plans_ship() -> None:
    assert [path.stem for path in shipped()] == [
        "data-centre-campus", "fibre-programme", "training-scheme",
    ]  # fmt: skip


def test_an_empty_file_is_said_to_be_empty(tmp_path: Path) -> None:
    for name in ("plan.csv", "plan.yaml"):
        (tmp_path / name).write_text("", encoding="utf-8")
        with pytest.raises(Problem, match="the file is empty"):
            read_plan(tmp_path / name)


def test_utf_16_is_known_and_another_encoding_may_be_named(tmp_path: Path) -> None:
    path = csv(tmp_path, ROW.replace("hall", "citt\u00e0"))
    text = path.read_text(encoding="utf-8")
    path.write_bytes(text.encode("utf-16"))
    assert read_plan(path).lines[0].project == "citt\u00e0"
    path.write_bytes(text.encode("cp1252"))
    assert read_plan(path, encoding="cp1252").lines[0].project == "citt\u00e0"
    with pytest.raises(Problem, match="is not UTF-8 text") as caught:
        read_plan(path)
    assert "--encoding cp1252" in str(caught.value.remedy)


def test_nothing_is_local_of_what_is_all_imported(tmp_path: Path) -> None:
    path = csv(tmp_path, ROW.replace(",,015", ",1,015") + ",0.5", header=HEADER + ",local_share")
    with pytest.raises(Problem, match="all of the line is imported"):
        read_plan(path)
