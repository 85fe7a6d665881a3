"""The page of an assignment of heat: it stands alone, without script, its map inside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from nexpo import __version__
from nexpo.build import pages, tables
from nexpo.build.datacentres import report
from nexpo.build.datacentres.heat import OF_A_SITE, Reused, assumption, site_rows
from nexpo.build.datacentres.layer_reading import HEAT
from nexpo.build.datacentres.layers import MUNICIPALITIES
from nexpo.build.datacentres.users import NETWORKS
from nexpo.core import parameters
from nexpo.datacentres.adapters.heat_map import HeatPicture, Link, Place, Spot, draw_heat
from nexpo.datacentres.heat import LEVELS
from nexpo.datacentres.heat_terms import MEANINGS
from nexpo.datacentres.siting.layers import Missing, found

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nexpo.core.evidence import Ledger

_SITES, _MATCHES, _NAMED = 40, 40, 8


@dataclass(frozen=True, slots=True)
class Match:
    """A site and a user, with what goes from one to the other over the levels."""

    site: str
    user: str
    kind: str
    km: float
    handed: tuple[float, ...]
    delivered: tuple[float, ...]
    supply_c: float | None

    @property
    def mid(self) -> float:
        """Heat handed over at the middle level, MWh a year."""
        return self.handed[LEVELS.index("mid")]


def render(reused: Reused, ledger: Ledger, drawing: str, mark: str) -> str:
    """Return the page as one HTML document."""
    rows = ordered(reused)
    every = matches(reused)
    context = {
        "version": __version__,
        "style": Markup(pages.style("dossier.css", "screening.css")),  # noqa: S704 - our own files
        "drawing": Markup(drawing),  # noqa: S704 - made by us, each text in it escaped
        "reused": reused,
        "land": _Stamped(bool(reused.synthetic)),
        "region": reused.ground.region,
        "order": reused.wish,
        "mark": mark,
        "levels": reused.levels,
        "reach": {name: _span(reused, name) for name in ("handed_mwh", "delivered_mwh", "erf")},
        "sites": rows[:_SITES],
        "matches": every[:_MATCHES],
        "match_count": len(every),
        "assumed": assumption(reused),
        "unknown": list(unknown(reused)),
        "terms": [(name, *MEANINGS[name]) for name in MEANINGS],
        "rule": parameters.get(HEAT).use(reused.wish.on),
        "of_a_site": OF_A_SITE,
        "closed": [item for item in reused.inputs if not item.redistributable],
        "sources": tables.source_rows(reused.inputs),
        "evidence": [(f"heat.erf_{level}", ledger.explain(f"heat.erf_{level}")) for level in LEVELS]
        if reused.mid.energy_mwh
        else [],
    }
    return report.environment().get_template("heat.html").render(context) + "\n"


@dataclass(frozen=True, slots=True)
class _Stamped:
    """What the shared parts of the pages ask of the land."""

    synthetic: bool


def ordered(reused: Reused) -> list[dict[str, object]]:
    """Return the rows of sites with their numbers: most heat first, unknown last."""

    def place(row: Mapping[str, Any]) -> tuple[bool, float, float]:
        known = row["handed_mwh_mid"] is not None
        return not known, -(row["handed_mwh_mid"] or 0.0), -(row["handed_mwh_most"] or 0.0)

    rows = sorted(site_rows(reused), key=place)
    return [{"number": number, **row} for number, row in enumerate(rows, 1)]


def matches(reused: Reused) -> list[Match]:
    """Return every pair that is matched at some level: most heat at the middle level first."""
    users = {user.key: user for user in reused.users}
    names = {site.key: site.name for site in reused.sites}
    pairs: dict[tuple[str, str], dict[str, Any]] = {}
    for level in LEVELS:
        for flow in reused.levels[level].flows:
            pairs.setdefault((flow.site, flow.user), {})[level] = flow
    found_ = [
        Match(
            names[site],
            users[user].name,
            "network" if users[user].network else "municipality",
            next(iter(flows.values())).km,
            tuple(flows[each].handed_mwh if each in flows else 0.0 for each in LEVELS),
            tuple(flows[each].delivered_mwh if each in flows else 0.0 for each in LEVELS),
            users[user].supply_c,
        )
        for (site, user), flows in pairs.items()
    ]
    return sorted(found_, key=lambda each: (-each.mid, -max(each.handed), each.site, each.user))


def unknown(reused: Reused) -> Iterator[str]:
    """Yield what is not known, and so is in no figure of the page."""
    yield from _unknown_of_sites(reused)
    for key in (MUNICIPALITIES, NETWORKS):
        layer = found(reused.ground.layers, key)
        if isinstance(layer, Missing):
            yield f"{layer.reason}: no user of heat is taken from it"
    if reused.mid.users_unknown:
        yield (
            f"the demand of {reused.mid.users_unknown} of {len(reused.users)} users of heat (no "
            "inhabitants or no degree days): they take none"
        )
    yield "whether heat is wanted in the hours in which it is there: a year is matched as a whole"
    yield "the ways of pipes, their cost, and whether a user would sign a contract"


def _unknown_of_sites(reused: Reused) -> Iterator[str]:
    lost = reused.mid.unknown
    if lost:
        some = ", ".join(site.name for site in lost[:_NAMED])
        more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
        yield f"the power, so the heat, of {len(lost)} of {len(reused.sites)} sites: {some}{more}"
    cool = sum(site.waste_c is None for site in reused.sites)
    if cool:
        yield f"the temperature of the waste heat of {cool} of {len(reused.sites)} sites"
    if reused.given.rejects:
        rows = len({each.row for each in reused.given.rejects})
        yield f"what {rows} refused rows of {reused.sites_from} would have said"


def map_of(reused: Reused) -> str:
    """Return the map at the middle level as SVG."""
    land, mid = reused.ground, reused.mid
    number = {row["id"]: int(str(row["number"])) for row in ordered(reused)}
    spots = {
        each.site.key: Spot(number[each.site.key], each.site.x_m, each.site.y_m, each.handed_mwh)
        for each in mid.sites
    }
    places = {user.key: Place(user.x_m, user.y_m, user.network) for user in reused.users}
    return draw_heat(
        HeatPicture(
            title=f"{land.region.name}: who could take the heat of data centres",
            subtitle=f"The assignment at the middle level, data of {reused.wish.on}"
            + (f"; {note}" if (note := assumption(reused)) else ""),
            crs=land.frame.crs,
            outline=land.outline,
            places=land.zones.geometries,
            spots=tuple(spots.values()),
            links=tuple(
                Link(spots[flow.site], places[flow.user], flow.handed_mwh) for flow in mid.flows
            ),
            stamp="SYNTHETIC" if reused.synthetic else "",
            credit=f"Boundaries and residents: ISTAT, Openpolis, CC BY 4.0. {land.frame.crs}, "
            "equal area. Nexpo.",
        )
    )


def _span(reused: Reused, name: str) -> tuple[float, float] | None:
    """Return least and most over the levels; None where no site has a known power."""
    if not reused.mid.energy_mwh:
        return None
    values: Sequence[float] = [getattr(reused.levels[level], name) for level in LEVELS]
    return min(values), max(values)
