"""Reading ``parameters/design/radio.yaml`` into bands and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from nexpo.connectivity.design.wireless.model import Band, Mode, Radio, Rules
from nexpo.core import parameters
from nexpo.core.problem import Kind, Problem, Where

NAME = "design/radio"


def load_radio(day: date, *, root: Path | None = None) -> Radio:
    """Return the radio parameters in force on a day.

    Examples
    --------
    >>> load_radio(date(2026, 1, 1)).band("28ghz").frequency_ghz
    28.0

    Raises
    ------
    Problem
        ``CONFIG`` when a key is missing, unknown, or its value out of range.
    """
    value = parameters.get(NAME, root=root).on(day)
    _keys(value, {"bands", "modes", "rules"}, "value")
    modes = {name: _modes(ladder, name) for name, ladder in value["modes"].items()}
    bands = {name: _band(name, entry, modes) for name, entry in value["bands"].items()}
    _keys(value["rules"], {each.name for each in fields(Rules)}, "rules")
    return Radio(bands, Rules(**value["rules"]))


def _modes(ladder: list[list[float]], name: str) -> tuple[Mode, ...]:
    try:
        return tuple(Mode(float(snr), float(bits)) for snr, bits in ladder)
    except (TypeError, ValueError):
        raise _config("a mode is a pair: SNR in dB, bits a second a hertz", name, ladder) from None


def _band(name: str, entry: Mapping[str, Any], modes: Mapping[str, tuple[Mode, ...]]) -> Band:
    wanted = {each.name for each in fields(Band)} - {"name"}
    _keys(entry, wanted, f"bands.{name}")
    if entry["modes"] not in modes:
        raise _config("no such table of modes", f"bands.{name}.modes", entry["modes"])
    return Band(name=name, **{**entry, "modes": modes[entry["modes"]]})


def _keys(entry: Mapping[str, Any], wanted: set[str], place: str) -> None:
    missing, unknown = sorted(wanted - set(entry)), sorted(set(entry) - wanted)
    if missing or unknown:
        raise _config(f"keys missing: {missing}, unknown: {unknown}", place, sorted(entry))


def _config(detail: str, column: str, value: object) -> Problem:
    return Problem(
        Kind.CONFIG,
        detail,
        where=Where(f"parameters/{NAME}.yaml", column=column),
        value=value,
        remedy="compare with the file as delivered",
    )
