"""The audit: a verdict for each claim, with its reasons, checks and readings.

========================  ==========================================================
verdict                   when
========================  ==========================================================
in conflict               a check fails: figures contradict it, or it contradicts others
ambiguous                 no check fails, but readings disagree or more than one stands
confirmed                 a figure computed from data, of the place and years claimed, lies
                          within what the words allow, and not far over an open end
consistent                some check holds, none fails, and no figure confirms it
not checkable             nothing to hold it against yet
========================  ==========================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from nexpo.claims.checks import Check, Outcome, Reading, checks_of
from nexpo.claims.desk import Desk
from nexpo.claims.model import Claim
from nexpo.core.evidence import Figure, Ledger
from nexpo.core.parameters import Parameter

__all__ = ["Check", "Finding", "Outcome", "Reading", "Verdict", "audit"]


class Verdict(Enum):
    """What the audit says of a claim."""

    CONFIRMED = "confirmed"
    CONSISTENT = "consistent"
    IN_CONFLICT = "in conflict"
    AMBIGUOUS = "ambiguous"
    NOT_CHECKABLE = "not checkable"


_DECISIVE = {
    Verdict.IN_CONFLICT: Outcome.FAILS,
    Verdict.AMBIGUOUS: Outcome.OPEN,
    Verdict.CONFIRMED: Outcome.HOLDS,
    Verdict.CONSISTENT: Outcome.HOLDS,
    Verdict.NOT_CHECKABLE: Outcome.INFORMS,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim with its verdict; ``figures`` are the ids to ask ``nexpo explain`` about."""

    claim: Claim
    verdict: Verdict
    reasons: tuple[str, ...]
    checks: tuple[Check, ...]

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Every reading evaluated, over all checks."""
        return tuple(reading for check in self.checks for reading in check.readings)

    @property
    def figures(self) -> tuple[str, ...]:
        """Ids of the figures behind the checks."""
        return tuple(dict.fromkeys(name for check in self.checks for name in check.figures))

    def as_dict(self) -> dict[str, object]:
        """Return the finding as plain values, for JSON and for templates."""
        claim = self.claim
        return {
            "id": claim.id,
            "topic": claim.topic,
            "claimant": claim.claimant,
            "text": claim.text,
            "indicator": claim.indicator,
            "said": claim.said,
            "value": claim.value,
            "unit": claim.unit,
            "relation": claim.relation.value,
            "accumulation": claim.accumulation.value if claim.accumulation else "not stated",
            "horizon": [claim.first_year or "not stated", claim.last_year or "not stated"],
            "boundary": claim.boundary.value if claim.boundary else "not stated",
            "area": claim.area or "not stated",
            "not_stated": list(claim.not_stated),
            "verdict": self.verdict.value,
            "reasons": list(self.reasons),
            "checks": [check.as_dict() for check in self.checks],
            "figures": list(self.figures),
            "source": {
                "title": claim.source.title,
                "address": claim.source.address,
                "date": claim.source.date.isoformat() if claim.source.date else None,
                "verified": claim.source.verified,
            },
            "note": claim.note,
        }


def audit(
    claims: Iterable[Claim],
    figures: Mapping[str, Figure],
    facts: Mapping[str, Parameter],
    *,
    on: date,
    ledger: Ledger | None = None,
) -> tuple[Finding, ...]:
    """Hold claims against figures, against facts and against each other.

    Parameters
    ----------
    claims
        The statements, as :func:`nexpo.claims.load` gives them.
    figures
        Figures computed from data, by id; only these can confirm a claim.
    facts
        Dated facts and ranges, as :func:`nexpo.claims.load_facts` gives them.
    on
        The day for which facts are asked.
    ledger
        Where claimed and implied numbers are entered, the build's own for instance; a
        new one when left out.

    Returns
    -------
    tuple of Finding
        One a claim, in their order.

    Examples
    --------
    >>> from nexpo.claims.model import Source
    >>> claim = Claim(id="links", claimant="r", text="over 220,000", topic="t",
    ...     indicator="links", value=220_000, unit="connection", source=Source("s"),
    ...     area="03", binds="links.counted")
    >>> audit([claim], {}, {}, on=date(2026, 1, 1))[0].verdict.value
    'not checkable'
    >>> counted = Ledger().observe(id="links.counted", title="links", value=219_800,
    ...     unit="connection", as_of=date(2026, 1, 1), place="03", function="count")
    >>> finding = audit([claim], {counted.id: counted}, {}, on=date(2026, 1, 1))[0]
    >>> finding.verdict.value, finding.reasons[0]
    ('confirmed', 'The computed figure links.counted, 219,800 connection, is within what \
the words allow (215,000 to 225,000 connection).')
    """
    given = tuple(claims)
    desk = Desk(
        {claim.id: claim for claim in given}, facts, on, Ledger() if ledger is None else ledger
    )
    return tuple(_finding(claim, desk, figures) for claim in given)


def _finding(claim: Claim, desk: Desk, figures: Mapping[str, Figure]) -> Finding:
    if claim.value is not None:
        desk.figure(claim.id)
    checks = tuple(checks_of(claim, desk, figures))
    verdict = _verdict(checks)
    return Finding(claim, verdict, tuple(_reasons(claim, checks, verdict)), checks)


def _verdict(checks: tuple[Check, ...]) -> Verdict:
    outcomes = {check.outcome for check in checks}
    if Outcome.FAILS in outcomes:
        return Verdict.IN_CONFLICT
    if Outcome.OPEN in outcomes:
        return Verdict.AMBIGUOUS
    if any(check.name == "bound" and check.outcome is Outcome.HOLDS for check in checks):
        return Verdict.CONFIRMED
    return Verdict.CONSISTENT if Outcome.HOLDS in outcomes else Verdict.NOT_CHECKABLE


def _reasons(claim: Claim, checks: tuple[Check, ...], verdict: Verdict) -> Iterable[str]:
    decisive = [check for check in checks if check.outcome is _DECISIVE[verdict]]
    others = [check for check in checks if check not in decisive]
    if verdict is Verdict.NOT_CHECKABLE:
        yield f"Nothing computed or known is at hand to hold {claim.said} against."
    for check in (*decisive, *others):
        yield check.sentence
    if claim.not_stated:
        yield f"Not stated: {', '.join(name.replace('_', ' ') for name in claim.not_stated)}."
