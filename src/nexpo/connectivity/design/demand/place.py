"""From addresses to demand: for each a place on the street graph, and how it was found.

An address with a coordinate goes to the nearest street that can serve it. One without goes to
its street by name and along it by number; it is *interpolated*, an estimate that may be wrong
by a block. One whose street is not found belongs to a locality: its place is drawn among the
unnamed ways, all of one locality near each other, or it is listed as off the network, as asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl
import shapely
from scipy.spatial import cKDTree

from nexpo.connectivity.design.demand.matching import Found, StreetIndex, Wording
from nexpo.connectivity.design.demand.numbering import Chain, chain, house_number, spread, values
from nexpo.connectivity.design.demand.table import complete, distinct
from nexpo.connectivity.design.findings import SHOWN, Finding, Findings, finding
from nexpo.connectivity.design.model import (
    COST_CLASSES,
    CostClass,
    Demand,
    Floats,
    Ints,
    Placement,
    StreetGraph,
)
from nexpo.connectivity.design.plane import distance_m, lines_of, plane_of
from nexpo.connectivity.design.streets.recut import places
from nexpo.core.problem import Kind, Problem, Where

if TYPE_CHECKING:
    from numpy.random import Generator  # noqa: TID251 - the type of the argument it asks for

_KIND = {each: place for place, each in enumerate(Placement)}
_UNSERVING = tuple(
    COST_CLASSES.index(each)
    for each in (
        CostClass.FORBIDDEN,
        CostClass.TUNNEL,
        CostClass.BRIDGE,
        CostClass.RAIL_CROSSING,
        CostClass.MOTORWAY_CROSSING,
        CostClass.WATER_CROSSING,
        CostClass.JOIN,
    )
)


@dataclass(frozen=True, slots=True)
class Placing:
    """How addresses are placed.

    Attributes
    ----------
    wording
        Words of street names and the threshold of the score.
    max_lead_m
        An address farther than this from every street is off the network, metres.
    pitch_m
        Most metres of street for one step in house numbers.
    """

    wording: Wording
    max_lead_m: float
    pitch_m: float

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Placing:
        """Read the value of the parameter ``design/address-matching``."""
        for key in ("max_lead_m", "pitch_m"):
            if not float(value.get(key, 0)) > 0:
                raise Problem(
                    Kind.CONFIG,
                    f"{key} is missing or not above zero",
                    where=Where("design/address-matching", column=key),
                    value=value.get(key),
                    remedy="give metres",
                )
        return cls(Wording.of(value), float(value["max_lead_m"]), float(value["pitch_m"]))


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Demand, what was met on the way, and which street each name found.

    Attributes
    ----------
    demand
        One row an address.
    findings
        Duplicates, addresses off the network, names not found and the like.
    streets
        ``asked, street, score, matched, tied, addresses``: one row a name, the worst first.
    """

    demand: Demand
    findings: Findings
    streets: pl.DataFrame

    def counts(self) -> dict[str, int]:
        """Return how many addresses were placed in which way."""
        found = np.bincount(self.demand.placement, minlength=len(Placement))
        return {each.value: int(found[place]) for each, place in _KIND.items()}


