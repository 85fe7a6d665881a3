"""Checking the files at hand: the expected ones, whole, with totals that hold.

A file is known by its hash where the directory states one. Beyond that its rows and columns
are counted, and the totals that are known of it (``known_totals.csv``) are counted again:
213,008 uncovered house numbers are 97,584 + 89,394 + 26,030, or the file is another one.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import duckdb

from nexpo.core.files import sha256_of
from nexpo.core.ingest import literal, parquet
from nexpo.core.problem import Problem
from nexpo.sources.directory import Source
from nexpo.sources.text_tables.files import read_json


@dataclass(frozen=True, slots=True)
class Total:
    """A total that is known of a file."""

    key: str
    file: str
    query: str
    expected: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what, what was expected and found, and whether it holds."""

    what: str
    expected: str
    found: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found about one file."""

    key: str
    path: Path
    bytes: int
    sha256: str
    rows: int | None
    columns: int | None
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against the file."""
        return all(finding.holds for finding in self.findings)


@cache
def known_totals() -> tuple[Total, ...]:
    """Return the totals that are known, of all files.

    Examples
    --------
    >>> totals = [t for t in known_totals() if t.key == "infratel-uncovered-2025"]
    >>> totals[0].expected == sum(t.expected for t in totals[1:4])
    True
    """
    text = files("nexpo.sources").joinpath("known_totals.csv").read_text(encoding="utf-8")
    return tuple(
        Total(row["key"], row["file"], row["query"], int(row["expected"]), row["meaning"])
        for row in csv.DictReader(text.splitlines())
    )


def check_file(item: Source, path: Path) -> Verdict:
    """Check one file of a source.

    Parameters
    ----------
    item
        The source it is of; its hash counts only when the source has a single file.
    path
        The file.

    Returns
    -------
    Verdict
        Also when the file cannot be read: that is a finding, not an error.
    """
    found = sha256_of(path)
    findings = []
    if item.sha256 and item.files == (path.name,):
        findings.append(Finding("sha256", item.sha256, found, holds=item.sha256 == found))
    rows = columns = None
    try:
        rows, columns = _size(path)
        totals = [t for t in known_totals() if (t.key, t.file) == (item.key, path.name)]
        findings += [_counted(path, total) for total in totals]
    except (duckdb.Error, Problem) as error:
        reason = str(error).splitlines()[0]
        findings.append(Finding("can be read", "yes", reason, holds=False))
    if rows == 0:
        findings.append(Finding("rows", "some", "none", holds=False))
    return Verdict(item.key, path, path.stat().st_size, found, rows, columns, tuple(findings))


def _size(path: Path) -> tuple[int | None, int | None]:
    """Return rows and columns of a table; records of a JSON list; nothing for other files."""
    if (relation := _relation(path)) is not None:
        with duckdb.connect() as connection:
            connection.execute(f"CREATE VIEW t AS FROM {relation}")
            rows = connection.execute("SELECT count(*) FROM t").fetchone()
            columns = connection.execute("SELECT * FROM t LIMIT 0").description
        return (0 if rows is None else int(rows[0])), len(columns)
    if path.suffix == ".jsonl":
        with path.open(encoding="utf-8") as stream:
            return sum(1 for line in stream if json.loads(line)), None
    if {".json", ".geojson"} & set(path.suffixes):
        content = read_json(path)
        for name in ("features", "elements"):
            if isinstance(content, dict) and isinstance(content.get(name), list):
                content = content[name]
        return (len(content) if isinstance(content, list) else None), None
    return None, None


def _relation(path: Path) -> str | None:
    name = path.name.removesuffix(".gz")
    if name.endswith(".parquet"):
        return parquet(path)
    if name.endswith((".csv", ".tsv")):
        return f"read_csv({literal(str(path))}, sample_size=20480, max_line_size=4194304)"
    return None


def _counted(path: Path, total: Total) -> Finding:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW t AS FROM {_relation(path)}")
        row = connection.execute(total.query).fetchone()
    found = 0 if row is None or row[0] is None else int(row[0])
    return Finding(total.meaning, f"{total.expected:,}", f"{found:,}", found == total.expected)
