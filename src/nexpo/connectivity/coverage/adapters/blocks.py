"""Blocks of declarations as the kernel sees them: codes and numbers, no text."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from nexpo.connectivity.coverage import kernel
from nexpo.connectivity.coverage.adapters.dictionary_pages import Coded
from nexpo.connectivity.coverage.cases import Numbers, Texts, cases_of
from nexpo.connectivity.coverage.expression import Condition
from nexpo.connectivity.coverage.rules import CompiledRule

Codes = npt.NDArray[np.int32]
_LONGEST_ID = 18


class NotForKernel(Exception):  # noqa: N818 - not an error: another engine takes over
    """The kernel cannot hold this input; the SQL engine can."""


class Names:
    """Codes for names, one more than their order of arrival; shared by all readers."""

    def __init__(self, most: int) -> None:
        self._codes: dict[str | None, int] = {}
        self._most = most
        self._lock = threading.Lock()

    def codes(self, names: list[str | None]) -> Codes:
        """Return 0, then the code of each name; 0 for None."""
        with self._lock:
            for name in set(names) - self._codes.keys() - {None}:
                self._codes[name] = len(self._codes) + 1
            if len(self._codes) > self._most:
                raise NotForKernel
            return np.array([0, *(self._codes.get(name, 0) for name in names)], np.int32)

    def ranked(self) -> tuple[list[str], Codes]:
        """Return the names in order, and the rank of each code; entry 0 is no name's."""
        names = sorted(name for name in self._codes if name is not None)
        rank = np.full(len(names) + 1, kernel.NO_AREA, np.int32)
        rank[[self._codes[name] for name in names]] = np.arange(len(names))
        return names, rank


class Block:
    """Rows of some columns as the kernel sees them."""

    def __init__(self, columns: Mapping[str, pa.Array | Coded], rows: int) -> None:
        if any(_length(column) != rows for column in columns.values()):
            raise NotForKernel  # the file's footer contradicts itself
        self._columns = columns
        self.rows = rows

    @property
    def names(self) -> frozenset[str]:
        """Names of the columns."""
        return frozenset(self._columns)

    def number(self, column: str) -> npt.NDArray[Any]:
        """Return a column of numbers (days since 1970 for dates), NaN where missing."""
        return _numbers(self._plain(column))

    def is_coded(self, column: str) -> bool:
        """Say whether a column lies by its dictionary."""
        return isinstance(self._columns[column], Coded)

    def coded(self, column: str) -> Coded:
        """Return a column by its dictionary."""
        array = self._columns[column]
        if isinstance(array, Coded):
            return array
        if not pa.types.is_dictionary(array.type):
            array = array.dictionary_encode()
        indices = array.indices.cast(pa.int32())
        if indices.null_count:
            indices = pc.fill_null(indices, -1)
        return Coded(_values(indices), array.dictionary)

    def ids(self) -> kernel.Ids:
        """Return the address ids as integers.

        Raises
        ------
        NotForKernel
            When an id is no number, would change as a number, or is missing.
        """
        array = self._plain("address_id")
        if array.null_count:
            raise NotForKernel
        if pa.types.is_dictionary(array.type):
            array = array.cast(array.type.value_type)
        if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
            _refuse_unfaithful(array)
            array = array.cast(pa.int64())
        elif not pa.types.is_integer(array.type) or array.type == pa.uint64():
            raise NotForKernel
        return _values(array.cast(pa.int64()))

    def _plain(self, column: str) -> pa.Array:
        """Return a column value by value."""
        array = self._columns[column]
        if isinstance(array, Coded):
            return array.dictionary.take(pa.array(array.codes, mask=array.codes < 0))
        return array


def _length(column: pa.Array | Coded) -> int:
    return len(column.codes if isinstance(column, Coded) else column)


def _numbers(array: pa.Array) -> npt.NDArray[Any]:
    """Return numbers (days since 1970 for dates), NaN where missing."""
    if pa.types.is_date(array.type):
        array = array.cast(pa.date32()).cast(pa.int32())
    elif pa.types.is_string(array.type) or pa.types.is_dictionary(array.type):
        raise NotForKernel
    return _values(array)


def _values(array: pa.Array) -> npt.NDArray[Any]:
    """Return the numbers of an array, NaN where missing.

    Through DLPack where nothing is missing: ``to_numpy`` begins by importing pandas, which
    takes longer than the numbers.
    """
    if array.null_count:
        found: npt.NDArray[Any] = array.to_numpy(zero_copy_only=False)
        return found
    return np.from_dlpack(array)


def _names_in(dictionary: pa.Array) -> list[str | None]:
    names: list[str | None] = dictionary.cast(pa.string()).to_pylist()
    return names


