"""A run as a folder, made whole or not at all.

=====================  ========================================================
``results.parquet``    one figure a year, phase, area, indicator and effect
``totals.csv``         the same over all years, with ranges
``ledger.csv``         where each euro ends: shares, and cents that sum to the plan
``jobs.csv``           job-years, average and peak, each with its unit
``tornado.csv``        what moves the region's GDP and jobs (with an ensemble)
``impact.xlsx``        all of these as sheets, with notes
``figures.jsonl``      the evidence, for ``nexpo explain``
``index.html``         the page: all of it in words, charts and tables
``sankey.svg``         where each euro ends, by what is bought
``tornado.svg``        what moves GDP and jobs (with an ensemble)
``meta.json``          request, notes, assumptions, inputs
=====================  ========================================================
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl
from openpyxl import Workbook
from openpyxl.styles import Font

from nexpo import __version__
from nexpo.build import folders
from nexpo.build.impact.claims_run import audits_of
from nexpo.build.impact.page import drawings, render
from nexpo.build.impact.run_figures import enter
from nexpo.build.impact.run_model import Run
from nexpo.core.files import atomic_directory, atomic_path, write_json, write_text
from nexpo.impact.ledger import IMBALANCE

META = "meta.json"
_FORMAT = 1
_MARK = '"impact"'

Table = tuple[tuple[str, ...], list[tuple[Any, ...]]]


def write_run(run: Run, out: Path) -> tuple[str, ...]:
    """Write the folder of a run, and return its files.

    Raises
    ------
    Problem
        ``CANNOT_WRITE`` when the place holds something else, or cannot be written.
    """
    refuse_foreign(out)
    with atomic_directory(out) as folder:
        tables = tables_of(run)
        with atomic_path(folder / "results.parquet") as path:
            results_frame(run).write_parquet(path)
        for name, table in tables.items():
            _write_csv(folder / f"{name}.csv", table)
        _write_workbook(folder / "impact.xlsx", tables, run)
        evidence = enter(run)
        evidence.write(folder / "figures.jsonl")
        drawn = drawings(run)
        for name, drawing in drawn.items():
            write_text(folder / name, drawing)
        write_text(folder / "index.html", render(run, evidence, drawn, audits_of(run)))
        write_json(folder / META, meta(run))
        files = sorted(path.name for path in folder.iterdir())
    return tuple(files)


def refuse_foreign(out: Path) -> None:
    """Refuse to replace a folder that holds no run.

    Examples
    --------
    >>> import tempfile
    >>> refuse_foreign(Path(tempfile.mkdtemp()))  # empty: free to take
    """
    folders.refuse_foreign(out, "holds no run of a plan", META, saying=_MARK)


def results_frame(run: Run) -> pl.DataFrame:
    """Return the results as a frame, in the order of the run."""
    rows = [asdict(each) | {"effect": each.effect.value} for each in run.results]
    kinds = {"year": pl.Int64(), **dict.fromkeys(("p05", "p50", "p95", "delta"), pl.Float64())}
    return pl.DataFrame(rows, schema_overrides=kinds, infer_schema_length=None)


def tables_of(run: Run) -> Mapping[str, Table]:
    """Return the small tables of a run by name: columns and rows."""
    found: dict[str, Table] = {
        "totals": (
            ("area", "indicator", "effect", "value", "unit", "p05", "p50", "p95", "sd"),
            [
                (
                    each.area,
                    each.indicator,
                    each.effect.value if each.effect else "all",
                    each.value,
                    each.unit,
                    each.p05,
                    each.p50,
                    each.p95,
                    each.sd,
                )
                for each in run.totals
            ],
        ),
        "ledger": _ledger(run),
        "jobs": (
            ("area", "indicator", "boundary", "unit", "job_years", "average", "peak", "peak_year",
             "first_year", "last_year"),
            [
                (each.area, each.indicator, each.boundary, each.jobs.unit, each.jobs.job_years,
                 each.jobs.average, each.jobs.peak, each.jobs.peak_year, each.jobs.first_year,
                 each.jobs.last_year)
                for each in run.jobs
            ],
        ),
    }  # fmt: skip
    if run.tornados:
        found["tornado"] = (
            ("area", "indicator", "unit", "central", "choice", "low", "high", "low_at", "high_at"),
            [
                (each.area, each.indicator, each.unit, each.central, bar.choice, bar.low,
                 bar.high, bar.low_at, bar.high_at)
                for each in run.tornados
                for bar in each.bars
            ],
        )  # fmt: skip
    return found


def meta(run: Run) -> dict[str, Any]:
    """Return what a reader of the folder needs beside the tables, as JSON."""
    request, origin = run.request, run.request.table.origin
    regional = request.activity is not None
    return {
        "impact": _FORMAT,
        "nexpo": __version__,
        "plan": {
            "id": request.plan.id,
            "title": request.plan.title,
            "file": request.plan.file,
            "lines": len(request.plan.lines),
            "assumed_lines": sum(line.assumption for line in request.plan.lines),
            "sources": list(request.plan.sources),
        },
        "table": {
            "name": origin.name,
            "area": origin.area,
            "year": origin.year,
            "currency": origin.currency,
            "source": origin.source,
            "licence": origin.licence,
            "synthetic": origin.synthetic,
        },
        "region": request.region if regional else None,
        "method": request.method.value if regional else "national",
        "delta": None if request.delta is None or not regional else request.delta.value,
        "delta_reason": None if request.delta is None or not regional else request.delta.reason,
        "closure": request.closure,
        "price_year": run.purchases.price_year,
        "currency": run.currency,
        "day": request.day.isoformat(),
        "draws": request.draws,
        "seed": request.seed,
        "amount": float(run.purchases.amount.sum()),
        "ledger_check": {
            "sum": run.ledger.total,
            "imbalance": run.ledger.imbalance,
            "margins_paid": run.ledger.margins_paid_eur,
        },
        "notes": list(run.words),
        "assumptions": [
            asdict(use) | {"valid_from": use.valid_from.isoformat()} for use in run.uses
        ],
        "inputs": [asdict(each) for each in request.inputs],
    } | {"synthetic": origin.synthetic or any(each.synthetic for each in request.inputs)}


def _ledger(run: Run) -> Table:
    cents = dict(run.leakage.cents())
    rows: list[tuple[Any, ...]] = [
        (row.area, row.share, row.value_eur, cents[row.area]) for row in run.leakage.rows
    ]
    left = run.ledger.imbalance
    rows.append((IMBALANCE, left, left * run.ledger.amount_eur, cents[IMBALANCE]))
    return ("area", "share", "value_eur", "cents"), rows


def _write_csv(target: Path, table: Table) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(table[0])
    writer.writerows(table[1])
    write_text(target, stream.getvalue())


def _write_workbook(target: Path, tables: Mapping[str, Table], run: Run) -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = "notes"
    sheet.append([run.request.plan.title])
    sheet["A1"].font = Font(bold=True)
    for text in run.words:
        sheet.append([text])
    frame = results_frame(run)
    rows = [tuple(row) for row in frame.iter_rows()]
    for name, table in {**tables, "results": (tuple(frame.columns), rows)}.items():
        _fill(book.create_sheet(name), *table)
    with atomic_path(target) as path:
        path.write_bytes(_timeless(book))


def _timeless(book: Workbook) -> bytes:
    """Return the file without the time of writing in it: two runs are equal byte by byte."""
    written, kept = io.BytesIO(), io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(kept, "w") as made:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"1980-01-01T00:00:00Z", content)
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, content)
    return kept.getvalue()


def _fill(sheet: Any, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:  # noqa: ANN401 - openpyxl has no types
    sheet.append(list(columns))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append(list(row))
    sheet.freeze_panes = "A2"
