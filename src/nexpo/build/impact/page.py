"""The page of a run: one HTML file that stands alone and is made to be printed.

Every number comes from the run or from its evidence; this module chooses words and order. A table
stands beside each drawing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from nexpo import __version__
from nexpo.build import pages
from nexpo.build.dossier import DASH, anchor, whole
from nexpo.build.impact.claims_page import claims_context
from nexpo.build.impact.flows import PAID_TAXES, Flow, flows_of
from nexpo.build.impact.sankey import merged, sankey
from nexpo.build.impact.svg import in_words
from nexpo.build.impact.tornado import INDICATORS, RULE, WORDS, tornado_chart
from nexpo.build.impact.years_chart import digits_of, years_chart
from nexpo.core.evidence import format_value
from nexpo.impact.balance import check
from nexpo.impact.ledger import IMBALANCE
from nexpo.impact.model import Effect
from nexpo.impact.price_words import GDP_OF_RESIDUAL, basic_value_added

if TYPE_CHECKING:
    from jinja2 import Environment

    from nexpo.build.impact.claims import Audited
    from nexpo.build.impact.run_model import Run, Total
    from nexpo.core.evidence import Ledger

_MILLION = 1e6
_FEW = 10  # jobs below which a whole number says too little
_SHOWN = ("output", "gdp", "net_product_taxes", "imports", "jobs", "fte")
_NAMES = {
    "output": "output",
    "gdp": "GDP (value added at basic prices)",
    "net_product_taxes": "net taxes on products",
    "imports": "imports",
    "jobs": "jobs",
    "fte": "full-time equivalents",
}
_HEADS = {
    "person-year": "persons employed",
    "employee-year": "employees, without the self-employed",
    "job-year": "posts",
}
_KEY_FIGURES = (
    "plan.amount",
    "gdp.total",
    "gdp.per_eur",
    "gdp.home_share",
    "jobs.per_eur_m",
    "jobs.average",
    "jobs.peak",
    "ledger.check",
)


def drawings(run: Run) -> Mapping[str, str]:
    """Return the drawings of a run by file: the Sankey, and the tornado where one was drawn."""
    table = run.request.table
    labels = dict(zip(table.sectors, table.labels, strict=True))
    title = f"Where a euro ends: {run.request.plan.title}"
    found = {"sankey.svg": sankey(flows_of(run), labels, title, _parts(run))}
    if run.tornados:
        found["tornado.svg"] = tornado_chart(run.tornados)
    return found


def _parts(run: Run) -> dict[str, dict[str, float]]:
    """Return what the region's row of the ledger is made of, where provinces are known."""
    if run.by_province is None:
        return {}
    whole = {row.area for row in run.ledger.rows}
    rows = [row for row in run.by_province.rows if row.area not in whole]
    return {run.home: {row.area: row.value_eur for row in rows}}


def render(
    run: Run, ledger: Ledger, drawn: Mapping[str, str], audits: Sequence[Audited] = ()
) -> str:
    """Return the page of a run as one HTML document.

    Parameters
    ----------
    ledger
        Evidence of the run.
    drawn
        Of :func:`drawings`.
    audits
        Public claims held against the same table.
    """
    return _environment().get_template("impact.html").render(_context(run, ledger, drawn, audits))


def _context(
    run: Run, ledger: Ledger, drawn: Mapping[str, str], audits: Sequence[Audited]
) -> dict[str, Any]:
    request, table = run.request, run.request.table
    return {
        "version": __version__,
        "style": Markup(pages.style("dossier.css", "impact.css")),  # noqa: S704 - our own files
        "run": run,
        "request": request,
        "plan": request.plan,
        "origin": table.origin,
        "synthetic": table.origin.synthetic or any(each.synthetic for each in request.inputs),
        "amount": run.ledger.amount_eur,
        "drawn": {name: Markup(each) for name, each in drawn.items()},  # noqa: S704 - made here, every word escaped
        "tornado_rule": RULE,
        "home": in_words(run.home),
        "country": run.country,
        "lines": _lines(run),
        "years": [_years(run, name) for name in ("gdp", "jobs", "fte") if _has(run, name)],
        "effects": [each.value for each in Effect if any(r.effect is each for r in run.results)],
        "totals": list(_totals(run)),
        "ledger_rows": _ledger_rows(run),
        "purchases": _purchases(run),
        "ends": [row.area for row in run.ledger.rows],
        "ratios": list(_ratios(run)),
        "findings": check(table),
        "closed": [
            each for each in request.inputs if not each.redistributable and each.source != "user"
        ],
        "audits": [claims_context(each) for each in audits],
        "evidence": [
            (name, ledger.explain(name, depth=1)) for name in _KEY_FIGURES if name in ledger
        ],
    }


