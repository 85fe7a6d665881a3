"""Columns of a Parquet file as codes and a dictionary, where they lie so in the file.

Text and the few speeds and years that operators declare are written by the dictionary. The
compiled steps in :mod:`~nexpo.connectivity.coverage.page_kernel` read the codes alone. Whatever
is not so written (plain or delta encoded values, a nested column, a type without a plain
dictionary, bytes that do not add up) is left to Arrow, which also knows what to say of a broken
file.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from nexpo.connectivity.coverage import kernel, page_kernel
from nexpo.connectivity.coverage.page_kernel import Bytes, Codes

_CODECS = {"UNCOMPRESSED": None, "SNAPPY": "snappy", "ZSTD": "zstd"}
_MOST_BYTES = (1 << 31) - 1
_NUMBERS: dict[str, np.dtype[Any]] = {
    "INT32": np.dtype("<i4"),
    "INT64": np.dtype("<i8"),
    "DOUBLE": np.dtype("<f8"),
}
_BY_DICTIONARY = frozenset({page_kernel.PLAIN_DICTIONARY, page_kernel.RLE_DICTIONARY})
_PLAIN = frozenset({page_kernel.PLAIN, page_kernel.PLAIN_DICTIONARY})


class Coded(NamedTuple):
    """A column by its dictionary.

    Attributes
    ----------
    codes
        The place of each row's value in the dictionary; -1 where none is.
    dictionary
        The values: text, or numbers.
    """

    codes: Codes
    dictionary: pa.Array


class _NotByDictionary(Exception):  # noqa: N818 - not an error: Arrow takes over
    """A column chunk that is not written by the dictionary throughout."""


class _Pages(NamedTuple):
    """A column chunk that is written by the dictionary: its bytes, pages and values."""

    raw: Bytes
    pages: page_kernel.Pages
    dictionary: pa.Array
    optional: bool


class DictionaryPages:
    """The columns of a file that may lie by the dictionary, read row group by row group.

    Each thread has its own: what :meth:`read` returns lasts until it is called again.

    Parameters
    ----------
    path
        The file.
    metadata
        Its footer.
    columns
        Names of the columns asked for.
    """

    def __init__(self, path: Path, metadata: pq.FileMetaData, columns: Sequence[str]) -> None:
        self._path = path
        self._metadata = metadata
        self._last: dict[str, tuple[bytes, pa.Array]] = {}
        self._memory: dict[str, Codes] = {}
        schema = metadata.schema.to_arrow_schema()
        places = leaf_places(metadata)
        self._places = {
            name: places[name]
            for name in columns
            if name in places and _has_plain_dictionary(schema.field(name).type)
        }

    def read(self, groups: Sequence[int]) -> dict[str, Coded]:
        """Return the columns that lie by the dictionary in all of some row groups."""
        found: dict[str, Coded] = {}
        with self._path.open("rb", buffering=0) as file:
            for name in self._places:
                with suppress(_NotByDictionary):
                    found[name] = self._column(file.fileno(), groups, name)
        return found

    def values(self, name: str) -> pa.Array | None:
        """Return the values in a column of the whole file, where all of it lies by dictionaries.

        No rows are read: a dictionary may hold what no row uses. None where it lies otherwise.
        """
        found: dict[int, pa.Array] = {}
        with self._path.open("rb", buffering=0) as file, suppress(_NotByDictionary):
            if name not in self._places:
                return None
            for group in range(self._metadata.num_row_groups):
                chunk = self._metadata.row_group(group).column(self._places[name])
                if chunk.num_values:
                    dictionary = self._pages(file.fileno(), chunk, name).dictionary
                    found[id(dictionary)] = dictionary
            if not found:
                return None
            return pa.concat_arrays(list(found.values())).unique()
        return None

    def _column(self, file: int, groups: Sequence[int], name: str) -> Coded:
        place = self._places[name]
        of_groups = [self._metadata.row_group(group) for group in groups]
        if any(group.column(place).num_values != group.num_rows for group in of_groups):
            raise _NotByDictionary
        chunks: list[Any] = [group.column(place) for group in of_groups if group.num_rows]
        if not chunks:
            raise _NotByDictionary
        codes = self._room(name, sum(chunk.num_values for chunk in chunks))
        stretches = np.split(codes, np.cumsum([chunk.num_values for chunk in chunks])[:-1])
        dictionaries = [
            self._chunk(file, chunk, name, stretch)
            for chunk, stretch in zip(chunks, stretches, strict=True)
        ]
        return Coded(codes, to_one_dictionary(dictionaries, stretches))

    def _room(self, name: str, rows: int) -> Codes:
        """Return memory for the codes of a column: new pages cost more than what fills them."""
        if name not in self._memory or self._memory[name].size < rows:
            self._memory[name] = np.empty(rows, np.int32)
        return self._memory[name][:rows]

    def _chunk(self, file: int, chunk: Any, name: str, into: Codes) -> pa.Array:  # noqa: ANN401
        """Read the codes of a column chunk, and return its dictionary."""
        read = self._pages(file, chunk, name)
        codec = _CODECS[chunk.compression]
        bodies = [_body(read.raw, page, codec) for page in read.pages[1:].tolist()]
        data = np.frombuffer(b"".join(bodies), np.uint8)
        ends = np.cumsum([len(body) for body in bodies])
        values = len(read.dictionary)
        if not page_kernel.decode(data, read.pages[1:], ends, read.optional, values, into):
            raise _NotByDictionary
        return read.dictionary

    def _pages(self, file: int, chunk: Any, name: str) -> _Pages:  # noqa: ANN401
        """Read the bytes of a column chunk, where its pages are, and its dictionary."""
        form = self._metadata.schema.column(self._places[name])
        if chunk.compression not in _CODECS or not _is_flat(form):
            raise _NotByDictionary
        raw = _bytes(file, chunk)
        pages, whole = page_kernel.pages(raw, chunk.num_values)
        optional = form.max_definition_level == 1
        if not whole or not _by_dictionary(pages, optional=optional):
            raise _NotByDictionary
        if pages[:, page_kernel.UNPACKED].sum() > chunk.total_uncompressed_size:
            raise _NotByDictionary
        body = _body(raw, pages[0].tolist(), _CODECS[chunk.compression])
        values = int(pages[0, page_kernel.VALUES])
        dictionary = self._dictionary(name, chunk.physical_type, bytes(body), values)
        return _Pages(raw, pages, dictionary, optional)

    def _dictionary(self, name: str, kind: str, page: bytes, values: int) -> pa.Array:
        """Return the dictionary of a chunk: the same object while it stays the same."""
        last, known = self._last.get(name, (None, None))
        if known is None or last != page:
            known = _values(kind, np.frombuffer(page, np.uint8), values)
            self._last[name] = page, known
        return known


def leaf_places(metadata: pq.FileMetaData) -> dict[str, int]:
    """Return where each column's values lie in a row group; a nested column has other paths."""
    return {metadata.schema.column(i).path: i for i in range(metadata.num_columns)}


