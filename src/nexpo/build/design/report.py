"""The summary page and the validation report of a design: HTML that stands alone.

Every number comes from the design or from the layers made of it; this module chooses words and
order. The pages need no script, no server and no network, and are made to be printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from nexpo import __version__
from nexpo.build import pages
from nexpo.build.design.charts import front_chart
from nexpo.build.design.layers import Layer
from nexpo.build.design.map import STYLES
from nexpo.build.design.model import AreaDesign, Cost
from nexpo.build.dossier import DASH, anchor, grouped, share, slug, tenth, whole
from nexpo.connectivity.design.choice.model import Pick, Point, Technology
from nexpo.connectivity.design.money import LEVELS, Chapter, Level
from nexpo.core.evidence import format_value
from nexpo.core.money import Money

if TYPE_CHECKING:
    from jinja2 import Environment

_SHOWN = 20
"""Rows of a long table on the page; the files hold all."""

_DEPTHS, _LENGTH = (2, 1, 0), 4_000
"""Steps of a derivation on the page, as many as stay within so many letters."""

KEY_FIGURES = (
    "demand.addresses",
    "demand.interpolated",
    "fibre.addresses",
    "trench.length",
    "trench.cost",
    "trench.bound",
    "trench.gap",
    "fibre.network_mid",
    "fibre.connections_mid",
    "fibre.per_unit_mid",
    "fibre.per_connected_mid",
    "fibre.per_address_mid",
    "fibre.npv_mid",
    "fibre.gap_mid",
    "grant.mid",
    "wireless.served",
    "wireless.network_mid",
    "wireless.gap",
    "choice.addresses",
    "choice.cost",
    "validation.failed",
)
"""Figures whose derivation stands on the page, as far as the ledger has them."""

_TERMS = {"feeder": "primaria", "distribution": "secondaria", "drop": "raccordo", "ring": "anello"}
_KINDS = {
    "pop": ("POP", "centrale, PCN"),
    "cabinet": ("cabinet", "armadio, PFS"),
    "chamber": ("drop chamber", "pozzetto, PTE"),
    "closure": ("joint closure", "muffola"),
}


@dataclass(frozen=True, slots=True)
class Page:
    """What the summary is made of: a design, its layers, its map, and what was read."""

    design: AreaDesign
    layers: tuple[Layer, ...]
    drawing: str
    sources: tuple[Mapping[str, str], ...]


def render(page: Page) -> str:
    """Return the summary as one HTML document."""
    return _environment().get_template("design.html").render(_context(page)) + "\n"


def render_validation(design: AreaDesign) -> str:
    """Return the validation report as one HTML document."""
    template = _environment().get_template("design_validation.html")
    return template.render(_common(design)) + "\n"


def _common(design: AreaDesign) -> dict[str, Any]:
    return {
        "version": __version__,
        "style": Markup(pages.style("dossier.css", "design.css")),  # noqa: S704 - our own files
        "design": design,
        "request": design.request,
        "place": design.place,
        "plan": design.fibre,
        "closed": any(not item.redistributable for item in design.materials.inputs),
        "failed": [each for each in design.validation if not each.ok],
        "checked": sum(each.checked for each in design.validation),
    }


def _context(page: Page) -> dict[str, Any]:
    design = page.design
    held = {layer.name: layer.frame for layer in page.layers}
    return _common(design) | {
        "map": Markup(page.drawing),  # noqa: S704 - made here, every word escaped
        "levels": LEVELS,
        "shown_figures": [name for name in KEY_FIGURES if name in design.ledger],
        "level": design.request.level,
        "ledger": design.ledger,
        "people": _people(held["premises"]),
        "trenches": list(_trenches(held["trenches"])),
        "cables": list(_cables(held["cables"])),
        "sites": list(_sites(held["sites"])),
        "metres": _metres(held),
        "worst": design.fibre.worst_path,
        "chapters": list(_chapters(design.fibre_cost)),
        "costs": [c for c in (design.fibre_cost, design.wireless_cost) if c is not None],
        "years": _years(design),
        "front": _front(design),
        "front_rows": list(_front_rows(design)),
        "picks": [row for row in _picks(design) if row["cluster"].addresses],
        "shared": [row for row in _picks(design) if not row["cluster"].addresses],
        "before_mbps": max((g.cluster.before_mbps for g in design.groups), default=0.0),
        "technologies": list(_technologies(design)),
        "reasons": _reasons(held["unserved"]),
        "left": list(held["unserved"].head(_SHOWN).iter_rows(named=True)),
        "shown": _SHOWN,
        "layers": page.layers,
        "sources": page.sources,
        "rules": sorted(design.ledger.parameters(), key=lambda use: use.parameter),
        "evidence": [
            (name, _explained(design, name)) for name in KEY_FIGURES if name in design.ledger
        ],
    }


def _explained(design: AreaDesign, name: str) -> str:
    """Return a derivation as deep as fits on the page; ``nexpo explain`` prints all of it."""
    texts = (design.ledger.explain(name, depth=depth) for depth in _DEPTHS)
    short = (text for text in texts if len(text) < _LENGTH)
    return next(short, design.ledger.explain(name, depth=_DEPTHS[-1]))


# What was designed


def _people(premises: pl.DataFrame) -> dict[str, Any]:
    by = dict(premises.group_by("status").len().iter_rows())
    guessed = premises.filter("interpolated")
    return {
        "all": premises.height,
        "units": int(premises["units"].sum()),
        "served": by.get("served", 0),
        "unserved": by.get("unserved", 0),
        "connected": by.get("connected", 0),
        "interpolated": guessed.height,
        "placements": sorted(premises.group_by("placement").len().iter_rows()),
        "point_to_point": int(premises["point_to_point"].sum()),
    }


def _trenches(frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield metres and cost by class as the map names it."""
    for style in STYLES:
        rows = frame.filter(pl.col("cost_class").is_in(style.classes))
        if rows.height:
            placing = sorted(rows["placing"].unique().to_list())
            yield {
                "words": style.words,
                "placing": ", ".join(placing).replace("_", " "),
                "sections": rows.height,
                "metres": float(rows["length_m"].sum()),
                "cost": Money(int(rows["cost_cents"].sum())),
            }


