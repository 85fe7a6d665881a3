"""``nexpo impact``: what an investment brings in GDP and jobs, and how much of it stays."""

from __future__ import annotations

import click

from nexpo.cli.verbs import Verbs

_VERBS = {
    "run": "nexpo.cli.impact_run",
    "multipliers": "nexpo.cli.impact_multipliers",
    "linkages": "nexpo.cli.impact_linkages",
    "paths": "nexpo.cli.impact_paths",
    "table": "nexpo.cli.impact_table",
    "regionalise": "nexpo.cli.impact_regionalise",
    "balance": "nexpo.cli.impact_balance",
    "claims": "nexpo.cli.impact_claims",
}


@click.group(cls=Verbs, verbs=_VERBS)
def command() -> None:
    """Tell what an investment brings in output, GDP and jobs, and how much of it stays.

    `nexpo impact run PLAN` does it all; the other verbs are its parts, and work on any table in
    the template that `nexpo impact table --help` describes.
    """
