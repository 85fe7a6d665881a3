"""Facts about projects from YAML, JSON, CSV or a workbook, checked against the dictionary.

A YAML or JSON file is a mapping of facts, or a list of such mappings. A fact is a value, or a
mapping with ``value`` and, as wanted, ``unit`` (converted), ``from`` (the day since which it
holds) and ``source``; or a list of these. A table has one row a fact (columns ``fact``,
``value``, ``unit``, ``from``, ``source``, ``project``) or one row a project with a column a fact.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from nexpo.core.parameters import read_yaml
from nexpo.core.period import parse_date
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.core.quantity import Quantity
from nexpo.core.tables import Column
from nexpo.datacentres.adapters.cells import Wrong, parse
from nexpo.datacentres.adapters.rows import Form, read_form
from nexpo.datacentres.adapters.rule_pack_files import facts_dictionary
from nexpo.datacentres.rules.model import Fact, Project

_KEYS = ("value", "unit", "from", "source")
_DERIVED = "day"


def read_projects(path: Path) -> tuple[Project, ...]:
    """Read the projects of a file.

    Raises
    ------
    Problem
        Naming file, row and fact: an unknown fact, a wrong type, a unit that does not fit, one
        fact given twice for a day.
    """
    ending = path.suffix.casefold()
    if ending in {".yaml", ".yml"}:
        return _mappings(_yaml(path), path)
    if ending == ".json":
        return _mappings(_json(path), path)
    form = read_form(path)
    return _long(form) if "fact" in form.headers else _wide(form)


def _yaml(path: Path) -> object:
    if not path.is_file():
        raise Problem(
            Kind.NO_INPUT, "no such file", where=Where(str(path)), remedy="check the path"
        )
    try:
        document = read_yaml(path)
    except Problem as problem:
        remedy = problem.remedy if problem.where.row else "write a fact a line, as in pue: 1.3"
        raise bad_input(
            problem.detail, where=problem.where, value=problem.value, remedy=remedy
        ) from None
    return document.get("projects", document)


def _json(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise Problem(
            Kind.NO_INPUT, "no such file", where=Where(str(path)), remedy="check the path"
        ) from None
    except ValueError as error:
        raise bad_input(
            f"not JSON: {error}",
            where=Where(str(path)),
            remedy='write facts by name, as in {"pue": 1.3}; the file may be cut',
        ) from None


def _mappings(content: object, path: Path) -> tuple[Project, ...]:
    records = content if isinstance(content, list) else [content]
    found = []
    for number, record in enumerate(records, 1):
        if not isinstance(record, Mapping):
            raise bad_input(
                "a project is a mapping of facts", where=Where(str(path), number), value=record
            )
        facts = record.get("facts", record)
        cells = [
            (str(name), each, Where(str(path), number if len(records) > 1 else None, str(name)))
            for name, told in facts.items()
            for each in (told if isinstance(told, list) else [told])
        ]
        made = [_fact(name, each, where) for name, each, where in cells]
        found.append(_project(str(record.get("name", "")), made, path, number))
    return tuple(found)


def _long(form: Form) -> tuple[Project, ...]:
    by_project: dict[str, list[Fact | None]] = {}
    for row in form.rows:
        where = Where(str(form.path), row.number, row.cells.get("fact", "fact"))
        told = {key: row.cells[key] for key in _KEYS if key in row.cells}
        unknown = [name for name in row.cells if name not in {*_KEYS, "fact", "project"}]
        if row.broken or unknown or "fact" not in row.cells:
            raise bad_input(
                row.broken or f"unknown column {unknown[0]}" if unknown else "no fact is named",
                where=where,
                remedy=f"the columns are fact, project, {', '.join(_KEYS)}",
            )
        made = _fact(row.cells["fact"], told, where)
        by_project.setdefault(row.cells.get("project", ""), []).append(made)
    return tuple(
        _project(name, facts, form.path, number)
        for number, (name, facts) in enumerate(by_project.items(), 1)
    )


def _wide(form: Form) -> tuple[Project, ...]:
    found = []
    for row in form.rows:
        if row.broken:
            raise bad_input(row.broken, where=Where(str(form.path), row.number))
        facts = [
            _fact(name, text, Where(str(form.path), row.number, name))
            for name, text in row.cells.items()
        ]
        found.append(_project("", facts, form.path, row.number))
    return tuple(found)


def _project(name: str, facts: Iterable[Fact | None], path: Path, number: int) -> Project:
    kept = [fact for fact in facts if fact is not None]
    seen: set[tuple[str, date | None]] = set()
    for fact in kept:
        if (fact.name, fact.since) in seen:
            raise bad_input(
                "the fact is given twice for one day",
                where=Where(str(path), number, fact.name),
                value=fact.value,
                remedy="keep one, or say with 'from' since when each holds",
            )
        seen.add((fact.name, fact.since))
    named = next((str(fact.value) for fact in kept if fact.name == "name"), "")
    units = {column.name: column.unit for column in facts_dictionary().values()}
    return Project(name or named or f"{path.stem} {number}", tuple(kept), units)


def _fact(name: str, told: object, where: Where) -> Fact | None:
    """Return a fact, or None where its cell is empty: that is unknown, as if it were not there."""
    column = _column(name, where)
    entry = dict(told) if isinstance(told, Mapping) else {"value": told}
    extra = [str(key) for key in entry if key not in _KEYS]
    if extra:
        raise bad_input(
            f"unknown key {extra[0]} of a fact", where=where, remedy=f"one of {', '.join(_KEYS)}"
        )
    value = entry.get("value")
    if value is None or not str(value).strip():
        return None
    since = entry.get("from")
    return Fact(
        name,
        _value(column, value, str(entry.get("unit") or ""), where),
        None if since is None else _day(since, where),
        str(entry.get("source") or ""),
    )


def _column(name: str, where: Where) -> Column:
    known = facts_dictionary()
    if name not in known or name == _DERIVED:
        near = get_close_matches(name, known, n=1, cutoff=0.6)
        raise bad_input(
            "unknown fact",
            where=where,
            value=name,
            remedy=f"did you mean {near[0]}?" if near else "see the dictionary of facts",
        )
    return known[name]


def _value(column: Column, value: Any, unit: str, where: Where) -> str | float | bool | date:  # noqa: ANN401 - YAML holds what it holds
    if column.type == "code" and not isinstance(value, str):
        raise bad_input(
            "a code is text",
            where=where,
            value=value,
            remedy="write it in quotes: leading zeros are lost otherwise",
        )
    text = ("yes" if value else "no") if isinstance(value, bool) else str(value).strip()
    try:
        found = parse(column, text)
    except Wrong as error:
        raise bad_input(str(error), where=where, value=value, remedy=error.remedy) from None
    if unit and unit != column.unit:
        return _converted(column, found, unit, where)
    return found


def _converted(column: Column, value: object, unit: str, where: Where) -> float:
    if not isinstance(value, float):
        raise bad_input("this fact has no unit", where=where, value=unit, remedy="leave it out")
    try:
        return float(Quantity(value, unit).to(column.unit or "1").value)
    except Problem as problem:
        raise bad_input(
            problem.detail,
            where=where,
            value=f"{value:g} {unit}",
            remedy=f"give it in {column.unit or 'no unit'}",
        ) from None


def _day(value: object, where: Where) -> date:
    try:
        return parse_date(value)
    except Problem as problem:
        raise bad_input(
            problem.detail, where=where, value=problem.value, remedy=problem.remedy
        ) from None
