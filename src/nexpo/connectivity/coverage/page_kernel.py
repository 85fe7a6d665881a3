"""Compiled steps of reading a Parquet column by its dictionary: page headers, then codes.

A reader that gives back values first copies each from the dictionary, and a rule then asks of
105 million values what it could ask of the four in the dictionary. These functions stop at the
codes.

Source: *Apache Parquet format* 2.11, "Encodings" (RLE/bit-packing hybrid, PLAIN) and
``parquet.thrift`` (PageHeader); *Thrift compact protocol*.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

Bytes = npt.NDArray[np.uint8]
Codes = npt.NDArray[np.int32]
Pages = npt.NDArray[np.int64]

(BODY, KIND, UNPACKED, PACKED, VALUES, ENCODING, LEVELS, LEVEL_BYTES, IS_PACKED) = range(9)
"""Columns of a table of pages: where the body starts in the chunk, the kind of page, the size of
the body decompressed and as it lies, values, their encoding and that of the levels; in pages of the
second version, the bytes of levels before the values (else -1), and whether the values are
compressed."""

DATA, DICTIONARY, DATA_V2 = 0, 2, 3
"""Kinds of page."""

PLAIN, PLAIN_DICTIONARY, RLE, RLE_DICTIONARY = 0, 2, 3, 8
"""Encodings; the second is the old name of the last in a data page, of PLAIN in a dictionary."""

_WIDEST = 31
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY = range(1, 9)
_STRUCT = 12
_DEEPEST = 4
_FIELDS = 16
_TOO_LONG = np.uint64(63)
_ONE, _THREE, _SEVEN, _EIGHT = (np.uint64(n) for n in (1, 3, 7, 8))
_LOW_BITS = np.uint64(0x7F)


@njit(nogil=True, cache=True)
def _signed(number: Any) -> int:  # noqa: ANN401 - a number of any kind
    """Return a number with a sign: a sum of one with and one without would be a fraction."""
    return np.int64(number)  # type: ignore[return-value]


@njit(nogil=True, cache=True)
def varint(raw: Bytes, at: int) -> tuple[np.uint64, int]:
    """Return a number of seven bits a byte and where it ends; -1 where the bytes end first."""
    value, shift = np.uint64(0), np.uint64(0)
    while 0 <= at < raw.size and shift < _TOO_LONG:
        byte = np.uint64(raw[at])
        at += 1
        value |= (byte & _LOW_BITS) << shift
        if byte <= _LOW_BITS:
            return value, at
        shift += _SEVEN
    return value, -1


@njit(nogil=True, cache=True)
def _zigzag(raw: Bytes, at: int) -> tuple[int, int]:
    value, at = varint(raw, at)
    return _signed(value >> _ONE) ^ -_signed(value & _ONE), at


@njit(nogil=True, cache=True)
def _scalar(raw: Bytes, at: int, kind: int) -> tuple[int, int]:
    """Return the number of a field (-1 for what is none) and where it ends; -1 if nowhere."""
    if kind in {_TRUE, _FALSE}:
        return _FALSE - kind, at
    if kind in {_I16, _I32, _I64}:
        return _zigzag(raw, at)
    if kind == _BYTE:
        return -1, at + 1
    if kind == _DOUBLE:
        return -1, at + 8
    if kind == _BINARY:
        size, at = varint(raw, at)
        # What is longer than the chunk ends nowhere.
        return -1, at + _signed(size) if at >= 0 and size < np.uint64(raw.size) else -1
    return -1, -1


@njit(nogil=True, cache=True)
def _header(raw: Bytes, at: int, fields: npt.NDArray[np.int64]) -> int:
    """Read a page's header and return where it ends, -1 where it is not one that we know.

    ``fields`` takes its numbers, ``(16, 16)``: row 0 those of the header, row *i* those of the
    struct that is its field *i*.
    """
    fields[:] = -1
    row, last = np.zeros(_DEEPEST, np.int64), np.zeros(_DEEPEST, np.int64)
    depth = 0
    while 0 <= at < raw.size:
        byte = _signed(raw[at])
        at += 1
        if byte == 0:
            if depth == 0:
                return at
            depth -= 1
            continue
        kind, field = byte & 15, last[depth] + (byte >> 4)
        if byte >> 4 == 0:
            field, at = _zigzag(raw, at)
            if at < 0:
                return -1
        last[depth] = field
        known = row[depth] >= 0 and 0 <= field < _FIELDS
        if kind == _STRUCT:
            inside = field if known and depth == 0 else -1
            depth += 1
            if depth == _DEEPEST:
                return -1
            row[depth], last[depth] = inside, 0
            continue
        value, at = _scalar(raw, at, kind)
        if at < 0:
            return -1
        if known:
            fields[row[depth], field] = value
    return -1


@njit(nogil=True, cache=True)
def pages(raw: Bytes, values: int) -> tuple[Pages, bool]:
    """Return the pages of a column chunk, and whether they hold its values and no byte lacks.

    Parameters
    ----------
    raw
        The chunk as it lies in the file.
    values
        How many values it holds, the missing ones counted, by the file's footer.
    """
    found = np.empty((16, IS_PACKED + 1), np.int64)
    fields = np.empty((_FIELDS, _FIELDS), np.int64)
    count, at = 0, 0
    while values > 0:
        at = _header(raw, at, fields)
        kind, packed = fields[0, 1], fields[0, 3]
        if at < 0 or packed < 0 or fields[0, 2] < 0 or at + packed > raw.size:
            return found[:count], False
        if count == len(found):
            found = np.concatenate((found, np.empty_like(found)))
        page = found[count]
        page[BODY], page[KIND], page[UNPACKED], page[PACKED] = at, kind, fields[0, 2], packed
        page[LEVELS], page[LEVEL_BYTES], page[IS_PACKED] = RLE, -1, 1
        if kind == DATA:
            page[VALUES], page[ENCODING], page[LEVELS] = fields[5, 1], fields[5, 2], fields[5, 3]
        elif kind == DICTIONARY:
            page[VALUES], page[ENCODING] = fields[7, 1], fields[7, 2]
        elif kind == DATA_V2:
            page[VALUES], page[ENCODING] = fields[8, 1], fields[8, 4]
            page[LEVEL_BYTES], page[IS_PACKED] = fields[8, 5], fields[8, 7]
            if fields[8, 6] != 0 or not 0 <= fields[8, 5] <= packed:
                return found[:count], False
        else:
            return found[:count], False
        if page[VALUES] < 0:
            return found[:count], False
        if kind != DICTIONARY:
            values -= page[VALUES]
        at += packed
        count += 1
    return found[:count], values == 0


@njit(nogil=True, cache=True)
def _word(raw: Bytes, at: np.uint64) -> np.uint64:
    """Return the eight bytes from a place on, the first lowest: one load of the processor."""
    word = np.uint64(0)
    for byte in range(8):
        word |= np.uint64(raw[at + np.uint64(byte)]) << np.uint64(8 * byte)
    return word


@njit(nogil=True, cache=True)
def _few_bytes(raw: Bytes, at: int, end: int) -> np.uint64:
    """Return up to eight bytes from a place on, the first lowest; what lies beyond is 0."""
    word = np.uint64(0)
    for byte in range(min(8, end - at)):
        word |= np.uint64(raw[at + byte]) << np.uint64(8 * byte)
    return word


@njit(nogil=True, cache=True)
def _bit_packed(raw: Bytes, at: int, width: int, out: Codes) -> None:
    """Read numbers of so many bits each, the first in the lowest bits."""
    bits, mask = np.uint64(width), (_ONE << np.uint64(width)) - _ONE
    start = np.uint64(at)
    # The last word that lies whole in the page begins eight bytes before its end.
    whole = 0 if raw.size < at + 8 else min(out.size, (raw.size - at - 8) * 8 // max(width, 1))
    for i in range(whole):
        bit = np.uint64(i) * bits
        out[i] = _word(raw, start + (bit >> _THREE)) >> (bit & _SEVEN) & mask
    for i in range(whole, out.size):
        bit = np.uint64(i) * bits
        out[i] = _few_bytes(raw, at + _signed(bit >> _THREE), raw.size) >> (bit & _SEVEN) & mask


@njit(nogil=True, cache=True)
def unpack(raw: Bytes, at: int, width: int, out: Codes) -> int:
    """Read the runs of an RLE/bit-packing hybrid; return the largest number.

    Parameters
    ----------
    raw
        Runs, from ``at`` to the end.
    width
        Bits of a number, 0 to 31.
    out
        Takes as many numbers as it has places.

    Returns
    -------
    int
        The largest number; -1 where the runs end before ``out`` does, or hold a number of more
        bits.

    Examples
    --------
    Three times the number 5, and then 0, 1, 2, ..., 7 in three bits each (the format's own
    example).

    >>> out = np.empty(11, np.int32)
    >>> raw = np.array([3 << 1, 5, 1 << 1 | 1, 0b10001000, 0b11000110, 0b11111010], np.uint8)
    >>> unpack(raw, 0, 3, out), out.tolist()
    (7, [5, 5, 5, 0, 1, 2, 3, 4, 5, 6, 7])
    """
    filled = 0
    while filled < out.size:
        run, at = varint(raw, at)
        if at < 0:
            return -1
        many = _signed(min(run >> _ONE, np.uint64(out.size)))
        if run & _ONE:
            many = min(8 * many, out.size - filled)
            end = at + (many + 7) // 8 * width
            # A writer may leave out the bytes of the last run that hold no value.
            if at + (many * width + 7) // 8 > raw.size:
                return -1
            _bit_packed(raw, at, width, out[filled : filled + many])
        else:
            many = min(many, out.size - filled)
            end = at + (width + 7) // 8
            value = _few_bytes(raw, at, min(end, raw.size))
            if end > raw.size or many == 0 or value >> np.uint64(width):
                return -1
            out[filled : filled + many] = value
        at = end
        filled += many
    largest = np.int32(0)
    for code in out:
        largest = max(largest, code)
    return _signed(largest)


@njit(nogil=True, cache=True)
def spread(levels: Codes, codes: Codes) -> int:
    """Move codes to the rows that have one, -1 to the others, in place; return how many have.

    Parameters
    ----------
    levels
        1 for a row that has a value, 0 for one that has none.
    codes
        In its first places the codes of the rows that have one.
    """
    present = _signed(levels.sum())
    at = present
    for row in range(levels.size - 1, -1, -1):
        if levels[row]:
            at -= 1
            codes[row] = codes[at]
        else:
            codes[row] = -1
    return present


@njit(nogil=True, cache=True)
def _all_ones(raw: Bytes, at: int, rows: int) -> bool:
    """Say whether levels begin with one run of 1 for all rows, as they do where no value lacks."""
    run, at = varint(raw, at)
    known = 0 <= at < raw.size and run & _ONE == 0 and run >> _ONE >= rows
    return bool(known and raw[at] == 1)


@njit(nogil=True, cache=True)
def decode(
    data: Bytes,
    pages: Pages,
    ends: npt.NDArray[np.int64],
    optional: bool,  # noqa: FBT001 - compiled calls take no keywords alone
    names: int,
    out: Codes,
) -> bool:
    """Read the codes of all pages of a column chunk; return False where they do not add up.

    Parameters
    ----------
    data, ends
        Bodies of the pages one after the other, and where each ends.
    pages
        The pages, as :func:`pages` lists them, without that of the dictionary.
    optional
        Whether a page begins with levels, which say what rows have a value.
    names
        Size of the dictionary.
    out
        Takes a code a row, -1 where it has no value.
    """
    at, filled = 0, 0
    for page in range(ends.size):
        end, rows = ends[page], pages[page, VALUES]
        codes = out[filled : filled + rows]
        after = at + max(pages[page, LEVEL_BYTES], 0)
        if pages[page, LEVEL_BYTES] < 0 and optional:
            at += 4
            after = at + _signed(_few_bytes(data, at - 4, min(at, end)))
        if after > end:
            return False
        present = rows
        if optional and rows and not _all_ones(data[:after], at, rows):
            defined = np.empty(rows, np.int32)
            if unpack(data[:after], at, 1, defined) < 0:
                return False
            present = _signed(defined.sum())
        if present:
            width = _signed(data[after]) if after < end else _WIDEST + 1
            if width > _WIDEST:
                return False
            if not 0 <= unpack(data[:end], after + 1, width, codes[:present]) < names:
                return False
        if present < rows:
            spread(defined, codes)
        at, filled = end, filled + rows
    return True


@njit(nogil=True, cache=True)
def texts(page: Bytes, count: int) -> tuple[Codes, Bytes, bool]:
    """Return the texts of a dictionary: where each starts, their bytes, and whether all are there.

    In the page each text stands after its length, in four bytes.
    """
    starts = np.zeros(count + 1, np.int32)
    data = np.empty(page.size, np.uint8)
    at = 0
    for index in range(count):
        if at + 4 > page.size:
            return starts, data, False
        size = _signed(_few_bytes(page, at, at + 4))
        at += 4
        if at + size > page.size:
            return starts, data, False
        data[starts[index] : starts[index] + size] = page[at : at + size]
        starts[index + 1] = starts[index] + size
        at += size
    return starts, data[: starts[count]], True
