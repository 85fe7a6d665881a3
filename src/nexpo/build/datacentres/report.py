"""The pages of siting: a screening, and the sheet of one site. They stand alone, without script."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from nexpo import __version__
from nexpo.build import pages, tables
from nexpo.build.datacentres.screening import TOP_SHARE, Screening
from nexpo.build.dossier import DASH, anchor, whole
from nexpo.core.evidence import Ledger
from nexpo.datacentres.siting.layers import Missing

if TYPE_CHECKING:
    from jinja2 import Environment

    from nexpo.build.datacentres.site import Sheet

_SHOWN = 25
KEY_FIGURES = ("siting.area_cells", "siting.eligible_cells", "siting.eligible_share")


@dataclass(frozen=True, slots=True)
class Page:
    """What the page of a screening is made of."""

    screening: Screening
    ledger: Ledger
    sites: tuple[Mapping[str, Any], ...]
    picture: str
    mark: str


def render(page: Page) -> str:
    """Return the page of a screening as one HTML document."""
    screening = page.screening
    zonal = screening.zonal
    best = sorted(
        (at for at in range(len(zonal.cells)) if zonal.eligible[at]),
        key=lambda at: (-zonal.best[at], at),
    )[:_SHOWN]
    table = screening.ground.zones.table
    context = _common(screening) | {
        "page": page,
        "answer": screening.eligibility,
        "sites": page.sites[:_SHOWN],
        "places": [
            {
                "istat": table["istat"][at],
                "name": table["name"][at],
                "share": float(zonal.share[at]),
                "mean": float(zonal.mean[at]),
                "best": float(zonal.best[at]),
            }
            for at in best
        ],
        "evidence": [(name, page.ledger.explain(name, depth=1)) for name in KEY_FIGURES],
        "rules": page.ledger.parameters(),
        "top_share": TOP_SHARE,
    }
    return environment().get_template("screening.html").render(context) + "\n"


def render_sheet(sheet: Sheet) -> str:
    """Return the sheet of one site as one HTML document."""
    context = _common(sheet.screening) | {"sheet": sheet}
    return environment().get_template("site.html").render(context) + "\n"


def _common(screening: Screening) -> dict[str, Any]:
    land = screening.ground
    return {
        "version": __version__,
        "style": Markup(pages.style("dossier.css", "screening.css")),  # noqa: S704 - our own files
        "screening": screening,
        "land": land,
        "order": screening.order,
        "weights": {each.name: each.weight for each in screening.ranked.criteria},
        "layers": [
            {"title": each.title, "key": each.key, "state": _state(land.layers[each.key])}
            for each in land.declared
        ],
        "closed": [item for item in land.inputs if not item.redistributable],
        "sources": tables.source_rows(land.inputs),
    }


def _state(layer: object) -> str:
    if isinstance(layer, Missing):
        return f"missing, so unknown: {layer.reason}"
    made_up = bool(getattr(layer, "synthetic", False))
    return "synthetic stand-in" if made_up else "read"


def percent(value: float | None, digits: int = 1) -> str:
    """Write a share as per cent; a dash for unknown.

    Examples
    --------
    >>> percent(0.1234), percent(None) == DASH
    ('12.3 %', True)
    """
    return DASH if value is None or value != value else f"{100 * value:.{digits}f} %"  # noqa: PLR0124 - NaN


def measured(value: float | None) -> str:
    """Write a raw value with as many decimals as it deserves; *unknown* where it is.

    Examples
    --------
    >>> measured(12345.6), measured(0.123), measured(None)
    ('12,346', '0.12', 'unknown')
    """
    if value is None:
        return "unknown"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"  # noqa: PLR2004 - decimals


def rounded(value: float) -> str:
    """Write a quantity without decimals.

    Examples
    --------
    >>> rounded(14974.66), rounded(0.4)
    ('14,975', '0')
    """
    return f"{value:,.0f}"


@cache
def environment() -> Environment:
    """Return the environment of the pages of data centres."""
    filters: dict[str, Callable[..., Any]] = {
        "percent": percent,
        "measured": measured,
        "rounded": rounded,
        "whole": whole,
        "anchor": anchor,
    }
    return pages.environment(filters)
