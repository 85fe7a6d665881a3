"""Rain, multipath and gases by ``itur``, imported when first asked (it takes two seconds).

Versions in itur 0.4: P.530-17, P.837-7, P.838-3, P.676-12. Two of its functions are passed
over on purpose:

* ``itu530.multipath_loss`` sets two brackets of P.530-17, section 2.3.2, wrongly (the curve
  jumps where shallow meets deep fading): only the occurrence factor is asked of it, and the
  fading curve is :func:`nexpo.connectivity.design.wireless.fading.multipath_percent`.
* ``itu676.gaseous_attenuation_terrestrial_path`` warns on every horizontal path, where its
  approximation does not hold: the line-by-line specific attenuation is taken, times the length.
"""

from __future__ import annotations

from importlib import import_module

import numpy as np

from nexpo.connectivity.design.model import Floats
from nexpo.connectivity.design.wireless.model import Band

_PRESSURE_HPA = 1013.25  # P.835-6, standard atmosphere at the ground
_TEMPERATURE_K = 288.15
_VAPOUR_G_M3 = 7.5
_RAIN_PERCENT = 0.01
_RAIN_MM_H = 35.0  # only the shape over time is asked for: it does not depend on the rate


class ItuWeather:
    """ITU-R's models of weather on terrestrial links, with the maps that ``itur`` carries.

    Examples
    --------
    >>> milan = ItuWeather().rain_rate_mm_h(np.array([9.19]), np.array([45.4642]))
    >>> milan.round(1).tolist()
    [35.2]
    """

    def rain_rate_mm_h(self, lon: Floats, lat: Floats) -> Floats:
        """Return the rain rate exceeded for 0.01 % of the year, mm/h (P.837-7)."""
        itu837 = import_module("itur.models.itu837")
        return _flat(itu837.rainfall_rate(_flat(lat), _flat(lon), _RAIN_PERCENT).value)

    def gas_db_per_km(self, frequency_ghz: float) -> float:
        """Return the specific attenuation of dry air and vapour at sea level, dB/km (P.676-12)."""
        itu676 = import_module("itur.models.itu676")
        air = (frequency_ghz, _PRESSURE_HPA, _VAPOUR_G_M3, _TEMPERATURE_K)
        return float(itu676.gamma0_exact(*air).value + itu676.gammaw_exact(*air).value)

    def rain_db(self, lon: Floats, lat: Floats, length_m: Floats, band: Band) -> Floats:
        """Return the rain attenuation exceeded for 0.01 % of the year, dB (P.530-17, 2.4.1)."""
        itu530 = import_module("itur.models.itu530")
        rate = self.rain_rate_mm_h(lon, lat)
        with np.errstate(invalid="ignore"):  # below 10 GHz itur reckons a root it then drops
            loss = itu530.rain_attenuation(
                _flat(lat),
                _flat(lon),
                _flat(length_m) / 1000.0,
                band.frequency_ghz,
                0.0,
                _RAIN_PERCENT,
                tau=band.tilt_deg,
                R001=rate,
            )
        return _flat(loss.value)

    def rain_shape(self, percent: Floats, frequency_ghz: float) -> Floats:
        """Return attenuation for shares of the year over that for 0.01 % (P.530-17, (34))."""
        itu530 = import_module("itur.models.itu530")
        asked = np.append(_flat(percent), _RAIN_PERCENT)
        with np.errstate(invalid="ignore"):  # below 10 GHz itur reckons a root it then drops
            loss = itu530.rain_attenuation(
                0.0, 0.0, 1.0, frequency_ghz, 0.0, asked, tau=0.0, R001=_RAIN_MM_H
            ).value
        return np.asarray(loss[:-1] / loss[-1])

    def multipath_percent(
        self, lon: Floats, lat: Floats, length_m: Floats, ends_m: tuple[Floats, Floats], band: Band
    ) -> Floats:
        """Return the multipath occurrence factor p0, % of the worst month (P.530-17, 2.3.1)."""
        itu530 = import_module("itur.models.itu530")
        factor = itu530.multipath_loss_for_A(
            _flat(lat),
            _flat(lon),
            _flat(ends_m[0]),
            _flat(ends_m[1]),
            _flat(length_m) / 1000.0,
            band.frequency_ghz,
            0.0,
        )
        return _flat(factor.value)


def _flat(values: Floats) -> Floats:
    return np.atleast_1d(np.asarray(values, np.float64))
