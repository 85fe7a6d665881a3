"""Will the light arrive: optical loss on the way to each address.

Loss is the sum over the path: fibre by length and wavelength (the worst of the link's), one
splitter a level, splices and connectors. A splitter is spliced in and out; where a site has
none the fibre is spliced through; each joint of a cable, and each full drum of a leg, is one
splice more. This is the worst-case sum of ITU-T G.984.2 practice; nothing is averaged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nexpo.connectivity.design.fibre.model import (
    PERCENT,
    Architecture,
    CableRules,
    Floats,
    Ints,
    Link,
    Mask,
)

_M_IN_KM = 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class Budget:
    """Loss of each path against what its link permits.

    ``reach_km`` is cable, slack included. ``bright`` is true where the loss at the kindest
    wavelength is below what the receiver needs: an attenuator is due. ``db_per_km`` is that
    of the worst wavelength.
    """

    loss_db: Floats
    allowed_db: Floats
    reach_km: Floats
    allowed_km: Floats
    wavelength_nm: Ints
    splices: Ints
    bright: Mask
    db_per_km: Floats

    @property
    def fits(self) -> Mask:
        """Say where both loss and reach are kept."""
        return (self.loss_db <= self.allowed_db) & (self.reach_km <= self.allowed_km)

    @property
    def excess_m(self) -> Floats:
        """Metres of cable by which each path is too long, zero where it fits."""
        by_loss = (self.loss_db - self.allowed_db) / self.db_per_km
        found: Floats = np.maximum(np.maximum(by_loss, self.reach_km - self.allowed_km), 0.0)
        return found * _M_IN_KM


def fixed_splices(architecture: Architecture, cables: CableRules, *, direct: bool) -> int:
    """Return the splices on any path: at its ends, and in cabinet and chamber.

    A splitter takes two, a site without one takes one.
    """
    inside = 2
    if not direct:
        inside += (architecture.cabinet_ratio > 1) + (architecture.chamber_ratio > 1)
    return cables.pop_splices + cables.premises_splices + inside


def reckon(
    legs_m: Floats, joints: Ints, direct: Mask, architecture: Architecture, cables: CableRules
) -> Budget:
    """Return the optical budget of ``k`` paths.

    Parameters
    ----------
    legs_m
        ``(k, 3)`` metres of route: feeder, distribution, drop with lead.
    joints
        ``(k,)`` cable joints met on the way.
    direct
        ``(k,)`` point-to-point: no splitter.
    architecture, cables
        Limits, ratios and losses.
    """
    legs = legs_m * (PERCENT + cables.slack_percent) / PERCENT
    drums = np.floor(legs / cables.drum_m).astype(np.int64).sum(axis=1)
    km = legs.sum(axis=1) / _M_IN_KM
    many = len(km)
    found = _blank(many)
    for is_direct, link in ((False, architecture.shared), (True, architecture.direct)):
        at = np.flatnonzero(direct == is_direct)
        splices = joints[at] + drums[at]
        splices += fixed_splices(architecture, cables, direct=is_direct)
        fixed = splices * cables.splice_db + _fixed_db(architecture, cables, direct=is_direct)
        _fill(found, at, (km[at], fixed, splices), link, cables)
    return found


def _fixed_db(architecture: Architecture, cables: CableRules, *, direct: bool) -> float:
    connectors = (cables.pop_connectors + cables.premises_connectors) * cables.connector_db
    if direct:
        return connectors
    return (
        connectors
        + cables.splitter_loss(architecture.cabinet_ratio)
        + cables.splitter_loss(architecture.chamber_ratio)
    )


def _fill(
    found: Budget, at: Ints, path: tuple[Floats, Floats, Ints], link: Link, cables: CableRules
) -> None:
    km, fixed, splices = path
    per_km = cables.fibre_loss(link.wavelengths_nm)
    worst, kindest = int(per_km.argmax()), float(per_km.min())
    found.loss_db[at] = km * per_km[worst] + fixed
    found.allowed_db[at] = link.max_loss_db
    found.reach_km[at] = km
    found.allowed_km[at] = link.max_reach_km
    found.wavelength_nm[at] = link.wavelengths_nm[worst]
    found.splices[at] = splices
    found.db_per_km[at] = per_km[worst]
    found.bright[at] = km * kindest + fixed < link.min_loss_db


def _blank(many: int) -> Budget:
    loss, allowed, reach, most = np.zeros((4, many))
    wavelength, splices = np.zeros((2, many), dtype=np.int64)
    bright = np.zeros(many, np.bool_)
    return Budget(loss, allowed, reach, most, wavelength, splices, bright, np.ones(many))
