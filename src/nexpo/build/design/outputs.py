"""All files of a design: layers, map, bill, tables, reports, evidence.

======================  =======================================================
``index.html``          the summary: one page, no server, no script, for paper too
``validation.html``     each rule of the validation report; ``.json`` the same
``map.svg``, ``.png``   the map
``design.gpkg``         every layer in one GeoPackage
``layers/``             each as GeoParquet and GeoJSON; streets as GeoParquet
``bill.xlsx``, ``.csv``  bill of materials of fibre; ``bill-wireless`` of wireless
``premises.csv``        every address with its path and budget
``quantities.csv``      what is needed, by item, to be priced again
``sources.csv``         what was read, with licence and hash
``figures.jsonl``       the evidence; ``ro-crate-metadata.json`` the crate
``meta.json``           request, rules, totals: what :mod:`.reading` needs
======================  =======================================================

What is written is checked against the design before the folder is whole: metres, cents and
addresses of the tables are those of the bill and of the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nexpo import __version__
from nexpo.build.design.codec import encode
from nexpo.build.design.formats import write_geojson, write_geopackage, write_geoparquet
from nexpo.build.design.layers import Layer, layers, network
from nexpo.build.design.map import draw, write_png
from nexpo.build.design.model import AreaDesign, Cost
from nexpo.build.design.reading import LAYERS, META, QUANTITIES
from nexpo.build.design.report import Page, render, render_validation
from nexpo.build.tables import SOURCE_COLUMNS, source_rows, write_csv
from nexpo.connectivity.design.adapters.bill_files import write_bill_csv, write_bill_xlsx
from nexpo.connectivity.design.fibre import quantities
from nexpo.connectivity.design.money import LEVELS, thousandths
from nexpo.core.files import write_json, write_text
from nexpo.core.problem import Kind, Problem
from nexpo.core.rocrate import Description, write_crate

if TYPE_CHECKING:
    import polars as pl

DESIGN_PAGE = "index.html"
_FORMAT = 1
_HALF_A_THOUSANDTH = 0.000_501
"""A bill counts in thousandths."""


def write_design(design: AreaDesign, folder: Path) -> list[Path]:
    """Write all files of a design into a folder, and return them, sorted.

    Parameters
    ----------
    folder
        Stands already; ``nexpo.core.files.atomic_directory`` gives one that becomes the
        wanted one as a whole.

    Raises
    ------
    Problem
        ``CANNOT_WRITE`` when the place cannot be written; ``INTERNAL`` when tables and bill do
        not agree.
    """
    drawn = layers(design)
    check_sums(design, drawn)
    _write_layers(design, drawn, folder)
    picture = draw(design)
    write_text(folder / "map.svg", picture)
    write_png(picture, folder / "map.png")
    _write_tables(design, drawn, folder)
    sources = source_rows(design.ledger.inputs() or design.materials.inputs)
    write_csv(sources, SOURCE_COLUMNS, folder / "sources.csv")
    design.ledger.write(folder / "figures.jsonl")
    write_json(folder / META, meta(design))
    _write_validation(design, folder)
    write_text(folder / DESIGN_PAGE, render(Page(design, drawn, picture, tuple(sources))))
    write_crate(folder, _described(design), design.ledger.inputs() or design.materials.inputs)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def meta(design: AreaDesign) -> dict[str, Any]:
    """Return what a reader of the folder needs beside the tables, as JSON."""
    return {
        "design": _FORMAT,
        "nexpo": __version__,
        "place": encode(design.place),
        "synthetic": design.synthetic,
        "request": encode(design.request),
        "pops": encode(design.inputs.pops),
        "rules": encode(design.fibre.rules),
        "trench": encode(design.fibre.trench),
        "chosen_pop": design.fibre.chosen_pop,
        "notes": list(design.fibre.notes),
        "streets": {"origin": design.graph.origin, "synthetic": design.inputs.streets.synthetic},
        "demand": {"synthetic": design.inputs.demand.synthetic},
        "totals": totals(design),
        "valid": design.ok,
        "warnings": list(design.warnings),
        "inputs": [encode(each) for each in design.materials.inputs],
    }


def totals(design: AreaDesign) -> dict[str, Any]:
    """Return the sums of a design: metres, addresses, and amounts in cents by level."""
    plan, demand = design.fibre, design.inputs.demand
    found: dict[str, Any] = {
        "addresses": len(demand),
        "addresses_connected": int(demand.connected.sum()),
        "addresses_served": plan.premises.height,
        "addresses_unserved": plan.unserved.height,
        "units_served": int(plan.premises["units"].sum()),
        "trench_m": round(float(plan.trench_sections["length_m"].sum()), 3),
        "cable_m": round(float(plan.cables["cable_m"].sum()), 3),
        "trench_cents": plan.trench.total_cents,
        "trench_bound_cents": plan.trench.bound_cents,
        "gap": plan.trench.gap if plan.trench.bound_cents else None,
    }
    for name, cost in (("fibre", design.fibre_cost), ("wireless", design.wireless_cost)):
        if cost is not None:
            found[name] = _amounts(cost)
    found["grant_cents"] = {level.value: g.amount.cents for level, g in design.grants.items()}
    if design.choice is not None:
        found["choice"] = encode(design.choice.tally)
    return found


def _amounts(cost: Cost) -> dict[str, Any]:
    return {
        "total_cents": {level.value: cost.bills.at(level).total.cents for level in LEVELS},
        "network_cents": {level.value: cost.bills.at(level).network.cents for level in LEVELS},
        "gap_cents": {level.value: case.gap.cents for level, case in cost.cases.items()},
        "addresses": cost.addresses,
        "units": cost.units,
    }


# Sums


def check_sums(design: AreaDesign, drawn: Iterable[Layer]) -> None:
    """Hold the layers against the plan and its bill.

    Raises
    ------
    Problem
        ``INTERNAL`` naming the sum that does not hold, with both values.
    """
    held = {layer.name: layer.frame for layer in drawn}
    for what, found, due in _sums(design, held):
        if abs(found - due) > _HALF_A_THOUSANDTH:
            raise Problem(
                Kind.INTERNAL,
                f"the layers do not add up: {what} is {found:,.3f} in them, {due:,.3f} is due",
                value=found,
                remedy="report this case: nothing was put in place",
            )


def _sums(design: AreaDesign, held: dict[str, pl.DataFrame]) -> Iterator[tuple[str, float, float]]:
    plan, demand = design.fibre, design.inputs.demand
    trenches = held["trenches"]
    yield "addresses", held["premises"].height, len(demand)
    yield "units", float(held["premises"]["units"].sum()), float(demand.units.sum())
    yield "addresses left", held["unserved"].height, plan.unserved.height
    yield "cents of trench", float(trenches["cost_cents"].sum()), plan.trench.total_cents
    if design.fibre_cost is not None:
        billed = {line.item.code: line.quantity for line in design.fibre_cost.bills.mid.lines}
        for item, counted in quantities(plan).select("item", "quantity").iter_rows():
            yield f"the quantity of {item}", counted, float(billed.get(item, 0))


# Files


def _write_layers(design: AreaDesign, drawn: tuple[Layer, ...], folder: Path) -> None:
    write_geopackage(drawn, folder / "design.gpkg", on=design.request.on)
    for layer in drawn:
        write_geoparquet(layer, folder / LAYERS / f"{layer.name}.parquet")
        write_geojson(layer, folder / LAYERS / f"{layer.name}.geojson")
    for layer in network(design.inputs.streets):
        write_geoparquet(layer, folder / LAYERS / f"{layer.name}.parquet")


def _write_tables(design: AreaDesign, drawn: tuple[Layer, ...], folder: Path) -> None:
    people = next(layer for layer in drawn if layer.name == "premises").attributes
    write_csv(people.iter_rows(named=True), people.columns, folder / "premises.csv")
    rows = [row for cost in _costs(design) for row in _quantity_rows(design, cost)]
    write_csv(rows, ("technology", "item", "unit", "quantity"), folder / QUANTITIES)
    for cost in _costs(design):
        name = "bill" if cost is design.fibre_cost else "bill-wireless"
        write_bill_csv(cost.bills.mid, folder / f"{name}.csv")
        write_bill_xlsx(
            cost.bills,
            folder / f"{name}.xlsx",
            title=f"{design.place.name}, {cost.technology.value}, {design.request.on}",
            notes=_notes(design),
        )


def _costs(design: AreaDesign) -> list[Cost]:
    return [cost for cost in (design.fibre_cost, design.wireless_cost) if cost is not None]


def _quantity_rows(design: AreaDesign, cost: Cost) -> Iterator[dict[str, object]]:
    for item, quantity in cost.quantities.items():
        exact = Decimal(thousandths(quantity, item)).scaleb(-3)
        yield {
            "technology": cost.technology.value,
            "item": item,
            "unit": design.unit_costs[item].unit,
            "quantity": str(exact),
        }


def _notes(design: AreaDesign) -> list[str]:
    made = ["SYNTHETIC: streets or addresses were made up by a seed; no figure is of a real place"]
    left = design.fibre.unserved.height
    lost = [f"{left} addresses are not designed: see the layer unserved"] if left else []
    return [*(made if design.synthetic else []), *lost, *design.warnings]


def _write_validation(design: AreaDesign, folder: Path) -> None:
    rows = [encode(each) | {"ok": each.ok} for each in design.validation]
    write_json(
        folder / "validation.json",
        {"place": design.place.name, "valid": design.ok, "rules": rows},
    )
    write_text(folder / "validation.html", render_validation(design))


def _described(design: AreaDesign) -> Description:
    mark = "SYNTHETIC " if design.synthetic else ""
    closed = any(not item.redistributable for item in design.materials.inputs)
    return Description(
        name=f"{mark}Nexpo network design: {design.place.name}, {design.request.on}",
        text="Trenches, cables, sites and premises of a fibre design with its wireless "
        "alternative, bill of materials, validation report, each figure with its derivation",
        licence="for internal use: made from data that may not be handed on"
        if closed
        else "https://opendatacommons.org/licenses/odbl/1-0/",
        published=design.request.on,
    )
