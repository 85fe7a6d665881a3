"""The flat file of FIGARO, a row a cell, spread over rows and columns in a stream."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from nexpo.core.ingest import Dialect
from nexpo.core.numbers import decimal_comma, to_number
from nexpo.core.problem import Where, bad_input
from nexpo.sources.input_output.blocks import Floats
from nexpo.sources.input_output.grid import not_a_number, stated_mark, text_rows
from nexpo.sources.text_tables.names import plain

FLAT = ("refArea", "rowPi", "counterpartArea", "colPi", "obsValue")
_BLOCK_BYTES = 1 << 22
_SAMPLE_ROWS = 200
_MOST_CODES = 32_000  # positions are held in two bytes

Codes = NDArray[np.int16]


@dataclass(frozen=True, slots=True, eq=False)
class Wide:
    """Rows and columns by their joined codes (``IT_C10T12``)."""

    path: Path
    row_codes: Sequence[str]
    column_codes: Sequence[str]
    values: Floats
    rows: Sequence[int]
    notes: tuple[str, ...]


def together(places: Sequence[int]) -> bool:
    """Tell positions that follow one another."""
    return bool(places) and list(places) == list(range(places[0], places[-1] + 1))


@dataclass(slots=True)
class _Index:
    """Positions of pairs of area and code, in the order in which they come."""

    areas: dict[str, int] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    pairs: list[tuple[int, int]] = field(default_factory=list)
    table: NDArray[np.int16] = field(default_factory=lambda: np.full((0, 0), -1, dtype=np.int16))

    def positions(self, areas: pa.DictionaryArray, codes: pa.DictionaryArray) -> Codes:
        """Return the position of each row's pair, giving new pairs the next ones."""
        left, right = _numbered(areas, self.areas), _numbered(codes, self.codes)
        self._make_room()
        found = self.table[left, right]
        new = np.flatnonzero(found < 0)
        if len(new):
            joined = left[new].astype(np.int64) * len(self.codes) + right[new]
            for first in np.sort(np.unique(joined, return_index=True)[1]):
                if len(self.pairs) > _MOST_CODES:
                    raise bad_input(
                        "more codes than an inter-country table has", value=len(self.pairs)
                    )
                pair = int(left[new[first]]), int(right[new[first]])
                self.table[pair] = len(self.pairs)
                self.pairs.append(pair)
            found = self.table[left, right]
        return found

    def _make_room(self) -> None:
        shape = len(self.areas), len(self.codes)
        if self.table.shape != shape:
            grown = np.full(shape, -1, dtype=np.int16)
            grown[: self.table.shape[0], : self.table.shape[1]] = self.table
            self.table = grown

    def names(self) -> tuple[str, ...]:
        """Return the joined codes in their order."""
        areas, codes = list(self.areas), list(self.codes)
        return tuple(f"{areas[area]}_{codes[code]}" for area, code in self.pairs)


def _numbered(array: pa.DictionaryArray, known: dict[str, int]) -> NDArray[np.int16]:
    table = np.asarray(
        [known.setdefault(str(name).strip(), len(known)) for name in array.dictionary.to_pylist()],
        dtype=np.int16,
    )
    found: NDArray[np.int16] = table[array.indices.to_numpy(zero_copy_only=False)]
    return found


def spread(path: Path, delimiter: str, header: Sequence[str], dialect: Dialect | None) -> Wide:
    """Read the flat file and spread it over rows and columns.

    Twelve bytes a cell are held while it is read, then the dense array: about 180 MB for
    FIGARO's size, of which 75 MB stay.
    """
    by_plain = {plain(name): n for n, name in enumerate(header)}
    places = [by_plain[plain(name)] for name in FLAT]
    rows, columns = _Index(), _Index()
    parts: list[tuple[Codes, Codes, Floats]] = []
    for batch in _batches(path, delimiter, header, places, dialect):
        ref, row, counterpart, column, value = (batch.column(n) for n in range(len(FLAT)))
        at_row = rows.positions(ref, row)
        at_column = columns.positions(counterpart, column)
        parts.append((at_row, at_column, value.to_numpy(zero_copy_only=False)))
    row_codes, column_codes = rows.names(), columns.names()
    values = np.zeros((len(row_codes), len(column_codes)))
    seen = np.zeros(values.shape, dtype=bool)
    count = 0
    while parts:
        at_row, at_column, amounts = parts.pop(0)
        values[at_row, at_column] = amounts
        seen[at_row, at_column] = True
        count += len(amounts)
    filled = int(np.count_nonzero(seen))
    if filled != count:
        raise _doubled(path, delimiter, places, dialect)
    missing = seen.size - filled
    notes = (f"{missing:,} of {seen.size:,} cells are not in the file: zero",) if missing else ()
    wide = Wide(path, row_codes, column_codes, values, (0,) * len(row_codes), notes)
    return _industries_first(wide)


