"""Options that the verbs of screening, sites and heat share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Command = Callable[..., Any]
Option = Callable[[Command], Command]

FILE = click.Path(path_type=Path, dir_okay=False)
RESOLUTION = click.option(
    "--resolution",
    type=click.Choice(["100", "25"]),
    default="100",
    show_default=True,
    help="Metres a cell.",
)
WEIGHTS = click.option(
    "--weights", type=FILE, help="YAML, a line a criterion, over the plan's weights."
)
SEED = click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="Of what is drawn: stand-ins, weights.",
)
QUIET = click.option("--quiet", is_flag=True, help="Show no progress.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON; no progress.")


def ranking(told: str) -> Option:
    """Return the option for the method that ranks cells."""
    return click.option(
        "--method",
        type=click.Choice(["saw", "topsis", "promethee2"]),
        default="topsis",
        show_default=True,
        help=told,
    )


def draws(number: int) -> Option:
    """Return the option for how often weights are drawn, so many times by default."""
    return click.option(
        "--draws",
        type=click.IntRange(min=0),
        default=number,
        show_default=True,
        help="Draws of weights for the robustness; 0 for none.",
    )


def day_of(told: str) -> Option:
    """Return the option for the day whose places, rules and parameters hold."""
    return click.option("--date", "day", metavar="YYYY-MM-DD", help=told)
