"""Direct, indirect and induced effects, by area.

With final demand ``f``, output ``x = (I - A)^-1 f`` and a quantity ``g`` per unit of output:
direct is ``g f``, indirect ``g (x - f)``, induced what output grows by when households spend
what they earn (Type II less Type I, the household row left out). Their sum is the whole effect
[Miller & Blair 2009, ch. 2 and 6].
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nexpo.core.problem import Kind, Problem
from nexpo.impact.model import Effect, Floats, Phase, Result, freeze

GDP = "gdp"
OUTPUT = "output"


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """A quantity that production brings with it.

    Attributes
    ----------
    intensity
        ``(n,)`` per EUR of output: of the price year where ``real`` is false, of the table's
        year where it is true (a job goes with a quantity of output, not with its price).
    by_period
        ``(k,)`` factor of each period, such as falling jobs as productivity rises.
    of_cost
        A part of what a unit of output costs (value added, imports, taxes): where the ensemble
        disturbs what a sector buys, this moves so that the column still sums to its output.
    """

    indicator: str
    unit: str
    intensity: Floats
    real: bool = False
    by_period: Floats | None = None
    of_cost: bool = False

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True, eq=False)
class Rounds:
    """Output by sector and period ``(n, k)``: first round, Type I, and Type II where asked.

    ``nominal`` are EUR of the price year; ``real`` EUR of the table's year.
    """

    first: Floats
    type_i: Floats
    type_ii: Floats | None = None

    def __post_init__(self) -> None:
        freeze(self)

    def effects(self) -> Mapping[Effect, Floats]:
        """Return output by effect.

        Examples
        --------
        >>> two = Rounds(np.array([[1.0]]), np.array([[1.5]]), np.array([[2.0]]))
        >>> {effect.value: float(part[0, 0]) for effect, part in two.effects().items()}
        {'direct': 1.0, 'indirect': 0.5, 'induced': 0.5}
        """
        found = {Effect.DIRECT: self.first, Effect.INDIRECT: self.type_i - self.first}
        if self.type_ii is not None:
            found[Effect.INDUCED] = self.type_ii - self.type_i
        return found


def by_area(values: Floats, areas: Sequence[str]) -> Mapping[str, Floats]:
    """Return the sums of ``(n, k)`` over the sectors of each area, ``(k,)`` each.

    Examples
    --------
    >>> {area: part.tolist() for area, part in by_area(np.eye(3), ["r", "r", "o"]).items()}
    {'r': [1.0, 1.0, 0.0], 'o': [0.0, 0.0, 1.0]}
    """
    names = np.asarray(areas)
    return {area: values[names == area].sum(axis=0) for area in dict.fromkeys(areas)}


def account_effects(
    account: Account, nominal: Rounds, real: Rounds, areas: Sequence[str]
) -> Mapping[tuple[str, Effect], Floats]:
    """Return an account by area and effect, ``(k,)`` each.

    Raises
    ------
    Problem
        When the account is unknown (NaN) in a sector that the plan calls on.
    """
    rounds = (real if account.real else nominal).effects()
    unknown = np.isnan(account.intensity)
    if unknown.any():
        _refuse_unknown(account, unknown, rounds)
    intensity = np.nan_to_num(account.intensity)[:, None]
    factor = 1.0 if account.by_period is None else account.by_period
    return {
        (area, effect): part * factor
        for effect, output in rounds.items()
        for area, part in by_area(intensity * output, areas).items()
    }


def results_of(
    found: Mapping[tuple[str, Effect], Floats],
    account: Account,
    periods: Sequence[tuple[int, Phase]],
    *,
    scenario: str,
    method: str,
    delta: float | None,
    closure: str,
) -> Iterator[Result]:
    """Yield the figures of an account, one a period, area and effect."""
    for (area, effect), values in found.items():
        for (year, phase), value in zip(periods, values, strict=True):
            yield Result(
                scenario,
                year,
                area,
                account.indicator,
                effect,
                float(value),
                account.unit,
                method=method,
                delta=delta,
                closure=closure if effect is Effect.INDUCED else "",
                phase=phase.value,
            )


def _refuse_unknown(account: Account, unknown: Floats, rounds: Mapping[Effect, Floats]) -> None:
    called_on = sum(np.abs(part[unknown.astype(bool)]).sum() for part in rounds.values())
    if called_on > 0:
        raise Problem(
            Kind.BAD_INPUT,
            f"{account.indicator} is not known for {int(unknown.sum())} sectors that the plan "
            "calls on",
            value=account.indicator,
            remedy="give values for these sectors with --satellite FILE (sector, value)",
        )
