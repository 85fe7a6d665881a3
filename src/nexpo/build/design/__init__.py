"""The design of an area, from its addresses to a costed network with a proven bound.

:func:`design_area` composes what the domains do: addresses are placed on clean streets, one
Steiner tree carries feeder, distribution and drop, a wireless alternative stands beside it, the
choice between fibre, wireless and later is exact, the bill is quantity times dated price, the
grant is the gap under a rule, and every main figure carries its derivation. It holds no rule of
its own. :func:`design_to` writes the folder; :func:`recheck`, :func:`recost` and
:func:`side_by_side` take a written folder up again.

Examples
--------
Real data is read from the folder that ``NEXPO_DATA`` names; here the ground is made up, and
marked so:

>>> from datetime import date
>>> from nexpo.build.design import Effort, Place, Request, design_area, made_up
>>> from nexpo.connectivity.design.streets.synthetic import Territory
>>> ground = made_up(Place("Borgo"), Territory(2.0, 900, 9.4, 45.8), 12, seed=1)
>>> request = Request("Borgo", on=date(2025, 8, 1), wireless=False, effort=Effort(rounds=10))
>>> made = design_area(request, materials=ground)
>>> made.fibre.premises.height, made.ok, made.synthetic
(12, True, True)
>>> made.ledger["fibre.addresses"].value
12
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nexpo.build.design.again import Terms, recheck, recost, side_by_side
    from nexpo.build.design.area import design_area
    from nexpo.build.design.folder import Written, design_to
    from nexpo.build.design.materials import gather, made_up
    from nexpo.build.design.model import (
        AreaDesign,
        Cost,
        Effort,
        Group,
        Materials,
        Place,
        Request,
    )
    from nexpo.build.design.reading import StoredDesign, read_design

__all__ = [
    "AreaDesign",
    "Cost",
    "Effort",
    "Group",
    "Materials",
    "Place",
    "Request",
    "StoredDesign",
    "Terms",
    "Written",
    "design_area",
    "design_to",
    "gather",
    "made_up",
    "read_design",
    "recheck",
    "recost",
    "side_by_side",
]

_MODULES = {
    "again": ("Terms", "recheck", "recost", "side_by_side"),
    "area": ("design_area",),
    "folder": ("Written", "design_to"),
    "materials": ("gather", "made_up"),
    "model": ("AreaDesign", "Cost", "Effort", "Group", "Materials", "Place", "Request"),
    "reading": ("StoredDesign", "read_design"),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a name of this package
    """Import a public name when it is asked for: a process of the pool needs none of it."""
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
