"""From the tags of a street to its cost class, by a dated table.

The table is ``parameters/design/street-classes.yaml``; nothing here knows a tag's meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from nexpo.connectivity.design.model import COST_CLASSES, CostClass, Ints
from nexpo.core.problem import Kind, Problem, Where

_TAGS = ("highway", "surface", "bridge", "tunnel", "lit", "maxspeed", "cost_class")
_DROPPED, _UNKNOWN = -2, -1


@dataclass(frozen=True, slots=True)
class StreetClasses:
    """The tag table, checked.

    Attributes
    ----------
    default
        Class where a tag is absent or unknown.
    highway
        Class by highway value.
    ignored
        Highway values that are no way on the ground.
    surface
        Class that a surface turns a street into.
    bridge, tunnel
        Values that mean one.
    built_up
        Tag to the values that mark a road outside towns as one inside.
    barriers
        Key, then value, to the class of a crossing.
    crossing_width_m
        Metres of street that a crossing makes dear.
    """

    default: CostClass
    highway: Mapping[str, CostClass]
    ignored: frozenset[str]
    surface: Mapping[str, CostClass]
    bridge: frozenset[str]
    tunnel: frozenset[str]
    built_up: Mapping[str, frozenset[str]]
    barriers: Mapping[str, Mapping[str, CostClass]]
    crossing_width_m: float

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> StreetClasses:
        """Read the value of the parameter ``design/street-classes``.

        Raises
        ------
        Problem
            ``CONFIG`` naming the key whose class is unknown or that is missing.

        Examples
        --------
        >>> from nexpo.core.parameters import get
        >>> from datetime import date
        >>> table = StreetClasses.of(get("design/street-classes").on(date(2025, 1, 1)))
        >>> table.highway["steps"].value, table.barriers["railway"]["rail"].value
        ('path', 'rail_crossing')
        """
        try:
            return cls(
                default=_class(value["default"], "default"),
                highway=_classes(value["highway"], "highway"),
                ignored=frozenset(value["ignored"]),
                surface={
                    word: _class(made, "surface")
                    for made, words in value["surface"].items()
                    for word in words
                },
                bridge=frozenset(value["bridge"]),
                tunnel=frozenset(value["tunnel"]),
                built_up={tag: frozenset(words) for tag, words in value["built_up"].items()},
                barriers={key: _classes(of, key) for key, of in value["barriers"].items()},
                crossing_width_m=float(value["crossing_width_m"]),
            )
        except KeyError as error:
            raise Problem(
                Kind.CONFIG,
                f"the table of street classes lacks {error.args[0]}",
                where=Where("design/street-classes", column=str(error.args[0])),
                remedy="take the file that comes with Nexpo as a pattern",
            ) from None


def class_of_ways(ways: pl.DataFrame, classes: StreetClasses) -> tuple[Ints, dict[str, int]]:
    """Return the class of each way, and how often each unknown highway value was met.

    A way that is no way on the ground (``ignored``) gets ``-2``. A column ``cost_class`` with a
    class's name, where it has a value, holds against the tags.

    Parameters
    ----------
    ways
        The neutral table; each tag column may be absent.

    Examples
    --------
    >>> from nexpo.core.parameters import get
    >>> from datetime import date
    >>> table = StreetClasses.of(get("design/street-classes").on(date(2025, 1, 1)))
    >>> ways = pl.DataFrame({"highway": ["residential", "tertiary", "proposed", "steeps"],
    ...                      "surface": ["sett", None, None, None]})
    >>> found, unknown = class_of_ways(ways, table)
    >>> [COST_CLASSES[c].value if c >= 0 else None for c in found], unknown
    (['paved', 'rural_road', None, 'asphalt'], {'steeps': 1})
    """
    tags = _with_all(ways)
    number = {each: place for place, each in enumerate(COST_CLASSES)}
    highway = _mapped(tags, "highway", {k: number[v] for k, v in classes.highway.items()})
    highway[tags["highway"].is_in(list(classes.ignored)).fill_null(value=False).to_numpy()] = (
        _DROPPED
    )
    strange = (highway == _UNKNOWN) & tags["highway"].is_not_null().to_numpy()
    unknown = tags.filter(strange)["highway"].value_counts().sort("highway").rows()
    dropped, found = highway == _DROPPED, np.where(highway == _UNKNOWN, -1, highway)
    found[found == -1] = number[classes.default]
    _refine(found, tags, classes, number)
    given = _mapped(tags, "cost_class", {each.value: number[each] for each in COST_CLASSES})
    _check_given(tags, given)
    found = np.where(given >= 0, given, np.where(dropped, _DROPPED, found))
    return found.astype(np.int64), {str(name): int(count) for name, count in unknown}


def _refine(
    found: Ints, tags: pl.DataFrame, classes: StreetClasses, number: Mapping[CostClass, int]
) -> None:
    """Apply what surroundings, surface, bridge and tunnel say, in that order."""
    built_up = np.zeros(len(found), dtype=bool)
    for tag, words in classes.built_up.items():
        built_up |= _is_one(tags, tag, words)
    found[built_up & (found == number[CostClass.RURAL_ROAD])] = number[CostClass.ASPHALT]
    made = _mapped(tags, "surface", {k: number[v] for k, v in classes.surface.items()})
    street = np.isin(found, [number[CostClass.ASPHALT], number[CostClass.RURAL_ROAD]])
    stone = (made == number[CostClass.PAVED]) & (street | (found == number[CostClass.PATH]))
    loose = (made >= 0) & (made != number[CostClass.PAVED]) & street
    found[stone | loose] = made[stone | loose]
    buildable = found != number[CostClass.FORBIDDEN]
    found[buildable & _is_one(tags, "bridge", classes.bridge)] = number[CostClass.BRIDGE]
    found[buildable & _is_one(tags, "tunnel", classes.tunnel)] = number[CostClass.TUNNEL]


def _with_all(ways: pl.DataFrame) -> pl.DataFrame:
    absent = [pl.lit(None, pl.String).alias(tag) for tag in _TAGS if tag not in ways.columns]
    return ways.with_columns(absent).select(pl.col(_TAGS).cast(pl.String))


def _mapped(tags: pl.DataFrame, tag: str, numbers: Mapping[str, int]) -> Ints:
    column = tags[tag].replace_strict(
        list(numbers), list(numbers.values()), default=_UNKNOWN, return_dtype=pl.Int64
    )
    return column.fill_null(_UNKNOWN).to_numpy().copy()


def _is_one(tags: pl.DataFrame, tag: str, words: Iterable[str]) -> np.ndarray[Any, Any]:
    return tags[tag].is_in(list(words)).fill_null(value=False).to_numpy()


def _check_given(tags: pl.DataFrame, given: Ints) -> None:
    wrong = tags["cost_class"].is_not_null().to_numpy() & (given < 0)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise Problem(
            Kind.BAD_INPUT,
            "unknown cost class of a way",
            where=Where(row=row + 1, column="cost_class"),
            value=tags["cost_class"][row],
            remedy=f"one of {', '.join(each.value for each in COST_CLASSES)}",
        )


def _classes(table: Mapping[str, str], key: str) -> dict[str, CostClass]:
    return {str(word): _class(name, key) for word, name in table.items()}


def _class(name: str, key: str) -> CostClass:
    try:
        return CostClass(name)
    except ValueError:
        raise Problem(
            Kind.CONFIG,
            "unknown cost class in the table of street classes",
            where=Where("design/street-classes", column=key),
            value=name,
            remedy=f"one of {', '.join(each.value for each in CostClass)}",
        ) from None
