r"""Hypothetical extraction: what the economy would lose without a sector or a group.

No smaller system is made. For a group ``J``, with ``L_J`` the columns of ``L`` and ``L_JJ`` its
block, taking out the rows, the columns and the final demand of ``J`` loses

.. math:: \Delta x = L_J \, L_{JJ}^{-1} x_J

(for one sector :math:`x_j \, l_{\cdot j} / l_{jj}`): as many solves as the group has sectors.
Paelinck et al. (1965), Strassert (1968); Miller and Blair (2009), 12.2; variants of Dietzenbacher
and van der Linden (1997). Outputs are those that answer the table's own final demand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from nexpo.core.problem import Kind, Problem
from nexpo.impact.linkages import columns_of_inverse
from nexpo.impact.model import Floats, freeze
from nexpo.impact.solve import System


class Taken(Enum):
    """What is taken out of the table."""

    ALL = "rows, columns and final demand"
    TRADE = "rows and columns"  # final demand for the sector stays, made without inputs
    BACKWARD = "columns"  # it buys from no sector at home, itself included
    FORWARD = "rows"  # it sells to no sector: each finds the input abroad (Leontief)
    FORWARD_SUPPLY = "rows of output coefficients"  # supply-driven (Ghosh), primary inputs stay


@dataclass(frozen=True, slots=True, eq=False)
class Extraction:
    """What is lost, in the money of the table.

    Attributes
    ----------
    loss
        ``(n,)`` output lost by sector, the group's own included.
    own
        Output lost in the group itself.
    """

    sectors: tuple[str, ...]
    taken: Taken
    loss: Floats
    own: float

    def __post_init__(self) -> None:
        freeze(self)

    @property
    def total(self) -> float:
        """Output lost everywhere."""
        return float(self.loss.sum())

    def of(self, per_output: Floats) -> float:
        """Return what is lost of an indicator, given per unit of output."""
        return float(per_output @ self.loss)


def extract(system: System, group: Sequence[int], taken: Taken = Taken.ALL) -> Extraction:
    """Return what is lost without a group of sectors.

    Parameters
    ----------
    group
        Positions, each once.
    taken
        Which part of the table goes.

    Raises
    ------
    Problem
        ``BAD_INPUT`` for an empty group or a position that is twice in it or not in the table.

    Examples
    --------
    >>> system = System(np.array([[150.0, 500], [200, 100]]), np.array([1000.0, 2000]))
    >>> extract(system, [0]).loss.round(3).tolist()
    [1000.0, 210.526]
    """
    where = _positions(system, group)
    unit = np.zeros((system.size, len(where)))
    unit[where, np.arange(len(where))] = 1.0
    supply = taken is Taken.FORWARD_SUPPLY
    columns = (system.solve_transposed if supply else system.solve)(unit).values
    block = columns[where].T if supply else columns[where]
    output = system.output[where]
    final = system.final_demand()[where]
    match taken:
        case Taken.ALL | Taken.TRADE:
            loss = columns @ _answer(block, output)
            loss[where] -= final if taken is Taken.TRADE else 0.0
        case Taken.BACKWARD:
            loss = (columns - unit) @ _answer(block, output)
        case Taken.FORWARD:
            loss = columns @ _answer(block, output - final)
        case Taken.FORWARD_SUPPLY:
            loss = system.output * ((columns - unit) @ _answer(block.T, np.ones(len(where))))
    names = tuple(system.sectors[each] for each in where)
    return Extraction(names, taken, loss, float(loss[where].sum()))


def extract_each(system: System, per_output: Floats | None = None) -> Floats:
    """Return what is lost without each sector in turn, with its final demand, ``(n,)``.

    Parameters
    ----------
    per_output
        ``(n,)`` indicator per unit of output; None for output.
    """
    weights = np.ones(system.size) if per_output is None else per_output
    lost = system.solve_transposed(weights).values
    own = np.empty(system.size)
    for block, part in columns_of_inverse(system):
        own[block] = part[np.arange(block.start, block.stop), np.arange(part.shape[1])]
    found: Floats = system.output * lost / own
    return found


def _answer(block: Floats, right: Floats) -> Floats:
    found: Floats = np.asarray(np.linalg.solve(block, right), dtype=np.float64)
    return found


def _positions(system: System, group: Sequence[int]) -> list[int]:
    where = [int(each) for each in group]
    wrong = [each for each in where if not 0 <= each < system.size]
    if not where or wrong or len(set(where)) < len(where):
        raise Problem(
            Kind.BAD_INPUT,
            "a group to take out has each of its sectors once",
            value=", ".join(map(str, wrong or where)),
            remedy=f"give positions from 0 to {system.size - 1}",
        )
    return where
