"""FCC Broadband Data Collection (USA): fixed availability, one file a state and technology.

Exact header of the download::

    frn, provider_id, brand_name, location_id, technology, max_advertised_download_speed,
    max_advertised_upload_speed, low_latency, business_residential_code, state_usps,
    block_geoid, h3_res8_id

A row says that a provider offers a technology at a location. ``technology`` is 0 other,
10 copper, 40 cable, 50 fibre, 60 geostationary and 61 other satellite, 70, 71 and 72 fixed
wireless on unlicensed, licensed and licensed-by-rule spectrum.

Into ``declarations``: ``location_id`` is the address, ``brand_name`` the operator and
``provider_id`` the infrastructure, so that two brands of one provider count once.
``low_latency`` is a flag at 100 ms: ``latency_ms`` becomes 100 where it is set (at most) and
101 where it is not (above). Speeds are advertised ones, in Mbit/s; there is no peak speed.

Traps: 4 % of the rows hold a quoted comma (``"Kinetic by Windstream, LLC"``): a plain split is
wrong on them. ``frn`` and ``block_geoid`` have leading zeros. With satellite, *any technology*
covers everything. A speed of 0 is *below 1*, not *none*.

The fast path types the columns strictly with Polars, and where only counts are wanted adds up
the digits in one pass (:mod:`~nexpo.sources.clean_csv`); a file that breaks a type or a rule is
read again on the careful path, which names its rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from nexpo.core.files import atomic_path
from nexpo.core.ingest import Check, Dialect, Layout, Reading, literal, read_header
from nexpo.core.tables import Column, ColumnType, Table, load
from nexpo.sources.text_tables.files import as_text_table, cut_notes
from nexpo.sources.text_tables.names import need_roles, plain
from nexpo.sources.text_tables.queries import ask, doubled, noted
from nexpo.sources.text_tables.reading import read_table
from nexpo.sources.text_tables.sql import cell, translated

HEADER = (
    "frn",
    "provider_id",
    "brand_name",
    "location_id",
    "technology",
    "max_advertised_download_speed",
    "max_advertised_upload_speed",
    "low_latency",
    "business_residential_code",
    "state_usps",
    "block_geoid",
    "h3_res8_id",
)
TECHNOLOGIES = {
    0: ("other", "not_stated"),
    10: ("copper", "none"),
    40: ("cable", "none"),
    50: ("fibre", "none"),
    60: ("satellite", "not_stated"),
    61: ("satellite", "not_stated"),
    70: ("fwa", "unlicensed"),
    71: ("fwa", "licensed"),
    72: ("fwa", "licensed_by_rule"),
}
"""Technology code to technology and spectrum of the last mile."""

_IS_LISTED = np.array([code in TECHNOLOGIES for code in range(max(TECHNOLOGIES) + 1)])

_CUSTOMERS = {"B": "business", "R": "residential", "X": "all"}
_PLACE_OF_LETTER = np.full(128, -1, np.int32)
_PLACE_OF_LETTER[[ord(letter) for letter in _CUSTOMERS]] = range(len(_CUSTOMERS))
_NEEDED = (
    "provider_id",
    "brand_name",
    "location_id",
    "technology",
    "max_advertised_download_speed",
    "max_advertised_upload_speed",
    "low_latency",
    "business_residential_code",
)
_TYPES: dict[str, type[pl.DataType]] = {
    "provider_id": pl.Int32,
    "brand_name": pl.String,
    "location_id": pl.Int64,
    "technology": pl.Int16,
    "max_advertised_download_speed": pl.Int32,
    "max_advertised_upload_speed": pl.Int32,
    "low_latency": pl.Int8,
    "business_residential_code": pl.String,
}
_DOUBLED = {
    "rows equal in location, provider, brand, technology and customer": doubled(
        ("address_id", "infrastructure", "operator", "technology", "spectrum", "customer")
    )
}
_UNKNOWN = "technology code {} is not in the list: kept as other"


def scan_bdc(path: Path, columns: Sequence[str] = _NEEDED) -> pl.LazyFrame:
    """Return the availability file as a lazy frame, strictly typed.

    Parameters
    ----------
    path
        CSV with the exact header (plain), UTF-8.
    columns
        Columns to read; the others are never parsed. ``location_id`` is an Int64, as
        the publisher's ids are positive and have no leading zero.

    Returns
    -------
    polars.LazyFrame
        Collecting it raises ``polars.exceptions.ComputeError`` at the first value that
        is not of its type: :func:`read_bdc` names the row.

    Raises
    ------
    Problem
        When a column is missing.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "bdc.csv"
    >>> _ = path.write_text(",".join(HEADER) + chr(10) +
    ...     '0001,7,"A, LLC",1001,50,1000,500,1,X,TX,480010001001001,88' + chr(10))
    >>> scan_bdc(path, ["brand_name", "technology"]).collect().rows()
    [('A, LLC', 50)]
    """
    headers = read_header(path, Dialect(delimiter=","))[1]
    found = need_roles(path, headers, {name: (name,) for name in columns}, columns)
    schema: dict[str, pl.DataType] = {header: pl.String() for header in headers}
    schema |= {found[name]: _TYPES.get(name, pl.String)() for name in columns}
    frame = pl.scan_csv(path, schema=schema, infer_schema=False, null_values=[""])
    return frame.select(pl.col(found[name]).alias(name) for name in columns)


def read_bdc(
    path: Path, target: Path, *, dialect: Dialect | None = None, fast: bool = True
) -> Reading:
    """Read an availability file into the canonical table ``declarations``.

    Parameters
    ----------
    fast
        Try the fast path first and fall back to the careful one when the file is not
        clean; False is careful at once.

    Raises
    ------
    Problem
        When the file as a whole cannot be used.
    """
    usual = dialect is None or dialect.encoding.casefold() in ("utf-8", "utf-8-sig")
    if fast and usual and path.suffix == ".csv":
        reading = _read_fast(path, target)
        if reading is not None:
            return reading
    return _read_careful(path, target, dialect)


def declarations_table(path: Path) -> pa.Table | None:
    """Return an availability file as declarations in memory, as far as rules read it.

    Text is coded by its dictionary and ids stay numbers, so that ten million rows are
    parsed once and never spelled out again. The provider is both operator and
    infrastructure: the brand is not read.

    Returns
    -------
    pyarrow.Table or None
        None when a value anywhere is not clean: :func:`read_bdc` names the row then.

    Raises
    ------
    Problem
        When a column is missing.
    """
    from nexpo.sources import clean_csv  # noqa: PLC0415 - a compiler: other readers need none

    headers = read_header(path, Dialect(delimiter=","))[1]
    found = need_roles(path, headers, {name: (name,) for name in _NEEDED}, _NEEDED)
    if cut_notes(path) or len({plain(header) for header in headers}) < len(headers):
        return None
    kinds = {
        "brand_name": clean_csv.Kind.STATED,
        "location_id": clean_csv.Kind.LONG,
        "business_residential_code": clean_csv.Kind.LETTER,
    }
    wanted = {found[name]: kinds.get(name, clean_csv.Kind.SHORT) for name in _NEEDED}
    names = {header: name for name, header in found.items()}

    def declared(block: clean_csv.Block) -> pa.Table:
        return _declared({names[header]: block[header] for header in block})

    try:
        tables = clean_csv.read_columns(path, headers, wanted, declared)
    except (clean_csv.NotCleanError, _NotCleanError):
        return None
    return pa.concat_tables(tables) if tables else None


def _declared(block: Mapping[str, npt.NDArray[Any]]) -> pa.Table:
    """Return the numbers of an availability file as declarations.

    Raises
    ------
    _NotCleanError
        When a code is not in its list.
    """
    technology, low_latency = block["technology"], block["low_latency"]
    customer = _PLACE_OF_LETTER[block["business_residential_code"]]
    listed = technology.max(initial=0) <= max(TECHNOLOGIES) and _IS_LISTED[technology].all()
    if not listed or low_latency.max(initial=0) > 1 or customer.min(initial=0) < 0:
        raise _NotCleanError
    provider = _numbers(block["provider_id"])
    names = [TECHNOLOGIES.get(code, TECHNOLOGIES[0]) for code in range(max(TECHNOLOGIES) + 1)]
    return pa.table(
        {
            "address_id": _numbers(block["location_id"]),
            "operator": provider,
            "infrastructure": provider,
            "technology": _named(technology, (name for name, _ in names)),
            "spectrum": _named(technology, (spectrum for _, spectrum in names)),
            "max_down_mbps": _numbers(block["max_advertised_download_speed"]),
            "max_up_mbps": _numbers(block["max_advertised_upload_speed"]),
            "latency_ms": _numbers(101 - low_latency),
            "customer": _named(customer, _CUSTOMERS.values()),
        }
    )


def _numbers(values: npt.NDArray[Any]) -> pa.Array:
    """Return numbers as they lie: ``pyarrow.array`` begins by importing pandas."""
    buffers = [None, pa.py_buffer(values)]
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), buffers)


def _named(codes: npt.NDArray[Any], names: Iterable[str]) -> pa.Array:
    """Return codes as text, by the name of each; two codes may have one name."""
    return pa.DictionaryArray.from_arrays(_numbers(codes), _dictionary(tuple(names)))


@cache
def _dictionary(names: tuple[str, ...]) -> pa.Array:
    return pl.Series(names).to_arrow().cast(pa.string())


def recognise(headers: tuple[str, ...]) -> bool:
    """Tell the file by its exact columns.

    Examples
    --------
    >>> recognise(HEADER)
    True
    """
    names = {plain(header) for header in headers}
    return {"location_id", "technology", "max_advertised_download_speed"} <= names


class _NotCleanError(Exception):
    """A value breaks its type or a rule: the careful path will name it."""


def _read_fast(path: Path, target: Path) -> Reading | None:
    """Return the reading, or None when a value or a rule is broken anywhere."""
    if cut_notes(path):
        return None
    table = load("nexpo.connectivity", "declarations")
    try:
        with atomic_path(target) as part:
            _canonical(scan_bdc(path), table).sink_parquet(part, compression="zstd")
            rows = _sound_rows(part)
    except (pl.exceptions.PolarsError, _NotCleanError):
        return None
    target.with_name(f"{target.stem}.rejects.csv").unlink(missing_ok=True)
    return Reading(
        table=table.name,
        path=target,
        rows=rows,
        rejected=0,
        rejects=None,
        reasons=(),
        ignored_columns=_ignored(path),
        notes=(*_unknown_codes(path), *noted(target, _DOUBLED)),
    )


def _canonical(frame: pl.LazyFrame, table: Table) -> pl.LazyFrame:
    """Return the declared columns; what the file does not say has its default."""
    code = pl.col("technology")
    made = {
        "address_id": pl.col("location_id").cast(pl.String),
        "operator": pl.col("brand_name").str.strip_chars(),
        "infrastructure": pl.col("provider_id").cast(pl.String),
        "technology": code.replace_strict(
            {k: v[0] for k, v in TECHNOLOGIES.items()},
            default=pl.when(code.is_not_null()).then(pl.lit("other")),
            return_dtype=pl.String,
        ),
        "spectrum": code.replace_strict(
            {k: v[1] for k, v in TECHNOLOGIES.items()}, default="not_stated", return_dtype=pl.String
        ),
        "max_down_mbps": pl.col("max_advertised_download_speed").cast(pl.Float64),
        "max_up_mbps": pl.col("max_advertised_upload_speed").cast(pl.Float64),
        "latency_ms": pl.col("low_latency")
        .cast(pl.Float64)
        .replace_strict({1.0: 100.0, 0.0: 101.0}, default=None, return_dtype=pl.Float64),
        "customer": pl.col("business_residential_code")
        .str.strip_chars()
        .replace_strict(_CUSTOMERS, default=None, return_dtype=pl.String),
    }
    return frame.select(
        made.get(column.name, _default(column)).alias(column.name) for column in table.columns
    )


def _default(column: Column) -> pl.Expr:
    if column.type == "boolean":
        return pl.lit({"no": False, "yes": True}.get(column.default or ""), pl.Boolean)
    kind = _POLARS[column.type]
    return pl.lit(column.default, pl.String).cast(kind)


_POLARS: dict[ColumnType, type[pl.DataType]] = {
    "text": pl.String,
    "code": pl.String,
    "integer": pl.Int64,
    "decimal": pl.Float64,
    "boolean": pl.Boolean,
    "date": pl.Date,
}


def _sound_rows(parquet: Path) -> int:
    """Return the number of rows, when each has what it must have."""
    must = (
        "address_id",
        "operator",
        "infrastructure",
        "technology",
        "max_down_mbps",
        "max_up_mbps",
        "latency_ms",
        "customer",
    )
    broken = pl.any_horizontal(
        *(pl.col(name).is_null() for name in must),
        pl.col("operator") == "",
        pl.min_horizontal("max_down_mbps", "max_up_mbps") < 0,
        ~pl.col("address_id").str.contains("^[0-9]{1,15}$"),
    )
    found = pl.scan_parquet(parquet).select(pl.len(), broken=broken.any()).collect().row(0)
    if found[1] or not found[0]:
        raise _NotCleanError
    return int(found[0])


def _unknown_codes(path: Path) -> tuple[tuple[str, int], ...]:
    found = (
        scan_bdc(path, ["technology"])
        .filter(~pl.col("technology").is_in(list(TECHNOLOGIES)))
        .group_by("technology")
        .len()
        .sort("technology")
        .collect()
        .rows()
    )
    return tuple((_UNKNOWN.format(code), int(count)) for code, count in found)


def _read_careful(path: Path, target: Path, dialect: Dialect | None) -> Reading:
    with as_text_table(path) as readable:
        headers = read_header(readable, dialect)[1]
        found = need_roles(path, headers, {name: (name,) for name in _NEEDED}, _NEEDED)
        code = cell(found["technology"])
        reading = read_table(
            readable,
            load("nexpo.connectivity", "declarations"),
            target,
            dialect=dialect,
            layout=Layout(expressions=_expressions(found), checks=_CHECKS),
            doubts=_DOUBLED,
        )
        known = ", ".join(literal(str(known)) for known in TECHNOLOGIES)
        unknown = ask(
            readable,
            dialect,
            f"SELECT {code}, count(*) FROM file WHERE regexp_full_match({code}, '[0-9]+') "
            f"AND {code} NOT IN ({known}) GROUP BY 1 ORDER BY 1",
        )
    notes = tuple((_UNKNOWN.format(value), int(count)) for value, count in unknown)
    return replace(reading, notes=(*notes, *reading.notes))


def _expressions(found: Mapping[str, str]) -> dict[str, str]:
    code, latency = cell(found["technology"]), cell(found["low_latency"])
    customer = cell(found["business_residential_code"])
    return {
        "address_id": cell(found["location_id"]),
        "operator": cell(found["brand_name"]),
        "infrastructure": cell(found["provider_id"]),
        "technology": _code_sql(code, 0, "other"),
        "spectrum": _code_sql(code, 1, "not_stated"),
        "max_down_mbps": cell(found["max_advertised_download_speed"]),
        "max_up_mbps": cell(found["max_advertised_upload_speed"]),
        "latency_ms": f"CASE {latency} WHEN '1' THEN '100' WHEN '0' THEN '101' ELSE {latency} END",
        "customer": translated(
            f"coalesce({customer}, 'no value')",
            {code.lower(): value for code, value in _CUSTOMERS.items()},
        ),
    }


def _code_sql(code: str, part: int, otherwise: str) -> str:
    """Return SQL for one side of a technology code; what is no number is to be refused."""
    cases = " ".join(f"WHEN '{k}' THEN '{v[part]}'" for k, v in TECHNOLOGIES.items())
    return (
        f"CASE WHEN regexp_full_match({code}, '[0-9]+') "
        f"THEN CASE {code} {cases} ELSE '{otherwise}' END ELSE 'code ' || {code} END"
    )


def _ignored(path: Path) -> tuple[str, ...]:
    return tuple(name for name in read_header(path)[1] if plain(name) not in _NEEDED)


def _must(column: str, failing: str, reason: str, remedy: str) -> Check:
    return Check(column, failing, f'"{column}"', reason, remedy)


_CHECKS = (
    _must(
        "address_id",
        "NOT regexp_full_match(\"address_id\", '[0-9]{1,15}')",
        "not a location id",
        "a location id is digits only",
    ),
    _must(
        "infrastructure",
        '"infrastructure" IS NULL',
        "no provider_id",
        "each row names its provider",
    ),
    _must(
        "max_down_mbps",
        '"max_down_mbps" IS NULL OR TRY_CAST("max_down_mbps" AS DOUBLE) < 0 '
        'OR TRY_CAST("max_down_mbps" AS INTEGER)::VARCHAR <> "max_down_mbps"',
        "not a speed in whole Mbit/s",
        "write a whole number, 0 or above",
    ),
    _must(
        "max_up_mbps",
        '"max_up_mbps" IS NULL OR TRY_CAST("max_up_mbps" AS DOUBLE) < 0 '
        'OR TRY_CAST("max_up_mbps" AS INTEGER)::VARCHAR <> "max_up_mbps"',
        "not a speed in whole Mbit/s",
        "write a whole number, 0 or above",
    ),
    _must(
        "latency_ms",
        "coalesce(\"latency_ms\", '') NOT IN ('100', '101')",
        "low_latency is neither 0 nor 1",
        "the flag is 1 for at most 100 ms, else 0",
    ),
)
