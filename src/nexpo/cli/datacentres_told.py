"""How facilities, sums and balances of the register are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nexpo.datacentres.actions import Imported
    from nexpo.datacentres.adapters.rows import Reject
    from nexpo.datacentres.model import Facility, Total
    from nexpo.datacentres.reconcile import Balance


def facility_row(facility: Facility, on: date) -> dict[str, Any]:
    """Return a facility as JSON, with its stage on a day."""
    from nexpo.datacentres.ports import plain

    stage = facility.stage_on(on)
    row: dict[str, Any] = plain(facility)
    return row | {"stage": stage.value if stage else None}


def import_told(
    file: Path, done: Imported, bad: Sequence[Reject], notes: Sequence[str], kept: Path
) -> tuple[dict[str, Any], list[str]]:
    """Return what an import did, as JSON and as lines; ``kept`` holds the refused rows."""
    told: dict[str, Any] = {
        "added": len(done.added),
        "changed": len(done.changed),
        "unchanged": len(done.unchanged),
        "rejected": len({each.row for each in bad}),
        "rejects": str(kept) if bad else None,
        "notes": list(notes),
    }
    counts = ", ".join(f"{told[name]} {name}" for name in ("added", "changed", "unchanged"))
    lines = [f"{file.name}: {counts}, {told['rejected']} rows rejected"]
    lines += [f"  note: {note}" for note in notes]
    lines += [
        f"  row {each.row}: {each.reason} ({each.value!r}); {each.remedy}" for each in bad[:5]
    ]
    return told, [*lines, f"  rejected rows: {kept}"] if bad else lines


def total_told(total: Total) -> str:
    """Return a sum with how many of its parts are known and unknown."""
    value = "unknown" if total.value is None else f"{total.value:,.0f}"
    return f"{value} ({total.known} known, {total.unknown} unknown)"


def flat(value: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the plain values of a facility by name, for people; its sources left out."""
    for name, each in value.items():
        if isinstance(each, dict) and name in {"place", "power"}:
            yield from flat(each)
        elif name == "milestones":
            yield f"{before}{name}", ", ".join(_reached(step) for step in each)
        elif name not in {"source", "sources"}:
            yield f"{before}{name}", _for_people(each)


def _reached(step: dict[str, Any]) -> str:
    if step["day"]:
        return f"{step['stage']} from {step['day']}"
    seen = f"seen on {step['seen']}" if step["seen"] else "seen on an unknown day"
    return f"{step['stage']} ({seen}; since when is unknown)"


def _for_people(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(str(each) for each in value) if isinstance(value, list) else value


def balance_row(each: Balance) -> dict[str, Any]:
    """Return a balance as JSON."""
    from nexpo.datacentres.ports import plain

    power = {kind.value: _counted(counted) for kind, counted in each.power.items()}
    return {
        "municipality": each.municipality,
        "facilities": each.facilities,
        "records": each.records,
        "power": power,
        "reported_kw": plain(each.reported),
        "requested_of_grid_kw": _counted(each.requested),
        "reported_share": each.reported_share,
        "requested_share": each.requested_share,
    }


def _counted(counted: Any) -> dict[str, Any]:
    from nexpo.datacentres.ports import plain

    return {**plain(counted), "double_counted": counted.double_counted}


def balance_lines(each: Balance) -> Iterator[str]:
    """Yield a balance as lines of text, what is unknown everywhere left out."""
    yield f"{each.municipality or 'no place'}: {each.facilities} facilities, {each.records} records"
    for kind, counted in each.power.items():
        if counted.gross.known:
            yield f"  {f'registered {kind}':<28} {total_told(counted.net)}{_extra(counted)}"
    if each.reported.known or each.reported.unknown:
        yield f"  {'reported installed_it_kw':<28} {total_told(each.reported)}"
    if each.requested.gross.known or each.requested.gross.unknown:
        told = f"{total_told(each.requested.net)}{_extra(each.requested)}"
        yield f"  {'requested of the grid, kW':<28} {told}"


def _extra(counted: Any) -> str:
    added = counted.double_counted
    return f"; double counting would add {added:,.0f}" if added else ""
