"""Spending mixes: how what is spent on a product is spread over sectors, as files state it."""

from __future__ import annotations

from collections.abc import Mapping
from math import fsum, isfinite
from typing import Any

from nexpo.core.problem import Where, bad_input
from nexpo.impact.model import Mix

_CLOSE = 1e-6


def mixes_of(value: object, place: str) -> tuple[Mix, ...]:
    """Read spending mixes: product, then alternatives, then shares by sector.

    Raises
    ------
    Problem
        Naming product and alternative: shares that do not sum to 1, two defaults.
    """
    found = [
        _mix(product, name, entry, f"mixes.{product}.{name}", place)
        for product, alternatives in _mapping(value, "mixes", place).items()
        for name, entry in _mapping(alternatives, f"mixes.{product}", place).items()
    ]
    for product in {mix.product for mix in found}:
        if sum(mix.default for mix in found if mix.product == product) > 1:
            raise bad_input(
                "a product has one default mix",
                where=Where(place, column=f"mixes.{product}"),
                remedy="write default: true at one alternative only",
            )
    return tuple(found)


def _mix(product: str, name: object, entry: object, column: str, place: str) -> Mix:
    fields = _mapping(entry, column, place)
    shares = {
        str(code): _mix_share(value, f"{column}.shares.{code}", place)
        for code, value in _mapping(fields.get("shares"), f"{column}.shares", place).items()
    }
    total = fsum(shares.values())
    if abs(total - 1) > _CLOSE:
        raise bad_input(
            f"the shares of the mix do not sum to 1 but to {total:g}",
            where=Where(place, column=f"{column}.shares"),
            value=total,
            remedy="write each share from 0 to 1, all together 1",
        )
    return Mix(
        product,
        str(name),
        tuple((code, share / total) for code, share in shares.items()),
        title=str(fields.get("title") or ""),
        source=str(fields.get("source") or ""),
        assumption=bool(fields.get("assumption", True)),
        default=bool(fields.get("default", False)),
    )


def _mix_share(value: object, column: str, place: str) -> float:
    share = number_of(value)
    if share is None or share < 0:
        raise bad_input(
            "a share is a number from 0 to 1",
            where=Where(place, column=column),
            value=value,
            remedy="write 0.25 for a quarter",
        )
    return share


def _mapping(value: object, column: str, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise bad_input(
            "a mapping of keys is expected", where=Where(place, column=column), value=value
        )
    return {str(key): entry for key, entry in value.items()}


def number_of(value: object) -> float | None:
    """Return a finite number, or None where the value is none."""
    if isinstance(value, bool):
        return None
    try:
        found = float(str(value))
    except ValueError:
        return None
    return found if isfinite(found) else None
