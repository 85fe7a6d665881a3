"""The design as layers: declared tables with a geometry, in WGS 84 degrees, longitude first.

Each layer's columns are declared in ``dictionary/<layer>.csv``; what is written is cast to that
declaration, and a required value that is missing is an error here and not a surprise there.
Lists (the trenches of a cable) are text with spaces between, which every format can hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from nexpo.build.design.model import AreaDesign
from nexpo.build.tables import POLARS_TYPES
from nexpo.connectivity.design.fibre import Plan
from nexpo.connectivity.design.model import (
    COST_CLASSES,
    Demand,
    Floats,
    Ints,
    Placement,
    Service,
    StreetGraph,
)
from nexpo.connectivity.design.wireless import WirelessPlan
from nexpo.core.problem import Kind, Problem
from nexpo.core.tables import Table, load

GEOMETRY = "geometry"
POINT, LINE = "Point", "LineString"
LEVELS = ("feeder", "distribution", "drop", "ring")

_SURVEYED = (Placement.COORDINATES.value, Placement.OFF_NETWORK.value)

Geometries = NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A table with a geometry of one kind: WKB, the last column, empty where there is no place.

    ``kind`` is ``Point`` or ``LineString``; ``title`` is what a map calls it.
    """

    name: str
    title: str
    kind: str
    frame: pl.DataFrame

    @property
    def table(self) -> Table:
        """The declaration of its columns, geometry left out."""
        return load("nexpo.build.design", self.name)

    @property
    def attributes(self) -> pl.DataFrame:
        """The table without its geometry."""
        return self.frame.drop(GEOMETRY, strict=False)

    @property
    def shapes(self) -> Geometries:
        """The geometries; None where a row has no place."""
        found: Geometries = shapely.from_wkb(self.frame[GEOMETRY].to_numpy())
        return found


def layers(design: AreaDesign) -> tuple[Layer, ...]:
    """Return the layers of a design for maps; those of wireless, ring and choice where there are.

    Raises
    ------
    Problem
        ``INTERNAL`` when a required value is missing.
    """
    return tuple(_drawn(design))


def network(graph: StreetGraph) -> tuple[Layer, Layer]:
    """Return streets and nodes: the ground on which a design can be checked again."""
    mark = graph.synthetic
    classes = np.array([each.value for each in COST_CLASSES])
    names = np.array([*graph.names, None], dtype=object)
    rows = pl.DataFrame(
        {
            "section": np.arange(graph.sections),
            "tail": graph.tail,
            "head": graph.head,
            "length_m": graph.length_m,
            "cost_class": classes[graph.cost_class],
            "way_id": graph.way_id,
            "street": pl.Series(names[graph.name].tolist(), dtype=pl.String),
        }
    )
    nodes = pl.DataFrame(
        {
            "node": np.arange(graph.nodes),
            "node_id": graph.node_id,
            "lon": graph.lon,
            "lat": graph.lat,
        }
    )
    xy = np.column_stack([graph.shape_lon, graph.shape_lat])
    owner = np.repeat(np.arange(graph.sections), np.diff(graph.shape_start))
    lines = shapely.linestrings(xy, indices=owner)
    return (
        _layer("streets", "Streets", LINE, rows, lines, synthetic=mark),
        _layer("nodes", "Nodes of the streets", POINT, nodes, _points(nodes), synthetic=mark),
    )


def _drawn(design: AreaDesign) -> Iterator[Layer]:
    made, plan = design.synthetic, design.fibre
    lines = shapely.from_wkb(plan.trench_sections["wkb"].to_numpy())
    cables = plan.cables.with_columns(_joined("trenches"), _joined("carried"))
    people = premises(design)
    yield _layer("trenches", "Trenches", LINE, _trenches(plan), lines, synthetic=made)
    yield _layer("cables", "Cables", LINE, cables, cable_lines(plan, lines), synthetic=made)
    yield _at_point("sites", "POP, cabinets, chambers, closures", plan.sites, made)
    yield _at_point("premises", "Premises", people, made)
    left = people.filter(pl.col("status") == "unserved")
    yield _at_point("unserved", "Premises without fibre", left, made)
    if not plan.ring.is_empty():
        rings = plan.ring.with_columns(_joined("single_sections"))
        yield _at_point("ring", "Cabinets by ring", rings, made)
    if design.choice is not None:
        yield _at_point("clusters", "Clusters", _clusters(design), made)
    if design.wireless is not None:
        yield from _wireless(design, design.wireless, people)


# Fibre


def _trenches(plan: Plan) -> pl.DataFrame:
    """Return the trenches with the number of cables in them and what these are for."""
    held = plan.cables.select("level", pl.col("trenches").alias("trench"))
    laid = held.explode("trench", empty_as_null=True).drop_nulls("trench")
    is_ring = pl.col("level").is_in(["ring", "ring_first"])
    counted = laid.group_by("trench").agg(
        pl.len().alias("cables"),
        *((pl.col("level") == level).any().alias(level) for level in LEVELS[:3]),
        is_ring.any().alias("ring"),
    )
    joined = plan.trench_sections.drop("wkb").join(
        counted, on="trench", how="left", maintain_order="left"
    )
    return joined.with_columns(pl.col("cables").fill_null(0), pl.col(LEVELS).fill_null(value=False))


