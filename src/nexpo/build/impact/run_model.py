"""What a run of a plan is asked, and what it found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nexpo.impact.regionalise.quotients import Method

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from nexpo.core.evidence import Input
    from nexpo.core.parameters import Use
    from nexpo.impact.adapters.assumption_files import Assumptions
    from nexpo.impact.demand import Purchases
    from nexpo.impact.ledger import Leakage
    from nexpo.impact.model import Effect, Floats, Plan, Result, Table
    from nexpo.impact.regionalise.activity import Activity
    from nexpo.impact.regionalise.delta import Delta
    from nexpo.impact.sampling import Bar
    from nexpo.impact.years import Jobs

NO_CLOSURE = "none"
_DIRECT_ONLY = " (direct only)"


def rest_of(area: str) -> str:
    """Return the name of what is left of an area beside its parts.

    Examples
    --------
    >>> rest_of("region:03")
    'rest of region:03'
    """
    return f"rest of {area}"


def direct_only(area: str) -> str:
    """Return the name of a province of which nothing but the direct effect is known.

    Examples
    --------
    >>> direct_only("province:015"), is_direct_only(direct_only("province:015"))
    ('province:015 (direct only)', True)
    """
    return f"{area}{_DIRECT_ONLY}"


def is_direct_only(area: str) -> bool:
    """Tell whether an area has a direct effect and nothing of what follows."""
    return area.endswith(_DIRECT_ONLY)


def is_part(area: str) -> bool:
    """Tell whether an area is a part of the region, and so inside its figures already.

    Examples
    --------
    >>> is_part("province:015"), is_part("rest of region:03"), is_part("rest:ITA")
    (True, True, False)
    """
    return area.startswith(("province:", "rest of "))


@dataclass(frozen=True, slots=True, eq=False)
class Provinces:
    """Provinces of the region: ``P`` codes, and ``(P, n)`` persons employed where known.

    An empty code is the rest of the region.
    """

    names: tuple[str, ...]
    employment: Floats | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """A plan, the table it is run on, and every choice that no file makes.

    Attributes
    ----------
    activity
        Of region and country by sector; None runs the plan on the country alone.
    region
        Code of the region, as ``03``.
    method, delta, alpha, beta
        Quotients of the two-region system; ``delta`` with its reason.
    closure
        Name of a reading of Type II, or :data:`NO_CLOSURE` for Type I alone.
    mixes
        Name of the spending mix by product, where not the plan's default.
    price_year
        Of results; the plan's own where None.
    fte
        Also count full-time equivalents, from a peer's hours.
    draws, seed
        Of the ensemble; no draws, no ranges.
    day
        Whose assumptions hold.
    provinces
        Of the region, where the plan or a file names them.
    partial
        Source of a count and the sectors that it holds in part: there the larger of the count
        and a peer's persons per output stands. Nothing where only empty cells are filled.
    job_factor
        How far GDP by job-year may lie from the country's before it is told; that of the facts in
        force where None, 0 for no limit.
    """

    plan: Plan
    table: Table
    assumptions: Assumptions
    day: date
    activity: Activity | None = None
    region: str = ""
    method: Method = Method.FLQ
    delta: Delta | None = None
    alpha: float | None = None
    beta: float | None = None
    closure: str = NO_CLOSURE
    mixes: Mapping[str, str] = field(default_factory=dict)
    price_year: int | None = None
    fte: bool = False
    draws: int = 0
    seed: int = 0
    inputs: tuple[Input, ...] = ()
    delta_use: Use | None = None
    provinces: Provinces | None = None
    partial: tuple[str, tuple[str, ...]] | None = None
    job_factor: float | None = None


@dataclass(frozen=True, slots=True)
class JobsRow:
    """Jobs of an area over time: job-years, average and peak, kept apart."""

    area: str
    indicator: str
    boundary: str  # "direct", "direct+indirect" or "direct+indirect+induced"
    jobs: Jobs


@dataclass(frozen=True, slots=True)
class Total:
    """An indicator summed over the years of a plan, with its range where one was drawn.

    ``sd`` is the first-order deviation of direct and indirect effects under noise in the table,
    where the table is too large to be drawn; it stands on the sum of all effects.
    """

    area: str
    indicator: str
    effect: Effect | None  # None: all effects of the run
    value: float
    unit: str
    p05: float | None = None
    p50: float | None = None
    p95: float | None = None
    sd: float | None = None


@dataclass(frozen=True, slots=True)
class Tornado:
    """The bars of one figure, widest first."""

    area: str
    indicator: str
    unit: str
    central: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What a plan brings, where it stays, and how sure that is.

    Attributes
    ----------
    results
        One figure a year, phase, area, indicator and effect.
    totals
        The same over all years; the country is the sum of its parts.
    ledger
        Of Type I, all years together.
    jobs
        Over time.
    tornados
        Of GDP and jobs in the region, or in the country where the run has no region.
    words
        What a reader has to know: closure, shares, fillers, what was assumed.
    uses
        Rules and assumptions as used.
    by_province
        The ledger with the region's row split into provinces and the rest of the region.
    """

    request: Request
    purchases: Purchases
    currency: str
    results: tuple[Result, ...]
    totals: tuple[Total, ...]
    ledger: Leakage
    jobs: tuple[JobsRow, ...]
    tornados: tuple[Tornado, ...]
    words: tuple[str, ...]
    uses: tuple[Use, ...]
    by_province: Leakage | None = None

    @property
    def leakage(self) -> Leakage:
        """The ledger in its finest areas: by province where the run has any."""
        return self.by_province or self.ledger

    def total(self, indicator: str, area: str | None = None, effect: Effect | None = None) -> Total:
        """Return a total; of the country where no area is named.

        Raises
        ------
        KeyError
            When the run has no such figure.
        """
        wanted = area or self.country
        for each in self.totals:
            if (each.indicator, each.area, each.effect) == (indicator, wanted, effect):
                return each
        raise KeyError((indicator, wanted, effect))

    @property
    def country(self) -> str:
        """Code of the country's own figures."""
        return self.request.table.origin.area

    @property
    def home(self) -> str:
        """The area that the run is about: the region, or the country where it has none."""
        return f"region:{self.request.region}" if self.request.activity else self.country
