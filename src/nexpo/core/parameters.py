"""Law and policy as dated data.

A parameter file is YAML: a description, a unit, and values by start date, each with
its article, its source and whether the primary text was read::

    id: coverage.need.weights
    title: Weights of the need index
    unit: "1"
    versions:
      - valid_from: 2025-01-01
        value: 0.5
        article: none, a choice of this project
        source: docs/adr/0006-need-index.md
        verified: false

Values are asked for *on a day*; nothing in the code holds a threshold.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any

import yaml

from nexpo.core.period import Period, first_overlap, parse_date
from nexpo.core.problem import Kind, Problem, Where
from nexpo.core.settings import parameters_directory


@dataclass(frozen=True, slots=True)
class Version:
    """One value of a parameter with its days of validity and its legal basis."""

    period: Period
    value: Any
    article: str
    source: str
    verified: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """A parameter as it was used: the row of evidence that names the law.

    ``source`` is the publication, ``article`` the provision in it.
    """

    parameter: str
    title: str
    value: str
    unit: str
    valid_from: date
    article: str
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named, dated parameter."""

    id: str
    title: str
    unit: str
    versions: tuple[Version, ...]

    def version_on(self, day: date) -> Version:
        """Return the version in force on a day.

        Raises
        ------
        Problem
            When the parameter has no value on that day.
        """
        for version in self.versions:
            if day in version.period:
                return version
        first = min(version.period.start for version in self.versions)
        late = f"its first version starts on {first}; choose a later date or add a version"
        raise Problem(
            Kind.CONFIG,
            f"{self.id} has no value on {day}",
            value=str(day),
            remedy=late if day < first else "add the version in force on that day",
        )

    def on(self, day: date) -> Any:
        """Return the value in force on a day."""
        return self.version_on(day).value

    def use(self, day: date) -> Use:
        """Return the value in force on a day as a line of evidence."""
        version = self.version_on(day)
        return Use(
            parameter=self.id,
            title=self.title,
            value=_plain(version.value),
            unit=self.unit,
            valid_from=version.period.start,
            article=version.article,
            source=version.source,
            verified=version.verified,
        )


def load(path: Path) -> Parameter:
    """Read and check one parameter file.

    Raises
    ------
    Problem
        ``CONFIG`` naming the file and the field: missing keys, a version without
        article, source or ``verified``, overlapping dates.
    """
    document = read_yaml(path)
    for key in ("id", "title", "versions"):
        _require(document, key, path, key)
    if not isinstance(document["versions"], list) or not document["versions"]:
        raise Problem(
            Kind.CONFIG,
            "versions is a list with at least one version",
            where=Where(str(path), column="versions"),
            value=document["versions"],
            remedy="begin each version with '- valid_from:'",
        )
    versions = tuple(
        sorted(
            (_version(entry, index, path) for index, entry in enumerate(document["versions"])),
            key=lambda version: version.period.start,
        )
    )
    clash = first_overlap(versions)
    if clash:
        starts = " and ".join(str(version.period.start) for version in clash)
        raise Problem(
            Kind.CONFIG,
            "two versions are in force on the same day",
            where=Where(str(path), column="versions"),
            value=f"versions from {starts}",
            remedy="give the earlier one a valid_to that is not after the later valid_from",
        )
    return Parameter(
        str(document["id"]), str(document["title"]), str(document.get("unit", "")), versions
    )


def get(name: str, *, root: Path | None = None) -> Parameter:
    """Return the parameter of a dotted or slashed name below ``parameters/``.

    Examples
    --------
    >>> get("coverage/eu-2023").id
    'eu-2023'
    """
    path = (root or parameters_directory()) / f"{name}.yaml"
    return load(path)


def names(folder: str, *, root: Path | None = None) -> tuple[str, ...]:
    """Return the names of the parameter files of a folder, in order.

    Examples
    --------
    >>> "eu-2023" in names("coverage")
    True
    """
    return tuple(sorted(path.stem for path in _folder(folder, root).glob("*.yaml")))


def file_named(name: str, folder: str, what: str, *, root: Path | None = None) -> Path:
    """Return the file that a user names: by its name in a folder, or by a path (.yaml).

    Raises
    ------
    Problem
        ``USAGE`` naming the ones that are there.

    Examples
    --------
    >>> file_named("eu-2023", "coverage", "rule").name
    'eu-2023.yaml'
    """
    if name.endswith((".yaml", ".yml")):
        return Path(name)
    known = names(folder, root=root)
    if name not in known:
        raise Problem(
            Kind.USAGE,
            f"no such {what}",
            value=name,
            remedy=f"one of {', '.join(known)}, or the path of a file (.yaml)",
        )
    return _folder(folder, root) / f"{name}.yaml"


