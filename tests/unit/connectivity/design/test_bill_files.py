"""What a person opens: the bill as CSV and XLSX adds up, is safe to open, and is the same twice."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from openpyxl import load_workbook

from nexpo.connectivity.design.adapters import bill_files
from nexpo.connectivity.design.adapters.bill_files import write_bill_csv, write_bill_xlsx
from nexpo.connectivity.design.adapters.unit_cost_files import load_unit_costs
from nexpo.connectivity.design.money import (
    BillRange,
    Chapter,
    Range,
    UnitCost,
    UnitCosts,
    bill_range,
)
from nexpo.core.money import Money
from nexpo.core.problem import Problem

DESIGN: dict[str, float | Decimal] = {
    "trench.asphalt": 1234.567,
    "cable.24": Decimal("2000.1"),
    "ont": 33,
    "fwa.sector": 2,
}


@pytest.fixture(scope="module")
def bills() -> BillRange:
    return bill_range(DESIGN, load_unit_costs(date(2026, 1, 1)))


def rows_of(path: Path, sheet: str) -> list[tuple[object, ...]]:
    with path.open("rb") as stream:
        return list(load_workbook(stream)[sheet].iter_rows(values_only=True))


def test_the_csv_holds_each_line_and_the_total(bills: BillRange, tmp_path: Path) -> None:
    path = write_bill_csv(bills.mid, tmp_path / "deep" / "bill.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    asphalt = rows[0]
    assert asphalt["code"] == "trench.asphalt"
    assert asphalt["quantity"] == "1234.567"
    assert (asphalt["unit_price_eur"], asphalt["amount_eur"]) == ("45.00", "55555.52")
    assert (asphalt["unit_price_low_eur"], asphalt["unit_price_high_eur"]) == ("23.00", "75.00")
    *lines, last = rows
    assert sum(Decimal(row["amount_eur"]) for row in lines) == Decimal(last["amount_eur"])
    assert f"EUR {Decimal(last['amount_eur']):,}" == str(bills.mid.total)
    for row in lines:
        due = Decimal(row["quantity"]) * Decimal(row["unit_price_eur"])
        assert abs(due - Decimal(row["amount_eur"])) <= Decimal("0.005")


def test_the_sheet_reads_as_a_price_table(bills: BillRange, tmp_path: Path) -> None:
    path = write_bill_xlsx(bills, tmp_path / "bill.xlsx", title="Lecco, preliminary")
    rows = rows_of(path, "Computo - Bill")
    assert rows[0][0] == "Lecco, preliminary"
    assert rows[1][6] == "Importo / Amount (EUR)"
    names = [row[2] for row in rows]
    assert names.index("Civil works") < names.index("Subtotal Civil works") < names.index("Cables")
    assert rows[-1][2] == "TOTAL, VAT excluded"
    lines = [row for row in rows[2:] if row[0]]
    assert [row[0] for row in lines] == [line.item.code for line in bills.mid.lines]
    found = sum(Decimal(str(row[6])) for row in lines)
    assert found == Decimal(str(rows[-1][6])) == Decimal(bills.mid.total.cents) / 100
    assert all(row[10] for row in lines)


def test_the_summary_has_all_three_levels(bills: BillRange, tmp_path: Path) -> None:
    path = write_bill_xlsx(bills, tmp_path / "bill.xlsx", notes=["streets are synthetic"])
    rows = rows_of(path, "Riepilogo - Summary")
    total = next(row for row in rows if row[1] == "TOTAL, VAT excluded")
    due = [Decimal(each.total.cents) / 100 for each in (bills.low, bills.mid, bills.high)]
    assert [Decimal(str(value)) for value in total[2:5]] == due
    assert rows[-1][0] == "streets are synthetic"


def test_the_same_bill_gives_the_same_bytes(bills: BillRange, tmp_path: Path) -> None:
    one = write_bill_xlsx(bills, tmp_path / "one.xlsx")
    two = write_bill_xlsx(bills, tmp_path / "two.xlsx")
    assert one.read_bytes() == two.read_bytes()


def test_a_text_is_never_run_as_a_formula(tmp_path: Path) -> None:
    item = UnitCost("=1+1", Chapter.NODES, "=cmd", "@x", "m", Range.same(Fraction(1)), "-s")
    bills = bill_range({"=1+1": 1}, UnitCosts({"=1+1": item}))
    path = write_bill_xlsx(bills, tmp_path / "bill.xlsx", title="=SUM(A1)")
    with path.open("rb") as stream:
        sheet = load_workbook(stream)["Computo - Bill"]
        kinds = {cell.data_type for row in sheet for cell in row if cell.value is not None}
    assert kinds == {"s", "n"}
    text = write_bill_csv(bills.mid, tmp_path / "bill.csv").read_text(encoding="utf-8")
    assert text.splitlines()[1].startswith("'=1+1,'@x,'=cmd,m,1.000,0.01,0.01")


def test_an_empty_bill_is_a_bill_of_nothing(tmp_path: Path) -> None:
    empty = bill_range({}, UnitCosts({}))
    write_bill_xlsx(empty, tmp_path / "bill.xlsx")
    text = write_bill_csv(empty.mid, tmp_path / "bill.csv").read_text(encoding="utf-8")
    assert text.splitlines()[-1] == "total,Totale,Total,EUR,,,0.00,,,,"


def test_a_file_that_does_not_add_up_never_takes_its_place(
    bills: BillRange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = bill_files._euros

    def wrong(amount: Money) -> Decimal:
        shown = kept(amount)
        return shown + 1 if amount == bills.mid.lines[0].amount else shown

    monkeypatch.setattr(bill_files, "_euros", wrong)
    with pytest.raises(Problem, match="adds up to"):
        write_bill_xlsx(bills, tmp_path / "bill.xlsx")
    with pytest.raises(Problem, match="adds up to"):
        write_bill_csv(bills.mid, tmp_path / "bill.csv")
    assert list(tmp_path.iterdir()) == []
