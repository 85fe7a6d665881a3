"""The dossier: one page that stands alone, made from the figures of a build.

Every number comes from the ledger or from a table made of it; this module chooses words
and order. The page needs no script, no server and no network, and is made to be printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from nexpo import __version__
from nexpo.build import pages
from nexpo.build.model import Material
from nexpo.claims import Finding
from nexpo.connectivity import need
from nexpo.core.evidence import Ledger, Value, format_value

if TYPE_CHECKING:
    import polars as pl
    from jinja2 import Environment

DASH = "\N{EN DASH}"
"""What stands where a value is unknown."""

_VERDICTS = ("in conflict", "ambiguous", "confirmed", "consistent", "not checkable")
_KEY_FIGURES = (
    "uncovered.total",
    "uncovered.per_1000",
    "uncovered.share_c",
    "uncovered.municipalities",
    "performance.down",
    "performance.up",
    "performance.latency",
    "territory.population",
)


@dataclass(frozen=True)
class Page:
    """What the dossier is made of."""

    material: Material
    ledger: Ledger
    needs: tuple[need.Need, ...]
    rule: need.Rule
    findings: tuple[Finding, ...]
    audited: date
    places: pl.DataFrame
    classes: pl.DataFrame
    drawing: str
    sources: list[dict[str, str]]


def render(page: Page) -> str:
    """Return the dossier as one HTML document."""
    template = _environment().get_template("dossier.html")
    return template.render(_context(page)) + "\n"


def _context(page: Page) -> dict[str, Any]:
    material, ledger = page.material, page.ledger
    return {
        "version": __version__,
        "style": Markup(pages.style("dossier.css")),  # noqa: S704 - our own file
        "map": Markup(page.drawing),  # noqa: S704 - made here, every word escaped
        "region": material.region,
        "on": material.on,
        "audited": page.audited,
        "seed": material.seed,
        "ledger": ledger,
        "value": lambda name: ledger[name].value if name in ledger else None,
        "synthetic": material.synthetic,
        "made_up": _made_up(material),
        "closed": _closed(material),
        "classes": list(page.classes.iter_rows(named=True)),
        "places": list(page.places.iter_rows(named=True)),
        "performance": list(_performance(page)),
        "neediest": list(_neediest(page)),
        "rule": page.rule,
        "weightings": max((item.weightings for item in page.needs), default=0),
        "unmeasured": sum(need.Criterion.SPEED in item.missing for item in page.needs),
        "money": material.money,
        "streets": material.streets,
        "names": dict(page.places.select("istat", "name").iter_rows()),
        "findings": page.findings,
        "verdicts": _verdicts(page.findings),
        "rules": _rules(ledger),
        "sources": page.sources,
        "rejects": material.rejects,
        "absent": material.absent,
        "evidence": [(name, ledger.explain(name)) for name in _shown(material, ledger)],
    }


def _made_up(material: Material) -> dict[str, bool]:
    """Say which parts rest on stand-ins."""
    return {
        "uncovered": any(item.synthetic for item in material.uncovered.inputs),
        "performance": any(item.synthetic for item in material.performance.inputs),
    }


def _closed(material: Material) -> dict[str, bool]:
    """Say which parts derive from data that may not be handed on."""
    parts = {
        "uncovered": material.uncovered.inputs,
        "performance": material.performance.inputs,
    }
    return {name: any(not i.redistributable for i in items) for name, items in parts.items()}


def _performance(page: Page) -> Iterable[dict[str, Any]]:
    for row in page.classes.iter_rows(named=True):
        suffix = f"/{row['code']}" if len(row["code"]) == len("012") else ""
        found = {
            name: _of(page.ledger, f"performance.{name}{suffix}")
            for name in ("down", "up", "latency", "tests")
        }
        yield {
            "name": row["name"],
            "code": row["code"],
            "total": row["uncovered_total"],
            "per_1000": row["uncovered_per_1000"],
            **found,
        }


def _neediest(page: Page) -> Iterable[dict[str, Any]]:
    rows = {row["istat"]: row for row in page.places.iter_rows(named=True)}
    for item in page.needs[: page.rule.listed]:
        if item.rank is not None:
            istat = item.place.istat
            yield {
                "need": item,
                "row": rows[istat],
                "why": need.why(item, page.rule),
                "explained": page.ledger.explain(f"need.rank/{istat}"),
            }


def _verdicts(findings: tuple[Finding, ...]) -> dict[str, int]:
    given = [finding.verdict.value for finding in findings]
    return {verdict: given.count(verdict) for verdict in _VERDICTS if verdict in given}


def _rules(ledger: Ledger) -> dict[str, list[Any]]:
    """Sort the parameters used: the build's own rules, and facts that claims are held against."""
    used = sorted(ledger.parameters(), key=lambda use: use.parameter)
    own = [use for use in used if use.parameter.startswith("need.")]
    return {"own": own, "facts": [use for use in used if use not in own]}


def _shown(material: Material, ledger: Ledger) -> list[str]:
    names = [name for name in (*_KEY_FIGURES, "uncovered.unaccounted") if name in ledger]
    names += [f"programme.{money.programme.key}.share_paid" for money in material.money]
    names += [f"streets.share_found/{item.istat}" for item in material.streets]
    return names


def _of(ledger: Ledger, name: str) -> Value:
    return ledger[name].value if name in ledger else None


# Words and numbers


def whole(value: Value) -> str:
    """Write a whole number, thousands grouped; a dash for unknown.

    Examples
    --------
    >>> whole(213008), whole(None) == DASH
    ('213,008', True)
    """
    return DASH if value is None else f"{value:,}"


def tenth(value: Value) -> str:
    """Write a number with one decimal; a dash for unknown.

    Examples
    --------
    >>> tenth(21.4066), tenth(None) == DASH
    ('21.4', True)
    """
    return f"{value:,.1f}" if isinstance(value, int | float) else DASH


def millions(cents: int) -> str:
    """Write an amount in millions of euro with one decimal, from whole cents.

    Examples
    --------
    >>> millions(19_314_003_500)
    '193.1'
    """
    tenths = (cents + 5_000_000) // 10_000_000
    return f"{tenths // 10:,}.{tenths % 10}"


def grouped(text: str) -> str:
    """Write a number given as text with its thousands grouped; other text as it is.

    Examples
    --------
    >>> grouped("397008"), grouped("2022"), grouped("[1, 2]")
    ('397,008', '2,022', '[1, 2]')
    """
    return f"{int(text):,}" if text.isascii() and text.isdigit() else text


def share(part: float, of: float) -> str:
    """Write a part as a percentage with one decimal.

    Examples
    --------
    >>> share(1, 3), share(1, 0) == DASH
    ('33.3', True)
    """
    return f"{100 * part / of:.1f}" if of else DASH


def anchor(figure_id: str) -> str:
    """Return the anchor of a figure's derivation.

    Examples
    --------
    >>> anchor("streets.found/097042")
    'fig-streets-found-097042'
    """
    return "fig-" + "".join(letter if letter.isalnum() else "-" for letter in figure_id)


def slug(text: str) -> str:
    """Return a class name for a verdict.

    Examples
    --------
    >>> slug("in conflict")
    'in-conflict'
    """
    return text.replace(" ", "-")


_FILTERS: Mapping[str, Any] = {
    "whole": whole,
    "tenth": tenth,
    "millions": millions,
    "grouped": grouped,
    "anchor": anchor,
    "slug": slug,
    "shown": format_value,
}


@cache
def _environment() -> Environment:
    return pages.environment(_FILTERS, share=share)
