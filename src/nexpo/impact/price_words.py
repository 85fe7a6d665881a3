"""What a table's prices allow to be said of results made with it."""

from __future__ import annotations

from nexpo.impact.model import PriceBasis, Table

RESIDUAL_ROW = "value_added_residual"
"""Name of a row of value added that is what output leaves over inputs."""

BASIC_WORDS = "GDP is value added at basic prices"
RESIDUAL_WORDS = (
    "value added is what output leaves over inputs: it holds net taxes on products and margins, "
    "so that GDP is not at basic prices and is overstated"
)
GDP_OF_RESIDUAL = "GDP (output less inputs: taxes and margins within)"
PURCHASER_WORDS = (
    "the table is at purchasers' prices: what trade and transport earn stands in the rows of the "
    "products that they sell, so that their multipliers are too low and those of goods too high"
)
PURCHASER_REMEDY = "use a table at basic prices, or take the margins off before it is read"


def basic_value_added(table: Table) -> bool:
    """Tell whether value added of a table is at basic prices, and no residual."""
    return RESIDUAL_ROW not in table.primary_rows


def value_added_words(table: Table) -> str:
    """Return in words what GDP of a table is.

    Examples
    --------
    >>> from nexpo.impact.model import example
    >>> value_added_words(example())
    'GDP is value added at basic prices'
    """
    return BASIC_WORDS if basic_value_added(table) else RESIDUAL_WORDS


def price_words(table: Table) -> tuple[str, ...]:
    """Return what must be said beside every result of a table, for its prices."""
    purchaser = table.origin.basis is PriceBasis.PURCHASER
    said = (PURCHASER_WORDS,) if purchaser else ()
    return said if basic_value_added(table) else (*said, RESIDUAL_WORDS)
