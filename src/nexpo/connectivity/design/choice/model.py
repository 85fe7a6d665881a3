"""Values of the choice between fibre, wireless and later, cluster by cluster.

Money is integer cents, what is served an integer: a choice is verified by adding integers, by
code (:func:`tally`) that knows nothing of how it was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate, pairwise

from nexpo.connectivity.coverage.model import StepChange
from nexpo.connectivity.design.step import Speeds, shortfalls
from nexpo.core.problem import Kind, Problem, bad_input


class Technology(StrEnum):
    """How a cluster is served, in the order in which ties are broken."""

    FIBRE = "fibre"
    WIRELESS = "wireless"
    LATER = "later"


_ORDER = {technology: place for place, technology in enumerate(Technology)}


class Goal(StrEnum):
    """What is to be as large as possible."""

    ADDRESSES = "addresses"
    UNITS = "units"
    NEED = "need"  # addresses, weighted by the cluster's need


@dataclass(frozen=True, slots=True)
class Option:
    """One way to serve a cluster.

    Parameters
    ----------
    technology
        Fibre or wireless; *later* needs no option, it is always there at no cost.
    cost_cents
        What it costs.
    addresses, units
        What it serves, no more than the cluster has.
    down_mbps, up_mbps
        Speeds it gives; upload None where not stated.
    by_class
        Addresses served by class, where the rule sets a minimum by class.
    requires
        Clusters that must have fibre for this option: a feeder that runs through them.
    label
        What a report calls it.
    """

    technology: Technology
    cost_cents: int
    addresses: int
    units: int
    down_mbps: float
    up_mbps: float | None = None
    by_class: Mapping[str, int] = field(default_factory=dict, hash=False)
    requires: tuple[str, ...] = ()
    label: str = ""


LATER = Option(Technology.LATER, 0, 0, 0, 0.0)
"""Nothing now: no cost, nobody served."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Addresses that are served together or not at all.

    Parameters
    ----------
    id
        Unique name.
    addresses, units
        What is there.
    before_mbps
        Best download that any of its addresses can have today; zero where there is none.
    options
        Ways to serve it; none means later.
    need
        Whole weight of one address under :attr:`Goal.NEED`.
    by_class
        Addresses by class.
    """

    id: str
    addresses: int
    units: int
    before_mbps: float
    options: tuple[Option, ...]
    need: int = 1
    by_class: Mapping[str, int] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        _whole(self.id, addresses=self.addresses, units=self.units, need=self.need)
        for option in self.options:
            self._check(option)

    def _check(self, option: Option) -> None:
        _whole(
            self.id,
            cost_cents=option.cost_cents,
            addresses=option.addresses,
            units=option.units,
            **{f"class {name}": served for name, served in option.by_class.items()},
        )
        served = {"addresses": option.addresses, "units": option.units, **option.by_class}
        there = {"addresses": self.addresses, "units": self.units, **self.by_class}
        for name, count in served.items():
            if count > there.get(name, 0):
                raise bad_input(
                    f"an option of cluster {self.id} serves more {name} than it has",
                    value=f"{count} of {there.get(name, 0)}",
                    remedy="count each address in one cluster, and only its own in its options",
                )


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which a choice is made.

    Parameters
    ----------
    budget_cents
        Most that all options together may cost; None for no limit.
    min_share
        Least share of all addresses that must be served.
    min_share_by_class
        The same by class.
    step
        What an option must reach over the speed before; None for no rule.
    goal
        What is to be as large as possible.
    """

    budget_cents: int | None = None
    min_share: Fraction = Fraction(0)
    min_share_by_class: Mapping[str, Fraction] = field(default_factory=dict, hash=False)
    step: StepChange | None = None
    goal: Goal = Goal.ADDRESSES

    def __post_init__(self) -> None:
        if self.budget_cents is not None and self.budget_cents < 0:
            raise bad_input("a budget is not below zero", value=self.budget_cents)
        for share in (self.min_share, *self.min_share_by_class.values()):
            if not 0 <= share <= 1:
                raise bad_input(
                    "a minimum service share lies from 0 to 1",
                    value=str(share),
                    remedy="write 0.95 for 95 %",
                )


@dataclass(frozen=True, slots=True)
class Refused:
    """An option that the rule does not admit, and why."""

    cluster: str
    technology: Technology
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Pick:
    """What a cluster gets."""

    cluster: Cluster
    option: Option


