"""The addresses that public money reached already, as a file gives them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq

from nexpo.connectivity.coverage.model import Rule
from nexpo.core import tables
from nexpo.core.ingest import ingest


@dataclass(frozen=True, slots=True)
class Funded:
    """The funded addresses of a file, and what is to be said of it."""

    ids: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def read_funded(path: Path | None) -> Funded:
    """Read the funded addresses, whether or not the rule asks for them: a bad file is told."""
    if path is None:
        return Funded()
    full = tables.load("nexpo.connectivity", "declarations")
    table = tables.Table("funded", (full["address_id"],))
    with TemporaryDirectory(prefix="nexpo-") as folder:
        target = Path(folder) / "funded.parquet"
        reading = ingest(path, table, target)
        ids = frozenset(pq.read_table(target).column("address_id").to_pylist())
    refused = f"{reading.rejected:,} rows of {path.name} (--funded) are refused; first: "
    return Funded(ids, tuple(refused + reason for reason, _ in reading.reasons[:1]))


def unused(funded: Funded, rule: Rule) -> list[str]:
    """Return what is to be said where the rule asks for no funded address."""
    if not funded.ids or rule.proximity is not None or rule.residual is not None:
        return []
    count = f"{len(funded.ids):,} funded addresses given change nothing"
    return [f"this rule has no proximity: the {count}"]
