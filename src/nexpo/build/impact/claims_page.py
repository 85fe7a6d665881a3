"""Public claims of an investment as words, rows and one HTML page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from nexpo import __version__
from nexpo.build import pages
from nexpo.build.dossier import DASH, anchor
from nexpo.build.impact.claim_figures import place_of
from nexpo.claims.investment import Reading, nearest, nearest_by_jobs, told
from nexpo.core.evidence import format_value

if TYPE_CHECKING:
    from jinja2 import Environment

    from nexpo.build.impact.claims import Audit, Audited
    from nexpo.build.impact.run_model import Request
    from nexpo.claims.investment import Support
    from nexpo.claims.model import Claim

COLUMNS = (
    "claim", "reading", "boundary", "basis", "job_years", "gdp_eur", "jobs_per_eur_m",
    "gdp_per_eur", "gdp_per_job_year", "away", "worst", "fits", "figure",
)  # fmt: skip


def verdicts(audit: Audit) -> Iterator[tuple[str, str]]:
    """Yield, for each price basis left open, which reading of the jobs is nearer."""
    for basis in _bases(audit.readings):
        yield basis, told([each for each in audit.readings if each.basis == basis])


def said(claim: Claim) -> str:
    """Return the number as it was said, and whether it is a total or by year where that was."""
    if claim.accumulation is None:
        return claim.said
    return f"{claim.said}, {claim.accumulation.value}"


def summary(audit: Audit) -> str:
    """Return in one sentence whether the answer hangs on the price basis."""
    near = {
        basis: nearest_by_jobs([each for each in audit.readings if each.basis == basis])[0]
        for basis in _bases(audit.readings)
    }
    ways = {each.jobs_as for each in near.values()}
    best, nearer = nearest(audit.readings)[0], min(near.values(), key=lambda each: each.away)
    if len(ways) == 1:
        told = f"nearer to what the table supports: {nearer.jobs_as.value}{_though(nearer)}"
        if best.jobs_as is nearer.jobs_as:
            return told
        return f"{told}; nearest of all: {best.jobs_as.value}{_though(best)}"
    parts = "; ".join(
        f"in {basis} it is {each.jobs_as.value} ({each.away:.2f} times outside)"
        for basis, each in near.items()
    )
    return (
        f"which reading is nearer hangs on the price year, which was not stated: {parts}. "
        f"Nearest of all: {best.jobs_as.value}, in {best.basis}{_though(best)}"
    )


def _though(reading: Reading) -> str:
    if reading.fits:
        return ""
    return f", though {reading.away:.2f} times outside ({reading.worst})"


def rows(audited: Audited) -> list[tuple[Any, ...]]:
    """Return every reading as a row of :data:`COLUMNS`."""
    return [
        (
            audit.jobs.id, each.text, each.boundary.value, each.basis, each.job_years,
            each.gdp_eur, each.jobs_per_eur_m, each.gdp_per_eur, each.gdp_per_job_year,
            each.away, "" if each.fits else each.worst, each.fits,
            f"{place_of(audit.jobs, each)}.outside",
        )
        for audit in audited.audits
        for each in audit.readings
    ]  # fmt: skip


def plain(audited: Audited) -> dict[str, Any]:
    """Return an audit as plain values, for JSON."""
    return {
        "topic": audited.topic,
        "product": audited.product,
        "mixes": [mix.name for mix in audited.mixes],
        "claims": [_claim(each) for each in audited.claims],
        "notes": list(audited.words),
        "audits": [
            {
                "jobs": audit.jobs.id,
                "gdp": None if audit.gdp is None else audit.gdp.id,
                "horizons_years": list(audit.horizons),
                "summary": summary(audit),
                "verdicts": dict(verdicts(audit)),
                "supports": [_support(each) for each in audit.supports],
            }
            for audit in audited.audits
        ],
        "readings": [dict(zip(COLUMNS, row, strict=True)) for row in rows(audited)],
    }


def claims_context(audited: Audited) -> dict[str, Any]:
    """Return an audit as the template needs it."""
    return {
        "audited": audited,
        "claims": [_claim(each) for each in audited.claims],
        "audits": [
            {
                "jobs": audit.jobs,
                "gdp": audit.gdp,
                "summary": summary(audit),
                "verdicts": list(verdicts(audit)),
                "supports": [_support(each) for each in audit.supports],
                "rows": list(_shown(audit)),
                "count": len(audit.readings),
            }
            for audit in audited.audits
        ],
    }


def render_claims(audited: Audited, base: Request) -> str:
    """Return the page of an audit as one HTML document."""
    context = {
        "version": __version__,
        "style": Markup(pages.style("dossier.css", "impact.css")),  # noqa: S704 - our own files
        "audit": claims_context(audited),
        "request": base,
        "origin": base.table.origin,
        "synthetic": base.table.origin.synthetic,
        "evidence": [(name, audited.ledger.explain(name, depth=2)) for name in _explained(audited)],
    }
    return _environment().get_template("impact_claims.html").render(context)


def _bases(readings: Sequence[Reading]) -> tuple[str, ...]:
    return tuple(sorted({each.basis for each in readings}, reverse=True))


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "id": claim.id,
        "claimant": claim.claimant,
        "text": claim.text,
        "said": said(claim),
        "source": str(claim.source),
        "not_stated": [name.replace("_", " ") for name in claim.not_stated],
    }


def _support(support: Support) -> dict[str, Any]:
    return {
        "basis": support.basis,
        "boundary": support.boundary.value,
        "unit": support.unit,
        **{
            name: [getattr(support, name).low, getattr(support, name).high]
            for name in ("gdp_per_eur", "jobs_per_eur_m", "gdp_per_job_year")
        },
    }


def _shown(audit: Audit) -> Iterator[dict[str, Any]]:
    """Yield the nearest reading of each way to take the jobs, boundary by boundary."""
    for basis in _bases(audit.readings):
        for boundary in dict.fromkeys(each.boundary for each in audit.supports):
            held = [
                each for each in audit.readings if (each.basis, each.boundary) == (basis, boundary)
            ]
            for each in nearest(held):
                yield {"reading": each, "figure": f"{place_of(audit.jobs, each)}.outside"}


def _explained(audited: Audited) -> Iterator[str]:
    """Yield the figure of the nearest reading of each way to take the jobs, claim by claim."""
    for audit in audited.audits:
        for each in nearest(audit.readings):
            yield f"{place_of(audit.jobs, each)}.outside"


def _number(value: float | None, digits: int = 0) -> str:
    return DASH if value is None else f"{value:,.{digits}f}"


_FILTERS: Mapping[str, Any] = {"anchor": anchor, "number": _number, "shown": format_value}


@cache
def _environment() -> Environment:
    return pages.environment(_FILTERS)
