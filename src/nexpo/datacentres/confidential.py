"""Records that an operator asked to keep confidential (2024/1364, article 5(5)).

Such a record is listed, so that nobody takes it for missing; its values are left out unless the
reader asks for them. In a sum it counts as unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from nexpo.datacentres.model import Facility, Power, Source

WITHHELD = "withheld: confidential record"


def veiled(facility: Facility) -> Facility:
    """Return a record with its id alone if it is confidential, else as it is.

    Examples
    --------
    >>> secret = Facility("a", Source("operator"), name="Vault", confidential=True)
    >>> veiled(secret).name is None, veiled(secret).source.name
    (True, 'withheld: confidential record')
    """
    if not facility.confidential:
        return facility
    told = Source(WITHHELD)
    return Facility(facility.id, told, confidential=True, synthetic=facility.synthetic)


def without_power(facility: Facility) -> Facility:
    """Return a record whose power counts as unknown if it is confidential, else as it is."""
    return replace(facility, power=Power()) if facility.confidential else facility


def shown(facilities: Iterable[Facility], *, confidential: bool) -> tuple[Facility, ...]:
    """Return records as a reader may see them; ``confidential``: whether with all values."""
    return tuple(each if confidential else veiled(each) for each in facilities)