def place(
    addresses: pl.DataFrame,
    graph: StreetGraph,
    placing: Placing,
    rng: Generator,
    *,
    unmatched: Literal["locality", "off_network"] = "locality",
) -> Placed:
    """Place addresses on a street graph.

    Parameters
    ----------
    addresses
        ``id``, ``street``, ``number``; where known ``lon``, ``lat`` (degrees), ``units`` (1 where
        empty), ``kind`` (``home``, ``firm``, ``public``; home where empty), ``klass``,
        ``connected``. As :func:`nexpo.sources.addresses.read_addresses` gives them.
    rng
        Draws the places of localities; nothing else is random.
    unmatched
        What becomes of an address whose street is not found.

    Raises
    ------
    Problem
        When a column is missing, units are below one, or a kind is unknown.

    Examples
    --------
    >>> import numpy
    >>> from nexpo.connectivity.design.demand.matching import example_wording
    >>> from nexpo.connectivity.design.streets.synthetic import lattice
    >>> table = pl.DataFrame({"id": ["a", "b"], "street": ["ROW 0", "ROW 0"], "number": ["1", "3"]})
    >>> found = place(table, lattice(3, 2, 100.0), Placing(example_wording(), 250.0, 12.0),
    ...               numpy.random.default_rng(1))
    >>> found.demand.offset_m.round(1).tolist(), found.counts()["interpolated"]
    ([12.0, 36.0], 2)
    """
    table, doubled = distinct(complete(addresses))
    work = _Work.empty(table)
    known = _with_coordinates(table, work, graph, placing)
    streets, said = _by_name(table, work, graph, placing, ~known)
    named = (table["street"].fill_null("").str.strip_chars() != "").to_numpy()
    lost = np.flatnonzero(~known & (work.section < 0) & named)  # a nameless one is anywhere
    if unmatched == "locality":
        _localities(table, work, graph, lost, placing, rng)
    demand = work.demand(table, graph)
    findings = Findings().adding(doubled, *said, _far(demand, known, placing), _unplaced(demand))
    return Placed(demand, findings, streets)


@dataclass(slots=True, eq=False)
class _Work:
    """The columns of demand while they are filled."""

    section: Ints
    offset_m: Floats
    lead_m: Floats
    placement: Ints
    score: Floats

    @classmethod
    def empty(cls, table: pl.DataFrame) -> _Work:
        count = table.height
        return cls(
            np.full(count, -1, dtype=np.int64),
            np.zeros(count),
            np.zeros(count),
            np.full(count, _KIND[Placement.OFF_NETWORK]),
            np.zeros(count),
        )

    def put(
        self,
        rows: Ints,
        spots: tuple[Ints, Floats],
        placement: Placement,
        score: Floats | float,
    ) -> None:
        """Set where some addresses stand."""
        self.section[rows], self.offset_m[rows] = spots
        self.placement[rows] = _KIND[placement]
        self.score[rows] = score

    def demand(self, table: pl.DataFrame, graph: StreetGraph) -> Demand:
        """Return the demand: addresses without a coordinate stand at their street point."""
        lon, lat = (table[name].fill_null(np.nan).to_numpy().copy() for name in ("lon", "lat"))
        rows = np.flatnonzero((self.section >= 0) & ~(np.isfinite(lon) & np.isfinite(lat)))
        if len(rows):
            lon[rows], lat[rows], _ = places(graph, self.section[rows], self.offset_m[rows])
        label = table.select(
            pl.concat_str(
                pl.col("street").fill_null(""), pl.col("number").fill_null(""), separator=" "
            ).str.strip_chars()
        ).to_series()
        return Demand(
            id=tuple(table["id"]),
            label=tuple(label),
            units=table["units"].to_numpy(),
            service=table["service"].to_numpy(),
            klass=tuple(table["klass"]),
            connected=table["connected"].to_numpy(),
            lon=lon,
            lat=lat,
            section=self.section,
            offset_m=self.offset_m,
            lead_m=self.lead_m,
            placement=self.placement,
            score=self.score,
            synthetic=graph.synthetic,
        )


def serving(graph: StreetGraph) -> Ints:
    """Return the sections an address can be served from: no bridge, tunnel, crossing or join."""
    return np.flatnonzero(~np.isin(graph.cost_class, _UNSERVING)).astype(np.int64)


def nearest(graph: StreetGraph, lon: Floats, lat: Floats) -> tuple[Ints, Floats, Floats]:
    """Return for each point the nearest serving section, metres from its tail, and the lead.

    Parameters
    ----------
    lon, lat
        Degrees, WGS 84.

    Returns
    -------
    tuple
        Section (``-1`` where no section serves), offset in metres from its tail, and the lead in
        metres on the ellipsoid from there to the point.

    Examples
    --------
    >>> from nexpo.connectivity.design.streets.synthetic import lattice
    >>> graph = lattice(2, 1, 100.0, lon=9.4, lat=45.8)
    >>> section, offset, lead = nearest(graph, np.array([9.4005]), np.array([45.8001]))
    >>> section.tolist(), offset.round(1).tolist(), lead.round(1).tolist()
    ([0], [38.9], [11.1])
    """
    open_ = serving(graph)
    if not len(open_) or not len(lon):
        return np.full(len(lon), -1, dtype=np.int64), np.zeros(len(lon)), np.full(len(lon), np.inf)
    plane = plane_of(graph)
    lines = lines_of(graph, plane)[open_]
    point = plane.points(lon, lat)
    which = shapely.STRtree(lines).query_nearest(point, all_matches=False)[1]
    share = shapely.line_locate_point(lines[which], point, normalized=True)
    section = open_[which]
    offset = share * graph.length_m[section]
    foot = shapely.line_interpolate_point(lines[which], share, normalized=True)
    foot_lon, foot_lat = plane.to_degrees(shapely.get_x(foot), shapely.get_y(foot))
    return section, offset, distance_m(foot_lon, foot_lat, lon, lat)


