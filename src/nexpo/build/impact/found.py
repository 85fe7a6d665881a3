"""Figures of a run from its accounts: by year and area, totals, jobs over time, tornados."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nexpo.build.impact.labour import FULL_TIME, JOBS
from nexpo.build.impact.prepare import IMPORTS, TAXES
from nexpo.build.impact.run_model import JobsRow, Request, Tornado, Total, is_direct_only, is_part
from nexpo.impact.demand import Demand, mix_of
from nexpo.impact.effects import GDP, Account, Rounds, account_effects, results_of
from nexpo.impact.labour import over_years
from nexpo.impact.model import Effect, Floats, Plan, Result
from nexpo.impact.years import jobs_over

if TYPE_CHECKING:
    from nexpo.build.impact.by_province import InProvinces
    from nexpo.build.impact.ensemble_of import Drawn

ABROAD = "abroad"
DIRECT = "direct"
TYPE_I, ALL = "direct+indirect", "direct+indirect+induced"
_EFFECTS = tuple(Effect)

Found = Mapping[tuple[str, Effect], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What the rounds of a run come to, account by account."""

    request: Request
    demand: Demand
    accounts: tuple[Account, ...]
    areas: tuple[str, ...]
    nominal: Rounds
    real: Rounds
    drawn: Drawn | None = None
    provinces: InProvinces | None = None
    doubt: Mapping[tuple[str, str], float] = field(default_factory=dict)

    @property
    def country(self) -> str:
        """Code of the country."""
        return self.request.table.origin.area

    @property
    def home(self) -> str:
        """The area that the run is about."""
        return self.areas[0]

    def results(self) -> Iterator[Result]:
        """Yield one figure a period, area, indicator and effect; the country after its parts."""
        scenario = _scenario(self.request.plan, self.request.mixes)
        delta = self.request.delta if self.request.activity else None
        for position, account in enumerate(self.accounts):
            found = self._found(account)
            for result in results_of(
                found,
                account,
                self.demand.of.periods,
                scenario=scenario,
                method=self.request.method.value if self.request.activity else "national",
                delta=None if delta is None else delta.value,
                closure=self.request.closure,
            ):
                yield self._ranged(result, position)

    def totals(self, results: Sequence[Result]) -> Iterator[Total]:
        """Yield sums over all periods, by effect and all effects together."""
        units = {account.indicator: account.unit for account in self.accounts}
        sums: dict[tuple[str, str, Effect | None], float] = {}
        for each in results:
            for effect in (each.effect, *(() if is_direct_only(each.area) else (None,))):
                key = (each.area, each.indicator, effect)
                sums[key] = sums.get(key, 0.0) + each.value
        order = {account.indicator: place for place, account in enumerate(self.accounts)}
        for (area, indicator, effect), value in sums.items():
            total = Total(area, indicator, effect, value, over_years(units[indicator]))
            draws = self._draws(order[indicator], area, effect)
            if draws is None or self.drawn is None:
                yield self._doubted(total)
                continue
            low, mid, high = self.drawn.spread(draws.sum(axis=1))
            yield replace(total, p05=low, p50=mid, p95=high)

    def _doubted(self, total: Total) -> Total:
        """Return a total of all effects with its first-order deviation, where it has one."""
        area = "" if total.area in {self.country, ABROAD} else total.area
        known = self.doubt.get((area, total.indicator))
        if known is None and not area:
            known = self.doubt.get((self.country, total.indicator))
        return total if total.effect is not None or known is None else replace(total, sd=known)

    def jobs(self, results: Sequence[Result]) -> Iterator[JobsRow]:
        """Yield jobs over time, by area and boundary; each unit by itself."""
        for indicator in (JOBS, FULL_TIME):
            rows = [each for each in results if each.indicator == indicator]
            whole = {TYPE_I: _EFFECTS[:2], ALL: _EFFECTS}
            if self.nominal.type_ii is None:
                del whole[ALL]
            for area in dict.fromkeys(each.area for each in rows):
                own = {DIRECT: _EFFECTS[:1]} if is_direct_only(area) else whole
                for boundary, effects in own.items():
                    by_year: dict[int, float] = {}
                    for each in rows:
                        if each.area == area and each.effect in effects:
                            by_year[each.year] = by_year.get(each.year, 0.0) + each.value
                    yield JobsRow(area, indicator, boundary, jobs_over(by_year, rows[0].unit))

    def tornados(self, totals: Sequence[Total]) -> Iterator[Tornado]:
        """Yield the tornados of GDP and jobs in the area that the run is about."""
        if self.drawn is None:
            return
        for position, account in enumerate(self.accounts):
            if account.indicator not in {GDP, JOBS}:
                continue
            central = next(
                each
                for each in totals
                if (each.area, each.indicator, each.effect) == (self.home, account.indicator, None)
            )
            bars = self.drawn.bars(position, 0)
            yield Tornado(self.home, account.indicator, central.unit, central.value, bars)

    def _found(self, account: Account) -> Found:
        found = dict(account_effects(account, self.nominal, self.real, self.areas))
        if account.indicator == IMPORTS:
            return self._abroad(found)
        if account.indicator == TAXES:
            found[self.home, Effect.DIRECT] = found[self.home, Effect.DIRECT] + self.demand.of.tax
        names = dict.fromkeys(area for area, _ in found)
        if len(names) > 1:
            for effect in dict.fromkeys(effect for _, effect in found):
                found[self.country, effect] = sum(  # type: ignore[assignment]
                    found[area, effect] for area in names
                )
        if self.provinces is not None and account.indicator != TAXES:
            found |= self.provinces.account(account, self.request.table.size)
        return found

    def _abroad(self, found: Found) -> Found:
        """Return imports by effect: what the plan buys abroad at once is direct."""
        sums: dict[tuple[str, Effect], Floats] = {}
        for (_, effect), values in found.items():
            key = (ABROAD, Effect.INDIRECT if effect is Effect.DIRECT else effect)
            sums[key] = sums.get(key, 0.0) + values
        return {(ABROAD, Effect.DIRECT): self.demand.imported.sum(axis=0), **sums}

    def _ranged(self, result: Result, position: int) -> Result:
        draws = self._draws(position, result.area, result.effect)
        if draws is None or self.drawn is None:
            return result
        periods = [(year, phase.value) for year, phase in self.demand.of.periods]
        column = periods.index((result.year, result.phase))
        low, mid, high = self.drawn.spread(draws[:, column])
        return replace(result, p05=low, p50=mid, p95=high)

    def _draws(self, position: int, area: str, effect: Effect | None) -> Floats | None:
        """Return draws ``(s, k)`` of an account in an area, of an effect or of all."""
        if self.drawn is None or is_part(area):
            return None
        indicator = self.accounts[position].indicator
        values = self.drawn.values[:, position]
        areas = self.drawn.areas
        if area in areas:
            values = values[:, areas.index(area) : areas.index(area) + 1]
        if effect is not None:
            values = values[:, :, _rounds(indicator, effect)]
        found: Floats = values.sum(axis=(1, 2))
        if self._at_once(indicator, area, effect):
            return found + self.drawn.paid[indicator]
        return found

    def _at_once(self, indicator: str, area: str, effect: Effect | None) -> bool:
        """Tell whether a figure holds what the plan pays at once, beside what output brings."""
        if indicator not in {TAXES, IMPORTS} or effect not in {None, Effect.DIRECT}:
            return False
        return indicator == IMPORTS or area in {self.home, self.country}


def _rounds(indicator: str, effect: Effect) -> slice:
    """Return which rounds of output make an effect: direct imports are those of the plan itself."""
    place = _EFFECTS.index(effect)
    if indicator != IMPORTS or effect is Effect.INDUCED:
        return slice(place, place + 1)
    return slice(0, 0) if effect is Effect.DIRECT else slice(0, place + 1)


def _scenario(plan: Plan, mixes: Mapping[str, str]) -> str:
    names = {}
    for product in dict.fromkeys(mix.product for mix in plan.mixes):
        mix = mix_of(plan, product, mixes.get(product))
        names[product] = "" if mix is None else mix.name
    return "; ".join(f"{product} {name}" for product, name in names.items()) or "as stated"
