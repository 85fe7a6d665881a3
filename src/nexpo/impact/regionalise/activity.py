"""What is known of a region beside its nation: jobs, output or value added by sector."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nexpo.core.problem import Problem, bad_input
from nexpo.impact.model import Floats

_EXCESS = 1e-3  # a sum of printed regions may pass the nation by its rounding
_SHOWN = 8


@dataclass(frozen=True, eq=False)
class Activity:
    """Activity by sector of a region and of the nation that holds it.

    Parameters
    ----------
    region
        Its name.
    sectors
        ``(n,)`` codes, in the order of the table.
    regional, national
        ``(n,)`` in one unit; NaN is unknown, never zero. The nation holds the region.
    measure, unit, year, source
        What is counted, as stated by the publisher.
    notes
        What was done to the publisher's rows to make them these.

    Raises
    ------
    Problem
        Lengths that differ, a value below zero, a sector larger in the region than in the
        nation, no sector known in both.

    Examples
    --------
    >>> found = Activity("R", ("a", "b"), np.array([30.0, 10.0]), np.array([100.0, 60.0]))
    >>> found.size, found.rest().regional.tolist()
    (0.25, [70.0, 50.0])
    """

    region: str
    sectors: tuple[str, ...]
    regional: Floats
    national: Floats
    measure: str = "persons"
    unit: str = "person"
    year: int | None = None
    source: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        regional = np.array(self.regional, dtype=np.float64)
        national = np.array(self.national, dtype=np.float64)
        object.__setattr__(self, "regional", regional)
        object.__setattr__(self, "national", national)
        due = (len(self.sectors),)
        if regional.shape != due or national.shape != due:
            raise bad_input(
                f"activity of shape {regional.shape} and {national.shape} for {due[0]} sectors",
                remedy="give each sector one value in the region and one in the nation",
            )
        self._refuse_signs()
        self._refuse_excess()
        if not self.known.any() or not self.regional_total > 0:
            raise bad_input(
                "no sector has activity both in the region and in the nation",
                value=self.region,
                remedy="check the name of the region and the sector codes of the activity file",
            )
        regional.setflags(write=False)
        national.setflags(write=False)

    @cached_property
    def known(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """``(n,)`` whether the sector is known in both."""
        return np.isfinite(self.regional) & np.isfinite(self.national)

    @cached_property
    def regional_total(self) -> float:
        """Sum over the known sectors of the region."""
        return float(self.regional[self.known].sum())

    @cached_property
    def national_total(self) -> float:
        """Sum over the known sectors of the nation."""
        return float(self.national[self.known].sum())

    @property
    def size(self) -> float:
        """The region's share of the nation, 0 to 1, over the sectors known in both."""
        return self.regional_total / self.national_total

    def shares(self, *, empty: float | None = None) -> Floats:
        """Return the region's share of each sector, ``(n,)``, 0 to 1.

        Parameters
        ----------
        empty
            Share of a sector that is unknown, or that the nation does not have; the region's
            share of the whole where None.
        """
        filler = self.size if empty is None else empty
        there = self.known & (self.national > 0)
        shares = np.full(len(self.sectors), filler)
        shares[there] = self.regional[there] / self.national[there]
        found: Floats = np.clip(shares, 0.0, 1.0)
        return found

    def rest(self, name: str = "rest of the country") -> Activity:
        """Return the activity of the nation without the region."""
        left = np.maximum(self.national - self.regional, 0.0)  # NaN stays NaN
        return Activity(
            name, self.sectors, left, self.national, self.measure, self.unit, self.year, self.source
        )

    def unknown_sectors(self) -> tuple[str, ...]:
        """Return the codes of the sectors that are not known."""
        return tuple(self.sectors[place] for place in np.flatnonzero(~self.known))

    def _refuse_signs(self) -> None:
        for name, values in (("region", self.regional), ("nation", self.national)):
            wrong = np.flatnonzero((values < 0) | np.isinf(values))
            if len(wrong):
                raise self._about(
                    int(wrong[0]),
                    f"activity of the {name} is no number from 0 up",
                    float(values[wrong[0]]),
                )

    def _refuse_excess(self) -> None:
        over = self.regional > self.national * (1 + _EXCESS)
        wrong = np.flatnonzero(over & self.known)
        if len(wrong):
            place = int(wrong[0])
            raise self._about(
                place,
                f"the region has more activity than the nation ({self.national[place]:g})",
                float(self.regional[place]),
            )

    def _about(self, place: int, detail: str, value: float) -> Problem:
        return bad_input(
            f"sector {self.sectors[place]}: {detail}",
            value=value,
            remedy=f"check this sector of {self.region}; region and nation are in one unit",
        )


def listed(codes: tuple[str, ...]) -> str:
    """Return some codes for a message."""
    more = f" and {len(codes) - _SHOWN} more" if len(codes) > _SHOWN else ""
    return ", ".join(codes[:_SHOWN]) + more