def _has(run: Run, indicator: str) -> bool:
    return any(each.indicator == indicator for each in run.totals)


def _lines(run: Run) -> list[dict[str, Any]]:
    return [
        {
            "line": line,
            "eur": line.amount_cents / 100,
            "imports": _share(line.import_share, "by product"),
            "local": _share(line.local_share, "by quotient"),
        }
        for line in run.request.plan.lines
    ]


def _share(value: float | None, otherwise: str) -> str:
    return otherwise if value is None else f"{100 * value:g} %"


def _years(run: Run, indicator: str) -> dict[str, Any]:
    """Return an indicator by year in the area of the run: rows, unit and chart."""
    rows = [each for each in run.results if (each.indicator, each.area) == (indicator, run.home)]
    unit, scale = ("EUR m", _MILLION) if rows[0].unit == "EUR" else (rows[0].unit, 1.0)
    by_year: dict[int, dict[str, float]] = {}
    for each in rows:
        parts = by_year.setdefault(each.year, {})
        parts[each.effect.value] = parts.get(each.effect.value, 0.0) + each.value / scale
    ordered = sorted(by_year.items())
    country: dict[int, float] = {}
    for each in run.results:
        if (each.indicator, each.area) == (indicator, run.country):
            country[each.year] = country.get(each.year, 0.0) + each.value / scale
    title = f"{_title(indicator)} in {in_words(run.home)} by year"
    chart = years_chart(f"years-{indicator}", title, unit, ordered)
    return {
        "title": title,
        "unit": unit,
        "digits": digits_of(unit),
        "rows": ordered,
        "country": country,
        "chart": Markup(chart),  # noqa: S704 - made here, every word escaped
    }


def _title(indicator: str) -> str:
    name = INDICATORS.get(indicator, indicator)
    return name[0].upper() + name[1:]


def _totals(run: Run) -> Iterator[dict[str, Any]]:
    """Yield indicators by area: effects, all, range."""
    pairs = dict.fromkeys((each.indicator, each.area) for each in run.totals)
    order = {name: place for place, name in enumerate(_SHOWN)}
    for indicator, area in sorted(pairs, key=lambda pair: order.get(pair[0], len(order))):
        found = {
            each.effect: each
            for each in run.totals
            if (each.indicator, each.area) == (indicator, area)
        }
        whole_of = found[None if None in found else Effect.DIRECT]
        yield {
            "indicator": _named(run, indicator),
            "area": in_words(area),
            "sum": area == run.country,
            "unit": "EUR m" if whole_of.unit == "EUR" else whole_of.unit,
            "effects": [_scaled(found.get(effect)) for effect in Effect],
            "all": _scaled(found.get(None)),
            "range": [_of(whole_of, each) for each in (whole_of.p05, whole_of.p50, whole_of.p95)],
        }


def _named(run: Run, indicator: str) -> str:
    if indicator == "gdp" and not basic_value_added(run.request.table):
        return GDP_OF_RESIDUAL
    if indicator == "jobs":
        unit = next(each.unit for each in run.totals if each.indicator == indicator)
        return f"jobs, {_HEADS.get(unit, unit)}"
    if indicator == "fte" and any(word.startswith("fte are heads") for word in run.words):
        return f"full-time equivalents ({run.request.assumptions.peers.country} hours, employees)"
    return _NAMES.get(indicator, indicator)


def _scaled(total: Total | None) -> str:
    return DASH if total is None else _of(total, total.value)


def _of(total: Total, value: float | None) -> str:
    if value is None:
        return DASH
    shown = value / _MILLION if total.unit == "EUR" else value
    least = 0.1 if total.unit == "EUR" else _FEW
    if 0 < abs(shown) < least:  # two significant digits, never as a power of ten
        return f"{float(f'{shown:.2g}'):.8f}".rstrip("0").rstrip(".")
    return f"{shown:,.1f}" if total.unit == "EUR" else f"{shown:,.0f}"


