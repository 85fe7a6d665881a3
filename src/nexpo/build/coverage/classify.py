"""Declarations to colours, eligibility and evidence: files in, plain values out."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from nexpo.build.coverage.funded import read_funded, unused
from nexpo.build.coverage.reading import canonical, codes_on
from nexpo.build.coverage.request import Request
from nexpo.connectivity.coverage import kernel, load_rule
from nexpo.connectivity.coverage.adapters import files
from nexpo.connectivity.coverage.adapters.engine import engine_for
from nexpo.connectivity.coverage.adapters.layout import (
    NotDeclared,
    carried_columns,
    check_layout,
    check_values,
    doubts,
    meant,
    unknown_names,
)
from nexpo.connectivity.coverage.model import Rule
from nexpo.core.files import atomic_path
from nexpo.core.ingest import Dialect, Reading, discard_rejects
from nexpo.core.problem import Problem
from nexpo.core.progress import Progress, reporting

_LARGE_BYTES = 4 << 20
_NAMED_CODES = 3


def classify(request: Request, *, quiet: bool, most_addresses: int) -> dict[str, Any]:
    """Read, classify, write what was asked for, and return the result as plain values."""
    request.check_paths()
    rule = load_rule(request.rule, request.day)
    funded = read_funded(request.funded)
    with (
        reporting(quiet=quiet) as progress,
        TemporaryDirectory(prefix="nexpo-") as folder,
        ThreadPoolExecutor(1) as aside,
    ):
        aside.submit(_prepare, request)
        progress.step(f"reading {request.declarations.name}")
        if (table := _in_memory(request, rule)) is not None:
            found = files.classify_table(table, rule, request.day, progress=progress)
            reading = Reading("declarations", request.declarations, table.num_rows, 0, None, (), ())
            plain = found.as_dict() | _of_reading(reading)
        else:
            reading, result = _classified(request, rule, Path(folder), progress, most_addresses)
            noted = (*reading.notes, *_doubts(reading, request.day))
            reading = replace(reading, notes=noted)
            plain = result.as_dict() | _of_reading(reading)
            _add_rows(plain, result, reading.path, request, funded.ids, most_addresses)
        plain["notes"] += [*funded.notes, *unused(funded, rule)]
        if request.evidence is not None:
            progress.step("verdicts of all declarations")
            _write_evidence(reading.path, rule, request.day, request.evidence)
        if not reading.rejected:
            discard_rejects(request.kept, request.declarations.name)
    return plain


def _add_rows(
    plain: dict[str, Any],
    result: files.Result,
    path: Path,
    request: Request,
    funded: frozenset[str],
    most_addresses: int,
) -> None:
    """Add what needs one row an address: the rules on neighbours, and the list of addresses."""
    if result.rows is None:
        return
    _apply_area_rules(plain, result.rows, path, result.rule, funded)
    plain["addresses_listed"] = _listed(result.rows, path, result.rule, request.day, most_addresses)


def _prepare(request: Request) -> None:
    """Load what is needed once the declarations are read, while they are being read.

    The compiled kernel and the register of municipalities take a second to load. What
    goes wrong here goes wrong again where it is needed, and is reported there.
    """
    if request.engine == "embedded":
        kernel.table_size(0)
    if request.area == "istat":
        codes_on(request.day)


def _classified(
    request: Request, rule: Rule, folder: Path, progress: Progress, most_addresses: int
) -> tuple[Reading, files.Result]:
    """Classify the file as it lies, or as the careful reader reads it where it must.

    The careful reader takes over when a value is not one of the data dictionary.
    """
    dialect = Dialect(encoding=request.encoding, decimal=request.decimal)

    def run(reading: Reading, *, ids_checked: bool) -> files.Result:
        progress.step(f"classifying under {rule.id}")
        return files.classify_file(
            reading.path,
            rule,
            request.day,
            engine=engine_for(request.engine),
            progress=progress,
            area=request.area,
            out=_rows_path(request, rule, reading, folder, most_addresses),
            ids_checked=ids_checked,
        )

    if _lies_ready(request.declarations, ids=request.engine != "embedded"):
        rows = pq.read_metadata(request.declarations).num_rows
        unknown = unknown_names(request.declarations)
        reading = Reading("declarations", request.declarations, rows, 0, None, (), unknown)
        with suppress(NotDeclared):
            result = run(reading, ids_checked=request.engine != "embedded")
            ended = _ended(result, request.day) if result.area == "istat" else {}
            notes = tuple(
                (f"municipal code {code} has ended: its addresses are counted in {new}", 1)
                for code, new in sorted(ended.items())
            )
            return _unplaced(replace(reading, notes=notes), files.rename_areas(result, ended))
        progress.step(f"reading {request.declarations.name} row by row")
    reading = canonical(request.declarations, folder, dialect, request.day, request.kept)
    return _unplaced(reading, run(reading, ids_checked=True))


def _unplaced(reading: Reading, result: files.Result) -> tuple[Reading, files.Result]:
    """Note the addresses under a municipal code that no municipality has or had."""
    if result.area != "istat":
        return reading, result
    from nexpo import territory

    known = territory.codes()
    counts: Counter[str] = Counter()
    for (area, *_), count in result.counts.items():
        if area is not None and area not in known:
            counts[area] += count
    if not counts:
        return reading, result
    some = ", ".join(sorted(counts)[:_NAMED_CODES]) + (
        ", ..." if len(counts) > _NAMED_CODES else ""
    )
    note = f"addresses whose municipal code no municipality has or had ({some})"
    return replace(reading, notes=(*reading.notes, (note, counts.total()))), result


def _lies_ready(path: Path, *, ids: bool) -> bool:
    """Say whether a file is Parquet as the careful reader would write it.

    ``ids``: texts that are address ids are looked at too.
    """
    if path.suffix != ".parquet" or not path.is_file():
        return False
    try:
        check_layout(path)
        check_values(path, ids=ids)
    except (Problem, NotDeclared):
        return False  # the careful reader converts it, or says row by row why it cannot
    return True


def _ended(result: files.Result, day: date) -> dict[str, str]:
    """Return the municipal codes of a result that had ended by the day, and what they became."""
    current = codes_on(day)
    codes = {area for area, *_ in result.counts if area is not None}
    if current is None:
        return {}
    became = {code: current(code) for code in codes}
    return {code: new for code, new in became.items() if new is not None and new != code}


def _in_memory(request: Request, rule: Rule) -> pa.Table | None:
    """Return a clean availability file of the FCC in memory, when only counts are wanted.

    None where rows or verdicts are wanted, another engine is asked for, the file is
    small or not clean: the careful reader takes over and names what is wrong.
    """
    wants_rows = any((request.out, request.evidence, rule.residual, rule.proximity))
    large = request.declarations.is_file() and request.declarations.stat().st_size > _LARGE_BYTES
    plain = request.declarations.suffix == ".csv" and request.encoding == "utf-8"
    if wants_rows or not large or not plain or request.engine != "embedded":
        return None
    from nexpo.sources import declarations as declared
    from nexpo.sources import fcc

    if declared.recognise(request.declarations) != "fcc-bdc":
        return None
    return fcc.declarations_table(request.declarations)


def _doubts(reading: Reading, day: date) -> tuple[tuple[str, int], ...]:
    """Return what a person must look at in the rows that were read."""
    slips = meant(reading.ignored_columns, carried_columns(reading.path))
    return (*slips, *doubts(reading.path, day))


def _of_reading(reading: Reading) -> dict[str, Any]:
    return {
        "rejected": reading.rejected,
        "rejects": reading.rejects,
        "reject_reasons": dict(reading.reasons),
        "reading_notes": dict(reading.notes),
    }


def _rows_path(
    request: Request, rule: Rule, reading: Reading, folder: Path, most_addresses: int
) -> Path | None:
    """Return where the rows go: as asked, or aside when an area rule or a list needs them."""
    if request.out is not None:
        return request.out
    needs_rows = rule.residual is not None or rule.proximity is not None
    few = pq.read_metadata(reading.path).num_rows <= most_addresses * 50
    return folder / "classified.parquet" if needs_rows or (few and most_addresses) else None


def _apply_area_rules(
    plain: dict[str, Any], rows: Path, path: Path, rule: Rule, funded: frozenset[str]
) -> None:
    if rule.residual is None and rule.proximity is None:
        return
    from nexpo.connectivity.coverage.adapters import area_rules

    applied = area_rules.apply(rows, path, rule, funded)
    plain["notes"] += applied.notes
    plain["funded"] = applied.funded
    plain["residual_dropped"] = applied.dropped
    plain["proximity_admitted"] = applied.admitted
    totals: Counter[str] = Counter()
    by_area: dict[str | None, Counter[str]] = defaultdict(Counter)
    for (area, aid), count in applied.aid.items():
        totals[aid] += count
        by_area[area][f"aid_{aid}"] += count
    plain["aid"] = dict(sorted(totals.items()))
    for row in plain["areas"]:
        row.update({key: by_area[row["area"]][key] for key in row if key.startswith("aid_")})


def _listed(rows: Path, path: Path, rule: Rule, day: date, most: int) -> list[dict[str, Any]]:
    """Return the addresses with their evidence, where there are few enough to print."""
    table = pq.read_table(rows)
    if most == 0 or table.num_rows > most:
        return []
    compiled = files.compile_for(path, rule, day)
    verdicts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in files.evidence(path, compiled):
        verdicts[row.pop("address_id")].append(row)
    ordered = table.take(pc.sort_indices(table, [("address_id", "ascending")])).to_pylist()
    return [{**row, "declarations": verdicts[row["address_id"]]} for row in ordered]


def _write_evidence(path: Path, rule: Rule, day: date, target: Path) -> None:
    compiled = files.compile_for(path, rule, day)
    with atomic_path(target) as part, part.open("w", encoding="utf-8", newline="") as stream:
        writer: csv.DictWriter[str] | None = None
        for row in files.evidence(path, compiled):
            if writer is None:
                writer = csv.DictWriter(stream, [*row, "rule", "article"])
                writer.writeheader()
            writer.writerow(row | {"rule": rule.id, "article": rule.use.article})