def _with_coordinates(
    table: pl.DataFrame, work: _Work, graph: StreetGraph, placing: Placing
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Place the addresses that have a coordinate; return which have one."""
    known = (table["lon"].is_not_null() & table["lat"].is_not_null()).to_numpy()
    rows = np.flatnonzero(known)
    if not len(rows):
        return known
    lon, lat = (table[name].to_numpy()[rows] for name in ("lon", "lat"))
    section, offset, lead = nearest(graph, lon, lat)
    work.lead_m[rows] = np.where(np.isfinite(lead), lead, 0.0)
    near = (section >= 0) & (lead <= placing.max_lead_m)
    work.put(rows[near], (section[near], offset[near]), Placement.COORDINATES, 1.0)
    return known


def _by_name(
    table: pl.DataFrame,
    work: _Work,
    graph: StreetGraph,
    placing: Placing,
    rows: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """Place addresses on the street that their name finds."""
    asked = (
        table.with_row_index("row")
        .filter(pl.Series(rows))
        .with_columns(pl.col("street").fill_null("").str.strip_chars())
        .group_by("street", maintain_order=True)
        .agg("row", "number")
        .sort("street")
    )
    index = StreetIndex(graph.names, placing.wording)
    sections = _sections_by_name(graph)
    middle = float(graph.lon.mean()), float(graph.lat.mean())
    found = [index.find(name) for name in asked["street"]]
    together: dict[int, list[int]] = {}
    for place_, each in enumerate(found):
        if each.name >= 0:
            together.setdefault(index.same(each.name)[0], []).append(place_)
    for name, group in together.items():
        parts = [sections[other] for other in index.same(name) if other in sections]
        if parts:
            row = np.concatenate([asked["row"][p].to_numpy() for p in group]).astype(np.int64)
            number = [n for p in group for n in asked["number"][p].to_list()]
            score = np.concatenate([np.full(len(asked["row"][p]), found[p].score) for p in group])
            whole = chain(graph, np.sort(np.concatenate(parts)), *middle)
            _along(work, row, number, score, whole, graph, placing)
    return _street_table(asked, found), _name_findings(asked, found)


def _sections_by_name(graph: StreetGraph) -> dict[int, Ints]:
    """Return the serving sections of each name; all of them where none serves."""
    named = np.flatnonzero(graph.name >= 0)
    order = named[np.argsort(graph.name[named], kind="stable")]
    names, first = np.unique(graph.name[order], return_index=True)
    barred = np.isin(graph.cost_class, _UNSERVING)
    out = {}
    for name, part in zip(names, np.split(order, first[1:]), strict=True):
        usable = part[~barred[part]]
        if len(usable):
            out[int(name)] = usable.astype(np.int64)
    return out


def _along(
    work: _Work,
    rows: Ints,
    numbers: Sequence[str | None],
    score: Floats,
    row: Chain,
    graph: StreetGraph,
    placing: Placing,
) -> None:
    """Put addresses along their street by number, those without one evenly over it."""
    read = [house_number(text) for text in numbers]
    usable = np.array([each is not None for each in read], dtype=bool)
    where = spread(values([each for each in read if each]), row.length_m, placing.pitch_m)
    spots = row.at(where, graph.length_m)
    work.put(rows[usable], spots, Placement.INTERPOLATED, score[usable])
    bare = int((~usable).sum())
    even = row.length_m * (np.arange(bare) + 1) / (bare + 1)
    work.put(rows[~usable], row.at(even, graph.length_m), Placement.STREET, score[~usable])


def _street_table(asked: pl.DataFrame, found: Sequence[Found]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "asked": asked["street"],
            "street": [each.nearest or None for each in found],
            "score": [each.score for each in found],
            "matched": [each.name >= 0 for each in found],
            "tied": [each.tied for each in found],
            "addresses": asked["row"].list.len().cast(pl.Int64),
        },
        schema_overrides={
            "street": pl.String, "score": pl.Float64, "matched": pl.Boolean, "tied": pl.Boolean,
        },
    ).sort("matched", "score", "asked")  # fmt: skip


def _name_findings(asked: pl.DataFrame, found: Sequence[Found]) -> tuple[Finding, ...]:
    count = asked["row"].list.len().to_list()
    lost = [place_ for place_, each in enumerate(found) if each.name < 0]
    tied = [place_ for place_, each in enumerate(found) if each.name >= 0 and each.tied]
    return (
        finding(
            "street_not_found",
            "street of the list not found in the network",
            [found[p].asked or "(no street)" for p in lost],
            notes=[
                f"{count[p]} addresses; nearest {found[p].nearest or 'none'}, "
                f"score {found[p].score:.2f}"
                for p in lost
            ],
            remedy="give coordinates, or draw or name the street",
        ),
        finding(
            "street_tied",
            "name fits more than one street as well: the first was taken",
            [f"{found[p].asked} as {found[p].nearest}" for p in tied],
            remedy="write the name in full",
        ),
    )


def _localities(
    table: pl.DataFrame,
    work: _Work,
    graph: StreetGraph,
    rows: Ints,
    placing: Placing,
    rng: Generator,
) -> None:
    """Draw a place for each locality and put its addresses on the unnamed ways around it."""
    ways = serving(graph)
    unnamed = ways[graph.name[ways] < 0]
    ways = unnamed if len(unnamed) else ways
    if not len(rows) or not len(ways):
        return
    lon, lat, _ = places(graph, ways, graph.length_m[ways] / 2)
    middle = np.column_stack(plane_of(graph).to_metres(lon, lat))
    tree, share = cKDTree(middle), graph.length_m[ways] / graph.length_m[ways].sum()
    names = np.array([name or "" for name in table["street"].to_list()], dtype=object)[rows]
    for name in sorted(set(names)):
        mine = rows[names == name]
        anchor = middle[int(rng.choice(len(ways), p=share))]
        near = np.atleast_1d(tree.query(anchor, k=min(len(mine), len(ways)))[1])
        stop = np.cumsum(graph.length_m[ways[near]])
        step = min(float(stop[-1]) / (len(mine) + 1), 2 * placing.pitch_m)
        at = step * np.arange(1, len(mine) + 1)
        place_ = np.minimum(np.searchsorted(stop, at), len(near) - 1)
        section = ways[near[place_]]
        offset = np.clip(graph.length_m[section] - (stop[place_] - at), 0, graph.length_m[section])
        work.put(mine, (section, offset), Placement.LOCALITY, 0.0)


def _far(
    demand: Demand, known: np.ndarray[tuple[int], np.dtype[np.bool_]], placing: Placing
) -> Finding:
    rows = np.flatnonzero(known & (demand.section < 0))
    return finding(
        "off_network",
        f"address more than {placing.max_lead_m:g} m from any street that can serve it",
        [demand.id[row] for row in rows[:SHOWN]],
        lon=demand.lon[rows],
        lat=demand.lat[rows],
        notes=[f"{demand.lead_m[row]:.0f} m" for row in rows[:SHOWN]],
        remedy="check the coordinate, or add the street that leads there",
        count=len(rows),
    )


def _unplaced(demand: Demand) -> Finding:
    rows = np.flatnonzero((demand.section < 0) & ~np.isfinite(demand.lon))
    return finding(
        "unplaced",
        "address without coordinate and without street in the network: not designed",
        [f"{demand.id[row]} {demand.label[row]}" for row in rows[:SHOWN]],
        remedy="give a coordinate, or ask for localities to be spread",
        count=len(rows),
    )
