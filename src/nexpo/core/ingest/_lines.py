"""Where in the file a rejected row stands."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from nexpo.core.ingest._files import bytes_of, text_of
from nexpo.core.ingest._model import Layout
from nexpo.core.ingest._rejects import lenient
from nexpo.core.ingest._sql import count_rows

if TYPE_CHECKING:
    import duckdb


class _LineOf(Protocol):
    """Line in the file of a row that the parser kept, or noted as broken."""

    def of_kept(self, number: int) -> int:
        """Return the line of the n-th row kept; asked in rising order."""
        ...

    def of_broken(self, line: int) -> int:
        """Return the line where the parser says ``line``."""
        ...


def placing(
    connection: duckdb.DuckDBPyConnection,
    readable: Path,
    scan: str,
    layout: Layout,
    broken: Sequence[Mapping[str, str | int]],
    dialect: tuple[str, str],
) -> _LineOf:
    """Choose how lines are found: counted, or walked where a row is not just one line."""
    noted = sorted(int(row["line"]) for row in broken)
    header = 0 if layout.headers else 1
    refused = count_rows(connection, "checked WHERE _reason IS NOT NULL")
    if not noted and not refused:
        return _Counted(noted, header)
    kept = count_rows(connection, lenient(scan) if layout.where else "checked")
    if kept + len(noted) + header == _lines_in(readable):
        return _Counted(noted, header)
    return _walked(readable, dialect, noted, header)


def _lines_in(path: Path) -> int:
    lines, last = 0, b"\n"
    with suppress(EOFError), bytes_of(path) as stream:
        while block := stream.read(1 << 20):
            lines, last = lines + block.count(b"\n"), block[-1:]
    return lines + (last != b"\n")


@dataclass
class _Counted:
    """Every row is one line, and no line is blank."""

    broken: list[int]
    header: int
    _passed: int = 0

    def of_kept(self, number: int) -> int:
        while (
            self._passed < len(self.broken)
            and self.broken[self._passed] <= number + self.header + self._passed
        ):
            self._passed += 1
        return number + self.header + self._passed

    def of_broken(self, line: int) -> int:
        return line


@dataclass(frozen=True)
class _Walked:
    """Lines as a walk through the file found them; the parser counts a quoted line end as none."""

    kept: Sequence[int]
    all: Sequence[int]

    def of_kept(self, number: int) -> int:
        return self.kept[number - 1] if number <= len(self.kept) else number

    def of_broken(self, line: int) -> int:
        return self.all[line - 1] if line <= len(self.all) else line


def _walked(path: Path, dialect: tuple[str, str], broken: Sequence[int], header: int) -> _Walked:
    delimiter, quote = dialect
    noted, kept, every, line = set(broken), array("q"), array("q"), 1
    with text_of(path, "utf-8-sig") as stream, suppress(csv.Error, EOFError):
        reader = (
            csv.reader(stream, delimiter=delimiter, quotechar=quote)
            if quote
            else csv.reader(stream, delimiter=delimiter, quoting=csv.QUOTE_NONE)
        )
        for record in reader:
            every.append(line)
            if record and len(every) not in noted and len(every) > header:
                kept.append(line)
            line = reader.line_num + 1
    return _Walked(kept, every)


def at(row: dict[str, str | int], line: int) -> dict[str, str | int]:
    return row | {"row": line - 1, "line": line}
