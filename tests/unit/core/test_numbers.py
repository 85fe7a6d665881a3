"""Numbers of tables of money: what a point or a comma means."""

from __future__ import annotations

import pytest

from nexpo.core.numbers import decimal_comma
from nexpo.core.problem import Problem


@pytest.mark.parametrize(
    ("cells", "delimiter", "comma"),
    [
        (["1.000", "2.5"], ";", False),  # 2.5 says that the point is the mark
        (["1.000", "0.125"], ";", False),  # no group begins with nought
        (["1.000", "1500"], ";", False),  # thousands are not grouped
        (["1.000", "2,5"], ";", True),
        (["1.000", "1.000.000"], ";", True),
        (["1.000", "2.125"], ",", False),  # three decimals throughout, commas between cells
        (["950", "12"], ";", False),
    ],
)
def test_one_number_decides(cells: list[str], delimiter: str, *, comma: bool) -> None:
    assert decimal_comma(cells, delimiter) is comma


@pytest.mark.parametrize(
    ("cells", "delimiter"), [(["1.000", "2.000", "950"], ";"), (["1.000", "950"], ",")]
)
def test_a_doubtful_file_is_asked_about(cells: list[str], delimiter: str) -> None:
    with pytest.raises(Problem, match="one or a thousand") as caught:
        decimal_comma(cells, delimiter, file="a.csv")
    assert (caught.value.where.file, caught.value.value) == ("a.csv", "1.000")
    assert "--decimal" in (caught.value.remedy or "")
    assert decimal_comma(cells, delimiter, decimal=",")
    assert not decimal_comma(cells, delimiter, decimal=".")


def test_a_doubt_is_followed_beyond_the_sample() -> None:
    cells = ["1.000"] + ["7"] * 50 + ["2,5"]
    assert decimal_comma(cells, ";", enough=10)
