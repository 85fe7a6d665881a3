"""The share of a region in a country's capacity, and what each source makes of a claim about it.

A source states some of three things: the capacity of an area, that of the country, the share.
What it leaves out follows from the other two where it can. Sources speak of different areas and
quantities: those are told apart, never mixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from nexpo.core.problem import Where, bad_input
from nexpo.datacentres.model import Total


class Verdict(StrEnum):
    """How a source stands to a claim."""

    CONFIRMED = "confirmed"
    IN_CONFLICT = "in conflict"
    OTHER_AREA = "about another area"
    OTHER_QUANTITY = "about another quantity"
    UNKNOWN = "not checkable"


@dataclass(frozen=True, slots=True)
class Capacity:
    """What one source says; ``region_kw`` is of ``area``, ``share`` a share of 1."""

    name: str
    area_code: str
    quantity: str
    region_kw: float | None = None
    national_kw: float | None = None
    share: float | None = None
    year: int | None = None
    area: str = ""
    within: tuple[str, ...] = ()  # codes of larger areas that hold this one
    at_least: bool = False  # region_kw is a sum with unknown parts

    def __post_init__(self) -> None:
        for column in ("region_kw", "national_kw"):
            value = getattr(self, column)
            if value is not None and value < 0:
                raise bad_input("a capacity is not negative", where=Where(column=column))
        if self.share is not None and not 0 <= self.share <= 1:
            raise bad_input(
                "a share lies between 0 and 1",
                where=Where(column="share"),
                value=self.share,
                remedy="write 62 % as 0.62",
            )

    def speaks_of(self, area_code: str) -> bool:
        """Say whether it is about an area, or about a part of it."""
        return area_code == self.area_code or area_code in self.within

    @property
    def implied_share(self) -> float | None:
        """The share stated, or the one that follows.

        Examples
        --------
        >>> Capacity("a", "03", "installed_it", region_kw=1, national_kw=4).implied_share
        0.25
        """
        if self.share is not None:
            return self.share
        if self.region_kw is None or not self.national_kw:
            return None
        return self.region_kw / self.national_kw

    @property
    def implied_national_kw(self) -> float | None:
        """The national capacity stated, or the one that follows.

        Examples
        --------
        >>> Capacity("a", "03", "installed_it", region_kw=317e3, share=0.62).implied_national_kw
        511290.32258064515
        """
        if self.national_kw is not None:
            return self.national_kw
        return self.region_kw / self.share if self.region_kw is not None and self.share else None


@dataclass(frozen=True, slots=True)
class ShareClaim:
    """A public claim: the area holds more than ``least`` of the country's quantity."""

    area_code: str
    quantity: str
    least: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source, or two, make of a claim."""

    above: str
    below: str
    share: float | None
    verdict: Verdict
    told: str


def read_claim(claim: ShareClaim, sources: Sequence[Capacity]) -> tuple[Reading, ...]:
    """Return what each source makes of a claim, then what their combinations do.

    A combination sets the capacity of one source over the national one of another of the same
    quantity: the years and definitions may differ, and the share may pass 1; it shows the spread.
    """
    single = [_single(claim, source) for source in sources]
    crossed = [
        _crossed(claim, above, below)
        for above in sources
        for below in sources
        if above is not below and _may_cross(claim, above, below)
    ]
    return (*single, *crossed)


def spread(readings: Sequence[Reading]) -> tuple[float, float] | None:
    """Return the least and the largest share that speak of the claim's area and quantity."""
    about = (Verdict.CONFIRMED, Verdict.IN_CONFLICT)
    found = [each.share for each in readings if each.share is not None and each.verdict in about]
    return (min(found), max(found)) if found else None


def of_register(total: Total, *, area_code: str, area: str = "") -> Capacity:
    """Return the register's installed IT power as a source; a lower bound if parts are unknown."""
    return Capacity(
        name=f"register: {total.known} known, {total.unknown} unknown",
        area_code=area_code,
        area=area,
        quantity="installed_it",
        region_kw=total.value,
        at_least=total.unknown > 0,
    )


def _may_cross(claim: ShareClaim, above: Capacity, below: Capacity) -> bool:
    about = above.speaks_of(claim.area_code) and above.quantity == below.quantity
    wanted = about and above.quantity == claim.quantity
    return wanted and above.region_kw is not None and below.implied_national_kw is not None


def _single(claim: ShareClaim, source: Capacity) -> Reading:
    share = source.implied_share
    return Reading(source.name, source.name, share, *_judged(claim, source, share))


def _crossed(claim: ShareClaim, above: Capacity, below: Capacity) -> Reading:
    national, region = below.implied_national_kw, above.region_kw
    share = region / national if region is not None and national else None
    verdict, told = _judged(claim, above, share)
    return Reading(above.name, below.name, share, verdict, f"{told}; two sources combined")


def _judged(claim: ShareClaim, source: Capacity, share: float | None) -> tuple[Verdict, str]:
    place = source.area or source.area_code
    if source.quantity != claim.quantity:
        return Verdict.OTHER_QUANTITY, f"counts {source.quantity}, not {claim.quantity}"
    if not source.speaks_of(claim.area_code):
        return Verdict.OTHER_AREA, f"is about {place}"
    if share is None:
        return Verdict.UNKNOWN, "states neither a share nor both capacities"
    part = "" if source.area_code == claim.area_code else f"{place} alone is a part of it: "
    if share > claim.least:
        return Verdict.CONFIRMED, f"{part}{share:.1%} is more than {claim.least:.0%}"
    if source.at_least or part:
        told = f"{part}at least {share:.1%}; what is not counted may lift it above"
        return Verdict.UNKNOWN, f"{told} {claim.least:.0%}"
    return Verdict.IN_CONFLICT, f"{share:.1%} is not more than {claim.least:.0%}"
