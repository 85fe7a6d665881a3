"""Waste heat of a region's registered and wished-for sites, matched to its users of heat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from nexpo.build.datacentres.facilities import RegisterUse
from nexpo.build.datacentres.heat_sites import Sites, read_sites
from nexpo.build.datacentres.layer_reading import heat_terms
from nexpo.build.datacentres.layers import FACILITIES, MUNICIPALITIES, Ground, ground
from nexpo.build.datacentres.users import NETWORKS, users_of
from nexpo.core import parameters
from nexpo.core.evidence import Input, Ledger
from nexpo.core.progress import Progress, Silent
from nexpo.datacentres.heat import LEVELS, Matched, Site, User, plausible

OF_A_SITE = (
    "each level is one assignment of all sites; least and most of a site are over the levels, "
    "mid is its part of the assignment at the middle level"
)
_LEAST_CELL_M = 1000.0  # the raster is not looked at: coarse cells will do


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for.

    Attributes
    ----------
    sites
        Table of sites (``id, lon, lat``, and if known ``name, it_kw, waste_c``), or the parcels
        of a screening; the register, or else the region's map of facilities, when None.
    assume_kw
        Installed IT power taken for sites whose power is unknown: an assumption, said so.
    """

    region: str
    on: date
    sites: Path | None = None
    assume_kw: float | None = None
    seed: int = 1
    register: RegisterUse = field(default_factory=RegisterUse)
    decimal: str = "."


