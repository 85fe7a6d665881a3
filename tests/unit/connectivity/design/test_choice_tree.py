"""The front on a tree of shared parts, held against the mixed-integer programme."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from nexpo.connectivity.coverage.model import StepChange
from nexpo.connectivity.design.choice.choose import Method, pareto
from nexpo.connectivity.design.choice.model import Cluster, Option, Technology
from nexpo.connectivity.design.choice.tree import tree_front

FIBRE, WIRELESS = Technology.FIBRE, Technology.WIRELESS


def part(name: str, cents: int) -> Cluster:
    return Cluster(name, 0, 0, 0.0, (Option(FIBRE, cents, 0, 0, 1e6, 1e6),))


def cluster(name: str, addresses: int, *options: Option) -> Cluster:
    return Cluster(name, addresses, addresses, 0.0, options)


def option(kind: Technology, cents: int, addresses: int, *requires: str) -> Option:
    return Option(kind, cents, addresses, addresses, 1000.0, 300.0, requires=requires)


def test_a_mast_is_paid_once_and_only_where_it_is_used() -> None:
    asked = [
        part("mast", 100),
        cluster("a", 3, option(FIBRE, 90, 3), option(WIRELESS, 1, 3, "mast")),
        cluster("b", 2, option(FIBRE, 80, 2), option(WIRELESS, 1, 2, "mast")),
    ]
    front = tree_front(asked)
    assert front is not None
    points = [(point.cost_cents, point.served) for point in front.points]
    assert points == [(0, 0), (80, 2), (90, 3), (102, 5)]


def test_a_cluster_with_two_needs_is_left_to_the_programme() -> None:
    asked = [part("f", 100), cluster("a", 5, option(FIBRE, 10, 5, "f"), option(FIBRE, 50, 5))]
    assert tree_front(asked) is None
    assert [point.cost_cents for point in pareto(asked).points][-1] == 50


def test_parts_that_cross_are_no_tree() -> None:
    asked = [
        part("p", 1),
        part("q", 1),
        cluster("a", 1, option(FIBRE, 1, 1, "p")),
        cluster("b", 1, option(FIBRE, 1, 1, "p", "q")),
        cluster("c", 1, option(FIBRE, 1, 1, "q")),
    ]
    assert tree_front(asked) is None


def test_a_cluster_that_serves_is_no_part() -> None:
    asked = [
        cluster("a", 1, option(FIBRE, 1, 1)),
        cluster("b", 1, option(FIBRE, 1, 1, "a")),
    ]
    assert tree_front(asked) is None


def test_a_part_that_is_not_fibre_meets_no_need_here_or_in_the_programme() -> None:
    mast = Cluster("mast", 0, 0, 0.0, (Option(WIRELESS, 100, 0, 0, 1e6, 1e6),))
    asked = [mast, cluster("a", 3, option(WIRELESS, 1, 3, "mast"))]
    assert tree_front(asked) is None
    assert [point.served for point in pareto(asked).points] == [0]


def test_too_many_masts_are_left_to_the_programme() -> None:
    masts = [part(f"m{n}", 1) for n in range(4)]
    asked = [*masts, cluster("a", 1, option(WIRELESS, 1, 1, *(mast.id for mast in masts)))]
    assert tree_front(asked, most_free=3) is None
    assert tree_front(asked, most_free=4) is not None


def test_the_rule_refuses_before_the_front_is_made() -> None:
    step = StepChange(factor=3, min_down_mbps=2000, min_up_mbps=None)
    front = tree_front([cluster("a", 1, option(FIBRE, 1, 1))], step=step)
    assert front is not None
    assert [(point.cost_cents, point.served) for point in front.points] == [(0, 0)]


@st.composite
def trees(draw: st.DrawFn) -> list[Cluster]:
    """Clusters 0..n-1 in a row; shared parts are nested intervals of them; two masts."""
    count = draw(st.integers(1, 5))
    cents = st.integers(0, 60)
    spans = [(0, count), *(((0, draw(st.integers(1, count))),) if count > 1 else ())]
    if spans[-1][1] > 1:
        spans.append((0, draw(st.integers(1, spans[-1][1]))))
    parts = [part(f"p{n}", draw(cents)) for n in range(len(spans))]
    masts = [part(f"m{n}", draw(cents)) for n in range(2)]
    asked = []
    for at in range(count):
        size = draw(st.integers(1, 4))
        over = [f"p{n}" for n, (low, high) in enumerate(spans) if low <= at < high]
        options = [option(FIBRE, draw(cents), size, *over)]
        if draw(st.booleans()):
            sites = draw(st.lists(st.sampled_from(["m0", "m1"]), unique=True))
            options.append(option(WIRELESS, draw(cents), draw(st.integers(1, size)), *sites))
        asked.append(cluster(f"c{at}", size, *options))
    return [*parts, *masts, *asked]


@settings(max_examples=25, deadline=None)
@given(trees())
def test_the_tree_finds_the_front_of_the_programme(asked: list[Cluster]) -> None:
    tree, swept = tree_front(asked), pareto(asked, method=Method.MILP)
    assert tree is not None
    assert tree.points == swept.points