@dataclass(frozen=True, slots=True)
class Tally:
    """What picks come to, added in integers."""

    cost_cents: int
    addresses: int
    units: int
    worth: int
    by_class: Mapping[str, int] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """The best choice found, what none can pass, and how it was found.

    ``bound`` is the most that any choice can reach of the goal; ``gap`` is what is missing to
    it, as a share of it: zero is proven best. ``least_cost_bound_cents`` is the least that a
    choice of the same worth can cost.
    """

    picks: tuple[Pick, ...]
    tally: Tally
    goal: Goal
    bound: int
    least_cost_bound_cents: int
    method: str
    refused: tuple[Refused, ...]
    ties_broken: bool = True

    @property
    def gap(self) -> Fraction:
        """Share of the bound that is missing."""
        return Fraction(self.bound - self.tally.worth, self.bound) if self.bound else Fraction(0)

    def of(self, technology: Technology) -> tuple[Pick, ...]:
        """Return the picks of a technology."""
        return tuple(pick for pick in self.picks if pick.option.technology is technology)


@dataclass(frozen=True, slots=True)
class Point:
    """A cost below which nobody serves as much, and as much that nobody serves for less."""

    cost_cents: int
    served: int


@dataclass(frozen=True, slots=True)
class Front:
    """The Pareto front of cost against what is served, by rising cost."""

    points: tuple[Point, ...]
    complete: bool
    statement: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the marginal cost curve."""

    cluster: str
    technology: Technology
    cost_cents: int
    addresses: int
    total_cost_cents: int
    total_addresses: int

    @property
    def cents_per_address(self) -> Fraction:
        """Exact."""
        return Fraction(self.cost_cents, self.addresses)


@dataclass(frozen=True, slots=True)
class Menu:
    """Clusters by id with the options that the rule admits, later last.

    Positions in ``options[c]`` are the order in which ties are broken.
    """

    clusters: tuple[Cluster, ...]
    options: tuple[tuple[Option, ...], ...]
    refused: tuple[Refused, ...]
    goal: Goal

    def worth(self, cluster: int, option: int) -> int:
        """Return what an option adds to the goal."""
        return worth(self.clusters[cluster], self.options[cluster][option], self.goal)

    @property
    def pure(self) -> bool:
        """True where no option needs another cluster's fibre."""
        return not any(option.requires for row in self.options for option in row)


def menu(clusters: Iterable[Cluster], step: StepChange | None, goal: Goal) -> Menu:
    """Return clusters in the order of their ids with what the rule admits.

    Raises
    ------
    Problem
        When two clusters share an id or an option requires a cluster that is not there.
    """
    ordered = tuple(sorted(clusters, key=lambda cluster: cluster.id))
    ids = [cluster.id for cluster in ordered]
    if len(set(ids)) != len(ids):
        twice = next(a for a, b in pairwise(ids) if a == b)
        raise bad_input("two clusters share an id", value=twice, remedy="give each its own")
    for cluster in ordered:
        _check_requires(cluster, set(ids))
    sifted = [_sift(cluster, step) for cluster in ordered]
    return Menu(
        ordered,
        tuple(tuple(sorted((*kept, LATER), key=_tie)) for kept, _ in sifted),
        tuple(refused for _, row in sifted for refused in row),
        goal,
    )


def worth(cluster: Cluster, option: Option, goal: Goal) -> int:
    """Return what an option of a cluster adds to a goal."""
    if goal is Goal.UNITS:
        return option.units
    return option.addresses * (cluster.need if goal is Goal.NEED else 1)


def tally(picks: Sequence[Pick], goal: Goal) -> Tally:
    """Add up picks in integers."""
    by_class: dict[str, int] = {}
    for pick in picks:
        for name, served in pick.option.by_class.items():
            by_class[name] = by_class.get(name, 0) + served
    return Tally(
        cost_cents=sum(pick.option.cost_cents for pick in picks),
        addresses=sum(pick.option.addresses for pick in picks),
        units=sum(pick.option.units for pick in picks),
        worth=sum(worth(pick.cluster, pick.option, goal) for pick in picks),
        by_class=by_class,
    )


