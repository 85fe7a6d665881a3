r"""Footprints between countries: who makes, who uses, what crosses the border inside goods.

For a satellite ``F``: intensities :math:`S = F \hat x^{-1}`, multipliers :math:`M = S L`, and

.. math:: E_{rs} = \sum_{j \in r} S_j \, (L Y_s)_j

what is emitted (worked, used) in region ``r`` for the final demand of region ``s``: one solve a
region of demand. Rows sum to production, columns to consumption; imports and exports are what is
off the diagonal (Miller and Blair 2009, 10.5; Kanemoto et al. 2012 for what trade means here).
What final demand itself emits is an account of its own, never lost and never spread over sectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nexpo.core.problem import Kind, Problem
from nexpo.impact.model import Floats, Satellite, Table, freeze
from nexpo.impact.solve import System


@dataclass(frozen=True, slots=True, eq=False)
class Footprint:
    """Accounts of one satellite by region, in its unit.

    Attributes
    ----------
    regions
        ``(r,)`` in the order of the table.
    between
        ``(r, r)`` arising in the region of the row for the final demand of that of the column.
    final_use
        ``(r,)`` of final demand itself, zero where not given.
    intensity, multiplier
        ``(n,)`` per unit of output, and per unit of final demand for each sector.
    """

    indicator: str
    unit: str
    regions: tuple[str, ...]
    between: Floats
    final_use: Floats
    intensity: Floats
    multiplier: Floats

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def production(self) -> Floats:
        """What arises in each region, its final demand's own included."""
        found: Floats = self.between.sum(axis=1) + self.final_use
        return found

    @property
    def consumption(self) -> Floats:
        """What each region's final demand calls for anywhere, its own included."""
        found: Floats = self.between.sum(axis=0) + self.final_use
        return found

    @property
    def imports(self) -> Floats:
        """What arises elsewhere for each region's final demand."""
        found: Floats = self.between.sum(axis=0) - np.diagonal(self.between)
        return found

    @property
    def exports(self) -> Floats:
        """What arises in each region for final demand elsewhere."""
        found: Floats = self.between.sum(axis=1) - np.diagonal(self.between)
        return found


def footprint(
    system: System, table: Table, satellite: Satellite, use_regions: Sequence[str] | None = None
) -> Footprint:
    """Return the accounts of a satellite by region.

    Parameters
    ----------
    satellite
        By sector, and by final use where final demand has its own.
    use_regions
        ``(k,)`` region of each final use; None reads it from codes such as ``ITA:households``.

    Raises
    ------
    Problem
        ``BAD_INPUT`` for a satellite that is unknown in a producing sector, or a final use of no
        region of the table.
    """
    regions = tuple(dict.fromkeys(table.regions))
    number = {name: place for place, name in enumerate(regions)}
    places = np.asarray([number[name] for name in table.regions])
    columns = _columns(table, number, use_regions)
    unknown = np.flatnonzero(~np.isfinite(satellite.values) & (system.output > 0))
    if len(unknown):
        raise Problem(
            Kind.BAD_INPUT,
            f"{satellite.indicator} is unknown in {len(unknown)} sectors",
            value=table.sectors[unknown[0]],
            remedy="fill it: a footprint without them would be too small everywhere",
        )
    intensity = system.per_output(np.nan_to_num(satellite.values))
    demand = _summed(table.final.T, columns, len(regions)).T
    made = intensity[:, None] * system.solve(demand).values
    own = np.zeros(len(regions))
    if satellite.final_use is not None:
        own = _summed(satellite.final_use[:, None], columns, len(regions))[:, 0]
    return Footprint(
        satellite.indicator,
        satellite.unit,
        regions,
        _summed(made, places, len(regions)),
        own,
        intensity,
        system.solve_transposed(intensity).values,
    )


def _columns(table: Table, number: dict[str, int], given: Sequence[str] | None) -> Sequence[int]:
    if given is None and len(number) == 1:
        return [0] * len(table.uses)
    names = [use.partition(":")[0] for use in table.uses] if given is None else list(given)
    wrong = [
        f"{name} of {use}"
        for use, name in zip(table.uses, names, strict=False)
        if name not in number
    ]
    if wrong or len(names) != len(table.uses):
        raise Problem(
            Kind.BAD_INPUT,
            "a final use belongs to no region of the table",
            value=wrong[0] if wrong else f"{len(names)} regions for {len(table.uses)} uses",
            remedy=f"name final uses REGION:use, with a region such as {next(iter(number))}",
        )
    return [number[name] for name in names]


def _summed(values: Floats, place: Sequence[int] | Floats, count: int) -> Floats:
    """Sum rows by place."""
    found = np.zeros((count, values.shape[1]))
    np.add.at(found, np.asarray(place, dtype=np.intp), values)
    return found
