"""The solver on real street networks with proven optima, beside three libraries in one run."""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import numpy as np
import pcst_fast
import pytest
import rustworkx

from nexpo.connectivity.design.adapters.steiner_files import read_steiner
from nexpo.connectivity.design.steiner import Instance, Limits, check, solve

pytestmark = pytest.mark.bench

DATA = Path(os.environ.get("NEXPO_DATA", "../shared/data")) / "steiner"
SECONDS = 120.0
LARGE = "I083"
Edges = list[tuple[int, int]]


def manifest() -> list[dict[str, str]]:
    with (DATA / "manifest.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def loaded(row: dict[str, str]) -> Instance:
    return read_steiner(DATA / row["file"]).instance


def cost_of(instance: Instance, chosen: Edges) -> int:
    cheapest: dict[tuple[int, int], int] = {}
    for tail, head, cost in zip(instance.tail, instance.head, instance.cost, strict=True):
        pair = (min(int(tail), int(head)), max(int(tail), int(head)))
        cheapest[pair] = min(int(cost), cheapest.get(pair, int(cost)))
    return sum(cheapest[min(u, v), max(u, v)] for u, v in chosen)


def by_networkx(instance: Instance) -> Edges:
    graph = nx.Graph()
    triples = zip(instance.tail, instance.head, instance.cost, strict=True)
    graph.add_weighted_edges_from((int(u), int(v), int(w)) for u, v, w in triples)
    terminals = [int(node) for node in instance.terminals]
    tree = nx.algorithms.approximation.steiner_tree(graph, terminals, method="mehlhorn")
    return [(u, v) for u, v in tree.edges]


def by_rustworkx(instance: Instance) -> Edges:
    graph = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(instance.nodes))
    triples = zip(instance.tail, instance.head, instance.cost, strict=True)
    graph.add_edges_from([(int(u), int(v), float(w)) for u, v, w in triples])
    tree = rustworkx.steiner_tree(graph, [int(node) for node in instance.terminals], float)
    return [(u, v) for u, v, _ in tree.weighted_edge_list()]


def by_pcst(instance: Instance) -> Edges:
    ends = np.column_stack([instance.tail, instance.head])
    prizes = np.zeros(instance.nodes)
    prizes[instance.terminals] = float(instance.cost.sum())
    root = int(instance.terminals[0])
    _, edges = pcst_fast.pcst_fast(ends, prizes, instance.cost.astype(float), root, 1, "strong", 0)
    return [(int(u), int(v)) for u, v in ends[edges]]


def timed(work: Callable[[Instance], Edges], instance: Instance) -> tuple[float, int]:
    begun = time.perf_counter()
    chosen = work(instance)
    return time.perf_counter() - begun, cost_of(instance, chosen)


@pytest.mark.parametrize("row", manifest() if DATA.exists() else [], ids=lambda row: row["name"])
def test_gap_on_real_streets(row: dict[str, str], scale: float) -> None:
    instance, optimum = loaded(row), int(row["optimum"])
    begun = time.process_time()
    limits = Limits(seconds=max(SECONDS * scale, 2))
    answer = solve(instance, limits, seed=1, clock=time.process_time)
    spent = time.process_time() - begun
    peers = {
        "rustworkx": timed(by_rustworkx, instance),
        "pcst-fast2": timed(by_pcst, instance),
    }
    said = ", ".join(f"{n} {c / optimum - 1:.3%} in {s:.1f} s" for n, (s, c) in peers.items())
    print(
        f"\n{row['name']}: {answer.cost / optimum - 1:.4%} above the optimum, bound "
        f"{1 - answer.bound / optimum:.4%} below, {spent:.0f} CPU s; {said}"
    )
    assert check(instance, answer) == []
    assert optimum <= answer.cost <= 1.002 * optimum
    assert 0.99 * optimum <= answer.bound <= optimum


def test_first_tree_on_ninety_thousand_nodes() -> None:
    row = next(row for row in manifest() if row["name"] == LARGE)
    instance, optimum = loaded(row), int(row["optimum"])
    solve(instance, Limits(rounds=0), seed=1, clock=time.perf_counter)  # compiled once
    begun = time.perf_counter()
    answer = solve(instance, Limits(rounds=0), seed=1, clock=time.perf_counter)
    ours = time.perf_counter() - begun
    theirs, cost = timed(by_networkx, instance)
    print(
        f"\nfirst tree on {row['name']}: {ours:.2f} s at {answer.cost / optimum - 1:.3%}; networkx "
        f"mehlhorn {theirs:.1f} s at {cost / optimum - 1:.3%}: {theirs / ours:.1f} times our time"
    )
    assert answer.cost <= cost
    assert ours <= theirs / 5