def _folder(folder: str, root: Path | None) -> Path:
    return (root or parameters_directory()) / folder


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping; say the line where it is not YAML."""
    document = _document(_text(path), path)
    if not isinstance(document, dict):
        raise Problem(
            Kind.CONFIG,
            "the file holds no mapping of keys",
            where=Where(str(path)),
            remedy="begin with id:, title: and versions:",
        )
    return document


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Problem(
            Kind.CONFIG,
            "no such parameter file",
            where=Where(str(path)),
            remedy=f"known files here: {_known_files(path.parent)}",
        ) from None
    except UnicodeDecodeError as error:
        raise Problem(
            Kind.CONFIG, f"the file is not UTF-8 text ({error})", where=Where(str(path))
        ) from None


def _document(text: str, path: Path) -> object:
    """Return what the text holds; what the quick reader refuses, the plain one puts in words."""
    with suppress(ValueError, yaml.YAMLError):
        return yaml.load(text, Loader=_Quick)  # noqa: S506 - a safe loader, made stricter
    try:
        return yaml.load(text, Loader=_Plain)  # noqa: S506 - likewise
    except ValueError as error:  # 2024-02-30 has the form of a date: YAML makes it one, or fails
        raise Problem(
            Kind.CONFIG,
            f"the file holds a value that is none: {error}",
            where=Where(str(path)),
            remedy="write days that exist, as YYYY-MM-DD",
        ) from None
    except yaml.constructor.ConstructorError as error:
        raise Problem(
            Kind.CONFIG,
            f"the file cannot be used: {error.problem}",
            where=_line(path, error.problem_mark),
            remedy="mend this line: each key once in its mapping, numbers in digits",
        ) from None
    except yaml.YAMLError as error:
        raise Problem(
            Kind.CONFIG,
            f"the file is not YAML: {getattr(error, 'problem', error)}",
            where=_line(path, getattr(error, "problem_mark", None)),
            remedy="mend the indentation or the quotes at this line",
        ) from None


def _line(path: Path, mark: yaml.Mark | None) -> Where:
    return Where(str(path), None if mark is None else mark.line + 1)


class _Strict(yaml.constructor.SafeConstructor):
    """The safe loader's values; a key written twice is refused, where the last would win."""

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002 - as the library calls it
    ) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue  # no key of ours; the safe loader says what it makes of it
            if key.value in seen:
                problem = f"the key {key.value!r} stands twice in one mapping"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


class _Plain(_Strict, yaml.SafeLoader):
    """Written in Python: it names the fault and its line."""


class _Quick(_Strict, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Seven times as quick, where PyYAML was built with libyaml."""


def _number(loader: Any, node: Any) -> float:
    """Refuse ``.nan`` and ``.inf``: no value compares with them as the law means."""
    value: float = loader.construct_yaml_float(node)
    if not isfinite(value):
        problem = f"the number {node.value} is none that a rule can use"
        raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
    return value


for _reader in (_Plain, _Quick):
    _reader.add_constructor("tag:yaml.org,2002:float", _number)


def _known_files(folder: Path) -> str:
    names = sorted(path.stem for path in folder.glob("*.yaml"))
    return ", ".join(names) or "none"


def _version(entry: Mapping[str, Any], index: int, path: Path) -> Version:
    place = f"versions[{index}]"
    if not isinstance(entry, Mapping):
        raise Problem(Kind.CONFIG, "a version is a mapping", where=Where(str(path), column=place))
    for key in ("valid_from", "value", "article", "source", "verified"):
        _require(entry, key, path, f"{place}.{key}")
    for key in ("article", "source"):
        if not str(entry[key] or "").strip():
            raise Problem(
                Kind.CONFIG,
                f"{key} is empty",
                where=Where(str(path), column=f"{place}.{key}"),
                remedy="name it, or say why there is none",
            )
    if not isinstance(entry["verified"], bool):
        raise Problem(
            Kind.CONFIG,
            "verified says whether the primary text was read",
            where=Where(str(path), column=f"{place}.verified"),
            value=entry["verified"],
            remedy="write true or false",
        )
    try:
        end = entry.get("valid_to")
        period = Period(parse_date(entry["valid_from"]), None if end is None else parse_date(end))
    except Problem as problem:
        raise Problem(
            Kind.CONFIG,
            problem.detail,
            where=Where(str(path), column=place),
            value=problem.value,
            remedy=problem.remedy,
        ) from None
    return Version(
        period,
        entry["value"],
        str(entry["article"]),
        str(entry["source"]),
        entry["verified"],
        str(entry.get("note", "")),
    )


def _require(document: Mapping[str, Any], key: str, path: Path, place: str) -> None:
    if key not in document:
        raise Problem(
            Kind.CONFIG,
            f"{key} is missing",
            where=Where(str(path), column=place),
            remedy=f"add the key {key}",
        )


def _plain(value: Any) -> str:
    return (
        str(value)
        if not isinstance(value, (dict, list))
        else yaml.safe_dump(
            value, default_flow_style=True, sort_keys=True, width=10_000, allow_unicode=True
        ).strip()
    )
