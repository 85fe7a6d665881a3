"""The reference cannot rot: these fail when code and docs/reference part ways."""

from __future__ import annotations

import subprocess
import sys

from tools import make_reference


def test_every_command_option_and_setting_has_help() -> None:
    assert make_reference.undocumented() == []


def test_the_reference_is_what_the_code_says() -> None:
    # In a process of its own: click keeps the names of --help of whoever asked a command first,
    # and a test that runs a verb alone asks otherwise than the command line does.
    check = [sys.executable, "-m", "tools.make_reference", "--check"]
    done = subprocess.run(
        check, capture_output=True, text=True, check=False, cwd=make_reference.ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr
