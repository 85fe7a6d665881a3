"""The design of one area: fibre, wireless, the choice between them, money, validation, evidence.

This layer composes. What it decides itself is only the order: streets and addresses, the fibre
plan with its bound, the wireless alternative, bills and business cases, the grant, clusters and
the choice, the comparison with public programmes, the validation report, the ledger.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from nexpo.build.design import air, clusters, figures, rulebook
from nexpo.build.design.materials import gather
from nexpo.build.design.model import AreaDesign, Cost, Group, Materials, Request
from nexpo.build.design.programmes import programmes
from nexpo.build.design.rulebook import Rulebook
from nexpo.connectivity.coverage.model import StepChange
from nexpo.connectivity.design import fibre, validation
from nexpo.connectivity.design.choice.choose import Unattainable, choose, marginal_cost, pareto
from nexpo.connectivity.design.choice.model import (
    Choice,
    Cluster,
    Front,
    Option,
    Pick,
    Step,
    Technology,
    Terms,
)
from nexpo.connectivity.design.choice.tree import tree_front
from nexpo.connectivity.design.findings import SHOWN
from nexpo.connectivity.design.model import COST_CLASSES, CostClass, Placement
from nexpo.connectivity.design.money import (
    LEVELS,
    Area,
    Business,
    Comparison,
    Grant,
    Level,
    UnitCosts,
    bill_range,
    business_case,
    compare,
    cost_per_premises,
    grant,
)
from nexpo.connectivity.design.steiner import Answer, Instance, Limits, solve
from nexpo.connectivity.design.step import Speeds
from nexpo.connectivity.design.wireless import Sites, WirelessPlan
from nexpo.core.evidence import Ledger
from nexpo.core.problem import Problem
from nexpo.core.progress import Progress, Silent

Clock = Callable[[], float]
Stop = Callable[[], bool]
_JOIN = COST_CLASSES.index(CostClass.JOIN)


def design_area(
    request: Request,
    *,
    materials: Materials | None = None,
    clock: Clock = time.monotonic,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> AreaDesign:
    """Design an area; no file is written.

    Parameters
    ----------
    request
        What is asked.
    materials
        Streets and addresses that are at hand; they are read from files by default.
    clock
        Seconds, rising: asked by the search where the request limits its time.
    progress
        Told of each step.
    stop
        Asked now and then by the search whether to end with the routes it has.

    Returns
    -------
    The design. Addresses that cannot be served are in ``fibre.unserved`` and
    ``wireless.unserved`` with the reason; the rest is designed. Where budget and minimum
    service cannot both be kept it has no choice, and a warning says what is missing.

    Raises
    ------
    Problem
        When the input cannot be used at all: no street, no address, no such place or rule, a
        POP off the streets, a material without a price.

    Examples
    --------
    >>> from datetime import date
    >>> from nexpo.build.design.materials import made_up
    >>> from nexpo.build.design.model import Effort, Place
    >>> from nexpo.connectivity.design.streets.synthetic import Territory
    >>> ground = made_up(Place("Borgo"), Territory(2.0, 900, 9.4, 45.8), 10, seed=1)
    >>> request = Request("Borgo", on=date(2025, 8, 1), wireless=False, effort=Effort(rounds=5))
    >>> made = design_area(request, materials=ground)
    >>> made.fibre.premises.height, made.ok, made.synthetic
    (10, True, True)
    """
    tell = progress or Silent()
    book = rulebook.load(request)
    ground = materials or _gathered(request, tell)
    plan, inputs = _fibre(request, ground, book, tell, partial(solve, clock=clock, stop=stop))
    sites, radio, said = _wireless(request, ground, plan, book, tell)
    tell.step("money")
    costs = _costs(plan, radio, book)
    lit = costs.get(Technology.FIBRE)
    grants = _grants(lit, plan, book)
    chosen = _choice(request, ground, plan, radio, book, tell)
    ledger = Ledger()
    comparisons = _comparisons(request, ground, lit, grants, ledger)
    tell.step("validation report")
    checked = validation.validate(plan, inputs)
    design = AreaDesign(
        request=request,
        materials=ground,
        inputs=inputs,
        fibre=plan,
        fibre_cost=lit,
        wireless=radio,
        wireless_sites=sites,
        wireless_cost=costs.get(Technology.WIRELESS),
        groups=chosen.groups,
        choice=chosen.choice,
        front=chosen.front,
        marginal=chosen.marginal,
        unit_costs=book.unit_costs,
        business=book.business,
        grant_rule=book.grant_rule,
        grants=grants,
        comparisons=comparisons,
        validation=checked,
        ledger=ledger,
        warnings=(),
        fibre_front=chosen.fibre_front,
    )
    tell.step("figures with their derivation")
    figures.enter(design, book)
    asked_for = {item for each in costs.values() for item in each.quantities}
    unused = book.unit_costs.unused(asked_for)
    return _with_warnings(design, (*said, *filter(None, [chosen.why_none]), *unused))


def _gathered(request: Request, tell: Progress) -> Materials:
    with TemporaryDirectory(prefix="nexpo-design-") as work:
        return gather(request, work=Path(work), progress=tell)


# Fibre


def _fibre(
    request: Request,
    ground: Materials,
    book: Rulebook,
    tell: Progress,
    solver: Callable[..., Answer],
) -> tuple[fibre.Plan, fibre.Inputs]:
    def told(instance: Instance, limits: Limits, *, seed: int) -> Answer:
        def watch(done: int, cost: int, bound: int) -> None:
            gap = f"{(cost - bound) / bound:.2%}" if bound > 0 else "unknown"
            tell.advance(done, limits.rounds, f"rounds, gap {gap}")

        return solver(instance, limits, seed=seed, watch=watch)

    effort = request.effort
    search = fibre.Search(told, Limits(effort.seconds, effort.rounds), request.seed)
    inputs = fibre.Inputs(ground.graph, ground.demand, request.pops)
    plan = fibre.design(inputs, book.fibre, search, progress=tell)
    return plan, fibre.Inputs(ground.graph, ground.demand, request.pops or _chosen_pops(plan))


def _chosen_pops(plan: fibre.Plan) -> tuple[fibre.Pop, ...]:
    rows = plan.sites.filter(pl.col("kind") == "pop").select("site", "lon", "lat")
    return tuple(fibre.Pop(site, lon, lat) for site, lon, lat in rows.iter_rows())


# Wireless


def _wireless(
    request: Request, ground: Materials, plan: fibre.Plan, book: Rulebook, tell: Progress
) -> tuple[Sites | None, WirelessPlan | None, tuple[str, ...]]:
    """Return the wireless alternative; where it cannot be designed, why: fibre goes on."""
    if not request.wireless:
        return None, None, ()
    tell.step("wireless alternative")
    try:
        sites, radio = air.design(request, ground, plan, book, tell)
    except Problem as problem:
        if request.dem or request.service_mbps is not None:
            raise  # what was asked for by name is not dropped
        return None, None, (f"no wireless alternative: {problem}",)
    return sites, radio, ()


# Money


def _costs(plan: fibre.Plan, radio: WirelessPlan | None, book: Rulebook) -> dict[Technology, Cost]:
    found = {}
    if plan.premises.height:
        units = int(plan.premises["units"].sum())
        listed = dict(fibre.quantities(plan).select("item", "quantity").iter_rows())
        found[Technology.FIBRE] = cost(
            Technology.FIBRE, listed, (plan.premises.height, units), book.unit_costs, book.business
        )
    if radio is not None and radio.summary.served:
        passed = (radio.summary.served, radio.summary.units_served)
        # a bill counts connections for all premises passed; the plan counts those that connect
        listed = clusters.network_quantities(radio) | {"fwa.cpe": float(passed[1])}
        found[Technology.WIRELESS] = cost(
            Technology.WIRELESS, listed, passed, book.unit_costs, book.business
        )
    return found


def cost(
    technology: Technology,
    quantities: Mapping[str, float],
    passed: tuple[int, int],
    unit_costs: UnitCosts,
    business: Business,
) -> Cost:
    """Return what quantities cost and earn at each level; ``passed`` is addresses and units."""
    bills = bill_range(quantities, unit_costs)
    cases = {
        level: business_case(
            bills.at(level), business, premises=passed[1], technology=technology.value
        )
        for level in LEVELS
    }
    return Cost(
        technology=technology,
        quantities=quantities,
        bills=bills,
        addresses=passed[0],
        units=passed[1],
        cases=cases,
        per_unit={
            level: cost_per_premises(
                bills.at(level), passed=passed[1], connected=cases[level].lines
            )
            for level in LEVELS
        },
    )


def _grants(lit: Cost | None, plan: fibre.Plan, book: Rulebook) -> dict[Level, Grant]:
    if lit is None:
        return {}
    after = book.services
    speeds = Speeds(after.before_mbps, after.fibre_down_mbps, after.fibre_up_mbps)
    return {
        level: grant(
            lit.bills.at(level),
            lit.cases[level].gap,
            book.grant_rule,
            addresses=plan.premises.height,
            speeds=speeds,
        )
        for level in LEVELS
    }


# Choice


@dataclass(frozen=True, slots=True, eq=False)
class _Chosen:
    groups: tuple[Group, ...] = ()
    choice: Choice | None = None
    front: Front | None = None
    fibre_front: Front | None = None
    marginal: tuple[Step, ...] = ()
    why_none: str = ""


def _choice(
    request: Request,
    ground: Materials,
    plan: fibre.Plan,
    radio: WirelessPlan | None,
    book: Rulebook,
    tell: Progress,
) -> _Chosen:
    if not request.clusters or not len(ground.demand):
        return _Chosen()
    tell.step("choice of fibre, wireless or later")
    offers = _offers(book, request.level)
    groups, asked = clusters.group(plan, ground.demand, radio, offers, most=request.clusters)
    terms = Terms(
        budget_cents=None if request.budget is None else request.budget.cents,
        min_share=request.min_share,
        step=book.grant_rule.step,
    )
    best, why = None, ""
    try:
        best = choose(asked, terms)
    except Unattainable as problem:  # the networks stand; the report says why none is chosen
        why = f"no choice: {problem}"
    front, alone = None, None
    if request.front:
        front = _front(asked, terms.step, request.front)
        alone = _front(tuple(_fibre_alone(asked)), terms.step, request.front)
    steps = marginal_cost(_borne(best)) if best else ()
    return _Chosen(groups, best, front, alone, steps, why)


def _front(asked: tuple[Cluster, ...], step: StepChange | None, most: int) -> Front:
    """Return the front, on the tree of what is shared where it is one."""
    return tree_front(asked, step=step) or pareto(asked, step=step, most=most)


def _fibre_alone(asked: Iterable[Cluster]) -> Iterator[Cluster]:
    """Yield the clusters with their fibre options only."""
    for each in asked:
        kept = [option for option in each.options if option.technology is Technology.FIBRE]
        yield replace(each, options=tuple(kept))


def _offers(book: Rulebook, level: Level) -> dict[Technology, clusters.Offer]:
    after = book.services
    speeds = {
        Technology.FIBRE: (after.fibre_down_mbps, after.fibre_up_mbps),
        Technology.WIRELESS: (after.wireless_down_mbps, after.wireless_up_mbps),
    }
    return {
        kind: clusters.Offer(down, up, after.before_mbps, book.unit_costs, level)
        for kind, (down, up) in speeds.items()
    }


def _borne(best: Choice) -> Iterator[Pick]:
    """Yield what was picked, each bearing its share of what it shares, by addresses served."""
    users: dict[str, list[Pick]] = {}
    for pick in best.picks:
        for part in pick.option.requires:
            users.setdefault(part, []).append(pick)
    cents = {pick.cluster.id: pick.option.cost_cents for pick in best.picks}
    borne = {pick.cluster.id: pick.option.cost_cents for pick in best.picks}
    for part, picks in users.items():
        total = sum(pick.option.addresses for pick in picks)
        left = cents[part]
        for place, pick in enumerate(picks):
            last = place == len(picks) - 1
            share = left if last else cents[part] * pick.option.addresses // total
            borne[pick.cluster.id] += share
            left -= share
    for pick in best.picks:
        if pick.option.addresses:
            yield Pick(pick.cluster, _priced(pick.option, borne[pick.cluster.id]))


def _priced(option: Option, cents: int) -> Option:
    return Option(
        option.technology,
        cents,
        option.addresses,
        option.units,
        option.down_mbps,
        option.up_mbps,
        label=option.label,
    )


# Beside public programmes


def _comparisons(
    request: Request,
    ground: Materials,
    lit: Cost | None,
    grants: Mapping[Level, Grant],
    ledger: Ledger,
) -> tuple[Comparison, ...]:
    if lit is None or not ground.place.region:
        return ()
    level = request.level
    area = Area(
        name=ground.place.name,
        public=grants[level].amount,
        cost=lit.bills.at(level).network,
        addresses=lit.addresses,
        units=lit.units,
        connected=lit.cases[level].lines,
    )
    spent = programmes(ground.place.region, request.on, ledger)
    return tuple(compare(area, each) for each in spent)


# Warnings


def _with_warnings(design: AreaDesign, said: Iterable[str]) -> AreaDesign:
    return replace(design, warnings=tuple(dict.fromkeys((*_warned(design), *said))))


def _warned(design: AreaDesign) -> Iterator[str]:
    if design.synthetic:
        yield "SYNTHETIC: streets or addresses were made up; no figure says what this place costs"
    yield from _placed(design)
    joins = int((design.graph.cost_class == _JOIN).sum())
    if joins:
        yield f"{joins} straight joins between pieces of the street network are not surveyed"
    left = design.fibre.unserved.height
    if left:
        yield f"{left} addresses are not reached by fibre: see the table of the unserved"
    yield from design.fibre.notes
    yield from _of_wireless(design)
    assumed = [item for item in design.unit_costs.items.values() if item.assumed]
    if assumed:
        total = len(design.unit_costs.items)
        yield f"{len(assumed)} of {total} unit costs, or an end of their range, are assumptions"
    for each in design.validation:
        if not each.ok:
            yield f"validation: {each.rule} fails {each.failed} of {each.checked} times"


def _placed(design: AreaDesign) -> Iterator[str]:
    if design.materials.refused:
        refused = design.materials.refused
        shown = "; ".join(refused[:SHOWN]) + ("; ..." if len(refused) > SHOWN else "")
        yield f"{len(refused)} rows of the list of addresses could not be used: {shown}"
    for kind, text in (
        (Placement.INTERPOLATED, "interpolated along their street by number"),
        (Placement.STREET, "put on their street without a usable number"),
        (Placement.LOCALITY, "of streets not found: drawn among the unnamed ways, place unknown"),
        (Placement.OFF_NETWORK, "off the street network, and not designed"),
    ):
        count = int((design.demand.placement == tuple(Placement).index(kind)).sum())
        if count:
            yield f"{count} of {len(design.demand)} addresses are {text}"


def _of_wireless(design: AreaDesign) -> Iterator[str]:
    if design.wireless is None:
        return
    yield from (f"wireless: {each}" for each in design.wireless.warnings)
    taken = any(pick.option.technology is Technology.WIRELESS for pick in design.picks)
    if taken and not design.request.dem:
        yield (
            "the choice of wireless rests on free space: give a height model with --dem before "
            "relying on it; the front of fibre alone stands beside it"
        )
