"""Whole numbers of a clean CSV file, in one pass over its bytes.

A file of ten million rows and twelve columns is a gigabyte, of which a rule reads seven short
columns. A general reader cuts out each field, and then looks at the wanted ones; here the digits
are added up while the bytes go by. What makes that safe is that nothing is guessed: a value that is
not plainly written (a sign, a blank, a leading zero, no digit at all), a row with more or fewer
fields, a quote within a field, a line break within quotes, a byte that is no UTF-8, and the file is
*not clean*: a careful reader takes it, which names the row.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import IntEnum
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from numba import njit

from nexpo.core.cores import cores

_BLOCK_BYTES = 8 << 20
_MOST_THREADS = 8
_1 = np.uint64(1)  # places in the file carry no sign: none of them counts from the end
_NINE, _TEN = np.uint64(9), np.uint64(10)
_QUOTE, _BREAK, _RETURN, _BLANK, _LAST_ASCII = ord('"'), ord("\n"), ord("\r"), ord(" "), 127
_ZERO = np.uint64(ord("0"))
_COMMA_ENDS, _BREAK_ENDS, _UNCLEAN = 1, 2, 3

Bytes = npt.NDArray[np.uint8]
Block = Mapping[str, npt.NDArray[Any]]
Made = TypeVar("Made")


class Kind(IntEnum):
    """What is read of a column."""

    SKIP = 0
    STATED = 1
    """Nothing, but it may not be empty or blank."""
    LETTER = 2
    """One ASCII sign, as its code: int32."""
    SHORT = 3
    """A whole number of up to nine digits: int32."""
    LONG = 4
    """A whole number of up to eighteen digits: int64."""


_SKIP, _STATED, _LETTER, _SHORT, _LONG = (int(kind) for kind in Kind)
_LEAST = np.array([0, 0, 1, 1, 1], np.uint64)
_MOST = np.array([2**63, 2**63, 1, 9, 18], np.uint64)
"""How long a field of each kind may be; digits: what 32 and 64 bits hold with a sign."""


class NotCleanError(Exception):
    """A value or a row is not plainly written: the careful reader will name it."""


def read_columns(
    path: Path, headers: Sequence[str], wanted: Mapping[str, Kind], make: Callable[[Block], Made]
) -> list[Made]:
    r"""Return some columns of a clean CSV file (commas, double quotes), block after block.

    Parameters
    ----------
    path
        The file; its first line is the header.
    headers
        All columns, in the file's order.
    wanted
        What is read of which column.
    make
        Is given a value a row, by column, for blocks of some ten thousand rows; several at once.

    Returns
    -------
    list
        What was made of each block, in the file's order.

    Raises
    ------
    NotCleanError
        When the file is not clean.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "bdc.csv"
    >>> _ = path.write_text('id,brand,code\n"7","A, LLC",X\n12,B,R\n')
    >>> wanted = {"id": Kind.LONG, "code": Kind.LETTER}
    >>> [block] = read_columns(path, ["id", "brand", "code"], wanted, dict)
    >>> block["id"].tolist(), bytes(block["code"].tolist())
    ([7, 12], b'XR')
    >>> _ = path.write_text('id\n7\n-1\n')
    >>> read_columns(path, ["id"], {"id": Kind.LONG}, dict)
    Traceback (most recent call last):
    nexpo.sources.clean_csv.NotCleanError: id
    """
    if len(set(headers)) < len(headers):
        raise NotCleanError("a header stands twice")
    kinds = np.array([wanted.get(header, Kind.SKIP) for header in headers], np.int8)
    found: dict[int, Made] = {}
    turn, stop = threading.Lock(), threading.Event()
    with path.open("rb") as file:
        file.readline()

        def work(_: int) -> None:
            """Take the next lines, one thread at a time, and read them beside the others."""
            while not stop.is_set():
                with turn:
                    place = file.tell()
                    lines = file.read(_BLOCK_BYTES) + file.readline()
                if not lines:
                    return
                try:
                    found[place] = make(_block(lines, headers, kinds))
                except BaseException:
                    stop.set()
                    raise

        threads = min(_MOST_THREADS, cores())
        with ThreadPoolExecutor(threads) as pool:
            try:
                for _ in pool.map(work, range(threads)):
                    pass
            finally:
                stop.set()  # by hand too: nobody waits for the rest of the file
    return [found[place] for place in sorted(found)]


def _block(lines: bytes, headers: Sequence[str], kinds: npt.NDArray[np.int8]) -> Block:
    """Return the wanted columns of some whole lines."""
    if not _is_text(lines):
        raise NotCleanError("a byte that is no UTF-8")
    raw = np.frombuffer(lines if lines.endswith(b"\n") else lines + b"\n", np.uint8)
    rows = int(_lines(raw))
    longs = np.empty((int((kinds == Kind.LONG).sum()), rows), np.int64)
    shorts = np.empty((int((kinds > Kind.STATED).sum()) - len(longs), rows), np.int32)
    unclean = int(_numbers(raw, kinds, _CLASSES, longs, shorts))
    if unclean >= 0:
        raise NotCleanError(headers[unclean])
    of_longs, of_shorts = iter(longs), iter(shorts)
    return {
        header: next(of_longs if kind == Kind.LONG else of_shorts)
        for header, kind in zip(headers, kinds.tolist(), strict=True)
        if kind > Kind.STATED
    }


def _is_text(lines: bytes) -> bool:
    if b"\0" in lines:
        return False
    try:
        return lines.isascii() or bool(lines.decode())
    except UnicodeDecodeError:
        return False


def _classes() -> Bytes:
    """Return what each byte is in a field without quotes: part of it, or its end."""
    found = np.zeros(256, np.uint8)
    found[ord(",")], found[ord("\n")] = _COMMA_ENDS, _BREAK_ENDS
    found[[ord('"'), ord("\r")]] = _UNCLEAN
    return found


_CLASSES = _classes()


@njit(nogil=True, cache=True)
def _lines(raw: Bytes) -> int:
    """Return the number of line breaks."""
    count = 0
    for byte in raw:
        count += byte == _BREAK
    return count


@njit(nogil=True, cache=True)
def _numbers(  # noqa: C901, PLR0912 - one walk: calls between its steps cost more than they do
    raw: Bytes,
    kinds: npt.NDArray[np.int8],
    classes: Bytes,
    longs: npt.NDArray[np.int64],
    shorts: npt.NDArray[np.int32],
) -> int:
    """Read the wanted columns of lines that each end in a break; return the first unclean column.

    Returns -1 where all are clean. No step looks for the end of the bytes: each stops at a break
    at the latest, and the last byte is one.
    """
    at = np.uint64(0)
    for row in range(shorts.shape[1]):
        long, short = 0, 0
        for column in range(kinds.size):
            kind = kinds[column]
            quoted = raw[at] == _QUOTE
            first = at + _1 if quoted else at
            value, end = np.uint64(0), first
            if kind >= _SHORT:
                digit = np.uint64(raw[end]) - _ZERO
                while digit <= _NINE:
                    value = _TEN * value + digit
                    end += _1
                    digit = np.uint64(raw[end]) - _ZERO
            else:
                end = _quoted_end(raw, first) if quoted else _plain_end(raw, first, classes)
            if (quoted and raw[end] != _QUOTE) or not _LEAST[kind] <= end - first <= _MOST[kind]:
                return column
            if kind >= _SHORT and end - first > _1 and raw[first] == _ZERO:
                return column
            if kind == _LETTER:
                value = np.uint64(raw[first])
                if value > _LAST_ASCII:
                    return column
            if kind == _STATED:
                while first < end and raw[first] <= _BLANK:
                    first += _1
                if first == end:
                    return column
            at = end + _1 if quoted else end
            if raw[at] == _RETURN and raw[at + _1] == _BREAK:
                at += _1
            if classes[raw[at]] != (_BREAK_ENDS if column + 1 == kinds.size else _COMMA_ENDS):
                return column
            at += _1
            if kind == _LONG:
                longs[long, row] = value
                long += 1
            elif kind >= _LETTER:
                shorts[short, row] = value
                short += 1
    return -1


@njit(nogil=True, cache=True)
def _plain_end(raw: Bytes, at: np.uint64, classes: Bytes) -> np.uint64:
    """Return where a field without quotes ends, or the first sign that may not be in it."""
    while classes[raw[at]] == 0:
        at += _1
    return at


@njit(nogil=True, cache=True)
def _quoted_end(raw: Bytes, at: np.uint64) -> np.uint64:
    """Return the closing quote of a field, doubled quotes being part of it, or a line break."""
    while raw[at] != _BREAK:
        if raw[at] == _QUOTE:
            if raw[at + _1] != _QUOTE:
                return at
            at += _1
        at += _1
    return at
