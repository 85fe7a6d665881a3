"""Which cluster gets fibre, which wireless, which waits: the exact choice under a budget.

The promise: of all choices that keep to budget, minimum service and rule, the one returned
serves most; of those, it costs least; of those, it is the first in the order of cluster ids with
fibre before wireless before later. It comes with a bound that nothing can pass, and is added up
again in integers by code of its own.

Two exact methods stand behind one function (docs/adr/0008-choice.md): a dynamic programme in
integers where the budget is all that ties clusters together, and mixed-integer programming
(HiGHS) for feeders shared across clusters and minimum services of other kinds. Where both can
answer, tests hold them equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import StrEnum
from math import ceil, floor

from nexpo.connectivity.coverage.model import StepChange
from nexpo.connectivity.design.choice.milp import Model, Solved, Unanswered
from nexpo.connectivity.design.choice.model import (
    LATER,
    Choice,
    Cluster,
    Front,
    Goal,
    Menu,
    Option,
    Pick,
    Point,
    Refused,
    Step,
    Tally,
    Technology,
    Terms,
    cheapest,
    least_addresses,
    marginal_cost,
    menu,
    verify,
    violations,
)
from nexpo.connectivity.design.choice.programme import Programme, fits
from nexpo.core.money import Money
from nexpo.core.problem import Kind, Problem, bad_input

__all__ = [
    "LATER",
    "Choice",
    "Cluster",
    "Front",
    "Goal",
    "Method",
    "Option",
    "Pick",
    "Point",
    "Refused",
    "Step",
    "Tally",
    "Technology",
    "Terms",
    "Unattainable",
    "cheapest",
    "choose",
    "marginal_cost",
    "pareto",
    "verify",
    "violations",
]

# How near the solver's bound lies to the integer that it stands for.
_NEAR = 1e-5
_NEAR_CENTS = 1e-2


class Unattainable(Problem):
    """No choice keeps to the terms: by how much they are missed, and what would help."""

    def __init__(self, message: str, *, value: object, remedy: str) -> None:
        super().__init__(Kind.BAD_INPUT, message, value=value, remedy=remedy)


class Method(StrEnum):
    """How the choice is found; all are exact."""

    AUTO = "auto"
    PROGRAMME = "dynamic programme"
    MILP = "mixed-integer programme"


def choose(
    clusters: Iterable[Cluster],
    terms: Terms,
    *,
    method: Method = Method.AUTO,
    seconds: float | None = None,
) -> Choice:
    """Return the best choice under some terms.

    Parameters
    ----------
    clusters
        In any order; ids are unique.
    terms
        Budget, minimum services, step change and goal.
    method
        The dynamic programme where it can, else mixed-integer programming, unless one is named.
    seconds
        Most wall clock for one call of the solver; the answer may then have a gap.

    Raises
    ------
    Unattainable
        When the minimum service cannot be had: by how much the budget is short of it, or how
        many addresses the options can serve at most.

    Examples
    --------
    >>> fibre = Option(Technology.FIBRE, cost_cents=9_000, addresses=10, units=12, down_mbps=1000)
    >>> radio = Option(Technology.WIRELESS, 4_000, addresses=7, units=8, down_mbps=300)
    >>> both = [Cluster(name, 10, 12, 30.0, (fibre, radio)) for name in ("a", "b")]
    >>> best = choose(both, Terms(budget_cents=13_000))
    >>> [pick.option.technology.value for pick in best.picks], best.tally.addresses, best.bound
    (['fibre', 'wireless'], 17, 17)
    """
    found = menu(clusters, terms.step, terms.goal)
    if _by_programme(found, terms, method):
        return _programmed(found, terms)
    return _solved(found, terms, seconds)


def pareto(
    clusters: Iterable[Cluster],
    *,
    step: StepChange | None = None,
    goal: Goal = Goal.ADDRESSES,
    most: int = 10_000,
    method: Method = Method.AUTO,
) -> Front:
    """Return the Pareto front of cost against what is served.

    By the dynamic programme the whole front falls out at once. Else by the epsilon-constraint
    method: from the most that can be served downwards, the most that a cent less can serve, at
    its least cost; the sweep ends when nothing is left, or at ``most`` points.

    Parameters
    ----------
    clusters
        In any order.
    step
        What an option must reach over the speed before.
    goal
        What *served* counts.
    most
        Most points to return.
    method
        As in :func:`choose`.

    Examples
    --------
    >>> fibre = Option(Technology.FIBRE, cost_cents=9_000, addresses=10, units=12, down_mbps=1000)
    >>> radio = Option(Technology.WIRELESS, 4_000, addresses=7, units=8, down_mbps=300)
    >>> front = pareto([Cluster("a", 10, 12, 30.0, (fibre, radio))])
    >>> [(point.cost_cents, point.served) for point in front.points], front.complete
    ([(0, 0), (4000, 7), (9000, 10)], True)
    """
    if most < 1:
        raise bad_input("a front holds at least one point", value=most)
    found = menu(clusters, step, goal)
    if _by_programme(found, Terms(step=step, goal=goal), method):
        return _whole_front(Programme(found).front(), most)
    return _swept_front(Model(found, Terms(step=step, goal=goal)), most)


def _by_programme(found: Menu, terms: Terms, method: Method) -> bool:
    """Say whether the dynamic programme answers."""
    able = (
        fits(found)
        and not terms.min_share_by_class
        and (terms.goal is Goal.ADDRESSES or not terms.min_share)
    )
    if method is Method.PROGRAMME and not able:
        raise Problem(
            Kind.USAGE,
            "the dynamic programme cannot hold these terms",
            remedy="it takes a budget and a minimum service of what is maximised, clusters that "
            "do not require each other, and a few million addresses: use mixed-integer programming",
        )
    return able and method is not Method.MILP


def _programmed(found: Menu, terms: Terms) -> Choice:
    programme = Programme(found)
    least = least_addresses(found.clusters, terms.min_share)
    needed = programme.cheapest_at_least(least)
    if needed is None:
        raise _unreachable(least, len(programme.least_cost) - 1, found)
    if terms.budget_cents is not None and needed > terms.budget_cents:
        raise _short(needed, terms.budget_cents, found)
    worth = programme.best(terms.budget_cents)
    picks = tuple(
        Pick(cluster, row[option])
        for cluster, row, option in zip(
            found.clusters, found.options, programme.walk(worth), strict=True
        )
    )
    return Choice(
        picks=picks,
        tally=verify(picks, terms),
        goal=terms.goal,
        bound=worth,
        least_cost_bound_cents=int(programme.least_cost[worth]),
        method=Method.PROGRAMME.value,
        refused=found.refused,
    )


def _solved(found: Menu, terms: Terms, seconds: float | None) -> Choice:
    model = Model(found, terms, seconds)
    most = model.most_worth(terms.budget_cents)
    if most is None:
        raise _infeasible(model, found, terms)
    worth = model.worth(most.options)
    cheap = _cheapest(model, most, terms)
    last = model.first_of_ties(cheap.options) if most.proven and cheap.proven else cheap
    picks = model.picks(last.options)
    cost = model.cost(last.options)
    return Choice(
        picks=picks,
        tally=verify(picks, terms),
        goal=terms.goal,
        bound=max(worth, floor(most.bound + _NEAR)),
        least_cost_bound_cents=min(cost, max(0, ceil(cheap.bound - _NEAR_CENTS))),
        method=f"{Method.MILP.value} (HiGHS)",
        refused=found.refused,
        ties_broken=most.proven and cheap.proven and last.proven,
    )


def _cheapest(model: Model, most: Solved, terms: Terms) -> Solved:
    """Return the cheapest options that serve as much; the same again where time ran out."""
    try:
        found = model.least_cost(model.worth(most.options), terms.budget_cents)
    except Unanswered:
        found = None
    return found or replace(most, bound=0.0, proven=False)


def _whole_front(points: list[Point], most: int) -> Front:
    count = len(points)
    if count <= most:
        return Front(
            tuple(points),
            complete=True,
            statement=f"all {count} non-dominated points: the least cost of every number served "
            "was computed in integers",
        )
    kept = sorted({round(place * (count - 1) / max(1, most - 1)) for place in range(most)})
    return Front(
        tuple(points[place] for place in kept),
        complete=False,
        statement=f"{len(kept)} of {count} non-dominated points, evenly taken; each is exact",
    )


def _swept_front(model: Model, most: int) -> Front:
    points: list[Point] = []
    for point, proven in _sweep(model):
        if not proven:
            return Front(
                tuple(reversed(points)),
                complete=False,
                statement=f"the {len(points)} non-dominated points that serve most; the solver "
                "stopped at its limit before the next was proven",
            )
        if len(points) == most:
            return Front(
                tuple(reversed(points)),
                complete=False,
                statement=f"the {most} non-dominated points that serve most; the sweep stopped "
                "there",
            )
        points.append(point)
    return Front(
        tuple(reversed(points)),
        complete=True,
        statement=f"all {len(points)} non-dominated points: below each, the most that a cent "
        "less can serve was solved to optimality, until nothing was served",
    )


def _sweep(model: Model) -> Iterator[tuple[Point, bool]]:
    """Yield points from the most served downwards, and whether nothing dominates them."""
    budget: int | None = None
    while most := model.most_worth(budget):
        worth = model.worth(most.options)
        cheap = model.least_cost(worth, budget)
        cost = model.cost((cheap or most).options)
        yield Point(cost, worth), most.proven and cheap is not None and cheap.proven
        if not cost:
            return
        budget = cost - 1


def _infeasible(model: Model, found: Menu, terms: Terms) -> Unattainable:
    needed: Solved | None = model.least_cost(0)
    if needed is not None and terms.budget_cents is not None:
        return _short(model.cost(needed.options), terms.budget_cents, found)
    free = replace(terms, budget_cents=None, min_share=0 * terms.min_share, min_share_by_class={})
    reach = Model(replace(found, goal=Goal.ADDRESSES), free)
    most = reach.most_worth(None)
    served = reach.worth(most.options) if most else 0
    return _unreachable(least_addresses(found.clusters, terms.min_share), served, found)


def _short(needed_cents: int, budget_cents: int, found: Menu) -> Unattainable:
    missing = Money(needed_cents - budget_cents)
    return Unattainable(
        f"the budget is {missing} short of the minimum service, which costs at least "
        f"{Money(needed_cents)}",
        value=str(Money(budget_cents)),
        remedy="raise the budget by that much or ask for less service"
        + (f"; {len(found.refused)} options were refused by the rule" if found.refused else ""),
    )


def _unreachable(least: int, most: int, found: Menu) -> Unattainable:
    there = sum(cluster.addresses for cluster in found.clusters)
    return Unattainable(
        f"no budget reaches the minimum service: the options admitted serve at most {most:,} of "
        f"{there:,} addresses, where {least:,} are due (or a class falls short of its own)",
        value=f"{least - most:,} addresses too few" if least > most else None,
        remedy="add options for clusters without one, or ask for less service; "
        f"{len(found.refused)} options were refused by the rule",
    )
