r"""Linkages: which sectors pull on others, which push, and which do both.

Rasmussen (1957), Chenery and Watanabe (1958), Ghosh (1958); Miller and Blair (2009), chapter 12.

* *Backward*: column sums of ``L``, what a unit of demand for ``j`` calls for everywhere; one
  adjoint solve.
* *Forward*: row sums of the Ghosh inverse :math:`G = (I - \hat x^{-1} Z)^{-1}`, which equal
  :math:`\hat x^{-1} L x`: one forward solve. Row sums of ``L`` are the older reading, kept as an
  option.
* *Dispersion*: coefficient of variation of a column of ``L`` (a row of ``G``): low where the pull
  is spread over many sectors. It needs every column, which are made in blocks and not kept.

Normalised, 1 is the average sector; a *key* sector is above 1 in both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from nexpo.core.problem import Kind, Problem
from nexpo.impact.model import Floats, freeze
from nexpo.impact.solve import System

Bools = NDArray[np.bool_]

_BLOCK = 256


class Forward(Enum):
    """Which row sums are forward linkages."""

    GHOSH = "ghosh"  # of the output inverse: how supply is passed on
    LEONTIEF = "leontief"  # of L: when every final demand grows by one unit


class Role(Enum):
    """What a sector is, by its normalised linkages."""

    KEY = "key"  # both above 1
    BACKWARD = "backward"  # pulls on others
    FORWARD = "forward"  # others depend on it
    WEAK = "weak"


@dataclass(frozen=True, slots=True, eq=False)
class Linkages:
    """Linkages of every sector, ``(n,)`` each.

    Attributes
    ----------
    direct_backward, direct_forward
        Chenery and Watanabe: column sums of ``A``, row sums of the output coefficients.
    backward, forward
        Total, per unit.
    backward_index, forward_index
        Over their mean.
    backward_dispersion, forward_dispersion
        Coefficients of variation; None where not asked for.
    """

    direct_backward: Floats
    direct_forward: Floats
    backward: Floats
    forward: Floats
    backward_index: Floats
    forward_index: Floats
    backward_dispersion: Floats | None
    forward_dispersion: Floats | None
    reading: Forward

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def key(self) -> Bools:
        """Whether both indices are above 1."""
        found: Bools = (self.backward_index > 1) & (self.forward_index > 1)
        return found

    @property
    def roles(self) -> tuple[Role, ...]:
        """The role of each sector."""
        kinds = {
            (True, True): Role.KEY,
            (True, False): Role.BACKWARD,
            (False, True): Role.FORWARD,
            (False, False): Role.WEAK,
        }
        pairs = zip(self.backward_index > 1, self.forward_index > 1, strict=True)
        return tuple(kinds[bool(pull), bool(push)] for pull, push in pairs)


def linkages(
    system: System,
    *,
    forward: Forward = Forward.GHOSH,
    dispersion: bool = False,
    backward_weights: Floats | None = None,
    forward_weights: Floats | None = None,
    leave_out_empty: bool = False,
) -> Linkages:
    """Return the linkages of every sector.

    Parameters
    ----------
    forward
        Which row sums.
    dispersion
        Also coefficients of variation: as many solves as sectors.
    backward_weights, forward_weights
        ``(n,)`` for a weighted mean in the index, such as shares of final demand (Laumas 1976);
        None weighs every sector alike, as Rasmussen does.
    leave_out_empty
        Leave sectors without output out of the mean; by default they count, with a linkage of 1.

    Examples
    --------
    >>> system = System(np.array([[150.0, 500], [200, 100]]), np.array([1000.0, 2000]))
    >>> found = linkages(system)
    >>> found.backward.round(3).tolist(), found.forward.round(3).tolist()
    ([1.518, 1.452], [1.914, 1.254])
    """
    ones = np.ones(system.size)
    backward = system.solve_transposed(ones).values
    sold: Floats = system.flows @ ones
    if forward is Forward.GHOSH:
        pushed = _ghosh_rows(system)
        direct = system.per_output(sold)
    else:
        pushed = system.solve(ones).values
        direct = system.flows @ system.inverse_output
    counted = (system.output > 0) if leave_out_empty else np.ones(system.size, dtype=bool)
    across, along = _dispersion(system, forward, counted) if dispersion else (None, None)
    return Linkages(
        system.column_sums.copy(),
        direct,
        backward,
        pushed,
        backward / _mean(backward, backward_weights, counted),
        pushed / _mean(pushed, forward_weights, counted),
        across,
        along,
        forward,
    )


def columns_of_inverse(system: System, block: int = _BLOCK) -> Iterator[tuple[slice, Floats]]:
    """Yield the columns of ``L`` in blocks, each forgotten before the next.

    For figures that need each column once; the whole is never held.
    """
    system.factorise()
    for start in range(0, system.size, block):
        columns = slice(start, min(start + block, system.size))
        unit = np.zeros((system.size, columns.stop - start))
        unit[np.arange(start, columns.stop), np.arange(columns.stop - start)] = 1.0
        yield columns, system.solve(unit).values


def _ghosh_rows(system: System) -> Floats:
    """Row sums of the Ghosh inverse; 1 where there is no output."""
    passed = system.per_output(system.solve(system.output).values)
    found: Floats = np.where(system.output > 0, passed, 1.0)
    return found


def _mean(values: Floats, weights: Floats | None, counted: Bools) -> float:
    given = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)
    used = np.where(counted, given, 0.0)
    if given.shape != values.shape or not np.isfinite(used).all() or not used.sum() > 0:
        raise Problem(
            Kind.BAD_INPUT,
            "weights of an index are a number for each sector, not all zero",
            remedy="give shares of final demand, or none",
        )
    return float(values @ used) / float(used.sum())


def _dispersion(system: System, forward: Forward, counted: Bools) -> tuple[Floats, Floats]:
    """Coefficients of variation of the columns of ``L`` and of the rows of ``G`` or ``L``."""
    size = system.size
    columns: list[Floats] = []
    sums, squares = np.zeros(size), np.zeros(size)
    own = _own_scale(system) if forward is Forward.GHOSH else np.ones(size)
    for block, part in columns_of_inverse(system):
        kept = part[counted]
        columns.append(_variation(kept.sum(axis=0), (kept**2).sum(axis=0), len(kept)))
        across = part * (own[None, block] / own[:, None])
        across[:, ~counted[block]] = 0.0
        sums += across.sum(axis=1)
        squares += (across**2).sum(axis=1)
    return np.concatenate(columns), _variation(sums, squares, int(counted.sum()))


def _own_scale(system: System) -> Floats:
    """Return outputs, with 1 for an empty sector: its row and column are those of the identity."""
    found: Floats = np.where(system.output > 0, system.output, 1.0)
    return found


def _variation(sums: Floats, squares: Floats, count: int) -> Floats:
    mean = sums / count
    variance = np.maximum(squares - count * mean**2, 0.0) / max(count - 1, 1)
    found: Floats = np.sqrt(variance) / np.where(mean == 0, 1.0, mean)
    return found
