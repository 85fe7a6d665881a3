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

from nexpo.connectivity.coverage.adapters.blocks import NotDeclared
from nexpo.connectivity.coverage.adapters.compiled import missing_values
from nexpo.connectivity.coverage.adapters.compiled import table_chunks as compiled_chunks
from nexpo.connectivity.coverage.adapters.engine import (
    KEYS,
    Counts,
    Engine,
    Job,
    KernelEngine,
    declared_columns,
)
from nexpo.connectivity.coverage.expression import literal
from nexpo.connectivity.coverage.model import Rule
from nexpo.connectivity.coverage.rules import CompiledRule, compile_rule
from nexpo.connectivity.coverage.sql import evidence_sql
from nexpo.core import tables
from nexpo.core.files import atomic_path
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

    Raises
    ------
    Problem
        When the file is not in the declared layout.
    """
    check_layout(path)
    if not pq.read_metadata(path).num_rows:
        raise bad_input(
            "the file holds no declarations",
            where=Where(str(path)),
            remedy="check that it was written to its end",
        )
    compiled = compile_for(path, rule, day)
    carried = carried_columns(path)
    by = area if area in carried else None
    counts = engine.run(Job(path, compiled, by, out), progress)
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


def check_layout(path: Path) -> None:
    """Refuse a Parquet file whose columns are not those of the declared layout.

    Raises
    ------
    Problem
        Naming the file, the column, its type and what to do.
    """
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise bad_input(
            f"the Parquet file cannot be read: {str(error).splitlines()[0]}",
            where=Where(str(path)),
            remedy="the file may be cut: fetch or write it again",
        ) from None
    declared = tables.load("nexpo.connectivity", "declarations")
    for name in declared.required:
        if name not in schema.names:
            raise bad_input(
                f"missing column: {name}",
                where=Where(str(path), column=name),
                value=", ".join(schema.names),
                remedy=f"the layout needs {', '.join(declared.required)}",
            )
    for column in declared.columns:
        if column.name in schema.names and not _fits(column, schema.field(column.name).type):
            raise bad_input(
                f"the column is {schema.field(column.name).type}, not {column.type}",
                where=Where(str(path), column=column.name),
                remedy=_TYPE_REMEDY.get(column.name, "write the column in the declared type"),
            )


_TYPE_REMEDY = {
    "istat": "write ISTAT codes as text of six digits: leading zeros are lost in numbers",
    "address_id": "write ids as text or whole numbers: a float has lost digits",
}


def _fits(column: tables.Column, kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if column.name == "address_id":
        return bool(text or pa.types.is_integer(kind))
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    fits = {
        "text": text,
        "code": text,
        "integer": pa.types.is_integer(kind),
        "decimal": number,
        "boolean": pa.types.is_boolean(kind),
        "date": pa.types.is_date(kind),
    }
    return bool(fits[column.type] or pa.types.is_null(kind))


def carried_columns(path: Path) -> frozenset[str]:
    """Return the columns of a Parquet file that hold at least one value."""
    metadata = pq.read_metadata(path)
    missing = {
        name: missing_values(metadata, name) for name in metadata.schema.to_arrow_schema().names
    }
    found = {name for name, count in missing.items() if count not in (None, metadata.num_rows)}
    unsure = [name for name, count in missing.items() if count is None]
    return frozenset(found | _with_values(path, unsure))


def _with_values(path: Path, columns: list[str]) -> set[str]:
    """Return the columns with a value, by looking, where the file's footer does not tell."""
    if not columns:
        return set()
    counts = ", ".join(f'count("{column}")' for column in columns)
    with duckdb.connect() as connection:
        row = connection.execute(f"SELECT {counts} FROM read_parquet(?)", [str(path)]).fetchone()
    return {column for column, count in zip(columns, row or (), strict=True) if count}


def check_values(path: Path) -> None:
    """Refuse values that the data dictionary does not take, for the engines that speak SQL.

    The kernel checks the names it meets itself.

    Raises
    ------
    NotDeclared
        With the first such column and value.
    """
    found = pq.read_schema(path).names
    declared = tables.load("nexpo.connectivity", "declarations")
    with duckdb.connect() as connection:
        for column in declared.columns:
            failing = _failing(column)
            if column.name not in found or not failing:
                continue
            row = connection.execute(
                f"SELECT {column.name} FROM read_parquet(?) WHERE {failing} LIMIT 1", [str(path)]
            ).fetchone()
            if row is not None:
                raise NotDeclared(column.name, row[0])


def _failing(column: tables.Column) -> str:
    tests = [f"{column.name} IS NULL"] if column.required else []
    if column.allowed:
        tests.append(f"{column.name} NOT IN ({', '.join(map(literal, column.allowed))})")
    elif column.pattern and column.type in ("text", "code"):
        text = f"CAST({column.name} AS VARCHAR)"
        tests.append(f"NOT regexp_full_match({text}, {literal(column.pattern)})")
    return " OR ".join(tests)


def evidence(
    path: Path, rule: CompiledRule, addresses: list[str] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield each declaration with its verdict, of some addresses or of all."""
    connection = duckdb.connect()
    try:
        found = pq.read_schema(path).names
        connection.execute(
            f"CREATE VIEW declarations AS SELECT {declared_columns(found)} "
            f"FROM read_parquet({literal(str(path))})"
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
            f"SELECT {declared_columns(found)} FROM read_parquet({literal(str(path))}) "
            "WHERE CAST(address_id AS VARCHAR) = ?",
            [address_id],
        )
        names = [item[0] for item in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
