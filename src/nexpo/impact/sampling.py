"""Draws of the structural choices, and the tornado that shows which of them matters.

In the tornado each choice moves by itself from its low to its high, all others as in the central
case; noise moves by itself too. Alternatives without an order (mixes, closures) show the lowest
and the highest result among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nexpo.core.problem import Kind, Problem
from nexpo.impact.ensemble import Choices, Noise, Setting, evaluate, one_choice
from nexpo.impact.model import Floats

if TYPE_CHECKING:
    from numpy.random import Generator  # noqa: TID251 - the type of an argument

PERCENTILES = (5.0, 50.0, 95.0)
_NOISE_DRAWS = 400


@dataclass(frozen=True, slots=True)
class Spread:
    """A triangular range: lowest, most likely, highest."""

    low: float
    mid: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.mid <= self.high:
            raise Problem(
                Kind.CONFIG,
                "a range rises from low over mid to high",
                value=(self.low, self.mid, self.high),
            )

    def draw(self, generator: Generator, count: int) -> Floats:
        """Return ``(count,)`` draws."""
        if self.low == self.high:
            return np.full(count, self.mid)
        found: Floats = generator.triangular(self.low, self.mid, self.high, count)
        return found


@dataclass(frozen=True, slots=True)
class Ranges:
    """What the ensemble draws from, and the central case.

    Attributes
    ----------
    mixes, closures
        Positions drawn with equal weight; the central one is named by ``central``.
    deltas
        Positions of the levels of delta drawn with equal weight: quantiles of its prior.
    central
        Positions of mix, delta and closure in the central case.
    """

    mixes: tuple[int, ...]
    deltas: tuple[int, ...]
    closures: tuple[int, ...]
    central: tuple[int, int, int]
    import_factor: Spread
    productivity: Spread
    noise: Noise

    def centre(self, count: int = 1) -> Choices:
        """Return the central case, as often as wanted."""
        mix, delta, closure = self.central
        return one_choice(
            count,
            mix=mix,
            delta=delta,
            closure=closure,
            import_factor=self.import_factor.mid,
            productivity=self.productivity.mid,
        )


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a tornado: a choice, and what the figure is at its two ends."""

    choice: str
    low: float
    high: float
    low_at: str
    high_at: str

    @property
    def swing(self) -> float:
        """Distance between the ends."""
        return self.high - self.low


def draw_choices(ranges: Ranges, generator: Generator, count: int) -> Choices:
    """Return draws of all structural choices, independent of each other."""
    return Choices(
        generator.choice(np.array(ranges.mixes, dtype=np.intp), count),
        generator.choice(np.array(ranges.deltas, dtype=np.intp), count),
        generator.choice(np.array(ranges.closures, dtype=np.intp), count),
        ranges.import_factor.draw(generator, count),
        ranges.productivity.draw(generator, count),
    )


def percentiles(draws: Floats, at: Sequence[float] = PERCENTILES) -> Floats:
    """Return percentiles over the first axis, linear between draws.

    Examples
    --------
    >>> percentiles(np.arange(101.0)).tolist()
    [5.0, 50.0, 95.0]
    """
    found: Floats = np.percentile(draws, at, axis=0)
    return found


def tornado(
    setting: Setting, ranges: Ranges, account: int, area: int | None, generator: Generator
) -> tuple[Bar, ...]:
    """Return the bars of one figure: an account summed over effects and periods.

    Parameters
    ----------
    account
        Position in the setting.
    area
        Position of the area; None is the country.

    Returns
    -------
    tuple of Bar
        Widest first. A choice that has no alternative is left out.
    """
    bars = [_bar(setting, case, account, area) for case in _cases(setting, ranges)]
    if ranges.noise != Noise():
        values = _figure(
            evaluate(setting, ranges.centre(_NOISE_DRAWS), noise=ranges.noise, generator=generator),
            account,
            area,
        )
        low, high = np.percentile(values, (5, 95))
        told = f"cv {ranges.noise.coefficient_cv:g} and {ranges.noise.share_cv:g}"
        bars.append(Bar("noise", float(low), float(high), f"p05, {told}", f"p95, {told}"))
    return tuple(sorted(bars, key=lambda bar: (-bar.swing, bar.choice)))


@dataclass(frozen=True, slots=True)
class _Case:
    choice: str
    choices: Choices
    names: tuple[str, ...]


def _cases(setting: Setting, ranges: Ranges) -> Iterator[_Case]:
    """Yield each choice with its alternatives, all else central."""
    mix, delta, closure = ranges.central
    mid = {"import_factor": ranges.import_factor.mid, "productivity": ranges.productivity.mid}
    at = {"mix": mix, "delta": delta, "closure": closure}
    alternatives = {
        "mix": (ranges.mixes, [name for name, _ in setting.mixes]),
        "delta": (_ends(ranges.deltas), [f"{each:.3f}" for each in setting.deltas]),
        "closure": (ranges.closures, [each.name for each in setting.households]),
    }
    for name, (positions, names) in alternatives.items():
        if len(set(positions)) > 1:
            parts = [one_choice(**{**at, **mid, name: position}) for position in positions]  # type: ignore[arg-type]
            yield _Case(name, _joined(parts), tuple(names[position] for position in positions))
    for name, spread in (
        ("import_factor", ranges.import_factor),
        ("productivity", ranges.productivity),
    ):
        if spread.low < spread.high:
            ends = (spread.low, spread.high)
            parts = [one_choice(**{**at, **mid, name: end}) for end in ends]  # type: ignore[arg-type]
            yield _Case(name, _joined(parts), tuple(f"{end:g}" for end in ends))


def _bar(setting: Setting, case: _Case, account: int, area: int | None) -> Bar:
    values = _figure(evaluate(setting, case.choices), account, area)
    low, high = int(values.argmin()), int(values.argmax())
    return Bar(
        case.choice, float(values[low]), float(values[high]), case.names[low], case.names[high]
    )


def _figure(found: Floats, account: int, area: int | None) -> Floats:
    chosen = found[:, account] if area is None else found[:, account, area : area + 1]
    values: Floats = chosen.sum(axis=(1, 2, 3))
    return values


def _ends(positions: tuple[int, ...]) -> tuple[int, ...]:
    """Return the levels nearest to the 5th and 95th percentile of the prior."""
    last = len(positions) - 1
    return (positions[round(0.05 * last)], positions[round(0.95 * last)]) if last > 0 else positions


def _joined(parts: Sequence[Choices]) -> Choices:
    return Choices(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("mix", "delta", "closure", "import_factor", "productivity")
        )
    )
