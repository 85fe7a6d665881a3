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


def exit_code_of(command: click.Command, arguments: list[str] | None) -> int:
    """Run a command and return the exit code; never show a stack trace.

    ``--json`` anywhere in the arguments makes a problem come as problem+json.
    ``NEXPO_DEBUG=1`` lets the stack trace through, for developers.
    """
    given = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in given
    try:
        result = command.main(given, prog_name="nexpo", standalone_mode=False)
    except click.exceptions.Abort:
        return _interrupted()
    except click.ClickException as error:
        return _usage(error, as_json=as_json)
    except KeyboardInterrupt:
        return _interrupted()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Problem as problem:
        return _say(problem, as_json=as_json)
    except Exception as error:
        if os.environ.get("NEXPO_DEBUG"):
            raise
        return _say(_unforeseen(error), as_json=as_json)
    return result if isinstance(result, int) else 0


def _interrupted() -> int:
    click.echo("interrupted: nothing was half-written, the last good result stands", err=True)
    return _INTERRUPTED


def _usage(error: click.ClickException, *, as_json: bool) -> int:
    if as_json:
        return _say(Problem(Kind.USAGE, error.format_message()), as_json=True)
    error.show()
    return Kind.USAGE.exit_code


def _unforeseen(error: Exception) -> Problem:
    return Problem(
        Kind.INTERNAL,
        f"an error that Nexpo did not foresee: {type(error).__name__}: {error}",
        remedy="run again with NEXPO_DEBUG=1 and report what it prints",
    )


def _say(problem: Problem, *, as_json: bool) -> int:
    if as_json:
        emit(problem.as_dict())
    else:
        click.echo(f"error: {problem}", err=True)
    return problem.kind.exit_code
