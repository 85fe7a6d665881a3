"""Ctrl-C: noted once, obeyed at once, and not allowed to disturb the clearing up.

Libraries turn an interrupt into errors of their own (DuckDB: ``RuntimeError: Query
interrupted``). That the key was pressed is therefore noted here, and whatever error then
ends the command is told as an interrupt.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from time import monotonic
from types import FrameType

EXIT_CODE = 130
MESSAGE = "interrupted: nothing was half-written, the last good result stands"

_CLEARING_UP_S = 2.0  # a second ctrl-C within this time is the same one, pressed twice


class _Key:
    """The handler of SIGINT."""

    def __init__(self) -> None:
        self.pressed_at: float | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        now = monotonic()
        if self.pressed_at is not None and now - self.pressed_at < _CLEARING_UP_S:
            return
        self.pressed_at = now
        raise KeyboardInterrupt


_key = _Key()


def pressed() -> bool:
    """Say whether ctrl-C was pressed since the watch began."""
    return _key.pressed_at is not None


@contextmanager
def watching() -> Iterator[None]:
    """Watch for ctrl-C; after one, none is heard any more while the program ends.

    Nothing is changed outside the main thread, or where the shell has SIGINT ignored
    (a command in the background).
    """
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN or current_thread() is not main_thread():
        yield
        return
    _key.pressed_at = None
    signal.signal(signal.SIGINT, _key)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN if pressed() else before)