def cable_lines(plan: Plan, trenches: Geometries) -> Geometries:
    """Return the line of each cable, from its origin through its trenches; None where it has none.

    Parameters
    ----------
    trenches
        Lines of ``plan.trench_sections``, in its order.
    """
    xy, owner = shapely.get_coordinates(trenches, return_index=True)
    first = np.searchsorted(owner, np.arange(len(trenches) + 1))
    tail = plan.trench_sections["tail"].to_list()
    head = plan.trench_sections["head"].to_list()
    pieces: list[Floats] = []
    length = []
    for origin, route in plan.cables.select("origin", "trenches").iter_rows():
        found, at = 0, origin
        for trench in route:
            piece = xy[first[trench] : first[trench + 1]]
            ahead = tail[trench] == at
            pieces.append(piece if ahead else piece[::-1])
            at = head[trench] if ahead else tail[trench]
            found += len(piece)
        length.append(found)
    made = np.full(len(length), None, dtype=object)
    if pieces:
        along = np.concatenate(pieces)
        shapely.linestrings(along, indices=np.repeat(np.arange(len(length)), length), out=made)
    lines: Geometries = shapely.remove_repeated_points(made, 0.0)
    return lines


# Premises


def premises(design: AreaDesign) -> pl.DataFrame:
    """Return every address of the demand, once and in its order: served, unserved, connected."""
    plan = design.fibre
    everyone = _demanded(design.inputs.demand)
    path = plan.premises.drop("label", "service", "units", "lon", "lat", "placement")
    reasons = plan.unserved.select("id", "reason", "remedy", pl.lit("unserved").alias("left"))
    joined = everyone
    for more in (path, reasons, _grouped(design), _by_radio(design.wireless)):
        joined = joined.join(more, on="id", how="left", maintain_order="left")
    connected = pl.Series("connected", design.inputs.demand.connected)
    nowhere = pl.when(pl.Series(connected)).then(pl.lit("connected"))
    status = pl.coalesce("status", "left", nowhere)
    if design.wireless is not None:
        radio = pl.coalesce("wireless_status", pl.lit("unserved"))
        joined = joined.with_columns(wireless_status=pl.when(~pl.Series(connected)).then(radio))
    return joined.with_columns(status=status)


def _demanded(demand: Demand) -> pl.DataFrame:
    placing = np.array([each.value for each in Placement])[demand.placement]
    return pl.DataFrame(
        {
            "id": pl.Series(demand.id, dtype=pl.String),
            "label": pl.Series(demand.label, dtype=pl.String),
            "service": np.array([each.value for each in Service])[demand.service],
            "units": demand.units,
            "class": pl.Series(demand.klass, dtype=pl.String),
            "placement": placing,
            "interpolated": ~np.isin(placing, _SURVEYED),
            "score": demand.score,
            "lon": demand.lon,
            "lat": demand.lat,
            "section": demand.section,
            "offset_m": demand.offset_m,
            "lead_m": demand.lead_m,
        },
        schema_overrides={"service": pl.String, "placement": pl.String},
    )


