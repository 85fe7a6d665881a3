"""The crate is one that others can read: the rocrate library loads it."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest
from rocrate.rocrate import ROCrate

from nexpo.core.evidence import Input
from nexpo.core.rocrate import Description, write_crate

FILES = {"index.html": b"<html>", "tables/need.csv": b"id\n1\n", "evidence/f.jsonl": b"{}\n"}
INPUTS = (
    Input("infratel", "list.csv", "ab" * 32, "CC-BY-4.0", "2025-08", redistributable=True),
    Input("ookla", "tiles.parquet", "cd" * 32, "CC-BY-NC-SA-4.0", "2025", redistributable=False),
)


@pytest.fixture
def crate(tmp_path: Path) -> ROCrate:
    for name, data in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    write_crate(tmp_path, Description("Lombardia", "A build", "EUPL-1.2", date(2026, 1, 2)), INPUTS)
    return ROCrate(tmp_path)


def test_the_root_says_what_it_is(crate: ROCrate) -> None:
    assert (crate.name, crate.description) == ("Lombardia", "A build")
    assert crate.license == "EUPL-1.2"
    assert crate.root_dataset["datePublished"] == "2026-01-02"


def test_every_file_is_named_with_its_hash(crate: ROCrate) -> None:
    parts = {entity.id: entity["sha256"] for entity in crate.root_dataset["hasPart"]}
    assert parts == {name: hashlib.sha256(data).hexdigest() for name, data in FILES.items()}
    assert all(entity.type == "File" for entity in crate.root_dataset["hasPart"])


def test_every_input_is_named_with_licence_vintage_and_hash(crate: ROCrate) -> None:
    given = crate.dereference("#build")["object"]
    told = [(e["name"], e["license"], e["temporalCoverage"], e["sha256"]) for e in given]
    assert told == [(item.name, item.licence, item.vintage, item.sha256) for item in INPUTS]


def test_the_action_leads_from_inputs_to_results_by_the_program(crate: ROCrate) -> None:
    action = crate.dereference("#build")
    assert {entity.id for entity in action["result"]} == set(FILES)
    assert action["instrument"]["name"] == "Nexpo"
    assert crate.root_dataset["mentions"] == action
