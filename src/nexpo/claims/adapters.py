"""Where claims and facts come from: region files (TOML) and dated facts (YAML)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nexpo.claims.document import read_claims
from nexpo.claims.model import Claim
from nexpo.core.parameters import Parameter, Version, read_yaml
from nexpo.core.period import Period, first_overlap, parse_date
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.core.settings import parameters_directory

_FILES = ("facts", "ranges")
_KEYS = ("id", "title", "value", "unit", "valid_from", "article", "source", "verified")


def load(path: Path) -> tuple[Claim, ...]:
    """Read the claims of a region file, or of any TOML file with ``[[claims]]``.

    Raises
    ------
    Problem
        When the file is missing (``NO_INPUT``), is not TOML or holds a claim that
        cannot be read (``BAD_INPUT``, naming file, claim, field, value and remedy).

    Examples
    --------
    >>> from nexpo.core.settings import regions_directory
    >>> claims = load(regions_directory() / "lombardia.toml")
    >>> next(claim.said for claim in claims if claim.id == "white.realised")
    'over 220,000 connection'
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise _no_file(path) from None
    except OSError as error:
        raise _unreadable(path, error) from None
    except UnicodeDecodeError as error:
        raise _not_toml(path, f"it is not UTF-8 text ({error.reason})") from None
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(path, str(error)) from None
    found = read_claims(document, file=str(path))
    if not found and "region" not in document:
        raise bad_input(
            "the file holds no claims",
            where=Where(str(path)),
            remedy="begin each claim with [[claims]]; nexpo claims audit --help shows one",
        )
    return found


def load_facts(folder: Path | None = None) -> dict[str, Parameter]:
    """Read the dated facts and ranges that claims are held against.

    Parameters
    ----------
    folder
        Folder with ``facts.yaml`` and ``ranges.yaml``; by default the packaged one.

    Raises
    ------
    Problem
        ``CONFIG`` naming the file and the record: a missing key, two values in force on
        one day.

    Examples
    --------
    >>> from datetime import date
    >>> load_facts()["lombardia/grey-civici"].on(date(2025, 1, 1))
    397008
    """
    root = folder or parameters_directory() / "claims"
    known: dict[str, Parameter] = {}
    for name in _FILES:
        path = root / f"{name}.yaml"
        for parameter in _parameters(read_yaml(path), name, path):
            known[parameter.id] = parameter
    return known


def _parameters(document: Mapping[str, Any], name: str, path: Path) -> list[Parameter]:
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for number, record in enumerate(document.get(name) or [], 1):
        _check_record(record, f"{name}[{number}]", path)
        grouped.setdefault(str(record["id"]), []).append(record)
    return [_parameter(records, path) for records in grouped.values()]


def _parameter(records: list[Mapping[str, Any]], path: Path) -> Parameter:
    last = records[-1]
    versions = tuple(
        sorted((_version(item) for item in records), key=lambda item: item.period.start)
    )
    if first_overlap(versions):
        raise _wrong_record(
            path, str(last["id"]), "two values are in force on one day", "add a valid_to"
        )
    return Parameter(str(last["id"]), str(last["title"]), str(last["unit"]), versions)


def _version(record: Mapping[str, Any]) -> Version:
    end = record.get("valid_to")
    return Version(
        Period(parse_date(record["valid_from"]), None if end is None else parse_date(end)),
        record["value"],
        str(record["article"]),
        str(record["source"]),
        record["verified"] is True,
        str(record.get("note", "")),
    )


def _check_record(record: object, place: str, path: Path) -> None:
    if not isinstance(record, Mapping):
        raise _wrong_record(path, place, "a fact is a mapping of keys", "begin it with - id:")
    missing = [key for key in _KEYS if key not in record]
    if missing:
        name = str(record.get("id", place))
        raise _wrong_record(path, name, f"{missing[0]} is missing", f"add the key {missing[0]}")


def _wrong_record(path: Path, place: str, detail: str, remedy: str) -> Problem:
    where = Where(str(path), column=place)
    return Problem(Kind.CONFIG, f"{place}: {detail}", where=where, remedy=remedy)


def _no_file(path: Path) -> Problem:
    known = ", ".join(sorted(item.stem for item in path.parent.glob("*.toml"))) or "none"
    return Problem(
        Kind.NO_INPUT,
        "no such file of claims",
        where=Where(str(path)),
        remedy=f"files here: {known}; name your own with --file",
    )


def _unreadable(path: Path, error: OSError) -> Problem:
    what = "this is a folder, not a file" if path.is_dir() else f"cannot read: {error.strerror}"
    return bad_input(what, where=Where(str(path)), remedy="name a TOML file with [[claims]]")


def _not_toml(path: Path, why: str) -> Problem:
    return Problem(
        Kind.BAD_INPUT,
        f"the file is not TOML: {why}",
        where=Where(str(path)),
        remedy="mend the line it names; numbers are written 1132 or 7.8, texts between quotes",
    )
