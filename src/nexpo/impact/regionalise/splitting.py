"""A national table split into regions: what follows from shares alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from nexpo.core.problem import bad_input
from nexpo.impact.model import Floats, Satellite, Scope, Table, Use

_SOLD_ABROAD_OR_KEPT = frozenset({Use.EXPORTS, Use.INVENTORIES, Use.OTHER})


def refuse_unsuited(table: Table, sectors: tuple[str, ...]) -> None:
    """Refuse a table that cannot be split: total flows, other sectors than the activity's.

    Raises
    ------
    Problem
        Naming the first sector that differs.
    """
    if table.scope is Scope.TOTAL:
        raise bad_input(
            f"the flows of {table.origin.name} hold imports: a region would supply them",
            value=table.scope.value,
            remedy="make the table domestic first, by its import shares",
        )
    if table.sectors != sectors:
        pairs = zip(table.sectors, sectors, strict=False)
        other = next((pair for pair in pairs if pair[0] != pair[1]), None)
        raise bad_input(
            f"the activity has {len(sectors)} sectors in another order or spelling than the "
            f"table's {table.size}",
            value=other,
            remedy="read the activity for the sectors of this table",
        )


def within_the_country(table: Table) -> Floats:
    """Return ``(n, k)`` the final uses that a region's own households, firms and offices make.

    Zero in columns of exports, inventories and other uses, and in cells below zero: those are
    taken by what each region has left.
    """
    columns = np.array([kind not in _SOLD_ABROAD_OR_KEPT for kind in table.use_kinds], dtype=bool)
    found: Floats = np.where(columns[None, :] & (table.final > 0), table.final, 0.0)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Shares of regions in a table.

    Attributes
    ----------
    names
        ``R`` codes of regions.
    output
        ``(R, n)`` share of each sector's output; sums to 1 over regions.
    uses
        ``(R, k)`` share of each final use; sums to 1.
    satellites
        ``(R, n)`` a satellite by region, where known.
    """

    source: Table
    names: tuple[str, ...]
    output: Floats
    uses: Floats
    satellites: Mapping[str, Floats] = field(default_factory=dict)

    def table(self, flows: Floats, final: Floats) -> Table:
        """Return the table of all regions from its flows ``(Rn, Rn)`` and final ``(Rn, Rk)``."""
        national, count = self.source, len(self.names)
        origin = national.origin
        imports, bought = national.imports, national.final_imports
        return replace(
            national,
            origin=replace(
                origin,
                name=f"{origin.name}, split into {', '.join(self.names)}",
                area="+".join(self.names),
            ),
            sectors=self._codes(national.sectors),
            labels=national.labels * count,
            regions=tuple(name for name in self.names for _ in national.sectors),
            flows=flows,
            output=self._by_output(national.output),
            uses=self._codes(national.uses),
            use_kinds=national.use_kinds * count,
            final=final,
            primary=self._by_output(national.primary),
            imports=None if imports is None else _block_diagonal(imports, self.output),
            final_imports=None if bought is None else _block_diagonal(bought, self.uses),
            primary_final=self._by_use(national.primary_final),
            import_total=None
            if national.import_total is None
            else self._by_output(national.import_total),
            satellites=tuple(self._satellite(each) for each in national.satellites),
            notes=(*national.notes, "split into regions: docs/adr/0013-two-regions.md"),
        )

    def _codes(self, codes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(f"{name}:{code}" for name in self.names for code in codes)

    def _by_output(self, values: Floats) -> Floats:
        return np.concatenate([values * part for part in self.output], axis=-1)

    def _by_use(self, values: Floats | None) -> Floats | None:
        if values is None:
            return None
        return np.concatenate([values * part for part in self.uses], axis=-1)

    def _satellite(self, satellite: Satellite) -> Satellite:
        known = self.satellites.get(satellite.indicator)
        if known is not None and known.shape != self.output.shape:
            raise bad_input(
                f"satellite {satellite.indicator} by region has shape {known.shape}, not "
                f"{self.output.shape}"
            )
        values = self._by_output(satellite.values) if known is None else known.ravel()
        return replace(satellite, values=values.copy(), final_use=self._by_use(satellite.final_use))


def _block_diagonal(values: Floats, shares: Floats) -> Floats:
    """Return ``(Rn, Rm)``: what each region takes from abroad stands in its own rows."""
    count, (rows, columns) = len(shares), values.shape
    found = np.zeros((count, rows, count, columns))
    for place, part in enumerate(shares):
        found[place, :, place, :] = values * part
    return found.reshape(count * rows, count * columns)
