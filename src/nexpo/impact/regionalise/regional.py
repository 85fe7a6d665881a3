"""A national table regionalised by quotients: coefficients and output multipliers of a region."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nexpo.impact.model import Floats, Table
from nexpo.impact.regionalise.activity import Activity
from nexpo.impact.regionalise.calibration import output_multipliers
from nexpo.impact.regionalise.quotients import (
    Choice,
    Quotients,
    quotients_of,
    regional_coefficients,
)
from nexpo.impact.regionalise.splitting import refuse_unsuited
from nexpo.impact.solve import System


@dataclass(frozen=True, slots=True, eq=False)
class Regional:
    """What a single-region table says.

    Attributes
    ----------
    national, coefficients
        ``(n, n)`` domestic coefficients of the nation, and those of them met in the region.
    national_multipliers, multipliers
        ``(n,)`` output per unit of final demand, Type I.
    from_rest
        ``(n,)`` of the nation's intermediate purchases per unit of output of a sector, what the
        region takes from the rest of the country.
    """

    activity: Activity
    quotients: Quotients
    national: Floats
    coefficients: Floats
    national_multipliers: Floats
    multipliers: Floats
    from_rest: Floats


def regionalise(
    table: Table, activity: Activity, choice: Choice, *, output_share: Floats | None = None
) -> Regional:
    """Regionalise a national domestic table.

    A single-region table hides what lands in other regions; :func:`.two_region.two_region` keeps
    it.

    Parameters
    ----------
    table
        National, domestic flows.
    activity
        Of region and nation, for the table's sectors in their order.
    choice
        Method and parameters.
    output_share
        ``(n,)`` region's share of output, for 2D-LQ.

    Raises
    ------
    Problem
        A table of total flows, other sectors than the table's, a parameter that the method
        needs and that is not given.
    """
    refuse_unsuited(table, activity.sectors)
    system = System.of_table(table)
    national = system.coefficients()
    found = quotients_of(activity, choice, output_share=output_share)
    own = regional_coefficients(national, found.values, cap=found.cap)
    return Regional(
        activity,
        found,
        national,
        own,
        system.solve_transposed(np.ones(table.size)).values,
        output_multipliers(own),
        (national - own).sum(axis=0),
    )
