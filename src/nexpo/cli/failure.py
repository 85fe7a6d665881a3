"""How the command line ends: results to stdout, problems to stderr, codes to the shell."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import click

from nexpo.cli import interrupt
from nexpo.core.problem import Kind, Problem


def emit(value: Any) -> None:
    """Print a result as JSON, one object, keys in the order they were made."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def exit_code_of(command: click.Command, arguments: list[str] | None) -> int:
    """Run a command and return the exit code; never show a stack trace.

    ``--json`` anywhere in the arguments makes a problem come as problem+json.
    ``NEXPO_DEBUG=1`` lets the stack trace through, for developers.
    """
    given = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in given
    stdout = sys.stdout
    try:
        result = command.main(given, prog_name="nexpo", standalone_mode=False)
    except SystemExit:
        if sys.stdout is stdout:
            raise
        return 0  # click put a stream in its place: the reader of the pipe went away
    except BaseException as error:  # noqa: BLE001 - the last place before a stack trace
        return _interrupted() if interrupt.pressed() else _ended_by(error, as_json=as_json)
    return result if isinstance(result, int) else 0


def _ended_by(error: BaseException, *, as_json: bool) -> int:
    """Tell an error and return its code; what no program can answer goes on upwards."""
    match error:
        case click.exceptions.Abort(__cause__=EOFError() as cause):
            return _unforeseen(cause, as_json=as_json)  # click takes it for the keyboard's end
        case click.exceptions.Abort() | KeyboardInterrupt():
            return _interrupted()
        case click.ClickException():
            return _usage(error, as_json=as_json)
        case Problem():
            return _say(error, as_json=as_json)
        case Exception():
            return _unforeseen(error, as_json=as_json)
    raise error


def _interrupted() -> int:
    click.echo(interrupt.MESSAGE, err=True)
    return interrupt.EXIT_CODE


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
