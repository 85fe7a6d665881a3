r"""The equations of an input-output table, solved without ever forming an inverse.

.. math:: (I - A) x = f, \qquad (I - A)' m = g, \qquad A = Z \hat x^{-1}

``A`` itself is not kept: a product with it is a scaling by ``1/x`` and one pass over ``Z``.
Three ways, each checked by the residual of its answer:

* GMRES over several right-hand sides at once (Saad and Schultz 1986), one product an iteration:
  the default for a single plan, and for few of them in a large table;
* LU, kept for what comes later: the default up to some 5,000 sectors when there are many;
* LU in single precision, refined in double until the residual is met (Wilkinson): the default for
  many right-hand sides above 5,000 sectors, in half the memory.

Where an iteration does not reach the residual, LU answers and the solution says so.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from nexpo.core.problem import Kind, Problem, Where
from nexpo.impact import krylov
from nexpo.impact.krylov import BLOCK, Apply, back, gmres, norms, product, scaled
from nexpo.impact.model import Floats, Scope, Table
from nexpo.impact.price_words import price_words

LARGEST_LU = 5_000
"""Sectors up to which LU in double precision is the default for many right-hand sides."""

ALLOWED_RESIDUAL = 1e-10
"""Largest relative residual of an answer (2-norm, the worst right-hand side)."""

_SMALL = 600  # below, LU is instant and exact to rounding
_FEW, _MANY = 16, 64  # right-hand sides: GMRES up to few; refined LU from many
_HOME, _NAMED = 1_024, 3  # largest region whose own trade is answered first; sectors in a message
_PURCHASES_OF_NOTHING = 1e-9  # share of all output below which inputs of an empty sector are noise

Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]


class SolveMethod(Enum):
    """How an answer was found."""

    LU = "LU"
    GMRES = "GMRES"
    REFINED = "LU in single precision, refined in double"


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """An answer, how it was found and how well it fits.

    ``values`` has the shape of the right-hand side; ``residual`` is the largest of
    ``|b - (I - A) x| / |b|`` over the right-hand sides, measured after the fact.
    """

    values: Floats
    method: SolveMethod
    residual: float
    iterations: int = 0
    note: str = ""


class System:
    """The equations of a table of flows ``Z`` and outputs ``x``.

    A sector without output has coefficients of zero. Coefficients are ready as soon as the
    system is made; factors are made when first needed and kept.

    Parameters
    ----------
    flows
        ``(n, n)`` row sells to column, in money.
    output
        ``(n,)`` in the same money.
    sectors
        Codes for messages; numbers from 0 where not given.
    regions
        Region of each sector, where there are several: most trade is at home, and an iteration
        that answers it first takes half the products. The answer is the same.
    allow_column_sums
        Go on although inputs of a sector reach its output, as long as every final demand still
        has an answer that is not negative (Hawkins and Simon 1949); it is noted.

    Raises
    ------
    Problem
        ``BAD_INPUT``, naming the sector: a cell that is not a number, an output below zero,
        inputs without output, a column of coefficients that sums to 1 or more.

    Examples
    --------
    Miller and Blair (2009), section 2.3.

    >>> system = System(np.array([[150.0, 500], [200, 100]]), np.array([1000.0, 2000]))
    >>> system.solve(np.array([600.0, 1500])).values.round(0).tolist()
    [1248.0, 1842.0]
    """

    def __init__(
        self,
        flows: Floats,
        output: Floats,
        sectors: Sequence[str] = (),
        *,
        regions: Sequence[str] = (),
        allow_column_sums: bool = False,
    ) -> None:
        self.flows = np.asarray(flows, dtype=np.float64)
        self.output = np.asarray(output, dtype=np.float64)
        self.size = len(self.output)
        if self.flows.shape != (self.size, self.size) or not self.size:
            raise _bad(f"flows of shape {self.flows.shape} for {self.size} outputs")
        self.sectors = tuple(sectors) or tuple(str(each) for each in range(self.size))
        if len(self.sectors) != self.size or len(regions) not in {0, self.size}:
            raise _bad(f"{len(self.sectors)} codes, {len(regions)} regions, {self.size} sectors")
        self._check_output()
        empty = self.output == 0.0
        self.inverse_output: Floats = np.where(empty, 0.0, 1.0 / np.where(empty, 1.0, self.output))
        self._factor: tuple[Any, Any] | None = None
        self._rough: tuple[Any, Any] | None = None
        self._home: list[tuple[slice, tuple[Any, Any]]] = []
        self._regions = tuple(regions)
        self.notes: tuple[str, ...] = ()
        purchases: Floats = np.ones(self.size) @ self.flows
        self._check_flows(purchases, empty)
        self.column_sums: Floats = purchases * self.inverse_output
        self._check_column_sums(allow=allow_column_sums)

    @classmethod
    def of_table(
        cls, table: Table, *, allow_column_sums: bool = False, allow_total: bool = False
    ) -> System:
        """Return the system of a table's flows.

        Raises
        ------
        Problem
            As the class; and when the flows hold imports, unless ``allow_total``: their
            multipliers count what is made abroad.
        """
        if table.scope is Scope.TOTAL and not allow_total:
            raise Problem(
                Kind.BAD_INPUT,
                "the flows hold imports: multipliers would count what is made abroad",
                where=Where(table.origin.name),
                value=table.scope.value,
                remedy="make the table domestic first (`nexpo impact table template OUT --table "
                "FILE --domestic proportional`), or allow total flows by name",
            )
        flows, output, regions = table.flows, table.output, table.regions
        system = cls(
            flows, output, table.sectors, regions=regions, allow_column_sums=allow_column_sums
        )
        system.notes += price_words(table)
        return system

    @classmethod
    def of_coefficients(
        cls, coefficients: Floats, sectors: Sequence[str] = (), *, allow_column_sums: bool = False
    ) -> System:
        """Return the system of a matrix ``A``: flows where each sector makes one unit."""
        ones = np.ones(len(coefficients))
        return cls(coefficients, ones, sectors, allow_column_sums=allow_column_sums)

    def coefficients(self) -> Floats:
        """Return ``A`` as a matrix of its own, ``(n, n)``; 8 bytes a cell."""
        found: Floats = self.flows * self.inverse_output
        return found

    def column(self, position: int) -> Floats:
        """Return a column of ``A``: what a sector buys per unit of its output."""
        found: Floats = self.flows[:, position] * self.inverse_output[position]
        return found

    def final_demand(self) -> Floats:
        """Return ``x - A x``: the demand that the outputs of the table answer."""
        return self.apply(self.output)

    def apply(self, values: Floats) -> Floats:
        """Return ``(I - A) v`` for one vector or for the columns of a matrix."""
        found: Floats = values - product(self.flows, scaled(self.inverse_output, values))
        return found

    def apply_transposed(self, values: Floats) -> Floats:
        """Return ``(I - A)' v`` for one vector or for the columns of a matrix."""
        return values - scaled(self.inverse_output, product(self.flows.T, values))

    def per_output(self, amounts: Floats) -> Floats:
        """Return amounts by sector per unit of output; zero where there is no output."""
        found: Floats = np.asarray(amounts, dtype=np.float64) * self.inverse_output
        return found

    def solve(self, demand: Floats, *, method: SolveMethod | None = None) -> Solution:
        """Return the output that answers final demand.

        Parameters
        ----------
        demand
            ``(n,)``, or ``(n, m)`` for ``m`` plans at once.
        method
            None chooses by size and number of plans.

        Raises
        ------
        Problem
            ``BAD_INPUT`` for a demand of the wrong length or not a number, naming the sector, or
            a system without one answer.
        """
        return self._answer(demand, method, transposed=False)

    def solve_transposed(self, weights: Floats, *, method: SolveMethod | None = None) -> Solution:
        """Return the multipliers ``m`` of weights ``g``: ``(I - A)' m = g``.

        ``m_j`` is what one unit of final demand for ``j`` brings of what ``g`` counts. The
        same equations give prices from unit costs.
        """
        return self._answer(weights, method, transposed=True)

    def factorise(self) -> None:
        """Make and keep the factors, so that every later answer takes milliseconds."""
        if self._factor is None:
            self._factor = self._factors()

    def _answer(self, right: Floats, method: SolveMethod | None, *, transposed: bool) -> Solution:
        given = np.asarray(right, dtype=np.float64)
        sides = self._checked(given)
        chosen = method or self._choose(sides.shape[1])
        values, steps = self._by(chosen, sides, transposed=transposed)
        residual = self._residual(values, sides, transposed=transposed)
        note = ""
        if not residual <= ALLOWED_RESIDUAL and chosen is not SolveMethod.LU:
            note = f"{chosen.value} stopped at a residual of {residual:.1e}: answered by LU"
            chosen = SolveMethod.LU
            values, steps = self._by(chosen, sides, transposed=transposed)
            residual = self._residual(values, sides, transposed=transposed)
        if not residual <= ALLOWED_RESIDUAL:
            wrong = self._backward(values, sides, transposed=transposed)
            if not wrong <= krylov.ALLOWED_BACKWARD:
                raise _singular(f"no answer fits: relative residual {residual:.1e}")
            note += f"{'; ' * bool(note)}residual {residual:.1e}, backward error {wrong:.1e}"
        return Solution(values.reshape(given.shape), chosen, residual, steps, note)

    def _choose(self, sides: int) -> SolveMethod:
        if self._factor is not None or self.size <= _SMALL:
            return SolveMethod.LU
        if sides <= _FEW:
            return SolveMethod.GMRES
        if self.size <= LARGEST_LU:
            return SolveMethod.LU
        return SolveMethod.REFINED if sides >= _MANY else SolveMethod.GMRES

    def _by(self, method: SolveMethod, sides: Floats, *, transposed: bool) -> tuple[Floats, int]:
        apply = self.apply_transposed if transposed else self.apply
        match method:
            case SolveMethod.LU:
                self.factorise()
                return back(self._factor, sides, transposed=transposed), 0
            case SolveMethod.REFINED:
                self._rough = self._rough or self._factors(np.float32)
                return krylov.refined(apply, self._rough, sides, transposed=transposed)
            case SolveMethod.GMRES:
                near = self._near_home(transposed=transposed)
                found = np.empty_like(sides)
                steps = 0
                for start in range(0, sides.shape[1], BLOCK):
                    block = slice(start, start + BLOCK)
                    found[:, block], taken = gmres(apply, sides[:, block], near=near)
                    steps = max(steps, taken)
                return found, steps

    def _near_home(self, *, transposed: bool) -> Apply | None:
        """Return answers of each region's own trade; None where that is no help or no answer."""
        parts = krylov.runs(self._regions)
        helps = len(parts) > 1 and max(part.stop - part.start for part in parts) <= _HOME
        if not helps or (self.column_sums >= 1).any():
            return None
        for part in parts[len(self._home) :]:
            block = self.flows[part, part] * -self.inverse_output[part]
            block[np.diag_indices_from(block)] += 1.0
            self._home.append((part, linalg.lu_factor(block, check_finite=False)))
        return krylov.of_parts(self._home, transposed=transposed)

    def _factors(self, kind: type[np.floating[Any]] = np.float64) -> tuple[Any, Any]:
        """Return LU of ``I - A``, made in place in one array in the order that LAPACK wants."""
        transposed = np.empty((self.size, self.size), dtype=kind)
        scale = -self.inverse_output[:, None]
        np.multiply(self.flows.T, scale, out=transposed, casting="same_kind")
        transposed.reshape(-1)[:: self.size + 1] += 1
        matrix = transposed.T
        single = kind is np.float32
        norm = (linalg.lapack.slange if single else linalg.lapack.dlange)("1", matrix)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", linalg.LinAlgWarning)  # judged by its condition below
            factor: tuple[Any, Any] = linalg.lu_factor(matrix, overwrite_a=True, check_finite=False)
        if not single:
            condition, _ = linalg.lapack.dgecon(factor[0], norm)
            if condition < self.size * np.finfo(np.float64).eps:
                raise _singular(f"reciprocal condition {condition:.1e}")
        return factor

    def _residual(self, values: Floats, sides: Floats, *, transposed: bool) -> float:
        apply = self.apply_transposed if transposed else self.apply
        size = norms(sides)
        return float((norms(sides - apply(values)) / np.where(size > 0, size, 1.0)).max(initial=0))

    def _backward(self, values: Floats, sides: Floats, *, transposed: bool) -> float:
        apply = self.apply_transposed if transposed else self.apply
        per = self.inverse_output
        sizes = per * np.abs(self.flows).sum(axis=0) if transposed else np.abs(self.flows) @ per
        return krylov.backward_error(sides - apply(values), 1 + sizes.max(), values, sides)

    def _checked(self, right: Floats) -> Floats:
        if right.ndim not in {1, 2} or right.shape[0] != self.size:
            raise _bad(f"a right-hand side of shape {right.shape} for {self.size} sectors")
        wrong = np.flatnonzero(~np.isfinite(right.reshape(self.size, -1)).all(axis=1))
        if len(wrong):
            raise _bad("a right-hand side is not a number", self._named(wrong), "give an amount")
        return right.reshape(self.size, -1)

    def _check_output(self) -> None:
        for wrong, what in (
            (~np.isfinite(self.output), "output is not a number"),
            (self.output < 0, "output is below zero"),
        ):
            if wrong.any():
                positions = np.flatnonzero(wrong)
                value = float(self.output[positions[0]])
                raise _bad(what, self._named(positions), "correct the row of outputs", value)

    def _check_flows(self, purchases: Floats, empty: Bools) -> None:
        wrong = np.flatnonzero(~np.isfinite(purchases))  # one bad cell spoils its column's sum
        if len(wrong):
            column = int(wrong[0])
            row = int(np.flatnonzero(~np.isfinite(self.flows[:, column]))[0])
            raise _bad(
                "a flow is not a number",
                f"row {self.sectors[row]}, column {self.sectors[column]}",
                "correct the cell; an empty cell of a table is 0",
                float(self.flows[row, column]),
            )
        least = _PURCHASES_OF_NOTHING * float(self.output.sum())
        buying = np.flatnonzero(empty & (np.abs(purchases) > least))
        if len(buying):
            raise _bad(
                "a sector without output buys inputs",
                self._named(buying),
                "give its output, or empty its column",
                float(purchases[buying[0]]),
            )

    def _check_column_sums(self, *, allow: bool) -> None:
        over = np.flatnonzero(self.column_sums >= 1.0)
        if not len(over):
            return
        worst = over[np.argsort(-self.column_sums[over], kind="stable")]
        if not allow:
            raise _bad(
                "inputs from the table's own sectors reach the whole output (column sum of A >= 1)",
                self._named(worst),
                "check units and outputs; if the table is right, allow column sums by name",
                float(self.column_sums[worst[0]]),
            )
        if (self.solve_transposed(np.ones(self.size)).values <= 0).any():
            raise _bad(
                "the table cannot answer every demand (Hawkins and Simon)",
                self._named(worst),
                "check units and outputs of these sectors",
            )
        self.notes += (f"column sum of A at or above 1: {self._named(worst)}",)

    def _named(self, positions: Ints) -> str:
        names = ", ".join(self.sectors[each] for each in positions[:_NAMED])
        more = len(positions) - _NAMED
        return f"{'sector' if len(positions) == 1 else 'sectors'} {names}" + (
            f" and {more} more" if more > 0 else ""
        )


def _bad(what: str, where: str = "", remedy: str | None = None, value: object = None) -> Problem:
    place = Where(column=where) if where else None
    return Problem(Kind.BAD_INPUT, what, where=place, value=value, remedy=remedy)


def _singular(what: str) -> Problem:
    return Problem(
        Kind.BAD_INPUT,
        f"the system has no single answer ({what})",
        remedy="look for sectors that buy their whole output, and for outputs in another unit",
    )
