"""One region's own table, taken out of a two-region one: what it buys elsewhere is imported.

Purchases from the rest of the country stand with imports from abroad, sales to it in a column of
exports of their own, so the table balances as the two-region one does.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nexpo.impact.model import Floats, Primary, Satellite, Table, Use
from nexpo.impact.regionalise.two_region import TwoRegion


def region_table(made: TwoRegion) -> Table:
    """Return the table of the region alone.

    Where the nation has a matrix of imports, purchases from the rest are added to it by product;
    where it has only rows of imports, they are one row more.

    Examples
    --------
    >>> from nexpo.impact.model import example
    >>> from nexpo.impact.regionalise import Activity, Choice, Method, two_region
    >>> jobs = Activity("R", ("A", "B"), np.array([500.0, 1000.0]), np.array([1000.0, 3000.0]))
    >>> table = region_table(two_region(example(), jobs, Choice(Method.SLQ)))
    >>> table.sectors, table.uses, table.output.round(6).tolist()
    (('A', 'B'), ('households', 'exports', 'exports to REST'), [50.0, 66.666667])
    """
    table = made.table
    size, uses = table.size // 2, len(table.uses) // 2
    here, rest = table.regions[0], table.regions[-1]
    from_rest, used_of_rest = table.flows[size:, :size], table.final[size:, :uses]
    sold = table.flows[:size, size:].sum(axis=1) + table.final[:size, uses:].sum(axis=1)
    rows, kinds, primary, below = _below(table, size, uses, (from_rest, used_of_rest))
    name = table.origin.name.partition(", split into")[0]
    return replace(
        table,
        origin=replace(table.origin, area=here, name=f"{name}, {here}"),
        sectors=_bare(table.sectors[:size]),
        labels=table.labels[:size],
        regions=table.regions[:size],
        flows=table.flows[:size, :size].copy(),
        output=table.output[:size].copy(),
        uses=(*_bare(table.uses[:uses]), f"exports to {rest}"),
        use_kinds=(*table.use_kinds[:uses], Use.EXPORTS),
        final=np.column_stack([table.final[:size, :uses], sold]),
        primary_rows=rows,
        primary_kinds=kinds,
        primary=primary,
        primary_final=below,
        imports=None if table.imports is None else table.imports[:size, :size] + from_rest,
        final_imports=None
        if table.final_imports is None
        else _widened(table.final_imports[:size, :uses] + used_of_rest),
        import_total=None
        if table.import_total is None
        else table.import_total[:size] + from_rest.sum(axis=1) + used_of_rest.sum(axis=1),
        satellites=tuple(_part(each, size, uses) for each in table.satellites),
        notes=(*table.notes, f"imports hold what {here} buys from {rest}"),
    )


def _below(
    table: Table, size: int, uses: int, bought: tuple[Floats, Floats]
) -> tuple[tuple[str, ...], tuple[Primary, ...], Floats, Floats | None]:
    """Return the primary rows of the region, with one for the rest where no matrix holds it."""
    primary = table.primary[:, :size].copy()
    below = None if table.primary_final is None else _widened(table.primary_final[:, :uses])
    if table.imports is not None:
        return table.primary_rows, table.primary_kinds, primary, below
    inputs, used = (part.sum(axis=0) for part in bought)
    if below is not None:
        below = np.vstack([below, [*used, 0.0]])
    name = f"imports from {table.regions[-1]}"
    rows, kinds = (*table.primary_rows, name), (*table.primary_kinds, Primary.IMPORTS)
    return rows, kinds, np.vstack([primary, inputs]), below


def _part(satellite: Satellite, size: int, uses: int) -> Satellite:
    used = satellite.final_use
    return replace(
        satellite,
        values=satellite.values[:size].copy(),
        final_use=None if used is None else np.append(used[:uses], 0.0),
    )


def _widened(values: Floats) -> Floats:
    """Return the columns with an empty one for exports to the rest."""
    return np.column_stack([values, np.zeros(len(values))])


def _bare(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code.partition(":")[2] or code for code in codes)
