"""2,000 draws of a plan in two regions of 56 sectors: beside the same draws in a numpy loop."""

from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.typing import NDArray

from nexpo.impact.demand import Purchases
from nexpo.impact.effects import Account
from nexpo.impact.ensemble import Households, Noise, Setting, evaluate
from nexpo.impact.model import Floats, Phase
from nexpo.impact.sampling import Ranges, Triangular, draw_choices

pytestmark = pytest.mark.bench
Ints = NDArray[np.intp]

SECTORS, LEVELS, PERIODS, DRAWS, GOAL_S = 56, 21, 6, 2_000, 2.0
NOISE = Noise(0.20, 0.10)


def setting() -> Setting:
    """Return a made economy of the size of the Italian table, a region and the rest."""
    draws = np.random.default_rng(1)
    national = draws.random((SECTORS, SECTORS)) ** 4
    national *= draws.uniform(0.3, 0.7, SECTORS) / national.sum(axis=0)
    own = draws.uniform(0.3, 0.9, (LEVELS, SECTORS, SECTORS))
    systems = np.stack(
        [
            np.block([[national * s, national * 0.1], [national * (1 - s), national * 0.9]])
            for s in own
        ]
    )
    free = np.zeros((3, SECTORS, PERIODS))
    free[0] = draws.random((SECTORS, PERIODS)) * 1e6
    amount = free[0].sum(axis=0)
    nil = np.zeros(PERIODS)
    periods = tuple((2025 + year, Phase.CONSTRUCTION) for year in range(PERIODS))
    codes = tuple(map(str, range(SECTORS)))
    imported = np.full((SECTORS, PERIODS), 0.2)
    buys = Purchases(
        codes, periods, 2024, amount, nil, nil, free, np.zeros_like(free), imported * 0, imported
    )
    income = np.zeros((2, 2 * SECTORS))
    income[0, :SECTORS] = income[1, SECTORS:] = 0.2
    spent = np.full((LEVELS, 2 * SECTORS, 2), 0.4 / (2 * SECTORS))
    v = np.tile(1 - national.sum(axis=0) - 0.1, 2)
    accounts = tuple(
        Account(name, "EUR", v, real=real) for name, real in (("gdp", False), ("jobs", True))
    )
    return Setting(
        (("as stated", buys),),
        systems,
        draws.uniform(0.4, 0.9, (LEVELS, SECTORS)),
        np.linspace(0.1, 0.4, LEVELS),
        (Households("net", spent, income, np.zeros((2, 2))),),
        accounts,
        ("region",) * SECTORS + ("rest",) * SECTORS,
        np.full(SECTORS, 0.83),
        2014,
    )


def in_numpy(made: Setting, deltas: Ints, generator: np.random.Generator) -> Floats:
    """Return the country's direct and indirect GDP of each draw, one library call a draw."""
    found = np.empty(len(deltas))
    buys, sigma = made.mixes[0][1], np.sqrt(np.log1p(NOISE.coefficient_cv**2))
    for draw, level in enumerate(deltas):
        noise = np.exp(sigma * generator.standard_normal((SECTORS, SECTORS)) - sigma**2 / 2)
        matrix = np.eye(2 * SECTORS) - made.coefficients[level] * np.tile(noise, (2, 2))
        home = (buys.free[0] * 0.8).sum(axis=1)
        local = made.local_share[level]
        demand = np.concatenate([home * local, home * (1 - local)])
        found[draw] = made.accounts[0].intensity @ np.linalg.solve(matrix, demand)
    return found


def test_two_thousand_draws(scale: float) -> None:
    made, count = setting(), max(int(DRAWS * scale), 50)
    ranges = Ranges(
        (0,), tuple(range(LEVELS)), (0,), (0, 10, 0), Triangular(0.8, 1.0, 1.2),
        Triangular(0.0, 0.003, 0.01), NOISE,
    )  # fmt: skip
    walls, cores = [], []
    evaluate(made, ranges.centre(2))  # compiled once and kept on disk
    for _ in range(3):
        generator = np.random.default_rng(7)
        began, spent = time.perf_counter(), time.process_time()
        choices = draw_choices(ranges, generator, count)
        found = evaluate(made, choices, noise=NOISE, generator=generator)
        walls.append(time.perf_counter() - began)
        cores.append(time.process_time() - spent)
    began = time.perf_counter()
    peer = in_numpy(made, choices.delta, np.random.default_rng(8))
    loop = time.perf_counter() - began
    ours = found[:, 0, :, :2].sum(axis=(1, 2, 3))
    assert ours.mean() == pytest.approx(peer.mean(), rel=0.03)  # other noise, the same law
    print(f"\n{count:,} draws, {SECTORS} sectors in two regions, Type I and II, {PERIODS} years")
    print(f"  nexpo, wall clock   best {min(walls):6.2f} s   median {np.median(walls):6.2f} s")
    print(f"  nexpo, core time    best {min(cores):6.2f} s")
    print(f"  numpy loop, Type I, one year, nothing else   {loop:6.2f} s")
    if scale >= 1:
        assert min(walls) <= GOAL_S
