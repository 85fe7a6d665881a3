"""A group of verbs under a noun, each imported only when it is called."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class Verbs(click.Group):
    """A group whose commands are modules of this package, imported when they are asked for.

    Parameters
    ----------
    verbs
        Module by verb, in the order in which help lists them; each has a ``command``.
    **settings
        Passed to :class:`click.Group`.
    """

    def __init__(self, *, verbs: Mapping[str, str], **settings: Any) -> None:
        super().__init__(**settings)
        self._verbs = dict(verbs)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in their order."""
        del ctx
        return list(self._verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a verb and return its command."""
        del ctx
        if cmd_name not in self._verbs:
            return None
        found = import_module(self._verbs[cmd_name]).command
        return found if isinstance(found, click.Command) else None
