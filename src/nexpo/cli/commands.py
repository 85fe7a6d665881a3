"""The group of all nouns: one thin module a noun, loaded only when it is called."""

from __future__ import annotations

from importlib import import_module

import click

from nexpo import __version__

_NOUNS = {
    "build": "Build a region: from its data to a folder of results and a dossier page.",
    "claims": "Hold the public statements made about a region against figures.",
    "coverage": "Classify addresses from operators' declarations under a dated rule.",
    "data": "List, fetch and check the public data that Nexpo reads.",
    "datacentres": "Keep, judge and site data centres: register, reports, rules, screening.",
    "design": "Design networks: trenches, cables, radio, costs, and the gap to the best.",
    "explain": "Print the arithmetic behind a figure of a build, down to its inputs.",
    "impact": "Tell what an investment brings in output, GDP and jobs, and how much stays.",
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the nouns in alphabetical order."""
        del ctx
        return sorted(_NOUNS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a noun and return its command."""
        del ctx
        if cmd_name not in _NOUNS:
            return None
        command = import_module(f"nexpo.cli.{cmd_name}").command
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of nouns without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_NOUNS.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with:  nexpo build lombardia      Then:  nexpo explain uncovered.total",
)
@click.version_option(__version__, prog_name="nexpo")
def group() -> None:
    """Plan, fund, build and account for a region's digital transition.

    Every figure carries its derivation: what it was computed from, under which rule,
    from which file.
    """
