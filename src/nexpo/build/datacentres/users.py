"""Users of heat of a region: its networks where a layer names them, else its municipalities.

A municipality stands at a point inside it, so its distance is only good to a few kilometres; a
network stands where its layer draws it.
"""

from __future__ import annotations

from nexpo.build.datacentres.layers import MUNICIPALITIES, Ground
from nexpo.datacentres.heat import User
from nexpo.datacentres.siting.layers import Features, found

NETWORKS = "district_heating"


def users_of(land: Ground) -> tuple[User, ...]:
    """Return the users of heat: networks first, then municipalities."""
    return (*_networks(land), *_municipalities(land))


def _networks(land: Ground) -> list[User]:
    layer = found(land.layers, NETWORKS)
    if not isinstance(layer, Features):
        return []
    demand, supply = layer.numbers("demand_mwh"), layer.numbers("supply_c")
    names = layer.table.get("name", [None] * len(demand))
    made_up = " (synthetic)" if layer.synthetic else ""
    return [
        User(
            key=f"network-{at + 1}",
            name=f"{names[at] or f'network {at + 1}'}{made_up}",
            x_m=shape.centroid.x,
            y_m=shape.centroid.y,
            demand_mwh=None if demand[at] != demand[at] else float(demand[at]),
            supply_c=None if supply[at] != supply[at] else float(supply[at]),
            network=True,
        )
        for at, shape in enumerate(layer.geometries)
    ]


def _municipalities(land: Ground) -> list[User]:
    layer = found(land.layers, MUNICIPALITIES)
    if not isinstance(layer, Features):
        layer = land.zones
    days = layer.numbers("degree_days")
    users = []
    for at, shape in enumerate(layer.geometries):
        inner = shape.representative_point()
        people = layer.table["people"][at]
        users.append(
            User(
                key=str(layer.table["istat"][at]),
                name=str(layer.table["name"][at]),
                x_m=inner.x,
                y_m=inner.y,
                people=None if people is None else float(str(people)),
                degree_days=None if days[at] != days[at] else float(days[at]),
            )
        )
    return users
