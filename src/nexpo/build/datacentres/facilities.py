"""The facilities of a region as the register knows them, for whoever looks at them on a map.

One data flow: what ``register`` keeps is what ``heat``, ``screen`` and ``site`` see. Without a
register, or with one that knows nothing of the region, the map layer of the region is read.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import shapely

from nexpo.core.evidence import Input
from nexpo.core.problem import Kind, Problem, Where
from nexpo.datacentres.adapters.schemes import load_matching
from nexpo.datacentres.adapters.store import default_address, open_register
from nexpo.datacentres.duplicates import distinct, find_duplicates
from nexpo.datacentres.model import Facility, Stage
from nexpo.datacentres.ports import Event, as_json

if TYPE_CHECKING:
    from datetime import date

    from shapely.geometry.base import BaseGeometry

REGISTER = "datacentre-register"
_TERMS = "own register; records may be confidential"


@dataclass(frozen=True, slots=True)
class RegisterUse:
    """Which register is read, and whether its confidential records are.

    Attributes
    ----------
    address
        Path or URL; None for ``DATABASE_URL`` or the file of this user, where there is one.
    """

    address: str | None = None
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """What a register holds of a region: one record a centre, each with a position."""

    facilities: tuple[Facility, ...]
    input: Input
    notes: tuple[str, ...]


def held(
    use: RegisterUse, *, codes: Collection[str], outline: BaseGeometry, on: date
) -> Held | None:
    """Return what the register holds of a region on a day; None where it knows nothing of it.

    Records that are one centre count once, closed centres not at all. Confidential records and
    those without a position are left out and counted in the notes.

    Parameters
    ----------
    codes
        Municipalities of the region.
    outline
        Of the region, in degrees, for records that name no municipality.

    Raises
    ------
    Problem
        When a register is named that is not there or cannot be used.
    """
    address = use.address or default_address()
    if not _is_there(address):
        if use.address is not None:
            raise Problem(
                Kind.NO_INPUT,
                "there is no register here",
                where=Where(use.address),
                remedy="nexpo datacentres register import FILE makes one",
            )
        return None
    with open_register(address) as register:
        every, last = register.facilities(), register.last_event()
    here = [each for each in every if _inside(each, codes, outline)]
    return _told(here, use, on, address, last) if here else None


def _told(
    here: Sequence[Facility], use: RegisterUse, on: date, address: str, last: Event | None
) -> Held:
    standing = [each for each in here if each.stage_on(on) is not Stage.CLOSED]
    open_ = [each for each in standing if use.confidential or not each.confidential]
    once = distinct(open_, find_duplicates(open_, load_matching(on)))
    placed = tuple(each for each in once if each.place.position is not None)
    counted = (
        (len(here) - len(standing), "closed"),
        (len(standing) - len(open_), "confidential, left out: --confidential takes them in"),
        (len(open_) - len(once), "another record of the same centre"),
        (len(once) - len(placed), "without a position, so not on the map"),
    )
    notes = tuple(f"{number} {why}" for number, why in counted if number)
    digest = sha256("\n".join(as_json(each) or "" for each in placed).encode()).hexdigest()
    name = Path(urlsplit(address).path).name or REGISTER
    made_up = any(each.synthetic for each in placed)
    item = Input(REGISTER, name, digest, _TERMS, vintage(placed, last), False, made_up)  # noqa: FBT003 - a record
    return Held(placed, item, notes)


def vintage(facilities: Sequence[Facility], last: Event | None) -> str:
    """Say when a register was last changed, and of which days its records say they are.

    Examples
    --------
    >>> from datetime import date
    >>> from nexpo.datacentres.model import Source
    >>> mapped = Facility("a", Source("map", as_of=date(2026, 7, 1)))
    >>> vintage([mapped, Facility("b", Source("x"))], None)
    'records as of 2026-07-01, 1 of an unknown day'
    """
    days = [each.source.as_of for each in facilities]
    known = sorted(day for day in days if day is not None)
    told = [] if last is None else [f"register as changed on {last.at.date()}"]
    if known:
        span = str(known[0]) if known[0] == known[-1] else f"{known[0]} to {known[-1]}"
        told.append(f"records as of {span}")
    if len(known) < len(days):
        unknown = f"{len(days) - len(known)} of an unknown day"
        told.append(unknown if known else f"records: {unknown}")
    return ", ".join(told)


def _is_there(address: str) -> bool:
    if urlsplit(address).scheme in {"postgresql", "postgres"}:
        return True
    return Path(address.removeprefix("sqlite:///")).exists()


def _inside(facility: Facility, codes: Collection[str], outline: BaseGeometry) -> bool:
    if facility.place.municipality is not None:
        return facility.place.municipality in codes
    position = facility.place.position
    return position is not None and bool(shapely.covers(outline, shapely.Point(*position)))