def _industries_first(wide: Wide) -> Wide:
    """Bring rows and columns into one order: industries as their rows come, then the rest."""
    place = {code: n for n, code in enumerate(wide.row_codes)}
    rest = len(place)
    columns = sorted(
        range(len(wide.column_codes)), key=lambda j: place.get(wide.column_codes[j], rest)
    )
    if together(columns):
        return wide
    return Wide(
        wide.path,
        wide.row_codes,
        tuple(wide.column_codes[j] for j in columns),
        wide.values[:, columns],
        wide.rows,
        wide.notes,
    )


def _batches(
    path: Path,
    delimiter: str,
    header: Sequence[str],
    places: Sequence[int],
    dialect: Dialect | None,
) -> Iterator[pa.RecordBatch]:
    names = [f"c{n}" for n in range(len(header))]
    wanted = [names[n] for n in places]
    text = pa.dictionary(pa.int32(), pa.string())
    sample = _sample(path, delimiter, places[-1], dialect)
    stated = stated_mark(dialect)
    comma = decimal_comma(sample, delimiter, file=str(path), decimal=stated)
    try:
        with pa.input_stream(str(path), compression="detect") as stream:
            reader = arrow_csv.open_csv(
                stream,
                read_options=arrow_csv.ReadOptions(
                    column_names=names, skip_rows=1, block_size=_BLOCK_BYTES
                ),
                parse_options=arrow_csv.ParseOptions(delimiter=delimiter),
                convert_options=arrow_csv.ConvertOptions(
                    include_columns=wanted,
                    column_types={
                        name: pa.float64() if name == wanted[-1] else text for name in wanted
                    },
                    null_values=[""],
                    strings_can_be_null=False,
                    decimal_point="," if comma else ".",
                ),
            )
            for batch in reader:
                amounts = batch.column(len(wanted) - 1)
                if amounts.null_count or not pc.all(pc.is_finite(amounts)).as_py():
                    raise _wrong_cell(path, delimiter, header, places, dialect, comma=comma)
                yield batch
    except (pa.ArrowInvalid, OSError) as error:
        problem = _wrong_cell(path, delimiter, header, places, dialect, comma=comma)
        raise problem from error


def _sample(path: Path, delimiter: str, place: int, dialect: Dialect | None) -> list[str]:
    rows = text_rows(path, delimiter, dialect)
    return [
        row[place] for _, row in zip(range(_SAMPLE_ROWS), rows, strict=False) if len(row) > place
    ]


def _wrong_cell(
    path: Path,
    delimiter: str,
    header: Sequence[str],
    places: Sequence[int],
    dialect: Dialect | None,
    *,
    comma: bool,
) -> Exception:
    """Read again, slowly, to name the row that the quick reading stumbled over."""
    number = 0
    for number, row in enumerate(text_rows(path, delimiter, dialect), 1):
        if row and len(row) != len(header):
            return bad_input(
                f"the row has {len(row)} cells, the header {len(header)}",
                where=Where(str(path), number),
                value=delimiter.join(row),
                remedy="the file may be cut here: fetch it again",
            )
        if row and to_number(row[places[-1]], comma=comma) is None:
            return not_a_number(path, number, header[places[-1]], row[places[-1]])
    return bad_input(
        "the file cannot be read as a table",
        where=Where(str(path), number),
        remedy="numbers without groups of thousands, one decimal mark, no quotes left open",
    )


def _doubled(
    path: Path, delimiter: str, places: Sequence[int], dialect: Dialect | None
) -> Exception:
    seen: dict[tuple[str, ...], int] = {}
    for number, row in enumerate(text_rows(path, delimiter, dialect), 1):
        key = tuple(row[n].strip() for n in places[:-1])
        if key in seen:
            return bad_input(
                f"a cell stands twice: rows {seen[key]} and {number}",
                where=Where(str(path), number),
                value=" ".join(key),
                remedy="each pair of row and column stands once: is this two files in one?",
            )
        seen[key] = number
    raise AssertionError  # the count said so
