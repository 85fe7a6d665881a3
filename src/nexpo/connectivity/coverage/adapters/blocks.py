"""Blocks of declarations as the kernel sees them: codes and numbers, no text."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from nexpo.connectivity.coverage import kernel
from nexpo.connectivity.coverage.expression import Mask, to_mask
from nexpo.connectivity.coverage.rules import CompiledRule
from nexpo.core import tables

Codes = npt.NDArray[np.int32]
_LONGEST_ID = 18
_COMPARISONS = {
    ">=": np.greater_equal,
    "<=": np.less_equal,
    ">": np.greater,
    "<": np.less,
}


class NotForKernel(Exception):  # noqa: N818 - not an error: another engine takes over
    """The kernel cannot hold this input; the SQL engine can."""


class NotDeclared(Exception):  # noqa: N818 - not an error: the careful reader takes over
    """A value is not one that the data dictionary takes; the careful reader names its row."""

    def __init__(self, column: str, value: object) -> None:
        super().__init__(f"{column}: {value!r}")
        self.column = column
        self.value = value


class Names:
    """Codes for names, one more than their order of arrival; shared by all readers."""

    def __init__(self, most: int) -> None:
        self._codes: dict[str, int] = {}
        self._most = most
        self._lock = threading.Lock()

    def codes(self, names: list[str | None]) -> Codes:
        """Return the code of each name; 0 for None, which also stands at the end."""
        with self._lock:
            found = [
                0 if name is None else self._codes.setdefault(name, len(self._codes) + 1)
                for name in names
            ]
            if len(self._codes) > self._most:
                raise NotForKernel
        return np.array([*found, 0], np.int32)

    def ranked(self) -> tuple[list[str], Codes]:
        """Return the names in order, and the rank of each code (entry 0 unused)."""
        names = sorted(self._codes)
        rank = np.full(len(names) + 1, -1, np.int32)
        for position, name in enumerate(names):
            rank[self._codes[name]] = position
        return names, rank


class ArrowBlock:
    """A record batch behind the interface of conditions."""

    def __init__(self, columns: Mapping[str, pa.Array], rows: int) -> None:
        self._columns = columns
        self._rows = rows
        self._numbers: dict[str, npt.NDArray[Any]] = {}
        self._texts: dict[str, tuple[Codes, list[str | None]]] = {}

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self._rows

    def among(self, column: str, values: frozenset[str]) -> Mask:
        """Rows whose text is one of the values, decided on the dictionary."""
        if column not in self._columns:
            return np.zeros(self._rows, np.bool_)
        codes, names = self.text(column)
        wanted = np.array([name in values for name in names] + [False])
        found: Mask = kernel.lookup(wanted, codes)
        return found

    def compare(self, column: str, operator: str, bound: float | date) -> Mask:
        """Rows whose number or day stands in a relation to a bound; missing never does."""
        if column not in self._columns:
            return np.zeros(self._rows, np.bool_)
        plain = (bound - date(1970, 1, 1)).days if isinstance(bound, date) else bound
        with np.errstate(invalid="ignore"):
            found: Mask = _COMPARISONS[operator](self.number(column), plain)
        return found

    def missing(self, column: str) -> Mask:
        """Rows without a value."""
        if column not in self._columns:
            return np.ones(self._rows, np.bool_)
        array = self._columns[column]
        floating = pa.types.is_floating(array.type)
        if array.null_count == 0 and not floating:
            return np.zeros(self._rows, np.bool_)
        found: Mask = pc.is_null(array, nan_is_null=floating).to_numpy(zero_copy_only=False)
        return found

    def number(self, column: str) -> npt.NDArray[Any]:
        """Return a column of numbers (days since 1970 for dates), NaN where missing."""
        if column not in self._numbers:
            array = self._columns[column]
            if pa.types.is_date(array.type):
                array = array.cast(pa.date32()).cast(pa.int32())
            elif pa.types.is_string(array.type) or pa.types.is_dictionary(array.type):
                raise NotForKernel
            self._numbers[column] = array.to_numpy(zero_copy_only=False)
        return self._numbers[column]

    def text(self, column: str) -> tuple[Codes, list[str | None]]:
        """Return a text column as codes (-1 where missing) and its names."""
        if column not in self._texts:
            array = self._columns[column]
            if not pa.types.is_dictionary(array.type):
                array = array.dictionary_encode()
            indices = array.indices
            if indices.null_count:
                indices = pc.fill_null(indices.cast(pa.int32()), -1)
            codes = indices.to_numpy(zero_copy_only=False)
            names = array.dictionary.cast(pa.string()).to_pylist()
            _check_names(column, names)
            self._texts[column] = codes, names
        return self._texts[column]

    def ids(self) -> kernel.Ids:
        """Return the address ids as integers.

        Raises
        ------
        NotForKernel
            When an id is no number, or would change as a number.
        NotDeclared
            When an id is missing.
        """
        array = self._columns["address_id"]
        if array.null_count:
            raise NotDeclared("address_id", None)
        if pa.types.is_dictionary(array.type):
            array = array.cast(array.type.value_type)
        if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
            _refuse_unfaithful(array)
            array = array.cast(pa.int64())
        elif not pa.types.is_integer(array.type) or array.type == pa.uint64():
            raise NotForKernel
        ids: kernel.Ids = array.cast(pa.int64()).to_numpy(zero_copy_only=False)
        return ids


@cache
def _tests() -> dict[str, tuple[frozenset[str], re.Pattern[str] | None]]:
    """Return what the data dictionary takes in each column of text."""
    columns = tables.load("nexpo.connectivity", "declarations").columns
    return {
        column.name: (
            frozenset(column.allowed),
            re.compile(column.pattern) if column.pattern and not column.allowed else None,
        )
        for column in columns
    }


def _check_names(column: str, names: list[str | None]) -> None:
    allowed, pattern = _tests()[column]
    for name in names:
        if name is None:
            continue
        if (allowed and name not in allowed) or (pattern and not pattern.fullmatch(name)):
            raise NotDeclared(column, name)


def _refuse_unfaithful(array: pa.Array) -> None:
    """Refuse ids of which a number would lose a leading zero, a sign or a letter."""
    faithful = pc.match_substring_regex(array, f"^(0|[1-9][0-9]{{0,{_LONGEST_ID - 1}}})$")
    if not pc.all(faithful).as_py():
        raise NotForKernel


def pack(
    rule: CompiledRule,
    block: ArrowBlock,
    columns: frozenset[str],
    networks: Names,
    areas: Names,
    area: str | None,
) -> tuple[kernel.Ids, kernel.Words, kernel.Speeds]:
    """Judge a block of declarations and pack each row for the kernel.

    Returns
    -------
    ids, words, downs
        Address id, packed judgement and speed (NaN: not stated) of each row.
    """
    networks_of = _network_codes(block, columns, networks)
    areas_of = np.empty(0, np.int32)
    if area is not None and area in columns:
        codes, names = block.text(area)
        areas_of = kernel.lookup(areas.codes(names), codes)
    words = kernel.assemble(networks_of, areas_of, _judged(rule, block))
    return block.ids(), words, _speeds(rule, block, columns)


def _judged(rule: CompiledRule, block: ArrowBlock) -> tuple[Mask, ...]:
    """Return one mask a flag, in the order of the kernel's flags."""
    conditions = (
        rule.admissible,
        rule.fast,
        rule.target,
        rule.lesser,
        rule.present,
        rule.alive,
        rule.served,
    )
    return tuple(to_mask(condition, block) for condition in conditions)


def _network_codes(block: ArrowBlock, columns: frozenset[str], networks: Names) -> Codes:
    if "infrastructure" not in columns:
        codes, names = block.text("operator")
        return kernel.lookup(networks.codes(names), codes)
    own, own_names = block.text("infrastructure")
    network = kernel.lookup(networks.codes(own_names), own)
    unnamed = network == 0
    if unnamed.any():
        codes, names = block.text("operator")
        network[unnamed] = kernel.lookup(networks.codes(names), codes[unnamed])
    return network


def _speeds(rule: CompiledRule, block: ArrowBlock, columns: frozenset[str]) -> kernel.Speeds:
    """Return speeds in single precision where that is exact, else in double."""
    if rule.speed_column not in columns:
        return np.full(block.rows, np.nan, np.float32)
    numbers = block.number(rule.speed_column)
    single, exact = kernel.single(numbers)
    return single if exact else numbers.astype(np.float64)
