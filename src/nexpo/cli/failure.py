"""How the command line ends: results to stdout, problems to stderr, codes to the shell."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import click

from nexpo.core.problem import Kind, Problem

_INTERRUPTED = 130


def emit(value: Any) -> None:
    """Print a result as JSON, one object, keys in the order they were made."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def exit_code_of(  # noqa: PLR0911 - each way to end has its own code
    command: click.Command, arguments: list[str] | None
) -> int:
    """Run a command and return the exit code; never show a stack trace.

    ``--json`` anywhere in the arguments makes a problem come as problem+json.
    ``NEXPO_DEBUG=1`` lets the stack trace through, for developers.
    """
    given = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in given
    stdout = sys.stdout
    try:
        result = command.main(given, prog_name="nexpo", standalone_mode=False)
    except click.exceptions.Abort as abort:
        if isinstance(abort.__cause__, EOFError):  # click takes it for the end of the keyboard
            return _unforeseen(abort.__cause__, as_json=as_json)
        return _interrupted()
    except click.ClickException as error:
        return _usage(error, as_json=as_json)
    except KeyboardInterrupt:
        return _interrupted()
    except SystemExit:
        if sys.stdout is stdout:
            raise
        return 0  # click put a stream in its place: the reader of the pipe went away
    except Problem as problem:
        return _say(problem, as_json=as_json)
    except Exception as error:  # noqa: BLE001 - the last place before a stack trace
        return _unforeseen(error, as_json=as_json)
    return result if isinstance(result, int) else 0


def _interrupted() -> int:
    click.echo("interrupted: nothing was half-written, the last good result stands", err=True)
    return _INTERRUPTED


def _usage(error: click.ClickException, *, as_json: bool) -> int:
    if as_json:
        return _say(Problem(Kind.USAGE, error.format_message()), as_json=True)
    error.show()
    return Kind.USAGE.exit_code


def _unforeseen(error: Exception, *, as_json: bool) -> int:
    if os.environ.get("NEXPO_DEBUG"):
        raise error
    problem = Problem(
        Kind.INTERNAL,
        f"an error that Nexpo did not foresee: {type(error).__name__}: {error}",
        remedy="run again with NEXPO_DEBUG=1 and report what it prints",
    )
    return _say(problem, as_json=as_json)


def _say(problem: Problem, *, as_json: bool) -> int:
    if as_json:
        emit(problem.as_dict())
    else:
        click.echo(f"error: {problem}", err=True)
    return problem.kind.exit_code
