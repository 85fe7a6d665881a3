"""Balancing and quotients against slow models of our own, and against a peer where it is there."""

from __future__ import annotations

import importlib
import importlib.util

import numpy as np
import pytest
from scipy.optimize import minimize

from nexpo.impact.regionalise import Activity, Choice, Method, gras, quotients_of, ras

PEER = importlib.util.find_spec("quadrium") is not None
needs_peer = pytest.mark.skipif(not PEER, reason="the peer quadrium is not installed here")


def case(seed: int, signed: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    table = draw.exponential(10, (5, 4)) * (draw.random((5, 4)) < 0.85)
    if signed:
        table[0, 1], table[3, 2] = -2.0, -1.0
    other = table * draw.uniform(0.5, 2, table.shape)
    return table, other.sum(axis=1), other.sum(axis=0)


@pytest.mark.parametrize("seed", range(3))
def test_ras_is_the_table_of_least_information(seed: int) -> None:
    table, u, v = case(seed, signed=False)

    def dual(logs: np.ndarray) -> tuple[float, np.ndarray]:
        values = table * np.exp(logs[:5, None] + logs[None, 5:])
        gap = np.concatenate([values.sum(axis=1) - u, values.sum(axis=0) - v])
        return float(values.sum() - logs[:5] @ u - logs[5:] @ v), gap

    answer = minimize(dual, np.zeros(9), jac=True, method="BFGS", options={"gtol": 1e-9})
    due = table * np.exp(answer.x[:5, None] + answer.x[None, 5:])
    assert ras(table, u, v).values == pytest.approx(due, rel=1e-6)


@pytest.mark.parametrize("seed", range(2))
def test_gras_equals_a_loop_over_lines(seed: int) -> None:
    table, u, v = case(seed, signed=True)
    due = _by_lines(table, u, v)
    assert gras(table, u, v).values == pytest.approx(due, rel=1e-6, abs=1e-9)


def _by_lines(table: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Scale one line at a time with a factor found by bisection on its sum."""
    now = table.copy()
    for _ in range(2000):
        for place, total in enumerate(v):
            now[:, place] = _scaled(now[:, place], total)
        for place, total in enumerate(u):
            now[place] = _scaled(now[place], total)
        if np.abs(now.sum(axis=0) - v).max() < 1e-9:
            break
    return now


def _scaled(line: np.ndarray, total: float) -> np.ndarray:
    low, high = -20.0, 20.0
    for _ in range(70):
        middle = (low + high) / 2
        factor = np.exp(middle)
        reached = np.where(line > 0, line * factor, line / factor).sum()
        low, high = (middle, high) if reached < total else (low, middle)
    factor = np.exp((low + high) / 2)
    scaled: np.ndarray = np.where(line > 0, line * factor, line / factor)
    return scaled


@pytest.mark.parametrize("method", [Method.SLQ, Method.CILQ, Method.RLQ, Method.FLQ, Method.AFLQ])
def test_quotients_equal_their_formulae_cell_by_cell(method: Method) -> None:
    draw = np.random.default_rng(3)
    nation = draw.exponential(100, 6) + 10
    region = nation * draw.uniform(0.05, 0.5, 6)
    size = region.sum() / nation.sum()
    simple = (region / region.sum()) / (nation / nation.sum())
    scale = np.log2(1 + size) ** 0.3
    found = quotients_of(
        Activity("R", tuple("abcdef"), region, nation), Choice(method, delta=0.3)
    ).values
    for i in range(6):
        for j in range(6):
            across = simple[i] if i == j else simple[i] / simple[j]
            due = {
                Method.SLQ: simple[i],
                Method.CILQ: across,
                Method.RLQ: simple[i] / np.log2(1 + simple[j]),
                Method.FLQ: across * scale,
                Method.AFLQ: across * scale * (np.log2(1 + simple[j]) if simple[j] > 1 else 1),
            }[method]
            assert found[i, j] == pytest.approx(due)


@needs_peer
@pytest.mark.parametrize("method", ["SLQ", "CILQ", "FLQ"])
def test_coefficients_equal_the_peers(method: str) -> None:
    peer = importlib.import_module("quadrium.regionalise")
    from nexpo.impact.regionalise import regional_coefficients

    draw = np.random.default_rng(8)
    national = draw.uniform(0, 0.1, (8, 8))
    nation = draw.exponential(100, 8) + 10
    region = nation * draw.uniform(0.05, 0.5, 8)
    delta = 0.25 if method == "FLQ" else None
    due = peer.regionalise(national, region, nation, method=method, delta=delta)
    activity = Activity("R", tuple("abcdefgh"), region, nation)
    found = quotients_of(activity, Choice(Method(method.lower()), delta=0.25))
    assert regional_coefficients(national, found.values) == pytest.approx(due.A, abs=1e-14)


@needs_peer
@pytest.mark.parametrize("seed", range(3))
def test_gras_equals_the_peers(seed: int) -> None:
    peer = importlib.import_module("quadrium.gras")
    table, u, v = case(seed, signed=True)
    due = peer.gras(table, u, v)
    assert gras(table, u, v).values == pytest.approx(due.X, rel=1e-6)
