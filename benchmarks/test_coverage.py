"""Declarations to colours, availability to classes: beside pandas and a bare scan."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import make_inputs, measure

pytestmark = pytest.mark.bench

SCAN = """
import sys, duckdb
duckdb.execute("SET threads = 2")
columns = ("min(istat), min(operator), min(infrastructure), min(technology), min(spectrum), "
           "sum(address_id::HUGEINT), sum(peak_down_mbps), sum(peak_up_mbps), sum(year)")
print(duckdb.sql(f"SELECT {columns} FROM read_parquet('{sys.argv[1]}')").fetchall())
"""

PANDAS = """
import sys, numpy as np, pandas as pd
f = pd.read_parquet(sys.argv[1])
fixed = f.technology.isin(["fibre", "cable", "copper"])
licensed = (f.technology == "fwa") & (f.spectrum == "licensed")
f = f[["address_id", "istat", "infrastructure", "peak_down_mbps", "peak_up_mbps", "year"]].assign(
    counts=(fixed | licensed) & (f.peak_down_mbps >= 100) & (f.year <= 2028))
f["target"] = f.counts & (f.peak_down_mbps >= 1000) & (f.peak_up_mbps >= 150)
f["network"] = f.infrastructure.cat.codes.where(f.counts)
by = f.groupby("address_id")
a = by.agg(istat=("istat", "first"), low=("network", "min"), high=("network", "max"),
           target=("target", "max"))
a["colour"] = np.select([a.low.isna(), a.low == a.high], ["white", "grey"], "black")
t = a.groupby(["istat", "colour", "target"], observed=True).size()
print({k: int(v) for k, v in a.colour.value_counts().items()})
"""

PANDAS_BDC = """
import sys, pandas as pd
f = pd.read_csv(sys.argv[1], dtype={"frn": "string", "provider_id": "Int64", "brand_name": "string",
    "location_id": "Int64", "technology": "Int64", "max_advertised_download_speed": "Float64",
    "max_advertised_upload_speed": "Float64", "low_latency": "boolean",
    "business_residential_code": "string", "state_usps": "string", "block_geoid": "string",
    "h3_res8_id": "string"}, true_values=["1"], false_values=["0"])
f = f[f.technology.isin([10, 40, 50, 71, 72]) & f.low_latency]
d, u = f.max_advertised_download_speed, f.max_advertised_upload_speed
f = f.assign(served=(d >= 100) & (u >= 20), lesser=(d >= 25) & (u >= 3))
print(f.groupby("location_id")[["served", "lesser"]].max().value_counts().to_dict())
"""


@pytest.mark.parametrize("shuffled", [False, True], ids=["by municipality", "shuffled"])
def test_declarations_to_colours(folder: Path, scale: float, *, shuffled: bool) -> None:
    path = folder / "declarations.parquet"
    rows = make_inputs.declarations(path, scale, shuffled=shuffled)
    arguments = ("coverage", "classify", str(path), "--rule", "eu-2023", "--date", "2025-08-01")
    measured = {
        "nexpo (whole process)": measure.quickest(lambda: measure.nexpo(*arguments, "--json")),
        "bare scan of the same columns (DuckDB)": measure.quickest(
            lambda: measure.python(SCAN, str(path))
        ),
        "pandas, one rule by hand": measure.python(PANDAS, str(path)),
    }
    measure.report(f"{rows:,} declarations", measured, "nexpo (whole process)")
    result = json.loads(measured["nexpo (whole process)"].output)
    assert eval(measured["pandas, one rule by hand"].output) == result["colours"]  # noqa: S307
    assert measured["nexpo (whole process)"].peak_gb <= 4.0


def test_availability_to_classes(folder: Path, scale: float) -> None:
    path = folder / "availability.csv"
    rows = make_inputs.availability(path, scale)
    arguments = ("coverage", "classify", str(path), "--rule", "bead", "--date", "2025-08-01")
    by_hand = (PANDAS_BDC, str(path))
    measured = {
        "nexpo (whole process)": measure.quickest(
            lambda: measure.nexpo(*arguments, "--by", "none", "--json")
        ),
        "pandas, typed as bdcdata types it": measure.quickest(lambda: measure.python(*by_hand)),
    }
    measure.report(f"{rows:,} rows of availability", measured, "nexpo (whole process)")
    result = json.loads(measured["nexpo (whole process)"].output)
    classes = eval(measured["pandas, typed as bdcdata types it"].output)  # noqa: S307
    assert result["colours"]["served"] == classes[True, True]
    assert result["colours"]["underserved"] == classes[False, True]
