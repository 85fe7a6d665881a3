"""The command line: what starts it, and ends it in words even when it is hardly there.

Nothing is imported at the head, so that a ctrl-C is told in words from the first moment
on that is ours. The commands are in :mod:`nexpo.cli.commands`.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as in typing, whose import takes too long here
if TYPE_CHECKING:
    from nexpo.cli.commands import group

__all__ = ["group", "main"]

_INTERRUPTED = "interrupted: nothing was half-written, the last good result stands\n"


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; problems become a few lines and an exit code."""
    try:
        code = _run(arguments)
    except KeyboardInterrupt:
        sys.stderr.write(_INTERRUPTED)
        code = 130
    sys.exit(code)


def _run(arguments: list[str] | None) -> int:
    from nexpo.cli import interrupt

    with interrupt.watching():
        try:
            from nexpo.cli.commands import group
            from nexpo.cli.failure import exit_code_of

            return exit_code_of(group, arguments)
        except BaseException:  # an import, broken off, may end in any error
            if not interrupt.pressed():
                raise
        raise KeyboardInterrupt


def __getattr__(name: str) -> object:
    """Import the group of commands when it is asked for."""
    if name != "group":
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from nexpo.cli.commands import group

    return group
