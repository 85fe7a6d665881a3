"""How far a table's rows and columns are from output, and how much of it rounding explains."""

from __future__ import annotations

from dataclasses import dataclass
from math import log10, sqrt

import numpy as np

from nexpo.impact.model import Floats, Scope, Table

_SAMPLE = 20_000
_DECIMALS = 9
_NOISE = 1e-11  # of the sum of amounts: what 64-bit addition may lose
_LOST = 0.125  # of a printed unit: the most that cells printed as zero held on average
_SIGMAS = 3.0  # standard deviations that rounding may explain: 3 in 1,000 sums lie beyond


@dataclass(frozen=True, slots=True, eq=False)
class Balance:
    """How far rows and columns are from output, by sector, in the table's unit.

    Attributes
    ----------
    rows, columns
        ``(n,)`` sum less output.
    row_tolerance, column_tolerance
        ``(n,)`` what rounding explains.
    row_lost, column_lost
        ``(n,)`` what a sum may lack beyond that, because small amounts were printed as zero: an
        eighth of a unit each. Their errors all have one sign. Such a shortage is told.
    input_share
        ``(n,)`` column sums of ``A``: inputs in the flows by unit of output; zero where there
        is no output.
    unit
        The unit to which amounts are printed, such as 1 or 0.001; 0 at full precision.
    """

    rows: Floats
    columns: Floats
    row_tolerance: Floats
    column_tolerance: Floats
    row_lost: Floats
    column_lost: Floats
    input_share: Floats
    unit: float


def printed_unit(*arrays: Floats) -> float:
    """Return the power of ten to which amounts are printed, 0 where they are at full precision.

    Only a regular sample of large arrays is looked at.

    Examples
    --------
    >>> import numpy as np
    >>> printed_unit(np.array([1.0, 20.0])), printed_unit(np.array([1.25, 0.3]))
    (1.0, 0.01)
    >>> printed_unit(np.array([1 / 3]))
    0.0
    """
    parts = [array.flat[:: max(1, array.size // _SAMPLE)] for array in arrays if array.size]
    values = np.concatenate(parts) if parts else np.zeros(0)
    values = values[np.isfinite(values)]
    for decimals in range(_DECIMALS + 1):
        scaled = values * 10.0**decimals
        noise = np.maximum(1e-9, np.abs(scaled) * 4e-16 * 4)
        if (np.abs(scaled - np.round(scaled)) <= noise).all():
            return float(10.0**-decimals)
    return 0.0


def decimals_of_unit(unit: float) -> int | None:
    """Return how many decimals a printed unit has, None for full precision.

    Examples
    --------
    >>> decimals_of_unit(1.0), decimals_of_unit(0.001), decimals_of_unit(0.0)
    (0, 3, None)
    """
    return None if unit <= 0 else max(0, round(-log10(unit)))


def balance(table: Table) -> Balance:
    """Return how far a table's rows and columns are from output.

    Notes
    -----
    Domestic: ``flows + final = output``; total use: ``flows + final = output + imports``.
    Columns: ``flows + imports + primary = output``, where the imports are a matrix (for domestic
    flows only) or a primary row. [Miller and Blair 2009, ch. 2; UN Handbook 2018]
    """
    sales = table.flows.sum(axis=1) + table.final.sum(axis=1)
    sold = table.output
    if table.scope is Scope.TOTAL:
        sold = sold + _imports_by_product(table)
    inputs = table.flows.sum(axis=0)
    bought = inputs + table.primary.sum(axis=0)
    if table.imports is not None and table.scope is Scope.DOMESTIC:
        bought = bought + table.imports.sum(axis=0)
    unit = printed_unit(table.flows, table.final, table.output)
    rounding = _rounding(table, unit)
    share = np.divide(inputs, table.output, out=np.zeros(table.size), where=table.output > 0)
    return Balance(
        rows=sales - sold,
        columns=bought - table.output,
        row_tolerance=_tolerance(rounding, np.maximum(sales, sold)),
        column_tolerance=_tolerance(rounding, np.maximum(bought, table.output)),
        row_lost=_LOST * unit * _zeros(table, across=True),
        column_lost=_LOST * unit * _zeros(table, across=False),
        input_share=share,
        unit=unit,
    )


def rounding_of(table: Table) -> float:
    """Return by how much printed digits may make a row or column miss output.

    Each cell is off by at most half a printed unit, evenly spread: a standard deviation of
    ``unit / sqrt(12)``. The errors of ``c`` cells are independent, so that their sum has
    ``unit sqrt(c / 12)``; three of these are allowed, and never more than all errors together.

    Examples
    --------
    >>> from nexpo.impact.model import example
    >>> round(rounding_of(example()), 3)  # seven cells of a column, printed to whole units
    2.291
    """
    return _rounding(table, printed_unit(table.flows, table.final, table.output))


def rounding_with_lost(table: Table) -> float:
    """Return :func:`rounding_of` a table with what its small amounts printed as zero may hold."""
    if table.rounding is not None:
        return table.rounding
    unit = printed_unit(table.flows, table.final, table.output)
    return _rounding(table, unit) + _LOST * unit * float(_zeros(table, across=True).max(initial=0))


def _zeros(table: Table, *, across: bool) -> Floats:
    """Return how many cells of each row or column are printed as zero; none of a derived table."""
    if table.rounding is not None:
        return np.zeros(table.size)
    axis = 1 if across else 0
    found: Floats = (table.size - np.count_nonzero(table.flows, axis=axis)).astype(np.float64)
    if across:
        found += len(table.uses) - np.count_nonzero(table.final, axis=1)
        return found
    if table.imports is not None and table.scope is Scope.DOMESTIC:
        found += table.size - np.count_nonzero(table.imports, axis=0)
    return found


def _rounding(table: Table, unit: float) -> float:
    if table.rounding is not None:
        return table.rounding
    n = table.size
    across = n + len(table.uses) + 1
    down = n * (1 if table.imports is None else 2) + len(table.primary_rows) + 1
    cells = max(across, down)
    return 0.5 * unit * min(cells, _SIGMAS * sqrt(cells / 3.0))


def _tolerance(rounding: float, amount: Floats) -> Floats:
    tolerance: Floats = rounding + _NOISE * np.abs(amount) + 1e-12
    return tolerance


def _imports_by_product(table: Table) -> Floats:
    if table.import_total is not None:
        return table.import_total
    if table.imports is None:
        return np.zeros(table.size)
    total = table.imports.sum(axis=1)
    if table.final_imports is not None:
        total = total + table.final_imports.sum(axis=1)
    found: Floats = total
    return found
