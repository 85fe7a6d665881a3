"""Synthetic inputs of full size, by seed: declarations as Parquet, availability as CSV."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

ADDRESSES = 21_000_000
OPERATORS = 5
MUNICIPALITIES = 7_896
BDC_ROWS = 10_000_000
_BLOCK = 1_000_000
_PRIME = 899_999_999_999_989


def declarations(path: Path, scale: float, *, shuffled: bool) -> int:
    """Write declarations of five operators for 21 million addresses; return the rows.

    Ids have fifteen digits and are sparse. ``shuffled`` puts each operator's addresses in
    a random order; otherwise they come by municipality, as in the real files.
    """
    count = int(ADDRESSES * scale)
    chance = np.random.default_rng(20250801)
    place = np.arange(count, dtype=np.int64)
    ids = place * 46_116_861_001 % _PRIME + 10**14
    town = (place * MUNICIPALITIES // count).astype(np.int32)
    if not shuffled:
        ids = np.sort(ids)
    names = [f"{code:06d}" for code in range(1, MUNICIPALITIES + 1)]
    writer = None
    for operator in range(OPERATORS):
        order = chance.permutation(count) if shuffled else place
        for start in range(0, count, _BLOCK):
            chosen = order[start : start + _BLOCK]
            table = _block(chance, operator, ids[chosen], town[chosen], names)
            writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table)
    if writer is not None:
        writer.close()
    return count * OPERATORS


def _block(
    chance: np.random.Generator, operator: int, ids: np.ndarray, town: np.ndarray, names: list[str]
) -> pa.Table:
    count = len(ids)
    technology = chance.choice(4, count, p=[0.5, 0.25, 0.2, 0.05]).astype(np.int8)
    down = np.select(
        [technology == 0, technology == 1, technology == 3],
        [1000, chance.choice([30, 100, 300], count), 500],
        chance.choice([20, 100, 200], count),
    ).astype(np.float64)
    return pa.table(
        {
            "address_id": ids,
            "istat": _named(town, names),
            "operator": _named(np.full(count, operator, np.int8), list("ABCDE")),
            "infrastructure": _named(
                chance.integers(0, 4, count).astype(np.int8), ["Rete", "Cavo", "Radio", "Rame"]
            ),
            "technology": _named(technology, ["fibre", "fwa", "copper", "cable"]),
            "spectrum": _named(
                np.where(technology == 1, chance.integers(0, 2, count), 2).astype(np.int8),
                ["licensed", "unlicensed", "none"],
            ),
            "peak_down_mbps": down,
            "peak_up_mbps": down / 5,
            "year": chance.choice([2024, 2025, 2026, 2027, 2028, 2029], count),
        }
    )


def _named(codes: np.ndarray, names: list[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(names))


def availability(path: Path, scale: float) -> int:
    """Write an availability file in the FCC's layout; 4 % of brands hold a comma."""
    rows = int(BDC_ROWS * scale)
    chance = np.random.default_rng(7)
    brands = [f"Brand {n}" for n in range(24)] + ["Peak, LLC"]
    with pa.OSFile(str(path), "wb") as stream:
        writer = None
        for start in range(0, rows, _BLOCK):
            table = _availability(chance, min(_BLOCK, rows - start), rows, brands)
            writer = writer or pc.CSVWriter(
                stream, table.schema, write_options=pc.WriteOptions(quoting_style="needed")
            )
            writer.write_table(table)
        if writer is not None:
            writer.close()
    return rows


def _availability(
    chance: np.random.Generator, count: int, rows: int, brands: list[str]
) -> pa.Table:
    provider = chance.integers(0, len(brands), count)
    code = chance.choice([10, 40, 50, 60, 61, 70, 71, 72], count)
    down = chance.choice([0, 10, 25, 50, 100, 300, 940, 1000], count)
    hexagon = chance.integers(0, 1 << 30, count)
    return pa.table(
        {
            "frn": [f"{n:010d}" for n in provider * 7919],
            "provider_id": 130_000 + provider,
            "brand_name": np.array(brands)[provider],
            "location_id": 1_000_000_000 + chance.integers(0, rows // 4, count),
            "technology": code,
            "max_advertised_download_speed": down,
            "max_advertised_upload_speed": down // 5,
            "low_latency": (code != 60).astype(np.int8),
            "business_residential_code": np.array(["X", "R", "B"])[chance.integers(0, 3, count)],
            "state_usps": np.full(count, "TX"),
            "block_geoid": [f"48{n:013d}" for n in hexagon],
            "h3_res8_id": [f"88{n:013x}" for n in hexagon],
        }
    )
