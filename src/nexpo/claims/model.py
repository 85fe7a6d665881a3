"""Claims: what was said, by whom, in which unit, and what was left unsaid.

Every value is checked when it is made, so that the audit can trust it. A field that
the statement does not give is ``None`` and is listed by :attr:`Claim.not_stated`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from types import MappingProxyType

from nexpo.core.problem import Problem, Where, bad_input
from nexpo.core.quantity import Number, Unit

_ID = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PER_CENT = 100
_COUNTED = frozenset(
    {"connection", "customer", "firm", "job", "municipality", "partner", "person", "project"}
)
ECONOMIC = frozenset({"emissions", "fte", "gdp", "income", "jobs", "output"})
"""Indicators of impact, for which boundary, basis and horizon decide the meaning."""


class Relation(Enum):
    """How the words bind the number."""

    EQUALS = "equals"
    AT_LEAST = "at least"
    OVER = "over"
    AT_MOST = "at most"
    ABOUT = "about"
    ALMOST = "almost"
    JUST_OVER = "just over"


class Accumulation(Enum):
    """Whether a number is a sum, a yearly flow, a highest value or a state."""

    TOTAL = "total"
    PER_YEAR = "per year"
    PEAK = "peak"
    STOCK = "stock"


class Boundary(Enum):
    """Which effects an impact figure counts."""

    DIRECT = "direct"
    INDIRECT = "indirect"
    INDUCED = "induced"
    DIRECT_INDIRECT = "direct+indirect"
    TOTAL = "total"


class GrossNet(Enum):
    """Whether what would have happened anyway is taken off."""

    GROSS = "gross"
    NET = "net"


class Tie(Enum):
    """How one claim stands to others."""

    SUM_OF = "sum_of"
    SHARE_OF = "share_of"
    PART_OF = "part_of"
    NO_LESS_THAN = "no_less_than"
    COMPLETES = "completes"
    ACCUMULATES_TO = "accumulates_to"
    RESTATES = "restates"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement stands; ``verified``: its text was read with the number in it."""

    title: str
    address: str = ""
    date: date | None = None
    verified: bool = False

    def __str__(self) -> str:
        parts = (self.title, self.date and self.date.isoformat(), self.address)
        checked = "text read" if self.verified else "text not read"
        return f"{', '.join(str(part) for part in parts if part)} ({checked})"


@dataclass(frozen=True, slots=True)
class Part:
    """A tie to other claims or facts; ``share`` and ``years`` serve the ties that need them."""

    tie: Tie
    of: tuple[str, ...]
    share: str | None = None
    years: int | None = None

    def __post_init__(self) -> None:
        if not self.of:
            raise _wrong("a tie names at least one other claim", "parts", self.tie.value)
        if self.tie is Tie.SHARE_OF and self.share is None:
            raise _wrong("share_of needs the claim that states the share", "parts.share", None)

    @property
    def references(self) -> tuple[str, ...]:
        """Claims and facts it names."""
        return self.of if self.share is None else (*self.of, self.share)


@dataclass(frozen=True, slots=True)
class Formula:
    """Arithmetic over claims (``hub.budget``) and facts (``fact:italia/...``) by name."""

    expression: str
    operands: Mapping[str, str] = field(hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "operands", MappingProxyType(dict(self.operands)))
        used = set(re.findall(r"[A-Za-z_]\w*", self.expression)) - {"min", "max", "round"}
        if not self.expression or used != set(self.operands):
            raise _wrong(
                "a formula uses exactly the names it declares",
                "expression",
                f"{self.expression} with {sorted(self.operands)}",
            )


@dataclass(frozen=True, slots=True)
class Comparison:
    """A known value that the claim should meet, under one reading of it.

    ``same_perimeter``: False where the two may not speak of the same thing, so that a
    difference leaves the claim open instead of contradicting it. ``other_quantity``: the
    value is of something else than the claim names; to meet it explains where a number
    may come from and never speaks for the claim.
    """

    reading: str
    formula: Formula
    same_perimeter: bool = True
    other_quantity: bool = False


@dataclass(frozen=True, slots=True)
class Implication:
    """A number that follows from the claim under one reading, and what it is judged by.

    ``within`` names a range of plausible values; ``beside`` names a fact, from which the
    value may differ by the factor named in ``factor``.
    """

    name: str
    title: str
    unit: str
    formula: Formula
    reading: str = ""
    within: str | None = None
    beside: str | None = None
    factor: str | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise _wrong("an implied figure has a plain name", "implies.name", self.name)
        if (self.beside is None) != (self.factor is None):
            raise _wrong("beside and factor come together", "implies.factor", self.factor)
        _unit(self.unit)


