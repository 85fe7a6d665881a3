r"""Households and other accounts inside the system: Type II and Type SAM.

.. math:: A^* = \begin{pmatrix} A & C \\ H & D \end{pmatrix}

``H`` is what each account receives per unit of a sector's output, ``C`` what it buys at home per
unit of its own total, ``D`` what accounts pay each other. Households as one account are Type II
(Miller and Blair 2009, 2.5); several groups of households and institutions are Type SAM.

The larger system is never factorised: with the answers ``L C`` of the smaller one in hand, what is
left has the size of the accounts (the Schur complement ``S = I - D - H L C``). For one account
``1 / S`` is the factor by which every income multiplier grows, the same in all sectors.

One table can be closed in several defensible ways, which differ by several per cent: each reading
is an argument (:mod:`nexpo.impact.households`), and :attr:`Closure.words` says what was read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from nexpo.core.problem import Kind, Problem, Where
from nexpo.impact.model import Floats, freeze
from nexpo.impact.solve import System


@dataclass(frozen=True, slots=True, eq=False)
class Institution:
    """A group of households or an institution, in the money of the table.

    Attributes
    ----------
    income
        ``(n,)`` received from each sector.
    spending
        ``(n,)`` bought from each sector of the table, not imported.
    total
        All that the account receives or pays, outside accounts and abroad included.
    pays
        Amount paid to each account inside, itself included, by name.
    """

    name: str
    income: Floats
    spending: Floats
    total: float
    pays: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """Coefficients of the accounts that are inside.

    Attributes
    ----------
    kind
        ``Type II`` or ``Type SAM``.
    spending
        ``(n, m)`` bought from each sector per unit of an account's total.
    income
        ``(m, n)`` received per unit of a sector's output.
    between
        ``(m, m)`` paid by the account of the column to that of the row, per unit of its total.
    words
        What was read, in words and numbers.
    """

    kind: str
    accounts: tuple[str, ...]
    spending: Floats
    income: Floats
    between: Floats
    words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        freeze(self)


class ClosedSystem:
    """A system with accounts inside.

    Parameters
    ----------
    system
        Of the sectors alone.
    closure
        The accounts.

    Raises
    ------
    Problem
        ``BAD_INPUT`` when each round of spending is as large as the one before: no total exists.

    Examples
    --------
    Miller and Blair (2009), table 2.5 and section 2.5: households receive 300 and 500, buy 50 and
    400, pay 50 to each other, 1,000 in all.

    >>> system = System(np.array([[150.0, 500], [200, 100]]), np.array([1000.0, 2000]))
    >>> income, spending = np.array([300.0, 500]), np.array([50.0, 400])
    >>> group = Institution("households", income, spending, 1000.0, {"households": 50.0})
    >>> closed = ClosedSystem(system, close(system, [group]))
    >>> round(closed.factor, 3)
    1.289
    >>> [column.round(3).tolist() for column in closed.solve(np.array([1.0, 0.0]))]
    [[1.365, 0.527], [0.57]]
    """

    def __init__(self, system: System, closure: Closure) -> None:
        self.system = system
        self.closure = closure
        self._answered: Floats = system.solve(closure.spending).values  # L C
        count = len(closure.accounts)
        self._rest: Floats = np.eye(count) - closure.between - closure.income @ self._answered
        self._check()

    @property
    def factor(self) -> float:
        """Type II over Type I of any income multiplier, ``1 / (1 - d - h' L c)``.

        Raises
        ------
        Problem
            ``USAGE`` with several accounts: there is a matrix of them, and no single factor.
        """
        if self._rest.shape != (1, 1):
            raise Problem(
                Kind.USAGE,
                "several accounts have no single Type II factor",
                value=", ".join(self.closure.accounts),
                remedy="compare multipliers sector by sector",
            )
        return 1.0 / float(self._rest[0, 0])

    @property
    def share_respent(self) -> float:
        """Share of one unit of income that comes back as income; of the fastest account."""
        found: float = np.abs(np.linalg.eigvals(np.eye(len(self._rest)) - self._rest)).max()
        return float(found)

    def solve(self, demand: Floats, received: Floats | None = None) -> tuple[Floats, Floats]:
        """Return outputs and the accounts' totals that answer a demand.

        Parameters
        ----------
        demand
            ``(n,)`` or ``(n, m)`` final demand from outside.
        received
            ``(accounts,)`` or ``(accounts, m)`` paid to the accounts from outside; none if None.
        """
        return self.expand(self.system.solve(demand).values, received)

    def expand(self, output: Floats, received: Floats | None = None) -> tuple[Floats, Floats]:
        """Return outputs with the accounts inside, from ``L f`` without them, and totals."""
        first = self.closure.income @ output
        right = first if received is None else first + received
        totals = _floats(np.linalg.solve(self._rest, right))
        return output + self._answered @ totals, totals

    def solve_transposed(
        self, weights: Floats, account_weights: Floats | None = None
    ) -> tuple[Floats, Floats]:
        """Return multipliers of sectors and of accounts.

        Without ``account_weights`` the multipliers are truncated: what the accounts themselves
        turn over is not counted as output.

        Parameters
        ----------
        weights
            ``(n,)`` or ``(n, k)`` per unit of output.
        account_weights
            ``(accounts,)`` or ``(accounts, k)`` per unit of an account's total.
        """
        by_account = self.account_multipliers(weights, account_weights)
        whole = weights + self.closure.income.T @ by_account
        return self.system.solve_transposed(whole).values, by_account

    def account_multipliers(self, weights: Floats, account_weights: Floats | None = None) -> Floats:
        """Return what one unit received by each account brings; arguments as above."""
        right = self._answered.T @ weights
        if account_weights is not None:
            right = right + account_weights
        return _floats(np.linalg.solve(self._rest.T, right))

    def _check(self) -> None:
        """Refuse accounts whose rounds do not die out; for non-negative ones this is exact."""
        answer = np.full(len(self._rest), -1.0)
        if np.linalg.cond(self._rest) < 1 / np.finfo(np.float64).eps:
            answer = np.linalg.solve(self._rest, np.ones(len(self._rest)))
        if not (answer > 0).all():
            raise Problem(
                Kind.BAD_INPUT,
                "income comes back in full or more each round: no total effect exists",
                value=self.share_respent,
                remedy="divide consumption by a larger income, or leave out saving and taxes",
            )


def close(
    system: System,
    accounts: Sequence[Institution],
    *,
    kind: str | None = None,
    words: tuple[str, ...] = (),
) -> Closure:
    """Return the coefficients of accounts given in money.

    Raises
    ------
    Problem
        ``BAD_INPUT`` for a total that is not above zero, an account that
        pays an unknown one, or amounts that are not numbers.
    """
    names = tuple(each.name for each in accounts)
    for account in accounts:
        _check_account(account, names, system.size)
    count = len(accounts)
    between = np.zeros((count, count))
    for column, account in enumerate(accounts):
        for name, amount in account.pays.items():
            between[names.index(name), column] = amount / account.total
    said = words or tuple(_in_words(each) for each in accounts)
    return Closure(
        kind or ("Type II" if count == 1 else "Type SAM"),
        names,
        np.column_stack([each.spending / each.total for each in accounts]),
        np.vstack([system.per_output(each.income) for each in accounts]),
        between,
        said,
    )


def _check_account(account: Institution, names: tuple[str, ...], size: int) -> None:
    unknown = [name for name in account.pays if name not in names]
    amounts = np.concatenate([account.income, account.spending, [*account.pays.values()]])
    if account.income.shape != (size,) or account.spending.shape != (size,):
        what, remedy = "an account has an income and a spending for each sector", "fill with 0"
    elif unknown:
        what, remedy = f"an account pays {unknown[0]!r}, which is not inside", "add that account"
    elif not np.isfinite(amounts).all():
        what, remedy = "an amount of an account is not a number", "give every amount"
    elif not account.income.sum() > 0:
        what, remedy = "an account receives nothing: there is no loop to close", "check its income"
    elif not account.total > 0:
        what, remedy = "the total of an account is not above zero", "give all that it receives"
    else:
        return
    raise Problem(Kind.BAD_INPUT, what, where=Where(column=account.name), remedy=remedy)


def _in_words(account: Institution) -> str:
    paid = sum(account.pays.values())
    return (
        f"{account.name}: receives {account.income.sum():,.6g} from sectors, buys "
        f"{account.spending.sum():,.6g} from them and pays {paid:,.6g} to accounts, of a total of "
        f"{account.total:,.6g}"
    )


def _floats(values: object) -> Floats:
    found: Floats = np.asarray(values, dtype=np.float64)
    return found
