"""Size classes by installed IT power, and the classes A to G of the rating scheme.

The letters are given as plain text marked "indicative": the label is made by the European
database, and nothing here may look like it (C(2026) 3472, article 4(2)). A class is no pass mark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nexpo.core.problem import Kind, Problem

WORST = "G"


@dataclass(frozen=True, slots=True)
class SizeClass:
    """A size class: from ``bound_kw`` on, or above it where ``included`` is False."""

    name: str
    bound_kw: float
    included: bool = True

    def holds(self, installed_it_kw: float) -> bool:
        """Say whether a power reaches the class."""
        above = installed_it_kw > self.bound_kw
        return above or (self.included and installed_it_kw == self.bound_kw)


@dataclass(frozen=True, slots=True)
class LabelClass:
    """A class of one indicator, as text that says that it is indicative.

    Examples
    --------
    >>> str(LabelClass("PUE", "B"))
    'B (indicative)'
    """

    indicator: str
    letter: str

    def __str__(self) -> str:
        return f"{self.letter} (indicative)"


def size_class(installed_it_kw: float | None, classes: Sequence[SizeClass]) -> str | None:
    """Return the name of the size class; None where power is unknown or below the first.

    Examples
    --------
    >>> classes = [SizeClass("small", 500), SizeClass("huge", 1000, included=False)]
    >>> [size_class(kw, classes) for kw in (None, 499, 500, 1000, 1001)]
    [None, None, 'small', 'small', 'huge']
    """
    if installed_it_kw is None:
        return None
    reached = [each.name for each in in_order(classes) if each.holds(installed_it_kw)]
    return reached[-1] if reached else None


def in_order(classes: Sequence[SizeClass]) -> tuple[SizeClass, ...]:
    """Return the classes as they are, or refuse them where their bounds do not rise."""
    bounds = [each.bound_kw for each in classes]
    if not classes or any(b <= a for a, b in pairwise(bounds)):
        raise Problem(
            Kind.CONFIG,
            "the bounds of the size classes do not rise",
            value=bounds,
            remedy="list the classes from the smallest to the largest",
        )
    return tuple(classes)


def label_class(
    indicator: str, value: float | None, bounds: Mapping[str, Mapping[str, float]]
) -> LabelClass | None:
    """Return the indicative class of an indicator; None where there is no value or no scale.

    Parameters
    ----------
    indicator
        ``PUE`` or ``WUE``; the others have no classes.
    value
        Of the indicator. A value at a bound belongs to the better class.
    bounds
        Upper bound by letter, by indicator.

    Examples
    --------
    >>> bounds = {"PUE": {"A": 1.15, "B": 1.25}}
    >>> [label_class("PUE", value, bounds).letter for value in (1.15, 1.2, 1.3)]
    ['A', 'B', 'G']
    """
    if value is None or indicator not in bounds:
        return None
    scale = sorted(bounds[indicator].items(), key=lambda item: item[1])
    letter = next((letter for letter, bound in scale if value <= bound), WORST)
    return LabelClass(indicator, letter)
