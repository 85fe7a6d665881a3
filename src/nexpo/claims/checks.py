"""The checks of an audit, one function each: a claim and a desk in, checks out.

A check *holds*, *fails*, stays *open* (readings disagree) or only *informs*. What a
claim allows comes from :mod:`nexpo.claims.precision`; two numbers agree when some value
allowed by the one is allowed by the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from fractions import Fraction
from itertools import groupby

from nexpo.claims.desk import PREFIX, Desk
from nexpo.claims.model import Accumulation, Claim, Comparison, Implication, Part, Tie
from nexpo.claims.precision import Interval, base_unit, exact
from nexpo.core.evidence import Figure, Value, format_value
from nexpo.core.quantity import Number

_WHOLE = Fraction(1)
_FAR = 2  # times the number said: more is far over, and no confirmation of it
_ON_A_DAY = (None, Accumulation.TOTAL, Accumulation.STOCK)
_COMPARED = ("accumulation", "boundary", "area", "last_year", "gross_net")


class Outcome(Enum):
    """What a check found."""

    HOLDS = "holds"
    FAILS = "fails"
    OPEN = "open"
    INFORMS = "informs"


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading of a claim, its number, and whether that is plausible (None: not judged)."""

    text: str
    figure: str
    value: Value
    unit: str
    arithmetic: str
    plausible: bool | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, the formula with the numbers in, the outcome, a sentence."""

    name: str
    formula: str
    outcome: Outcome
    sentence: str
    figures: tuple[str, ...] = ()
    readings: tuple[Reading, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Return the check as plain values."""
        return asdict(self) | {"outcome": self.outcome.value}


def checks_of(claim: Claim, desk: Desk, figures: Mapping[str, Figure]) -> Iterator[Check]:
    """Yield every check that can be done on a claim, the binding to a figure first."""
    yield from _bound(claim, desk, figures)
    yield from _act(claim, desk)
    if claim.value is None:
        return
    for part in claim.parts:
        yield _TIES[part.tie](claim, part, desk)
    yield from _against(claim, desk)
    for _, group in groupby(claim.implies, key=lambda item: item.name):
        yield from _implied(claim, tuple(group), desk)


# A figure computed from data


def _bound(claim: Claim, desk: Desk, figures: Mapping[str, Figure]) -> Iterator[Check]:
    figure = figures.get(claim.binds or "")
    if figure is None or claim.value is None or not _is_evidence(figure):
        return
    if not isinstance(figure.value, int | float):
        return
    base, factor = base_unit(figure.unit)
    if base != base_unit(claim.unit)[0]:
        yield Check(
            "bound",
            f"{claim.unit} against {figure.unit}",
            Outcome.INFORMS,
            f"The figure {figure.id} is in {figure.unit}, the claim in {claim.unit}: "
            "they cannot be held against each other.",
        )
        return
    shown = f"{format_value(figure.value)} {figure.unit}"
    name, outcome, tail = _held(claim, figure, exact(figure.value) * factor, desk)
    yield Check(
        name,
        f"{claim.said} : {shown}",
        outcome,
        f"The computed figure {figure.id}, {shown}, {tail} ({_ends(claim, desk)}).",
        (figure.id,),
    )


def _held(claim: Claim, figure: Figure, value: Fraction, desk: Desk) -> tuple[str, Outcome, str]:
    """Return the name of the check, its outcome and the verb of its sentence."""
    limits = desk.interval(claim.id)
    if figure.synthetic:
        return "bound", Outcome.INFORMS, "is synthetic and confirms nothing"
    if apart := "; ".join(_apart(claim, figure)):
        return "bound", Outcome.OPEN, f"cannot answer the claim: {apart}"
    if not Interval(value, value).meets(limits):
        return "bound", Outcome.FAILS, "is outside what the words allow"
    if limits.high is None and limits.low is not None and value > _FAR * limits.low:
        tail = f"is far over, more than {_FAR} times what was said: consistent, not confirmed"
        return "bound far over", Outcome.HOLDS, tail
    return "bound", Outcome.HOLDS, "is within what the words allow"


def _apart(claim: Claim, figure: Figure) -> Iterator[str]:
    """Yield where a figure is of another place, time or kind than the claim."""
    if figure.place != claim.area:
        yield f"its place is {figure.place}, the area claimed {claim.area or 'not stated'}"
    year, first, last = figure.as_of.year, claim.first_year, claim.last_year
    if (first is not None and year < first) or (last is not None and year > last):
        years = f"{first or 'not stated'} to {last or 'not stated'}"
        yield f"its day is {figure.as_of}, the years claimed {years}"
    if claim.accumulation not in _ON_A_DAY:
        yield f"it is a state on {figure.as_of}, the claim is {_plain(claim.accumulation)}"


