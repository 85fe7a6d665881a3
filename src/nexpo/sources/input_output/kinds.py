"""What publishers call final uses and primary rows, in one place.

Names are compared without case and punctuation. Codes of the European system of accounts
(``P3_S14``, ``D21X31``) are taken in the spellings of Eurostat and of national offices.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from nexpo.sources.text_tables.names import plain

USES: Mapping[str, tuple[str, ...]] = {
    "households": ("households", "cons_h", "p3_s14", "hh", "household_consumption", "hfce"),
    "non_profit": (
        "non_profit",
        "cons_np",
        "p3_s15",
        "npish",
        "non_profit_instns_serving_households",
    ),
    "government": (
        "government",
        "cons_g",
        "p3_s13",
        "gov",
        "government_consumption",
        "central_government",
        "local_government",
    ),
    "capital": (
        "capital",
        "gfcf",
        "p51g",
        "p51",
        "fixed_capital_formation",
        "gross_fixed_capital_formation",
        "valuables",
        "p53",
    ),
    "inventories": (
        "inventories",
        "inven",
        "p5m",
        "p52",
        "inventory_changes",
        "changes_in_inventories",
    ),
    "exports": (
        "exports",
        "exp",
        "p6",
        "exports_of_goods",
        "exports_of_services",
        "exports_of_goods_and_services",
    ),
    "other": ("other",),
}
"""Names of each final use; the key is the word of ``nexpo.impact.model.Use``."""

PRIMARY: Mapping[str, tuple[str, ...]] = {
    "value_added": ("value_added", "va", "b1g", "gross_value_added", "gva"),
    "compensation": ("compensation", "d1", "compensation_of_employees", "compensation_employees"),
    "surplus": (
        "surplus",
        "b2a3g",
        "b2a3n",
        "operating_surplus",
        "gross_operating_surplus",
        "gross_operating_surplus_and_mixed_income",
        "p51c",
    ),
    "production_tax": (
        "production_tax",
        "d29x39",
        "d29_m_d39",
        "taxes_production",
        "taxes_less_subsidies_on_production",
    ),
    "product_tax": (
        "product_tax",
        "d21x31",
        "d21_m_d31",
        "txsp",
        "taxes_products",
        "taxes_less_subsidies_on_products",
    ),
    "margin": ("margin", "inttm", "intttm", "international_transport_margins"),
    "imports": ("imports", "p7", "imported_goods_and_services", "imported_inputs"),
    "adjustment": (
        "adjustment",
        "op_res",
        "op_nres",
        "exp_adj",
        "purr",
        "purnr",
        "cif_fob_adjustments_on_exports",
        "direct_purchases_abroad_by_residents",
        "purchases_on_the_domestic_territory_by_non_residents",
    ),
}
"""Names of each primary row; the key is the word of ``nexpo.impact.model.Primary``."""

_TOTALS = re.compile(
    r"(total|tot|go|gross_output|p1|ii_fob|p2|p2_ts_bp|sum|totale)(_.*)?|.*_totale?", re.IGNORECASE
)


def use_kind(code: str) -> str | None:
    """Return what a column of final demand is, by its name.

    Examples
    --------
    >>> use_kind("P3_S14"), use_kind("GFCF"), use_kind("C26")
    ('households', 'capital', None)
    """
    return _USE_BY_NAME.get(plain(code))


def primary_kind(code: str) -> str | None:
    """Return what a row under the flows is, by its name.

    Examples
    --------
    >>> primary_kind("D21X31"), primary_kind("Compensation of employees"), primary_kind("C26")
    ('product_tax', 'compensation', None)
    """
    return _PRIMARY_BY_NAME.get(plain(code))


def is_total(code: str) -> bool:
    """Tell a row or column that only repeats what others hold.

    Examples
    --------
    >>> is_total("Total intermediate demand"), is_total("II_fob"), is_total("C26")
    (True, True, False)
    """
    return _TOTALS.fullmatch(plain(code)) is not None


def means_imports(name: str) -> bool:
    """Tell a row that by its name holds imports, whatever it is said to be.

    Examples
    --------
    >>> means_imports("Imported inputs"), means_imports("Margins"), means_imports("important")
    (True, False, False)
    """
    words = name.casefold().replace("_", " ")
    return bool(re.search(r"\bimport(s|ed|azioni|ati)?\b", words)) or plain(name) in {"m", "p7"}


def _by_name(kinds: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {name: kind for kind, names in kinds.items() for name in names}


_USE_BY_NAME = _by_name(USES)
_PRIMARY_BY_NAME = _by_name(PRIMARY)
