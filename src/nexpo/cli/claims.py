"""``nexpo claims``: public statements held against figures and against each other."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nexpo.cli.failure import emit

if TYPE_CHECKING:
    from nexpo.claims import Claim, Finding
    from nexpo.core.evidence import Figure, Ledger

_VERDICTS = ("confirmed", "consistent", "in conflict", "ambiguous", "not checkable")
_STYLES = {
    "confirmed": "bold green",
    "consistent": "green",
    "in conflict": "bold red",
    "ambiguous": "yellow",
    "not checkable": "dim",
}
_FILE = click.option(
    "--file",
    "file",
    type=click.Path(path_type=Path),
    help="A TOML file of your own with [[claims]], in place of a region.",
)
_BUILD = click.option(
    "--build",
    "build",
    type=click.Path(path_type=Path),
    help="Folder of a build: its figures can confirm a claim.",
)
_ON = click.option(
    "--on", "on", metavar="YYYY-MM-DD", help="Day for which facts are asked; today when left out."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(name="claims")
def command() -> None:
    """Hold the public statements made about a region against figures.

    Each statement gets a verdict: confirmed, consistent, in conflict, ambiguous or not
    checkable, with the arithmetic behind it. Only a figure computed from data, from the
    build you name, can confirm one.

    \b
    Examples:
      nexpo claims audit lombardia
      nexpo claims audit lombardia --verdict "in conflict"
      nexpo claims show lombardia grey.resources
      nexpo claims audit --file my_claims.toml --json
    """  # noqa: D301 - click reads the mark as a control character


@command.command(name="list")
@click.argument("region", required=False)
@_FILE
@_JSON
def list_claims(region: str | None, file: Path | None, as_json: bool) -> None:
    """List the statements of REGION as they were made, with what they leave out.

    \b
    Example:
      nexpo claims list lombardia
    """  # noqa: D301 - click reads the mark as a control character
    claims = _claims(region, file)
    if as_json:
        emit({"claims": [_plain(claim) for claim in claims]})
        return
    rows = [
        (claim.id, claim.said, claim.claimant, ", ".join(claim.not_stated).replace("_", " "))
        for claim in claims
    ]
    _table(("claim", "said", "by", "not stated"), rows)


@command.command(name="audit")
@click.argument("region", required=False)
@_FILE
@_BUILD
@click.option(
    "--verdict",
    "verdicts",
    multiple=True,
    type=click.Choice(_VERDICTS),
    help="Show only claims with this verdict; may be repeated.",
)
@_ON
@_JSON
def audit_claims(
    region: str | None,
    file: Path | None,
    build: Path | None,
    verdicts: tuple[str, ...],
    on: str | None,
    as_json: bool,
) -> None:
    """Give a verdict on each statement of REGION, or of your own file.

    \b
    Examples:
      nexpo claims audit lombardia --build out/lombardia
      nexpo claims audit --file my_claims.toml

    \b
    A file holds tables like this one:
      [[claims]]
      id = "fibre.homes"
      claimant = "The operator"
      text = "over 12,000 homes connected"
      topic = "fibre"
      indicator = "connections"
      value = 12000
      unit = "connection"
      relation = "over"
      source = { title = "press release of 3 May 2026" }
    """  # noqa: D301 - click reads the mark as a control character
    findings, _ = _audited(region, file, build, on)
    shown = [item for item in findings if not verdicts or item.verdict.value in verdicts]
    if as_json:
        emit({"counts": _counts(findings), "findings": [item.as_dict() for item in shown]})
        return
    _table(
        ("claim", "said", "verdict", "why"),
        [
            (i.claim.id, i.claim.said, i.verdict.value, i.reasons[0] if i.reasons else "")
            for i in shown
        ],
    )
    told = ", ".join(f"{number} {verdict}" for verdict, number in _counts(findings).items())
    click.echo(f"{len(findings)} claims: {told}")


@command.command(name="show")
@click.argument("region_or_claim")
@click.argument("claim_id", required=False)
@_FILE
@_BUILD
@_ON
@_JSON
def show_claim(
    region_or_claim: str,
    claim_id: str | None,
    file: Path | None,
    build: Path | None,
    on: str | None,
    as_json: bool,
) -> None:
    """Print one statement with its readings and the arithmetic of each.

    Name the region and the claim, or only the claim where --file is given or one region
    alone has a claim of that name.

    \b
    Examples:
      nexpo claims show lombardia cloud.jobs
      nexpo claims show cloud.jobs
    """  # noqa: D301 - click reads the mark as a control character
    region = region_or_claim if claim_id else None
    name = claim_id or region_or_claim
    if region is None and file is None:
        region = _region_of(name)
    findings, ledger = _audited(region, file, build, on)
    finding = _find(findings, name)
    if as_json:
        emit(finding.as_dict())
        return
    click.echo("\n".join(_told(finding, ledger)))


def _told(finding: Finding, ledger: Ledger) -> Iterable[str]:
    claim = finding.claim
    yield f"{claim.id}: {claim.said}"
    yield f'  "{claim.text}"'
    yield f"  said by {claim.claimant}; {claim.source}"
    if claim.note:
        yield f"  note: {claim.note}"
    yield f"verdict: {finding.verdict.value}"
    yield from (f"  - {reason}" for reason in finding.reasons)
    for name in finding.figures:
        if name in ledger:
            yield ""
            yield ledger.explain(name)


def _audited(
    region: str | None, file: Path | None, build: Path | None, on: str | None
) -> tuple[tuple[Finding, ...], Ledger]:
    from nexpo import claims
    from nexpo.core.evidence import Ledger
    from nexpo.core.period import parse_date

    given = _claims(region, file)
    figures = _figures(build, region)
    ledger = Ledger(figures.values())
    day = parse_date(on) if on else _today()
    return claims.audit(given, figures, claims.load_facts(), on=day, ledger=ledger), ledger


def _figures(build: Path | None, region: str | None) -> Mapping[str, Figure]:
    if build is None:
        return {}
    from nexpo.core.evidence import read_ledger

    ledger = read_ledger(build / "figures.jsonl")
    figures = {item.id: item for item in ledger if not item.id.startswith("claims.")}
    if region is not None:
        _refuse_another_region(build, region, {item.place for item in figures.values()})
    return figures


def _refuse_another_region(build: Path, region: str, places: set[str]) -> None:
    """Stop where no figure of a build is of the region: nothing there can confirm a claim."""
    from nexpo import territory
    from nexpo.core.problem import Kind, Problem, Where

    code = territory.region(region).code
    if code in places:
        return
    names = {item.code: item.key for item in territory.regions()}
    there = ", ".join(sorted(names[place] for place in places if place in names))
    raise Problem(
        Kind.USAGE,
        f"the build is of {there or 'no region that is known'}, the claims are on {region}",
        where=Where(str(build)),
        remedy=f"name a build of {region} with --build, or the region that was built",
    )


def _claims(region: str | None, file: Path | None) -> tuple[Claim, ...]:
    from nexpo import claims
    from nexpo.core.settings import regions_directory

    if file is not None and region is not None:
        message = f"give a region or --file, not both: {region} and {file}"
        raise click.UsageError(message)
    if file is not None:
        return claims.load(file)
    if region is None:
        raise click.UsageError("name a region (nexpo claims audit lombardia) or give --file")
    return claims.load(regions_directory() / f"{region}.toml")


def _region_of(claim_id: str) -> str:
    from nexpo.core.settings import regions_directory

    files = sorted(regions_directory().glob("*.toml"))
    having = [p.stem for p in files if any(c.id == claim_id for c in _claims(p.stem, None))]
    if len(having) == 1:
        return having[0]
    regions = ", ".join(having or [path.stem for path in files])
    raise click.UsageError(f"name the region too: nexpo claims show REGION {claim_id} ({regions})")


def _find(findings: Iterable[Finding], name: str) -> Finding:
    from difflib import get_close_matches

    from nexpo.core.problem import Kind, Problem

    known = {finding.claim.id: finding for finding in findings}
    if name in known:
        return known[name]
    near = get_close_matches(name, known, cutoff=0.3) or list(known)
    raise Problem(
        Kind.NO_INPUT,
        "no claim of this id",
        value=name,
        remedy=f"claims with a like name: {', '.join(near[:6])}; all: nexpo claims list REGION",
    )


def _counts(findings: Iterable[Finding]) -> dict[str, int]:
    given = [finding.verdict.value for finding in findings]
    return {verdict: given.count(verdict) for verdict in _VERDICTS if verdict in given}


def _plain(claim: Claim) -> dict[str, object]:
    return {
        "id": claim.id,
        "claimant": claim.claimant,
        "text": claim.text,
        "topic": claim.topic,
        "said": claim.said,
        "value": claim.value,
        "unit": claim.unit,
        "not_stated": list(claim.not_stated),
        "source": str(claim.source),
    }


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, show_lines=True)
    for row in rows:
        table.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
    Console().print(table)


def _today() -> date:
    return datetime.now(tz=UTC).date()
