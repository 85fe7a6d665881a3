"""Diffraction over terrain: one edge, three edges in cascade, and Bullington's one for all.

* :func:`knife_edge_db` is J(nu) of ITU-R P.526-15, section 4.1.
* :func:`cascaded_db` is the cascaded knife-edge method of P.526-13 to -15, section 4.4.2:
  Deygout's construction held to three edges, with the correction found from measurements.
* :func:`bullington_db` is the Bullington part of the general method, P.526-15, section 4.5.1,
  with its correction for multiple edges. The spherical-Earth part of "delta-Bullington" is left
  out: it matters for smooth paths far beyond the horizon, where no access link is built.

A profile is given by its inner points: ``along_m`` from the first end, ``height_m`` above the
datum. The earth bulge is added here. ``nu <= -0.78`` (a little under 0.6 of the first Fresnel
zone clear) costs nothing.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from nexpo.connectivity.design.model import Floats

NU_FREE = -0.78
"""Below this J(nu) is taken as zero (P.526-15, equation (31))."""


@njit(nogil=True, cache=True)
def knife_edge(nu: float) -> float:
    """Return J(nu), dB, of one number: the form that compiled code calls."""
    if nu <= NU_FREE:
        return 0.0
    off = nu - 0.1
    return 6.9 + 20.0 * math.log10(math.sqrt(off * off + 1.0) + off)


@njit(nogil=True, cache=True)
def _knife_edges(nu: Floats) -> Floats:
    loss = np.empty(nu.size, np.float64)
    for row in range(nu.size):
        loss[row] = knife_edge(nu[row])
    return loss


def knife_edge_db(nu: Floats | float) -> Floats:
    """Return the loss over one knife edge for the parameter ``nu``, dB, never below zero.

    ``6.9 + 20 log10(sqrt((nu - 0.1)^2 + 1) + nu - 0.1)``: ITU-R P.526-15, section 4.1, (31).

    Examples
    --------
    >>> knife_edge_db(np.array([-1.0, 0.0, 1.0])).round(2).tolist()
    [0.0, 6.03, 13.93]
    """
    asked = np.atleast_1d(np.asarray(nu, np.float64))
    return np.asarray(_knife_edges(asked.ravel()).reshape(np.shape(nu)))


@njit(nogil=True, cache=True)
def bullington_db(
    along_m: Floats,
    height_m: Floats,
    first_m: float,
    last_m: float,
    length_m: float,
    wavelength_m: float,
    effective_radius_m: float,
) -> float:
    """Return Bullington's diffraction loss of one profile, dB.

    Parameters
    ----------
    along_m, height_m
        Inner points: distance from the first end, height above the datum, metres.
    first_m, last_m
        Heights of the antennas above the datum, metres.
    length_m
        Length of the path, metres.
    wavelength_m, effective_radius_m
        Metres; the radius is that of the Earth times its factor.

    Examples
    --------
    One edge half way, level with the sight line, is that edge: J(0) and its correction.

    >>> middle, level = np.array([500.0]), np.array([50.0])
    >>> round(bullington_db(middle, level, 50.0, 50.0, 1000.0, 0.01, 1e15), 2)
    12.39
    """
    rise = -1e300  # steepest slope seen from the first end
    fall = -1e300  # and from the last
    worst = -1e300
    slope = (last_m - first_m) / length_m
    for point in range(along_m.size):
        here = along_m[point]
        there = length_m - here
        top = height_m[point] + here * there / (2.0 * effective_radius_m)
        rise = max(rise, (top - first_m) / here)
        fall = max(fall, (top - last_m) / there)
        over = top - (first_m * there + last_m * here) / length_m
        worst = max(worst, over * math.sqrt(2.0 * length_m / (wavelength_m * here * there)))
    if rise >= slope:
        edge = (last_m - first_m + fall * length_m) / (rise + fall)
        edge = min(max(edge, 1e-3), length_m - 1e-3)
        over = first_m + rise * edge - (first_m * (length_m - edge) + last_m * edge) / length_m
        spread = wavelength_m * edge * (length_m - edge)
        worst = over * math.sqrt(2.0 * length_m / spread)
    one = knife_edge(worst)
    return one + (1.0 - math.exp(-one / 6.0)) * (10.0 + 0.02 * length_m / 1000.0)


@njit(nogil=True, cache=True)
def _highest(
    along_m: Floats, top_m: Floats, start: int, stop: int, wavelength_m: float
) -> tuple[int, float]:
    """Return the point strictly between two others with the greatest nu, and that nu."""
    best, worst = -1, -1e300
    length = along_m[stop] - along_m[start]
    for point in range(start + 1, stop):
        here = along_m[point] - along_m[start]
        there = along_m[stop] - along_m[point]
        over = top_m[point] - (top_m[start] * there + top_m[stop] * here) / length
        nu = over * math.sqrt(2.0 * length / (wavelength_m * here * there))
        if nu > worst:
            best, worst = point, nu
    return best, worst


@njit(nogil=True, cache=True)
def cascaded_db(
    along_m: Floats,
    height_m: Floats,
    first_m: float,
    last_m: float,
    length_m: float,
    wavelength_m: float,
    effective_radius_m: float,
) -> float:
    """Return the diffraction loss of one profile by three cascaded knife edges, dB.

    ``L = J(p) + T (J(t) + J(r) + C)`` with ``T = 1 - exp(-J(p) / 6)`` and ``C = 10 + 0.04 D``,
    ``D`` in kilometres, for the main edge ``p`` and those before and after it: ITU-R P.526-15,
    section 4.4.2. Arguments as for :func:`bullington_db`.

    Examples
    --------
    >>> middle, level = np.array([500.0]), np.array([50.0])
    >>> round(cascaded_db(middle, level, 50.0, 50.0, 1000.0, 0.01, 1e15), 2)
    12.4
    """
    count = along_m.size
    along = np.empty(count + 2, np.float64)
    top = np.empty(count + 2, np.float64)
    along[0], along[count + 1] = 0.0, length_m
    top[0], top[count + 1] = first_m, last_m
    for point in range(count):
        here = along_m[point]
        along[point + 1] = here
        top[point + 1] = height_m[point] + here * (length_m - here) / (2.0 * effective_radius_m)
    main, nu = _highest(along, top, 0, count + 1, wavelength_m)
    if main < 0 or nu <= NU_FREE:
        return 0.0
    loss = knife_edge(nu)
    sides = 0.0
    for start, stop in ((0, main), (main, count + 1)):
        _, beside = _highest(along, top, start, stop, wavelength_m)
        sides += knife_edge(beside)
    share = 1.0 - math.exp(-loss / 6.0)
    return loss + share * (sides + 10.0 + 0.04 * length_m / 1000.0)
