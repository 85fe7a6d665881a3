"""Propagation in closed form: free space, Fresnel zone, earth bulge, noise, antenna pattern.

Each function is one identity of one recommendation and takes numbers or arrays alike. Lengths
are metres, frequencies gigahertz, levels decibels.
"""

from __future__ import annotations

import numpy as np

from nexpo.connectivity.design.model import Floats

LIGHT_M_S = 299_792_458.0
"""Speed of light, exact (SI)."""

EARTH_RADIUS_M = 6_371_000.0
"""Mean radius of the Earth, as ITU-R P.526 takes it."""

_THERMAL_NOISE_DBM_HZ = -173.975  # k T at 290 K: 1.380649e-23 J/K * 290 K in dBm/Hz


def wavelength_m(frequency_ghz: float) -> float:
    """Return the wavelength in metres.

    Examples
    --------
    >>> round(wavelength_m(28.0), 5)
    0.01071
    """
    return LIGHT_M_S / (frequency_ghz * 1e9)


def free_space_loss_db(distance_m: Floats | float, frequency_ghz: float) -> Floats:
    """Return the basic transmission loss of free space, dB.

    ``20 log10(4 pi d / lambda)``: ITU-R P.525-4, section 2.3.

    Examples
    --------
    >>> round(float(free_space_loss_db(1000.0, 1.0)), 2)
    92.45
    """
    metres = np.asarray(distance_m, np.float64)
    return np.asarray(20.0 * np.log10(4.0 * np.pi * metres / wavelength_m(frequency_ghz)))


def fresnel_radius_m(
    near_m: Floats | float, far_m: Floats | float, frequency_ghz: float, zone: int = 1
) -> Floats:
    """Return the radius of a Fresnel zone between two ends, metres.

    ``sqrt(n lambda d1 d2 / (d1 + d2))``: ITU-R P.526-15, section 2.1.

    Examples
    --------
    >>> round(float(fresnel_radius_m(2500.0, 2500.0, 28.0)), 2)
    3.66
    """
    one, two = np.asarray(near_m, np.float64), np.asarray(far_m, np.float64)
    return np.asarray(np.sqrt(zone * wavelength_m(frequency_ghz) * one * two / (one + two)))


def bulge_m(near_m: Floats | float, far_m: Floats | float, earth_factor: float) -> Floats:
    """Return how far the Earth stands above the chord between two ends, metres.

    ``d1 d2 / (2 k a)`` with ``a`` the radius of the Earth and ``k`` the factor for refraction.

    Examples
    --------
    >>> round(float(bulge_m(10_000.0, 10_000.0, 4 / 3)), 2)
    5.89
    """
    one, two = np.asarray(near_m, np.float64), np.asarray(far_m, np.float64)
    return np.asarray(one * two / (2.0 * earth_factor * EARTH_RADIUS_M))


def noise_dbm(channel_mhz: float, noise_figure_db: float) -> float:
    """Return the receiver's thermal noise at 290 K, dBm.

    Examples
    --------
    >>> round(noise_dbm(100.0, 7.0), 2)
    -86.97
    """
    return float(_THERMAL_NOISE_DBM_HZ + 10.0 * np.log10(channel_mhz * 1e6) + noise_figure_db)


def pattern_loss_db(
    off_axis_deg: Floats | float, beamwidth_deg: float, front_to_back_db: float
) -> Floats:
    """Return how much a sector antenna gives less off its axis than on it, dB.

    ``min(12 (phi / phi_3dB)^2, A_m)``: 3GPP TR 36.814, table A.2.1.1-2, horizontal cut.

    Examples
    --------
    >>> pattern_loss_db(np.array([0.0, 45.0, -45.0, 180.0]), 90.0, 25.0).tolist()
    [0.0, 3.0, 3.0, 25.0]
    """
    turned = np.asarray(off_axis_deg, np.float64)
    return np.asarray(np.minimum(12.0 * (turned / beamwidth_deg) ** 2, front_to_back_db))
