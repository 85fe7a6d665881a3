"""What a multi-region table adds to one region's: feedback at home, spill-over elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nexpo.core.problem import bad_input
from nexpo.impact.model import Floats, Table
from nexpo.impact.solve import System


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Effect of final demand for the products of one region, by where it falls.

    Each is ``(n,)``, per unit of demand for a sector, or one number for a plan. ``own`` is what
    the region's table alone gives, ``feedback`` what returns to it through other regions,
    ``spillover`` what falls elsewhere; their sum is the effect in the country.
    """

    own: Floats
    feedback: Floats
    spillover: Floats

    @property
    def total(self) -> Floats:
        """Effect in the country."""
        return self.own + self.feedback + self.spillover

    @property
    def spillover_share(self) -> Floats:
        """Part of the effect in the country that falls in other regions."""
        found: Floats = np.divide(
            self.spillover, self.total, out=np.zeros_like(self.total), where=self.total != 0
        )
        return found


def spread(table: Table, region: str, intensity: Floats | None = None) -> Spread:
    """Return multipliers of a region's sectors, apart by where they fall.

    Parameters
    ----------
    table
        Of several regions.
    region
        Whose products are demanded.
    intensity
        ``(N,)`` what is counted per unit of output of each sector of the table (jobs, value
        added); output itself where None.

    Raises
    ------
    Problem
        When the table has no such region.
    """
    inside = np.array([name == region for name in table.regions], dtype=bool)
    if not inside.any():
        known = ", ".join(dict.fromkeys(table.regions))
        raise bad_input(
            "the table has no region of that name", value=region, remedy=f"it has: {known}"
        )
    counted = np.ones(table.size) if intensity is None else np.asarray(intensity, np.float64)
    system = System.of_table(table)
    weights = np.stack([np.where(inside, counted, 0.0), np.where(inside, 0.0, counted)], axis=1)
    here, elsewhere = system.solve_transposed(weights).values[inside].T
    alone = System(table.flows[np.ix_(inside, inside)], table.output[inside])
    own = alone.solve_transposed(counted[inside]).values
    return Spread(own, here - own, elsewhere)


def spread_of_demand(spread_: Spread, demand: Floats) -> Spread:
    """Return the effect of final demand ``(n,)`` for the region's products, one number each."""
    parts = (spread_.own, spread_.feedback, spread_.spillover)
    own, feedback, spillover = (np.asarray(part @ demand) for part in parts)
    return Spread(own, feedback, spillover)
