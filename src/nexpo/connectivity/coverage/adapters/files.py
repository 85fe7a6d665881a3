"""From a file of declarations to colours: by area, by address, with evidence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from nexpo.connectivity.coverage.adapters.compiled import table_chunks as compiled_chunks
from nexpo.connectivity.coverage.adapters.engine import (
    KEYS,
    Counts,
    Engine,
    Job,
    KernelEngine,
    declared_columns,
)
from nexpo.connectivity.coverage.adapters.layout import carried_columns, check_layout
from nexpo.connectivity.coverage.model import Rule
from nexpo.connectivity.coverage.rules import CompiledRule, compile_rule
from nexpo.connectivity.coverage.sql import evidence_sql
from nexpo.core.files import atomic_path
from nexpo.core.ingest import parquet
from nexpo.core.problem import Where, bad_input
from nexpo.core.progress import Progress

AREAS = ("istat", "lot", "grid_cell")
"""Columns by which addresses can be gathered."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a classification."""

    rule: Rule
    day: date
    engine: str
    declarations: int
    area: str | None
    counts: Counts
    assumptions: tuple[str, ...]
    rows: Path | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def addresses(self) -> int:
        """Number of addresses."""
        return self.counts.total()

    def colours(self, basis: int = 0) -> dict[str, int]:
        """Return addresses by colour: at the horizon (0), today (1), with passed (2)."""
        return self._colours(self._totals(), basis)

    def aid(self) -> dict[str, int]:
        """Return addresses by answer on aid."""
        return self._aid(self._totals())

    def by_area(self) -> list[dict[str, Any]]:
        """Return one row an area: addresses, addresses by colour and by aid."""
        decisions = self.rule.decisions
        places = {name: place for place, name in enumerate(self._names())}
        colour = [places[f"colour_{decision.colour}"] for decision in decisions]
        passes = [places[f"passed_{decision.colour}"] for decision in decisions]
        aid = [places[f"aid_{decision.aid.value}"] for decision in decisions]
        rows: dict[str | None, list[int]] = defaultdict(lambda: [0] * len(places))
        for (area, decision, _today, passed), count in self.counts.items():
            row = rows[area]
            for place in (0, colour[decision], passes[passed], aid[decision]):
                row[place] += count
        return [
            {"area": area, **dict(zip(places, rows[area], strict=True))}
            for area in sorted(rows, key=lambda name: (name is None, name or ""))
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values."""
        use, totals = self.rule.use, self._totals()
        return {
            "rule": {
                "id": self.rule.id,
                "title": self.rule.title,
                "valid_from": use.valid_from,
                "article": use.article,
                "source": use.source,
                "verified": use.verified,
            },
            "date": self.day,
            "engine": self.engine,
            "declarations": self.declarations,
            "addresses": self.addresses,
            "colours": self._colours(totals, 0),
            "colours_today": self._colours(totals, 1),
            "colours_if_passed_were_served": self._colours(totals, 2),
            "aid": self._aid(totals),
            "area": self.area,
            "areas": self.by_area() if self.area else [],
            "assumptions": list(self.assumptions),
            "notes": list(self.notes),
        }

    def _totals(self) -> Counter[tuple[int, ...]]:
        """Return addresses by decision at the horizon, today and with passed, of all areas."""
        found: Counter[tuple[int, ...]] = Counter()
        for (_, *decisions), count in self.counts.items():
            found[tuple(decisions)] += count
        return found

    def _colours(self, totals: Counter[tuple[int, ...]], basis: int) -> dict[str, int]:
        colours = dict.fromkeys(self.rule.colours, 0)
        for decisions, count in totals.items():
            colours[self.rule.decisions[decisions[basis]].colour] += count
        return colours

    def _aid(self, totals: Counter[tuple[int, ...]]) -> dict[str, int]:
        found: Counter[str] = Counter()
        for (decision, _today, _passed), count in totals.items():
            found[self.rule.decisions[decision].aid.value] += count
        return dict(sorted(found.items()))

    def _names(self) -> list[str]:
        aid = dict.fromkeys(decision.aid.value for decision in self.rule.decisions)
        return [
            "addresses",
            *(f"colour_{colour}" for colour in self.rule.colours),
            *(f"passed_{colour}" for colour in self.rule.colours),
            *(f"aid_{answer}" for answer in aid),
        ]


def compile_for(path: Path, rule: Rule, day: date) -> CompiledRule:
    """Compile a rule for the columns that a file of declarations carries."""
    return compile_rule(rule, day, present_columns=carried_columns(path))


def classify_file(
    path: Path,
    rule: Rule,
    day: date,
    *,
    engine: Engine,
    progress: Progress,
    area: str | None = "istat",
    out: Path | None = None,
    ids_checked: bool = True,
) -> Result:
    """Classify the addresses of a Parquet file in the declared layout.

    Parameters
    ----------
    path
        Declarations, as checked and written by the readers of ``nexpo.sources``.
    rule, day
        The rule and the reference date.
    engine
        What executes it; results do not depend on it.
    area
        One of :data:`AREAS`, or None.
    out
        Parquet file for one row an address (dictionary ``classified.csv``), or None.
    ids_checked
        Whether ids that are texts are known to be such as the layout takes.

    Raises
    ------
    Problem
        When the file is not in the declared layout.
    NotDeclared
        When an id that nobody has checked is not as the reader would have written it.
    """
    check_layout(path)
    if not pq.read_metadata(path).num_rows:
        raise bad_input(
            "the file holds no declarations",
            where=Where(str(path)),
            remedy="check that it was written to its end",
        )
    carried = carried_columns(path)
    compiled = compile_rule(rule, day, present_columns=carried)
    by = area if area in carried else None
    counts = engine.run(Job(path, compiled, by, out, ids_checked), progress)
    notes = [] if area == by else [f"no column {area}: addresses are not gathered by area"]
    return Result(
        rule=rule,
        day=day,
        engine=engine.name,
        declarations=pq.read_metadata(path).num_rows,
        area=by,
        counts=counts,
        assumptions=compiled.assumptions,
        rows=out,
        notes=tuple(notes),
    )


def rename_areas(result: Result, names: Mapping[str, str]) -> Result:
    """Return a result with areas under other names, its file of rows included.

    Areas that come to have one name are one: a municipality that another took over.
    """
    if not names:
        return result
    counts = Counter(result.counts)
    for key in [key for key in counts if key[0] in names]:
        counts[names[key[0] or ""], key[1], key[2], key[3]] += counts.pop(key)
    if result.rows is not None:
        with (
            pq.ParquetFile(result.rows) as old,
            atomic_path(result.rows) as part,
            pq.ParquetWriter(part, old.schema_arrow) as writer,
        ):
            for batch in old.iter_batches():
                writer.write_batch(_renamed(batch, names))
    return replace(result, counts=counts)


def _renamed(batch: pa.RecordBatch, names: Mapping[str, str]) -> pa.RecordBatch:
    place = batch.schema.get_field_index("area")
    coded = batch.column(place).dictionary_encode()
    known = [name and names.get(name, name) for name in coded.dictionary.to_pylist()]
    area = pa.array(known, pa.string()).take(coded.indices)
    return batch.set_column(place, "area", area)


def classify_table(
    table: pa.Table, rule: Rule, day: date, *, progress: Progress, area: str | None = None
) -> Result:
    """Classify declarations in memory with the kernel; see :func:`classify_file`.

    Raises
    ------
    NotForKernel
        When ids are not faithful numbers.
    """
    carried = frozenset(table.column_names)
    compiled = compile_rule(rule, day, present_columns=carried)
    by = area if area in carried else None
    wanted = compiled.columns | KEYS | ({by} if by else frozenset())
    engine = KernelEngine()
    job = Job(Path(), compiled, by, None)
    counts = engine.run_chunks(compiled_chunks(table, wanted), job, progress)
    return Result(
        rule=rule,
        day=day,
        engine=engine.name,
        declarations=table.num_rows,
        area=by,
        counts=counts,
        assumptions=compiled.assumptions,
    )


def evidence(
    path: Path, rule: CompiledRule, addresses: list[str] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield each declaration with its verdict, of some addresses or of all."""
    connection = duckdb.connect()
    try:
        found = pq.read_schema(path).names
        connection.execute(
            f"CREATE VIEW declarations AS SELECT {declared_columns(found)} FROM {parquet(path)}"
        )
        query = evidence_sql(rule, "declarations")
        if addresses is None:
            cursor = connection.execute(f"{query} ORDER BY ALL")
        else:
            marks = ", ".join("?" for _ in addresses)
            wanted = f"SELECT * FROM ({query}) WHERE address_id IN ({marks}) ORDER BY ALL"
            cursor = connection.execute(wanted, addresses)
        names = [item[0] for item in cursor.description or ()]
        while rows := cursor.fetchmany(10_000):
            yield from (dict(zip(names, row, strict=True)) for row in rows)
    finally:
        connection.close()


def declarations_of(path: Path, address_id: str) -> list[dict[str, Any]]:
    """Return the declarations of one address as plain values."""
    with duckdb.connect() as connection:
        found = pq.read_schema(path).names
        cursor = connection.execute(
            f"SELECT {declared_columns(found)} FROM {parquet(path)} "
            "WHERE CAST(address_id AS VARCHAR) = ?",
            [address_id],
        )
        names = [item[0] for item in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
