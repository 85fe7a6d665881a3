"""Fading: how deep a link must be able to fade so that its rate holds for a share of the year.

Rain (P.530-17, 2.4.1) and multipath (2.3.2, turned from the worst month to the year by 2.3.4)
do not come together: their shares of the year are added, which is on the safe side.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from nexpo.connectivity.design.model import Floats
from nexpo.connectivity.design.wireless.model import Band, Weather

_LEAST_PERCENT, _MOST_PERCENT = 0.001, 1.0  # where P.530's power law holds
_STEPS = 121
_HALVINGS = 40
_MOST_FADE_DB = 200.0
_MOST_GAIN_DB = 10.8  # P.530-17, 2.3.4: the year is better than its worst month by this at most


def fade_db(
    weather: Weather,
    band: Band,
    *,
    lon: Floats,
    lat: Floats,
    length_m: Floats,
    ends_m: tuple[Floats, Floats],
    availability_percent: float,
) -> Floats:
    """Return the fade that is exceeded for no more than the unavailable share of the year, dB.

    Parameters
    ----------
    lon, lat
        Middle of each link, degrees.
    length_m
        Metres.
    ends_m
        Heights of both antennas above the sea, metres.
    """
    percent = np.geomspace(_LEAST_PERCENT, _MOST_PERCENT, _STEPS)
    shape = weather.rain_shape(percent, band.frequency_ghz)
    rain = weather.rain_db(lon, lat, length_m, band)
    worst = weather.multipath_percent(lon, lat, length_m, ends_m, band)
    gain = _year_gain_db(lat, length_m, np.abs(ends_m[0] - ends_m[1]))
    depth = np.empty(len(length_m), np.float64)
    allowed = 100.0 - availability_percent
    _solve(rain, worst, 10.0 ** (-gain / 10.0), (np.log(percent), np.log(shape)), allowed, depth)
    return depth


def _year_gain_db(lat: Floats, length_m: Floats, rise_m: Floats) -> Floats:
    """Return how much rarer multipath is in the year than in its worst month, dB (2.3.4)."""
    turned = np.abs(np.cos(2.0 * np.radians(lat))) ** 0.7
    sign = np.where(np.abs(lat) <= 45.0, 1.0, -1.0)  # noqa: PLR2004 - degrees, P.530 (27)
    km = np.asarray(length_m) / 1000.0
    slope = rise_m / km  # metres a kilometre are milliradians
    gain = 10.5 - 5.6 * np.log10(1.1 + sign * turned)
    gain += 1.7 * np.log10(1.0 + slope) - 2.7 * np.log10(km)
    return np.asarray(np.minimum(gain, _MOST_GAIN_DB))


@njit(nogil=True, cache=True)
def multipath_percent(factor: float, fade: float) -> float:
    """Return the share of the worst month for which a multipath fade is exceeded, %.

    P.530-17, section 2.3.2, steps 1 to 5: ``p0 10^(-A/10)`` for deep fades, an interpolation
    with the Rayleigh form for shallow ones.

    Parameters
    ----------
    factor
        p0, %.
    fade
        A, dB.

    Examples
    --------
    >>> round(multipath_percent(10.0, 30.0), 6), round(multipath_percent(10.0, 0.0), 1)
    (0.01, 63.2)
    """
    if factor <= 0.0:
        return 0.0
    turn = 25.0 + 1.2 * math.log10(factor)
    if fade >= turn or turn <= 0.0:
        deep: float = factor * 10.0 ** (-fade / 10.0)
        return min(deep, 100.0)
    at_turn = factor * 10.0 ** (-turn / 10.0)
    steep = -20.0 * math.log10(-math.log1p(-at_turn / 100.0)) / turn
    bend = (1.0 + 0.3 * 10.0 ** (-turn / 20.0)) * 10.0 ** (-0.016 * turn)
    base = (steep - 2.0) / bend - 4.3 * (10.0 ** (-turn / 20.0) + turn / 800.0)
    bend = (1.0 + 0.3 * 10.0 ** (-fade / 20.0)) * 10.0 ** (-0.016 * fade)
    slope = 2.0 + bend * (base + 4.3 * (10.0 ** (-fade / 20.0) + fade / 800.0))
    return 100.0 * (1.0 - math.exp(-(10.0 ** (-slope * fade / 20.0))))


@njit(nogil=True, cache=True)
def rain_percent(rain: float, fade: float, curve: tuple[Floats, Floats]) -> float:
    """Return the share of the year for which rain fades deeper, %, from P.530's curve.

    Below the depth exceeded for 1 % the law does not hold and 1 % is returned; beyond that of
    0.001 %, 0.001 %.
    """
    if rain <= 0.0:
        return 0.0
    ratio = math.log(max(fade, 1e-9) / rain)
    percents, ratios = curve
    low, high = 0, percents.size - 1  # ratios fall as percents rise
    if ratio >= ratios[0]:
        return math.exp(percents[0])
    if ratio <= ratios[high]:
        return math.exp(percents[high])
    while high - low > 1:
        middle = (low + high) // 2
        if ratios[middle] >= ratio:
            low = middle
        else:
            high = middle
    way = (ratios[low] - ratio) / (ratios[low] - ratios[high])
    return math.exp(percents[low] + way * (percents[high] - percents[low]))


@njit(nogil=True, cache=True)
def _solve(
    rain: Floats,
    factor: Floats,
    year: Floats,
    curve: tuple[Floats, Floats],
    allowed: float,
    depth: Floats,
) -> None:
    """Halve until the shares of rain and multipath together are what is allowed."""
    for link in range(depth.size):
        low, high = 0.0, _MOST_FADE_DB
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            share = rain_percent(rain[link], middle, curve)
            share += year[link] * multipath_percent(factor[link], middle)
            if share > allowed:
                low = middle
            else:
                high = middle
        depth[link] = high
