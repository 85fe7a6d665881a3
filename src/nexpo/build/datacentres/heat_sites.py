"""Sites whose heat is matched: a table of them, or the parcels that a screening wrote."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pyarrow as pa

from nexpo.build.datacentres.projection import to_metres
from nexpo.core import tables
from nexpo.core.evidence import Input
from nexpo.core.files import sha256_of
from nexpo.core.problem import Kind, Problem, Where, bad_input
from nexpo.datacentres.adapters.forms import Cells, fill
from nexpo.datacentres.adapters.rows import Form, Reject, Row, read_form
from nexpo.datacentres.heat import Site

if TYPE_CHECKING:
    from collections.abc import Callable

    from nexpo.datacentres.siting.grid import Frame

PARCELS = (".parquet", ".geoparquet")
_OF_PARCELS = {"site": "id", "municipality": "name"}
_HIGH_KW = 2_000_000.0
_WASTE_C = (0.0, 100.0)


@dataclass(frozen=True, slots=True)
class Sites:
    """Sites of a file, the cells that were refused, and what a reader must know."""

    sites: tuple[Site, ...]
    rejects: tuple[Reject, ...]
    notes: tuple[str, ...] = ()
    inputs: tuple[Input, ...] = ()

    @property
    def synthetic(self) -> bool:
        """Whether the sites themselves are made up, or rest on what is."""
        return any(item.synthetic for item in self.inputs)


def read_sites(path: Path, frame: Frame, *, decimal: str = ".") -> Sites:
    """Read sites that are wished for; a bad row is told, the others go on.

    Parameters
    ----------
    path
        CSV, workbook or JSON with the columns of ``heat_sites`` (or the CSV of sites of a
        screening), or the GeoParquet of parcels of a screening.
    frame
        Of the region: a site outside it is refused.

    Raises
    ------
    Problem
        When the file as a whole cannot be used, or no row is left.
    """
    parcels = path.suffix.casefold() in PARCELS
    form, synthetic = _parcels(path) if parcels else (read_form(path), False)
    screened = "site" in form.headers
    form = _of_screening(form)
    found = fill(
        form,
        tables.load("nexpo.datacentres", "heat_sites"),
        _site_in(frame),
        decimal=decimal,
        unique=lambda site: site.key,
    )
    if not found.values:
        first = found.rejects[0]
        raise bad_input(
            f"no site can be used; first: {first.reason}",
            where=Where(str(path), first.row, first.column or None),
            value=first.value or None,
            remedy=first.remedy,
        )
    made_up = synthetic or ".synthetic." in path.name
    notes = () if screened else found.notes
    item = Input("sites", path.name, sha256_of(path), "see its owner", "", False, made_up)  # noqa: FBT003 - a record
    return Sites(found.values, found.rejects, notes, (item,))


def _site_in(frame: Frame) -> Callable[[Cells, Row], Site]:
    turn = to_metres(frame.crs)
    west, south, east, north = frame.bounds

    def inside(lon: float, lat: float) -> tuple[float, float] | None:
        x, y = turn.transform(lon, lat)
        return (x, y) if west <= x <= east and south <= y <= north else None

    def site(cells: Cells, row: Row) -> Site:
        del row
        lon, lat = (float(str(cells[name])) for name in ("lon", "lat"))
        place = inside(lon, lat)
        if place is None:
            swapped = inside(lat, lon) is not None
            raise bad_input(
                "the site does not lie in the region",
                where=Where(column="lon"),
                value=f"{lon:g}",
                remedy="longitude and latitude seem to be exchanged" if swapped else "check it",
            )
        key = str(cells["id"])
        name = str(cells.get("name", key))
        it_kw, waste_c = (_number(cells, column) for column in ("it_kw", "waste_c"))
        _check("it_kw", it_kw, 0.0, _HIGH_KW, "is it in W? write kW")
        _check("waste_c", waste_c, *_WASTE_C, "write degrees Celsius")
        return Site(key, name, *place, it_kw, waste_c, candidate=True)

    return site


def _check(column: str, value: float | None, least: float, most: float, remedy: str) -> None:
    if value is not None and not least <= value <= most:
        raise bad_input(
            f"not between {least:g} and {most:g}",
            where=Where(column=column),
            value=value,
            remedy=remedy,
        )


def _number(cells: Cells, column: str) -> float | None:
    value = cells.get(column)
    return value if isinstance(value, float) else None


def _of_screening(form: Form) -> Form:
    """Call the columns of a screening's sites by the names of ours."""
    if "id" in form.headers or "site" not in form.headers:
        return form
    rows = tuple(
        Row(
            row.number,
            {_OF_PARCELS.get(name, name): text for name, text in row.cells.items()},
            row.rows,
            row.broken,
        )
        for row in form.rows
    )
    return Form(form.path, tuple(_OF_PARCELS.get(name, name) for name in form.headers), rows)


def _parcels(path: Path) -> tuple[Form, bool]:
    if not path.is_file():
        raise Problem(Kind.NO_INPUT, "no such file", where=Where(str(path)))
    try:
        table = gpd.read_parquet(path)
    except (ValueError, OSError, pa.ArrowException) as error:
        raise bad_input(
            f"not a GeoParquet of parcels: {str(error).splitlines()[0]}",
            where=Where(str(path)),
            remedy="give sites.parquet of a screening; the file may be cut",
        ) from None
    if table.crs is None:
        raise bad_input("the parcels do not say their CRS", where=Where(str(path)))
    middle = table.geometry.to_crs("EPSG:3035").centroid.to_crs("EPSG:4326")
    names = [name for name in ("id", "site", "name", "municipality", "it_kw") if name in table]
    rows = [
        Row(
            number,
            {name: str(row[name]) for name in names if row[name] is not None}
            | {"lon": f"{point.x:.7f}", "lat": f"{point.y:.7f}"},
        )
        for number, ((_, row), point) in enumerate(
            zip(table[names].iterrows(), middle, strict=True), 1
        )
    ]
    made_up = bool(table["synthetic"].any()) if "synthetic" in table else False
    return Form(path, (*names, "lon", "lat"), tuple(rows)), made_up
