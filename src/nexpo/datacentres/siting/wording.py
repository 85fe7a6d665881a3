"""Reading what a user writes of criteria: directions, bounds, preference functions, lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import TypeVar

from nexpo.core.problem import Kind, Problem, Where
from nexpo.datacentres.siting.decision import Direction, Preference, Shape

_DIRECTIONS = {
    Direction.MAX: {"max", "maximise", "maximize", "benefit", "profit", "+", "+1", "1"},
    Direction.MIN: {"min", "minimise", "minimize", "cost", "-", "-1"},
    Direction.TARGET: {"target"},
}
_SHAPES = {
    Shape.USUAL: ("usual", "i", "t1"),
    Shape.U: ("u", "ushape", "u-shape", "quasi", "ii", "t2"),
    Shape.V: ("v", "vshape", "v-shape", "iii", "t3"),
    Shape.LEVEL: ("level", "iv", "t4"),
    Shape.LINEAR: ("linear", "vshape_2", "v-shape-2", "v-indifference", "t5"),
    Shape.GAUSSIAN: ("gaussian", "gauss", "vi", "t6"),
}
_THRESHOLDS: dict[Shape, tuple[str, ...]] = {
    Shape.USUAL: (),
    Shape.U: ("q",),
    Shape.V: ("p",),
    Shape.LEVEL: ("q", "p"),
    Shape.LINEAR: ("q", "p"),
    Shape.GAUSSIAN: ("s",),
}

T = TypeVar("T")


def direction(text: str, where: Where | None = None) -> Direction:
    """Read a direction.

    Examples
    --------
    >>> direction("Benefit").value, direction("min").value
    ('max', 'min')
    """
    for found, words in _DIRECTIONS.items():
        if text.strip().lower() in words:
            return found
    raise _wrong("unknown direction", where, text, "write max, min or target (with its value)")


def preference(text: str, where: Where | None = None) -> Preference:
    """Read a preference function: ``usual``, ``u:q``, ``v:p``, ``level:q:p``, ``linear:q:p``,
    ``gaussian:s``.

    Examples
    --------
    >>> preference("linear:1:5")
    Preference(shape=<Shape.LINEAR: 'linear'>, q=1.0, p=5.0, s=0.0)
    """  # noqa: D205 - the forms are its summary
    word, *numbers = text.strip().lower().split(":")
    for shape, words in _SHAPES.items():
        if word in words:
            names = _THRESHOLDS[shape]
            form = ":".join((shape.value, *names))
            if len(numbers) != len(names):
                raise _wrong(
                    f"{shape.value} takes {len(names)} thresholds, here are {len(numbers)}",
                    where,
                    text,
                    f"write {form}, in the unit of the criterion",
                )
            values = [number(each, where) for each in numbers]
            return Preference(shape, **dict(zip(names, values, strict=True)))
    forms = (":".join((shape.value, *names)) for shape, names in _THRESHOLDS.items())
    raise _wrong("unknown preference function", where, text, f"one of {', '.join(forms)}")


def bounds(text: str, where: Where | None = None) -> tuple[float, float]:
    """Read ``low:high``.

    Examples
    --------
    >>> bounds("-5:12.5")
    (-5.0, 12.5)
    """
    ends = text.split(":")
    if len(ends) != 2:  # noqa: PLR2004 - low and high
        raise _wrong("bounds are two numbers", where, text, "write low:high")
    low, high = (number(end, where) for end in ends)
    if not low < high:
        raise _wrong("the lower bound is not below the upper one", where, text, "write low:high")
    return low, high


def number(text: str, where: Where | None = None) -> float:
    """Read a finite number.

    Examples
    --------
    >>> number(" 1e3 ")
    1000.0
    """
    try:
        value = float(text)
    except ValueError:
        raise _wrong(
            "text where a number is expected", where, text, "write digits with a decimal point"
        ) from None
    if not isfinite(value):
        raise _wrong("not a finite number", where, text, "write a number, or leave it out")
    return value


def by_criterion(
    text: str, names: Sequence[str], read: Callable[[str, Where | None], T], option: str
) -> Mapping[str, T]:
    """Read a list of one entry a criterion, in order or by name; one entry alone is for all.

    Parameters
    ----------
    text
        ``max,min,max`` in the order of ``names``, ``price=min,size=max`` by name, or ``max``.
    names
        Criteria that the table has.
    read
        Reads an entry.
    option
        Of the command line, for the message.

    Raises
    ------
    Problem
        An unknown criterion, one named twice, or a list of another length.

    Examples
    --------
    >>> by_criterion("b=min,a=max", ["a", "b"], direction, "--directions")["b"].value
    'min'
    """
    entries = [entry.strip() for entry in text.split(",")]
    where = Where(column=option)
    if all("=" in entry for entry in entries):
        return _by_name(entries, names, read, option)
    if len(entries) == 1 and len(names) > 1:
        value = read(entries[0], where)
        return dict.fromkeys(names, value)
    if len(entries) != len(names):
        raise _wrong(
            f"{option} has {len(entries)} entries for {len(names)} criteria ({', '.join(names)})",
            where,
            text,
            "give one a criterion in this order, or by name: " + f"{names[0]}={entries[0]}",
        )
    return {
        name: read(entry, Where(column=f"{option}, {name}"))
        for name, entry in zip(names, entries, strict=True)
    }


def _by_name(
    entries: Sequence[str],
    names: Sequence[str],
    read: Callable[[str, Where | None], T],
    option: str,
) -> dict[str, T]:
    found: dict[str, T] = {}
    for entry in entries:
        name, _, value = (part.strip() for part in entry.rpartition("="))
        where = Where(column=f"{option}, {name}")
        if name not in names:
            raise unknown_criterion(name, names, where)
        if name in found:
            raise _wrong("the criterion is named twice", where, name, "name it once")
        found[name] = read(value, where)
    return found


def unknown_criterion(name: str, names: Sequence[str], where: Where) -> Problem:
    """Return the problem of a criterion that the table does not have."""
    return _wrong(
        "the table has no such criterion", where, name, f"its columns are {', '.join(names)}"
    )


def _wrong(detail: str, where: Where | None, value: object, remedy: str) -> Problem:
    return Problem(Kind.BAD_INPUT, detail, where=where, value=value, remedy=remedy)
