"""``nexpo impact claims``: public claims of an investment held against an input-output table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.failure import emit
from nexpo.cli.impact_options import (
    COUNT_AS_IS,
    COUNTRY_TABLE,
    DEFLATORS,
    FILE,
    MARGINS,
    TEXT,
    accepting,
    day_of,
    printing_json,
)

if TYPE_CHECKING:
    from nexpo.build.impact.claims import Audited


@click.command(name="claims")
@click.argument("region", required=False)
@click.option("--file", type=FILE, help="A TOML file of your own with [[claims]].")
@click.option("--topic", help="Of the claims; all that claim an investment and jobs otherwise.")
@COUNTRY_TABLE
@click.option("--activity", type=FILE, help="Persons by sector, where the table has none.")
@accepting("--table")
@TEXT
@COUNT_AS_IS
@click.option("--product", help="Whose spending mixes the money is spent by.")
@click.option(
    "--years", "years", multiple=True, type=click.IntRange(min=1),
    help="Length of the horizon, where no claim says; may be repeated.",
)  # fmt: skip
@DEFLATORS
@MARGINS
@day_of("the assumptions")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder to write.")
@printing_json(", every reading included")
def command(
    region: str | None, day: str | None, out: Path | None, as_json: bool, **options: Any
) -> None:
    """Hold the claims of an investment (money, jobs, GDP) of REGION against a table.

    Every reading that a claim leaves open is worked out: jobs as a sum of job-years, in each
    year, or reached at the end; the effects counted; the price year. Each ratio is held against
    the range that the table gives over spending mixes and closures, and the nearer reading of
    the jobs is named. What was not stated is listed. With --file, REGION only says whose jobs by
    sector are read.

    \b
    Examples:
      nexpo impact claims lombardia
      nexpo impact claims lombardia --topic "cloud region" --table italy.xlsx --out claims
      nexpo impact claims --file mine.toml --years 5 --json
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.build.impact.claims_page import plain
    from nexpo.build.impact.claims_run import (
        PRODUCT,
        AskedClaims,
        claims_file,
        refuse_foreign,
        run_audit,
        write_audit,
    )
    from nexpo.build.impact.run_inputs import Asked
    from nexpo.core.files import check_parent
    from nexpo.core.period import parse_date

    if out is not None:
        check_parent(out)
        refuse_foreign(out)
    on = parse_date(day) if day else datetime.now(tz=UTC).date()
    own = {name: options.pop(name) for name in ("file", "topic", "years")}
    product = options.pop("product") or PRODUCT
    asked = Asked("claims", on, region=region or "none", method="slq", **options)
    wanted = AskedClaims(asked, region, product=product, **own)
    claims_file(wanted)
    audits, base = run_audit(wanted)
    files = () if out is None else write_audit(audits, base, out)
    if as_json:
        emit({"audits": [plain(each) for each in audits], "files": list(files)})
        return
    click.echo("\n".join(line for each in audits for line in _told(each)))
    if out is not None:
        click.echo(f"written to {out}: {', '.join(files)}")


def _told(audited: Audited) -> Iterator[str]:
    from nexpo.build.impact.claim_figures import place_of
    from nexpo.build.impact.claims_page import said, summary, verdicts
    from nexpo.claims.investment import nearest

    yield f"{audited.topic}: {audited.investment.said} of investment"
    for claim in audited.claims:
        lacks = ", ".join(claim.not_stated).replace("_", " ")
        yield f"  {claim.id}: {said(claim)}" + (f"; not stated: {lacks}" if lacks else "")
    for audit in audited.audits:
        beside = f", with {audit.gdp.said} of GDP" if audit.gdp else ""
        yield f"{audit.jobs.id}: {said(audit.jobs)}{beside}"
        for held in audit.supports:
            yield (
                f"  table, {held.basis}, {held.boundary.value}: "
                f"{held.gdp_per_eur.low:.2f} to {held.gdp_per_eur.high:.2f} of GDP by euro, "
                f"{held.jobs_per_eur_m.low:.1f} to {held.jobs_per_eur_m.high:.1f} "
                f"{held.unit}-years by EUR million, {held.gdp_per_job_year.low:,.0f} to "
                f"{held.gdp_per_job_year.high:,.0f} EUR by {held.unit}-year"
            )
        for basis, words in verdicts(audit):
            yield f"  {basis}: {words}"
        yield f"  => {summary(audit)}."
        yield from (
            f"  explain: {place_of(audit.jobs, each)}.outside" for each in nearest(audit.readings)
        )
    yield from (f"note: {text}" for text in audited.words)
