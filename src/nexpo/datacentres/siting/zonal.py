"""Shares by municipality or any other zone: a cell counts for the zone that holds its centre."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Zones = NDArray[np.int32]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Zonal:
    """What is in each zone, by its number.

    Attributes
    ----------
    cells, eligible
        Cells of the zone, and those of them that are marked.
    mean, best
        Mean and greatest of a value over marked cells where it is known; NaN where none is.
    """

    cells: NDArray[np.int64]
    eligible: NDArray[np.int64]
    mean: NDArray[np.float64]
    best: NDArray[np.float64]

    @property
    def share(self) -> NDArray[np.float64]:
        """Marked cells over cells; NaN for a zone smaller than a cell."""
        cells = np.where(self.cells > 0, self.cells, np.nan)
        shares: NDArray[np.float64] = self.eligible / cells
        return shares


def by_zone(
    zones: Zones, many: int, marked: Mask, values: NDArray[np.floating] | None = None
) -> Zonal:
    """Count and average by zone.

    Parameters
    ----------
    zones
        Number of the zone of each cell, from 0; -1 for none.
    many
        How many zones there are.
    values
        Averaged over marked cells where they are not NaN.

    Examples
    --------
    >>> zones = np.array([[0, 0, 1, -1]], dtype=np.int32)
    >>> found = by_zone(zones, 2, np.array([[True, False, True, True]]))
    >>> found.cells.tolist(), found.share.tolist()
    ([2, 1], [0.5, 1.0])
    """
    inside = zones >= 0
    cells = np.bincount(zones[inside], minlength=many)
    eligible = np.bincount(zones[inside & marked], minlength=many)
    mean, best = np.full(many, np.nan), np.full(many, np.nan)
    if values is not None:
        known = inside & marked & np.isfinite(values)
        number, worth = zones[known], values[known].astype(np.float64)
        counted = np.bincount(number, minlength=many)
        total = np.bincount(number, weights=worth, minlength=many)
        mean = np.where(counted > 0, total / np.maximum(counted, 1), np.nan)
        best = np.full(many, -np.inf)
        np.maximum.at(best, number, worth)
        best[counted == 0] = np.nan
    return Zonal(cells, eligible, mean, best)
