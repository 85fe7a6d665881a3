"""Public statements as typed objects, held against figures and against each other.

A statement says a number about a region: so many connections, euro, jobs. A
:class:`Claim` keeps what was said (value, unit, relation, horizon, boundary) and lists
what was *not* said; nothing absent is guessed. :func:`audit` gives each a verdict
(confirmed, consistent, in conflict, ambiguous, not checkable) with the arithmetic
behind it. Nothing is *confirmed* unless a figure computed from data, handed in by the
caller, lies within the precision of the words used.

Modelling choices a reader should know:

- a printed number stands for all that round to it: 261 M is 260.5 to 261.5 M, and
  trailing zeros do not count (600 firms is 550 to 650) unless ``precision`` says so;
- "over" and "at least" have no upper end; "almost" reaches down by a stated tolerance;
- where a statement can be read in several ways all are computed, side by side, and the
  statement is *ambiguous*, even when a range of plausible values leaves one standing.
"""

from nexpo.claims.adapters import load, load_facts
from nexpo.claims.audit import Check, Finding, Outcome, Verdict, audit
from nexpo.claims.document import read_claims
from nexpo.claims.model import Claim, Source
from nexpo.claims.precision import Interval, allowed

__all__ = [
    "Check",
    "Claim",
    "Finding",
    "Interval",
    "Outcome",
    "Source",
    "Verdict",
    "allowed",
    "audit",
    "load",
    "load_facts",
    "read_claims",
]
