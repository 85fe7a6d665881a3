"""Running a consultation round on files.

Only the addresses that a correction touches are classified again: the rest cannot
change. The amended declarations are written whole, for the next round.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from nexpo.connectivity.coverage import consultation
from nexpo.connectivity.coverage.adapters.engine import Engine, Job, declared_columns
from nexpo.connectivity.coverage.adapters.files import carried_columns
from nexpo.connectivity.coverage.model import Rule
from nexpo.connectivity.coverage.rules import CompiledRule, compile_rule
from nexpo.core.files import atomic_path
from nexpo.core.progress import Progress, Silent


@dataclass(frozen=True, slots=True)
class Round:
    """What a consultation round changed."""

    corrections: int
    unmatched: tuple[consultation.Unmatched, ...]
    touched: int
    changes: tuple[consultation.Change, ...]
    by_cause: Mapping[str, int]

    def as_dict(self) -> dict[str, Any]:
        """Return the round as plain values."""
        moves = Counter(
            f"{change.colour_before or 'not declared'} -> {change.colour_after or 'not declared'}"
            for change in self.changes
        )
        return {
            "corrections": self.corrections,
            "applied": self.corrections - len(self.unmatched),
            "addresses_touched": self.touched,
            "addresses_changed": len(self.changes),
            "by_move": dict(sorted(moves.items())),
            "by_cause": dict(self.by_cause),
            "changes": [asdict(change) for change in self.changes],
            "not_applied": [
                {**_named(item.correction), "reason": item.reason, "remedy": item.remedy}
                for item in self.unmatched
            ],
        }


def run(
    declarations: Path,
    corrections: Sequence[Mapping[str, Any]],
    rule: Rule,
    day: date,
    *,
    engine: Engine,
    progress: Progress,
    amended: Path | None = None,
) -> Round:
    """Apply corrections, classify the touched addresses before and after, compare.

    Parameters
    ----------
    declarations
        Parquet in the declared layout.
    corrections
        Rows of the table ``corrections`` (new plans come as ``add``).
    amended
        Parquet for all declarations after the round, or None.
    """
    touched = sorted({str(row["address_id"]) for row in corrections})
    progress.step(f"{len(corrections):,} corrections at {len(touched):,} addresses")
    before = _declarations(declarations, touched)
    after, unmatched = consultation.amend(before, corrections)
    compiled = _compiled(declarations, rule, day, corrections)
    progress.step("colours before and after")
    changes = consultation.difference(
        _classified(before, compiled, engine),
        _classified(after, compiled, engine),
        consultation.causes_by_address(corrections),
    )
    if amended is not None:
        progress.step("amended declarations")
        _write_amended(declarations, touched, after, amended)
    return Round(
        corrections=len(corrections),
        unmatched=tuple(unmatched),
        touched=len(touched),
        changes=tuple(changes),
        by_cause=consultation.count_by_cause(changes, corrections, day),
    )


def plans_as_corrections(plans: Path, day: date) -> list[dict[str, Any]]:
    """Read declarations of new plans as corrections that add them."""
    rows = _declarations(plans, None)
    return [
        row
        | {
            "action": "add",
            "submitted_by": row["operator"],
            "submitted_on": row["progress_report_on"] or day,
            "progress_report_on": row["progress_report_on"] or day,
            "motive": "new plan declared in the consultation",
        }
        for row in rows
    ]


def write_changes(changes: Sequence[consultation.Change], target: Path) -> Path:
    """Write one line a changed address as CSV, atomically."""
    names = [field for field in consultation.Change.__dataclass_fields__ if field != "causes"]
    with atomic_path(target) as part, part.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*names, "causes"])
        for change in changes:
            plain = asdict(change)
            writer.writerow([*(plain[name] for name in names), "; ".join(change.causes)])
    return target


def _compiled(
    path: Path, rule: Rule, day: date, corrections: Sequence[Mapping[str, Any]]
) -> CompiledRule:
    """Compile for what the file carries and what the corrections bring along."""
    brought = {name for row in corrections for name, value in row.items() if value is not None}
    return compile_rule(rule, day, present_columns=carried_columns(path) | brought)


def _declarations(path: Path, addresses: Sequence[str] | None) -> list[dict[str, Any]]:
    found = pq.read_schema(path).names
    with duckdb.connect() as connection:
        table = f"(SELECT {declared_columns(found)} FROM read_parquet('{_escaped(path)}'))"
        if addresses is not None:
            wanted = pa.table({"address_id": pa.array(addresses, pa.string())})
            connection.register("wanted", wanted)
            table += " SEMI JOIN wanted USING (address_id)"
        rows: list[dict[str, Any]] = (
            connection.execute(f"SELECT * FROM {table} ORDER BY ALL").to_arrow_table().to_pylist()
        )
    return rows


def _classified(
    rows: list[dict[str, Any]], rule: CompiledRule, engine: Engine
) -> dict[str, dict[str, Any]]:
    if not rows:
        return {}
    with TemporaryDirectory() as folder:
        given, out = Path(folder) / "given.parquet", Path(folder) / "out.parquet"
        _write(rows, given)
        engine.run(Job(given, rule, "istat", out), Silent())
        table = pq.read_table(out, columns=["address_id", "area", "colour", "aid"])
    return {row["address_id"]: row for row in table.to_pylist()}


def _write(rows: list[dict[str, Any]], target: Path) -> None:
    """Write rows with declared types, whatever columns they happen to have."""
    with duckdb.connect() as connection:
        names = sorted({name for row in rows for name in row})
        given = pa.Table.from_pylist([{name: row.get(name) for name in names} for row in rows])
        connection.register("given", given)
        connection.execute(
            f"COPY (SELECT {declared_columns(names)} FROM given) "
            f"TO '{_escaped(target)}' (FORMAT parquet)"
        )


def _write_amended(
    declarations: Path, touched: Sequence[str], after: list[dict[str, Any]], target: Path
) -> None:
    found = pq.read_schema(declarations).names
    with (
        TemporaryDirectory() as folder,
        duckdb.connect() as connection,
        atomic_path(target) as part,
    ):
        union = ""
        if after:
            _write(after, Path(folder) / "after.parquet")
            union = f"UNION ALL SELECT * FROM read_parquet('{folder}/after.parquet')"
        connection.register("touched", pa.table({"address_id": pa.array(touched, pa.string())}))
        connection.execute(
            f"COPY (SELECT * FROM (SELECT {declared_columns(found)} "
            f"FROM read_parquet('{_escaped(declarations)}')) ANTI JOIN touched "
            f"USING (address_id) {union}) TO '{part}' (FORMAT parquet, COMPRESSION zstd)"
        )


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("action", "address_id", "operator", "technology", "submitted_by", "submitted_on")
    return {name: row.get(name) for name in names}


def _escaped(path: Path) -> str:
    return str(path).replace("'", "''")
