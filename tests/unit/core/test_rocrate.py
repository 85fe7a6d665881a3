"""The crate's entities: what each file and input says of itself."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from nexpo.core.evidence import Input
from nexpo.core.rocrate import METADATA, Description, write_crate

CRATE = Description("A build", "Of a region", "EUPL-1.2", date(2026, 1, 2))


def graph(folder: Path, *inputs: Input) -> dict[str, dict[str, Any]]:
    document = json.loads(write_crate(folder, CRATE, inputs).read_text(encoding="utf-8"))
    return {entity["@id"]: entity for entity in document["@graph"]}


def test_the_crate_does_not_list_itself(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id\n")
    first = graph(tmp_path)
    assert graph(tmp_path) == first
    assert first["./"]["hasPart"] == [{"@id": "a.csv"}]
    assert METADATA in first


def test_a_file_has_size_and_type(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.parquet").write_bytes(b"PAR1")
    (tmp_path / "odd.xyz").touch()
    found = graph(tmp_path)
    assert found["t/a.parquet"]["contentSize"] == "4"
    assert found["t/a.parquet"]["encodingFormat"] == "application/vnd.apache.parquet"
    assert found["odd.xyz"]["encodingFormat"] == "application/octet-stream"


def test_a_synthetic_input_says_so(tmp_path: Path) -> None:
    fake = Input("seed", "s.csv", "0" * 64, "none", "2026", redistributable=True, synthetic=True)
    assert graph(tmp_path, fake)["#input-seed-000000000000"]["description"] == "synthetic stand-in"
