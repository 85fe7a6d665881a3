"""The folder of a screening: sites, rasters, map, tables, page, evidence; whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from rasterio.features import shapes as outlines

from nexpo.build import tables
from nexpo.build.datacentres import report
from nexpo.build.datacentres.projection import to_degrees
from nexpo.build.datacentres.screening import Order, Screening, screen
from nexpo.build.datacentres.screening_figures import enter
from nexpo.build.design.map import write_png
from nexpo.build.folders import refuse_foreign
from nexpo.core.evidence import Ledger
from nexpo.core.files import atomic_directory, atomic_path, check_parent, write_text
from nexpo.core.progress import Progress, Silent
from nexpo.core.rocrate import METADATA, Description, write_crate
from nexpo.datacentres.adapters.map_image import Picture, Site, draw
from nexpo.datacentres.adapters.raster_files import write_cog

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

FIGURES, PAGE = "figures.jsonl", "index.html"
CLASSES = ("outside the region", "eligible", "excluded", "eligible, a rule not checked")
_INTERNAL = "for internal use: derived from data that may not be redistributed; do not publish"


@dataclass(frozen=True, slots=True)
class Written:
    """A folder that was written, with what is in it."""

    folder: Path
    files: tuple[str, ...]
    screening: Screening
    ledger: Ledger
    sites: tuple[Mapping[str, Any], ...]


def write(order: Order, progress: Progress | None = None) -> Written:
    """Screen a region and write its folder.

    Raises
    ------
    Problem
        When the screening is not possible, or the folder is not ours to replace.
    """
    told = progress or Silent()
    check_parent(order.out)
    refuse_foreign(order.out, "is not a build of Nexpo", METADATA, FIGURES)
    screening = screen(order, told)
    ledger = enter(screening)
    shapes = parcel_shapes(screening)
    sites = tuple(site_rows(screening, shapes))
    with atomic_directory(order.out) as folder:
        told.step("rasters, map, tables and page")
        _write(folder, screening, ledger, shapes, sites)
        found = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    return Written(order.out, tuple(found), screening, ledger, sites)


def parcel_shapes(screening: Screening) -> list[BaseGeometry]:
    """Return the outline of each site, in metres."""
    labels, frame = screening.parcels.labels, screening.ground.frame
    taken = labels >= 0
    parts: list[list[BaseGeometry]] = [[] for _ in range(len(screening.parcels))]
    for shape, number in outlines(labels, mask=taken, connectivity=4, transform=frame.transform):
        parts[int(number)].append(shapely.geometry.shape(shape))
    return [shapely.union_all(each) for each in parts]


def site_rows(screening: Screening, shapes: list[BaseGeometry]) -> list[dict[str, Any]]:
    """Return one row a site: place, scores, and the mean raw value of each criterion."""
    land = screening.ground
    turn = to_degrees(land.frame.crs)
    flat = screening.parcels.labels.ravel()
    taken = np.flatnonzero(flat >= 0)
    rows = []
    for number, shape in enumerate(shapes):
        cells = taken[flat[taken] == number]
        places = land.places_of(cells)
        lon, lat = turn.transform(shape.centroid.x, shape.centroid.y)
        rows.append(
            {
                "site": number + 1,
                "score": float(screening.parcels.scores[number]),
                "mean_score": float(screening.parcels.means[number]),
                "accepted_share": _mean(screening.accepted, cells),
                "area_ha": screening.parcels.cells * land.frame.cell_ha,
                **_municipality(screening, number),
                "lon": round(lon, 6),
                "lat": round(lat, 6),
                "unknown": ", ".join(_unknown(screening, cells)),
                **{each.criterion.key: each.at(places) for each in screening.measured},
                "synthetic": bool(land.synthetic),
            }
        )
    return rows


def eligibility_classes(screening: Screening) -> NDArray[np.uint8]:
    """Return the class of each cell, as :data:`CLASSES` names them."""
    answer = screening.eligibility
    found = np.zeros(answer.frame.shape, dtype=np.uint8)
    found[answer.area] = 2
    found[answer.eligible] = 1
    found[answer.eligible & (answer.unchecked > 0)] = 3
    return found


def picture_of(screening: Screening, shapes: list[BaseGeometry]) -> Picture:
    """Return the map of a screening."""
    known = screening.score[np.isfinite(screening.score)]
    low, high = np.percentile(known, (2, 98)) if len(known) else (0.0, 1.0)
    land, order = screening.ground, screening.order
    share = screening.eligibility.share
    return Picture(
        frame=land.frame,
        title=f"{land.region.name}: sites for data centres, ranked by {order.method.value}",
        subtitle=(
            f"{share:.1%} of the region is eligible as far as is known; "
            f"{land.frame.cell_m:g} m cells; rules of {order.law_day}, data of {order.on}"
        ),
        score=screening.score,
        area=land.area,
        eligible=screening.eligibility.eligible,
        blind=screening.blind,
        outline=land.outline,
        sites=[Site(number, shape) for number, shape in enumerate(shapes, 1)],
        low=float(low),
        high=float(high),
        measure="Score, 2nd to 98th percentile of cells",
        unknown=[
            *(each.criterion.title for each in screening.ranked.unknown),
            *(
                f"rule not checked: {land.title(a.rule.layer)}"
                for a in screening.eligibility.missing
            ),
        ],
        stamp="SYNTHETIC" if land.synthetic else "",
        credit=(
            "Boundaries and residents: ISTAT, Openpolis, CC BY 4.0. Grid: The PyPSA-Eur Authors, "
            f"CC BY 4.0. {land.frame.crs}, equal area. Nexpo."
        ),
    )


def _write(
    folder: Path,
    screening: Screening,
    ledger: Ledger,
    shapes: list[BaseGeometry],
    sites: tuple[Mapping[str, Any], ...],
) -> None:
    land = screening.ground
    mark = ".synthetic" if land.synthetic else ""
    write_parcels(folder / f"sites{mark}.parquet", sites, shapes, land.frame.crs)
    _rasters(folder, screening, mark)
    drawing = draw(picture_of(screening, shapes))
    write_png(drawing, folder / f"map{mark}.png", zoom=1)
    _tables(folder, screening, sites, mark)
    ledger.write(folder / FIGURES)
    page = report.Page(screening, ledger, sites, f"map{mark}.png", mark)
    write_text(folder / PAGE, report.render(page))
    write_crate(folder, _description(screening), ledger.inputs())


def _rasters(folder: Path, screening: Screening, mark: str) -> None:
    land, method = screening.ground, screening.order.method.value
    tags = {
        "SOURCE": "Nexpo",
        "DATE": str(screening.order.on),
        "SYNTHETIC": ", ".join(land.synthetic) or "no",
    }
    shares = [("score", screening.score, f"score by {method}")]
    if screening.accepted is not None:
        words = f"share of weight draws in which a cell is among the best hundredth by {method}"
        shares.append(("accepted", screening.accepted, words))
    for name, values, words in shares:
        write_cog(
            folder / f"{name}{mark}.tif",
            land.frame,
            values,
            nodata=float("nan"),
            description=words,
            tags=tags,
        )
    write_cog(
        folder / f"eligibility{mark}.tif",
        land.frame,
        eligibility_classes(screening),
        nodata=0,
        description="eligibility",
        tags=tags,
        categories=CLASSES,
    )


def write_parcels(
    target: Path,
    rows: tuple[Mapping[str, Any], ...],
    shapes: list[BaseGeometry],
    crs: str,
) -> Path:
    """Write sites as GeoParquet in degrees (WGS 84), atomically."""
    columns = {name: [row[name] for row in rows] for name in (rows[0] if rows else {"site": 0})}
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=crs).to_crs("EPSG:4326")
    with atomic_path(target) as path:
        frame.to_parquet(path, compression="zstd", write_covering_bbox=False)
    return target


def _tables(
    folder: Path, screening: Screening, sites: tuple[Mapping[str, Any], ...], mark: str
) -> None:
    if sites:
        tables.write_csv(sites, list(sites[0]), folder / f"sites{mark}.csv")
    places = list(municipality_rows(screening))
    tables.write_csv(places, list(places[0]), folder / f"municipalities{mark}.csv")
    sources = tables.source_rows(screening.ground.inputs)
    tables.write_csv(sources, tables.SOURCE_COLUMNS, folder / "sources.csv")
    refused = [problem.as_dict() for problem in screening.ground.refused]
    columns = ("file", "row", "column", "value", "detail", "remedy")
    rows = [{name: each.get(name) for name in columns} for each in refused]
    tables.write_csv(rows, columns, folder / "refused.csv")


def municipality_rows(screening: Screening) -> list[dict[str, Any]]:
    """Return one row a municipality: cells, eligible share, mean and best score."""
    zonal, table = screening.zonal, screening.ground.zones.table
    return [
        {
            "istat": istat,
            "name": name,
            "cells": int(zonal.cells[at]),
            "eligible_cells": int(zonal.eligible[at]),
            "eligible_share": _finite(zonal.share[at]),
            "mean_score": _finite(zonal.mean[at]),
            "best_score": _finite(zonal.best[at]),
            "synthetic": bool(screening.ground.synthetic),
        }
        for at, (istat, name) in enumerate(zip(table["istat"], table["name"], strict=True))
    ]


def _municipality(screening: Screening, number: int) -> dict[str, Any]:
    row, column = screening.parcels.seeds[number]
    zone = int(screening.ground.zone_numbers[row, column])
    table = screening.ground.zones.table
    return {"istat": table["istat"][zone], "municipality": table["name"][zone]}


def _unknown(screening: Screening, cells: NDArray[np.int64]) -> list[str]:
    everywhere = [each.criterion.key for each in screening.ranked.unknown]
    if not screening.blind.ravel()[cells].any():
        return everywhere
    return [*everywhere, "a criterion in some cells"]


def _mean(raster: NDArray[np.float32] | None, cells: NDArray[np.int64]) -> float | None:
    return None if raster is None else _finite(raster.ravel()[cells].mean(dtype=np.float64))


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _description(screening: Screening) -> Description:
    land = screening.ground
    closed = any(not item.redistributable for item in land.inputs)
    return Description(
        name=f"Nexpo screening: {land.region.name}, {screening.order.on}",
        text="Eligible land, score and sites for data centres, each figure with its derivation"
        + (f"; {_INTERNAL}" if closed else ""),
        licence=_INTERNAL if closed else "https://eupl.eu/1.2/en/",
        published=screening.order.on,
    )
