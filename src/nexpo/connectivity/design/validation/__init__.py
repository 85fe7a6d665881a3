"""The validation report: a finished fibre plan, checked by code that did not make it.

Nothing of the designer is used here but the values it hands over. Cables are walked trench
by trench, fibres are counted again from the addresses, losses are summed again, lengths are
measured again on the ellipsoid. A finding says what was checked, how often, and what failed
where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import polars as pl

from nexpo.connectivity.design.fibre.model import Inputs, Plan
from nexpo.connectivity.design.validation import equipment, premises, trenches
from nexpo.connectivity.design.validation.walk import Failure, Found, Walk

__all__ = ["Failure", "Finding", "report", "validate"]

_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found.

    Parameters
    ----------
    rule
        Short name, stable.
    title
        What holds where the rule is kept.
    checked, failed
        How many things were looked at, and how many of them fail.
    examples
        The first failures.
    """

    rule: str
    title: str
    checked: int
    failed: int
    examples: tuple[Failure, ...]

    @property
    def ok(self) -> bool:
        """Say whether nothing failed."""
        return self.failed == 0


Check = Callable[[Walk], Found]


def validate(plan: Plan, inputs: Inputs) -> tuple[Finding, ...]:
    """Check a plan against what it was made from.

    Returns
    -------
    One finding a rule, in a fixed order; also those that found nothing wrong.
    """
    walk = Walk(plan, inputs)
    return tuple(_finding(walk, rule, title, check) for rule, title, check in _RULES)


def report(findings: Iterable[Finding]) -> pl.DataFrame:
    """Return findings as a table, the examples as text."""
    return pl.DataFrame(
        [
            {
                "rule": each.rule,
                "ok": each.ok,
                "title": each.title,
                "checked": each.checked,
                "failed": each.failed,
                "examples": "; ".join(f"{one.id}: {one.message}" for one in each.examples),
            }
            for each in findings
        ],
        schema={
            "rule": pl.String,
            "ok": pl.Boolean,
            "title": pl.String,
            "checked": pl.Int64,
            "failed": pl.Int64,
            "examples": pl.String,
        },
    )


def _finding(walk: Walk, rule: str, title: str, check: Check) -> Finding:
    checked, failures = check(walk)
    found = list(failures)
    return Finding(rule, title, checked, len(found), tuple(found[:_EXAMPLES]))


_RULES: tuple[tuple[str, str, Check], ...] = (
    (
        "premises.complete",
        "every demand is served, listed as left, or connected: once",
        premises.complete,
    ),
    ("premises.reached", "cables lead from every address to its POP", premises.reached),
    ("premises.lengths", "feeder, distribution and drop are as long as walked", premises.lengths),
    ("premises.budget", "every path keeps its optical budget and reach", premises.budgets),
    ("premises.near", "chambers and cabinets are within their reach", premises.near),
    ("cables.whole", "every cable lies in trenches that follow one another", equipment.whole),
    (
        "cables.fibres",
        "fibres in use over each trench are those the addresses need",
        equipment.fibres,
    ),
    ("cables.size", "every cable holds its fibres and the spare", equipment.sizes),
    ("sites.split", "splitters have the ratio and the number that is needed", equipment.splits),
    ("sites.capacity", "no chamber, cabinet or POP holds more than it can", equipment.capacity),
    ("trench.once", "no metre of street is dug twice", trenches.once),
    ("trench.length", "every trench is as long as its line on the ellipsoid", trenches.measured),
    ("trench.street", "every trench is a part of a street that may carry it", trenches.street),
    ("trench.cost", "costs are price times length; the bound is not above them", trenches.cost),
    ("trench.joined", "all trenches hang together with a POP", trenches.joined),
    ("ring.apart", "two ways to a cabinet share no street but those named", premises.rings),
)
