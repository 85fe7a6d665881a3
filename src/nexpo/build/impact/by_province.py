"""A region's part of a run, province by province.

What a plan calls on first lies in the province that its line names; what follows is spread by
employment by sector, where that is known. What nobody places stays in the rest of the region, so
that the parts always sum to the region. Taxes and imports have no province.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nexpo.build.impact.prepare import AreaSystem, price_year_of, purchases
from nexpo.build.impact.run_model import Provinces, Request, direct_only, is_direct_only, rest_of
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.impact.adapters.activity_files import Pick, aligned, read_activity_file, refuse_negative
from nexpo.impact.demand import place_of
from nexpo.impact.model import Effect, Floats, Plan
from nexpo.impact.regionalise.provinces import to_provinces
from nexpo.territory.names import fold

if TYPE_CHECKING:
    from nexpo.core.ingest import Dialect
    from nexpo.impact.demand import Demand
    from nexpo.impact.effects import Account, Rounds

_WHOLE = frozenset({"total", "totale", "region", "regione", "all", "sum"})


@dataclass(frozen=True, slots=True, eq=False)
class InProvinces:
    """Output of the region by effect and part, EUR of the price year and of the table's year.

    Each is ``(P, n, k)``; the parts sum to the region's output.
    """

    areas: tuple[str, ...]
    nominal: Mapping[Effect, Floats]
    real: Mapping[Effect, Floats]
    notes: tuple[str, ...] = ()

    def account(self, account: Account, size: int) -> Mapping[tuple[str, Effect], Floats]:
        """Return an account by part and effect, ``(k,)`` each.

        Parameters
        ----------
        size
            ``n``: the account's first intensities are the region's.
        """
        intensity = np.nan_to_num(account.intensity[:size])
        factor = 1.0 if account.by_period is None else account.by_period
        parts = self.real if account.real else self.nominal
        return {
            (area, effect): intensity @ output[place] * factor
            for effect, output in parts.items()
            for place, area in enumerate(self.areas)
            if effect is Effect.DIRECT or not is_direct_only(area)
        }

    def kept(self, value_added: Floats) -> Mapping[str, float]:
        """Return value added of Type I by part, EUR; ``value_added`` is ``(n,)`` per output."""
        made = self.nominal[Effect.DIRECT] + self.nominal[Effect.INDIRECT]
        return {area: float(value_added @ made[p].sum(1)) for p, area in enumerate(self.areas)}


def read_provinces(
    path: Path | None,
    plan: Plan,
    sectors: Sequence[str],
    region: tuple[str, str],
    pick: Pick,
    *,
    dialect: Dialect | None = None,
) -> Provinces | None:
    """Return the provinces of a run: those of a file of employment, else those that lines name.

    Parameters
    ----------
    path
        Employment by province and sector, in a layout of
        :mod:`nexpo.impact.adapters.activity_files`; a row or column of the whole region makes
        what is left of it the rest of the region.
    region
        Its code and name.

    Raises
    ------
    Problem
        A line in a province that the file does not have; provinces that together have more than
        their region.
    """
    named = tuple(dict.fromkeys(line.province for line in plan.lines if line.province))
    if path is None:
        return Provinces(named, None) if named else None
    read = read_activity_file(path, pick, dialect=dialect)
    refuse_negative(read, tuple(read.cells))
    values, notes = aligned(read, tuple(sectors))
    names = tuple(read.cells)
    wholes = {fold(each) for each in region} | _WHOLE
    whole = [place for place, name in enumerate(names) if fold(name) in wholes]
    parts = [place for place in range(len(names)) if place not in whole]
    if not parts:
        raise bad_input(
            "the file has no province",
            where=Where(str(path)),
            value=", ".join(names),
            remedy="give one region (or column) a province, named as the plan's lines name it",
        )
    codes = _codes(plan, path, tuple(names[place] for place in parts))
    jobs = values[parts]
    if whole:
        codes, jobs = (*codes, ""), np.vstack([jobs, _left(values[whole[0]], jobs, path, sectors)])
    return Provinces(codes, jobs, notes)


def in_provinces(
    request: Request, regional: AreaSystem, demand: Demand, nominal: Rounds, real: Rounds
) -> InProvinces | None:
    """Return the region's output by province, None where nothing is said of provinces."""
    if request.provinces is None or regional.sides == 1:
        return None
    held, size = request.provinces, request.table.size
    names = held.names if "" in held.names else (*held.names, "")
    direct = _direct(request, regional, demand, names)
    shares = _employment(held, names, size)
    factor = np.divide(
        real.first[:size], nominal.first[:size],
        out=np.ones_like(real.first[:size]), where=nominal.first[:size] != 0,
    )  # fmt: skip
    notes: dict[str, None] = {}
    found: list[dict[Effect, Floats]] = []
    for rounds, placed in ((nominal, direct), (real, direct * factor)):
        parts: dict[Effect, Floats] = {}
        for effect, output in rounds.effects().items():
            here = output[:size]
            further = here - placed.sum(axis=0) if effect is Effect.DIRECT else here
            own = placed if effect is Effect.DIRECT else None
            split = to_provinces(further, shares, names, direct=own, sectors=request.table.sectors)
            parts[effect] = split.total
            notes |= dict.fromkeys(split.notes)
        found.append(parts)
    home = f"region:{request.region}"
    areas = tuple(
        (f"province:{name}" if held.employment is not None else direct_only(f"province:{name}"))
        if name
        else rest_of(home)
        for name in names
    )
    told = (*held.notes, *notes, _words(held))
    return InProvinces(areas, found[0], found[1], told)


