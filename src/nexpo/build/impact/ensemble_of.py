"""The ensemble of a run: what varies, drawn and summed up beside the central figures."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from nexpo.build.impact.prepare import (
    IMPORTS,
    TAXES,
    AreaSystem,
    area_system,
    national_closure,
    purchases,
    readings_of,
    regional_closure,
    to_table_prices,
)
from nexpo.build.impact.run_model import NO_CLOSURE
from nexpo.core.problem import Kind, Problem
from nexpo.impact.demand import Purchases, mix_of, moved_share
from nexpo.impact.ensemble import Choices, Households, Setting, area_names, evaluate
from nexpo.impact.sampling import Bar, Ranges, Triangular, draw_choices, percentiles, tornado
from nexpo.impact.unmade import refuse_unmade

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nexpo.build.impact.run_model import Request
    from nexpo.impact.adapters.assumption_files import Reading
    from nexpo.impact.effects import Account
    from nexpo.impact.model import Floats

_LEVELS = 21
_FEWEST = 3
_CELLS = 40_000_000  # of all levels together
LARGEST = 1_500  # sectors of the regional system
_MOST_MIXES = 64
_LARGEST_DELTA = 0.999


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Draws of every account, and what was varied.

    ``values`` is ``(s, accounts, areas, effects, k)``; ``paid`` what goes at once to imports and
    taxes, ``(s, k)`` each.
    """

    setting: Setting
    ranges: Ranges
    values: Floats
    seed: int
    paid: Mapping[str, Floats]

    @property
    def areas(self) -> tuple[str, ...]:
        """Areas in the order of the values."""
        return area_names(self.setting.areas)

    def spread(self, values: Floats) -> tuple[float, float, float]:
        """Return the 5th, 50th and 95th percentile of ``(s,)`` values."""
        low, mid, high = percentiles(values)
        return float(low), float(mid), float(high)

    def bars(self, account: int, area: int | None) -> tuple[Bar, ...]:
        """Return the tornado of an account, summed over effects and years."""
        return tornado(self.setting, self.ranges, account, area, np.random.default_rng(self.seed))


def draw(
    request: Request,
    central: Purchases,
    accounts: tuple[Account, ...],
    watch: Callable[[int, int], None],
) -> Drawn:
    """Draw the ensemble of a run.

    Parameters
    ----------
    central
        What the plan buys under the central mix.
    accounts
        ``(N,)`` intensities, as in the central run.
    watch
        Told how many draws are done, and of how many.
    """
    levels, drawn = _levels(request)
    systems = [area_system(request, level) for level in levels]
    mixes = _mixes(request, central, systems[0])
    readings = tuple(readings_of(request))
    setting = Setting(
        mixes=mixes,
        coefficients=np.stack([each.system.coefficients() for each in systems]),
        local_share=np.stack([each.local_share for each in systems]),
        deltas=np.array([np.nan if level is None else level for level in levels]),
        households=_households(request, readings, systems),
        accounts=accounts,
        areas=systems[0].areas,
        real=to_table_prices(request),
        base_year=request.table.origin.year,
    )
    held = request.assumptions
    ranges = Ranges(
        mixes=tuple(range(len(mixes))),
        deltas=drawn,
        closures=tuple(range(max(1, len(readings)))),
        closure_weights=_weights(request, readings),
        central=(0, 0, 0),
        import_factor=held.import_factor,
        productivity=held.productivity,
        noise=held.noise,
    )
    generator = np.random.default_rng(request.seed)
    choices = draw_choices(ranges, generator, request.draws)
    values = evaluate(setting, choices, noise=held.noise, generator=generator, watch=watch)
    return Drawn(setting, ranges, values, request.seed, paid_at_once(setting, choices))


def drawable(request: Request) -> bool:
    """Tell whether the table is small enough to be drawn: sectors and regions together."""
    return request.table.size * (1 if request.activity is None else 2) <= LARGEST


def drawn_words(request: Request) -> tuple[str, ...]:
    """Return why the median of the draws is not the central figure, and what is only a bound."""
    weights = {name: weight for name, weight in request.assumptions.closures.items() if weight > 0}
    words = [
        (
            "the central figure is that of the stated choices, p50 the median over all of them: "
            "they differ where the alternatives lie to one side (other spending mixes, delta of "
            "the prior, productivity growing more than in the central case)"
        )
    ]
    if request.closure != NO_CLOSURE:
        told = ", ".join(f"{name} {weight:g}" for name, weight in weights.items())
        bounds = ", ".join(sorted(set(request.assumptions.closures) - set(weights)))
        words.append(
            f"closures are drawn by weight: {told}"
            + (f"; {bounds}: bounds, shown in the tornado and not drawn" if bounds else "")
        )
    return tuple(words)