def least_addresses(clusters: Iterable[Cluster], share: Fraction) -> int:
    """Return how many addresses a share asks for, rounded up.

    Examples
    --------
    >>> least_addresses([Cluster("a", 7, 7, 0, ())], Fraction(1, 2))
    4
    """
    asked = share * sum(cluster.addresses for cluster in clusters)
    return -(-asked.numerator // asked.denominator)


def least_by_class(clusters: Sequence[Cluster], terms: Terms) -> dict[str, int]:
    """Return how many addresses of each class the terms ask for, rounded up."""
    least = {}
    for name, share in sorted(terms.min_share_by_class.items()):
        asked = share * sum(cluster.by_class.get(name, 0) for cluster in clusters)
        least[name] = -(-asked.numerator // asked.denominator)
    return least


def violations(picks: Sequence[Pick], terms: Terms) -> Iterator[str]:
    """Yield every term that picks break, each recomputed from the clusters themselves."""
    found = tally(picks, terms.goal)
    clusters = [pick.cluster for pick in picks]
    if terms.budget_cents is not None and found.cost_cents > terms.budget_cents:
        yield f"the cost of {found.cost_cents} cents is above the budget"
    if found.addresses < least_addresses(clusters, terms.min_share):
        yield f"{found.addresses} addresses are fewer than the minimum service"
    for name, least in least_by_class(clusters, terms).items():
        if found.by_class.get(name, 0) < least:
            yield f"class {name}: {found.by_class.get(name, 0)} addresses are fewer than {least}"
    fibre = {p.cluster.id for p in picks if p.option.technology is Technology.FIBRE}
    for pick in picks:
        if pick.option.technology is not Technology.LATER:
            yield from _broken(pick, terms.step, fibre)


def verify(picks: Sequence[Pick], terms: Terms) -> Tally:
    """Return what picks come to, after checking them against every term.

    Raises
    ------
    Problem
        ``INTERNAL`` when a solver's answer does not hold.
    """
    broken = next(violations(picks, terms), None)
    if broken:
        raise Problem(
            Kind.INTERNAL,
            f"the choice does not hold: {broken}",
            remedy="report this case: solver and verification disagree",
        )
    return tally(picks, terms.goal)


def marginal_cost(picks: Iterable[Pick]) -> tuple[Step, ...]:
    """Return clusters by rising cost per address served, with cumulative cost and addresses.

    Clusters that serve nobody are left out; equal costs go by id.

    Examples
    --------
    >>> fibre = Option(Technology.FIBRE, 90_000, 3, 3, 1000.0)
    >>> radio = Option(Technology.WIRELESS, 10_000, 1, 1, 1000.0)
    >>> picks = [Pick(Cluster("a", 3, 3, 0, (fibre,)), fibre),
    ...          Pick(Cluster("b", 1, 1, 0, (radio,)), radio)]
    >>> [(step.cluster, step.total_cost_cents, step.total_addresses)
    ...  for step in marginal_cost(picks)]
    [('b', 10000, 1), ('a', 100000, 4)]
    """
    serving = [pick for pick in picks if pick.option.addresses]
    serving.sort(key=lambda pick: (_each(pick.option), pick.cluster.id))
    costs = accumulate(pick.option.cost_cents for pick in serving)
    addresses = accumulate(pick.option.addresses for pick in serving)
    return tuple(
        Step(
            pick.cluster.id,
            pick.option.technology,
            pick.option.cost_cents,
            pick.option.addresses,
            cost,
            served,
        )
        for pick, cost, served in zip(serving, costs, addresses, strict=True)
    )


def cheapest(clusters: Iterable[Cluster], step: StepChange | None) -> tuple[Pick, ...]:
    """Return for each cluster the admitted option with the least cost per address served.

    Options that need another cluster's fibre are left out: alone they have no cost of their own.
    """
    found = menu(clusters, step, Goal.ADDRESSES)
    picks = []
    for cluster, options in zip(found.clusters, found.options, strict=True):
        own = [option for option in options if option.addresses and not option.requires]
        if own:
            picks.append(Pick(cluster, min(own, key=_each)))
    return tuple(picks)


def _each(option: Option) -> Fraction:
    return Fraction(option.cost_cents, option.addresses)


def _sift(cluster: Cluster, step: StepChange | None) -> tuple[list[Option], list[Refused]]:
    kept, refused = [], []
    for option in cluster.options:
        if option.technology is Technology.LATER:
            continue  # it is added once to every cluster
        why = tuple(_too_slow(cluster, option, step))
        if why:
            refused.append(Refused(cluster.id, option.technology, option.label, "; ".join(why)))
        else:
            kept.append(option)
    return kept, refused


def _too_slow(cluster: Cluster, option: Option, step: StepChange | None) -> Iterator[str]:
    if step is not None:
        yield from shortfalls(step, Speeds(cluster.before_mbps, option.down_mbps, option.up_mbps))


def _broken(pick: Pick, step: StepChange | None, fibre: set[str]) -> Iterator[str]:
    if pick.option not in pick.cluster.options:
        yield f"cluster {pick.cluster.id} has no such option"
    for why in _too_slow(pick.cluster, pick.option, step):
        yield f"cluster {pick.cluster.id}: {why}"
    for other in pick.option.requires:
        if other not in fibre:
            yield f"cluster {pick.cluster.id} needs fibre in {other}"


def _check_requires(cluster: Cluster, ids: set[str]) -> None:
    for option in cluster.options:
        for other in option.requires:
            if other not in ids:
                raise bad_input(
                    f"an option of cluster {cluster.id} requires a cluster that is not there",
                    value=other,
                    remedy="hand in every cluster that a feeder runs through",
                )


def _tie(option: Option) -> tuple[int, int, str]:
    return _ORDER[option.technology], option.cost_cents, option.label


def _whole(cluster: str, **counts: object) -> None:
    for name, count in counts.items():
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise bad_input(
                f"{name} of cluster {cluster} is no whole number from zero up",
                value=count,
                remedy="count in integers; money in cents",
            )
