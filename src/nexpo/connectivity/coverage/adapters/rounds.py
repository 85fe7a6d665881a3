"""Running a consultation round on files.

Under a rule on single addresses only those that a correction touches are classified
again: the rest cannot change, because what the file's columns leave to be assumed is
settled once, on the file before the round. Under a rule that looks at neighbours
(residual, proximity) the whole file is classified before and after.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from nexpo.connectivity.coverage import consultation, reference
from nexpo.connectivity.coverage.adapters import area_rules
from nexpo.connectivity.coverage.adapters.engine import Engine, Job, declared_columns
from nexpo.connectivity.coverage.adapters.layout import carried_columns
from nexpo.connectivity.coverage.expression import literal
from nexpo.connectivity.coverage.model import Rule
from nexpo.connectivity.coverage.rules import CompiledRule, compile_rule
from nexpo.core.files import atomic_path
from nexpo.core.ingest import parquet
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
    applied = [row for row in corrections if not any(row is item.correction for item in unmatched)]
    compiled = compile_rule(rule, day, present_columns=carried_columns(declarations))
    with TemporaryDirectory(prefix="nexpo-") as name:
        folder = Path(name)
        sides = (folder / "before.parquet", folder / "after.parquet")
        if rule.residual is None and rule.proximity is None:
            _write(before, sides[0])
            _write(after, sides[1])
        else:
            sides = (declarations, _write_amended(declarations, touched, after, sides[1]))
        progress.step("colours before and after")
        rows = [
            _classified(side, compiled, engine, folder / f"{place}.rows.parquet")
            for place, side in enumerate(sides)
        ]
        old, new = _differing(*rows)
    behind = _behind(before, applied, compiled, old.keys() | new.keys())
    changes = consultation.difference(old, new, consultation.causes_by_address(behind))
    if amended is not None:
        progress.step("amended declarations")
        _write_amended(declarations, touched, after, amended)
    return Round(
        corrections=len(corrections),
        unmatched=tuple(unmatched),
        touched=len(touched),
        changes=tuple(changes),
        by_cause=consultation.count_by_cause(changes, behind, day),
    )


def _behind(
    before: Sequence[Mapping[str, Any]],
    applied: Sequence[Mapping[str, Any]],
    rule: CompiledRule,
    changed: Collection[str],
) -> list[Mapping[str, Any]]:
    """Return the corrections that are causes, at the addresses that changed.

    The plain model judges them, address by address: there are few where several
    corrections meet.
    """

    def outcome(rows: Sequence[Mapping[str, Any]]) -> object:
        return [(found.colour, found.aid) for found in reference.classify(rule, rows)]

    there, received = _by_address(before, changed), _by_address(applied, changed)
    return [
        cause
        for address, items in received.items()
        for cause in consultation.decisive(there.get(address, []), items, outcome)
    ]


def _by_address(
    rows: Sequence[Mapping[str, Any]], wanted: Collection[str]
) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if str(row["address_id"]) in wanted:
            found.setdefault(str(row["address_id"]), []).append(row)
    return found


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


def _declarations(path: Path, addresses: Sequence[str] | None) -> list[dict[str, Any]]:
    found = pq.read_schema(path).names
    with duckdb.connect() as connection:
        table = f"(SELECT {declared_columns(found)} FROM {parquet(path)})"
        if addresses is not None:
            wanted = pa.table({"address_id": pa.array(addresses, pa.string())})
            connection.register("wanted", wanted)
            table += " SEMI JOIN wanted USING (address_id)"
        rows: list[dict[str, Any]] = (
            connection.execute(f"SELECT * FROM {table} ORDER BY ALL").to_arrow_table().to_pylist()
        )
    return rows


def _classified(given: Path, rule: CompiledRule, engine: Engine, out: Path) -> Path | None:
    """Classify a file of declarations, area rules included; None where it holds no row."""
    if not pq.read_metadata(given).num_rows:
        return None
    engine.run(Job(given, rule, "istat", out), Silent())
    if rule.rule.residual is not None or rule.rule.proximity is not None:
        area_rules.apply(out, given, rule.rule, frozenset())
    return out


def _differing(
    before: Path | None, after: Path | None
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Return, before and after, the addresses whose colour or eligibility differs."""
    with duckdb.connect() as connection:
        for name, path in (("before", before), ("after", after)):
            source = parquet(path) if path else _NO_ROWS
            connection.execute(
                f"CREATE VIEW {name} AS SELECT address_id, area, colour, aid FROM {source}"
            )
        sides = []
        for one, other in (("before", "after"), ("after", "before")):
            found = connection.execute(
                f"SELECT {one}.* FROM {one} LEFT JOIN {other} USING (address_id) "
                f"WHERE {one}.colour IS DISTINCT FROM {other}.colour "
                f"OR {one}.aid IS DISTINCT FROM {other}.aid"
            ).to_arrow_table()
            sides.append({row["address_id"]: row for row in found.to_pylist()})
    return sides[0], sides[1]


_NO_ROWS = "(SELECT '' AS address_id, '' AS area, '' AS colour, '' AS aid WHERE FALSE)"


def _write(rows: list[dict[str, Any]], target: Path) -> None:
    """Write rows with declared types, whatever columns they happen to have."""
    names = sorted({name for row in rows for name in row})
    given = pa.table(
        {name: pa.array([row.get(name) for row in rows]) for name in names or ["address_id"]}
    )
    with duckdb.connect() as connection:
        connection.register("given", given)
        connection.execute(
            f"COPY (SELECT {declared_columns(names)} FROM given) "
            f"TO {literal(str(target))} (FORMAT parquet)"
        )


def _write_amended(
    declarations: Path, touched: Sequence[str], after: list[dict[str, Any]], target: Path
) -> Path:
    found = pq.read_schema(declarations).names
    kept = (
        f"SELECT * FROM (SELECT {declared_columns(found)} "
        f"FROM {parquet(declarations)}) ANTI JOIN touched USING (address_id)"
    )
    with (
        TemporaryDirectory(prefix="nexpo-") as folder,
        duckdb.connect() as connection,
        atomic_path(target) as part,
    ):
        connection.register("touched", pa.table({"address_id": pa.array(touched, pa.string())}))
        amended = Path(folder) / "after.parquet"
        _write(after, amended)
        connection.execute(
            f"COPY ({kept} UNION ALL SELECT * FROM {parquet(amended)}) "
            f"TO {literal(str(part))} (FORMAT parquet, COMPRESSION zstd)"
        )
    return target


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("action", "address_id", "operator", "technology", "submitted_by", "submitted_on")
    return {name: row.get(name) for name in names}
