"""Siting: the whole screening of a region, and its parts beside scipy, atlite and plain Python."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import networkx as nx
import numpy as np
import pytest
import shapely
from scipy.ndimage import distance_transform_edt

from benchmarks.measure import python
from nexpo.datacentres.siting.cell_distance import to_cells
from nexpo.datacentres.siting.distance import to_features
from nexpo.datacentres.siting.grid import Frame
from nexpo.datacentres.siting.parcels import parcels

T = TypeVar("T")
pytestmark = pytest.mark.bench

SCREEN = """
import sys
from datetime import date
from pathlib import Path
from typing import TypeVar
from nexpo.build.datacentres.outputs import write
from nexpo.build.datacentres.screening import Method, Order
order = Order("lombardia", Path(sys.argv[1]), date(2025, 8, 1), method=Method(sys.argv[2]))
written = write(order)
print(int(written.screening.eligibility.area.sum()), len(written.sites))
"""


def timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


@pytest.mark.parametrize("method", ["saw", "topsis", "promethee2"])
def test_a_whole_region_at_100_m(tmp_path: Path, method: str) -> None:
    measured = python(SCREEN, str(tmp_path / "out"), method)
    cells, sites = (int(each) for each in measured.output.split()[-2:])
    print(f"\nscreening by {method}: {cells:,} cells, {sites} sites {measured}")
    assert cells == 2_387_796
    assert measured.seconds <= 60
    assert measured.peak_gb <= 3


def test_distance_transform_beside_scipy(scale: float) -> None:
    side = int(2210 * scale**0.5)
    marked = np.random.default_rng(1).random((side, side)) < 1e-4
    to_cells(np.eye(8, dtype=np.bool_), 100.0)
    ours, found = timed(lambda: to_cells(marked, 100.0))
    theirs, expected = timed(lambda: distance_transform_edt(~marked))
    print(f"\n{side**2:,} cells: ours {ours:.2f} s, scipy {theirs:.2f} s")
    assert np.array_equal(found, (100 * expected).astype(np.float32))
    assert ours < theirs


def test_distance_to_nodes(scale: float) -> None:
    side = int(2210 * scale**0.5)
    frame = Frame(0.0, side * 100.0, 100.0, side, side)
    places = np.random.default_rng(1).uniform(0, side * 100, (300, 2))
    points = list(shapely.points(places))
    to_features(points, frame.window(slice(0, 8), slice(0, 8)))
    seconds, _ = timed(lambda: to_features(points, frame))
    print(f"\n{side**2:,} cells to 300 points, exact: {seconds:.2f} s")


def greedy(score: np.ndarray, eligible: np.ndarray, cells: int, most: int) -> list[tuple[int, int]]:
    """Do as CERF-DC does, one node a cell: best cell, its component, breadth first."""
    graph = nx.Graph()
    for row, column in np.argwhere(eligible).tolist():
        graph.add_node((row, column))
        for near in ((row - 1, column), (row, column - 1)):
            if near in graph:
                graph.add_edge((row, column), near)
    seeds: list[tuple[int, int]] = []
    while graph and len(seeds) < most:
        best = max(graph, key=lambda cell: (score[cell], (-cell[0], -cell[1])))
        seen, queue = {best}, deque([best])
        while queue and len(seen) < cells:
            row, column = queue.popleft()
            for near in (
                (row - 1, column),
                (row + 1, column),
                (row, column - 1),
                (row, column + 1),
            ):
                if near in graph and near not in seen and len(seen) < cells:
                    seen.add(near)
                    queue.append(near)
        if len(seen) == cells:
            seeds.append(best)
            graph.remove_nodes_from(seen)
        else:
            graph.remove_node(best)
    return seeds


def test_parcels_beside_a_graph_of_cells(scale: float) -> None:
    side = int(400 * scale**0.5)
    random = np.random.default_rng(1)
    score = random.random((side, side))
    eligible = random.random((side, side)) < 0.5
    parcels(score[:8, :8].copy(), eligible[:8, :8].copy(), 2)
    ours, found = timed(lambda: parcels(score, eligible, 12, most=40, gap_cells=0))
    theirs, expected = timed(lambda: greedy(score, eligible, 12, 40))
    print(f"\n{side**2:,} cells, 40 sites: ours {ours:.3f} s, graph {theirs:.2f} s")
    assert [tuple(seed) for seed in found.seeds.tolist()] == expected
    assert theirs > 50 * ours
