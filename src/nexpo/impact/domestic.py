"""From total use to domestic use: which part of each use is imported, by a stated rule.

No rule is right where no matrix of imports is published; each is an assumption that must be
named, and what it makes imported is kept in ``imports`` and ``final_imports``, so that the
accounts balance as before.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

import numpy as np

from nexpo.core.problem import Kind, Problem, Where
from nexpo.impact.deviation import rounding_of
from nexpo.impact.model import Floats, Scope, Table, Use


class ImportRule(Enum):
    """How imports of a product are laid on its uses."""

    PROPORTIONAL = "proportional"
    """Share ``imports / (output + imports - exports)`` of every use but exports, alike."""

    ALL_USES = "all_uses"
    """Share ``imports / (output + imports)`` of every use, exports too (re-exports)."""

    PUBLISHED = "published"
    """What the publisher's own matrix of imports says, taken off the total."""


def import_shares(table: Table, rule: ImportRule = ImportRule.PROPORTIONAL) -> Floats:
    """Return the imported share of each product's uses, ``(n,)`` between 0 and 1.

    A product that is exported beyond what is produced has share 1: the rest is re-exported.

    Raises
    ------
    Problem
        When the table does not say its imports by product.

    Notes
    -----
    The import proportionality assumption. [UN Handbook 2018, ch. 8; Miller and Blair 2009, 4.5]
    """
    imports = _imports(table)
    supply = table.output + imports
    if rule is ImportRule.PROPORTIONAL:
        supply = supply - _exports(table)
    share = np.divide(imports, supply, out=np.zeros(table.size), where=supply > 0)
    share[(supply <= 0) & (imports > 0)] = 1.0
    found: Floats = np.clip(share, 0.0, 1.0)
    return found


def domestic(table: Table, rule: ImportRule = ImportRule.PROPORTIONAL) -> Table:
    """Return a table of domestic flows; one that is domestic already comes back as it is.

    Parameters
    ----------
    rule
        How imports are laid on uses. ``PROPORTIONAL`` keeps exports domestic, unless more is
        exported than produced: then the excess of imports over home use is re-exported.

    Returns
    -------
    Table
        ``flows + imports`` and ``final + final_imports`` are the flows and final uses given;
        a note names the rule.

    Raises
    ------
    Problem
        When what the rule needs is not in the table.

    Examples
    --------
    >>> from nexpo.impact.model import example
    >>> made = domestic(example(Scope.TOTAL))  # a share of 20 / (100 + 20 - 10) of A is imported
    >>> made.flows.round(2).tolist(), made.imports.round(2).tolist()
    ([[12.27, 20.45], [27.22, 19.44]], [[2.73, 4.55], [7.78, 5.56]])
    """
    if table.scope is Scope.DOMESTIC:
        return table
    imports, final_imports = _split(table, rule)
    return replace(
        table,
        scope=Scope.DOMESTIC,
        flows=table.flows - imports,
        final=table.final - final_imports,
        imports=imports,
        final_imports=final_imports,
        import_total=None,
        rounding=rounding_of(table),
        notes=(*table.notes, f"made domestic by the rule {rule.value}: {_SAID[rule]}"),
    )


_SAID = {
    ImportRule.PROPORTIONAL: (
        "imports / (output + imports - exports) of every use but exports is imported"
    ),
    ImportRule.ALL_USES: "imports / (output + imports) of every use is imported, exports too",
    ImportRule.PUBLISHED: "the published matrix of imports was taken off",
}


def _split(table: Table, rule: ImportRule) -> tuple[Floats, Floats]:
    if rule is ImportRule.PUBLISHED:
        if table.imports is None or table.final_imports is None:
            raise _lacking(table, "a matrix of imports, of inputs and of final uses", rule)
        return table.imports, table.final_imports
    share = import_shares(table, rule)[:, np.newaxis]
    flows, final = table.flows * share, table.final * share
    if rule is ImportRule.PROPORTIONAL:
        at = np.asarray([kind is Use.EXPORTS for kind in table.use_kinds], dtype=bool)
        final[:, at] = 0.0
        _re_export(table, flows, final, at)
    return flows, final


def _re_export(
    table: Table, flows: Floats, final: Floats, at: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> None:
    """Lay on exports the imports that home use cannot take, where exports exceed output."""
    excess = _exports(table) - table.output
    rows = np.flatnonzero(excess > 0)
    if not len(rows):
        return
    left = _imports(table)[rows] - flows[rows].sum(axis=1) - final[rows].sum(axis=1)
    exports = table.final[np.ix_(rows, np.flatnonzero(at))]
    weight = exports / exports.sum(axis=1, keepdims=True)
    final[np.ix_(rows, np.flatnonzero(at))] = weight * np.maximum(left, 0.0)[:, np.newaxis]


def _imports(table: Table) -> Floats:
    if table.import_total is not None:
        return table.import_total
    if table.imports is not None and table.final_imports is not None:
        found: Floats = table.imports.sum(axis=1) + table.final_imports.sum(axis=1)
        return found
    raise _lacking(table, "imports by product", ImportRule.PROPORTIONAL)


def _exports(table: Table) -> Floats:
    at = [j for j, kind in enumerate(table.use_kinds) if kind is Use.EXPORTS]
    found: Floats = table.final[:, at].sum(axis=1)
    return found


def _lacking(table: Table, what: str, rule: ImportRule) -> Problem:
    return Problem(
        Kind.BAD_INPUT,
        f"the rule {rule.value} needs {what}, which the table does not have",
        where=Where(table.origin.name),
        remedy="give import_total by product in the template, or use a domestic table",
    )
