"""What holds for any amount, arithmetic, ledger and period."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from nexpo.core.evidence import Figure, Input, Ledger, evaluate, read_ledger
from nexpo.core.money import Money
from nexpo.core.parameters import Use
from nexpo.core.period import Period, first_overlap

amounts = st.integers(-(10**30), 10**30).map(Money)
days = st.dates(date(1990, 1, 1), date(2060, 1, 1))
periods = st.builds(
    lambda start, length: Period(start, None if length is None else start + timedelta(length)),
    days,
    st.none() | st.integers(1, 4000),
)


@given(amounts, amounts)
def test_sums_and_differences_are_exact(one: Money, other: Money) -> None:
    assert (one + other).cents == one.cents + other.cents
    assert one + other - other == one


@given(amounts)
def test_what_is_written_is_read_again(amount: Money) -> None:
    text = str(amount).removeprefix("EUR ")
    assert Money.parse(text) == amount
    assert Money.parse(text.translate(str.maketrans(".,", ",.")), decimal=",") == amount


@given(amounts, st.integers(-(10**12), 10**12), st.integers(1, 10**12))
def test_a_share_is_the_nearest_cent(amount: Money, above: int, below: int) -> None:
    exact = Fraction(amount.cents * above, below)
    share = amount.share(above, below).cents
    distance = abs(share - exact)
    assert distance < Fraction(1, 2) or (distance == Fraction(1, 2) and share % 2 == 0)


numbers = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6).filter(
    lambda x: x == 0 or abs(x) > 1e-6
)
expressions = st.recursive(
    st.sampled_from(["a", "b", "c", "2", "0.5", "1000"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"{t[0]} {t[1]} {t[2]}"),
        inner.map(lambda text: f"-({text})"),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(
            lambda t: f"{t[0]}({t[1]}, {t[2]})"
        ),
        inner.map(lambda text: f"round({text}, 2)"),
    ),
    max_leaves=8,
)


@given(expressions, st.tuples(numbers, numbers, numbers))
def test_arithmetic_is_pythons_own(expression: str, given: tuple[float, float, float]) -> None:
    values = dict(zip("abc", given, strict=True))
    try:
        expected = eval(expression, {}, values)
    except ZeroDivisionError:
        expected = None
    assert evaluate(expression, values) == expected


text = st.text(max_size=12)
inputs = st.builds(Input, text, text, text, text, text, redistributable=st.booleans())
uses = st.builds(Use, text, text, text, text, days, text, text, verified=st.booleans())
figures = st.builds(
    Figure,
    id=text,
    title=text,
    value=st.none() | st.integers() | st.floats(allow_nan=False) | text,
    unit=text,
    as_of=days,
    place=text,
    function=text,
    query=text,
    expression=text,
    operands=st.lists(st.tuples(text, text), max_size=3).map(tuple),
    parameters=st.lists(uses, max_size=2).map(tuple),
    inputs=st.lists(inputs, max_size=2).map(tuple),
    note=text,
    synthetic=st.booleans(),
)


@settings(deadline=None)
@given(st.lists(figures, max_size=6, unique_by=lambda figure: figure.id))
def test_a_ledger_is_read_as_it_was_written(given: list[Figure]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        back = read_ledger(Ledger(given).write(Path(folder) / "figures.jsonl"))
    assert list(back) == given


@given(periods, periods)
def test_overlap_is_symmetric_and_means_a_day_in_both(one: Period, other: Period) -> None:
    latest = max(one.start, other.start)
    assert one.overlaps(other) == other.overlaps(one) == (latest in one and latest in other)


@given(st.lists(periods, max_size=6))
def test_an_overlap_is_found_if_there_is_one(given: list[Period]) -> None:
    class Held:
        def __init__(self, period: Period) -> None:
            self.period = period

    clash = first_overlap([Held(period) for period in given])
    pairs = [(i, j) for i in range(len(given)) for j in range(i) if given[i].overlaps(given[j])]
    assert (clash is not None) == bool(pairs)
    assert clash is None or clash[0].period.overlaps(clash[1].period)
