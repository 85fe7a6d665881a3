"""Input-output systems: one plan and a thousand, beside pymrio and numpy's inverse.

Tables are synthetic: regions of equal size, 35 % of the cells filled, most trade at home, as in
FIGARO (2,944) and EXIOBASE (9,800). Each side runs in a process of its own; seconds are those of
the work itself, without imports and reading, and memory is the peak of the whole process.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks.measure import Measured, python
from nexpo.impact.model import Floats

pytestmark = pytest.mark.bench

FIGARO, EXIOBASE, SATELLITES = (46, 64), (49, 200), 10
CASES = {
    "figaro": (FIGARO, 0.5, 0.250, 20),
    "exiobase": (EXIOBASE, 2.0, 1.8, 100),
}

LOAD = """
import sys, time
import numpy as np
folder = sys.argv[1]
flows = np.load(f"{folder}/flows.npy")
output, demand, rows = (np.load(f"{folder}/{name}.npy") for name in ("output", "demand", "rows"))
regions = np.repeat(np.arange(demand.shape[1]), len(output) // demand.shape[1]).tolist()
"""
ONE = """
from nexpo.impact.solve import System
began = time.perf_counter()
system = System(flows, output, regions=regions)
answer = system.solve(demand[:, 0])
effects = system.per_output(rows) @ answer.values
seconds = time.perf_counter() - began
print(seconds, float(effects[0]), answer.method.name, answer.residual)
"""
TEN = """
from nexpo.impact.solve import System
began = time.perf_counter()
system = System(flows, output, regions=regions)
answer = system.solve_transposed(system.per_output(rows).T)
seconds = time.perf_counter() - began
print(seconds, float(answer.values[:, 0] @ demand[:, 0]), answer.method.name, answer.residual)
"""
MANY = """
from nexpo.impact.solve import System
plans = np.random.default_rng(5).random((len(output), 1000))
plans[:, 0] = demand[:, 0]
began = time.perf_counter()
system = System(flows, output, regions=regions)
answer = system.solve(plans)
effects = system.per_output(rows) @ answer.values
seconds = time.perf_counter() - began
print(seconds, float(effects[0, 0]), answer.method.name, answer.residual)
"""
DOUBT = """
from nexpo.impact.solve import System
from nexpo.impact.variance import variance
system = System(flows, output, regions=regions)
g = system.per_output(rows)[0]
began = time.perf_counter()
found = variance(system, demand[:, 0], g, 0.2)
print(time.perf_counter() - began, found.effect, "first-order", found.relative)
"""
PATHS = """
from nexpo.impact.solve import System
from nexpo.impact.paths import Limits, paths
system = System(flows, output, regions=regions)
g = system.per_output(rows)[0]
began = time.perf_counter()
found = paths(system, demand[:, 0], g, Limits(threshold=1e-7, paths=500))
print(time.perf_counter() - began, found.total, "paths", found.opened)
"""
INVERSE = """
plans = np.random.default_rng(5).random((len(output), int(sys.argv[2])))
plans[:, 0] = demand[:, 0]
began = time.perf_counter()
inverse = np.linalg.inv(np.eye(len(output)) - flows / output)
effects = (rows / output) @ (inverse @ plans)
print(time.perf_counter() - began, float(effects[0, 0]), "inverse", 0)
"""
PYMRIO = """
import pandas as pd, pymrio
count = demand.shape[1]
names = [f"R{k}" for k in range(count)], [f"S{k}" for k in range(len(output) // count)]
index = pd.MultiIndex.from_product(names, names=["region", "sector"])
uses = pd.MultiIndex.from_product([names[0], ["final"]], names=["region", "category"])
io = pymrio.IOSystem(Z=pd.DataFrame(flows, index, index), Y=pd.DataFrame(demand, index, uses))
io.satellites = pymrio.Extension("satellites", F=pd.DataFrame(rows, columns=index))
began = time.perf_counter()
io.calc_all()
seconds = time.perf_counter() - began
print(seconds, float(io.satellites.M.iloc[0] @ demand[:, 0]), "calc_all", 0)
"""


def make(folder: Path, regions: int, each: int) -> Path:
    """Write flows, outputs, final demand by region and satellites as numpy files."""
    size = regions * each
    rng = np.random.default_rng(1)
    place = folder / f"{regions}x{each}"
    place.mkdir(exist_ok=True)
    flows = np.lib.format.open_memmap(
        place / "flows.npy", mode="w+", dtype=np.float64, shape=(size, size)
    )
    bought = np.zeros(size)
    sold = np.zeros(size)
    weight = rng.lognormal(0.0, 1.0, size)
    for region in range(regions):
        rows = slice(region * each, (region + 1) * each)
        part = rng.random((each, size)) * (rng.random((each, size)) < 0.35) * weight
        part[:, rows] *= 4 * regions
        flows[rows] = part
        bought += part.sum(axis=0)
        sold[rows] = part.sum(axis=1)
    output: Floats = np.maximum(sold, bought) * rng.uniform(1.2, 2.0, size)
    np.save(place / "output.npy", output)
    np.save(place / "demand.npy", rng.dirichlet(np.ones(regions), size) * (output - sold)[:, None])
    np.save(place / "rows.npy", rng.random((SATELLITES, size)) * output)
    del flows  # written to the disk
    return place


def best(code: str, place: Path) -> tuple[Measured, float]:
    """Return the quickest of three runs: other work on the machine only ever adds."""
    return min((work(code, place) for _ in range(3)), key=lambda side: side[0].seconds)


def work(code: str, place: Path, *arguments: str) -> tuple[Measured, float]:
    """Run a side; return the seconds of the work itself with the peak, and what it found."""
    measured = python(LOAD + code, str(place), *arguments)
    seconds, found, method, residual = measured.output.split()
    print(f"    {method}, {residual}")
    return Measured(float(seconds), measured.peak_gb, measured.output), float(found)


def told(title: str, rows: dict[str, tuple[Measured, float]]) -> None:
    """Print each side with its ratio to the first, and hold what all of them found equal."""
    (first, found), *_ = rows.values()
    print(f"\n{title}")
    for name, (measured, value) in rows.items():
        print(f"  {name:34} {measured}   x{measured.seconds / first.seconds:8.1f}")
        assert value == pytest.approx(found, rel=1e-8)


def made(folder: Path, sizes: tuple[int, int]) -> Path:
    """Make the inputs in a process of their own: its peak must not be counted with ours."""
    code = "import sys; from pathlib import Path; from benchmarks.test_impact import make; "
    code += "print(make(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))"
    return Path(python(code, str(folder), *map(str, sizes)).output.strip())


def shrunk(sizes: tuple[int, int], scale: float) -> tuple[int, int]:
    return sizes if scale >= 1 else (max(2, int(sizes[0] * scale)), sizes[1])


@pytest.mark.parametrize("case", CASES)
def test_one_plan(case: str, folder: Path, scale: float) -> None:
    sizes, seconds, gigabytes, times = CASES[case]
    sizes = shrunk(sizes, scale)
    place = made(folder, sizes)
    rows = {"nexpo, one plan": best(ONE, place)}
    rows["nexpo, ten satellites' multipliers"] = best(TEN, place)
    peers = case == "figaro" or "NEXPO_BENCH_LARGE" in os.environ  # minutes, and 5 GB
    if peers:
        rows["numpy inverse"] = work(INVERSE, place, "1")
        try:
            rows["pymrio calc_all"] = work(PYMRIO, place)
        except RuntimeError as error:
            print(f"  no pymrio here ({error}): pip install pymrio==0.7.0")
    told(f"one plan, n = {sizes[0] * sizes[1]:,}", rows)
    mine = rows["nexpo, one plan"][0]
    if scale >= 1:
        assert mine.seconds <= seconds
        assert mine.peak_gb <= gigabytes
        if "pymrio calc_all" in rows:
            assert rows["pymrio calc_all"][0].seconds >= times * mine.seconds


def test_a_thousand_plans(folder: Path, scale: float) -> None:
    sizes = shrunk(FIGARO, scale)
    place = made(folder, sizes)
    rows = {"nexpo, 1,000 plans": best(MANY, place), "numpy inverse": work(INVERSE, place, "1000")}
    told(f"1,000 plans, n = {sizes[0] * sizes[1]:,}", rows)
    if scale >= 1:
        assert rows["nexpo, 1,000 plans"][0].seconds <= 4


def test_paths_and_doubt_end_at_any_size(folder: Path, scale: float) -> None:
    place = made(folder, shrunk(EXIOBASE, scale))
    told("n = 9,800", {"variance": work(DOUBT, place), "paths to 1e-7": work(PATHS, place)})
