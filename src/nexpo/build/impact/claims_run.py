"""From names and files to an audit of investment claims, and its folder.

===================  ==============================================================
``index.html``       what was said, what the table supports, every reading
``readings.csv``     every reading: ratios, how far outside, name of its figure
``figures.jsonl``    the evidence, for ``nexpo explain``
``meta.json``        the same as ``--json``
===================  ==============================================================
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nexpo import claims
from nexpo.build import folders
from nexpo.build.impact.claims import Audited, audit_topic, national, topics
from nexpo.build.impact.claims_page import COLUMNS, plain, render_claims, rows
from nexpo.build.impact.run_inputs import Asked, request_of
from nexpo.core.files import atomic_directory, write_json, write_text
from nexpo.core.problem import Kind, Problem, Where
from nexpo.core.settings import regions_directory
from nexpo.impact.model import Plan
from nexpo.territory.regions import region, regions

if TYPE_CHECKING:
    from nexpo.build.impact.run_model import Request, Run
    from nexpo.claims.model import Claim

PRODUCT = "data-centre-construction"
"""Whose spending mixes claimed money is spent by, where no other is named."""

META = "meta.json"
_MARK = '"claims_audit"'


@dataclass(frozen=True, slots=True)
class AskedClaims:
    """What a user asks of an audit; ``asked`` names table and activity."""

    asked: Asked
    region: str | None = None
    file: Path | None = None
    topic: str | None = None
    product: str = PRODUCT
    years: tuple[int, ...] = ()


def run_audit(wanted: AskedClaims) -> tuple[tuple[Audited, ...], Request]:
    """Audit the investment claims of a region, or of a file, on a table.

    Returns
    -------
    audits, request
        One audit a topic that claims an investment and jobs; the table as it was read.

    Raises
    ------
    Problem
        When no topic has both, or the one named has not.
    """
    path = claims_file(wanted)
    given = claims.load(path)
    chosen = _topics(given, wanted.topic, path)
    base = national(request_of(wanted.asked, Plan("claims", "the claimed investment", "EUR", ())))
    facts = dict(claims.load_facts())
    audits = tuple(
        audit_topic(given, facts, base, topic=name, product=wanted.product, years=wanted.years)
        for name in chosen
    )
    return audits, base


def claims_file(wanted: AskedClaims) -> Path:
    """Return the file of claims: one of the user's own, or that of the region."""
    if wanted.file is not None:
        return wanted.file
    if wanted.region is None:
        known = ", ".join(each.key for each in regions())
        raise Problem(
            Kind.USAGE,
            "no region is named",
            remedy=f"name one of {known}, or a file of claims with --file",
        )
    return regions_directory() / f"{region(wanted.region).key}.toml"


def audits_of(run: Run) -> tuple[Audited, ...]:
    """Return audits for the page of a run: of its region, if its plan buys what is claimed.

    A run on a made-up table audits nothing: it supports no claim.
    """
    request = run.request
    bought = {line.sector for line in request.plan.lines}
    key = next((each.key for each in regions() if each.code == request.region), None)
    if key is None or PRODUCT not in bought or request.table.origin.synthetic:
        return ()
    given = claims.load(regions_directory() / f"{key}.toml")
    base, facts = national(request), dict(claims.load_facts())
    return tuple(
        audit_topic(given, facts, base, topic=name, product=PRODUCT) for name in topics(given)
    )


def write_audit(audits: Sequence[Audited], base: Request, out: Path) -> tuple[str, ...]:
    """Write the folder of an audit of one topic, and return its files.

    Raises
    ------
    Problem
        When there are several topics, or the place holds something else.
    """
    if len(audits) != 1:
        raise Problem(
            Kind.USAGE,
            "a folder holds the audit of one topic",
            value=", ".join(each.topic for each in audits),
            remedy="name one with --topic",
        )
    refuse_foreign(out)
    (audited,) = audits
    with atomic_directory(out) as folder:
        write_text(folder / "index.html", render_claims(audited, base))
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([COLUMNS, *rows(audited)])
        write_text(folder / "readings.csv", stream.getvalue())
        audited.ledger.write(folder / "figures.jsonl")
        write_json(folder / META, {"claims_audit": 1, **plain(audited)})
        files = sorted(path.name for path in folder.iterdir())
    return tuple(files)


def refuse_foreign(out: Path) -> None:
    """Refuse to replace a folder that holds no audit."""
    folders.refuse_foreign(out, "holds no audit of claims", META, saying=_MARK)


def _topics(given: Sequence[Claim], wanted: str | None, path: Path) -> tuple[str, ...]:
    known = topics(given)
    if wanted is not None and wanted not in known:
        raise Problem(
            Kind.NO_INPUT,
            "no investment with jobs is claimed under this topic",
            where=Where(str(path)),
            value=wanted,
            remedy=f"topics that claim both: {', '.join(known) or 'none'}",
        )
    if not known:
        raise Problem(
            Kind.NO_INPUT,
            "no topic claims an investment and jobs",
            where=Where(str(path)),
            remedy="write [[claims]] with indicator investment, and jobs, under one topic",
        )
    return known if wanted is None else (wanted,)
