"""How sure the figures are: structural choices first, then noise.

A plan's effect hangs on what the money is spent on (mix), on how much a region buys of itself
(delta), on what is imported, on how households are closed in, and on productivity. Each is drawn
from its range, and only then are the coefficients themselves disturbed. Nothing is hidden in a
default: what is varied is a :class:`Setting`, a set of draws is :class:`Choices`, and the same
function :func:`evaluate` serves the central case, the draws and the tornado.

Noise is lognormal with the mean kept, drawn on the national coefficients (both regions make things
the same way) and on the spending by sector (its sum kept). Columns are independent, so a column
whose sum reaches 1 is drawn again by itself. What a column costs beside its domestic inputs (value
added, imports, taxes, and the wages in it) is scaled by ``(1 - sum a') / (1 - sum a)``, so that
each drawn column still sums to its output and no draw makes more of a euro than a euro.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nexpo.core.problem import Kind, Problem
from nexpo.impact.demand import Purchases, moved_share
from nexpo.impact.effects import Account
from nexpo.impact.many_small import solve_each
from nexpo.impact.model import Floats, Phase, freeze

if TYPE_CHECKING:
    from numpy.random import Generator  # noqa: TID251 - the type of an argument
    from numpy.typing import NDArray

    Ints = NDArray[np.intp]

_CELLS = 2_500_000  # of all matrices of a batch together: 20 MB
_ATTEMPTS = 200
EFFECTS = ("direct", "indirect", "induced")


@dataclass(frozen=True, slots=True, eq=False)
class Households:
    """One reading of Type II in the regional system; ``m`` groups, one a region.

    ``spending`` is ``(d, N, m)``, by level of delta; ``income`` ``(m, N)``; ``between``
    ``(m, m)``.
    """

    name: str
    spending: Floats
    income: Floats
    between: Floats

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """All that can be chosen, ready to be computed with.

    ``n`` national sectors in ``r`` regions make ``N = r n``; ``d`` levels of delta, ``k``
    periods. One region is the country by itself.

    Attributes
    ----------
    mixes
        What the plan buys under each combination of spending mixes, and its name.
    coefficients
        ``(d, N, N)`` regional system at each level.
    local_share
        ``(d, n)`` of what is made in the country, the part from the region.
    deltas
        ``(d,)`` levels, rising; one without meaning where the method has none.
    households
        Readings of Type II; none leaves induced effects out.
    accounts
        What is counted, ``(N,)`` intensities.
    real
        ``(n,)`` EUR of the table's year for one of the price year.
    base_year
        Of the table: jobs per output are as of then.
    """

    mixes: tuple[tuple[str, Purchases], ...]
    coefficients: Floats
    local_share: Floats
    deltas: Floats
    households: tuple[Households, ...]
    accounts: tuple[Account, ...]
    areas: tuple[str, ...]
    real: Floats
    base_year: int

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def periods(self) -> tuple[tuple[int, Phase], ...]:
        """Years and phases, the same under every mix."""
        return self.mixes[0][1].periods


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """Draws, ``(s,)`` each: positions of mix, delta and closure; import factor; productivity."""

    mix: Ints
    delta: Ints
    closure: Ints
    import_factor: Floats
    productivity: Floats

    def __len__(self) -> int:
        return len(self.mix)

    def part(self, rows: slice) -> Choices:
        """Return some of the draws."""
        return Choices(
            self.mix[rows],
            self.delta[rows],
            self.closure[rows],
            self.import_factor[rows],
            self.productivity[rows],
        )


@dataclass(frozen=True, slots=True)
class Noise:
    """Coefficients of variation of coefficients and of spending shares."""

    coefficient_cv: float = 0.0
    share_cv: float = 0.0


def one_choice(
    count: int = 1,
    *,
    mix: int = 0,
    delta: int = 0,
    closure: int = 0,
    import_factor: float = 1.0,
    productivity: float = 0.0,
) -> Choices:
    """Return the same choice several times.

    Examples
    --------
    >>> one_choice(2, delta=3).delta.tolist()
    [3, 3]
    """
    return Choices(
        np.full(count, mix, dtype=np.intp),
        np.full(count, delta, dtype=np.intp),
        np.full(count, closure, dtype=np.intp),
        np.full(count, import_factor, dtype=np.float64),
        np.full(count, productivity, dtype=np.float64),
    )


def evaluate(
    setting: Setting,
    choices: Choices,
    *,
    noise: Noise | None = None,
    generator: Generator | None = None,
    watch: Callable[[int, int], None] | None = None,
) -> Floats:
    """Return every account under every draw, ``(s, accounts, areas, effects, k)``.

    Areas are in order of their first sector, effects direct, indirect, induced; without
    households induced is zero.

    Parameters
    ----------
    noise, generator
        Disturb coefficients and spending; both or neither.
    watch
        Told how many draws are done, and of how many.

    Raises
    ------
    Problem
        ``USAGE`` for noise without a generator; ``BAD_INPUT`` when a column of coefficients keeps
        reaching 1.
    """
    if noise is not None and generator is None:
        raise Problem(Kind.USAGE, "noise needs a seed", remedy="give a seeded generator")
    found = []
    same = _one_technology(setting)
    step = max(1, _CELLS // setting.coefficients[0].size)
    for start in range(0, len(choices), step):
        batch = choices.part(slice(start, start + step))
        found.append(_evaluate(setting, batch, noise, generator, one_technology=same))
        if watch is not None:
            watch(min(start + step, len(choices)), len(choices))
    return np.concatenate(found)


def area_names(areas: Sequence[str]) -> tuple[str, ...]:
    """Return the areas in the order of :func:`evaluate`."""
    return tuple(dict.fromkeys(areas))


def _evaluate(
    setting: Setting,
    choices: Choices,
    noise: Noise | None,
    generator: Generator | None,
    *,
    one_technology: bool,
) -> Floats:
    demand = _demand(setting, choices)
    matrix = -setting.coefficients[choices.delta]
    cost: Floats = np.ones((1, matrix.shape[1]))
    if noise is not None and generator is not None:
        demand *= _share_noise(setting, choices, demand, noise.share_cv, generator)
        cost = _disturb(matrix, len(setting.real), noise.coefficient_cv, generator)
    times = matrix.shape[1] // len(setting.real)
    real = np.tile(setting.real, times)
    uniform = bool(np.ptp(setting.real) == 0)
    rights = [demand] if uniform else [demand, demand * real[:, None]]
    if setting.households:
        spending = np.stack([each.spending for each in setting.households])
        rights.append(spending[choices.closure, choices.delta])
    solved = _solved(matrix, np.concatenate(rights, axis=2), one_technology=one_technology)
    periods = demand.shape[2]
    nominal = _rounds(setting, choices, demand, solved, slice(0, periods), cost)
    if uniform:
        return _counted(setting, choices, nominal, nominal * setting.real[0], cost)
    second = _rounds(setting, choices, rights[1], solved, slice(periods, 2 * periods), cost)
    return _counted(setting, choices, nominal, second, cost)


def _one_technology(setting: Setting) -> bool:
    """Tell whether two regions buy the same in all of each product, wherever it comes from."""
    size = len(setting.real)
    if setting.coefficients.shape[1] != 2 * size:
        return False
    bought = setting.coefficients[:, :size] + setting.coefficients[:, size:]
    return np.allclose(bought[:, :, :size], bought[:, :, size:], rtol=1e-9, atol=1e-12)


def _solved(negative: Floats, rights: Floats, *, one_technology: bool) -> Floats:
    """Return ``(I - A)^-1`` of right-hand sides, ``(s, N, m)``; ``negative`` is ``-A``.

    With one technology, output of both regions together answers the national system; what is
    left is a system of the region's size, ``(I - A_rr + A_ro) x_r = f_r + A_ro x``. Two systems
    of half the size take a quarter of the time.
    """
    if not one_technology:
        return solve_each(_with_ones(negative), rights)
    size = negative.shape[1] // 2
    home, across = negative[:, :size, :size], negative[:, :size, size:]
    both = _with_ones(home + negative[:, size:, :size])
    whole = solve_each(both, rights[:, :size] + rights[:, size:])
    own = solve_each(_with_ones(home - across), rights[:, :size] - across @ whole)
    return np.concatenate([own, whole - own], axis=1)


def _with_ones(matrices: Floats) -> Floats:
    size = matrices.shape[1]
    matrices[:, range(size), range(size)] += 1
    return matrices


def _demand(setting: Setting, choices: Choices) -> Floats:
    """Return ``(s, N, k)``: the first round by region."""
    local = setting.local_share[choices.delta][:, :, None]
    purchases = [each for _, each in setting.mixes]
    share = np.stack([each.import_share for each in purchases])[choices.mix]
    share = moved_share(share, choices.import_factor[:, None, None])
    free: Floats = np.stack([each.free for each in purchases])[choices.mix]
    made: Floats = free * (1 - share)[:, None]
    made += np.stack([each.fixed for each in purchases])[choices.mix]
    here = made[:, 0] * local + made[:, 1]
    if setting.coefficients.shape[1] == len(setting.real):
        whole: Floats = made.sum(axis=1)
        return whole
    return np.concatenate([here, made.sum(axis=1) - here], axis=1)


def _rounds(
    setting: Setting,
    choices: Choices,
    first: Floats,
    solved: Floats,
    columns: slice,
    cost: Floats,
) -> Floats:
    """Return output by effect, ``(effects, s, N, k)``."""
    type_i = solved[:, :, columns]
    induced = np.zeros_like(type_i)
    if setting.households:
        answered = solved[:, :, -setting.households[0].income.shape[0] :]
        income: Floats = np.stack([each.income for each in setting.households])[choices.closure]
        income = income * cost[:, None, :]
        between = np.stack([each.between for each in setting.households])[choices.closure]
        rest = np.eye(between.shape[1]) - between - income @ answered
        induced = answered @ np.linalg.solve(rest, income @ type_i)
    return np.stack([first, type_i - first, induced])


def _counted(
    setting: Setting, choices: Choices, nominal: Floats, real: Floats, cost: Floats
) -> Floats:
    names = area_names(setting.areas)
    member = np.array([[area == name for area in setting.areas] for name in names], dtype=float)
    years = np.array([year for year, _ in setting.periods], dtype=float) - setting.base_year
    fewer = (1 + choices.productivity)[:, None] ** -years[None, :]
    shape = (len(choices), len(setting.accounts), len(names), len(EFFECTS), len(years))
    found = np.empty(shape)
    for position, account in enumerate(setting.accounts):
        weight = member * np.nan_to_num(account.intensity)
        output = real if account.real else nominal
        if account.of_cost:
            output = output * cost[None, :, :, None]
        found[:, position] = np.einsum("an,esnk->saek", weight, output, optimize=True)
        if account.by_period is not None:
            found[:, position] *= fewer[:, None, None, :]
    return found


def _share_noise(
    setting: Setting, choices: Choices, demand: Floats, cv: float, generator: Generator
) -> Floats:
    """Return ``(s, N, k)`` factors of spending by sector that keep its sum by period."""
    size = len(setting.real)
    factors = _lognormal(generator, cv, (len(choices), size))
    whole = np.tile(factors, demand.shape[1] // size)[:, :, None]
    before, after = demand.sum(axis=1), (demand * whole).sum(axis=1)
    kept = np.divide(before, after, out=np.ones_like(before), where=after > 0)
    scaled: Floats = whole * kept[:, None, :]
    return scaled


def _disturb(matrix: Floats, size: int, cv: float, generator: Generator) -> Floats:
    """Multiply each national coefficient by noise, in place; all regions alike.

    Returns ``(s, N)``: what the costs of each column beside its domestic inputs are multiplied
    by, so that the column sums to its output as before.
    """
    if cv == 0:
        return np.ones((len(matrix), matrix.shape[1]))
    times = matrix.shape[1] // size
    blocks = matrix.reshape(len(matrix), times, size, times, size)
    bought = -blocks.sum(axis=1)  # (s, n, buying region, n): of each product, from any region
    factors = _lognormal(generator, cv, (len(matrix), size, size))
    for _ in range(_ATTEMPTS):
        sums = np.einsum("sirj,sij->srj", bought, factors).max(axis=1)
        draw, column = np.nonzero(sums >= 1)
        if not len(draw):
            break
        factors[draw, :, column] = _lognormal(generator, cv, (len(draw), size))
    else:
        raise Problem(
            Kind.BAD_INPUT,
            "a column of coefficients keeps reaching 1 under this noise",
            value=cv,
            remedy="take a smaller coefficient of variation",
        )
    blocks *= factors[:, None, :, None, :]
    before = 1 - bought.sum(axis=1).reshape(len(matrix), -1)
    after = 1 + matrix.sum(axis=1)
    found: Floats = np.divide(after, before, out=np.ones_like(after), where=before > 0)
    return found


def _lognormal(generator: Generator, cv: float, shape: tuple[int, ...]) -> Floats:
    """Return factors of mean 1 and the given coefficient of variation."""
    variance = np.log1p(cv * cv)
    found: Floats = generator.standard_normal(shape)
    found *= np.sqrt(variance)
    found -= variance / 2
    return np.exp(found, out=found)