@dataclass(frozen=True, slots=True)
class Act:
    """A law or decision cited as such, with the dates it claims."""

    number: str
    year: int
    adopted: date
    published: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A public statement, valid at birth.

    Raises
    ------
    Problem
        Naming the claim and the field: unknown unit, negative number, percentage over
        100, half a firm, a horizon that ends before it starts, a value that is missing
        where no act is cited.

    Examples
    --------
    >>> claim = Claim(id="hub.share", claimant="the hub", text="70 % of the budget",
    ...               topic="hub", indicator="share delivered", value=70, unit="%",
    ...               source=Source("a press page"))
    >>> claim.said
    '70 %'
    >>> claim.not_stated
    ('accumulation', 'first_year', 'last_year', 'area')
    """

    id: str
    claimant: str
    text: str
    topic: str
    indicator: str
    source: Source
    value: Number | None = None
    unit: str = "1"
    relation: Relation = Relation.EQUALS
    accumulation: Accumulation | None = None
    first_year: int | None = None
    last_year: int | None = None
    boundary: Boundary | None = None
    area: str | None = None
    gross_net: GrossNet | None = None
    price_base: int | None = None
    spending_base: str | None = None
    precision: Number | None = None
    binds: str | None = None
    act: Act | None = None
    parts: tuple[Part, ...] = ()
    against: tuple[Comparison, ...] = ()
    implies: tuple[Implication, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        try:
            _check_words(self)
            _check_value(self)
            _check_horizon(self)
        except Problem as problem:
            raise _of_claim(problem, self.id) from None

    @property
    def said(self) -> str:
        """The number as it was said: relation, value, unit."""
        if self.value is None:
            return self.act.number if self.act else ""
        words = "" if self.relation is Relation.EQUALS else f"{self.relation.value} "
        return f"{words}{self.value:,} {self.unit}"

    @property
    def not_stated(self) -> tuple[str, ...]:
        """Fields that matter for this indicator and that the statement does not give."""
        return tuple(name for name in _material(self) if getattr(self, name) is None)

    @property
    def references(self) -> tuple[str, ...]:
        """Every claim and fact it names, once, in order."""
        named = [name for part in self.parts for name in part.references]
        formulas = [item.formula for item in self.against]
        formulas += [item.formula for item in self.implies]
        named += [name for formula in formulas for name in formula.operands.values()]
        for item in self.implies:
            named += [name for name in (item.within, item.beside, item.factor) if name]
        return tuple(dict.fromkeys(named))


def _material(claim: Claim) -> tuple[str, ...]:
    if claim.act is not None:
        return ()
    names: tuple[str, ...] = ("accumulation", "first_year", "last_year", "area")
    if claim.indicator in ECONOMIC:
        names += ("boundary", "gross_net", "price_base", "spending_base")
    elif ("money", 1) in Unit.parse(claim.unit).dimensions:
        names += ("price_base",)
    return names


def _check_words(claim: Claim) -> None:
    if not _ID.fullmatch(claim.id):
        remedy = "write lower-case words joined by dots, white.links say"
        raise _wrong("an id is lower-case words joined by dots", "id", claim.id, remedy)
    for name in ("claimant", "text", "topic", "indicator"):
        if not getattr(claim, name).strip():
            raise _wrong(f"{name} is empty", name, "", "say it, in the words of the statement")


def _check_value(claim: Claim) -> None:
    unit = _unit(claim.unit)
    if claim.value is None:
        if claim.act is None:
            raise _wrong("a claim has a value, or cites an act", "value", None, "add value or act")
        return
    if isinstance(claim.value, bool) or not isinstance(claim.value, int | float):
        raise _wrong("a value is a number", "value", claim.value, "write 1132, not text")
    if not 0 <= claim.value < float("inf"):
        remedy = "write what there is, not what is lacking"
        raise _wrong("a stated quantity is a number from zero up", "value", claim.value, remedy)
    if claim.unit == "%" and claim.value > _PER_CENT:
        remedy = "a share ends at 100; write a growth as a ratio with unit 1"
        raise _wrong("a percentage is not over 100", "value", claim.value, remedy)
    _check_whole(claim, unit)


def _check_whole(claim: Claim, unit: Unit) -> None:
    counted = any(dimension in _COUNTED for dimension, power in unit.dimensions if power > 0)
    compound = len(unit.dimensions) > 1
    if counted and not compound and claim.value is not None and claim.value != int(claim.value):
        remedy = "write a whole number, or FTE where parts of a job are meant"
        raise _wrong(f"{claim.unit} is counted in whole numbers", "value", claim.value, remedy)
    if claim.precision is not None and claim.precision <= 0:
        raise _wrong("a precision is above zero", "precision", claim.precision)


def _check_horizon(claim: Claim) -> None:
    first, last = claim.first_year, claim.last_year
    if first is not None and last is not None and last < first:
        remedy = "swap the two, or leave out the one that was not said"
        raise _wrong("a horizon ends after it starts", "last_year", f"{first}-{last}", remedy)


def _unit(symbol: str) -> Unit:
    try:
        return Unit.parse(symbol)
    except Problem as problem:
        raise _wrong(f"{problem.detail}: {symbol}", "unit", symbol, problem.remedy) from None


def _wrong(detail: str, name: str, value: object, remedy: str | None = None) -> Problem:
    return bad_input(detail, where=Where(column=name), value=value, remedy=remedy)


def _of_claim(problem: Problem, claim_id: str) -> Problem:
    detail = f"claim {claim_id}: {problem.detail}"
    return bad_input(detail, where=problem.where, value=problem.value, remedy=problem.remedy)