def _is_evidence(figure: Figure) -> bool:
    return not figure.id.startswith(PREFIX) and figure.function not in {"claim", "fact"}


# Acts


def _act(claim: Claim, desk: Desk) -> Iterator[Check]:
    act = claim.act
    if act is None:
        return
    right = act.adopted.year == act.year
    order = act.published is None or act.adopted <= act.published
    happened = act.adopted <= desk.on
    published = f", published {act.published}" if act.published else ""
    yield Check(
        "dates of the act",
        f"{act.year} : {act.adopted}{published}",
        Outcome.HOLDS if right and order and happened else Outcome.FAILS,
        f"{act.number} is cited for {act.year}; it was adopted on {act.adopted}{published}. "
        "Only the dates are checked: the text is not.",
    )


# Ties between claims


def _sum_of(claim: Claim, part: Part, desk: Desk) -> Check:
    total = Interval.point(0)
    for name in part.of:
        total = total.plus(desk.interval(name))
    values = " + ".join(_said(name, desk) for name in part.of)
    holds = total.meets(desk.interval(claim.id))
    return _tied(part, desk, f"{values} : {claim.said}", holds=holds)


def _share_of(claim: Claim, part: Part, desk: Desk) -> Check:
    whole, share = part.of[0], part.share or ""
    product = desk.interval(share).times(desk.interval(whole))
    figure = desk.ledger.derive(
        id=f"{PREFIX}{claim.id}.implied.share_of_{whole.replace(':', '.').replace('/', '.')}",
        title=f"{_said(share, desk)} of {_said(whole, desk)}",
        unit=base_unit(claim.unit)[0],
        as_of=claim.source.date or desk.on,
        place=claim.area or "not stated",
        function="claims.share_of",
        expression="share * whole",
        operands={"share": desk.figure(share), "whole": desk.figure(whole)},
    )
    meets = product.meets(desk.interval(claim.id))
    formula = f"{desk.written(figure)} : {claim.said}"
    return _tied(part, desk, formula, holds=meets, figures=(figure.id,))


def _part_of(claim: Claim, part: Part, desk: Desk) -> Check:
    holds = all(desk.interval(name).reaches(desk.interval(claim.id)) for name in part.of)
    wholes = ", ".join(_said(name, desk) for name in part.of)
    return _tied(part, desk, f"{claim.said} <= {wholes}", holds=holds)


def _no_less_than(claim: Claim, part: Part, desk: Desk) -> Check:
    holds = all(desk.interval(claim.id).reaches(desk.interval(name)) for name in part.of)
    lesser = ", ".join(_said(name, desk) for name in part.of)
    return _tied(part, desk, f"{claim.said} >= {lesser}", holds=holds)


def _completes(claim: Claim, part: Part, desk: Desk) -> Check:
    total = desk.interval(claim.id)
    for name in part.of:
        total = total.plus(desk.interval(name))
    values = " + ".join([claim.said, *(_said(name, desk) for name in part.of)])
    holds = total.meets(Interval(_WHOLE, _WHOLE))
    return _tied(part, desk, f"{values} = 100 %", holds=holds)


def _accumulates_to(claim: Claim, part: Part, desk: Desk) -> Check:
    years = part.years or _horizon(claim)
    if years is None:
        sentence = "The years of the horizon are not stated: a yearly figure has no sum."
        return Check("accumulates to", "years not stated", Outcome.OPEN, sentence)
    product = desk.interval(claim.id).scaled(Fraction(years))
    total = part.of[0]
    summed = f"{claim.said} x {years} years = {format_value((claim.value or 0) * years)}"
    holds = product.meets(desk.interval(total))
    return _tied(part, desk, f"{summed} : {_said(total, desk)}", holds=holds)