def to_one_dictionary(dictionaries: Sequence[pa.Array], stretches: Sequence[Codes]) -> pa.Array:
    """Bring stretches of codes, each with its dictionary, to one dictionary, in place.

    Examples
    --------
    >>> one, two = np.array([0, 1], np.int32), np.array([1, -1, 0], np.int32)
    >>> names = [pa.array(["fibre", "fwa"]), pa.array(["cable", "fibre"])]
    >>> to_one_dictionary(names, [one, two]).to_pylist(), one.tolist(), two.tolist()
    (['fibre', 'fwa', 'cable'], [0, 1], [0, -1, 2])
    """
    first = dictionaries[0]
    if all(dictionary.equals(first) for dictionary in dictionaries[1:]):
        return first
    union = pa.concat_arrays(dictionaries).dictionary_encode()
    places = union.indices.to_numpy().astype(np.int32)
    start = 0
    for dictionary, stretch in zip(dictionaries, stretches, strict=True):
        table = np.append(np.int32(-1), places[start : start + len(dictionary)])
        stretch[:] = kernel.lookup(table, stretch)
        start += len(dictionary)
    return union.dictionary


def _has_plain_dictionary(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    numbers = pa.types.is_signed_integer(kind) or pa.types.is_float64(kind)
    texts = (pa.string(), pa.large_string(), pa.string_view())
    return bool(kind in texts or numbers or pa.types.is_date32(kind))


def _is_flat(form: Any) -> bool:  # noqa: ANN401 - pyarrow states no types
    return bool(form.max_definition_level <= 1 and form.max_repetition_level == 0)


def _bytes(file: int, column: Any) -> Bytes:  # noqa: ANN401 - pyarrow states no types
    # Where a writer does not say where the dictionary is, its page is the first.
    start = min(column.data_page_offset, column.dictionary_page_offset or column.data_page_offset)
    size = column.total_compressed_size
    inside = start >= 0 and 0 <= size <= os.fstat(file).st_size - start
    if not inside or max(size, column.total_uncompressed_size) > _MOST_BYTES:
        raise _NotByDictionary
    raw = np.frombuffer(os.pread(file, size, start), np.uint8)
    if raw.size != size:
        raise _NotByDictionary
    return raw


def _by_dictionary(pages: page_kernel.Pages, *, optional: bool) -> bool:
    """Say whether the first page is a dictionary and all others hold codes of it."""
    first, others = pages[0], pages[1:]
    return (
        first[page_kernel.KIND] == page_kernel.DICTIONARY
        and int(first[page_kernel.ENCODING]) in _PLAIN
        and set(others[:, page_kernel.ENCODING].tolist()) <= _BY_DICTIONARY
        and page_kernel.DICTIONARY not in others[:, page_kernel.KIND]
        and bool((others[:, page_kernel.LEVELS] == page_kernel.RLE).all() or not optional)
    )


def _body(raw: Bytes, page: Sequence[int], codec: str | None) -> Any:  # noqa: ANN401 - bytes-like
    """Return the body of a page, decompressed."""
    start, end = page[page_kernel.BODY], page[page_kernel.BODY] + page[page_kernel.PACKED]
    if codec is None or page[page_kernel.IS_PACKED] == 0:
        return raw[start:end].data
    levels = max(page[page_kernel.LEVEL_BYTES], 0)  # as they are, in pages of the second version
    size = page[page_kernel.UNPACKED] - levels
    if size <= 0:
        return raw[start : start + levels].tobytes()
    if codec == "snappy" and page_kernel.varint(raw[start + levels : end], 0)[0] != size:
        raise _NotByDictionary  # the library would leave what is missing as it was
    try:
        body = pa.decompress(raw[start + levels : end], size, codec)
    except (pa.ArrowException, OSError):
        raise _NotByDictionary from None
    return raw[start : start + levels].tobytes() + bytes(body) if levels else body


def _values(kind: str, page: Bytes, count: int) -> pa.Array:
    """Return the values of a dictionary's page."""
    if kind in _NUMBERS:
        form = _NUMBERS[kind]
        if page.size < count * form.itemsize:
            raise _NotByDictionary
        return pa.array(np.frombuffer(page, form, count))
    if kind != "BYTE_ARRAY" or 4 * count > page.size:
        raise _NotByDictionary
    starts, data, whole = page_kernel.texts(page, count)
    if not whole:
        raise _NotByDictionary
    buffers = [None, pa.py_buffer(starts), pa.py_buffer(data)]
    found = pa.Array.from_buffers(pa.string(), count, buffers)
    try:
        found.validate(full=True)
    except pa.ArrowInvalid:
        raise _NotByDictionary from None
    return found
