"""Random declarations and rules for the tests that hold engines equal."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

SCHEMA = pa.schema(
    [
        ("address_id", pa.string()),
        ("istat", pa.string()),
        ("operator", pa.string()),
        ("infrastructure", pa.string()),
        ("technology", pa.string()),
        ("spectrum", pa.string()),
        ("max_down_mbps", pa.float64()),
        ("max_up_mbps", pa.float64()),
        ("peak_down_mbps", pa.float64()),
        ("peak_up_mbps", pa.float64()),
        ("latency_ms", pa.float64()),
        ("service", pa.string()),
        ("year", pa.int64()),
        ("progress_report_on", pa.date32()),
        ("activation_weeks", pa.float64()),
        ("distance_m", pa.float64()),
        ("customer", pa.string()),
    ]
)

_speeds = st.none() | st.sampled_from(
    [
        float("nan"),
        0.0,
        3.0,
        15.0,
        20.0,
        25.0,
        30.0,
        99.9,
        100.0,
        150.0,
        300.0,
        999.999,
        1000.0,
        2500.0,
    ]
)

_rows = st.fixed_dictionaries(
    {
        "address_id": st.integers(1, 12).map(lambda n: str(100_000_000_000_000 + n * 7)),
        "istat": st.none() | st.sampled_from(["015146", "097042", "012144"]),
        "operator": st.sampled_from(["Alfa", "Beta", "Gamma"]),
        "infrastructure": st.none() | st.sampled_from(["Alfa", "Rete", "Delta"]),
        "technology": st.sampled_from(
            ["fibre", "cable", "copper", "fwa", "mobile", "satellite", "other"]
        ),
        "spectrum": st.none()
        | st.sampled_from(["licensed", "unlicensed", "licensed_by_rule", "none", "not_stated"]),
        "max_down_mbps": _speeds,
        "max_up_mbps": _speeds,
        "peak_down_mbps": _speeds,
        "peak_up_mbps": _speeds,
        "latency_ms": st.none() | st.sampled_from([5.0, 100.0, 100.5, 600.0]),
        "service": st.none() | st.sampled_from(["served", "passed"]),
        "year": st.none() | st.integers(2022, 2031),
        "progress_report_on": st.none()
        | st.sampled_from(
            [date(2024, 7, 1), date(2025, 2, 1), date(2025, 1, 31), date(2025, 7, 1)]
        ),
        "activation_weeks": st.none() | st.sampled_from([1.0, 4.0, 4.5, 12.0]),
        "distance_m": st.none() | st.sampled_from([0.0, 50.0, 50.1, 400.0]),
        "customer": st.none() | st.sampled_from(["all", "business", "residential"]),
    }
)

declarations = st.lists(_rows, min_size=1, max_size=60)


def write(rows: list[dict[str, Any]], path: Path) -> Path:
    """Write rows as a Parquet file in the declared layout."""
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), path)
    return path
