"""A round of public consultation: what corrections and new plans do to the colours.

Corrections name a declaration by address, operator and technology, and add, change or
withdraw it. The colours are computed before and after by the same rule; each address
whose colour or eligibility changed is listed with the corrections that caused it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

Declaration = Mapping[str, Any]
Key = tuple[str, str, str]

_OF_THE_SUBMISSION = frozenset({"action", "submitted_by", "submitted_on", "motive"})
_NAMING = frozenset({"address_id", "operator", "technology", "infrastructure"})


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A correction that could not be applied, and why."""

    correction: Mapping[str, Any]
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Change:
    """An address whose colour or eligibility changed, and the corrections behind it."""

    address_id: str
    area: str | None
    colour_before: str | None
    colour_after: str | None
    aid_before: str | None
    aid_after: str | None
    causes: tuple[str, ...]


def key_of(row: Mapping[str, Any]) -> Key:
    """Return what names a declaration: address, operator, technology."""
    return (str(row["address_id"]), str(row["operator"]), str(row["technology"]))


def amend(
    declarations: Iterable[Declaration], corrections: Sequence[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], list[Unmatched]]:
    """Return the declarations after the corrections, and the corrections left over.

    Corrections are applied in the order of their day of submission, then as listed. One
    that names an infrastructure acts on that last mile; one that names none acts where
    the operator has a single one there, and is left over where it has several.

    Examples
    --------
    >>> row = {"address_id": "1", "operator": "A", "technology": "fwa", "year": 2024}
    >>> withdrawal = row | {"action": "withdraw", "submitted_on": date(2025, 1, 1)}
    >>> amend([row], [withdrawal])
    ([], [])
    """
    rows: dict[Key, list[dict[str, Any]]] = {}
    for declaration in declarations:
        rows.setdefault(key_of(declaration), []).append(dict(declaration))
    unmatched = []
    for correction in sorted(corrections, key=lambda item: str(item["submitted_on"])):
        reason = _apply(rows, correction)
        if reason is not None:
            unmatched.append(Unmatched(correction, *reason))
    return [row for group in rows.values() for row in group], unmatched


def _apply(
    rows: dict[Key, list[dict[str, Any]]], correction: Mapping[str, Any]
) -> tuple[str, str] | None:
    """Apply one correction; return why it cannot be, and what to do."""
    there = rows.setdefault(key_of(correction), [])
    named = correction.get("infrastructure")
    meant = [row for row in there if named is None or _last_mile(row) == named]
    if correction["action"] == "add":
        if any(_last_mile(row) == _last_mile(correction) for row in there):
            return "the declaration is there already", "use change"
        there.append(_declared(correction))
        return None
    if not meant:
        return "no such declaration (address, operator, technology)", "check them, or use add"
    if len({_last_mile(row) for row in meant}) > 1:
        return "the operator has several last miles there", "name the infrastructure"
    for row in meant:
        if correction["action"] == "withdraw":
            there.remove(row)
        else:
            row.update(_stated(correction))
    return None


def _last_mile(row: Mapping[str, Any]) -> str:
    own = row.get("infrastructure")
    return str(row["operator"] if own is None else own)


def _declared(correction: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in correction.items() if name not in _OF_THE_SUBMISSION}


def _stated(correction: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in _declared(correction).items()
        if value is not None and name not in _NAMING
    }