def paid_at_once(setting: Setting, choices: Choices) -> Mapping[str, Floats]:
    """Return what a plan imports and pays as tax at once, ``(s, k)`` each."""
    mixes = [each for _, each in setting.mixes]
    tax = np.stack([each.tax for each in mixes])[choices.mix]
    abroad = np.stack([each.abroad.sum(axis=0) for each in mixes])[choices.mix]
    found = np.empty_like(abroad)
    for place, each in enumerate(mixes):  # of few mixes, not of draws
        rows = choices.mix == place
        share = moved_share(each.import_share, choices.import_factor[rows][:, None, None])
        found[rows] = (each.free.sum(axis=0) * share).sum(axis=1)
    return {IMPORTS: found + abroad, TAXES: tax}


def _levels(request: Request) -> tuple[tuple[float | None, ...], tuple[int, ...]]:
    """Return levels of delta, the central one first, and which of them are drawn."""
    size = request.table.size * (1 if request.activity is None else 2)
    if request.activity is None or request.delta is None:
        return (None,), (0,)
    central, prior = request.delta.value, request.delta.prior
    count = int(np.clip(_CELLS // size**2, _FEWEST, _LEVELS))
    ranks = [(step + 0.5) / count for step in range(count)]
    if prior is not None:
        others = [prior.quantile(rank) for rank in ranks]
    else:
        width = request.assumptions.delta_spread
        spread = Triangular(max(0.0, central - width), central, max(central, _top(central, width)))
        others = [spread.quantile(rank) for rank in ranks]
    return (central, *others), tuple(range(1, count + 1))


def _weights(request: Request, readings: tuple[Reading, ...]) -> tuple[float, ...]:
    """Return how often each reading is drawn; the central one always where nothing else is."""
    known = request.assumptions.closures
    weights = [float(known.get(each.name, 0.0)) for each in readings]
    if sum(weights) <= 0:
        return (1.0, *(0.0 for _ in readings[1:]))
    return tuple(weight / sum(weights) for weight in weights)


def _mixes(
    request: Request, central: Purchases, system: AreaSystem
) -> tuple[tuple[str, Purchases], ...]:
    """Return every combination of spending mixes, the central one first."""
    options = {
        name: [mix.name for mix in request.plan.mixes if mix.product == name]
        for name in dict.fromkeys(mix.product for mix in request.plan.mixes)
    }
    chosen = {name: _central_mix(request, name) for name in options}
    found = [(_label(chosen), central)]
    combinations = list(product(*options.values()))
    if len(combinations) > _MOST_MIXES:
        raise Problem(
            Kind.USAGE,
            f"the spending mixes combine in {len(combinations)} ways, more than {_MOST_MIXES}",
            value=len(combinations),
            remedy="leave alternatives out of the plan's mixes",
        )
    for names in combinations:
        alternative = dict(zip(options, names, strict=True))
        if alternative != chosen:
            bought = purchases(request, alternative)
            demand = bought.at(system.local_share)
            refuse_unmade(request.plan, demand, *system.outputs(), alternatives=alternative)
            found.append((_label(alternative), bought))
    return tuple(found)


def _central_mix(request: Request, name: str) -> str:
    mix = mix_of(request.plan, name, request.mixes.get(name))
    return "" if mix is None else mix.name


def _label(names: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {mix}" for name, mix in names.items()) or "as stated"


def _households(
    request: Request, readings: tuple[Reading, ...], systems: list[AreaSystem]
) -> tuple[Households, ...]:
    found = []
    for reading in readings:
        national = national_closure(request, reading)
        by_level = [regional_closure(national, each) for each in systems]
        found.append(
            Households(
                reading.name,
                np.stack([each.spending for each in by_level]),
                by_level[0].income,
                by_level[0].between,
            )
        )
    return tuple(found)


def _top(central: float, width: float) -> float:
    """Return the highest delta drawn: below 1, where FLQ ends."""
    return min(_LARGEST_DELTA, central + width)