def _cables(frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    grouped_by = frame.group_by("level", "size").agg(
        pl.len().alias("cables"), pl.col("length_m", "cable_m").sum()
    )
    order = {level: place for place, level in enumerate(_TERMS)}
    rows = grouped_by.sort(pl.col("level").replace_strict(order, default=len(order)), "size")
    for row in rows.iter_rows(named=True):
        name = str(row["level"])
        yield row | {"level": name.replace("_", " "), "italian": _TERMS.get(name, "")}


def _sites(frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    counted = frame.group_by("kind", "size", "splitter_ratio").agg(
        pl.col("housings", "units", "splitters", "ports", "ports_used").sum()
    )
    order = {kind: place for place, kind in enumerate(_KINDS)}
    rows = counted.sort(pl.col("kind").replace_strict(order), "size")
    for row in rows.iter_rows(named=True):
        english, italian = _KINDS[row["kind"]]
        yield row | {"english": english, "italian": italian}


def _metres(held: Mapping[str, pl.DataFrame]) -> dict[str, float]:
    lead = held["trenches"].filter(pl.col("role") == "lead")["length_m"].sum()
    return {
        "trench": float(held["trenches"]["length_m"].sum()),
        "lead": float(lead),
        "cable": float(held["cables"]["cable_m"].sum()),
    }


# Money


def _chapters(cost: Cost | None) -> Iterator[dict[str, Any]]:
    if cost is None:
        return
    for chapter in Chapter:
        amounts = {level: cost.bills.at(level).of(chapter) for level in LEVELS}
        if any(amount.cents for amount in amounts.values()):
            yield {
                "english": chapter.english,
                "italian": chapter.italian,
                "amounts": amounts,
                "lines": [ln for ln in cost.bills.mid.lines if ln.item.chapter is chapter],
            }


def _years(design: AreaDesign) -> list[Any]:
    case = design.cases.get(design.request.level)
    return [] if case is None else list(case.years)


# Choice


def _front(design: AreaDesign) -> Markup:
    if design.front is None or not design.front.points:
        return Markup("")
    tally = None if design.choice is None else design.choice.tally
    chosen = None if tally is None else Point(tally.cost_cents, tally.worth)
    return Markup(front_chart(design.front.points, chosen))  # noqa: S704 - numbers, made here


def _front_rows(design: AreaDesign) -> Iterator[dict[str, Any]]:
    """Yield points of the front evenly taken, both ends in it, the chosen one marked."""
    if design.front is None or design.choice is None:
        return
    points, tally = design.front.points, design.choice.tally
    picked = set(_evenly(len(points)))
    for place, point in enumerate(points):
        chosen = (point.cost_cents, point.served) == (tally.cost_cents, tally.worth)
        if place in picked or chosen:
            each = round(Fraction(point.cost_cents, point.served)) if point.served else None
            yield {
                "cost": Money(point.cost_cents),
                "served": point.served,
                "each": None if each is None else Money(each),
                "chosen": chosen,
            }


def _evenly(many: int, most: int = 12) -> Iterable[int]:
    if many <= most:
        return range(many)
    return {round(place * (many - 1) / (most - 1)) for place in range(most)}


def _picks(design: AreaDesign) -> Iterator[dict[str, Any]]:
    if design.choice is None:
        return
    for pick in design.choice.picks:
        options = {each.technology: each for each in pick.cluster.options}
        yield {
            "cluster": pick.cluster,
            "option": pick.option,
            "fibre": options.get(Technology.FIBRE),
            "wireless": options.get(Technology.WIRELESS),
        }


def _technologies(design: AreaDesign) -> Iterator[dict[str, Any]]:
    """Yield what each technology serves, and last what clusters share: feeders, masts."""
    for technology in Technology:
        picks = [pick for pick in design.picks if pick.option.technology is technology]
        yield _tallied(technology.value, picks)
    if design.choice is not None:
        parts = [pick for pick in design.choice.picks if not pick.cluster.addresses]
        if parts:
            yield _tallied("shared by several clusters", parts)


def _tallied(name: str, picks: list[Pick]) -> dict[str, Any]:
    served = sum(pick.option.addresses for pick in picks)
    return {
        "name": name,
        "clusters": sum(bool(pick.cluster.addresses) for pick in picks),
        "addresses": served,
        "left": sum(pick.cluster.addresses for pick in picks) - served,
        "cost": Money(sum(pick.option.cost_cents for pick in picks)),
    }


def _reasons(unserved: pl.DataFrame) -> list[dict[str, Any]]:
    counted = unserved.group_by("reason", "remedy").agg(
        pl.len().alias("addresses"), pl.col("units").sum()
    )
    return counted.sort("addresses", "reason", descending=[True, False]).to_dicts()


# Words and numbers


def euros(amount: Money | None) -> str:
    """Write an amount in whole euro, thousands grouped; a dash for unknown.

    Examples
    --------
    >>> euros(Money(123_456_78)), euros(None) == DASH, euros(Money(-150))
    ('123,457', True, '-2')
    """
    return DASH if amount is None else f"{round(Fraction(amount.cents, 100)):,}"


def exact(amount: Money) -> str:
    """Write an amount to the cent, without the name of the currency.

    Examples
    --------
    >>> exact(Money(123_456_78))
    '123,456.78'
    """
    return str(amount).removeprefix("EUR ")


def km(metres: float) -> str:
    """Write metres as kilometres with one decimal, two below ten.

    Examples
    --------
    >>> km(12_345.0), km(1_234.0)
    ('12.3', '1.23')
    """
    return f"{metres / 1000:,.1f}" if metres >= 10_000 else f"{metres / 1000:.2f}"  # noqa: PLR2004 - ten km


def percent(part: float | Fraction, digits: int = 1) -> str:
    """Write a share as per cent; very small ones are not rounded to nothing.

    Examples
    --------
    >>> percent(0.0123), percent(0), percent(0.00001)
    ('1.2', '0.0', 'under 0.1')
    """
    least = 10.0**-digits
    value = 100 * float(part)
    return f"under {least:g}" if 0 < value < least / 2 else f"{value:.{digits}f}"


def times(ratio: Fraction | None) -> str:
    """Write a ratio.

    Examples
    --------
    >>> times(Fraction(5, 2)), times(None) == DASH
    ('2.50', True)
    """
    return DASH if ratio is None else f"{float(ratio):.2f}"


def quantity(value: object) -> str:
    """Write a quantity with thousands grouped and no needless decimals.

    Examples
    --------
    >>> quantity("1234.500"), quantity(3)
    ('1,234.5', '3')
    """
    text = f"{float(str(value)):,.3f}"
    return text.rstrip("0").rstrip(".")


_FILTERS: Mapping[str, Any] = {
    "anchor": anchor,
    "euros": euros,
    "exact": exact,
    "grouped": grouped,
    "km": km,
    "percent": percent,
    "quantity": quantity,
    "shown": format_value,
    "slug": slug,
    "tenth": tenth,
    "times": times,
    "whole": whole,
}


@cache
def _environment() -> Environment:
    return pages.environment(_FILTERS, share=share, Money=Money, mid=Level.MID)
