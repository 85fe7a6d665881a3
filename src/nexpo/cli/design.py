"""``nexpo design``: networks for those who have none, with a bill and a proven bound."""

from __future__ import annotations

import click

from nexpo.cli.verbs import Verbs

_VERBS = {
    "area": "nexpo.cli.design_area",
    "cost": "nexpo.cli.design_cost",
    "validate": "nexpo.cli.design_validate",
    "compare": "nexpo.cli.design_compare",
    "region": "nexpo.cli.design_region",
    "steiner": "nexpo.cli.design_steiner",
}


@click.group(cls=Verbs, verbs=_VERBS)
def command() -> None:
    """Design a network: trenches, cables, splitters, radio; what it costs; the gap to the best.

    `nexpo design area` makes one; `cost`, `validate` and `compare` work on what it wrote.
    `nexpo design steiner` is the solver under it, for files of the public collections.
    """
