"""Input-output tables from files of any known layout, as values of impact.

A layout is known by what the file says of itself; it may be named instead. Licence and source
come from the directory of sources, or from the file where it states them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nexpo.core.ingest import Dialect, check_readable, read_header
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.core.workbooks import is_workbook
from nexpo.impact.aggregate import national
from nexpo.impact.balance import SOLVER_DECIDES, check, refuse
from nexpo.impact.domestic import ImportRule, domestic
from nexpo.impact.model import (
    Origin,
    PriceBasis,
    Primary,
    Satellite,
    Scope,
    Table,
    Use,
)
from nexpo.sources.directory import source
from nexpo.sources.input_output import (
    figaro,
    iomat,
    italy62,
    template,
    uk,
    wiod2013,
    wiod2016,
)
from nexpo.sources.input_output.areas import same_area
from nexpo.sources.input_output.blocks import Blocks, Series, shown
from nexpo.sources.input_output.workbooks import workbook_headers

Header = Sequence[str]


@dataclass(frozen=True, slots=True)
class Layout:
    """A known layout: its name, what it is, how it is recognised and read."""

    name: str
    title: str
    recognise: Callable[[Path, Header], bool]
    read: Callable[[Path, int | None, str, Dialect | None], Blocks]


LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "template",
        "Nexpo's own template, wide or long, CSV or XLSX",
        template.recognise,
        lambda path, year, area, dialect: template.read(
            path, year=year, area=area, dialect=dialect
        ),
    ),
    Layout(
        "figaro",
        "FIGARO inter-country table, flat or matrix CSV",
        figaro.recognise,
        lambda path, year, _, dialect: figaro.read(path, year=year, dialect=dialect),
    ),
    Layout(
        "wiod2016",
        "WIOD 2016 national table, workbook or CSV",
        wiod2016.recognise,
        lambda path, year, area, dialect: wiod2016.read(
            path, year=year, area=area, dialect=dialect
        ),
    ),
    Layout(
        "italy62",
        "Italy, 62 sectors, total use",
        italy62.recognise,
        lambda path, year, _, dialect: italy62.read(path, year=year, dialect=dialect),
    ),
    Layout(
        "uk",
        "United Kingdom, product by product",
        uk.recognise,
        lambda path, year, _, dialect: uk.read(path, year=year, dialect=dialect),
    ),
    Layout(
        "iomat",
        "Region by survey, as for Austria 2010",
        iomat.recognise,
        lambda path, year, _, dialect: iomat.read(path, year=year, dialect=dialect),
    ),
    Layout(
        "coefficients",
        "Nation of iomat: coefficients, and output by region beside them",
        iomat.recognise_nation,
        lambda path, year, _, dialect: iomat.read_nation(path, year=year, dialect=dialect),
    ),
    Layout(
        "wiod2013",
        "WIOD 2013 inter-country table, archive or wide sheet",
        lambda path, _: wiod2013.recognise(path),
        lambda path, year, _, dialect: wiod2013.read(path, year=year, dialect=dialect),
    ),
)
"""Every layout that is known, in the order in which they are tried."""


def open_table(
    path: Path,
    layout: str | None = None,
    year: int | None = None,
    area: str | None = None,
    *,
    rule: ImportRule | None = None,
    accept: Sequence[str] | None = SOLVER_DECIDES,
    encoding: str | None = None,
    decimal: str = "",
) -> Table:
    """Open a table, look whether it holds, and return it.

    Parameters
    ----------
    path
        Of the table; where a layout has several files, of any of them.
    layout
        One of ``LAYOUTS``; found from the file if not given.
    year
        Of a file that holds several, or does not say.
    area
        Of a file that does not say; one country of an inter-country table, made a table of
        its own.
    rule
        How a table of total use is made domestic; left as it is if not given.
    accept
        Names of findings that are fatal otherwise; None accepts all, to look at the table.
    encoding
        Of a text that is not UTF-8.
    decimal
        The sign of decimals of a text; found from its numbers if empty.

    Raises
    ------
    Problem
        With file, row and column of what cannot be read, and for a table that does not hold
        (see :func:`nexpo.impact.balance.check`) the sector, by how much, and the remedy.
    """
    blocks = read_blocks(path, layout, year, area, encoding=encoding, decimal=decimal)
    table = table_of(blocks)
    inter_country = len(set(blocks.regions)) > 1
    if accept is not None:
        refuse(table, check(table), file=str(path), accept=accept)
    if area and inter_country:
        table = national(table, _region(path, blocks, area))
    elif area and not same_area(area, blocks.area):
        raise bad_input(
            "the table is of another area",
            where=Where(str(path)),
            value=area,
            remedy=f"it is of {blocks.area}",
        )
    return table if rule is None else domestic(table, rule)


def read_blocks(
    path: Path,
    layout: str | None = None,
    year: int | None = None,
    area: str | None = None,
    *,
    encoding: str | None = None,
    decimal: str = "",
) -> Blocks:
    """Read a table as its publisher gives it, without looking whether it holds."""
    dialect = Dialect(encoding=encoding or "utf-8", decimal=decimal)
    chosen = recognise(path, encoding=encoding) if layout is None else named(layout)
    return chosen.read(path, year, area or "", dialect)


def named(layout: str) -> Layout:
    """Return a layout by its name.

    Raises
    ------
    Problem
        ``USAGE`` with those that there are.

    Examples
    --------
    >>> named("uk").title
    'United Kingdom, product by product'
    """
    for each in LAYOUTS:
        if each.name == layout:
            return each
    raise Problem(
        Kind.USAGE,
        "no such layout",
        value=layout,
        remedy=f"one of {', '.join(each.name for each in LAYOUTS)}",
    )


def recognise(path: Path, *, encoding: str | None = None) -> Layout:
    """Return the layout of a file, by what it says of itself.

    Raises
    ------
    Problem
        When it is none that is known, or no file.
    """
    headers = _headers(path, encoding)
    for each in LAYOUTS:
        if any(each.recognise(path, header) for header in headers):
            return each
    raise bad_input(
        "this is no input-output table of a layout that is known",
        where=Where(str(path), 0),
        value=shown(headers[0]) if headers and headers[0] else None,
        remedy="bring it into the template (`nexpo impact table template FILE` writes one)",
    )


def _headers(path: Path, encoding: str | None) -> list[Header]:
    if path.is_dir() or not path.exists():
        check_readable(path)
    if path.suffix == ".npz":
        return [()]
    if is_workbook(path):
        return list(workbook_headers(path))
    return [read_header(path, None if encoding is None else Dialect(encoding=encoding))[1]]


def table_of(blocks: Blocks) -> Table:
    """Return a table made of what a reader found, with source and licence."""
    item = source(blocks.key) if blocks.key else None
    return Table(
        origin=Origin(
            name=blocks.name,
            area=blocks.area,
            year=blocks.year,
            currency=blocks.currency,
            scale=blocks.scale,
            basis=PriceBasis(blocks.basis),
            classification=blocks.classification,
            source=item.attribution if item else blocks.source,
            licence=item.licence if item else blocks.licence,
            redistributable=item.redistributable if item else blocks.redistributable,
            synthetic=blocks.synthetic,
        ),
        scope=Scope(blocks.scope),
        sectors=blocks.sectors,
        labels=blocks.labels,
        regions=blocks.regions,
        flows=blocks.flows,
        output=blocks.output,
        uses=blocks.uses,
        use_kinds=tuple(Use(kind) for kind in blocks.use_kinds),
        final=blocks.final,
        primary_rows=blocks.primary_rows,
        primary_kinds=tuple(Primary(kind) for kind in blocks.primary_kinds),
        primary=blocks.primary,
        imports=blocks.imports,
        final_imports=blocks.final_imports,
        primary_final=blocks.primary_final,
        import_total=blocks.import_total,
        satellites=tuple(
            Satellite(s.indicator, s.unit, s.values, s.year, s.source) for s in blocks.satellites
        ),
        notes=blocks.notes,
    )


def blocks_of(table: Table) -> Blocks:
    """Return a table as blocks, to be written in the template."""
    origin = table.origin
    return Blocks(
        name=origin.name,
        key="",
        area=origin.area,
        year=origin.year,
        currency=origin.currency,
        scale=origin.scale,
        basis=origin.basis.value,
        classification=origin.classification,
        scope=table.scope.value,
        sectors=table.sectors,
        labels=table.labels,
        regions=table.regions,
        flows=table.flows,
        output=table.output,
        uses=table.uses,
        use_kinds=tuple(kind.value for kind in table.use_kinds),
        final=table.final,
        primary_rows=table.primary_rows,
        primary_kinds=tuple(kind.value for kind in table.primary_kinds),
        primary=table.primary,
        imports=table.imports,
        final_imports=table.final_imports,
        primary_final=table.primary_final,
        import_total=table.import_total,
        satellites=tuple(
            Series(s.indicator, s.unit, s.values, s.year, s.source) for s in table.satellites
        ),
        source=origin.source,
        licence=origin.licence,
        redistributable=origin.redistributable,
        synthetic=origin.synthetic,
        notes=table.notes,
    )


def _region(path: Path, blocks: Blocks, area: str) -> str:
    regions = tuple(dict.fromkeys(blocks.regions))
    found = [region for region in regions if region == area] or [
        region for region in regions if same_area(region, area)
    ]
    if len(found) != 1:
        raise bad_input(
            "the table has no such area",
            where=Where(str(path)),
            value=area,
            remedy=f"it has {shown(regions)}",
        )
    return found[0]
