"""Ranking a region's cells: TOPSIS, exact PROMETHEE II, weight draws; beside peers.

Each row is a process of its own: it fills a table block by block (so that filling leaves no
trace in the peak), calls the method once to load compiled code, then times it. Peers are those
of this interpreter, or of the one named in ``NEXPO_PEERS`` (a python with pymcdm==1.4.0 and
scikit-criteria==0.10); a peer that is not there is named, not passed over.
"""

from __future__ import annotations

import os
import sys

import pytest

from benchmarks.measure import Measured, report, run

pytestmark = pytest.mark.bench

CRITERIA = 15
REGION_CELLS, FINE_CELLS = 2_400_000, 38_200_000
PEER_ROWS = 4_000  # where pymcdm's pairwise tables take 2.4 GB
PEERS = os.environ.get("NEXPO_PEERS", sys.executable)

TABLE = f"""
import sys, time
import numpy as np
n, kind = int(sys.argv[1]), sys.argv[2]
random = np.random.default_rng(1)
x = np.empty((n, {CRITERIA}), kind)
for start in range(0, n, 100_000):
    part = x[start:start + 100_000]
    part[:] = random.random(part.shape) * 99 + 1
weights = random.random({CRITERIA}); weights /= weights.sum()
signs = np.array([1, -1] * {CRITERIA // 2} + [1])
directions = ["max" if sign > 0 else "min" for sign in signs]
def said(found, start):
    print(time.perf_counter() - start)
    print(*np.asarray(found, float)[:5].tolist())
"""

OUR_TOPSIS = """
from nexpo.datacentres.siting.normalise import Normalisation, Orientation, reference, scaling
from nexpo.datacentres.siting.topsis import topsis
def work(x):
    turn = Orientation.of(directions)
    scale = scaling(reference(x, turn), turn, Normalisation.VECTOR)
    return topsis(x, weights, scale)
work(x[:10])
start = time.perf_counter(); said(work(x), start)
"""

PYMCDM_TOPSIS = """
from pymcdm.methods import TOPSIS
from pymcdm.normalizations import vector_normalization
start = time.perf_counter(); said(TOPSIS(vector_normalization)(x, weights, signs), start)
"""

SKCRITERIA_TOPSIS = """
import skcriteria as skc
from skcriteria.agg.topsis import TOPSIS
from skcriteria.preprocessing.invert_objectives import NegateMinimize
from skcriteria.preprocessing.scalers import VectorScaler
start = time.perf_counter()
made = skc.mkdm(x, signs, weights=weights)
found = TOPSIS().evaluate(VectorScaler("matrix").transform(NegateMinimize().transform(made)))
said(found.e_.similarity, start)
"""

OUR_PROMETHEE = """
from nexpo.datacentres.siting.decision import Preference, Shape
from nexpo.datacentres.siting.promethee import flows
preferences = [Preference(Shape.LINEAR, q=5, p=20)] * len(weights)
work = lambda x: flows(x, weights, directions, preferences).net
work(x[:10])
start = time.perf_counter(); said(work(x), start)
"""

PYMCDM_PROMETHEE = """
from pymcdm.methods import PROMETHEE_II
peer = PROMETHEE_II("vshape_2", p=np.full(len(weights), 20.0), q=np.full(len(weights), 5.0))
start = time.perf_counter(); said(peer(x, weights, signs), start)
"""

OUR_DRAWS = """
from nexpo.datacentres.siting.normalise import Orientation, reference, scaling
from nexpo.datacentres.siting.robustness import (
    drawn_weights, top_share_acceptability, top_thresholds)
def work(x, draws):
    turn = Orientation.of(directions)
    scale = scaling(reference(x, turn), turn)
    limits = top_thresholds(x, draws, scale, share=0.01, generator=np.random.default_rng(2))
    return top_share_acceptability(x, draws, limits, scale)
draws = drawn_weights(len(weights), 1_000, random)
work(x[:10], draws[:2])
start = time.perf_counter(); said(work(x, draws), start)
"""

