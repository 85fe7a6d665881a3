"""Progress: lines in a log, a bar on a terminal, silence on request."""

from __future__ import annotations

import io
import sys

import pytest

from nexpo.core.progress import Progress, reporting


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def work(progress: Progress) -> None:
    progress.advance(1, None, "rows")  # before any step
    progress.step("reading")
    progress.advance(1_000, 2_000, "rows")
    progress.advance(2_000, None, "rows")
    progress.step("writing")


def test_a_log_gets_one_line_a_step() -> None:
    stream = io.StringIO()
    with reporting(stream=stream) as progress:
        work(progress)
    assert stream.getvalue() == "- reading\n- writing\n"


def test_a_terminal_gets_a_bar_with_both_steps() -> None:
    stream = Terminal()
    with reporting(stream=stream) as progress:
        work(progress)
    assert "reading" in stream.getvalue()
    assert "writing" in stream.getvalue()
    assert "2,000" in stream.getvalue()


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_quiet_is_silent(stream: io.StringIO) -> None:
    with reporting(quiet=True, stream=stream) as progress:
        work(progress)
    assert not stream.getvalue()


def test_progress_goes_to_the_error_stream(capsys: pytest.CaptureFixture[str]) -> None:
    assert not sys.stderr.isatty()
    with reporting() as progress:
        work(progress)
    assert capsys.readouterr() == ("", "- reading\n- writing\n")