def _grouped(design: AreaDesign) -> pl.DataFrame:
    """Return by address its cluster, and the technology that the choice gives it."""
    chosen = technologies(design)
    names = design.demand.id
    rows = [
        (names[row], group.cluster.id, chosen.get(group.cluster.id))
        for group in design.groups
        for row in group.rows.tolist()
    ]
    schema = {"id": pl.String, "cluster": pl.String, "technology": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def technologies(design: AreaDesign) -> Mapping[str, str]:
    """Return by cluster what the choice gives it."""
    picks = () if design.choice is None else design.choice.picks
    return {pick.cluster.id: pick.option.technology.value for pick in picks}


def _by_radio(found: WirelessPlan | None) -> pl.DataFrame:
    columns = {
        "id": pl.String,
        "wireless_status": pl.String,
        "wireless_site": pl.String,
        "wireless_mbps": pl.Float64,
    }
    if found is None:
        return pl.DataFrame(schema=columns)
    return found.links.select("premise", "status", "site", "rate_mbps").rename(
        dict(zip(("premise", "status", "site", "rate_mbps"), columns, strict=True))
    )


# Choice and wireless


def _clusters(design: AreaDesign) -> pl.DataFrame:
    picks = {} if design.choice is None else {p.cluster.id: p for p in design.choice.picks}
    rows = []
    for group in design.groups:
        cluster, option = group.cluster, picks[group.cluster.id].option
        rows.append(
            {
                "cluster": cluster.id,
                "addresses": cluster.addresses,
                "units": cluster.units,
                "before_mbps": float(cluster.before_mbps),
                "technology": option.technology.value,
                "cost_cents": option.cost_cents,
                "addresses_served": option.addresses,
                "units_served": option.units,
                "down_mbps": float(option.down_mbps),
                "lon": group.lon,
                "lat": group.lat,
            }
        )
    return pl.DataFrame(rows, schema=_schema("clusters"), strict=False)


def _wireless(design: AreaDesign, plan: WirelessPlan, people: pl.DataFrame) -> Iterator[Layer]:
    made = design.synthetic
    masts = {name: (lon, lat) for name, lon, lat in _places(plan.sites, "site")}
    homes = {name: (lon, lat) for name, lon, lat in _places(people, "id")}
    yield _at_point("wireless_sites", "Radio sites", plan.sites, made)
    sectors = _strings(plan.sectors, "site", masts, None, masts)
    yield _layer("wireless_sectors", "Sectors", POINT, plan.sectors, sectors, synthetic=made)
    links = _strings(plan.links, "site", masts, "premise", homes)
    yield _layer("wireless_links", "Radio links", LINE, plan.links, links, synthetic=made)
    hops = _strings(plan.hops, "site", masts, "to_site", masts)
    yield _layer("wireless_hops", "Radio backhaul", LINE, plan.hops, hops, synthetic=made)
    yield _at_point("wireless_unserved", "Premises without wireless", plan.unserved, made)


def _places(frame: pl.DataFrame, name: str) -> list[tuple[str, float, float]]:
    return frame.select(name, "lon", "lat").rows()


Where = Mapping[str, tuple[float, float]]


def _strings(
    frame: pl.DataFrame, first: str, at: Where, last: str | None, other: Where
) -> Geometries:
    """Return straight lines between named places, or points where ``last`` is None."""
    ends = np.array([at[name] for name in frame[first]], dtype=float).reshape(-1, 2)
    if last is None:
        return np.asarray(shapely.points(ends), dtype=object)
    goals = np.array([other[name] for name in frame[last]], dtype=float).reshape(-1, 2)
    return np.asarray(shapely.linestrings(np.stack([ends, goals], axis=1)), dtype=object)


# Declared


def _at_point(name: str, title: str, frame: pl.DataFrame, synthetic: bool) -> Layer:  # noqa: FBT001 - passed on
    return _layer(name, title, POINT, frame, _points(frame), synthetic=synthetic)


def _points(frame: pl.DataFrame) -> Geometries:
    xy = frame.select(pl.col("lon", "lat").cast(pl.Float64).fill_nan(None)).to_numpy()
    known = np.isfinite(xy).all(axis=1)
    made = np.full(len(xy), None, dtype=object)
    made[known] = shapely.points(xy[known])
    return made


def _layer(
    name: str,
    title: str,
    kind: str,
    frame: pl.DataFrame,
    shapes: Geometries,
    *,
    synthetic: bool,
) -> Layer:
    marked = frame.with_columns(synthetic=pl.lit(synthetic))
    wkb = pl.Series(GEOMETRY, shapely.to_wkb(shapes).tolist(), dtype=pl.Binary)
    return Layer(name, title, kind, declared(name, marked).with_columns(wkb))


def declared(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table in the columns and types its dictionary declares, nothing missing.

    Raises
    ------
    Problem
        ``INTERNAL`` when a required column is empty somewhere.
    """
    cast: dict[str, Callable[[pl.Expr], pl.Expr]] = {"decimal": _number}
    columns = load("nexpo.build.design", name).columns
    made = frame.select(
        cast.get(column.type, _same)(pl.col(column.name).cast(POLARS_TYPES[column.type]))
        for column in columns
    )
    empty = [c.name for c in columns if c.required and made[c.name].null_count()]
    if empty:
        raise Problem(Kind.INTERNAL, f"layer {name}: empty required column", value=empty[0])
    return made


def _number(column: pl.Expr) -> pl.Expr:
    return column.fill_nan(None)


def _same(column: pl.Expr) -> pl.Expr:
    return column


def _schema(name: str) -> dict[str, Any]:
    columns = load("nexpo.build.design", name).columns
    return {c.name: POLARS_TYPES[c.type] for c in columns if c.name != "synthetic"}


def _joined(name: str) -> pl.Expr:
    """Return a list of whole numbers as text with spaces between."""
    return pl.col(name).cast(pl.List(pl.String)).list.join(" ")


def split(name: str) -> pl.Expr:
    """Return the list of whole numbers that such a text holds.

    Examples
    --------
    >>> pl.DataFrame({"a": ["3 1", ""]}).select(split("a"))["a"].to_list()
    [[3, 1], []]
    """
    words = pl.col(name).str.split(" ").list.filter(pl.element() != "")
    return words.cast(pl.List(pl.Int64))


def ints(column: pl.Series) -> Ints:
    """Return a column of whole numbers as numpy."""
    return column.to_numpy().astype(np.int64)
