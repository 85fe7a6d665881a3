"""Blocks of Arrow columns as the kernel sees them: codes, numbers, and what is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from nexpo.connectivity.coverage import compile_rule, kernel, load_rule
from nexpo.connectivity.coverage.adapters.blocks import (
    Block,
    Judge,
    Names,
    NotForKernel,
)
from nexpo.connectivity.coverage.adapters.dictionary_pages import Coded
from nexpo.connectivity.coverage.cases import Numbers

DAY = date(2025, 8, 1)


def _block(**columns: Any) -> Block:
    arrays = {name: pa.array(values) for name, values in columns.items()}
    return Block(arrays, len(next(iter(arrays.values()))))


def _scattered(block: Block) -> list[tuple[int, int, int]]:
    """Return id, code of the network and code of the area of each row of a block."""
    judge = Judge(
        compile_rule(load_rule("eu-2023", DAY), DAY), block.names, area="istat", speeds=False
    )
    rows = kernel.Rows.of([block.rows], 1, speeds=False)
    judge.scatter(block, 0, rows.records, rows.downs)
    words = rows.records[:, 1] >> kernel.FLAG_BITS
    return [
        (int(key), int(word) & kernel.MOST_NETWORKS + 1, int(word) >> kernel.NETWORK_BITS)
        for key, word in zip(rows.records[:, 0], words, strict=True)
    ]


def test_names_have_one_code_each_and_none_has_zero() -> None:
    names = Names(5)
    first = names.codes(["b", "a", None])
    assert first[0] == first[3] == 0
    assert sorted(first[1:3]) == [1, 2]
    assert names.codes(["a", "c"]).tolist() == [0, first[2], 3]
    ordered, rank = names.ranked()
    assert ordered == ["a", "b", "c"]
    assert rank.tolist()[0] == kernel.NO_AREA
    assert rank[first[1]] == 1


def test_more_names_than_codes_go_to_the_other_engine() -> None:
    with pytest.raises(NotForKernel):
        Names(2).codes(["a", "b", "c"])


def test_numbers_come_with_nan_where_missing_and_days_since_1970() -> None:
    days = [date(1970, 1, 3), date(1970, 1, 1)]
    block = _block(year=[2025, None], max_up_mbps=[1, 2], progress_report_on=days)
    assert block.number("year")[0] == 2025
    assert np.isnan(block.number("year")[1])
    assert block.number("max_up_mbps").tolist() == [1, 2]
    assert block.number("progress_report_on").tolist() == [2, 0]


def test_numbers_written_as_text_go_to_the_other_engine() -> None:
    with pytest.raises(NotForKernel):
        _block(year=["2025"]).number("year")


def test_columns_of_different_length_go_to_the_other_engine() -> None:
    with pytest.raises(NotForKernel):
        Block({"year": pa.array([1, 2])}, 3)
    with pytest.raises(NotForKernel):
        Block({"year": Coded(np.zeros(2, np.int32), pa.array([1]))}, 1)


def test_numbers_by_the_dictionary_fall_into_the_cases_of_plain_ones() -> None:
    values = pa.array([30.0, 29.9, None, 1000.0, float("nan"), 100.0, 1e12])
    cases = Numbers((30.0, 100.0, 1000.0))
    plain = np.zeros(len(values), np.int32)
    numbers = Block({"max_up_mbps": values}, 7).number("max_up_mbps")
    kernel.add_numbers(plain, numbers, np.array(cases.cuts), 1)
    dictionary = values.drop_null()
    codes = np.array([0, 1, -1, 2, 3, 4, 5], np.int32)
    coded = np.zeros(len(values), np.int32)
    kernel.add_steps(coded, codes, cases.of_each(dictionary.to_numpy()))
    assert coded.tolist() == plain.tolist()


def test_a_row_without_infrastructure_stands_on_the_operators_own() -> None:
    found = _scattered(
        _block(
            address_id=[7, 8, 9],
            operator=["Alfa", "Beta", "Alfa"],
            infrastructure=["Alfa", None, None],
            technology=["fibre"] * 3,
        )
    )
    networks = [network for _, network, _ in found]
    assert networks[0] == networks[2] != networks[1]


def test_a_row_that_names_no_network_although_the_footer_says_so_goes_to_the_other_engine() -> None:
    with pytest.raises(NotForKernel):
        _scattered(_block(address_id=[7], infrastructure=pa.nulls(1, pa.string())))


def test_areas_are_coded_and_zero_where_there_is_none() -> None:
    found = _scattered(_block(address_id=[7, 8], operator=["Alfa", "Alfa"], istat=["015146", None]))
    assert [area for _, _, area in found] == [1, 0]


def test_the_dictionary_of_a_later_block_is_read_anew() -> None:
    judge = Judge(
        compile_rule(load_rule("eu-2023", DAY), DAY),
        frozenset({"address_id", "operator"}),
        area=None,
        speeds=False,
    )
    words = []
    for operators in (["Alfa", "Beta"], ["Beta", "Alfa"], ["Beta", "Alfa"]):
        rows = kernel.Rows.of([2], 1, speeds=False)
        judge.scatter(_block(address_id=[1, 2], operator=operators), 0, rows.records, rows.downs)
        words.append(rows.records[:, 1].tolist())
    assert words[1] == words[2] == words[0][::-1]


def test_a_missing_id_goes_to_the_other_engine() -> None:
    with pytest.raises(NotForKernel):
        _block(address_id=pa.nulls(1, pa.int64())).ids()


@pytest.mark.parametrize("text", ["007", "-7", "7a", "1234567890123456789"])
def test_ids_that_a_number_would_change_go_to_the_other_engine(text: str) -> None:
    with pytest.raises(NotForKernel):
        _block(address_id=[text]).ids()
