"""``nexpo design``: networks for those who have none, with a bill and a proven bound."""

from __future__ import annotations

from importlib import import_module

import click

_VERBS = {
    "area": "nexpo.cli.design_area",
    "cost": "nexpo.cli.design_cost",
    "validate": "nexpo.cli.design_validate",
    "compare": "nexpo.cli.design_compare",
    "region": "nexpo.cli.design_region",
    "steiner": "nexpo.cli.design_steiner",
}


class _Verbs(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _VERBS:
            return None
        found = import_module(_VERBS[cmd_name]).command
        return found if isinstance(found, click.Command) else None


@click.group(cls=_Verbs)
def command() -> None:
    """Design a network: trenches, cables, splitters, radio; what it costs; the gap to the best.

    `nexpo design area` makes one; `cost`, `validate` and `compare` work on what it wrote.
    `nexpo design steiner` is the solver under it, for files of the public collections.
    """