def _ledger_rows(run: Run) -> list[dict[str, Any]]:
    ledger = run.leakage
    cents = dict(ledger.cents())
    rows = [
        {"words": in_words(row.area), "share": row.share, "cents": cents[row.area]}
        for row in ledger.rows
    ]
    left = {"words": IMBALANCE, "share": run.ledger.imbalance, "cents": cents[IMBALANCE]}
    return [*rows, left]


def _purchases(run: Run) -> list[dict[str, Any]]:
    """Return what is bought against where it ends, EUR; the largest first."""
    table = run.request.table
    labels = dict(zip(table.sectors, table.labels, strict=True))
    ends = [row.area for row in run.ledger.rows]
    found: dict[str, dict[str, float]] = {}
    for flow in merged(_one_phase(flows_of(run)), most=12):
        parts = found.setdefault(flow.product, dict.fromkeys(ends, 0.0))
        parts[flow.end] += flow.value_eur
    return [
        {
            "code": "" if product in {PAID_TAXES, "other"} else product,
            "label": labels.get(product, product),
            "parts": [parts[end] for end in ends],
            "sum": sum(parts.values()),
        }
        for product, parts in found.items()
    ]


def _one_phase(flows: Iterable[Flow]) -> list[Flow]:
    return [Flow("", flow.product, flow.end, flow.value_eur) for flow in flows]


def _ratios(run: Run) -> Iterator[dict[str, Any]]:
    """Yield what the run gives by euro and by job-year, for each boundary, in the country."""
    amount = run.ledger.amount_eur
    counted = {"direct": (Effect.DIRECT,), "direct and indirect": (Effect.DIRECT, Effect.INDIRECT)}
    if any(each.effect is Effect.INDUCED for each in run.totals):
        counted["with induced"] = tuple(Effect)
    for words, effects in counted.items():
        gdp = _sum(run, "gdp", effects)
        jobs = _sum(run, "jobs", effects) if _has(run, "jobs") else 0.0
        yield {
            "boundary": words,
            "gdp_per_eur": gdp / amount,
            "jobs_per_eur_m": jobs / amount * _MILLION if jobs else None,
            "gdp_per_job": gdp / jobs if jobs else None,
        }


def _sum(run: Run, indicator: str, effects: Sequence[Effect]) -> float:
    return sum(
        each.value
        for each in run.totals
        if (each.indicator, each.area) == (indicator, run.country) and each.effect in effects
    )


def millions(value: float | None, digits: int = 1) -> str:
    """Write EUR in millions; a dash for unknown.

    Examples
    --------
    >>> millions(164_584_824.0), millions(None) == DASH
    ('164.6', True)
    """
    return DASH if value is None else f"{value / _MILLION:,.{digits}f}"


def number(value: float | None, digits: int = 0) -> str:
    """Write a number; a dash for unknown.

    Examples
    --------
    >>> number(1_989.4), number(0.7333, 3), number(None) == DASH
    ('1,989', '0.733', True)
    """
    return DASH if value is None else f"{value:,.{digits}f}"


def percent(share: float, digits: int = 1) -> str:
    """Write a share as per cent; what is nearly nothing is not written as nothing.

    Examples
    --------
    >>> percent(0.30934), percent(-1.4e-09), percent(0.0)
    ('30.9', '-1.4e-07', '0.0')
    """
    value = 100 * share
    return (
        f"{value:.{digits}f}" if value == 0 or abs(value) >= 10.0**-digits / 2 else f"{value:.1e}"
    )


def of_cents(cents: int) -> str:
    """Write whole cents as EUR.

    Examples
    --------
    >>> of_cents(14_229_876_543), of_cents(-5)
    ('142,298,765.43', '-0.05')
    """
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"


FILTERS: Mapping[str, Any] = {
    "anchor": anchor,
    "millions": millions,
    "number": number,
    "percent": percent,
    "of_cents": of_cents,
    "whole": whole,
    "shown": format_value,
    "area": in_words,
    "choice": lambda name: WORDS.get(name, name),
    "indicator": lambda name: INDICATORS.get(name, name),
}


@cache
def _environment() -> Environment:
    return pages.environment(FILTERS)
