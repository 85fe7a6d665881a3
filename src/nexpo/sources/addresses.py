"""A table of addresses to be connected: CSV, Parquet, GeoPackage or another point layer.

Columns are found by their usual names (``id``, ``street`` or ``via``, ``number`` or ``civico``,
``lon``, ``lat``, ``units``, ``kind``, ``class``, ``connected``); a point layer brings its
coordinates in its geometry, in any stated coordinate system. Bad rows go to the reject table
with line, column and reason.

Traps: a comma as the decimal mark (``9,39``) is understood; latitude and longitude swapped is
not: such a point lies far from every street and is listed as off the network.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from nexpo.core.ingest import Check, Dialect, Layout, Reading, literal, quoted, read_header
from nexpo.core.tables import load
from nexpo.sources.lines import read_points
from nexpo.sources.text_tables.files import as_text_table, is_parquet, rows_as_text_table
from nexpo.sources.text_tables.names import need_roles
from nexpo.sources.text_tables.queries import doubled
from nexpo.sources.text_tables.reading import read_table
from nexpo.sources.text_tables.sql import cell

_ROLES = {
    "id": ("id", "address_id", "codice", "egon", "codice_egon", "fid"),
    "street": ("street", "strada", "via", "indirizzo", "toponimo"),
    "number": ("number", "civico", "numero", "numero_civico", "housenumber", "addr_housenumber"),
    "exponent": ("exponent", "esponente", "barrato"),
    "lon": ("lon", "longitude", "longitudine", "lng", "x"),
    "lat": ("lat", "latitude", "latitudine", "y"),
    "units": ("units", "ui", "unita_immobiliari", "unita", "n_ui"),
    "kind": ("kind", "tipo", "service"),
    "klass": ("klass", "class", "classe", "stato", "uncovered_class"),
    "connected": ("connected", "collegato", "connesso"),
}
_WORDS = {
    "casa": "home",
    "residenziale": "home",
    "famiglia": "home",
    "impresa": "firm",
    "azienda": "firm",
    "business": "firm",
    "pubblico": "public",
    "pa": "public",
    "scuola": "public",
}
_TEXTS = (".csv", ".txt", ".tsv")
_DEGREES = {"lon": 180, "lat": 90}


def read_addresses(
    path: Path,
    target: Path,
    *,
    dialect: Dialect | None = None,
    layer: str | None = None,
    crs: str | None = None,
) -> Reading:
    """Read addresses into the table ``design_addresses``.

    Parameters
    ----------
    path
        CSV (plain or gzip), Parquet without geometry, or a point layer.
    target
        Parquet file to write.
    layer, crs
        Of a point layer: its name where the file holds several; its coordinate system where it
        states none.

    Returns
    -------
    Reading
        Rows that cannot be used are rejected with their reason; ids that occur twice are noted.

    Raises
    ------
    Problem
        When the file as a whole cannot be used, or has neither street nor coordinate.
    """
    table = load("nexpo.sources", "design_addresses")
    with _text_form(path, layer, crs) as readable:
        headers = read_header(readable, dialect)[1]
        found = need_roles(path, headers, _ROLES, ("id",))
        needed = ("lon", "lat") if "street" not in found else ("street", "number")
        found = need_roles(path, headers, _ROLES, ("id", *needed))
        return read_table(
            readable,
            table,
            target,
            dialect=dialect,
            layout=Layout(expressions=_expressions(found), checks=_checks()),
            doubts={"rows whose id occurs more than once": doubled(("id",))},
        )


def from_uncovered(uncovered: pl.DataFrame) -> pl.DataFrame:
    """Return the list of uncovered house numbers as addresses, its class as ``klass``.

    Parameters
    ----------
    uncovered
        The table ``uncovered`` (:func:`nexpo.sources.infratel.read_uncovered`), whole or a part.

    Examples
    --------
    >>> row = {"istat": "097042", "street": "VIA BRUSO", "number": "7", "uncovered_class": "C"}
    >>> from_uncovered(pl.DataFrame([row, row])).select("id", "street", "klass").rows()
    [('097042-1', 'VIA BRUSO', 'C'), ('097042-2', 'VIA BRUSO', 'C')]
    """
    place = pl.col("istat").fill_null("") if "istat" in uncovered.columns else pl.lit("")
    row = pl.int_range(1, pl.len() + 1).over(place).cast(pl.String)
    return uncovered.select(
        id=pl.concat_str(place, row, separator="-"),
        street=pl.col("street"),
        number=pl.col("number"),
        lon=pl.lit(None, pl.Float64),
        lat=pl.lit(None, pl.Float64),
        units=pl.lit(1, pl.Int64),
        kind=pl.lit("home"),
        klass=pl.col("uncovered_class"),
        connected=pl.lit(value=False),
    )


@contextmanager
def _text_form(path: Path, layer: str | None, crs: str | None) -> Iterator[Path]:
    plain = path.name.casefold().removesuffix(".gz").endswith(_TEXTS)
    if plain or (is_parquet(path) and "geometry" not in pl.read_parquet_schema(path)):
        with as_text_table(path) as readable:
            yield readable
        return
    table = read_points(path, layer=layer, crs=crs)
    with rows_as_text_table(path, f"{path.stem}.csv", table.columns, table.iter_rows()) as readable:
        yield readable


def _expressions(found: dict[str, str]) -> dict[str, str]:
    """Return SQL for each column: words for kinds, a decimal comma, the exponent after a bar."""
    expressions = {role: cell(found.get(role)) for role in _ROLES if role != "exponent"}
    if "exponent" in found:
        parts = f"{cell(found.get('number'))}, {cell(found['exponent'])}"
        expressions["number"] = f"nullif(concat_ws('/', {parts}), '')"
    for role in _DEGREES:
        expressions[role] = f"replace({expressions[role]}, ',', '.')"
    cases = " ".join(f"WHEN {literal(word)} THEN {literal(to)}" for word, to in _WORDS.items())
    kind = expressions["kind"]
    expressions["kind"] = f"CASE lower({kind}) {cases} ELSE lower({kind}) END"
    return expressions


def _checks() -> tuple[Check, ...]:
    degrees = tuple(
        Check(
            column=name,
            failing=f"abs(TRY_CAST({quoted(name)} AS DOUBLE)) > {most}",
            value=quoted(name),
            reason="no degrees",
            remedy="give WGS 84 degrees, or a point layer with its coordinate system",
        )
        for name, most in _DEGREES.items()
    )
    units = Check(
        column="units",
        failing='TRY_CAST("units" AS BIGINT) < 1',
        value='"units"',
        reason="no unit at this address",
        remedy="leave the address out, or count its homes and firms",
    )
    return (*degrees, units)
