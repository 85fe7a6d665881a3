"""The form of a yearly report: every field of Delegated Regulation (EU) 2024/1364.

A form has one row a facility and year, or one row a field (columns ``field`` and ``value``) for
a single report. Columns have names of our own; the symbols of the regulation are understood too,
but for TIN, which stands there for two fields.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from nexpo.core.problem import Where, bad_input
from nexpo.core.tables import Table, load
from nexpo.datacentres.adapters.cells import Value, Wrong, pairs_of
from nexpo.datacentres.adapters.forms import Cells, Filled, fill, write_template
from nexpo.datacentres.adapters.rows import Form, Row, read_form
from nexpo.datacentres.model import Basis, Cell, Report

_PACKAGE = "nexpo.datacentres"
_TALL = {"field", "value"}
_OWN = frozenset({"facility_id", "year", "basis", "estimated", "omitted_because"})
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the regulation, as the data dictionary has it.

    ``checked`` says whether the primary text was read; ``certainty`` how sure the entry is.
    """

    column: str
    symbol: str
    unit: str
    annex: str
    rule: str
    act: str
    certainty: str
    checked: bool
    meaning: str


@cache
def dictionary() -> tuple[Field, ...]:
    """Return all fields in the order of the form.

    Examples
    --------
    >>> {field.symbol: field.column for field in dictionary()}["EDC"]
    'total_energy_kwh'
    """
    text = files(_PACKAGE).joinpath("dictionary", "reports.csv").read_text(encoding="utf-8")
    names = ("column", "symbol", "unit", "annex", "rule", "act", "certainty")
    return tuple(
        Field(
            **{name: row[name] for name in names},
            checked=row["checked"] == "yes",
            meaning=row["meaning"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def report_table() -> Table:
    """Return the declared form of reports.

    Examples
    --------
    >>> report_table().required
    ('facility_id', 'year')
    """
    return load(_PACKAGE, "reports")


def write_report_template(path: Path) -> Path:
    """Write the empty form of reports (CSV or XLSX)."""
    return write_template(path, report_table())


def read_reports(
    path: Path,
    *,
    decimal: str = ".",
    facility_id: str | None = None,
    year: int | None = None,
) -> Filled[Report]:
    """Read a filled form of reports (CSV, XLSX, JSON); bad rows are told, the others go on.

    Parameters
    ----------
    facility_id, year
        What a row means that does not say.

    Raises
    ------
    Problem
        When the file as a whole cannot be used.
    """
    given = {"facility_id": facility_id, "year": None if year is None else str(year)}
    form = _completed(_named(_wide(read_form(path))), given)
    return fill(
        form,
        report_table(),
        _report,
        decimal=decimal,
        unique=lambda report: (report.facility_id, report.year, report.basis),
    )


def _completed(form: Form, given: Mapping[str, str | None]) -> Form:
    told = {name: text for name, text in given.items() if text is not None}
    rows = tuple(replace(row, cells={**told, **row.cells}) for row in form.rows)
    return Form(form.path, tuple(dict.fromkeys((*form.headers, *told))), rows)


def _wide(form: Form) -> Form:
    """Turn a form with one row a field into one with one row a report."""
    lower = {name.casefold(): name for name in form.headers}
    if not lower.keys() >= _TALL:
        return form
    name, value = lower["field"], lower["value"]
    cells: dict[str, str] = {}
    rows: dict[str, int] = {}
    for row in form.rows:
        field, told = row.cells.get(name, ""), row.cells.get(value, "")
        if field in cells:
            raise bad_input(
                "a field stands twice",
                where=Where(str(form.path), row.number, name),
                value=field,
                remedy="keep one of the two rows; one file holds one report of this form",
            )
        if field and told:
            cells[field], rows[field] = told, row.number
    return Form(form.path, tuple(cells), (Row(1, cells, rows),))


def _named(form: Form) -> Form:
    """Call symbols of the regulation by the names of our columns."""
    names = {header: _column_of(header, form) for header in form.headers}
    twice = [name for name in set(names.values()) if list(names.values()).count(name) > 1]
    if twice:
        headers = [header for header, name in names.items() if name == twice[0]]
        raise bad_input(
            "two columns give the same field",
            where=Where(str(form.path), 0, headers[1]),
            value=" and ".join(headers),
            remedy="keep one of them",
        )
    rows = tuple(
        replace(
            row,
            cells={names.get(key, key): text for key, text in row.cells.items()},
            rows={names.get(key, key): number for key, number in row.rows.items()},
        )
        for row in form.rows
    )
    return Form(form.path, tuple(names.values()), rows)


def _column_of(header: str, form: Form) -> str:
    known = {column.casefold(): column for column in report_table().names}
    plain = header.strip().casefold().replace(" ", "_")
    if plain in known:
        return known[plain]
    symbol = header.strip().upper().replace("_", "-")
    columns = [field.column for field in dictionary() if field.symbol.upper() == symbol]
    if len(columns) > 1:
        raise bad_input(
            f"the symbol {symbol} stands for two fields of the regulation",
            where=Where(str(form.path), 0, header),
            value=header,
            remedy=f"name the column {' or '.join(columns)}",
        )
    return columns[0] if columns else header


def _report(cells: Cells, row: Row) -> Report:
    del row
    year = cells["year"]
    if not isinstance(year, float) or not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise bad_input(
            f"a reporting year lies between {_FIRST_YEAR} and {_LAST_YEAR}",
            where=Where(column="year"),
            value=year,
            remedy="write the calendar year that the values are of",
        )
    return Report(
        facility_id=str(cells["facility_id"]),
        year=int(year),
        basis=Basis(str(cells["basis"])),
        values={name: _cell(value) for name, value in cells.items() if name not in _OWN},
        omitted=dict(_omitted(cells)),
        estimated=frozenset(_estimated(cells)),
    )


def _cell(value: Value) -> Cell:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, float) else str(value)


def _omitted(cells: Cells) -> Iterator[tuple[str, str]]:
    try:
        pairs = list(pairs_of(str(cells.get("omitted_because", ""))))
    except Wrong as error:
        where = Where(column="omitted_because")
        raise bad_input(error.reason, where=where, remedy=error.remedy) from None
    for name, reason in pairs:
        yield _known(name, "omitted_because"), reason


def _estimated(cells: Cells) -> Iterator[str]:
    for name in str(cells.get("estimated", "")).split(";"):
        if name.strip():
            yield _known(name.strip(), "estimated")


def _known(name: str, column: str) -> str:
    symbols: Mapping[str, str] = {f.symbol: f.column for f in dictionary() if f.symbol}
    found = symbols.get(name.upper(), name)
    if found not in report_table().names:
        raise bad_input(
            "no such field of a report",
            where=Where(column=column),
            value=name,
            remedy="name columns of the template",
        )
    return found
