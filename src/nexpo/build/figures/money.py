"""Figures of programme money."""

from __future__ import annotations

from nexpo.build.figures.entry import Entry
from nexpo.build.model import Amounts, Money
from nexpo.core.evidence import Figure, Input


def enter_programme(money: Money, region: Entry) -> None:
    """Enter what the programmes were given and have paid."""
    key = f"programme.{money.programme.key}"
    named = f"projects whose title names the region; {money.programme.measure}"
    _amounts(
        region,
        key,
        f"{money.programme.name}, lots naming the region",
        named,
        money.here,
        money.inputs,
    )
    every = f"all projects in the file; {money.programme.measure}"
    _amounts(
        region,
        f"{key}.all",
        f"{money.programme.name}, all projects in the file",
        every,
        money.all,
        money.inputs,
    )


def _amounts(
    region: Entry, key: str, title: str, query: str, sums: Amounts, inputs: tuple[Input, ...]
) -> None:
    region.observe(
        f"{key}.projects",
        f"{title}: projects",
        sums.projects,
        "project",
        "nexpo.sources.pnrr",
        query=query,
        inputs=inputs,
    )
    amounts = {"total": sums.total, "pnrr": sums.pnrr, "paid": sums.paid}
    euros = {
        name: _euros(region, f"{key}.{name}", f"{title}: {name}", cents, query, inputs)
        for name, cents in amounts.items()
    }
    region.derive(
        f"{key}.share_paid",
        f"{title}: share paid",
        "%",
        "ratio",
        "100 * paid / total",
        {"paid": euros["paid"], "total": euros["total"]},
    )


def _euros(
    region: Entry, key: str, title: str, cents: int, query: str, inputs: tuple[Input, ...]
) -> Figure:
    counted = region.observe(
        f"{key}_cents",
        f"{title}, in cents",
        cents,
        "cent",
        "nexpo.sources.pnrr",
        query=query,
        inputs=inputs,
    )
    return region.derive(key, title, "EUR", "whole cents", "cents / 100", {"cents": counted})