def decisive(
    before: Sequence[Declaration],
    corrections: Sequence[Mapping[str, Any]],
    outcome: Callable[[Sequence[Declaration]], object],
) -> list[Mapping[str, Any]]:
    """Return the corrections at one address that change its outcome.

    A correction is a cause when it changes the outcome alone, or when the outcome after
    all of them is another without it: a plan beyond the horizon is none beside a service
    that is there. Where no single one passes (two that only count together, each made up
    for by a third) all are causes, as all are where the outcome of the address by itself
    does not change and its neighbours decide.

    Parameters
    ----------
    before
        Declarations of the address.
    corrections
        Those applied to it.
    outcome
        What the rule makes of declarations of one address.

    Examples
    --------
    >>> add = {"action": "add", "address_id": "1", "technology": "fibre", "submitted_on": ""}
    >>> now, late = add | {"operator": "Z", "year": 2025}, add | {"operator": "N", "year": 2040}
    >>> def served(rows): return any(row["year"] <= 2028 for row in rows)
    >>> [item["operator"] for item in decisive([], [now, late], served)]
    ['Z']
    """
    if len(corrections) == 1:
        return list(corrections)

    def after(chosen: Sequence[Mapping[str, Any]]) -> object:
        return outcome(amend(before, chosen)[0])

    first, last = outcome(list(before)), after(corrections)
    if first == last:
        return list(corrections)
    found = [
        item
        for item in corrections
        if after([item]) != first or after([c for c in corrections if c is not item]) != last
    ]
    return found or list(corrections)


def causes_by_address(corrections: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Return for each address the sentences of the corrections that touch it."""
    found: dict[str, list[str]] = {}
    for correction in corrections:
        found.setdefault(str(correction["address_id"]), []).append(cause_of(correction))
    return {address: tuple(causes) for address, causes in found.items()}


def cause_of(correction: Mapping[str, Any]) -> str:
    """Return a correction in one sentence.

    Examples
    --------
    >>> cause_of({"action": "add", "operator": "A", "technology": "fibre", "year": 2027,
    ...           "submitted_by": "A", "submitted_on": date(2025, 9, 1), "motive": "new plan"})
    'A adds fibre for 2027 (A, 2025-09-01: new plan)'
    """
    verb = {"add": "adds", "change": "changes", "withdraw": "withdraws"}[correction["action"]]
    when = f" for {correction['year']}" if correction.get("year") else ""
    return (
        f"{correction['operator']} {verb} {correction['technology']}{when} "
        f"({correction['submitted_by']}, {correction['submitted_on']}: {correction['motive']})"
    )


def kind_of(correction: Mapping[str, Any], day: date) -> str:
    """Return the kind of cause under which a change is counted."""
    if correction["action"] == "add":
        year = correction.get("year")
        return "new plan" if year is not None and int(year) > day.year else "new service"
    return {"change": "declaration corrected", "withdraw": "declaration withdrawn"}[
        correction["action"]
    ]


def difference(
    before: Mapping[str, Mapping[str, Any]],
    after: Mapping[str, Mapping[str, Any]],
    causes: Mapping[str, tuple[str, ...]],
) -> list[Change]:
    """Return the addresses whose colour or eligibility changed, by id.

    Parameters
    ----------
    before, after
        Classified addresses by id (``colour``, ``aid``, ``area``).
    causes
        Sentences by address, from :func:`causes_by_address`.
    """
    changes = []
    for address in sorted(before.keys() | after.keys()):
        old, new = before.get(address, {}), after.get(address, {})
        if (old.get("colour"), old.get("aid")) != (new.get("colour"), new.get("aid")):
            changes.append(
                Change(
                    address_id=address,
                    area=new.get("area") or old.get("area"),
                    colour_before=old.get("colour"),
                    colour_after=new.get("colour"),
                    aid_before=old.get("aid"),
                    aid_after=new.get("aid"),
                    causes=causes.get(address, ()),
                )
            )
    return changes


def count_by_cause(
    changes: Iterable[Change], corrections: Iterable[Mapping[str, Any]], day: date
) -> dict[str, int]:
    """Return how many changed addresses each kind of cause touches.

    An address touched by two kinds is counted under each.
    """
    kinds: dict[str, set[str]] = {}
    for correction in corrections:
        kinds.setdefault(str(correction["address_id"]), set()).add(kind_of(correction, day))
    counts: Counter[str] = Counter()
    for change in changes:
        counts.update(kinds.get(change.address_id, ()))
    return dict(sorted(counts.items()))
