"""The folder of an assignment of heat: page, map, tables, evidence; whole or not at all."""

from __future__ import annotations

from pathlib import Path

from nexpo.build import tables
from nexpo.build.datacentres.heat import Reused, flow_rows, ledger_of, plain, site_rows
from nexpo.build.datacentres.heat_page import map_of, render
from nexpo.build.design.map import write_png
from nexpo.build.folders import refuse_foreign
from nexpo.core.files import atomic_directory, check_parent, write_json, write_text
from nexpo.core.rocrate import Description, write_crate

FIGURES, PAGE = "figures.jsonl", "index.html"
FLOWS = ("level", "site", "user", "user_name", "km", "handed_mwh", "delivered_mwh", "pump_mwh")
_INTERNAL = "for internal use: derived from data that may not be redistributed; do not publish"


def write(reused: Reused, out: Path) -> tuple[str, ...]:
    """Write the page, its map, tables and evidence as a folder; return its files.

    Raises
    ------
    Problem
        ``CANNOT_WRITE`` when the folder holds something that is not ours to replace.
    """
    check_parent(out)
    refuse_foreign(out, "holds something else", "heat*.json")
    mark = ".synthetic" if reused.synthetic else ""
    ledger = ledger_of(reused)
    with atomic_directory(out) as folder:
        _tables(reused, folder, mark)
        drawing = map_of(reused)
        write_png(drawing, folder / f"map{mark}.png", zoom=1)
        ledger.write(folder / FIGURES)
        write_text(folder / PAGE, render(reused, ledger, drawing, mark))
        write_crate(folder, _description(reused), ledger.inputs())
        return tuple(sorted(path.name for path in folder.iterdir()))


def _tables(reused: Reused, folder: Path, mark: str) -> None:
    tables.write_csv(flow_rows(reused), FLOWS, folder / f"flows{mark}.csv")
    rows = list(site_rows(reused))
    tables.write_csv(rows, list(rows[0]) if rows else ("id",), folder / f"sites{mark}.csv")
    sources = tables.source_rows(reused.inputs)
    tables.write_csv(sources, tables.SOURCE_COLUMNS, folder / "sources.csv")
    write_json(folder / f"heat{mark}.json", plain(reused))


def _description(reused: Reused) -> Description:
    closed = any(not item.redistributable for item in reused.inputs)
    return Description(
        name=f"Nexpo heat: {reused.ground.region.name}, {reused.wish.on}",
        text="Waste heat of data centres matched to users of heat, each figure with its derivation"
        + (f"; {_INTERNAL}" if closed else ""),
        licence=_INTERNAL if closed else "https://eupl.eu/1.2/en/",
        published=reused.wish.on,
    )
