"""Units in which labour is counted: persons, employees, jobs, full-time equivalents.

They are different things and never stand for each other: persons employed hold the self-employed,
employees do not; a person may hold two jobs; a full-time equivalent is hours, not heads. A unit is
read once, scale and all, and what it means is decided by it, never by the name of a measure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from nexpo.core.problem import bad_input


class Labour(Enum):
    """What is counted; the value is the unit as it is printed."""

    PERSON = "person"
    EMPLOYEE = "employee"
    JOB = "job"
    FTE = "FTE"


@dataclass(frozen=True, slots=True)
class Counted:
    """What one unit of a published figure is: ``scale`` of ``kind``."""

    kind: Labour
    scale: float = 1.0


_SCALES = (
    (re.compile(r"^(thousands?|th|k|1[ .,]?000|'?000s?|migliaia|ths)\b[' ]*(of|di)?\s*"), 1e3),
    (re.compile(r"^(hundreds?|100)\b\s*(of)?\s*"), 1e2),
    (re.compile(r"^(millions?|m|mln|mio|milioni)\b\s*(of|di)?\s*"), 1e6),
)
_FULL_TIME = (
    r"ftes?|fte (jobs?|persons?|employees?)|full[- ]time[- ](job )?equivalents?( jobs?)?|awu|ula"
    r"|unit\S? di lavoro.*"
)
_EMPLOYEES = r"employees?|persons? \(?employees?\)?|dipendenti|addetti dipendenti"
_PERSONS = (
    r"persons?|people|heads?|head ?count|workers?|addett[io]|occupati|employed persons?"
    r"|persons? (employed|engaged|in employment)|people employed"
)
_KINDS = (
    (Labour.FTE, _FULL_TIME),
    (Labour.EMPLOYEE, _EMPLOYEES),
    (Labour.JOB, r"jobs?|posts?|posizioni lavorative"),
    (Labour.PERSON, _PERSONS),
)
_LATER = re.compile(r"^(?P<kind>.*?)\s*[,(]\s*(?P<scale>[^,()]+)\)?$")


def labour_unit(unit: str) -> Counted | None:
    """Return what a unit counts, None where it is not of labour.

    Examples
    --------
    >>> labour_unit("thousand persons")
    Counted(kind=<Labour.PERSON: 'person'>, scale=1000.0)
    >>> labour_unit("Employees (thousands)")
    Counted(kind=<Labour.EMPLOYEE: 'employee'>, scale=1000.0)
    >>> labour_unit("FTE").kind.value, labour_unit("t CO2")
    ('FTE', None)
    """
    plain = " ".join(unit.casefold().replace("_", " ").split())
    turned = _LATER.match(plain)
    forms = [plain] if turned is None else [plain, f"{turned['scale']} {turned['kind']}"]
    for form in forms:
        scale = 1.0
        left = form
        for pattern, times in _SCALES:
            found = pattern.match(left)
            if found:
                left, scale = left[found.end() :], times
                break
        for kind, words in _KINDS:
            if re.fullmatch(words, left):
                return Counted(kind, scale)
    return None


def counted_as(unit: str, measure: str = "") -> Counted | None:
    """Return what an activity counts: by its unit; by its measure only where it states no unit.

    Raises
    ------
    Problem
        At a measure of persons in a unit of full-time equivalents, which are not persons.

    Examples
    --------
    >>> counted_as("", "addetti").kind.value, counted_as("FTE", "employment").kind.value
    ('person', 'FTE')
    >>> counted_as("EUR", "output") is None
    True
    """
    named = labour_unit(measure)
    if not unit.strip():
        if named is None and measure.casefold() in {"employment", "occupazione"}:
            return Counted(Labour.PERSON)
        return named
    found = labour_unit(unit)
    if found is not None and named is not None and {found.kind, named.kind} == {
        Labour.FTE, Labour.PERSON,
    }:  # fmt: skip
        raise bad_input(
            f"the measure {measure} is in the unit {unit}: full-time equivalents are not persons",
            value=unit,
            remedy="name the measure fte, or give the unit that was counted",
        )
    return found


def over_years(unit: str) -> str:
    """Return the unit of a sum over years: a job in each of two years is two job-years.

    Examples
    --------
    >>> over_years("person"), over_years("employee"), over_years("t CO2")
    ('person-year', 'employee-year', 't CO2')
    """
    return f"{unit}-year" if unit in {kind.value for kind in Labour} else unit
