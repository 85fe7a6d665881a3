"""Impact: what an investment brings in output, value added and jobs, and how much stays.

Input-output tables are solved without an inverse, regionalised by stated methods, and every
figure is given with the choices behind it. What this module lists is public; each name is fetched
from its own module when it is first asked for; a function with the name of its module is imported
from there (``from nexpo.impact.linkages import linkages``).

Examples
--------
>>> from nexpo.impact import System, example
>>> System.of_table(example()).size
2
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_WHERE = {
    "balance": ("check",),
    "closure": ("ClosedSystem", "Closure", "Institution", "close"),
    "demand": ("Demand", "Purchases", "purchases_of"),
    "domestic": ("ImportRule",),
    "ensemble": ("Choices", "Noise", "Setting", "evaluate"),
    "extraction": ("Taken", "extract", "extract_each"),
    "households": ("Denominator", "by_wage_share", "household_closure"),
    "labour": ("Counted", "Labour", "labour_unit"),
    "ledger": ("Columns", "Leakage", "leakage_of"),
    "model": ("Plan", "PlanLine", "Result", "Satellite", "Table", "example"),
    "multipliers": ("Weights", "output_weights"),
    "price_model": ("price_change",),
    "regionalise": ("Activity", "Choice", "Method", "gras", "many_regions",
                    "quotients_of", "ras", "region_table", "two_region"),
    "sampling": ("Ranges", "Triangular", "draw_choices", "tornado"),
    "solve": ("Solution", "SolveMethod", "System"),
    "unmade": ("refuse_unmade",),
    "variance": ("Variance", "first_order_variance"),
    "years": ("jobs_over", "productivity_factor"),
}  # fmt: skip
_MODULES = {name: module for module, names in _WHERE.items() for name in names}

__all__ = tuple(sorted(_MODULES))


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public name
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
