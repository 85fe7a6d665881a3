"""A written design, read back: its tables, its quantities, and the plan to be checked again.

What is read is enough to validate the plan against the streets and addresses it was made from,
to price its quantities at another day, and to hold it beside another design, without any of the
files it came from.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import shapely

from nexpo.build.design.codec import decode
from nexpo.build.design.formats import read_layer
from nexpo.build.design.layers import GEOMETRY, ints, split
from nexpo.build.design.model import Request
from nexpo.connectivity.design.fibre import Inputs, Plan, Pop, Rules, TrenchCost
from nexpo.connectivity.design.model import COST_CLASSES, Demand, Placement, Service, StreetGraph
from nexpo.core.problem import Kind, Problem, Where

META, LAYERS, QUANTITIES = "meta.json", "layers", "quantities.csv"
_NEEDED = ("trenches", "cables", "sites", "premises", "unserved", "streets", "nodes")
_OF_TRENCHES = ("cables", "feeder", "distribution", "drop", "ring", "synthetic")
_OF_DEMAND = ("class", "interpolated", "score", "section", "offset_m", "lead_m")
_OF_OTHERS = ("cluster", "technology", "wireless_status", "wireless_site", "wireless_mbps")
_OF_ALL = ("synthetic", GEOMETRY)


@dataclass(frozen=True)
class StoredDesign:
    """A folder that ``write_design`` made.

    Attributes
    ----------
    folder
        Where it lies.
    meta
        What stands in ``meta.json``: version, place, request, rules, totals, warnings.
    tables
        Layers by name, each with its geometry as WKB.
    quantities
        By technology and item.
    """

    folder: Path
    meta: Mapping[str, Any]
    tables: Mapping[str, pl.DataFrame]
    quantities: Mapping[str, Mapping[str, Decimal]]

    @property
    def totals(self) -> Mapping[str, Any]:
        """The figures of the summary: metres, addresses, amounts in cents."""
        totals: Mapping[str, Any] = self.meta["totals"]
        return totals

    @cached_property
    def request(self) -> Request:
        """What was asked for."""
        return decode(Request, self.meta["request"])

    def inputs(self) -> Inputs:
        """Return streets, demand and POPs the plan was made from."""
        pops = tuple(decode(Pop, each) for each in self.meta["pops"])
        return Inputs(self._streets(), self._demand(), pops)

    def plan(self) -> Plan:
        """Return the plan as it was written, for ``validation.validate``."""
        return Plan(
            trench_sections=self.tables["trenches"].drop(_OF_TRENCHES).rename({GEOMETRY: "wkb"}),
            cables=self._cables(),
            sites=self.tables["sites"].drop(_OF_ALL),
            premises=self.tables["premises"]
            .filter(pl.col("status") == "served")
            .drop(*_OF_DEMAND, *_OF_OTHERS, *_OF_ALL, "reason", "remedy"),
            unserved=self.tables["unserved"].drop("wireless_status", *_OF_ALL),
            ring=self._ring(),
            trench=decode(TrenchCost, self.meta["trench"]),
            rules=decode(Rules, self.meta["rules"]),
            chosen_pop=self.meta["chosen_pop"],
            notes=tuple(self.meta["notes"]),
        )

    def _cables(self) -> pl.DataFrame:
        made = self.tables["cables"].with_columns(split("trenches"), split("carried"))
        return made.drop(_OF_ALL)

    def _ring(self) -> pl.DataFrame:
        if "ring" not in self.tables:
            return pl.DataFrame(schema={"cabinet": pl.String})
        return self.tables["ring"].with_columns(split("single_sections")).drop(_OF_ALL)

    def _streets(self) -> StreetGraph:
        rows, nodes = self.tables["streets"], self.tables["nodes"]
        lines = shapely.from_wkb(rows[GEOMETRY].to_numpy())
        xy, owner = shapely.get_coordinates(lines, return_index=True)
        names = tuple(rows["street"].drop_nulls().unique().sort())
        number = {name: at for at, name in enumerate(names)}
        classes = {each.value: at for at, each in enumerate(COST_CLASSES)}
        return StreetGraph(
            node_id=ints(nodes["node_id"]),
            lon=nodes["lon"].to_numpy(),
            lat=nodes["lat"].to_numpy(),
            tail=ints(rows["tail"]),
            head=ints(rows["head"]),
            length_m=rows["length_m"].to_numpy(),
            cost_class=np.array([classes[each] for each in rows["cost_class"]], dtype=np.int64),
            way_id=ints(rows["way_id"]),
            name=np.array([number.get(each, -1) for each in rows["street"]], dtype=np.int64),
            names=names,
            shape_start=np.searchsorted(owner, np.arange(len(lines) + 1)),
            shape_lon=np.ascontiguousarray(xy[:, 0]),
            shape_lat=np.ascontiguousarray(xy[:, 1]),
            origin=self.meta["streets"]["origin"],
            synthetic=self.meta["streets"]["synthetic"],
        )

    def _demand(self) -> Demand:
        rows = self.tables["premises"]
        services = {each.value: at for at, each in enumerate(Service)}
        placements = {each.value: at for at, each in enumerate(Placement)}
        return Demand(
            id=tuple(rows["id"]),
            label=tuple(rows["label"].fill_null("")),
            units=ints(rows["units"]),
            service=np.array([services[each] for each in rows["service"]], dtype=np.int64),
            klass=tuple(rows["class"].fill_null("")),
            connected=(rows["status"] == "connected").to_numpy(),
            lon=_known(rows["lon"]),
            lat=_known(rows["lat"]),
            section=ints(rows["section"]),
            offset_m=rows["offset_m"].to_numpy(),
            lead_m=rows["lead_m"].to_numpy(),
            placement=np.array([placements[each] for each in rows["placement"]], dtype=np.int64),
            score=rows["score"].to_numpy(),
            synthetic=self.meta["demand"]["synthetic"],
        )


def read_design(folder: Path) -> StoredDesign:
    """Read a folder that ``write_design`` made.

    Raises
    ------
    Problem
        ``BAD_INPUT`` when the folder is no design, or a part of it is missing or broken.
    """
    meta = _meta(folder / META)
    found = sorted((folder / LAYERS).glob("*.parquet"))
    missing = set(_NEEDED) - {path.stem for path in found}
    if missing:
        first = min(missing)
        raise _no_design(folder / LAYERS / f"{first}.parquet", "a layer of the design is missing")
    tables = {path.stem: read_layer(path) for path in found}
    return StoredDesign(folder, meta, tables, _quantities(folder / QUANTITIES))


def _meta(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        there = "the folder holds no design" if path.parent.is_dir() else "no such folder"
        raise Problem(
            Kind.NO_INPUT,
            f"{there}: it has no {path.name}",
            where=Where(str(path.parent)),
            remedy="name a folder that `nexpo design area` wrote",
        )
    try:
        meta = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _no_design(path, f"the description of the design cannot be read: {error}") from error
    if not isinstance(meta, dict) or "design" not in meta:
        raise _no_design(path, "this is no description of a design")
    return meta


def _quantities(path: Path) -> Mapping[str, Mapping[str, Decimal]]:
    found: dict[str, dict[str, Decimal]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                part = found.setdefault(row["technology"], {})
                part[row["item"]] = Decimal(row["quantity"])
    except (OSError, KeyError, ArithmeticError) as error:
        raise _no_design(path, f"the quantities cannot be read: {error}") from error
    return found


def _known(column: pl.Series) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return degrees, not-a-number where unknown."""
    return column.fill_null(float("nan")).to_numpy()


def _no_design(path: Path, detail: str) -> Problem:
    return Problem(
        Kind.BAD_INPUT,
        detail,
        where=Where(str(path)),
        remedy="name a folder that `nexpo design area` wrote",
    )
