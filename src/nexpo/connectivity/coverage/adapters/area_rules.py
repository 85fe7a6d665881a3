"""Applying the residual and the proximity rule to classified addresses."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyproj import Transformer

from nexpo.connectivity.coverage import areas
from nexpo.connectivity.coverage.adapters.engine import declared_columns
from nexpo.connectivity.coverage.model import Aid, Rule
from nexpo.core.files import atomic_path
from nexpo.core.ingest import parquet

_RESIDUAL = "residual rule: too few uncovered addresses in the aggregate"
_FUNDED = "a programme funds the address already"
_PROXIMITY = "proximity rule: beside funded addresses and far enough from covered ones"


@dataclass(frozen=True, slots=True)
class Applied:
    """What the area rules changed."""

    dropped: int
    admitted: int
    funded: int
    aid: Counter[tuple[str | None, str]]
    notes: tuple[str, ...]


def apply(rows: Path, declarations: Path, rule: Rule, funded: frozenset[str]) -> Applied:
    """Apply the area rules of a rule to a file of classified addresses, in place.

    Parameters
    ----------
    rows
        Parquet written by the classification; it gains a column ``area_rule``.
    declarations
        Parquet in the declared layout, for coordinates, grid cells and streets.
    rule
        The rule with its ``residual`` and ``proximity`` parts.
    funded
        Ids of addresses that a programme already funds; empty: proximity is not judged.
    """
    table = _joined(rows, declarations)
    points = _points(table)
    aid = np.array(table.column("aid").to_pylist(), dtype=object)
    eligible = aid == Aid.YES.value
    notes: list[str] = []
    dropped = _dropped(rule, table, points, eligible, notes)
    is_funded = np.isin(np.array(table.column("address_id").to_pylist()), sorted(funded))
    admitted = np.zeros(len(aid), np.bool_)
    if rule.proximity is not None and funded:
        admitted = areas.proximity(
            points,
            _codes(table.column("street_key")),
            candidates=eligible & ~is_funded,
            funded=is_funded,
            covered=~eligible & ~is_funded,
            rule=rule.proximity,
        )
    elif rule.proximity is not None:
        notes.append("proximity rule not judged: no list of funded addresses was given")
    changed = _changed(table, dropped & ~admitted & ~is_funded, admitted, is_funded)
    with atomic_path(rows) as part:
        pq.write_table(changed, part)
    counted = changed.group_by(["area", "aid"]).aggregate([([], "count_all")]).to_pylist()
    return Applied(
        dropped=int((dropped & ~admitted & ~is_funded).sum()),
        admitted=int(admitted.sum()),
        funded=int(is_funded.sum()),
        aid=Counter({(row["area"], row["aid"]): row["count_all"] for row in counted}),
        notes=tuple(notes),
    )


def _joined(rows: Path, declarations: Path) -> pa.Table:
    found = pq.read_schema(declarations).names
    with duckdb.connect() as connection:
        return connection.execute(
            f"""
            SELECT classified.*, lon, lat, grid_cell, street_key
            FROM {parquet(rows)} AS classified LEFT JOIN (
              SELECT address_id, min(lon) AS lon, min(lat) AS lat,
                min(grid_cell) AS grid_cell,
                min(istat || '|' || upper(trim(street))) AS street_key
              FROM (SELECT {declared_columns(found)} FROM {parquet(declarations)})
              GROUP BY address_id
            ) AS places USING (address_id) ORDER BY address_id"""
        ).to_arrow_table()


def _points(table: pa.Table) -> areas.Points:
    lon = table.column("lon").to_numpy().astype(np.float64)
    lat = table.column("lat").to_numpy().astype(np.float64)
    east, north = Transformer.from_crs(4326, 3035, always_xy=True).transform(lon, lat)
    points = np.column_stack([east, north])
    points[~np.isfinite(points)] = np.nan
    return points


def _dropped(
    rule: Rule, table: pa.Table, points: areas.Points, eligible: areas.Mask, notes: list[str]
) -> areas.Mask:
    if rule.residual is None:
        return np.zeros(len(eligible), np.bool_)
    cell = areas.cells(points, rule.residual.cell_m)
    if (cell < 0).all():
        cell = _codes(table.column("grid_cell"))
        notes.append(
            "residual rule: no coordinates, the file's grid cells stand in for aggregates"
            if (cell >= 0).any()
            else "residual rule not applied: neither coordinates nor grid cells"
        )
    return areas.residual(eligible, cell, rule.residual)


def _codes(column: pa.ChunkedArray) -> areas.Codes:
    indices = pc.dictionary_encode(column).combine_chunks().indices
    codes: areas.Codes = pc.fill_null(indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    return codes


def _changed(
    table: pa.Table, dropped: areas.Mask, admitted: areas.Mask, funded: areas.Mask
) -> pa.Table:
    """Return the rows with eligibility, reason and required speed after the area rules."""
    kept = table.drop_columns(["lon", "lat", "grid_cell", "street_key"])
    refused = pa.array(dropped | funded)
    required = kept.column("required_down_mbps")
    reason = pc.if_else(pa.array(dropped), _RESIDUAL, kept.column("reason"))
    reason = pc.if_else(pa.array(admitted), _PROXIMITY, reason)
    changed = {
        "aid": pc.if_else(refused, Aid.NO.value, kept.column("aid")),
        "reason": pc.if_else(pa.array(funded), _FUNDED, reason),
        "required_down_mbps": pc.if_else(refused, pa.scalar(None, required.type), required),
    }
    for name, values in changed.items():
        kept = kept.set_column(kept.schema.get_field_index(name), name, values)
    labels = pc.case_when(
        pc.make_struct(pa.array(funded), pa.array(dropped), pa.array(admitted)),
        pa.scalar("funded"),
        pa.scalar("residual"),
        pa.scalar("proximity"),
    )
    return kept.append_column("area_rule", labels)
