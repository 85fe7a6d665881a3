"""Progress of long work: a bar on a terminal, plain lines elsewhere, silence on request."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, Self, TextIO

if TYPE_CHECKING:
    from rich.progress import TaskID


class Progress(Protocol):
    """What long work calls as it goes on."""

    def step(self, name: str) -> None:
        """Begin a named step."""
        ...

    def advance(self, done: int, total: int | None, unit: str) -> None:
        """Say how far the step has come."""
        ...


class Silent:
    """No output at all: for libraries, tests and ``--json``."""

    def step(self, name: str) -> None:
        """Begin a step, quietly."""

    def advance(self, done: int, total: int | None, unit: str) -> None:
        """Go on, quietly."""


class Lines:
    """One line a step, for logs and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def step(self, name: str) -> None:
        """Print the step's name."""
        print(f"- {name}", file=self._stream, flush=True)

    def advance(self, done: int, total: int | None, unit: str) -> None:
        """Keep a log short: say nothing between steps."""


class Bar:
    """A live bar on a terminal."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress

        self._bar = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[count]}"),
            TimeElapsedColumn(),
            console=Console(file=stream),
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._finish()
        self._bar.stop()

    def step(self, name: str) -> None:
        """Close the last step's bar and open one for this step."""
        self._finish()
        self._task = self._bar.add_task(name, total=None, count="")

    def advance(self, done: int, total: int | None, unit: str) -> None:
        """Move the bar of the step."""
        if self._task is not None:
            of = f"/{total:,}" if total else ""
            self._bar.update(self._task, completed=done, total=total, count=f"{done:,}{of} {unit}")

    def _finish(self) -> None:
        if self._task is not None:
            self._bar.update(self._task, total=1, completed=1)


@contextmanager
def reporting(*, quiet: bool = False, stream: TextIO | None = None) -> Iterator[Progress]:
    """Yield the progress that fits the stream: bar, lines or silence."""
    target = stream or sys.stderr
    if quiet:
        yield Silent()
    elif target.isatty():
        with Bar(target) as bar:
            yield bar
    else:
        yield Lines(target)
