"""From a link budget to a rate, and from rates to the time a sector has to give.

A sector sends to one customer at a time. A customer who draws ``t`` Mbit/s over a link of rate
``r`` takes ``t / r`` of its time: slow links cost capacity, which a figure of "users a sector"
hides. The sum over its customers may not pass the share that is planned.
"""

from __future__ import annotations

import numpy as np

from nexpo.connectivity.design.model import Floats, Ints
from nexpo.connectivity.design.wireless.model import Band
from nexpo.connectivity.design.wireless.propagation import noise_dbm


def snr_db(band: Band, loss_db: Floats) -> Floats:
    """Return signal over noise and interference at the receiver, dB.

    ``EIRP + gain - loss - noise - interference margin``; ``loss_db`` holds all there is between
    the antennas, the sector's pattern included.

    Examples
    --------
    >>> from datetime import date
    >>> from nexpo.connectivity.design.wireless.adapters.settings import load_radio
    >>> band = load_radio(date(2026, 1, 1)).band("28ghz")
    >>> snr_db(band, np.array([140.0])).round(1).tolist()
    [25.5]
    """
    floor = noise_dbm(band.channel_mhz, band.noise_figure_db) + band.interference_margin_db
    return np.asarray(band.eirp_dbm + band.receive_gain_dbi - np.asarray(loss_db) - floor)


def mode_of(band: Band, ratio_db: Floats) -> Ints:
    """Return the position of the fastest mode that a ratio carries, -1 where none."""
    ladder = np.array([mode.snr_db for mode in band.modes])
    known = np.where(np.isfinite(ratio_db), ratio_db, -np.inf)
    return np.asarray(np.searchsorted(ladder, known, side="right") - 1, np.int64)


def rates_mbps(band: Band) -> Floats:
    """Return the downlink rate of each mode, payload alone, Mbit/s."""
    useful = band.channel_mhz * band.downlink_share * (1.0 - band.overhead)
    return np.array([mode.bits_per_s_hz * useful for mode in band.modes])


def rate_mbps(band: Band, mode: Ints) -> Floats:
    """Return the rate of modes by position, zero for -1."""
    return np.append(rates_mbps(band), 0.0)[mode]


def needed_mode(band: Band, service_mbps: float) -> int | None:
    """Return the slowest mode that reaches a rate, None where none does."""
    enough = np.flatnonzero(rates_mbps(band) >= service_mbps)
    return int(enough[0]) if len(enough) else None


def airtime(band: Band, mode: Ints, traffic_mbps: Floats) -> Floats:
    """Return the share of a sector's time that traffic takes; infinite without a mode."""
    rate = rate_mbps(band, mode)
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(rate > 0, traffic_mbps / np.where(rate > 0, rate, 1.0), np.inf))