def _refuse_unfaithful(array: pa.Array) -> None:
    """Refuse ids of which a number would lose a leading zero, a sign or a letter."""
    faithful = pc.match_substring_regex(array, f"^(0|[1-9][0-9]{{0,{_LONGEST_ID - 1}}})$")
    if not pc.all(faithful).as_py():
        raise NotForKernel


class _Tables:
    """Tables of what stands for each value of a dictionary, kept while blocks share it."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[pa.Array, Codes]] = {}

    def of(self, column: str, dictionary: pa.Array, make: Callable[[pa.Array], Codes]) -> Codes:
        """Return the table of a column's dictionary, made anew where that has changed."""
        last, table = self._last.get(column, (None, None))
        if last is not None and table is not None and last.equals(dictionary):
            return table
        table = make(dictionary)
        self._last[column] = dictionary, table
        return table


class Judge:
    """A rule at work on the blocks of one file: names become codes, rows become cases.

    One for all threads.

    Parameters
    ----------
    rule
        The compiled rule.
    columns
        Columns that each block has.
    area
        Column by which addresses are gathered, or None.
    speeds
        Whether the best speed of an address is asked for.
    """

    def __init__(
        self, rule: CompiledRule, columns: frozenset[str], *, area: str | None, speeds: bool
    ) -> None:
        conditions = _conditions(rule)
        self.networks = Names(kernel.MOST_NETWORKS)
        self.areas = Names(kernel.MOST_AREAS)
        self._cases_of_values, self._codes = _Tables(), _Tables()
        self._cases = cases_of(conditions, columns)
        self._flags = self._cases.judge(conditions)
        self._area = area if area in columns else None
        self._speed = rule.speed_column if speeds and rule.speed_column in columns else None

    def scatter(
        self, block: Block, bits: int, records: kernel.Records, downs: kernel.Speeds
    ) -> npt.NDArray[np.int64]:
        """Judge a block into its stretch of memory; return where its partitions start."""
        speeds = np.full(downs.size, np.nan)
        if downs.size and self._speed is not None:
            speeds = block.number(self._speed).astype(np.float64)
        rows = kernel.Block(
            block.ids(),
            self._case_of_each(block),
            self._network_of_each(block),
            self._area_of_each(block),
            speeds,
        )
        starts: npt.NDArray[np.int64] = kernel.scatter(rows, self._flags, bits, records, downs)
        return starts

    def _case_of_each(self, block: Block) -> Codes:
        found = np.zeros(block.rows, np.int32)
        for column, cases in self._cases.columns.items():
            stride = self._cases.strides[column]
            if isinstance(cases, Numbers) and not block.is_coded(column):
                kernel.add_numbers(found, block.number(column), np.array(cases.cuts), stride)
                continue
            codes, dictionary = block.coded(column)
            make = partial(_steps, cases, stride)
            kernel.add_steps(found, codes, self._cases_of_values.of(column, dictionary, make))
        return found

    def _network_of_each(self, block: Block) -> Codes:
        """Return the network of each row: the infrastructure, else the operator's own."""
        if "infrastructure" not in block.names:
            return self._code_of_each(block, "operator", self.networks)
        found = self._code_of_each(block, "infrastructure", self.networks)
        if found.min(initial=1) == 0:
            if "operator" not in block.names:  # the file's footer said that nobody needs it
                raise NotForKernel
            unnamed = found == 0
            found[unnamed] = self._code_of_each(block, "operator", self.networks)[unnamed]
        return found

    def _area_of_each(self, block: Block) -> Codes:
        if self._area is None:
            return np.empty(0, np.int32)
        return self._code_of_each(block, self._area, self.areas)

    def _code_of_each(self, block: Block, column: str, names: Names) -> Codes:
        codes, dictionary = block.coded(column)
        table = self._codes.of(column, dictionary, lambda new: names.codes(_names_in(new)))
        found: Codes = kernel.lookup(table, codes)
        return found


def _steps(cases: Texts | Numbers, stride: int, dictionary: pa.Array) -> Codes:
    """Return what each value of a dictionary adds to the case of a row; first: no value."""
    if isinstance(cases, Numbers):
        return cases.of_each(_numbers(dictionary)) * np.int32(stride)
    names = _names_in(dictionary)
    return np.array([stride * cases.case_of(name) for name in (None, *names)], np.int32)


def _conditions(rule: CompiledRule) -> tuple[Condition, ...]:
    """Return what is asked of a declaration, in the order of the kernel's flags."""
    return (
        rule.admissible,
        rule.fast,
        rule.target,
        rule.lesser,
        rule.present,
        rule.alive,
        rule.served,
    )
