"""What holds for any table, region and margins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexpo.impact.model import Origin, PriceBasis, Primary, Scope, Table, Use
from nexpo.impact.regionalise import (
    Activity,
    Choice,
    Method,
    Stop,
    gras,
    quotients_of,
    ras,
    regional_coefficients,
    to_provinces,
    two_region,
)

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(2, 7)


def national(seed: int, size: int) -> tuple[Table, Activity]:
    """Return a balanced table with zeros, negative stocks and a sector without output."""
    draw = np.random.default_rng(seed)
    flows = draw.exponential(10, (size, size)) * (draw.random((size, size)) < 0.7)
    final = draw.exponential(30, (size, 3)) * (draw.random((size, 3)) < 0.8)
    final[:, 1] -= draw.exponential(10, size)
    empty = int(draw.integers(0, size + 1))
    if empty < size:
        flows[empty], flows[:, empty], final[empty] = 0, 0, 0
    output = flows.sum(axis=1) + final.sum(axis=1)
    short = np.maximum(0, flows.sum(axis=0) - output) + np.where(output <= 0, -output, 0)
    final[:, 2] += short
    output = output + short
    table = Table(
        Origin("T", "XX", 2014, "EUR", 1, PriceBasis.BASIC, "c", "s", "l"),
        Scope.DOMESTIC,
        tuple(f"s{place}" for place in range(size)),
        ("",) * size,
        ("XX",) * size,
        flows,
        output,
        ("h", "i", "x"),
        (Use.HOUSEHOLDS, Use.INVENTORIES, Use.EXPORTS),
        final,
        ("va",),
        (Primary.VALUE_ADDED,),
        (output - flows.sum(axis=0))[None, :],
    )
    jobs = draw.exponential(100, size) + 1
    part = jobs * draw.random(size) * (draw.random(size) < 0.9)
    part[0] = jobs[0] / 2
    unknown = draw.random(size) < 0.1
    unknown[0] = False
    jobs[unknown] = np.nan
    return table, Activity("R", table.sectors, part, jobs)


def choice(method: Method, delta: float) -> Choice:
    return Choice(method, delta=delta, alpha=delta, beta=delta)


@settings(max_examples=40, deadline=None)
@given(SEEDS, SIZES, st.sampled_from(Method), st.floats(0, 0.9))
def test_region_and_rest_add_up_to_the_nation(
    seed: int, size: int, method: Method, delta: float
) -> None:
    table, activity = national(seed, size)
    made = two_region(table, activity, choice(method, delta)).table
    scale = table.output.max() + 1
    blocks = made.flows.reshape(2, size, 2, size)
    assert np.abs(blocks.sum(axis=(0, 2)) - table.flows).max() < 1e-12 * scale
    uses = made.final.reshape(2, size, 2, 3)
    assert np.abs(uses.sum(axis=(0, 2)) - table.final).max() < 1e-12 * scale
    rows = made.flows.sum(axis=1) + made.final.sum(axis=1)
    assert np.abs(rows - made.output).max() < 1e-10 * scale
    columns = made.flows.sum(axis=0) + made.primary.sum(axis=0)
    assert np.abs(columns - made.output).max() < 1e-10 * scale
    assert made.flows.min() >= -1e-12 * scale


@settings(max_examples=30, deadline=None)
@given(SEEDS, SIZES, st.floats(0, 0.95))
def test_delta_lowers_each_coefficient_and_zero_is_cilq(seed: int, size: int, delta: float) -> None:
    table, activity = national(seed, size)
    there = table.output > 0
    coefficients = table.flows * np.divide(1, table.output, out=np.zeros(size), where=there)
    found = [
        regional_coefficients(coefficients, quotients_of(activity, each).values)
        for each in (
            Choice(Method.CILQ),
            Choice(Method.FLQ, delta=0.0),
            Choice(Method.FLQ, delta=delta),
        )
    ]
    assert found[0] == pytest.approx(found[1])
    assert (found[2] <= found[1] + 1e-15).all()
    assert (found[0] <= coefficients + 1e-15).all()
    assert (found[0][coefficients == 0] == 0).all()


@settings(max_examples=30, deadline=None)
@given(SEEDS, SIZES, SIZES, st.booleans())
def test_balancing_meets_margins_and_keeps_zeros_and_signs(
    seed: int, rows: int, columns: int, signed: bool
) -> None:
    draw = np.random.default_rng(seed)
    table = draw.exponential(10, (rows, columns)) * (draw.random((rows, columns)) < 0.8)
    if signed:
        table *= np.where(draw.random((rows, columns)) < 0.2, -1, 1)
    other = table * draw.uniform(0.5, 2, (rows, columns))  # a table that has such margins
    u, v = other.sum(axis=1), other.sum(axis=0)
    found = (gras if signed else ras)(table, u, v, stop=Stop(iterations=50_000))
    scale = np.abs(other).sum() + 1
    assert np.abs(found.values.sum(axis=1) - u).max() < 1e-6 * scale
    assert np.abs(found.values.sum(axis=0) - v).max() < 1e-6 * scale
    assert (np.sign(found.values) == np.sign(table)).all()


@settings(max_examples=25, deadline=None)
@given(SEEDS, SIZES, st.integers(1, 5))
def test_provinces_sum_to_the_region(seed: int, size: int, count: int) -> None:
    draw = np.random.default_rng(seed)
    jobs = draw.exponential(10, (count, size)) + 0.1
    jobs[:, draw.random(size) < 0.2] = np.nan
    jobs[:, 0] = 1.0
    effect = draw.normal(0, 10, size)
    names = [str(place) for place in range(count)]
    assert to_provinces(effect, jobs, names).total.sum(axis=0) == pytest.approx(effect)


def test_the_order_of_sectors_does_not_matter() -> None:
    table, activity = national(5, 6)
    order = np.random.default_rng(1).permutation(6)
    moved = replace(
        table,
        sectors=tuple(table.sectors[place] for place in order),
        flows=table.flows[np.ix_(order, order)],
        output=table.output[order],
        final=table.final[order],
        primary=table.primary[:, order],
    )
    other = Activity("R", moved.sectors, activity.regional[order], activity.national[order])
    one = two_region(table, activity, Choice(Method.FLQ, delta=0.3)).table
    two = two_region(moved, other, Choice(Method.FLQ, delta=0.3)).table
    both = np.concatenate([order, order + 6])
    assert two.flows == pytest.approx(one.flows[np.ix_(both, both)], abs=1e-12)
