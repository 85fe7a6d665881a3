"""Investment plans from YAML, CSV and XLSX.

Lines have the columns ``project, year, phase, sector, amount, currency, basis, price_year,
import_share, local_share, province, source, assumption``; what a YAML plan says once at its
head (``currency``, ``basis``, ``price_year``, ``project``) need not stand on each line. ``sector``
is a code of the table, or a product with a spending mix: of the plan, or of the library. A
workbook has the lines on its first sheet, and may have sheets ``mixes`` and ``about``.

A plan has one currency and one price basis. Whatever is wrong is told with file, row and column.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from nexpo.core.money import Money
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.impact.adapters.mix_files import number_of
from nexpo.impact.adapters.plan_rows import COLUMNS, NEEDED, YES, Row, rows_of
from nexpo.impact.model import Mix, Phase, Plan, PlanLine, PriceBasis

_CURRENCY = "EUR"
_YEARS = (1900, 2200)
_NO = ("no", "false", "0", "")


def read_plan(
    path: Path, library: Sequence[Mix] = (), *, decimal: str = ".", encoding: str = "utf-8"
) -> Plan:
    """Read a plan; the ending of the name says in which format.

    Parameters
    ----------
    library
        Spending mixes that lines may name beside those of the plan itself.
    decimal
        Decimal mark of amounts and shares in a CSV file, ``.`` or ``,``.
    encoding
        Of a CSV file; UTF-16 is known by its first bytes.

    Raises
    ------
    Problem
        Naming file, row and column: no such file, no lines, an amount below zero or with a
        fraction of a cent, a share outside 0 to 1, shares that do not sum to 1, two currencies
        or price bases, an unknown column.
    """
    if not path.is_file():
        raise Problem(
            Kind.NO_INPUT,
            "the plan is a folder, not a file" if path.is_dir() else "no such plan",
            where=Where(str(path)),
            remedy="name a .yaml, .csv or .xlsx file",
        )
    head, rows, mixes = rows_of(path, encoding)
    lines = tuple(_Cells(path, number, row, decimal).line() for number, row in rows)
    _check(path, lines)
    named = {line.sector for line in lines}
    own = {mix.product for mix in mixes}
    return Plan(
        id=str(head.get("id") or path.stem),
        title=str(head.get("title") or path.stem),
        currency=_CURRENCY,
        lines=lines,
        region=str(head.get("region") or ""),
        assumptions=_texts(head, "assumptions", path),
        sources=_texts(head, "sources", path),
        mixes=(
            *mixes,
            *(mix for mix in library if mix.product in named and mix.product not in own),
        ),
        file=path.name,
    )


class _Cells:
    """The cells of one line, read with its place at hand."""

    def __init__(self, path: Path, number: int, row: Row, decimal: str) -> None:
        self.path, self.number, self.row, self.decimal = path, number, row, decimal

    def line(self) -> PlanLine:
        """Return the line, checked."""
        unknown = sorted({str(name) for name in self.row} - set(COLUMNS))
        if unknown:
            raise self.wrong(unknown[0], "no such column", None, f"columns: {', '.join(COLUMNS)}")
        for name in NEEDED:
            if self._blank(name):
                raise self.wrong(name, "the cell is empty", None, f"state {name} on each line")
        currency = str(self.row["currency"]).strip().upper()
        if currency != _CURRENCY:
            raise self.wrong(
                "currency",
                "amounts of a plan are in euros",
                currency,
                "convert the amounts at a stated rate, and write EUR",
            )
        shares = self._share("import_share"), self._share("local_share")
        if shares[0] == 1 and shares[1]:
            raise self.wrong(
                "local_share",
                "all of the line is imported, so nothing is left to be bought in the region",
                shares[1],
                "local_share is of what is not imported: leave it out, or lower import_share",
            )
        return PlanLine(
            project=self._text("project"),
            year=self._year("year"),
            phase=Phase(self._one_of("phase", [each.value for each in Phase])),
            sector=self._code("sector"),
            amount_cents=self._cents(),
            basis=PriceBasis(self._one_of("basis", [each.value for each in PriceBasis])),
            price_year=self._year("price_year"),
            import_share=shares[0],
            local_share=shares[1],
            province=self._code("province"),
            source=self._text("source"),
            assumption=self._yes("assumption"),
            row=self.number,
        )

    def wrong(self, column: str, detail: str, value: object, remedy: str) -> Problem:
        return bad_input(
            detail, where=Where(self.path.name, self.number, column), value=value, remedy=remedy
        )

    def _blank(self, name: str) -> bool:
        return self.row.get(name) is None or not str(self.row[name]).strip()

    def _text(self, name: str) -> str:
        return "" if self._blank(name) else str(self.row[name]).strip()

    def _code(self, name: str) -> str:
        value = self.row.get(name)
        if isinstance(value, int | float):
            raise self.wrong(
                name, "a code is text", value, "write it in quotes, leading zeros kept"
            )
        return self._text(name)

    def _one_of(self, name: str, allowed: Sequence[str]) -> str:
        text = self._text(name).lower()
        if text not in allowed:
            raise self.wrong(name, f"unknown {name}", text, f"one of {', '.join(allowed)}")
        return text

    def _year(self, name: str) -> int:
        text = self._text(name).removesuffix(".0")
        if not text.isdecimal() or not _YEARS[0] <= int(text) <= _YEARS[1]:
            raise self.wrong(name, "not a year", self.row[name], "write four digits, as 2026")
        return int(text)

    def _cents(self) -> int:
        value = self.row["amount"]
        text, decimal = str(value).strip(), self.decimal
        if isinstance(value, int | float) and not isinstance(value, bool):
            text, decimal = format(Decimal(text).normalize(), "f"), "."
        try:
            cents = Money.parse(text, decimal=decimal).cents
        except Problem as problem:
            remedy = problem.remedy or "write euros with at most two decimals, as 1250000.50"
            raise self.wrong("amount", problem.detail, text, remedy) from None
        if cents < 0:
            raise self.wrong(
                "amount",
                "an amount of a plan is not below zero",
                text,
                "a plan states what is spent; leave savings and revenues out",
            )
        return cents

    def _share(self, name: str) -> float | None:
        if self._blank(name):
            return None
        text = self._text(name)
        share = number_of(text.replace(",", ".") if self.decimal == "," else text)
        if share is None or not 0 <= share <= 1:
            raise self.wrong(
                name, "a share is a number from 0 to 1", text, "write 0.25 for a quarter"
            )
        return share

    def _yes(self, name: str) -> bool:
        text = self._text(name).lower()
        if text not in {*YES, *_NO}:
            raise self.wrong(name, "yes or no is expected", text, "write yes or no")
        return text in YES


def _check(path: Path, lines: Sequence[PlanLine]) -> None:
    if not lines:
        raise bad_input(
            "the plan has no lines",
            where=Where(path.name),
            remedy="give at least one line with year, phase, sector and amount",
        )
    if not any(line.amount_cents for line in lines):
        raise bad_input(
            "the plan spends nothing",
            where=Where(path.name, column="amount"),
            value="0",
            remedy="give at least one amount above zero",
        )
    first = lines[0]
    for line in lines:
        if line.basis is not first.basis:
            raise bad_input(
                f"the plan mixes price bases: row {first.row} is at {first.basis.value} prices, "
                f"row {line.row} at {line.basis.value} prices",
                where=Where(path.name, line.row, "basis"),
                value=line.basis.value,
                remedy="state all amounts at one basis, or split the plan in two",
            )


def _texts(head: Row, name: str, path: Path) -> tuple[str, ...]:
    value = head.get(name) or ()
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list | tuple):
        raise bad_input(
            "a list of texts is expected", where=Where(path.name, column=name), value=value
        )
    return tuple(str(each) for each in value)
