"""How the command line ends: exit code, the words for a person, the object for a program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import click
import pytest

from nexpo.cli import main
from nexpo.cli.failure import emit, exit_code_of
from nexpo.core.problem import Kind, Problem, Where

Capture = pytest.CaptureFixture[str]
WRONG = Problem(Kind.BAD_INPUT, "no", where=Where("a.csv", 7, "istat"), value="x", remedy="mend it")


@pytest.fixture(autouse=True)
def not_a_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEXPO_DEBUG", raising=False)


def ending(body: Callable[[], object], *arguments: str) -> int:
    @click.command()
    @click.option("--json", "as_json", is_flag=True)
    def command(*, as_json: bool) -> object:
        return body()

    return exit_code_of(command, list(arguments))


def raising(error: BaseException) -> Callable[[], object]:
    def body() -> object:
        raise error

    return body


@pytest.mark.parametrize("kind", list(Kind))
def test_a_problem_ends_with_the_code_of_its_kind(kind: Kind, capsys: Capture) -> None:
    assert ending(raising(Problem(kind, "no"))) == kind.exit_code
    assert capsys.readouterr() == ("", "error: no\n")


def test_a_problem_is_a_few_lines_for_a_person(capsys: Capture) -> None:
    assert ending(raising(WRONG)) == 65
    assert capsys.readouterr().err.splitlines() == [
        "error: no",
        "  where:  a.csv, row 7, column istat",
        "  value:  'x'",
        "  remedy: mend it",
    ]


def test_a_problem_is_problem_json_for_a_program(capsys: Capture) -> None:
    assert ending(raising(WRONG), "--json") == 65
    out, err = capsys.readouterr()
    assert (json.loads(out), err) == (WRONG.as_dict(), "")


@pytest.mark.parametrize(("value", "code"), [(None, 0), (0, 0), (3, 3), ("text", 0)])
def test_a_command_may_return_its_code(value: object, code: int) -> None:
    assert ending(lambda: value) == code


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interrupt_gives_130_and_a_reassurance(error: BaseException, capsys: Capture) -> None:
    assert ending(raising(error)) == 130
    assert "the last good result stands" in capsys.readouterr().err


@pytest.mark.parametrize("error", [ValueError("odd"), EOFError("odd"), OSError("odd")])
def test_an_unforeseen_error_shows_no_stack_trace(error: Exception, capsys: Capture) -> None:
    assert ending(raising(error)) == 70
    out, err = capsys.readouterr()
    assert f"did not foresee: {type(error).__name__}: odd" in err
    assert "NEXPO_DEBUG=1" in err
    assert "Traceback" not in out + err


def test_an_unforeseen_error_is_problem_json_too(capsys: Capture) -> None:
    assert ending(raising(ValueError("odd")), "--json") == 70
    assert json.loads(capsys.readouterr().out)["status"] == 500


@pytest.mark.parametrize("error", [ValueError("odd"), EOFError("odd")])
def test_a_developer_gets_the_error_itself(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXPO_DEBUG", "1")
    with pytest.raises(type(error), match="odd"):
        ending(raising(error))


def test_a_developer_gets_a_problem_as_all_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXPO_DEBUG", "1")
    assert ending(raising(WRONG)) == 65


def test_a_request_that_cannot_be_understood_is_usage(capsys: Capture) -> None:
    assert ending(lambda: None, "--none") == 64
    assert "No such option" in capsys.readouterr().err


def test_usage_is_problem_json_too(capsys: Capture) -> None:
    assert ending(lambda: None, "--json", "--none") == 64
    out, err = capsys.readouterr()
    assert json.loads(out)["type"].endswith("/usage")
    assert not err


def test_an_exit_of_the_command_itself_passes() -> None:
    with pytest.raises(SystemExit, match="5"):
        ending(raising(SystemExit(5)))


def test_an_unknown_noun_is_usage(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["nowhere"])
    assert ended.value.code == 64
    assert "nowhere" in capsys.readouterr().err


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_succeed(argument: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        main([argument])
    assert ended.value.code == 0
    assert "nexpo" in capsys.readouterr().out


def test_json_keeps_the_order_and_the_accents(capsys: Capture) -> None:
    emit({"b": "Forlì", "a": 1})
    assert capsys.readouterr().out == '{\n "b": "Forlì",\n "a": 1\n}\n'


def test_a_reader_that_goes_away_is_no_failure() -> None:
    program = (
        "import sys, click\n"
        "from nexpo.cli.failure import exit_code_of\n"
        "@click.command()\n"
        "def command():\n"
        "    for _ in range(100_000):\n"
        "        click.echo('x' * 100)\n"
        "sys.exit(exit_code_of(command, []))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"x" * 100 + b"\n"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0


def interrupted(program: str, *, times: int = 1) -> tuple[int, str]:
    """Run a program, interrupt it when it says that it is ready; return code and stderr."""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        for _ in range(times):
            os.kill(process.pid, signal.SIGINT)
            time.sleep(0.05)
        _, err = process.communicate(timeout=60)
        return process.returncode, "".join(
            line for line in err.splitlines(keepends=True) if line.strip()
        )


COMMAND = """
import sys, time, click
from nexpo import cli
from nexpo.cli import commands

@click.command()
def command():
    {body}

commands.group.add_command(command, "wait")
commands.LazyGroup.get_command = lambda self, ctx, name: command
cli.main(["wait", "--json"][:1])
"""
SAID = "interrupted: nothing was half-written, the last good result stands\n"


@pytest.mark.parametrize("error", ["RuntimeError('Query interrupted')", "BaseException('panic')"])
def test_an_interrupt_that_a_library_made_an_error_of_is_an_interrupt(error: str) -> None:
    body = f"""try:
        print("ready", flush=True); time.sleep(60)
    except KeyboardInterrupt:
        raise {error} from None"""
    assert interrupted(COMMAND.format(body=body)) == (130, SAID)


def test_a_second_interrupt_does_not_disturb_the_clearing_up() -> None:
    body = """try:
        print("ready", flush=True); time.sleep(60)
    finally:
        time.sleep(0.5)
        sys.stderr.write("cleared up\\n")"""
    assert interrupted(COMMAND.format(body=body), times=5) == (130, "cleared up\n" + SAID)


def test_an_interrupt_while_the_commands_are_imported_is_told_in_words() -> None:
    program = """
import sys, time

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "click":
            print("ready", flush=True); time.sleep(60)

from nexpo import cli
sys.meta_path.insert(0, Slow())
cli.main(["--help"])
"""
    assert interrupted(program) == (130, SAID)


def test_a_query_that_is_interrupted_ends_as_an_interrupt() -> None:
    body = """import duckdb
    print("ready", flush=True)
    duckdb.sql("SELECT count(*) FROM range(4000000000) a, range(1000) b WHERE a.range % 7 = "
               "b.range % 5").fetchall()"""
    assert interrupted(COMMAND.format(body=body)) == (130, SAID)
