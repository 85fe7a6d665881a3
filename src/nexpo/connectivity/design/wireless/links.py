"""Which antennas see each other: links in range, what stands in them, and what they lose.

Two looks. The first takes a fixed number of points a profile: what it finds in the way *is* in
the way. The second goes cell by cell, over the links that passed the first.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import Any

import numpy as np

from nexpo.connectivity.design.model import Floats, Ints
from nexpo.connectivity.design.wireless import propagation
from nexpo.connectivity.design.wireless.fading import fade_db
from nexpo.connectivity.design.wireless.model import Band, Rules, Weather
from nexpo.connectivity.design.wireless.terrain import (
    Ends,
    Sight,
    Terrain,
    bearing_deg,
    diffraction_loss_db,
    distance_m,
    ends,
    line_of_sight,
    points_for,
)

_SHORTEST_M = 1.0  # two antennas in one place: the formulas need a length


class View(IntEnum):
    """What is known of a link's sight line."""

    CLEAR = 0
    CUT = 1  # terrain within the part of the Fresnel zone that must be clear
    UNKNOWN = 2  # a hole of the height model, or its border, in the way
    ASSUMED = 3  # no height model: taken as clear


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Antennas: degrees, height above the surface, metres."""

    lon: Floats
    lat: Floats
    above_m: Floats

    def take(self, rows: Ints) -> Places:
        """Return the antennas at some positions."""
        return Places(self.lon[rows], self.lat[rows], self.above_m[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Links between two sets of antennas, one row each.

    Parameters
    ----------
    first, last
        ``(n,)`` positions of the ends.
    length_m, bearing_deg
        ``(n,)`` on the ellipsoid; direction from the first end.
    clearance, worst, hole
        As in :class:`~.terrain.Sight`; NaN without a height model.
    view
        ``(n,)`` values of :class:`View`.
    diffraction_db
        ``(n,)`` zero on a clear link, NaN where not reckoned.
    """

    first: Ints
    last: Ints
    length_m: Floats
    bearing_deg: Floats
    clearance: Floats
    worst: Floats
    hole: Floats
    view: Ints
    diffraction_db: Floats

    def __len__(self) -> int:
        return len(self.first)

    def take(self, rows: Ints) -> Links:
        """Return the links at some positions."""
        picked: dict[str, Any] = {
            each.name: getattr(self, each.name)[rows] for each in fields(self)
        }
        return Links(**picked)


def in_range(first: Places, last: Places, range_m: float) -> Links:
    """Return all links no longer than a range, ordered by first end, then last; not yet seen.

    Antennas are walked by first end, so that memory follows the links, not the pairs.
    """
    parts = [_near(first, position, last, range_m) for position in range(len(first.lon))]
    none = np.zeros(0)
    starts = [np.full(len(part[0]), position) for position, part in enumerate(parts)]
    columns = [np.concatenate([none, *column]) for column in zip(*parts, strict=True)] or [none] * 3
    count = len(columns[0])
    blank = np.full(count, np.nan)
    return Links(
        np.concatenate([none, *starts]).astype(np.int64),
        columns[0].astype(np.int64),
        columns[1],
        columns[2],
        blank,
        blank,
        blank,
        np.full(count, View.ASSUMED, np.int64),
        np.zeros(count),
    )


def _near(
    first: Places, position: int, last: Places, range_m: float
) -> tuple[Ints, Floats, Floats]:
    lon, lat = first.lon[position : position + 1], first.lat[position : position + 1]
    length = distance_m(lon, lat, last.lon, last.lat)
    found = np.flatnonzero(length <= range_m)
    turned = bearing_deg(lon, lat, last.lon[found], last.lat[found])
    return found, np.maximum(length[found], _SHORTEST_M), turned


