"""Draws of the structural choices, and the tornado that shows which of them matters.

In the tornado each choice moves by itself, all others as in the central case. One rule holds for
all choices that are numbers (delta, import share, productivity, noise): the bar ends at the 5th and
the 95th percentile of the choice's own range. Alternatives without an order (mixes, closures) show
the lowest and the highest result among them, bounds that are never drawn included.
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

OWN_IMPORTS = "own_import_share"
"""The choice that multiplies import shares of what the plan itself buys, not those of the table."""

PERCENTILES = (5.0, 50.0, 95.0)
_NOISE_DRAWS = 400


@dataclass(frozen=True, slots=True)
class Triangular:
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
        """Return ``(count,)`` draws of the triangular distribution."""
        if self.low == self.high:
            return np.full(count, self.mid)
        found: Floats = generator.triangular(self.low, self.mid, self.high, count)
        return found

    def quantile(self, rank: float) -> float:
        """Return a quantile of the triangular distribution.

        Examples
        --------
        >>> round(Triangular(0.8, 1.0, 1.2).quantile(0.05), 4)
        0.8632
        """
        width = self.high - self.low
        if width <= 0:
            return self.mid
        if rank * width <= self.mid - self.low:
            return float(self.low + np.sqrt(rank * width * (self.mid - self.low)))
        return float(self.high - np.sqrt((1 - rank) * width * (self.high - self.mid)))


@dataclass(frozen=True, slots=True)
class Ranges:
    """What the ensemble draws from, and the central case.

    Attributes
    ----------
    mixes, closures
        Positions of the alternatives; the central ones are named by ``central``. Mixes are
        drawn with equal weight.
    deltas
        Positions of the levels of delta drawn with equal weight: quantiles of its prior.
    central
        Positions of mix, delta and closure in the central case.
    closure_weights
        Of the closures, summing to 1; equal where empty. One of weight 0 is a bound.
    """

    mixes: tuple[int, ...]
    deltas: tuple[int, ...]
    closures: tuple[int, ...]
    central: tuple[int, int, int]
    import_factor: Triangular
    productivity: Triangular
    noise: Noise
    closure_weights: tuple[float, ...] = ()

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
        generator.choice(
            np.array(ranges.closures, dtype=np.intp), count, p=ranges.closure_weights or None
        ),
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
    for name, field, spread in (
        (OWN_IMPORTS, "import_factor", ranges.import_factor),
        ("productivity", "productivity", ranges.productivity),
    ):
        if spread.low < spread.high:
            ends = (spread.quantile(0.05), spread.quantile(0.95))
            parts = [one_choice(**{**at, **mid, field: end}) for end in ends]  # type: ignore[arg-type]
            told = (f"p05 {ends[0]:.3g}", f"p95 {ends[1]:.3g}")
            yield _Case(name, _joined(parts), told)


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
