"""A region and the rest of its country as one system that adds up to the national table.

Rule, by which all balances hold to the rounding of floats:

1. Output, imports and primary inputs of sector ``j`` are split by the region's share of ``j``
   (its employment, or output where it is given): technology is the nation's on both sides.
2. Each side buys ``min(q_ij, 1)`` of a national domestic coefficient from itself, by quotients of
   its own, and the remainder from the other side.
3. Final uses within the country are split by the region's share of each; each side buys from
   itself by its quotient, likewise.
4. Exports, changes in inventories and cells below zero are taken by what each side has left of
   the product, but each side keeps ``export_floor`` of the part that its share of output would
   give it: 1 splits them by output (Kronenberg 2009; the two-region models of StateIO), and is
   what is taken where nothing is said; 0 lets sales within the country go first.
5. A product that one side would so sell more of than it makes (or so little of that the other
   would) is brought back: its sales fall in one proportion to all buyers of both sides, sectors
   and final uses alike, and the other side sells what is missing. Which products, and what share
   of all sales moved, is reported: with exports by output every product is so fitted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nexpo.core.problem import Kind, Problem, bad_input
from nexpo.impact.model import Floats, Table
from nexpo.impact.regionalise.activity import Activity, listed
from nexpo.impact.regionalise.quotients import Choice, Quotients, quotients_of
from nexpo.impact.regionalise.splitting import Split, refuse_unsuited, within_the_country

EXPORT_FLOOR = 1.0
"""Exports by output; see ``parameters/impact/two-region.yaml`` and docs/adr/0013-two-regions.md."""

_WORTH_A_NOTE = 1e-9


@dataclass(frozen=True, slots=True)
class Names:
    """Codes of the two sides, put before each sector code: ``LOM:F``, ``REST:F``."""

    region: str
    rest: str = "REST"


@dataclass(frozen=True, slots=True, eq=False)
class TwoRegion:
    """A two-region table and how it was made.

    Attributes
    ----------
    table
        ``2n`` sectors: the region's first, then those of the rest.
    share
        ``(n,)`` region's share of output.
    region, rest
        Quotients of each side.
    adjusted
        ``(n,)`` what rule 5 left of the sales of the side that sold too much; 1 where
        nothing was changed.
    overridden
        Part of all sales within the country, by value, that rule 5 moved to the other side.
    """

    table: Table
    share: Floats
    region: Quotients
    rest: Quotients
    adjusted: Floats
    notes: tuple[str, ...] = ()
    overridden: float = 0.0


def two_region(  # noqa: PLR0913 - what is known of a region, each by its name
    table: Table,
    activity: Activity,
    choice: Choice,
    *,
    rest: Choice | None = None,
    names: Names | None = None,
    output: Floats | None = None,
    use_shares: Mapping[str, float] | None = None,
    satellites: Mapping[str, Floats] | None = None,
    export_floor: float = EXPORT_FLOOR,
) -> TwoRegion:
    """Split a national domestic table into a region and the rest of the country.

    Parameters
    ----------
    table
        National, domestic flows.
    activity
        Of region and nation, in the order of the table's sectors.
    choice, rest
        Quotients of the region, and of the rest; the same method and parameters where None.
        A quotient above 1 counts as 1: no side supplies more than is bought.
    names
        Codes of the sides.
    output
        ``(n,)`` output of the region, where known; by share of the activity where None.
    use_shares
        Region's share of a final use, by name of its column; its share of the activity
        otherwise.
    satellites
        ``(n,)`` the region's part of a satellite, where known; by share of output otherwise.
    export_floor
        From 0 to 1, see rule 4.

    Raises
    ------
    Problem
        A table of total flows, sectors that are not the table's, a regional output or share
        beyond the nation's.

    Notes
    -----
    Miller and Blair 2009, ch. 3 (many-region models) and 8 (quotients).
    """
    if not 0 <= export_floor <= 1:
        raise Problem(Kind.USAGE, "the floor of exports is a share from 0 to 1", value=export_floor)
    refuse_unsuited(table, activity.sectors)
    sides = names or Names(activity.region)
    share = _output_share(table, activity, output)
    own = quotients_of(activity, choice, output_share=share)
    far = quotients_of(activity.rest(sides.rest), rest or choice, output_share=1 - share)
    spread = use_share(table, activity.size, use_shares)
    sold, final, adjusted, moved = _sold(table, share, (own, far), spread, export_floor)
    split = Split(
        table,
        (sides.region, sides.rest),
        np.stack([share, 1 - share]),
        np.stack([spread, 1 - spread]),
        {name: np.stack([part, _national(table, name) - part]) for name, part in _own(satellites)},
    )
    need = _beside(table.flows, share)
    made = split.table(np.concatenate([sold, need - sold]), final)
    told = _told(table, share, adjusted, moved)
    return TwoRegion(made, share, own, far, adjusted, (*own.notes, *told), moved)


def use_share(table: Table, size: float, known: Mapping[str, float] | None) -> Floats:
    """Return the region's share of each final use, ``(k,)``, 0 to 1.

    Raises
    ------
    Problem
        At a use that the table does not have, or a share outside 0 to 1.
    """
    shares = np.full(len(table.uses), size)
    for name, share in (known or {}).items():
        if name not in table.uses:
            raise bad_input(
                "no final use of the table has this name",
                value=name,
                remedy=f"it has: {', '.join(table.uses)}",
            )
        if not 0 <= share <= 1:
            raise bad_input(f"the region's share of {name} is from 0 to 1", value=share)
        shares[table.uses.index(name)] = share
    return shares


def _sold(
    table: Table,
    share: Floats,
    quotients: tuple[Quotients, Quotients],
    spread: Floats,
    floor: float,
) -> tuple[Floats, Floats, Floats, float]:
    """Return what the region sells, what was left of it under rule 5, and what that moved.

    Sales to sectors of both sides are ``(n, 2n)``, all final uses ``(2n, 2k)``; what was left is
    ``(n,)``; what was moved is a share of all sales within the country.
    """
    own, far = quotients
    within = within_the_country(table)
    need = np.concatenate([_beside(table.flows, share), _beside(within, spread)], axis=1)
    size, uses = table.size, len(table.uses)
    kept = np.concatenate(
        [
            _capped(own.values),
            1 - _capped(far.values),
            np.repeat([own.own_share(), 1 - far.own_share()], uses, axis=0).T,
        ],
        axis=1,
    )
    stock = table.final - within
    outside, made = stock.sum(axis=1), table.output * share
    ends = np.stack([floor * share * outside, outside - floor * (1 - share) * outside])
    wished = need * kept
    found, left = _fitted(wished, need, made - ends.max(axis=0), made - ends.min(axis=0))
    taken = made - found.sum(axis=1)
    part = np.divide(taken, outside, out=share.copy(), where=outside != 0)
    of_region = stock * np.clip(part, 0, 1)[:, None]
    nothing, rest = np.zeros_like(stock), need[:, 2 * size :] - found[:, 2 * size :]
    final = np.concatenate([found[:, 2 * size :], rest])
    final += np.block([[of_region, nothing], [nothing, stock - of_region]])
    whole = float(np.abs(need).sum())
    moved = float(np.abs(found - wished).sum()) / whole if whole > 0 else 0.0
    return found[:, : 2 * size], final, left, moved


def _fitted(wished: Floats, need: Floats, lowest: Floats, highest: Floats) -> tuple[Floats, Floats]:
    """Bring the region's sales of each product between two bounds (rule 5).

    Parameters
    ----------
    wished
        ``(n, m)`` what buyers would take from the region.
    need
        ``(n, m)`` what they take from both sides.
    lowest, highest
        ``(n,)`` bounds of the sums of ``wished`` by row.

    Returns
    -------
    What they take, and ``(n,)`` the part left to the side that had to sell less.
    """
    sales, total = wished.sum(axis=1), need.sum(axis=1)
    target = np.clip(sales, lowest, highest)
    target = np.clip(target, np.minimum(total, 0), np.maximum(total, 0))
    fewer, more = target < sales, target > sales
    down = np.divide(target, sales, out=np.ones_like(sales), where=fewer & (sales != 0))
    others = total - sales
    up = np.divide(total - target, others, out=np.ones_like(sales), where=more & (others != 0))
    down, up = np.clip(down, 0, 1), np.clip(up, 0, 1)
    taken = np.where(more[:, None], need - (need - wished) * up[:, None], wished * down[:, None])
    return taken, np.minimum(down, up)


def _beside(values: Floats, share: Floats) -> Floats:
    """Return ``(n, m)`` columns split between the sides, ``(n, 2m)``."""
    here = values * share
    return np.concatenate([here, values - here], axis=1)


def _capped(values: Floats) -> Floats:
    return np.clip(values, 0.0, 1.0)


def _output_share(table: Table, activity: Activity, output: Floats | None) -> Floats:
    if output is None:
        return activity.shares()
    given = np.asarray(output, np.float64)
    if given.shape != table.output.shape:
        raise bad_input(f"regional output of shape {given.shape} for {table.size} sectors")
    wrong = np.flatnonzero(~((given >= 0) & (given <= table.output * (1 + _WORTH_A_NOTE))))
    if len(wrong):
        place = int(wrong[0])
        raise bad_input(
            f"sector {table.sectors[place]}: regional output is not between zero and the "
            f"nation's {table.output[place]:g}",
            value=float(given[place]),
            remedy="check unit, currency and scale of the regional output",
        )
    share = activity.shares()
    some = table.output > 0
    share[some] = np.clip(given[some] / table.output[some], 0, 1)
    return share


def _own(satellites: Mapping[str, Floats] | None) -> tuple[tuple[str, Floats], ...]:
    known = satellites or {}
    return tuple((name, np.asarray(part, np.float64)) for name, part in known.items())


def _national(table: Table, indicator: str) -> Floats:
    return table.satellite(indicator).values


def _told(table: Table, share: Floats, left: Floats, moved: float) -> tuple[str, ...]:
    both = (share > 0) & (share < 1)  # a side that makes none of a product sells none
    changed = np.flatnonzero((left < 1 - _WORTH_A_NOTE) & both)
    if not len(changed):
        return ()
    order = changed[np.argsort(left[changed], kind="stable")]
    codes = tuple(table.sectors[place] for place in order)
    least = f"least left: {left[order[0]]:.3f} of {codes[0]}"
    which = f"{len(codes)} products were sold beyond what one side makes and brought back"
    value = f"{moved:.1%} of sales within the country moved to the other side"
    return (f"{which}: {listed(codes)} ({least}); {value}",)