NUMPY_DRAWS = """
draws = np.random.default_rng(3).dirichlet(np.ones(len(weights)), int(sys.argv[3]))
start = time.perf_counter()
low, high = x.min(axis=0), x.max(axis=0)
scaled = np.where(signs > 0, x - low, high - x) / (high - low)
reached = np.zeros(len(x))
for w in draws:
    scores = scaled @ w
    limit = np.partition(scores, int(len(x) * 0.99))[int(len(x) * 0.99)]
    reached += scores >= limit
said(reached / len(draws), start)
"""


def timed(python: str, code: str, n: int, kind: str = "f8", *more: str) -> Measured | None:
    """Return the seconds that a method took and its process's peak; None without the package."""
    try:
        measured = run(python, "-c", TABLE + code, str(n), kind, *more)
    except RuntimeError:
        return None
    return Measured(float(measured.output.split()[0]), measured.peak_gb, measured.output)


def told(title: str, rows: dict[str, Measured | None], first: str) -> None:
    report(title, {name: each for name, each in rows.items() if each is not None}, first)
    for name in (name for name, each in rows.items() if each is None):
        print(f"  {name:44} not here: set NEXPO_PEERS to a python that has it")


def numbers(measured: Measured) -> list[float]:
    return [float(word) for word in measured.output.split()[1:]]


def test_topsis_of_a_region(scale: float) -> None:
    n = int(REGION_CELLS * scale)
    ours = timed(sys.executable, OUR_TOPSIS, n)
    peer = timed(PEERS, PYMCDM_TOPSIS, n)
    other = timed(PEERS, SKCRITERIA_TOPSIS, n)
    assert ours is not None
    rows = {"nexpo": ours, "pymcdm 1.4.0": peer, "scikit-criteria 0.10": other}
    told(f"TOPSIS, vector norm, {n:,} x {CRITERIA}", rows, "nexpo")
    if peer is not None:
        assert numbers(ours) == pytest.approx(numbers(peer), abs=1e-12)
        assert peer.seconds > 10 * ours.seconds
    if other is not None:
        assert numbers(ours) == pytest.approx(numbers(other), abs=1e-12)
    assert ours.peak_gb <= 0.5


def test_topsis_at_25_m(scale: float) -> None:
    n = int(FINE_CELLS * scale)
    ours = timed(sys.executable, OUR_TOPSIS, n, "f4")
    assert ours is not None
    told(f"TOPSIS, float32, {n:,} x {CRITERIA}", {"nexpo": ours}, "nexpo")
    assert ours.peak_gb <= 3


def test_promethee_of_a_region(scale: float) -> None:
    n = int(REGION_CELLS * scale)
    ours = timed(sys.executable, OUR_PROMETHEE, n)
    few = timed(sys.executable, OUR_PROMETHEE, PEER_ROWS)
    peer = timed(PEERS, PYMCDM_PROMETHEE, PEER_ROWS)
    assert ours is not None
    assert few is not None
    told(
        f"PROMETHEE II, linear, exact, {n:,} x {CRITERIA}; the peer at {PEER_ROWS:,}",
        {"nexpo": ours, f"nexpo, {PEER_ROWS:,}": few, f"pymcdm 1.4.0, {PEER_ROWS:,}": peer},
        f"nexpo, {PEER_ROWS:,}",
    )
    if peer is not None:
        assert numbers(few) == pytest.approx(numbers(peer), abs=1e-12)
    assert ours.peak_gb <= 1.5


def test_weight_draws_over_a_region(scale: float) -> None:
    n, some = int(REGION_CELLS * scale), 20
    ours = timed(sys.executable, OUR_DRAWS, n)
    plain = timed(sys.executable, NUMPY_DRAWS, n, "f8", str(some))
    assert ours is not None
    told(
        f"1,000 weight draws, best 1 %, {n:,} x {CRITERIA}; plain numpy does {some} of them",
        {"nexpo, 1,000 draws": ours, f"plain numpy, {some} draws": plain},
        "nexpo, 1,000 draws",
    )
    assert ours.peak_gb <= 2
