"""Values as JSON and back, by their declared types: what a design was made by, kept beside it.

A dataclass is an object of its fields, an enum its value, a path and a day their text, an exact
fraction ``"1/3"``, money its cents, an array a list. Reading goes by the type of the field, so
that a folder written once gives the same values again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np

from nexpo.core.money import Money
from nexpo.core.problem import Kind, Problem

Json = Any
T = TypeVar("T")


def encode(value: object) -> Json:  # noqa: PLR0911 - one line a kind of value
    """Return a value as JSON.

    Examples
    --------
    >>> encode((Fraction(1, 3), date(2026, 1, 1), Money(5)))
    ['1/3', '2026-01-01', 5]
    """
    match value:
        case Enum():
            return encode(value.value)
        case Money(cents=cents):
            return cents
        case Fraction() | Path():
            return str(value)
        case date():
            return value.isoformat()
        case float() if math.isnan(value):
            return None
        case np.ndarray():
            return value.tolist()
        case Mapping():
            return {str(encode(key)): encode(item) for key, item in value.items()}
        case tuple() | list():
            return [encode(item) for item in value]
    if is_dataclass(value):
        return {each.name: encode(getattr(value, each.name)) for each in fields(value)}
    return value


def decode(kind: type[T], value: Json) -> T:
    """Return the value of a type that JSON holds.

    Raises
    ------
    Problem
        ``BAD_INPUT`` when the JSON does not hold such a value.

    Examples
    --------
    >>> decode(Fraction, encode(Fraction(1, 3)))
    Fraction(1, 3)
    """
    try:
        return cast("T", _decoded(kind, value))
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise Problem(
            Kind.BAD_INPUT,
            f"the description of a design holds no {kind.__name__}: {error}",
            remedy="name a folder that this version of Nexpo wrote, or design it again",
        ) from error


def _decoded(kind: Any, value: Json) -> object:  # noqa: ANN401, PLR0911 - one line a kind of type
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        return _either(inner, value)
    if origin is tuple:
        return tuple(_decoded(inner[0], item) for item in value)
    if origin is np.ndarray:
        return np.array(value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {_key(inner[0], key): _decoded(inner[1], item) for key, item in value.items()}
    if kind is Money or issubclass(kind, Enum | Fraction | Path):
        return kind(value)
    if kind is date:
        return date.fromisoformat(value)
    if kind is float:
        return math.nan if value is None else float(value)
    return _record(kind, value) if is_dataclass(kind) else kind(value)


def _either(kinds: tuple[Any, ...], value: Json) -> object:
    if value is None:
        return None
    return _decoded(next(kind for kind in kinds if kind is not NoneType), value)


def _key(kind: Any, text: str) -> object:  # noqa: ANN401 - a type
    return _decoded(kind, int(text) if kind is int else text)


def _record(kind: Any, value: Json) -> object:  # noqa: ANN401 - a type
    types = get_type_hints(kind)
    return kind(
        **{each.name: _decoded(types[each.name], value[each.name]) for each in fields(kind)}
    )
