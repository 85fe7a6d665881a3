"""The reference cannot rot: these fail when code and docs/reference part ways."""

from __future__ import annotations

from tools import make_reference


def test_every_command_option_and_setting_has_help() -> None:
    assert make_reference.undocumented() == []


def test_the_reference_is_what_the_code_says() -> None:
    stale = make_reference.stale(make_reference.REFERENCE, make_reference.pages())
    assert stale == [], "run `make docs`"