def _restates(claim: Claim, part: Part, desk: Desk) -> Check:
    other = desk.claims[part.of[0]]
    pairs = [(name, getattr(claim, name), getattr(other, name)) for name in _COMPARED]
    stated = [(name, a, b) for name, a, b in pairs if a is not None and b is not None and a != b]
    differing = [f"{name} {_plain(a)} / {_plain(b)}" for name, a, b in stated]
    if claim.accumulation is other.accumulation is not Accumulation.PER_YEAR and not desk.interval(
        claim.id
    ).meets(desk.interval(other.id)):
        differing.insert(0, f"value {claim.said} / {other.said}")
    outcome = Outcome.FAILS if differing else Outcome.HOLDS
    if base_unit(claim.unit)[0] != base_unit(other.unit)[0]:
        differing.append(f"unit {claim.unit} / {other.unit}")
        outcome = Outcome.OPEN if outcome is Outcome.HOLDS else outcome
    formula = "; ".join(differing) or f"{claim.said} = {other.said}"
    told = f"differ in {', '.join(differing)}" if differing else "agree where both speak"
    sentence = f"{claim.claimant} and {other.claimant} speak of one thing and {told}."
    return Check("restates", formula, outcome, sentence)


_TIES = {
    Tie.SUM_OF: _sum_of,
    Tie.SHARE_OF: _share_of,
    Tie.PART_OF: _part_of,
    Tie.NO_LESS_THAN: _no_less_than,
    Tie.COMPLETES: _completes,
    Tie.ACCUMULATES_TO: _accumulates_to,
    Tie.RESTATES: _restates,
}


def _tied(
    part: Part, desk: Desk, formula: str, *, holds: bool, figures: tuple[str, ...] = ()
) -> Check:
    name = part.tie.value.replace("_", " ")
    others = ", ".join(_named(item, desk) for item in part.of)
    verb = "holds" if holds else "does not hold, whatever the rounding"
    sentence = f"{name.capitalize()} {others}: {formula} {verb}."
    return Check(name, formula, Outcome.HOLDS if holds else Outcome.FAILS, sentence, figures)


def _horizon(claim: Claim) -> int | None:
    if claim.first_year is None or claim.last_year is None:
        return None
    return claim.last_year - claim.first_year + 1


# Known values


def _against(claim: Claim, desk: Desk) -> Iterator[Check]:
    usable = [
        (number, item) for number, item in enumerate(claim.against, 1) if desk.known(item.formula)
    ]
    if not usable:
        return
    readings = tuple(_compared(claim, item, number, desk) for number, item in usable)
    outcome = _of_comparisons(readings, [item for _, item in usable])
    yield Check(
        "against known values",
        "; ".join(f"{claim.said} : {reading.arithmetic}" for reading in readings),
        outcome,
        _told(claim, readings, [item for _, item in usable], outcome),
        tuple(reading.figure for reading in readings),
        readings,
    )


def _compared(claim: Claim, item: Comparison, number: int, desk: Desk) -> Reading:
    unit = base_unit(claim.unit)[0]
    figure = desk.derive(
        item.formula,
        id=f"{PREFIX}{claim.id}.known.{number}",
        title=item.reading,
        unit=unit,
        as_of=desk.on,
        place=claim.area or "not stated",
        function="claims.known_value",
    )
    value = figure.value
    meets = isinstance(value, int | float) and value in desk.interval(claim.id)
    return Reading(item.reading, figure.id, value, unit, desk.written(figure), meets)


def _of_comparisons(readings: Sequence[Reading], items: Sequence[Comparison]) -> Outcome:
    pairs = [pair for pair in zip(readings, items, strict=True) if not pair[1].other_quantity]
    meets = [reading.plausible is True for reading, _ in pairs]
    if not pairs:
        return Outcome.INFORMS
    if all(meets):
        return Outcome.HOLDS
    if any(meets):
        return Outcome.OPEN
    return Outcome.FAILS if any(item.same_perimeter for _, item in pairs) else Outcome.OPEN


_HEADS = {
    Outcome.HOLDS: "agrees with what is known",
    Outcome.FAILS: "agrees with no known value of what it names",
    Outcome.OPEN: "agrees or not depending on what it refers to",
    Outcome.INFORMS: "has no known value of what it names beside it",
}


def _told(
    claim: Claim, readings: Sequence[Reading], items: Sequence[Comparison], outcome: Outcome
) -> str:
    own, other = [], []
    for reading, item in zip(readings, items, strict=True):
        verb = "agrees" if reading.plausible else "does not agree"
        told = f"{reading.text}: {reading.arithmetic} ({verb})"
        if not item.other_quantity:
            own.append(told)
        elif reading.plausible:
            other.append(
                f" The number is met by something else: {reading.text}, {reading.arithmetic}."
            )
    each = f": {'; '.join(own)}" if own else ""
    return f"{claim.said} {_HEADS[outcome]}{each}.{''.join(other)}"


# What follows from a claim


