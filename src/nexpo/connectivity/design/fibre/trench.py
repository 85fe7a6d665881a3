"""Where the trench goes: one Steiner tree over everything that must be joined.

Feeder, distribution and drop share each trench, so the routes are one tree and not one a
level. With several POPs they are joined by a node of no cost: the tree over it falls apart
into one tree a POP, every address with the POP that is cheapest for all together. The bound
of the solver is kept: it holds for the cost of the routes, and for nothing else.

Where a POP would hold more than it can, addresses are given to POPs by regret (Martello and
Toth 1990: first who would lose most by going elsewhere), and each POP's tree is solved with
the trenches of those before it free of cost. The bound is then that of the same addresses
without capacities: with them a design can only be dearer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from nexpo.connectivity.design.fibre import kernels
from nexpo.connectivity.design.fibre.model import Floats, Ints, Mask, Pop, RoutePrices, Solve
from nexpo.connectivity.design.fibre.network import LEAD, Network
from nexpo.connectivity.design.model import Demand
from nexpo.connectivity.design.steiner.model import Instance, Limits
from nexpo.core.problem import Kind, Problem

NOBODY = -1


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """The routes of one POP, rooted at it: arrays by node, see :mod:`kernels`."""

    order: Ints
    parent: Ints
    via: Ints
    depth: Ints
    far_m: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Routes:
    """The chosen pieces, the tree of each POP, and what they cost.

    ``owner`` is by demand the position of its POP, :data:`NOBODY` where none holds it;
    ``added_cents`` is what shortcuts for the optical budget cost, within ``tree_cents``.
    """

    network: Network
    chosen: Mask
    trees: tuple[Tree, ...]
    owner: Ints
    cost_cents: Ints
    tree_cents: int
    lead_cents: int
    bound_cents: int
    added_cents: int = 0


@dataclass(frozen=True, slots=True)
class Search:
    """The solver with its limits and seed."""

    solve: Solve
    limits: Limits
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Pieces that join all points, and what no other choice can cost less than, in cents."""

    pieces: Ints
    bound: int


def piece_costs(network: Network, prices: RoutePrices) -> Ints:
    """Return the cost of each piece in whole cents, leads at the price of a lead."""
    is_lead = network.cost_class == LEAD
    per_m = np.where(is_lead, prices.lead_cents_per_m, prices.cents_per_m[network.cost_class])
    return np.rint(per_m * network.length_m).astype(np.int64)


def routes(
    network: Network,
    demand: Demand,
    wanted: Mask,
    pops: tuple[Pop, ...],
    cost: Ints,
    by: Search | Found,
) -> Routes:
    """Return the routes that join the wanted demands to POPs.

    Each wanted demand must be in the reach of a POP (:func:`reachable`). ``by`` is the solver,
    or what was found already where the POP was chosen.
    """
    street = _street_pieces(network)
    if not wanted.any():
        nothing = np.zeros(network.pieces, np.bool_)
        return priced(network, wanted, nothing, (), np.full(len(wanted), NOBODY), cost, 0)
    points = np.unique(network.point[wanted])
    found = _join(network, street, cost, points, network.pop, by) if isinstance(by, Search) else by
    chosen = mask(network.pieces, found.pieces)
    trees = tuple(rooted(network, chosen, int(node)) for node in network.pop)
    owner = _owner(network, wanted, trees)
    if isinstance(by, Search) and _overloaded(demand, owner, pops):
        return _within_capacity(network, demand, wanted, pops, cost, by)
    return priced(network, owner != NOBODY, chosen, trees, owner, cost, found.bound)


def reachable(network: Network, wanted: Mask) -> Mask:
    """Say which wanted demands are on streets that lead to a POP."""
    start, near, piece = kernels.adjacency(network.nodes, network.tail, network.head)
    zero = np.zeros(network.pieces, dtype=np.int64)
    reached = kernels.nearest(start, near, piece, zero, network.pop)[0] >= 0
    return wanted & reached[np.where(wanted, network.point, 0)]


