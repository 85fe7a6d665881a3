"""A bill of materials as XLSX and CSV: a price table that a person can read and check.

Amounts are written as values with two decimals, never as formulas, so that they read the same
in every program; what was written is read back and added up before the file takes its place.
The XLSX holds no time of writing: the same bill gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font

from nexpo.connectivity.design.money.bill import Bill, BillRange, Line
from nexpo.connectivity.design.money.model import LEVELS, Chapter, Level
from nexpo.core.files import atomic_path
from nexpo.core.money import Money
from nexpo.core.problem import Kind, Problem, Where

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

Cell = str | Decimal | None

COLUMNS: tuple[str, ...] = (
    "code",
    "descrizione",
    "description",
    "unit",
    "quantity",
    "unit_price_eur",
    "amount_eur",
    "unit_price_low_eur",
    "unit_price_high_eur",
    "assumed",
    "source",
)
"""Columns of the CSV; the XLSX has the same in both languages."""

_HEADS = (
    "Voce / Item",
    "Descrizione",
    "Description",
    "u.m. / unit",
    "Quantità / Quantity",
    "Prezzo unitario / Unit price (EUR)",
    "Importo / Amount (EUR)",
    "Prezzo min. / Low price (EUR)",
    "Prezzo max. / High price (EUR)",
    "Ipotesi / Assumed",
    "Fonte / Source",
)
_AMOUNT = COLUMNS.index("amount_eur")
_WIDTHS = (22, 44, 44, 10, 14, 14, 18, 14, 14, 10, 60)
_QUANTITY_FORMAT, _MONEY_FORMAT = "#,##0.000", "#,##0.00"
_FORMATS = {4: _QUANTITY_FORMAT, 5: _MONEY_FORMAT, 6: _MONEY_FORMAT, 7: _MONEY_FORMAT}
_FORMATS |= {8: _MONEY_FORMAT}
_BILL, _SUMMARY = "Computo - Bill", "Riepilogo - Summary"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_BOLD, _WRAP = Font(bold=True), Alignment(wrap_text=True, vertical="top")
_ACTS = ("=", "+", "-", "@", "\t", "\r")


def write_bill_csv(costed: Bill, target: Path) -> Path:
    """Write the lines of a bill as CSV: UTF-8, comma, decimal point, one row a line.

    The last row is the total. A text that a spreadsheet would run as a formula gets an
    apostrophe before it.

    Raises
    ------
    Problem
        ``CANNOT_WRITE`` when the place cannot be written.
    """
    with atomic_path(target) as path:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows([_plain(cell) for cell in _row(line)] for line in costed.lines)
            writer.writerow([_plain(cell) for cell in _total_row("total", costed.total)])
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))[1:]
        _check((Decimal(row[_AMOUNT]) for row in rows[:-1]), costed.total, target)
        _check((Decimal(row[_AMOUNT]) for row in rows[-1:]), costed.total, target)
    return target


def write_bill_xlsx(
    bills: BillRange, target: Path, *, title: str = "", notes: Sequence[str] = ()
) -> Path:
    """Write a bill as XLSX: a sheet of lines at middle prices, a summary at all three.

    Parameters
    ----------
    bills
        The bill at low, middle and high prices.
    target
        Where the file is wanted; written whole or not at all.
    title
        Of the design: the area and its date.
    notes
        What a reader must know: what is synthetic, what was not designed.

    Raises
    ------
    Problem
        ``CANNOT_WRITE`` when the place cannot be written; ``INTERNAL`` when what was written
        does not add up to the bill.
    """
    book = Workbook()
    _fill_lines(book.active, bills.mid, title)
    _fill_summary(book.create_sheet(_SUMMARY), bills, title, notes)
    with atomic_path(target) as path:
        path.write_bytes(_timeless(book))
        _read_back(path, bills, target)
    return target


def _fill_lines(sheet: Worksheet, costed: Bill, title: str) -> None:
    sheet.title = _BILL
    sheet.freeze_panes = "C3"
    _append(sheet, [title or "Computo metrico estimativo / Bill of materials"], bold=True)
    _append(sheet, _HEADS, bold=True)
    for chapter, amount in costed.subtotals.items():
        _append(sheet, [None, chapter.italian, chapter.english], bold=True)
        for line in costed.lines:
            if line.item.chapter is chapter:
                _append(sheet, _row(line))
        names = (f"Totale {chapter.italian}", f"Subtotal {chapter.english}")
        _append(sheet, _total_row(None, amount, names), bold=True)
    names = ("TOTALE, IVA esclusa", "TOTAL, VAT excluded")
    _append(sheet, _total_row(None, costed.total, names), bold=True)
    for column, width in enumerate(_WIDTHS):
        sheet.column_dimensions[chr(ord("A") + column)].width = width


def _fill_summary(sheet: Worksheet, bills: BillRange, title: str, notes: Sequence[str]) -> None:
    _append(sheet, [title or "Riepilogo / Summary"], bold=True)
    heads = ["Capitolo", "Chapter", *(f"{level.value} (EUR)" for level in LEVELS)]
    _append(sheet, heads, bold=True)
    for chapter in Chapter:
        amounts = [bills.at(level).of(chapter) for level in LEVELS]
        if any(amount.cents for amount in amounts):
            _append(sheet, [chapter.italian, chapter.english, *map(_euros, amounts)])
    totals = [_euros(bills.at(level).total) for level in LEVELS]
    _append(sheet, ["TOTALE, IVA esclusa", "TOTAL, VAT excluded", *totals], bold=True)
    for note in (_RANGE_NOTE, _SUM_NOTE, *notes):
        _append(sheet, [note])
    for column in "AB":
        sheet.column_dimensions[column].width = 36
    for column in "CDE":
        sheet.column_dimensions[column].width = 18
        for cell in sheet[column]:
            cell.number_format = _MONEY_FORMAT


_RANGE_NOTE = (
    "low, mid, high: all prices at once at that end of their range; an envelope, not a confidence "
    "interval / tutti i prezzi allo stesso estremo: un inviluppo"
)
_SUM_NOTE = (
    "Checked: the total is the sum of the lines, each quantity x unit price rounded to the cent "
    "(half to even) / Verificato: il totale è la somma delle voci"
)


def _append(sheet: Worksheet, cells: Sequence[Cell], *, bold: bool = False) -> None:
    """Add a row that holds at least one value."""
    sheet.append(list(cells))
    for column, cell in enumerate(sheet[sheet.max_row]):
        if isinstance(cell.value, str):
            cell.data_type = "s"  # a text that begins with = stays a text
            cell.alignment = _WRAP
        elif column in _FORMATS:
            cell.number_format = _FORMATS[column]
        if bold:
            cell.font = _BOLD


def _row(line: Line) -> list[Cell]:
    item = line.item
    return [
        item.code,
        item.italian,
        item.english,
        item.unit,
        line.quantity,
        _euros(line.unit_price),
        _euros(line.amount),
        _euros(item.price(Level.LOW)),
        _euros(item.price(Level.HIGH)),
        "sì / yes" if item.assumed else "",
        item.source,
    ]


def _total_row(
    code: str | None, amount: Money, names: tuple[str, str] = ("Totale", "Total")
) -> list[Cell]:
    return [code, *names, "EUR", None, None, _euros(amount), None, None, None, None]


def _euros(amount: Money) -> Decimal:
    return Decimal(amount.cents).scaleb(-2)


def _plain(cell: Cell) -> str:
    if isinstance(cell, str) and cell.startswith(_ACTS):
        return f"'{cell}"
    return "" if cell is None else str(cell)


def _timeless(book: Workbook) -> bytes:
    """Return the file without the time of writing in it."""
    written, kept = io.BytesIO(), io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(kept, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"1980-01-01T00:00:00Z", content)
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return kept.getvalue()


def _read_back(path: Path, bills: BillRange, target: Path) -> None:
    """Add up what was written: lines against the total, the summary against each level."""
    with path.open("rb") as stream:
        book = load_workbook(stream, read_only=True)
        rows = list(book[_BILL].iter_rows(min_row=3, values_only=True))
        summary = list(book[_SUMMARY].iter_rows(min_row=3, values_only=True))
        book.close()
    _check((_cents(row[_AMOUNT]) for row in rows if row[0]), bills.mid.total, target)
    _check((_cents(row[_AMOUNT]) for row in rows[-1:]), bills.mid.total, target)
    sums = [row for row in summary if len(row) > len(LEVELS) and row[2] is not None]
    for column, level in enumerate(LEVELS, start=2):
        _check((_cents(row[column]) for row in sums[:-1]), bills.at(level).total, target)
        _check((_cents(row[column]) for row in sums[-1:]), bills.at(level).total, target)


def _cents(value: object) -> Decimal:
    """Return a number as the spreadsheet shows it, two decimals."""
    return round(Decimal(str(value)), 2)


def _check(amounts: Iterator[Decimal], due: Money, target: Path) -> None:
    found = sum(amounts, Decimal(0))
    if found != _euros(due):
        raise Problem(
            Kind.INTERNAL,
            f"the bill as written adds up to EUR {found:,.2f}, where {due} is due",
            where=Where(str(target)),
            remedy="report this case: the file was not put in place",
        )
