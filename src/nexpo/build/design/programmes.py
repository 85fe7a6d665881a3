"""What public programmes spent per connection, as the region's file of claims says it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction

from nexpo import claims, territory
from nexpo.claims.desk import Desk
from nexpo.claims.model import Claim, Formula, Implication
from nexpo.connectivity.design.money import Programme
from nexpo.core.evidence import Ledger, Value, evaluate
from nexpo.core.money import Money
from nexpo.core.settings import regions_directory

_UNIT = "EUR/connection"
_CAP = "aid-cap"
_CIVICO = "civico"
_CENTS = 100


def programmes(region: str, on: date, ledger: Ledger) -> tuple[Programme, ...]:
    """Return each statement on public money by connection as a programme.

    Every reading of a statement is one of its own; the figures it rests on are entered in the
    ledger. A region without a file has none.

    Parameters
    ----------
    region
        ISTAT code.
    on
        Day of the design; facts known up to the statement's day are used besides.
    """
    path = next((each for each in _files() if each.code == region), None)
    if path is None:
        return ()
    given, facts = claims.load(regions_directory() / f"{path.key}.toml"), claims.load_facts()
    days = [version.period.start for fact in facts.values() for version in fact.versions]
    stated = [claim.source.date for claim in given if claim.source.date is not None]
    desk = Desk({claim.id: claim for claim in given}, facts, max([on, *days, *stated]), ledger)
    return tuple(
        _programme(desk, claim, item, given)
        for claim in given
        for item in claim.implies
        if item.unit == _UNIT and desk.known(item.formula) and _parts(item.formula) is not None
    )


def _files() -> Iterable[territory.Region]:
    return territory.regions()


def _programme(desk: Desk, claim: Claim, item: Implication, given: Iterable[Claim]) -> Programme:
    parts = _parts(item.formula)
    assert parts is not None  # noqa: S101 - the caller has asked
    values: dict[str, Value] = {
        name: desk.figure(reference).value for name, reference in item.formula.operands.items()
    }
    money, count = (evaluate(part, values) for part in parts)
    reading = f": {item.reading}" if item.reading else ""
    return Programme(
        name=f"{claim.topic}, {item.title}{reading}",
        public=Money(round(Fraction(str(money)) * _CENTS)),
        connections=round(Fraction(str(count))),
        source=f"{claim.claimant}: {claim.text}",
        counted=_counted(desk, item.formula, parts[1]),
        max_share=_cap(desk, claim.topic, given),
    )


def _parts(formula: Formula) -> tuple[str, str] | None:
    """Return money and connections of ``money / connections``."""
    tree = ast.parse(formula.expression, mode="eval").body
    if not isinstance(tree, ast.BinOp) or not isinstance(tree.op, ast.Div):
        return None
    return ast.unparse(tree.left), ast.unparse(tree.right)


def _counted(desk: Desk, formula: Formula, part: str) -> str:
    units = {
        desk.figure(reference).unit for name, reference in formula.operands.items() if name in part
    }
    return _CIVICO if units == {_CIVICO} else "unit"


def _cap(desk: Desk, topic: str, given: Iterable[Claim]) -> Fraction | None:
    """Return the highest public share that statements on the same topic are held against."""
    for claim in given:
        if claim.topic == topic:
            for reference in _references(claim):
                if reference.endswith(_CAP):
                    return Fraction(str(desk.figure(reference).value))
    return None


def _references(claim: Claim) -> Iterator[str]:
    for item in claim.against:
        yield from item.formula.operands.values()
