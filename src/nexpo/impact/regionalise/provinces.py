"""From a region to its provinces, where employment by sector is given.

The direct effect lies where the plan says; what follows from it is spread by each province's part
of the employment of the sector in which it falls. That is a share, not a model of trade between
provinces: it says where jobs of that kind are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nexpo.core.problem import bad_input
from nexpo.impact.model import Floats
from nexpo.impact.regionalise.activity import listed


@dataclass(frozen=True, slots=True, eq=False)
class ByProvince:
    """An effect by province and sector, ``(P, n)``; sums over provinces to the regional effect.

    With periods, ``(P, n, k)``.
    """

    provinces: tuple[str, ...]
    direct: Floats
    further: Floats
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> Floats:
        """Direct and further effect, ``(P, n)`` or ``(P, n, k)``."""
        return self.direct + self.further


def to_provinces(
    further: Floats,
    employment: Floats,
    provinces: Sequence[str],
    *,
    direct: Floats | None = None,
    sectors: Sequence[str] = (),
) -> ByProvince:
    """Spread a regional effect over provinces.

    Parameters
    ----------
    further
        ``(n,)`` indirect (and induced) effect in the region by sector; ``(n, k)`` by period.
    employment
        ``(P, n)`` persons employed by province and sector; NaN is unknown.
    provinces
        ``P`` codes.
    direct
        Direct effect at the place that the plan states, of ``P`` times the shape of
        ``further``; none where None.
    sectors
        ``n`` codes, for notes.

    Returns
    -------
    The effect by province; a sector whose employment no province states is spread by the
    employment of all sectors, which a note says.

    Raises
    ------
    Problem
        Shapes that differ, employment below zero, no employment at all.

    Examples
    --------
    >>> found = to_provinces(np.array([10.0]), np.array([[1.0], [3.0]]), ["CO", "MI"])
    >>> found.total.ravel().tolist()
    [2.5, 7.5]
    """
    effect, jobs = np.asarray(further, np.float64), np.asarray(employment, np.float64)
    shape = (len(provinces), *effect.shape)
    placed = np.zeros(shape) if direct is None else np.asarray(direct, np.float64)
    for name, values, due in (("employment", jobs, shape[:2]), ("direct effect", placed, shape)):
        if values.shape != due:
            raise bad_input(f"{name} has shape {values.shape}, not provinces by sectors {due}")
    shares, filled = employment_shares(jobs, provinces, sectors)
    called = (effect != 0).reshape(len(effect), -1).any(axis=1)
    names = tuple(sectors) or tuple(str(place + 1) for place in range(len(effect)))
    short = tuple(names[place] for place in np.flatnonzero(filled & called))
    notes = (
        (f"spread by the employment of all sectors, for want of their own: {listed(short)}",)
        if short
        else ()
    )
    return ByProvince(tuple(provinces), placed, np.einsum("pi,i...->pi...", shares, effect), notes)


def employment_shares(
    employment: Floats, provinces: Sequence[str] = (), sectors: Sequence[str] = ()
) -> tuple[Floats, np.ndarray]:
    """Return shares of provinces by sector, ``(P, n)``, and which sectors took those of all.

    A sector in which one province is unknown takes the shares of all sectors: its parts could
    not sum to the whole otherwise.
    """
    wrong = np.argwhere((employment < 0) | np.isinf(employment))
    if len(wrong):
        place, sector = (int(each) for each in wrong[0])
        name = provinces[place] if provinces else str(place + 1)
        raise bad_input(
            f"employment of province {name} in sector "
            f"{sectors[sector] if sectors else sector + 1} is no number from 0 up",
            value=float(employment[place, sector]),
        )
    sums = employment.sum(axis=0)  # NaN where one is unknown
    own = np.isfinite(sums) & (sums > 0)
    overall = employment[:, own].sum(axis=1)
    if not overall.sum() > 0:
        raise bad_input(
            "no sector has employment stated in all provinces",
            remedy="check the sector codes of the employment file",
        )
    shares = np.where(own, employment / np.where(own, sums, 1.0), 0.0)
    shares[:, ~own] = (overall / overall.sum())[:, None]
    return shares, ~own
