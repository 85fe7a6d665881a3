"""Random clusters for the tests of the choice, and the oracle that tries every choice."""

from __future__ import annotations

from itertools import product

from hypothesis import strategies as st

from nexpo.connectivity.design.choice.choose import (
    LATER,
    Cluster,
    Option,
    Pick,
    Technology,
    Terms,
    violations,
)
from nexpo.connectivity.design.choice.model import menu, tally

CLASSES = ("B", "C")


@st.composite
def clusters(draw: st.DrawFn, *, most: int = 5, tied: bool = False) -> list[Cluster]:
    """Draw clusters; ``tied`` adds options that require another cluster's fibre."""
    count = draw(st.integers(0, most))
    names = [f"c{place}" for place in range(count)]
    return draw(st.permutations([_cluster(draw, name, names, tied=tied) for name in names]))


def _cluster(draw: st.DrawFn, name: str, names: list[str], *, tied: bool) -> Cluster:
    by_class = {key: draw(st.integers(0, 4)) for key in CLASSES}
    addresses = sum(by_class.values())
    units = addresses + draw(st.integers(0, 3))
    options: list[Option] = []
    for technology in draw(st.lists(st.sampled_from(list(Technology)[:2]), max_size=3)):
        served = {key: draw(st.integers(0, there)) for key, there in by_class.items()}
        options.append(
            Option(
                technology,
                draw(st.integers(0, 6)),
                sum(served.values()),
                draw(st.integers(0, units)),
                draw(st.sampled_from([30.0, 100.0, 1000.0])),
                by_class=served,
                requires=tuple(draw(st.sets(st.sampled_from(names), max_size=1))) if tied else (),
                label=str(len(options)),
            )
        )
    before = draw(st.sampled_from([0.0, 20.0, 100.0]))
    return Cluster(
        name, addresses, units, before, tuple(options), draw(st.integers(0, 3)), by_class
    )


def every_choice(drawn: list[Cluster], terms: Terms) -> list[tuple[Pick, ...]]:
    """Return all choices that hold, in the order in which ties are broken.

    The order of options comes from the menu; what holds is decided by adding up.
    """
    found = menu(drawn, None, terms.goal)
    rows = [
        [Pick(cluster, option) for option in row]
        for cluster, row in zip(found.clusters, found.options, strict=True)
    ]
    return [picks for picks in product(*rows) if next(violations(picks, terms), None) is None]


def best_of(choices: list[tuple[Pick, ...]], terms: Terms) -> tuple[Pick, ...]:
    """Return the one of most worth, then least cost, then first in order."""
    found = [tally(picks, terms.goal) for picks in choices]
    keys = [(-one.worth, one.cost_cents, place) for place, one in enumerate(found)]
    return choices[min(keys)[2]]


def nothing(drawn: list[Cluster]) -> tuple[Pick, ...]:
    """Return the choice to serve nobody now."""
    return tuple(Pick(cluster, LATER) for cluster in sorted(drawn, key=lambda each: each.id))
