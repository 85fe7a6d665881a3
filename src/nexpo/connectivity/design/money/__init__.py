"""What a design costs, earns and may be granted.

The promise: a bill is quantity times dated price, and adds up to the cent; a price nobody gave
is an error, never zero; each figure comes at low, middle and high, and says that the range is an
envelope; a grant names the limit that binds.

* :mod:`.bill`: quantities and unit costs to lines, totals, cost per premises;
* :mod:`.business`: take-up, revenue, running cost, net present value, gap;
* :mod:`.grant`: the gap under the ceilings of a programme;
* :mod:`.compare`: the same area beside what a programme spent.
"""

from nexpo.connectivity.design.money.bill import (
    Bill,
    BillRange,
    Line,
    PerPremises,
    add_quantities,
    bill,
    bill_range,
    cost_per_premises,
)
from nexpo.connectivity.design.money.business import (
    Business,
    Case,
    Year,
    annuity,
    annuity_factor,
    business_case,
    together,
)
from nexpo.connectivity.design.money.compare import Area, Comparison, Programme, compare
from nexpo.connectivity.design.money.grant import Grant, GrantRule, Limit, grant
from nexpo.connectivity.design.money.model import (
    LEVELS,
    Chapter,
    Level,
    Range,
    UnitCost,
    UnitCosts,
    thousandths,
)

__all__ = [
    "LEVELS",
    "Area",
    "Bill",
    "BillRange",
    "Business",
    "Case",
    "Chapter",
    "Comparison",
    "Grant",
    "GrantRule",
    "Level",
    "Limit",
    "Line",
    "PerPremises",
    "Programme",
    "Range",
    "UnitCost",
    "UnitCosts",
    "Year",
    "add_quantities",
    "annuity",
    "annuity_factor",
    "bill",
    "bill_range",
    "business_case",
    "compare",
    "cost_per_premises",
    "grant",
    "thousandths",
    "together",
]
