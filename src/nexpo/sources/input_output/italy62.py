"""Italy, 62 sectors, 2010 to 2016, total use, in million EUR: two files that belong together.

``italy_iot_62_intermediate_*.csv(.gz)``: ``year, row_sector`` and a column a sector.
``italy_iot_62_vectors_*.csv``: ``year, sector``, final uses, imports, primary rows, output,
employees and firms.

Traps: flows and final uses are **total** (domestic and imported): multipliers of such a table
are too high, so ``scope`` is ``total`` and it must be made domestic by a stated rule. The order
of sectors was assigned by plausibility. Columns miss output by 5 to 156 EUR m (``C10-12``).
``employees`` are persons, without the self-employed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nexpo.core.ingest import Dialect
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.sources.input_output.blocks import Blocks, Floats, Series, order, year_of
from nexpo.sources.input_output.grid import Grid, read_grid
from nexpo.sources.text_tables.names import plain

_USES = {
    "household_consumption": "households",
    "government_consumption": "government",
    "fixed_capital_formation": "capital",
    "inventory_changes": "inventories",
    "exports": "exports",
}
_PRIMARY = {
    "compensation_employees": "compensation",
    "operating_surplus": "surplus",
    "taxes_production": "production_tax",
    "taxes_products": "product_tax",
}
_SATELLITES = {"employees": "employee", "firms": "firm"}
_OTHERS = ("imports", "output")
_SOURCE = "Eurostat, by way of Banca d'Italia"


def recognise(path: Path, header: Sequence[str]) -> bool:
    """Tell either file by its columns."""
    del path
    names = [plain(name) for name in header]
    return names[:2] == ["year", "row_sector"] or (
        names[:2] == ["year", "sector"] and set(_USES) <= set(names)
    )


def read(path: Path, *, year: int | None = None, dialect: Dialect | None = None) -> Blocks:
    """Read a year of the table from either of its files; the other lies beside it.

    Raises
    ------
    Problem
        With file, row and column of what cannot be used.
    """
    flows_path, vectors_path = _pair(path)
    flows = read_grid(flows_path, ("year", "row_sector"), dialect=dialect)
    vectors = read_grid(vectors_path, ("year", "sector"), dialect=dialect)
    chosen = year_of(flows_path, [int(text) for text in flows.label("year")], year)
    sectors = flows.columns
    square = _of_year(flows, "row_sector", chosen, sectors)
    beside = _of_year(vectors, "sector", chosen, sectors)

    def column(name: str) -> Floats:
        names = [plain(each) for each in vectors.columns]
        if name not in names:
            raise bad_input(
                "missing column",
                where=Where(str(vectors_path), 0, name),
                value=", ".join(vectors.columns),
                remedy="fetch the file again",
            )
        return np.ascontiguousarray(beside[:, names.index(name)])

    return Blocks(
        name="Italy, 62 sectors, total use",
        key="iot62-italy",
        area="IT",
        year=chosen,
        currency="EUR",
        scale=1_000_000,
        basis="basic",
        classification="NACE Rev. 2, A*64 without T and U (62 sectors)",
        scope="total",
        sectors=tuple(sectors),
        labels=tuple(sectors),
        regions=("IT",) * len(sectors),
        flows=square,
        output=column("output"),
        uses=tuple(_USES),
        use_kinds=tuple(_USES.values()),
        final=np.column_stack([column(name) for name in _USES]),
        primary_rows=tuple(_PRIMARY),
        primary_kinds=tuple(_PRIMARY.values()),
        primary=np.vstack([column(name) for name in _PRIMARY]),
        import_total=column("imports"),
        satellites=tuple(
            Series(name, unit, column(name), chosen, _SOURCE) for name, unit in _SATELLITES.items()
        ),
        notes=("the order of sectors was assigned by plausibility, not by the publisher",),
    )


def _of_year(grid: Grid, label: str, year: int, sectors: Sequence[str]) -> Floats:
    at = [i for i, text in enumerate(grid.label("year")) if int(text) == year]
    codes = grid.label(label)
    places = order(grid.path, sectors, [codes[i] for i in at], [grid.rows[i] for i in at], "sector")
    return grid.values[[at[place] for place in places]]


def _pair(path: Path) -> tuple[Path, Path]:
    if "intermediate" in path.name:
        return path, _beside(path, "intermediate", "vectors")
    return _beside(path, "vectors", "intermediate"), path


def _beside(path: Path, here: str, there: str) -> Path:
    stem = path.name.replace(here, there).removesuffix(".gz")
    for name in (stem, f"{stem}.gz"):
        if path.with_name(name).is_file():
            return path.with_name(name)
    raise Problem(
        Kind.NO_INPUT,
        f"the file of {there} is not beside this one",
        where=Where(str(path)),
        value=stem,
        remedy=f"put {stem} into the same folder",
    )
