"""The step change: what a subsidised network must reach over what was there before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nexpo.connectivity.coverage.model import StepChange
from nexpo.core.problem import bad_input


@dataclass(frozen=True, slots=True)
class Speeds:
    """Best download before, download and upload after, Mbit/s; upload None where not stated.

    ``before_mbps`` is the best that any address concerned can have today, so that the step holds
    for each of them; zero where there is nothing.
    """

    before_mbps: float
    down_mbps: float
    up_mbps: float | None = None

    def __post_init__(self) -> None:
        for name in ("before_mbps", "down_mbps", "up_mbps"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < float("inf"):
                raise bad_input(
                    f"{name} is no speed", value=value, remedy="give Mbit/s from zero up"
                )


def shortfalls(step: StepChange, speeds: Speeds) -> Iterator[str]:
    """Yield why speeds are no step change; nothing when they are one.

    An upload speed that is not stated meets no upload that is asked for.

    Examples
    --------
    >>> three = StepChange(factor=3, min_down_mbps=100, min_up_mbps=None)
    >>> list(shortfalls(three, Speeds(30, 100)))
    []
    >>> list(shortfalls(three, Speeds(100, 200)))
    ['200 Mbit/s is below 3 times the 100 Mbit/s before']
    """
    before, down, up = speeds.before_mbps, speeds.down_mbps, speeds.up_mbps
    if down < step.factor * before:
        yield f"{down:g} Mbit/s is below {step.factor:g} times the {before:g} Mbit/s before"
    if down < step.min_down_mbps:
        yield f"{down:g} Mbit/s down is below {step.min_down_mbps:g}"
    if step.min_up_mbps is not None and (up is None or up < step.min_up_mbps):
        shown = "an upload not stated" if up is None else f"{up:g} Mbit/s up"
        yield f"{shown} is below {step.min_up_mbps:g}"