def with_chosen_pop(
    network: Network, demand: Demand, wanted: Mask, cost: Ints, by: Search
) -> tuple[Network, Mask, Found]:
    """Choose one POP where none is given; say which demands are on its streets, and the routes.

    The streets with most units are taken; the tree over their points does not depend on
    where the POP stands on it, and the POP goes to its weighted median (Goldman 1971), which
    makes the sum of all fibres along the tree smallest.
    """
    pieces = coo_array(
        (np.ones(network.pieces), (network.tail, network.head)), (network.nodes, network.nodes)
    )
    island = connected_components(pieces, directed=False)[1]
    rows = np.flatnonzero(wanted)
    units = np.bincount(island[network.point[rows]], demand.units[rows], int(island.max()) + 1)
    mine = wanted & (island[np.where(wanted, network.point, 0)] == int(units.argmax()))
    points = np.unique(network.point[mine])
    found = _join(network, _street_pieces(network), cost, points[1:], points[:1], by)
    tree = rooted(network, mask(network.pieces, found.pieces), int(points[0]))
    weight = np.bincount(network.point[mine], demand.units[mine], network.nodes).astype(np.int64)
    under = kernels.below(tree.order, tree.parent, weight)
    heavy = tree.order[2 * under[tree.order] > int(weight.sum())]
    pop = heavy[np.argmax(tree.depth[heavy])]
    one = np.array([pop], dtype=np.int64)
    return replace(network, pop=one, pop_lead=np.array([-1])), mine, found


def _street_pieces(network: Network) -> Mask:
    """Say which pieces are to be chosen from: all but the leads of addresses."""
    mask = np.ones(network.pieces, np.bool_)
    mask[network.lead[network.lead >= 0]] = False
    return mask


def _join(
    network: Network, street: Mask, cost: Ints, points: Ints, pops: Ints, by: Search
) -> Found:
    """Solve for the pieces that join points to POPs."""
    start, near, piece = kernels.adjacency(network.nodes, network.tail, network.head)
    reached = kernels.nearest(start, near, piece, cost, pops)[0] >= 0
    usable = np.flatnonzero(street & reached[network.tail])
    several = len(pops) > 1
    hub = np.array([network.nodes]) if several else np.empty(0, dtype=np.int64)
    tail = np.concatenate([network.tail[usable], pops if several else pops[:0]])
    head = np.concatenate([network.head[usable], np.repeat(hub, len(pops))])
    price = np.concatenate([cost[usable], np.zeros(len(tail) - len(usable), dtype=np.int64)])
    terminals = np.unique(np.concatenate([points, hub if several else pops]))
    if len(terminals) < 2:  # noqa: PLR2004 - one point needs no route
        return Found(np.empty(0, dtype=np.int64), 0)
    kept, place = np.unique(np.concatenate([tail, head, terminals]), return_inverse=True)
    many = len(tail)
    instance = Instance(
        len(kept), place[:many], place[many : 2 * many], price, place[2 * many :], name="trench"
    )
    answer = by.solve(instance, by.limits, seed=by.seed)
    return Found(usable[answer.edges[answer.edges < len(usable)]], int(answer.bound))


def rooted(network: Network, chosen: Mask, pop: int) -> Tree:
    """Return the tree of chosen pieces at a node."""
    start, near, piece = kernels.adjacency(network.nodes, network.tail, network.head)
    return Tree(*kernels.root(start, near, piece, chosen, network.length_m, pop))


def _owner(network: Network, wanted: Mask, trees: tuple[Tree, ...]) -> Ints:
    owner = np.full(len(wanted), NOBODY)
    rows = np.flatnonzero(wanted)
    for position, tree in reversed(tuple(enumerate(trees))):
        owner[rows[tree.depth[network.point[rows]] >= 0]] = position
    if bool(np.any(owner[rows] == NOBODY)):
        raise Problem(
            Kind.INTERNAL,
            "the solver's tree leaves out points that it was asked to join",
            value=int(np.count_nonzero(owner[rows] == NOBODY)),
            remedy="check the answer with design.steiner's check; report the instance",
        )
    return owner


