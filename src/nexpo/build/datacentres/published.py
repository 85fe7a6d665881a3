"""From the reports of a register to the centres whose aggregates are published.

The latest version of each centre's report of the year is taken; what it does not say of place
and type comes from the register. Averages follow the definitions that hold for the year: where
nobody knows which does, both are shown, each under its own name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nexpo.core.problem import Kind, Problem
from nexpo.datacentres.adapters.publication_files import PLACES, SUMS, Centres, centre_table
from nexpo.datacentres.adapters.schemes import load_scheme, load_size_classes
from nexpo.datacentres.classes import size_class
from nexpo.datacentres.indicators import Scheme, Status, definitions
from nexpo.datacentres.model import Basis, Facility, Report
from nexpo.datacentres.publication import Average

if TYPE_CHECKING:
    from datetime import date

    from nexpo.datacentres.classes import SizeClass
    from nexpo.datacentres.ports import Register


def from_register(
    register: Register, *, year: int, on: date
) -> tuple[Centres, tuple[Average, ...]]:
    """Return the centres that reported a year, and the averages that the year is given by.

    Parameters
    ----------
    on
        Day whose size classes and definitions are used.

    Raises
    ------
    Problem
        ``NO_INPUT`` when nobody reported actual values for the year.
    """
    facilities = {each.id: each for each in register.facilities()}
    latest = [version.report for version in register.latest_versions(year)]
    reports = [report for report in latest if report.basis is Basis.ACTUAL]
    if not reports:
        raise Problem(
            Kind.NO_INPUT,
            "no report of actual values in the register",
            value=year,
            remedy="nexpo datacentres report list shows what is there",
        )
    classes = load_size_classes(on)
    centres = centres_of(
        [row_of(report, facilities.get(report.facility_id), classes) for report in reports]
    )
    averages = averages_in_force(load_scheme(on), year)
    return centres, tuple(a for a in averages if {a.above, a.below} <= centres.sums.keys())


def row_of(
    report: Report, facility: Facility | None, classes: Sequence[SizeClass]
) -> dict[str, str | float]:
    """Return a report as a row of the table of centres; what nobody says is left out."""
    place = None if facility is None else facility.place
    kind = None if facility is None or facility.type is None else facility.type.value
    nuts3 = report.text("nuts3") or (place.nuts3 if place else None)
    told: dict[str, str | float | None] = {
        "facility_id": report.facility_id,
        "type": report.text("type") or kind,
        "size_class": size_class(report.number("installed_it_kw"), classes),
        "municipality": report.text("municipality") or (place.municipality if place else None),
        "nuts3": nuts3,
        "nuts2": nuts3[:4] if nuts3 else None,
        "country": nuts3[:2] if nuts3 else None,
    }
    told |= {name: report.number(name) for name in SUMS}
    return {name: value for name, value in told.items() if value is not None}


def centres_of(rows: Sequence[Mapping[str, str | float]]) -> Centres:
    """Return rows as the columns that are published: codes, and sums with their units."""
    table = centre_table()
    codes = {name: tuple(str(row.get(name, "")) for row in rows) for name in PLACES}
    sums = {name: np.array([float(row.get(name, np.nan)) for row in rows]) for name in SUMS}
    return Centres(
        {name: found for name, found in codes.items() if any(found)},
        {n: (table[n].unit, v) for n, v in sums.items() if not np.isnan(v).all()},
        (),
    )


def averages_in_force(scheme: Scheme, year: int) -> tuple[Average, ...]:
    """Return the energy-weighted averages by the definitions that hold, or may, for a year.

    A definition of the later act that may or may not hold has its numerator in its name.
    """
    return tuple(_averages(scheme, year))


def _averages(scheme: Scheme, year: int) -> Iterator[Average]:
    for ratio, status in definitions(scheme, Report("any", year)):
        later = ratio == scheme.amended.ratios.get(ratio.name)
        name = ratio.name.lower()
        if later and status is Status.UNDETERMINED:
            name = f"{name}_fresh"
        yield Average(name, ratio.unit, ratio.above, ratio.below, ratio.scale)