def _direct(
    request: Request, regional: AreaSystem, demand: Demand, names: tuple[str, ...]
) -> Floats:
    """Return first-round output ``(P, n, k)`` of the lines that name a province."""
    periods = demand.of.periods
    found = np.zeros((len(names), request.table.size, len(periods)))
    for place, name in enumerate(names):
        lines = tuple(line for line in request.plan.lines if name and line.province == name)
        if not lines:
            continue
        part = replace(
            request, plan=replace(request.plan, lines=lines), price_year=price_year_of(request)
        )
        bought = purchases(part, request.mixes)
        columns = [periods.index(period) for period in bought.periods]
        found[place][:, columns] = bought.at(regional.local_share).local
    return found


def _employment(held: Provinces, names: tuple[str, ...], size: int) -> Floats:
    """Return ``(P, n)`` by which what follows is spread: all to the rest where none is known."""
    if held.employment is None:
        weights = np.zeros((len(names), size))
        weights[names.index("")] = 1.0
        return weights
    if len(held.employment) == len(names):
        return held.employment
    return np.vstack([held.employment, np.zeros(size)])


def _codes(plan: Plan, path: Path, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the file, as the plan's lines write them."""
    known = {_key(name): name for name in names}
    written = {}
    for line in plan.lines:
        if not line.province:
            continue
        if _key(line.province) not in known:
            at = place_of(plan, line, "province")
            raise bad_input(
                f"{path.name} has no such province",
                where=at,
                value=line.province,
                remedy=f"it has: {', '.join(names)}",
            )
        written[known[_key(line.province)]] = line.province
    return tuple(written.get(name, name) for name in names)


def _key(name: str) -> str:
    folded = fold(name)
    return folded.lstrip("0") if folded.isdigit() else folded


def _left(whole: Floats, parts: Floats, path: Path, sectors: Sequence[str]) -> Floats:
    """Return what the region has beside the provinces."""
    left = whole - parts.sum(axis=0)
    wrong = np.flatnonzero(left < -np.maximum(0.5 * (len(parts) + 1), 1e-3 * np.abs(whole)))
    if len(wrong):
        place = int(wrong[0])
        raise bad_input(
            f"the provinces together have more of {sectors[place]} than their region "
            f"({whole[place]:g})",
            where=Where(str(path)),
            value=float(parts[:, place].sum()),
            remedy="give region and provinces of one year, in one unit",
        )
    found: Floats = np.maximum(left, 0.0)
    return found


def _words(held: Provinces) -> str:
    if held.employment is None:
        return (
            "provinces hold the direct effect of the lines that name them; what follows stays in "
            "the rest of the region, for want of employment by province (--provinces FILE)"
        )
    return (
        "provinces hold the direct effect of the lines that name them, and of what follows their "
        "part of the region's employment by sector: no trade between provinces is modelled"
    )


def refuse_without_region(path: Path | None) -> None:
    """Refuse a file of provinces where the run has no region.

    Raises
    ------
    Problem
        ``USAGE``, when a file is given.
    """
    if path is not None:
        raise Problem(
            Kind.USAGE,
            "provinces are parts of a region, and this run has none",
            value=str(path),
            remedy="name the region with --region, or leave --provinces out",
        )
