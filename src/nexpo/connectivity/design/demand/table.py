"""The table of addresses, whole and without doubles."""

from __future__ import annotations

import polars as pl

from nexpo.connectivity.design.findings import SHOWN, Finding, finding
from nexpo.connectivity.design.model import (
    Service,
)
from nexpo.core.problem import Where, bad_input

_SERVICES = {each.value: place for place, each in enumerate(Service)}
_BY = "+"


def complete(addresses: pl.DataFrame) -> pl.DataFrame:
    """Return all columns with their types, units and kinds checked."""
    for name in ("id", "street", "number"):
        if name not in addresses.columns:
            raise bad_input(
                f"the address table has no column {name}",
                value=", ".join(addresses.columns),
                remedy="read it with nexpo.sources.addresses",
            )
    absent: dict[str, pl.Expr] = {
        "lon": pl.lit(None, pl.Float64),
        "lat": pl.lit(None, pl.Float64),
        "units": pl.lit(1, pl.Int64),
        "kind": pl.lit(Service.HOME.value),
        "klass": pl.lit(""),
        "connected": pl.lit(value=False),
    }
    table = addresses.with_columns(
        made.alias(name) for name, made in absent.items() if name not in addresses.columns
    ).with_columns(
        pl.col("id", "street", "number").cast(pl.String),
        pl.col("lon", "lat").cast(pl.Float64).fill_nan(None),
        pl.col("units").cast(pl.Int64).fill_null(1),
        pl.col("kind").cast(pl.String).fill_null(Service.HOME.value),
        pl.col("klass").cast(pl.String).fill_null(""),
        pl.col("connected").cast(pl.Boolean).fill_null(value=False),
    )
    _refuse(table, "id", pl.col("id").is_null(), "an address has no id", "give each an id")
    _refuse(table, "units", pl.col("units") < 1, "an address without a unit", "leave it out")
    kinds = ", ".join(_SERVICES)
    unknown = ~pl.col("kind").is_in(list(_SERVICES))
    _refuse(table, "kind", unknown, "unknown kind of address", f"one of {kinds}")
    outside = (pl.col("lon").abs() > 180) | (pl.col("lat").abs() > 90)  # noqa: PLR2004 - degrees
    _refuse(table, "lon", outside, "a coordinate is no degree", "give WGS 84 degrees")
    return table.with_columns(
        service=pl.col("kind").replace_strict(
            list(_SERVICES), list(_SERVICES.values()), return_dtype=pl.Int64
        )
    )


def _refuse(table: pl.DataFrame, column: str, wrong: pl.Expr, detail: str, remedy: str) -> None:
    rows = table.with_row_index("row").filter(wrong)
    if rows.height:
        first = rows.row(0, named=True)
        raise bad_input(
            f"{detail} (id {first['id']})",
            where=Where(row=int(first["row"]) + 1, column=column),
            value=first[column],
            remedy=remedy,
        )


def distinct(table: pl.DataFrame) -> tuple[pl.DataFrame, Finding]:
    """Make one demand of an address that stands twice, keeping all its classes.

    An address is its street, number and coordinate; one without street is its id.
    """
    grouped = (
        table.with_columns(key=_key())
        .group_by("key", maintain_order=True)
        .agg(
            *(pl.col(name).first() for name in ("id", "street", "number", "lon", "lat", "service")),
            pl.col("units").max(),
            pl.col("klass").filter(pl.col("klass") != "").unique().sort().str.join(_BY),
            pl.col("connected").any(),
            times=pl.len(),
        )
    )
    twice = grouped.filter(pl.col("times") > 1)
    said = finding(
        "double_address",
        "address listed again made one demand, with all its classes",
        [
            " ".join(row[part] for part in ("id", "street", "number") if row[part])
            for row in twice.head(SHOWN).iter_rows(named=True)
        ],
        notes=[
            f"{row['times']} times, class {row['klass']}" for row in twice.iter_rows(named=True)
        ],
        count=table.height - grouped.height,
    )
    _refuse(
        grouped,
        "id",
        pl.col("id").is_duplicated(),
        "two different addresses share an id",
        "give each address an id of its own",
    )
    return grouped.drop("key", "times"), said


def _key() -> pl.Expr:
    """Return what two rows of one address share; the id is in it where the address says little."""
    written = pl.col("street").fill_null("")
    street = written.str.to_uppercase().str.replace_all(r"\s+", " ").str.strip_chars()
    number = pl.col("number").fill_null("").str.to_uppercase().str.strip_chars()
    known = (written.str.strip_chars() != "") & ~number.is_in(["", "0", "SNC", "0/SNC"])
    place = (pl.col(name).round(6).cast(pl.String).fill_null("") for name in ("lon", "lat"))
    spot = pl.concat_str(street, number, *place, separator="|")
    own = pl.concat_str(pl.lit("|"), pl.col("id"), spot, separator="|")
    return pl.when(known).then(spot).otherwise(own)
