"""Publication: centres in from a table, terms from dated YAML, aggregates out as CSV or JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nexpo.core import parameters, tables
from nexpo.core.files import write_json, write_text
from nexpo.core.parameters import Use
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.core.settings import parameters_directory
from nexpo.core.tables import Table
from nexpo.datacentres.adapters.cells import Value
from nexpo.datacentres.adapters.forms import Cells, fill
from nexpo.datacentres.adapters.rows import Form, Reject, Row, read_form
from nexpo.datacentres.adapters.schemes import load_bounds, load_scheme, load_size_classes
from nexpo.datacentres.classes import SizeClass, size_class
from nexpo.datacentres.indicators import Scheme
from nexpo.datacentres.model import Report
from nexpo.datacentres.plausibility import Bounds, Severity, findings
from nexpo.datacentres.publication import COUNT, Average, Figure, Publication, Terms
from nexpo.datacentres.publication_cells import Dimension

Floats = NDArray[np.float64]

SUMS = (
    "installed_it_kw",
    "total_energy_kwh",
    "it_energy_kwh",
    "water_input_m3",
    "fresh_water_m3",
    "heat_reused_kwh",
    "renewable_total_kwh",
)
PLACES = ("type", "size_class", "municipality", "nuts3", "nuts2", "country")
SHORT = {"size": ("size_class",), "place": ("nuts2", "nuts3")}
_KWH_PER_MWH = 1_000.0


@dataclass(frozen=True, slots=True)
class Centres:
    """Centres as columns, the rows that were refused, and what a reader should know."""

    columns: Mapping[str, tuple[str, ...]]
    sums: Mapping[str, tuple[str, Floats]]
    rejects: tuple[Reject, ...]
    notes: tuple[str, ...] = ()


def centre_table() -> Table:
    """Return the declaration of the table of centres."""
    return tables.load("nexpo.datacentres", "centres")


def averages_of(sums: Mapping[str, object]) -> tuple[Average, ...]:
    """Return the four indicators, and WUE by fresh water, of which both sums are there."""
    every = (
        Average("pue", "1", "total_energy_kwh", "it_energy_kwh"),
        Average("wue", "m3/MWh", "water_input_m3", "it_energy_kwh", _KWH_PER_MWH),
        Average("wue_fresh", "m3/MWh", "fresh_water_m3", "it_energy_kwh", _KWH_PER_MWH),
        Average("erf", "1", "heat_reused_kwh", "total_energy_kwh"),
        Average("ref", "1", "renewable_total_kwh", "total_energy_kwh"),
    )
    return tuple(each for each in every if each.above in sums and each.below in sums)


def read_centres(path: Path, day: date, *, year: int | None = None, decimal: str = ".") -> Centres:
    """Read the centres of a year, one row each; what a row leaves empty is not reported, not zero.

    A row that no centre can be (its IT energy above all energy, its size class against its power)
    is refused; the others go on.

    Parameters
    ----------
    path
        CSV, workbook or JSON with the columns of :func:`centre_table`.
    day
        For the size classes, scheme and bounds in force.
    year
        Reporting year; that of ``day`` by default. A table without years is taken to be of it.
    decimal
        Decimal mark.

    Raises
    ------
    Problem
        When the file as a whole cannot be used, or no row is left.
    """
    table = centre_table()
    wanted = day.year if year is None else year
    form, notes = _of_year(read_form(path), wanted)
    law = _Law(load_size_classes(day), load_scheme(day), load_bounds(day), wanted)

    def made(cells: Cells, row: Row) -> dict[str, Value]:
        del row
        if "year" in form.headers and "year" not in cells:
            remedy = "name the reporting year in each row, or leave the column out"
            raise bad_input("no year", where=Where(column="year"), remedy=remedy)
        _refuse(cells, law)
        return _completed(cells, lambda kw: size_class(kw, law.classes))

    found = fill(form, table, made, decimal=decimal, unique=lambda cells: cells["facility_id"])
    if not found.values:
        raise _nothing(path, found.rejects, wanted)
    return _as_columns(table, found.values, found.rejects, (*notes, *found.notes))


@dataclass(frozen=True, slots=True)
class _Law:
    """What a row is held against."""

    classes: Sequence[SizeClass]
    scheme: Scheme
    bounds: Bounds
    year: int


def _of_year(form: Form, year: int) -> tuple[Form, tuple[str, ...]]:
    """Return the rows of a year and those whose year cannot be read, which are refused later."""
    if "year" not in form.headers:
        return form, (f"the table has no column year: all its rows are taken as of {year}",)
    kept = tuple(row for row in form.rows if _year_of(row) in {None, year})
    left = len(form.rows) - len(kept)
    notes = (f"{left} rows of other years than {year} are left out",) if left else ()
    return replace(form, rows=kept), notes


def _year_of(row: Row) -> int | None:
    try:
        found = float(row.cells.get("year", ""))
    except ValueError:
        return None
    return int(found) if found.is_integer() else None


def _refuse(cells: Cells, law: _Law) -> None:
    """Refuse a row that no centre can be.

    Raises
    ------
    Problem
        Naming the column.
    """
    values = {k: v for k, v in cells.items() if isinstance(v, str | float)}
    values.pop("year", None)
    report = Report(str(values.pop("facility_id")), law.year, values=values)
    for finding in findings(report, law.scheme, law.bounds):
        if finding.severity is Severity.REFUSE:
            name = finding.fields[0]
            told = f"{finding.name}: {finding.detail}"
            where, value = Where(column=name), finding.values[name]
            raise bad_input(told, where=where, value=value, remedy=finding.remedy)
    _refuse_size(report, law.classes)


def _refuse_size(report: Report, classes: Sequence[SizeClass]) -> None:
    power, named = report.number("installed_it_kw"), report.text("size_class")
    if power is None or named is None:
        return
    follows = size_class(power, classes)
    if named != follows:
        raise bad_input(
            f"{power:,.12g} kW make the size class {follows or 'none'}, not {named}",
            where=Where(column="size_class"),
            value=named,
            remedy="correct the power or the class, or leave the class empty",
        )


def _nothing(path: Path, rejects: Sequence[Reject], year: int) -> Problem:
    if not rejects:
        remedy = "check --year and the column year"
        return bad_input(
            "no row is of this year", where=Where(str(path)), value=year, remedy=remedy
        )
    first = rejects[0]
    return bad_input(
        f"no row can be used: {first.reason}",
        where=Where(str(path), first.row, first.column),
        value=first.value,
        remedy=first.remedy,
    )


def _as_columns(
    table: Table,
    rows: Sequence[Mapping[str, Value]],
    rejects: tuple[Reject, ...],
    notes: tuple[str, ...],
) -> Centres:
    columns = {name: tuple(str(cells.get(name, "")) for cells in rows) for name in PLACES}
    numbers = {name: np.array([_number(cells.get(name)) for cells in rows]) for name in SUMS}
    return Centres(
        {name: codes for name, codes in columns.items() if any(codes)},
        {n: (table[n].unit, v) for n, v in numbers.items() if not np.isnan(v).all()},
        rejects,
        notes,
    )


def load_terms(day: date, **changed: Any) -> tuple[Terms, Use]:  # noqa: ANN401 - fields of Terms
    """Return the terms in force on a day, with what the caller changes, and their evidence.

    Examples
    --------
    >>> load_terms(date(2026, 7, 1))[0].min_centres
    3
    """
    path = parameters_directory() / "datacentres" / "publication.yaml"
    parameter = parameters.load(path)
    value = dict(parameter.on(day))
    dominance = value.pop("dominance", None)
    wanted = value | {
        "dominance": None if dominance is None else tuple(dominance),
        "with_count": True,
        "each_within": {"installed_it_kw": {"size_class": _spans(load_size_classes(day))}},
    }
    try:
        terms = Terms(**wanted | {k: v for k, v in changed.items() if v is not None})
    except TypeError as error:
        raise Problem(Kind.CONFIG, f"unknown term: {error}", where=Where(str(path))) from None
    return terms, parameter.use(day)


def _spans(classes: Sequence[SizeClass]) -> dict[str, tuple[float, float]]:
    """Return between which powers a centre of each size class lies."""
    bounds = [each.bound_kw for each in classes]
    return {
        c.name: (c.bound_kw, top) for c, top in zip(classes, [*bounds[1:], np.inf], strict=True)
    }


def dimensions_of(text: str) -> tuple[Dimension, ...]:
    """Read ``type,size,nuts2>nuts3`` as the dimensions of one table.

    Examples
    --------
    >>> [each.levels for each in dimensions_of("type,nuts2>nuts3>municipality")]
    [('type',), ('nuts2', 'nuts3', 'municipality')]
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    found = []
    for part in parts:
        levels = tuple(level.strip() for level in part.split(">"))
        named = SHORT.get(part, levels)
        unknown = [level for level in named if level not in PLACES]
        if unknown:
            raise Problem(
                Kind.USAGE,
                "unknown dimension",
                value=unknown[0],
                remedy=f"use {', '.join((*SHORT, *PLACES))}, levels joined with >",
            )
        found.append(Dimension(part if part in SHORT else named[-1], named))
    if not found or len({each.name for each in found}) < len(found):
        raise Problem(Kind.USAGE, "name each dimension once", value=text)
    return tuple(found)


