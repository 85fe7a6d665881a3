"""Finished rows of a region, kept while the rest is at work: a run that was stopped goes on.

A journal of JSON lines: one row each, found again by its fingerprint. A row made from other
inputs, parameters, seed or code has another fingerprint and is not found: it is stale. Lines
are added whole and never changed, so a run that is stopped at any moment leaves a journal that
can be read, and two runs at once do no harm.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from nexpo.build.design.municipality import Row
from nexpo.core.problem import Kind, Problem, Where


@dataclass(frozen=True, slots=True)
class Parts:
    """The journal of a region at a path; there may be none yet."""

    path: Path

    def read(self) -> dict[str, Row]:
        """Return finished rows by fingerprint; a line cut off by a crash is no row.

        Raises
        ------
        Problem
            When the file is no journal.
        """
        if not self.path.is_file():
            return {}
        found: dict[str, Row] = {}
        lines = self.path.read_bytes().split(b"\n")
        for number, line in enumerate(lines, 1):
            if line:
                row = self._row(line, number, last=number == len(lines))
                found |= {} if row is None else {row["fingerprint"]: row}
        return found

    def forget(self) -> None:
        """Begin afresh."""
        self.path.unlink(missing_ok=True)

    @contextmanager
    def adding(self) -> Iterator[Adding]:
        """Yield what takes rows; each is on the disk's way when it is taken.

        Raises
        ------
        Problem
            ``CANNOT_WRITE`` when the place cannot be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as stream:
                _end_line(self.path, stream)
                yield Adding(stream)
        except OSError as error:
            raise Problem(
                Kind.CANNOT_WRITE,
                f"cannot keep finished municipalities: {error.strerror or error}",
                where=Where(str(self.path)),
                remedy="check that the folder exists, is writable and has room",
            ) from error

    def _row(self, line: bytes, number: int, *, last: bool) -> Row | None:
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if isinstance(row, dict) and "fingerprint" in row:
            return row
        if last or row is None:  # cut off when the machine stopped; the next run began a new line
            return None
        raise Problem(
            Kind.BAD_INPUT,
            "this file holds no finished municipalities",
            where=Where(str(self.path), number),
            remedy="name another folder with --out, or begin again with --fresh",
        )


@dataclass(frozen=True, slots=True)
class Adding:
    """An open journal."""

    stream: IO[bytes]

    def add(self, row: Row) -> None:
        """Keep a row: one write, so that lines of two runs do not mix."""
        self.stream.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        self.stream.flush()


def _end_line(path: Path, stream: IO[bytes]) -> None:
    """Begin a new line after one that was cut off."""
    if stream.tell() and not path.read_bytes().endswith(b"\n"):
        stream.write(b"\n")
