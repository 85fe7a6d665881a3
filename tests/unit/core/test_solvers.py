"""What native code prints does not stand in a JSON answer."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

from nexpo.core.solvers import native_output_aside

_PRINTS = """
import ctypes
from nexpo.core.solvers import native_output_aside
native = ctypes.CDLL(None)
print("before")
with native_output_aside():
    native.puts(b"of itself")
print("after")
"""


def test_what_native_code_prints_goes_to_standard_error() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PRINTS], capture_output=True, text=True, check=True
    )
    assert done.stdout == "before\nafter\n"
    assert done.stderr == "of itself\n"


def test_output_comes_back_when_the_work_fails(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError), native_output_aside():
        raise ZeroDivisionError
    ctypes.CDLL(None).puts(b"again")
    ctypes.CDLL(None).fflush(None)
    assert capfd.readouterr().out == "again\n"
