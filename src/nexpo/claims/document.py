"""From the ``[[claims]]`` tables of a document to claims, with errors that name the place.

The document is the mapping that a TOML reader gives; no file is opened here. Keys are
those of :class:`~nexpo.claims.model.Claim`; an unknown key is an error, since a
misspelt ``boundry`` would otherwise count as *not stated*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from enum import Enum
from typing import TypeVar, cast

from nexpo.claims.model import (
    Accumulation,
    Act,
    Boundary,
    Claim,
    Comparison,
    Formula,
    GrossNet,
    Implication,
    Part,
    Relation,
    Source,
    Tie,
)
from nexpo.core.period import parse_date
from nexpo.core.problem import Problem, Where, bad_input
from nexpo.core.quantity import Unit

FACT = "fact:"
"""How a reference to a dated fact begins; any other is the id of a claim."""

_E = TypeVar("_E", bound=Enum)
_Table = Mapping[str, object]
_KINDS: dict[str, tuple[type, ...]] = {
    "value": (int, float),
    "precision": (int, float),
    "first_year": (int,),
    "last_year": (int,),
    "price_base": (int,),
}


def read_claims(document: _Table, *, file: str) -> tuple[Claim, ...]:
    """Return the claims of a document, in its order.

    Parameters
    ----------
    document
        A mapping with a list of tables under ``claims``; none is no error.
    file
        Name of the document, for messages.

    Raises
    ------
    Problem
        ``BAD_INPUT`` naming file, claim, field, value and remedy: an unknown key, word
        or unit, a missing field, an id used twice, a reference to a claim that is not
        there, claims that are the sum or part of themselves.

    Examples
    --------
    >>> table = {"id": "a", "claimant": "r", "text": "t", "topic": "t", "indicator": "i",
    ...          "value": 3, "unit": "firm", "source": {"title": "s"}}
    >>> read_claims({"claims": [table]}, file="r.toml")[0].said
    '3 firm'
    """
    tables = document.get("claims", [])
    if not isinstance(tables, list) or not all(isinstance(item, Mapping) for item in tables):
        raise bad_input(
            "claims are written as tables",
            where=Where(file, column="claims"),
            remedy="begin each statement with a line [[claims]]",
        )
    claims = tuple(_placed(table, number, file) for number, table in enumerate(tables, 1))
    _check_ids(claims, file)
    _check_references(claims, file)
    _check_dimensions(claims, file)
    return claims


def _placed(table: _Table, number: int, file: str) -> Claim:
    name = str(table.get("id", f"number {number}"))
    try:
        return _claim(table)
    except Problem as problem:
        detail = problem.detail.removeprefix(f"claim {name}: ")
        raise bad_input(
            f"claim {name}: {detail}",
            where=Where(file, column=problem.where.column),
            value=problem.value,
            remedy=problem.remedy,
        ) from None


def _claim(table: _Table) -> Claim:
    known = {item.name for item in fields(Claim)}
    _no_others(table, known, "")
    for key in ("id", "claimant", "text", "topic", "indicator", "source"):
        _need(table, key, "")
    plain = {key: table[key] for key in table if key in known}
    for key, value in plain.items():
        _check_kind(key, value)
    plain |= {key: _word(kind, table[key], key) for key, kind in _WORDS.items() if key in table}
    plain["source"] = _source(_table(table["source"], "source"))
    if "act" in table:
        plain["act"] = _act(_table(table["act"], "act"))
    for key, make in _LISTS.items():
        plain[key] = tuple(make(_table(item, key)) for item in _list(table.get(key, []), key))
    return Claim(**plain)  # type: ignore[arg-type] # kinds were checked key by key


def _source(table: _Table) -> Source:
    _no_others(table, {"title", "address", "date", "verified"}, "source.")
    _need(table, "title", "source.")
    verified = table.get("verified", False)
    if not isinstance(verified, bool):
        raise _wrong("verified says whether the text was read", "source.verified", verified)
    return Source(
        str(table["title"]),
        str(table.get("address", "")),
        _date(table["date"], "source.date") if "date" in table else None,
        verified,
    )


def _act(table: _Table) -> Act:
    _no_others(table, {"number", "year", "adopted", "published"}, "act.")
    for key in ("number", "year", "adopted"):
        _need(table, key, "act.")
    published = table.get("published")
    year = table["year"]
    if not isinstance(year, int):
        raise _wrong("a year is a whole number", "act.year", year, "write 2024")
    adopted = _date(table["adopted"], "act.adopted")
    return Act(
        str(table["number"]),
        year,
        adopted,
        None if published is None else _date(published, "act.published"),
    )


def _part(table: _Table) -> Part:
    _no_others(table, {"tie", "of", "share", "years"}, "parts.")
    for key in ("tie", "of"):
        _need(table, key, "parts.")
    of, share, years = table["of"], table.get("share"), table.get("years")
    names = (of,) if isinstance(of, str) else tuple(str(name) for name in _list(of, "parts.of"))
    if years is not None and not isinstance(years, int):
        raise _wrong("years is a whole number", "parts.years", years, "write years = 5")
    return Part(
        _word(Tie, table["tie"], "parts.tie"), names, None if share is None else str(share), years
    )


def _comparison(table: _Table) -> Comparison:
    flags = {"same_perimeter": True, "other_quantity": False}
    _no_others(table, {"reading", "fact", "expression", "with", *flags}, "against.")
    _need(table, "reading", "against.")
    if "fact" in table:
        formula = Formula("known", {"known": FACT + str(table["fact"])})
    else:
        formula = _formula(table, "against.")
    given = {key: _flag(table.get(key, default), key) for key, default in flags.items()}
    return Comparison(str(table["reading"]), formula, **given)


def _implication(table: _Table) -> Implication:
    keys = {"name", "title", "unit", "reading", "expression", "with", "within", "beside", "factor"}
    _no_others(table, keys, "implies.")
    for key in ("name", "title", "unit"):
        _need(table, key, "implies.")
    texts = {key: str(table[key]) for key in ("name", "title", "unit", "reading") if key in table}
    ranges = {key: FACT + str(table[key]) for key in ("within", "beside", "factor") if key in table}
    return Implication(formula=_formula(table, "implies."), **texts, **ranges)


def _formula(table: _Table, place: str) -> Formula:
    for key in ("expression", "with"):
        _need(table, key, place)
    operands = _table(table["with"], f"{place}with")
    return Formula(str(table["expression"]), {key: str(value) for key, value in operands.items()})


_FREE = frozenset({Tie.SHARE_OF, Tie.RESTATES, Tie.ACCUMULATES_TO, Tie.NO_LESS_THAN})
_WORDS: dict[str, type[Enum]] = {
    "relation": Relation,
    "accumulation": Accumulation,
    "boundary": Boundary,
    "gross_net": GrossNet,
}
_LISTS: dict[str, Callable[[_Table], object]] = {
    "parts": _part,
    "against": _comparison,
    "implies": _implication,
}


def _check_kind(key: str, value: object) -> None:
    if key in _WORDS or key in _LISTS or key in {"source", "act"}:
        return
    kinds = _KINDS.get(key, (str,))
    if isinstance(value, bool) or not isinstance(value, kinds):
        numeric = kinds != (str,)
        remedy = "write the number without quotes" if numeric else "write it between quotes"
        raise _wrong(f"{key} is {'a number' if numeric else 'text'}", key, value, remedy)


def _word(kind: type[_E], value: object, place: str) -> _E:
    try:
        return kind(value)
    except ValueError:
        words = ", ".join(str(item.value) for item in kind)
        remedy = f"use one of: {words}; leave it out where it was not stated"
        raise _wrong(f"unknown word for {place}", place, value, remedy) from None


def _flag(value: object, place: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(f"{place} is true or false", f"against.{place}", value, "write true or false")
    return value


def _date(value: object, place: str) -> date:
    try:
        return parse_date(value)
    except Problem as problem:
        raise _wrong(problem.detail, place, value, problem.remedy) from None


def _list(value: object, place: str) -> Sequence[object]:
    if not isinstance(value, list):
        raise _wrong(f"{place} is a list", place, value, "write it between square brackets")
    return cast("list[object]", value)


def _table(value: object, place: str) -> _Table:
    if not isinstance(value, Mapping):
        raise _wrong(f"{place} is a table of keys", place, value, "write { key = value, ... }")
    return cast("_Table", value)


def _need(table: _Table, key: str, place: str) -> None:
    if key not in table:
        raise _wrong(f"{place}{key} is missing", f"{place}{key}", None, f"add the key {key}")


def _no_others(table: _Table, known: set[str], place: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        remedy = f"known keys: {', '.join(sorted(known))}"
        raise _wrong(f"unknown key {unknown[0]}", f"{place}{unknown[0]}", unknown[0], remedy)


def _check_ids(claims: Sequence[Claim], file: str) -> None:
    seen: set[str] = set()
    for claim in claims:
        if claim.id in seen:
            raise bad_input(
                f"claim {claim.id}: two claims have this id",
                where=Where(file, column="id"),
                value=claim.id,
                remedy="give the second another id: others refer to it by name",
            )
        seen.add(claim.id)


def _check_references(claims: Sequence[Claim], file: str) -> None:
    ids = {claim.id for claim in claims}
    valued = {claim.id for claim in claims if claim.value is not None}
    for claim in claims:
        for name in claim.references:
            if name.startswith(FACT) or name in valued:
                continue
            what = "has no value to reckon with" if name in ids else "is not in this file"
            raise bad_input(
                f"claim {claim.id}: it refers to a claim that {what}",
                where=Where(file, column="parts, against or implies"),
                value=name,
                remedy=f"claims here: {', '.join(sorted(valued))}; a fact begins with {FACT}",
            )
        own = [name for part in claim.parts for name in part.references if name == claim.id]
        if own:
            raise bad_input(
                f"claim {claim.id}: it is tied to itself",
                where=Where(file, column="parts"),
                value=claim.id,
                remedy="name the other claim",
            )


def _check_dimensions(claims: Sequence[Claim], file: str) -> None:
    known = {claim.id: Unit.parse(claim.unit).dimensions for claim in claims}
    for claim in claims:
        for part in claim.parts:
            others = () if part.tie in _FREE else (name for name in part.of if name in known)
            for name in others:
                if known[name] != known[claim.id]:
                    raise bad_input(
                        f"claim {claim.id}: {part.tie.value} ties quantities of two kinds",
                        where=Where(file, column="parts"),
                        value=f"{claim.unit} and the unit of {name}",
                        remedy="tie like to like; a ratio of unlike things belongs in implies",
                    )


def _wrong(detail: str, place: str, value: object, remedy: str | None = None) -> Problem:
    return bad_input(detail, where=Where(column=place), value=value, remedy=remedy)