def _overloaded(demand: Demand, owner: Ints, pops: tuple[Pop, ...]) -> bool:
    held = np.bincount(owner[owner >= 0], demand.units[owner >= 0], len(pops))
    return any(
        pop.capacity_units is not None and units > pop.capacity_units
        for pop, units in zip(pops, held, strict=False)
    )


def _shared_out(
    network: Network, demand: Demand, wanted: Mask, pops: tuple[Pop, ...], cost: Ints
) -> Ints:
    """Give demands to POPs within their capacity, greatest regret first; nobody where full."""
    start, near, piece = kernels.adjacency(network.nodes, network.tail, network.head)
    rows = np.flatnonzero(wanted)
    from_pop = np.array(
        [
            kernels.nearest(start, near, piece, cost, network.pop[each : each + 1])[0]
            for each in range(len(pops))
        ]
    )[:, network.point[rows]].astype(np.float64)
    from_pop[from_pop < 0] = np.inf
    left = [np.inf if pop.capacity_units is None else pop.capacity_units for pop in pops]
    ranked = np.sort(from_pop, axis=0)
    second = ranked[1] if len(pops) > 1 else ranked[0]
    finite = np.isfinite(second)
    regret = np.where(finite, np.where(finite, second, 0) - ranked[0], np.inf)
    owner = np.full(len(wanted), NOBODY)
    for which in np.lexsort((rows, ranked[0], -regret)):
        units = int(demand.units[rows[which]])
        for pop in np.argsort(from_pop[:, which], kind="stable"):
            if np.isfinite(from_pop[pop, which]) and units <= left[pop]:
                owner[rows[which]], left[pop] = pop, left[pop] - units
                break
    return owner


def _within_capacity(
    network: Network, demand: Demand, wanted: Mask, pops: tuple[Pop, ...], cost: Ints, by: Search
) -> Routes:
    """Return the routes where capacities bind; the bound is that of the same demands without."""
    street = _street_pieces(network)
    owner = _shared_out(network, demand, wanted, pops, cost)
    served = owner != NOBODY
    points = np.unique(network.point[served])
    chosen, trees = _one_by_one(network, street, owner, cost, by)
    relaxed = _join(network, street, cost, points, network.pop, by) if served.any() else None
    return priced(network, served, chosen, trees, owner, cost, relaxed.bound if relaxed else 0)


def _one_by_one(
    network: Network, street: Mask, owner: Ints, cost: Ints, by: Search
) -> tuple[Mask, tuple[Tree, ...]]:
    chosen = np.zeros(network.pieces, np.bool_)
    trees = []
    for position, node in enumerate(network.pop):
        points = np.unique(network.point[owner == position])
        free = np.where(chosen, 0, cost)
        found = _join(network, street, free, points, np.array([node]), by)
        mine = mask(network.pieces, found.pieces)
        chosen |= mine
        trees.append(rooted(network, mine, int(node)))
    return chosen, tuple(trees)


def priced(
    network: Network,
    served: Mask,
    chosen: Mask,
    trees: tuple[Tree, ...],
    owner: Ints,
    cost: Ints,
    bound: int,
) -> Routes:
    """Return routes with what they cost; the bound comes without leads."""
    leads = network.lead[served & (network.lead >= 0)]
    lead_cents = int(cost[leads].sum())
    tree_cents = int(cost[chosen].sum())
    with_leads = chosen.copy()
    with_leads[leads] = True
    return Routes(
        network, with_leads, trees, owner, cost, tree_cents, lead_cents, bound + lead_cents
    )


def mask(length: int, positions: Ints) -> Mask:
    """Return a mask that is true at some positions."""
    mask = np.zeros(length, np.bool_)
    mask[positions] = True
    return mask
