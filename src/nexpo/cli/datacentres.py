"""``nexpo datacentres``: where one may stand, what it must report, what it gives back."""

from __future__ import annotations

import click

from nexpo.cli.verbs import Verbs

_VERBS = {
    "register": "nexpo.cli.datacentres_register",
    "report": "nexpo.cli.datacentres_report",
    "indicators": "nexpo.cli.datacentres_indicators",
    "publish": "nexpo.cli.datacentres_publish",
    "check": "nexpo.cli.datacentres_check",
    "screen": "nexpo.cli.datacentres_screen",
    "site": "nexpo.cli.datacentres_site",
    "eligible": "nexpo.cli.datacentres_eligible",
    "rank": "nexpo.cli.datacentres_rank",
    "heat": "nexpo.cli.datacentres_heat",
}


@click.group(cls=Verbs, verbs=_VERBS)
def command() -> None:
    """Keep, judge and site data centres: register, reports, rules, screening, heat.

    `register` and `report` bring facilities and their yearly figures in; `publish` gives
    aggregates that give no centre away; `check` holds a project against dated rules; `screen`
    ranks a whole region and `site` tells all about one place. `rank`, `eligible` and
    `indicators` work alone on any table, layers or report.
    """