def one_place(crossed: Sequence[Sequence[Dimension]]) -> None:
    """Refuse places broken down in two ways: a reader knows which lies in which."""
    places = {d.levels for table in crossed for d in table if d.levels[0] in PLACES[2:]}
    if len(places) > 1:
        raise Problem(
            Kind.USAGE,
            "places are broken down in two ways, of which one could give the other away",
            value=", ".join(sorted(">".join(levels) for levels in places)),
            remedy="give the same levels in each table: nuts2>nuts3",
        )


def write_publication(path: Path, found: Publication, use: Use) -> tuple[Path, ...]:
    """Write aggregates: ``.csv`` with a file of notes beside it, or ``.json`` with all in one."""
    if path.suffix.casefold() == ".json":
        return (write_json(path, {"notes": notes(found, use), "cells": list(records(found))}),)
    if path.suffix.casefold() != ".csv":
        raise Problem(
            Kind.USAGE,
            "aggregates are written as CSV or JSON",
            where=Where(str(path)),
            remedy="end the name in .csv or .json",
        )
    text = io.StringIO()
    rows = list(records(found))
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    beside = path.with_name(f"{path.stem}.notes.json")
    return write_text(path, text.getvalue()), write_json(beside, notes(found, use))


def records(found: Publication) -> Iterator[dict[str, Any]]:
    """Yield one record a cell and figure: codes, figure, unit, value or nothing, status."""
    why = found.terms.marks == "why"
    for cell, labels in enumerate(found.cells.labels):
        place: dict[str, str] = {}
        for dimension, label, depth in zip(
            found.cells.dimensions, labels, found.cells.depth[cell], strict=True
        ):
            place[dimension.name] = label
            if len(dimension.levels) > 1:
                level = dimension.levels[depth - 1] if depth else "total"
                place[f"{dimension.name}_level"] = level
        for figure in found.figures:
            yield place | {
                "figure": figure.name,
                "unit": figure.unit,
                "value": _written(figure, cell),
                "status": figure.status(cell, why=why),
            }


