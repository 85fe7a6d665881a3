"""The desk of an audit: claims and facts as figures, in units that can be reckoned with.

A claim enters the evidence as an observed figure (function ``claim``, its source as the
query), a fact likewise (function ``fact``, its parameter as the rule). Money is then
expressed in euro, shares as ratios, rates in Mbit/s, by a derived figure, so that every
later expression is plain arithmetic and ``nexpo explain`` prints all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from nexpo.claims.document import FACT
from nexpo.claims.model import Claim, Formula
from nexpo.claims.precision import Interval, allowed, base_unit
from nexpo.core.evidence import Figure, Ledger, format_value
from nexpo.core.parameters import Parameter
from nexpo.core.problem import Kind, Problem
from nexpo.core.quantity import Number

PREFIX = "claims."
"""How the id of every figure of an audit begins: such a figure confirms nothing."""

TOLERANCE = "tolerance-of-about"
"""The range parameter that says how far "about" and "almost" reach."""


@dataclass(frozen=True)
class Desk:
    """What an audit works on; ``ledger`` collects the figures."""

    claims: Mapping[str, Claim]
    facts: Mapping[str, Parameter]
    on: date
    ledger: Ledger = field(default_factory=Ledger)

    def figure(self, reference: str) -> Figure:
        """Return the figure of a claim or fact in its base unit, entering it when new."""
        observed = self.stated(reference)
        name = observed.id
        base, factor = base_unit(observed.unit)
        if base == observed.unit:
            return observed
        if f"{name}.base" in self.ledger:
            return self.ledger[f"{name}.base"]
        return self.ledger.derive(
            id=f"{name}.base",
            title=observed.title,
            unit=base,
            as_of=observed.as_of,
            place=observed.place,
            function="claims.base_unit",
            expression=_scaling(factor),
            operands={"stated": observed},
        )

    def stated(self, reference: str) -> Figure:
        """Return the figure of a claim or fact as it was stated, entering it when new."""
        name = _figure_id(reference)
        return self.ledger[name] if name in self.ledger else self._observe(reference, name)

    def derive(self, formula: Formula, **fields: object) -> Figure:
        """Enter the figure that a formula gives, its operands in base units."""
        operands = {name: self.figure(item) for name, item in formula.operands.items()}
        return self.ledger.derive(expression=formula.expression, operands=operands, **fields)

    def interval(self, reference: str) -> Interval:
        """Return what a claim allows, or a fact says, in the base unit."""
        if reference.startswith(FACT):
            return Interval.point(_number(self.figure(reference)))
        return allowed(self.claims[reference], self.tolerance)

    @property
    def tolerance(self) -> Number:
        """How far "about" and "almost" may be off, as a share of the value."""
        value = self.fact(FACT + TOLERANCE).on(self.on) if TOLERANCE in self.facts else 0
        return float(value)

    def fact(self, reference: str) -> Parameter:
        """Return a fact or range by its reference.

        Raises
        ------
        Problem
            ``CONFIG`` when there is none of this name.
        """
        name = reference.removeprefix(FACT)
        if name in self.facts:
            return self.facts[name]
        raise Problem(
            Kind.CONFIG,
            f"no such fact: {name}",
            value=name,
            remedy=f"add it to facts.yaml or ranges.yaml; known: {', '.join(sorted(self.facts))}",
        )

    def known(self, formula: Formula) -> bool:
        """Say whether every fact of a formula has a value on the day of the audit."""
        names = [name for name in formula.operands.values() if name.startswith(FACT)]
        return all(
            any(self.on in version.period for version in self.fact(name).versions) for name in names
        )

    def written(self, figure: Figure) -> str:
        """Write a derived figure as arithmetic with the numbers in."""
        lines = self.ledger.explain(figure.id, depth=0).splitlines()
        steps = [line.strip() for line in lines if line.strip().startswith("= ")]
        arithmetic = steps[1].removeprefix("= ") if len(steps) > 1 else ""
        shown = f"{format_value(figure.value)} {figure.unit}".removesuffix(" 1")
        plain = not arithmetic or shown.startswith(arithmetic)
        return shown if plain else f"{arithmetic} = {shown}"

    def _observe(self, reference: str, name: str) -> Figure:
        if reference.startswith(FACT):
            return self._observe_fact(reference, name)
        claim = self.claims[reference]
        return self.ledger.observe(
            id=name,
            title=f"claimed: {claim.indicator}",
            value=claim.value,
            unit=claim.unit,
            as_of=claim.source.date or self.on,
            place=claim.area or "not stated",
            function="claim",
            query=f"{claim.claimant}: {claim.said}; {claim.source}",
        )

    def _observe_fact(self, reference: str, name: str) -> Figure:
        fact = self.fact(reference)
        version = fact.version_on(self.on)
        return self.ledger.observe(
            id=name,
            title=fact.title,
            value=version.value,
            unit=fact.unit,
            as_of=version.period.start,
            place=fact.id.split("/", maxsplit=1)[0],
            function="fact",
            query=version.source,
            parameters=(fact.use(self.on),),
        )


def _figure_id(reference: str) -> str:
    if reference.startswith(FACT):
        return f"{PREFIX}fact.{reference.removeprefix(FACT).replace('/', '.')}"
    return PREFIX + reference


def _scaling(factor: Fraction) -> str:
    if factor.denominator == 1:
        return f"stated * {factor.numerator}"
    return (
        f"stated / {factor.denominator}"
        if factor.numerator == 1
        else (f"stated * {factor.numerator} / {factor.denominator}")
    )


def _number(figure: Figure) -> Number:
    if isinstance(figure.value, int | float):
        return figure.value
    raise Problem(Kind.CONFIG, f"{figure.title} is no number", value=figure.value)
