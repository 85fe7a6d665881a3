"""A fibre network on a tree of shared trenches.

:func:`design` lays it, :func:`quantities` counts it. What it promises: every address in
``premises`` is reached by cable within its optical budget, every metre of trench is there
once, and the cost of the trench stands beside a bound that no design can stay below.
"""

from nexpo.connectivity.design.fibre.model import (
    Architecture,
    CableRules,
    Inputs,
    Level,
    Link,
    Options,
    Placing,
    Plan,
    Pop,
    RoutePrices,
    Rules,
    Solve,
    TrenchCost,
)
from nexpo.connectivity.design.fibre.plan import design
from nexpo.connectivity.design.fibre.quantities import quantities
from nexpo.connectivity.design.fibre.trench import Search

__all__ = [
    "Architecture",
    "CableRules",
    "Inputs",
    "Level",
    "Link",
    "Options",
    "Placing",
    "Plan",
    "Pop",
    "RoutePrices",
    "Rules",
    "Search",
    "Solve",
    "TrenchCost",
    "design",
    "quantities",
]