def _implied(claim: Claim, group: tuple[Implication, ...], desk: Desk) -> Iterator[Check]:
    usable = [(n, item) for n, item in enumerate(group, 1) if desk.known(item.formula)]
    if not usable:
        return
    readings = tuple(_reading(claim, item, n if len(group) > 1 else 0, desk) for n, item in usable)
    outcome = _of_readings([reading.plausible for reading in readings])
    first = group[0]
    yield Check(
        f"implied {first.title}",
        "; ".join(reading.arithmetic for reading in readings),
        outcome,
        _implied_told(first, readings, outcome, _range_told(first, desk)),
        tuple(reading.figure for reading in readings),
        readings,
    )


def _reading(claim: Claim, item: Implication, number: int, desk: Desk) -> Reading:
    limits = _limits(item, desk)
    figure = desk.derive(
        item.formula,
        id=f"{PREFIX}{claim.id}.implied.{item.name}" + (f".{number}" if number else ""),
        title=item.title + (f" ({item.reading})" if item.reading else ""),
        unit=item.unit,
        as_of=claim.source.date or desk.on,
        place=claim.area or "not stated",
        function="claims.implied",
        parameters=_uses(item, desk),
    )
    known = isinstance(figure.value, int | float)
    plausible = None
    if limits is not None and isinstance(figure.value, int | float):
        plausible = known and figure.value in limits
    text = item.reading or item.title
    return Reading(text, figure.id, figure.value, item.unit, desk.written(figure), plausible)


def _of_readings(plausible: Sequence[bool | None]) -> Outcome:
    judged = [item for item in plausible if item is not None]
    if judged and not any(judged):
        return Outcome.FAILS
    if len(plausible) > 1:
        return Outcome.OPEN
    return Outcome.HOLDS if judged else Outcome.INFORMS


def _limits(item: Implication, desk: Desk) -> Interval | None:
    if item.within is not None:
        low, high = desk.fact(item.within).on(desk.on)
        return Interval(exact(low), exact(high))
    if item.beside is not None and item.factor is not None:
        middle = _value(desk.fact(item.beside).on(desk.on))
        factor = _value(desk.fact(item.factor).on(desk.on))
        return Interval(middle / factor, middle * factor)
    return None


def _range_told(item: Implication, desk: Desk) -> str:
    limits = _limits(item, desk)
    if limits is None or limits.low is None or limits.high is None:
        return ""
    low, high = (format_value(_short(end)) for end in (limits.low, limits.high))
    return f"plausible from {low} to {high} {item.unit}".removesuffix(" 1")


def _implied_told(
    item: Implication, readings: Sequence[Reading], outcome: Outcome, limits: str
) -> str:
    marks = {True: ", plausible", False: ", not plausible", None: ""}
    if len(readings) == 1:
        mark = marks[readings[0].plausible]
        ends = f" ({limits})" if limits else ""
        return f"{item.title}: {readings[0].arithmetic}{mark}{ends}."
    each = "; ".join(
        f"if {reading.text}: {reading.arithmetic}{marks[reading.plausible]}" for reading in readings
    )
    fitting = sum(reading.plausible is True for reading in readings)
    tail = f" Of {len(readings)} readings {fitting} fit ({limits})." if limits else ""
    if outcome is Outcome.FAILS:
        tail += " The numbers behind it cannot share one boundary."
    return f"{item.title} depends on the reading: {each}.{tail}"


def _uses(item: Implication, desk: Desk) -> tuple[object, ...]:
    names = [name for name in (item.within, item.beside, item.factor) if name]
    return tuple(desk.fact(name).use(desk.on) for name in names)


# Words


def _said(reference: str, desk: Desk) -> str:
    if reference in desk.claims:
        return desk.claims[reference].said
    figure = desk.stated(reference)
    return f"{format_value(figure.value)} {figure.unit}".removesuffix(" 1")


def _named(reference: str, desk: Desk) -> str:
    return reference if reference in desk.claims else desk.fact(reference).title


def _ends(claim: Claim, desk: Desk) -> str:
    limits, unit = desk.interval(claim.id), base_unit(claim.unit)[0]
    low = "any" if limits.low is None else format_value(_short(limits.low))
    high = "any" if limits.high is None else format_value(_short(limits.high))
    return f"{low} to {high} {unit}".removesuffix(" 1")


def _short(value: Fraction) -> Number:
    return value.numerator if value.denominator == 1 else float(value)


def _value(value: object) -> Fraction:
    return exact(float(value)) if isinstance(value, str) else exact(value)  # type: ignore[arg-type]


def _plain(value: object) -> str:
    return str(value.value) if isinstance(value, Enum) else str(value)