def look(
    links: Links, first: Places, last: Places, *, terrain: Terrain | None, band: Band, rules: Rules
) -> Links:
    """Return the links with what terrain does to them."""
    if terrain is None or not len(links):
        return links
    one = ends(terrain, first.lon, first.lat, first.above_m)
    two = ends(terrain, last.lon, last.lat, last.above_m)
    sight = _sight(terrain, one, two, links, band, rules, rules.profile_points)
    seen = _judged(links, sight, rules)
    points = points_for(links.length_m, terrain.cell_m, rules.profile_points)
    finer = (seen.view == View.CLEAR) & (points > rules.profile_points)
    for count in np.unique(points[finer]).tolist():
        rows = np.flatnonzero(finer & (points == count))
        again = _sight(terrain, one, two, links.take(rows), band, rules, count)
        seen = _put(seen, rows, _judged(links.take(rows), again, rules))
    return _diffracted(seen, (one, two), points, terrain=terrain, band=band, rules=rules)


def _sight(
    terrain: Terrain, one: Ends, two: Ends, links: Links, band: Band, rules: Rules, points: int
) -> Sight:
    return line_of_sight(
        terrain,
        one,
        two,
        links.first,
        links.last,
        length_m=links.length_m,
        wavelength_m=propagation.wavelength_m(band.frequency_ghz),
        earth_factor=rules.earth_factor,
        points=points,
    )


def _judged(links: Links, sight: Sight, rules: Rules) -> Links:
    """Return the links with their view: cut by what is known, else unknown, else clear."""
    clearance = sight.clearance.astype(np.float64)
    hole = sight.hole.astype(np.float64)
    cut = clearance < rules.fresnel_clearance
    view = np.where(cut, View.CUT, np.where(hole >= 0, View.UNKNOWN, View.CLEAR))
    return replace(
        links,
        clearance=clearance,
        worst=sight.worst.astype(np.float64),
        hole=hole,
        view=view.astype(np.int64),
    )


def _put(links: Links, rows: Ints, new: Links) -> Links:
    changed: dict[str, Any] = {}
    for name in ("clearance", "worst", "hole", "view"):
        column = getattr(links, name).copy()
        column[rows] = getattr(new, name)
        changed[name] = column
    return replace(links, **changed)


def _diffracted(
    links: Links,
    sides: tuple[Ends, Ends],
    points: Ints,
    *,
    terrain: Terrain,
    band: Band,
    rules: Rules,
) -> Links:
    """Return the links with the loss of those that are cut, where the band may use them."""
    loss = np.where(links.view == View.CLEAR, 0.0, np.nan)
    asked = (links.view == View.CUT) & (links.hole < 0) & band.through_diffraction
    for count in np.unique(points[asked]).tolist():
        rows = np.flatnonzero(asked & (points == count))
        some = links.take(rows)
        loss[rows] = diffraction_loss_db(
            terrain,
            *sides,
            some.first,
            some.last,
            length_m=some.length_m,
            wavelength_m=propagation.wavelength_m(band.frequency_ghz),
            earth_factor=rules.earth_factor,
            points=count,
        )
    return replace(links, diffraction_db=loss)


def path_loss_db(links: Links, *, band: Band, clutter_db: float, weather: Weather | None) -> Floats:
    """Return loss in clear air, dB: free space, gases, diffraction, clutter; NaN where cut."""
    gas = 0.0 if weather is None else weather.gas_db_per_km(band.frequency_ghz)
    loss = propagation.free_space_loss_db(links.length_m, band.frequency_ghz)
    return loss + gas * links.length_m / 1000.0 + links.diffraction_db + clutter_db


def fades_db(
    links: Links,
    first: Places,
    last: Places,
    *,
    terrain: Terrain | None,
    band: Band,
    weather: Weather | None,
    availability_percent: float,
) -> Floats:
    """Return the fade each link must stand for its availability, dB; zero without weather."""
    if weather is None or not len(links):
        return np.zeros(len(links))
    one, two = first.take(links.first), last.take(links.last)
    heights = [side.above_m + _ground(terrain, side) for side in (one, two)]
    return fade_db(
        weather,
        band,
        lon=(one.lon + two.lon) / 2.0,
        lat=(one.lat + two.lat) / 2.0,
        length_m=links.length_m,
        ends_m=(heights[0], heights[1]),
        availability_percent=availability_percent,
    )


def _ground(terrain: Terrain | None, side: Places) -> Floats:
    if terrain is None:
        return np.zeros(len(side.lon))
    return np.nan_to_num(terrain.ground_m(side.lon, side.lat))