@dataclass(frozen=True)
class Reused:
    """The answer: the assignment at each level.

    ``given`` is what was read of a table of sites: its refused rows and notes too.
    ``ground`` holds the layers that were looked at, no others.
    """

    wish: Wish
    ground: Ground
    given: Sites
    sites: tuple[Site, ...]
    users: tuple[User, ...]
    assumed: tuple[str, ...]
    levels: Mapping[str, Matched]

    @property
    def sites_from(self) -> str:
        """Where the sites come from."""
        path = self.wish.sites
        return self.ground.facilities_from if path is None else path.name

    @property
    def synthetic(self) -> tuple[str, ...]:
        """Titles of what is a stand-in."""
        parcels = ("the sites",) if self.given.synthetic else ()
        return (*parcels, *self.ground.synthetic)

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every input, once."""
        return tuple(dict.fromkeys((*self.ground.inputs, *self.given.inputs)))

    @property
    def mid(self) -> Matched:
        """The assignment at the middle level."""
        return self.levels["mid"]


def reuse(wish: Wish, progress: Progress | None = None) -> Reused:
    """Match the waste heat of sites to the users of heat of a region.

    Raises
    ------
    Problem
        When there is no such region or the table of sites cannot be used.
    """
    told = progress or Silent()
    land = ground(
        wish.region,
        _LEAST_CELL_M,
        on=wish.on,
        seed=wish.seed,
        progress=told,
        register=wish.register,
        only=(MUNICIPALITIES, NETWORKS, *(() if wish.sites else (FACILITIES,))),
    )
    given = _given(wish, land)
    unknown = [site.key for site in given.sites if site.it_kw is None]
    assumed = () if wish.assume_kw is None else tuple(unknown)
    sites = tuple(_assuming(site, wish.assume_kw) for site in given.sites)
    told.step(f"heat of {len(sites)} sites")
    users = users_of(land)
    levels = plausible(sites, users, heat_terms(wish.on))
    return Reused(wish, land, given, sites, users, assumed, levels)


def flow_rows(reused: Reused) -> Sequence[Mapping[str, object]]:
    """Return one row a flow and level."""
    names = {user.key: user.name for user in reused.users}
    return [
        {
            "level": level,
            "site": flow.site,
            "user": flow.user,
            "user_name": names[flow.user],
            "km": round(flow.km, 3),
            "handed_mwh": round(flow.handed_mwh, 3),
            "delivered_mwh": round(flow.delivered_mwh, 3),
            "pump_mwh": round(flow.pump_mwh, 3),
        }
        for level in LEVELS
        for flow in reused.levels[level].flows
    ]


def site_rows(reused: Reused) -> Sequence[Mapping[str, object]]:
    """Return one row a site with least and most heat and ERF over the levels, unknown empty.

    ``mid`` is the one assignment at the middle level: no middle of the range of a site.
    """
    rows = []
    for at, site in enumerate(reused.sites):
        row: dict[str, object] = {
            "id": site.key,
            "name": site.name,
            "it_kw": site.it_kw,
            "it_kw_assumed": site.key in reused.assumed,
        }
        given = [found.sites[at] for found in reused.levels.values()]
        for name in ("handed_mwh", "erf"):
            known = [value for each in given if (value := getattr(each, name)) is not None]
            row[f"{name}_least"] = min(known, default=None)
            row[f"{name}_most"] = max(known, default=None)
            row[f"{name}_mid"] = getattr(reused.mid.sites[at], name)
        rows.append(row)
    return rows


def plain(reused: Reused) -> dict[str, object]:
    """Return the answer as plain values."""
    return {
        "region": reused.ground.region.name,
        "on": reused.wish.on.isoformat(),
        "synthetic": list(reused.synthetic),
        "sites_from": reused.sites_from,
        "rejected": len({each.row for each in reused.given.rejects}),
        "notes": list(reused.given.notes),
        "sites": len(reused.sites),
        "sites_with_unknown_power": len(reused.mid.unknown),
        "assumed_it_kw": reused.wish.assume_kw if reused.assumed else None,
        "levels": {
            level: {
                "handed_mwh": found.handed_mwh if found.energy_mwh else None,
                "delivered_mwh": found.delivered_mwh if found.energy_mwh else None,
                "energy_mwh": found.energy_mwh or None,
                "erf": found.erf,
                "flows": len(found.flows),
                "users_with_unknown_demand": found.users_unknown,
                "terms": {name: getattr(found.terms, name) for name in found.terms.__slots__},
            }
            for level, found in reused.levels.items()
        },
        "by_site": list(site_rows(reused)),
        "by_site_note": OF_A_SITE,
    }


def assumption(reused: Reused) -> str:
    """Say what power was assumed, and for how many sites; empty where none was."""
    if not reused.assumed:
        return ""
    many, every = len(reused.assumed), len(reused.sites)
    return f"{reused.wish.assume_kw:,g} kW of IT assumed for {many} of {every} sites"


def ledger_of(reused: Reused) -> Ledger:
    """Return the figures: heat handed over, energy and ERF at each level."""
    ledger, land = Ledger(), reused.ground
    use = parameters.get("datacentres/heat").use(reused.wish.on)
    common = {"as_of": reused.wish.on, "place": land.region.code}
    note = assumption(reused)
    for level in LEVELS:
        found = reused.levels[level]
        parts = {}
        for name, title, value in (
            ("handed", "heat handed over by the sites", found.handed_mwh),
            ("delivered", "heat that arrives, with that of the pumps", found.delivered_mwh),
            ("energy", "energy of the sites whose power is known", found.energy_mwh),
        ):
            parts[name] = ledger.observe(
                id=f"heat.{name}_{level}",
                title=f"{title}, {level}",
                value=value if found.energy_mwh else None,
                unit="MWh",
                function="nexpo.datacentres.heat.match",
                query=f"terms of level {level}",
                parameters=(use,),
                inputs=reused.inputs,
                note=note,
                **common,
            )
        ledger.derive(
            id=f"heat.erf_{level}",
            title=f"ERF that would follow, {level}",
            unit="1",
            function="EREUSE / EDC",
            expression="handed / energy",
            operands={name: parts[name] for name in ("handed", "energy")},
            **common,
        )
    return ledger


def _given(wish: Wish, land: Ground) -> Sites:
    if wish.sites is not None:
        return read_sites(wish.sites, land.frame, decimal=wish.decimal)
    sites = tuple(
        Site(each.id, each.name or each.id, x, y, each.power.installed_it_kw)
        for each, x, y in land.facilities
    )
    return Sites(sites, ())


def _assuming(site: Site, it_kw: float | None) -> Site:
    if site.it_kw is not None or it_kw is None:
        return site
    return Site(site.key, site.name, site.x_m, site.y_m, it_kw, site.waste_c, site.candidate)


__all__ = ["Reused", "User", "Wish", "plain", "read_sites", "reuse"]