def notes(found: Publication, use: Use) -> dict[str, Any]:
    """Return what a reader must know: the rule, what was hidden and why, and how well it was done.

    How many values of either kind are hidden is said only where both are more than a few.
    """
    hidden = sum(int(figure.hidden.sum()) for figure in found.figures)
    primary = sum(int((figure.hidden & figure.primary).sum()) for figure in found.figures)
    other, least = hidden - primary, found.terms.min_centres
    told: dict[str, Any] = {"hidden": hidden}
    if min(primary, other) >= least:
        told |= {"hidden_for_too_few_centres": primary, "hidden_to_protect_others": other}
    return {
        "rule": f"{use.title}: {use.article}",
        "rule_verified": use.verified,
        "rule_valid_from": str(use.valid_from),
        "min_centres": least,
        "width_share": found.terms.width_share,
        "dominance": found.terms.dominance,
        "p_share": found.terms.p_share,
        "why_hidden": (
            f"A hidden value stands for fewer than {least} centres, or is dominated by one, or "
            "would let such a value be computed from totals."
        ),
        "averages": "weighted by energy: the ratio of two sums over centres that report both",
        "not_listed": "combinations that are not listed hold no centre"
        if found.terms.zeros == "published"
        else "combinations without a centre are listed",
        "not_reported": "unknown, not zero",
        "values": told,
        "least_possible_hidden": found.pattern.exact,
        "gap": round(found.pattern.gap, 6),
        "loss": found.terms.loss,
    }


def _completed(cells: Cells, size: Any) -> dict[str, Value]:  # noqa: ANN401 - a function
    done = dict(cells)
    power = cells.get("installed_it_kw")
    if "size_class" not in done and isinstance(power, float):
        named = size(power)
        done |= {} if named is None else {"size_class": named}
    nuts3 = str(done.get("nuts3", ""))
    if nuts3:
        done.setdefault("nuts2", nuts3[:4])
        done.setdefault("country", nuts3[:2])
    return done


def _number(value: Value | None) -> float:
    return float(value) if isinstance(value, float) else float("nan")


def _written(figure: Figure, cell: int) -> int | float | None:
    value = float(figure.values[cell])
    if np.isnan(value):
        return None
    if figure.name == COUNT:
        return int(value)
    return round(value, 6)


def default_tables(columns: Sequence[str]) -> list[tuple[Dimension, ...]]:
    """Return type by size, type by place and size by place, as far as the columns go."""
    pairs = ("type,size", "type,place", "size,place")
    every = [dimensions_of(pair) for pair in pairs]
    fit = [t for t in every if all(level in columns for d in t for level in d.levels)]
    if fit:
        return fit
    ones = [dimensions_of(name) for name in ("type", "size", "place")]
    fit = [t for t in ones if all(level in columns for level in t[0].levels)]
    if not fit:
        raise bad_input(
            "nothing to break the aggregates down by",
            remedy="fill type, size_class (or installed_it_kw), or nuts3",
        )
    return fit
