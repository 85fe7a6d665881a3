"""Several regions as one system that adds up to the national table, trade by gravity.

Technology, final uses and primary inputs are split by shares, as with two regions. For each
product, trade between regions follows gravity balanced to what each region makes for the country
and what it uses; each buyer in a region takes from the others in the same proportions
(Chenery 1953, Moses 1955). All balances hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nexpo.core.problem import bad_input
from nexpo.impact.model import Floats, Table
from nexpo.impact.regionalise.balancing import Stop
from nexpo.impact.regionalise.gravity import Deterrence, gravity_trade
from nexpo.impact.regionalise.splitting import Split, refuse_unsuited, within_the_country

_SUM = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class ManyRegions:
    """A table of several regions; ``trade`` is ``(n, R, R)`` by product, from row to column."""

    table: Table
    trade: Floats


def many_regions(
    table: Table,
    names: Sequence[str],
    output_shares: Floats,
    distance: Floats,
    decay: float,
    *,
    use_shares: Floats | None = None,
    deterrence: Deterrence = Deterrence.EXPONENTIAL,
    stop: Stop | None = None,
) -> ManyRegions:
    """Split a national domestic table into several regions.

    Parameters
    ----------
    table
        National, domestic flows.
    names
        ``R`` codes of regions.
    output_shares
        ``(R, n)`` share of each sector; sums to 1 over the regions.
    distance, decay, deterrence
        See :func:`.gravity.gravity_trade`; the diagonal is the distance within a region.
    use_shares
        ``(R, k)`` share of each final use; of all output where None.

    Raises
    ------
    Problem
        A table of total flows; shares that do not sum to 1.
    """
    refuse_unsuited(table, table.sectors)
    shares = _checked(np.asarray(output_shares, np.float64), (len(names), table.size), "output")
    weights = shares @ table.output / table.output.sum()
    spread = np.repeat(weights[:, None], len(table.uses), axis=1)
    if use_shares is not None:
        given = np.asarray(use_shares, np.float64)
        spread = _checked(given, (len(names), len(table.uses)), "final use")
    within = within_the_country(table)
    stock = table.final - within
    demand = table.flows @ shares.T + within @ spread.T
    supply = demand.sum(axis=1, keepdims=True) * shares.T
    trade = gravity_trade(
        supply,
        demand,
        distance,
        decay,
        deterrence=deterrence,
        products=table.sectors,
        regions=names,
        stop=stop,
    )
    sources = _per_buyer(trade, demand, shares)
    flows = _bought(table.flows, shares, sources)
    final = _bought(within, spread, sources) + _stocked(stock, shares)
    split = Split(table, tuple(names), shares, spread)
    return ManyRegions(split.table(flows, final), trade)


def _checked(shares: Floats, shape: tuple[int, int], what: str) -> Floats:
    if shares.shape != shape:
        raise bad_input(f"shares of {what} have shape {shares.shape}, not {shape}")
    sums = shares.sum(axis=0)
    wrong = np.flatnonzero(~(np.abs(sums - 1) <= _SUM) | (shares < 0).any(axis=0))
    if len(wrong):
        raise bad_input(
            f"the shares of regions in {what} {wrong[0] + 1} are not from 0 up with a sum of 1",
            value=float(sums[wrong[0]]),
            remedy="divide each region's activity by the sum of all regions'",
        )
    return shares


def _per_buyer(trade: Floats, demand: Floats, shares: Floats) -> Floats:
    """Return ``(R, n, R)``: of what the last region uses of a product, the first's part."""
    used = demand[:, None, :]
    parts = np.divide(
        trade, used, out=np.repeat(shares.T[:, :, None], len(shares), 2), where=used > 0
    )
    return np.moveaxis(parts, 1, 0)


def _bought(values: Floats, shares: Floats, sources: Floats) -> Floats:
    """Return ``(Rn, Rm)`` from national ``(n, m)``, shares of buyers ``(R, m)`` and sources."""
    count, rows, columns = len(shares), *values.shape
    blocks = np.einsum("ij,bj,sib->sibj", values, shares, sources)
    found: Floats = blocks.reshape(count * rows, count * columns)
    return found


def _stocked(stock: Floats, shares: Floats) -> Floats:
    """Return exports and inventories at the region that makes the product, ``(Rn, Rk)``."""
    count, rows, columns = len(shares), *stock.shape
    found = np.zeros((count, rows, count, columns))
    for place, part in enumerate(shares):
        found[place, :, place, :] = stock * part[:, None]
    return found.reshape(count * rows, count * columns)
