"""Bytes that no writer writes: what the compiled steps make of them is said, and ends."""

from __future__ import annotations

import numpy as np
import pytest

from nexpo.connectivity.coverage import page_kernel
from nexpo.connectivity.coverage.page_kernel import decode, pages, unpack


def _bytes(*values: int) -> page_kernel.Bytes:
    return np.array(values, np.uint8)


def _page(rows: int, level_bytes: int = -1) -> page_kernel.Pages:
    found = np.zeros((1, page_kernel.IS_PACKED + 1), np.int64)
    found[0, page_kernel.VALUES], found[0, page_kernel.LEVEL_BYTES] = rows, level_bytes
    return found


def _decoded(body: page_kernel.Bytes, rows: int, *, optional: bool, names: int = 2) -> list[int]:
    out = np.full(rows, 7, np.int32)
    ends = np.array([body.size])
    return out.tolist() if decode(body, _page(rows), ends, optional, names, out) else []


@pytest.mark.parametrize("width", [25, 31])
def test_a_number_wider_than_its_bits_is_none(width: int) -> None:
    run = _bytes(width, 5 << 1, 0xFE, 0xFF, 0xFF, 0xFF)
    assert _decoded(run, 5, optional=False) == []
    assert unpack(run, 1, width, np.empty(5, np.int32)) == -1


def test_a_code_beyond_the_dictionary_is_none() -> None:
    assert _decoded(_bytes(2, 3 << 1, 1), 3, optional=False) == [1, 1, 1]
    assert _decoded(_bytes(2, 3 << 1, 2), 3, optional=False) == []


def test_levels_say_which_rows_have_a_value() -> None:
    codes = (1, 2 << 1, 1)
    assert _decoded(_bytes(2, 0, 0, 0, 0b11, 0b0101, *codes), 4, optional=True) == [1, -1, 1, -1]
    assert _decoded(_bytes(2, 0, 0, 0, 4 << 1, 0), 4, optional=True) == [-1] * 4


@pytest.mark.parametrize(
    "body",
    [
        (2, 0, 0, 0, 2 << 1, 2, 1, 4 << 1, 1),  # a level of 2
        (2, 0, 0, 0, 2 << 1, 1, 1, 4 << 1, 1),  # levels of two rows only
        (200, 0, 0, 0, 4 << 1, 1),  # levels longer than the page
        (2, 0, 0),  # a page that ends in the length of its levels
        (2, 0, 0, 0, 4 << 1, 1),  # no codes at all
        (2, 0, 0, 0, 4 << 1, 1, 32, 4 << 1, 1),  # codes of 32 bits
        (2, 0, 0, 0, 4 << 1, 1, 1, 0, 1),  # a run of nothing
        (2, 0, 0, 0, 4 << 1, 1, 1, *[0x80] * 12),  # a run without an end to its length
    ],
)
def test_a_page_that_does_not_add_up_is_refused(body: tuple[int, ...]) -> None:
    assert _decoded(_bytes(*body), 4, optional=True) == []


@pytest.mark.parametrize(
    "raw",
    [
        (),
        (0x05, *[0x80] * 9, 0x01),  # a field number without an end
        (0x13, *[0] * 3),  # a byte, and the end of a header without sizes
        (0x17, 0, 0),  # eight bytes, of which two are there
        (0x18, *[0xFF] * 8, 0x7F),  # a text longer than anything
        (0x1C, 0x1C, 0x1C, 0x1C, 0x1C),  # structs in structs
        (0x19, 0x05),  # a list, which no header has
        (0x15, 0x00, 0x15, 0x02, 0x15, 0x02, 0x00, 0x00),  # a data page without its own header
        (0x15, 0x00, 0x15, 0x02, 0x15, 0x7E, 0x00),  # a body that is longer than the chunk
    ],
)
def test_a_header_that_is_none_ends(raw: tuple[int, ...]) -> None:
    found, whole = pages(_bytes(*raw), 5)
    assert not whole
    assert len(found) == 0


def test_a_chunk_without_values_has_no_pages() -> None:
    found, whole = pages(_bytes(1, 2, 3), 0)
    assert whole
    assert len(found) == 0
