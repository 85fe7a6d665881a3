"""What has to be bought and done: the quantities of a plan, for its bill.

Item codes are stable; prices for them are parameters. A quantity is counted from the tables
of the plan and from nothing else, so that the bill can be checked against them.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl

from nexpo.connectivity.design.fibre.model import Level, Plan
from nexpo.connectivity.design.fibre.tables import LEAD_CLASS


def quantities(plan: Plan) -> pl.DataFrame:
    """Return item, unit and quantity of all that a plan needs, by item.

    Metres of trench are metres of route, each once; metres of cable hold the slack. Splices
    and connectors are those of fibres in use: spare fibres stay dark and are not spliced.
    """
    found: Counter[str] = Counter()
    metres = _trenches(plan) + _cables(plan)
    for part in (_sites(plan), _ends(plan), _joints(plan)):
        found.update(part)
    rows = [(item, "m", float(value)) for item, value in metres.items() if value > 0]
    rows += [(item, "each", float(value)) for item, value in found.items() if value > 0]
    schema = {"item": pl.String, "unit": pl.String, "quantity": pl.Float64}
    return pl.DataFrame(sorted(rows), schema=schema, orient="row")


def _trenches(plan: Plan) -> Counter[str]:
    by_class = plan.trench_sections.group_by("cost_class").agg(pl.col("length_m").sum())
    return Counter(
        {
            "drop.lead" if name == LEAD_CLASS else f"trench.{name}": metres
            for name, metres in by_class.iter_rows()
        }
    )


def _cables(plan: Plan) -> Counter[str]:
    slack = pl.col("cable_m") / pl.col("length_m")
    by_size = (
        plan.cables.with_columns(hung=pl.col("aerial_m") * slack)
        .group_by("size")
        .agg(pl.col("hung").sum(), laid=(pl.col("cable_m") - pl.col("hung")).sum())
    )
    found: Counter[str] = Counter()
    for size, hung, laid in by_size.iter_rows():
        found[f"cable.{size}"] += laid
        found[f"cable.{size}.aerial"] += hung
    return found


def _sites(plan: Plan) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in plan.sites.iter_rows(named=True):
        if row["kind"] == "pop":
            found["pop.site"] += 1
        elif row["kind"] == "closure":
            found["closure.joint"] += 1
        else:
            found[f"{row['kind']}.{row['size']}"] += row["housings"]
        if row["splitters"]:
            found[f"splitter.1x{row['splitter_ratio']}"] += row["splitters"]
    return found


def _ends(plan: Plan) -> Counter[str]:
    """Return what stands at the POP and at the customer, with the connectors of both."""
    rules, premises = plan.rules.cables, plan.premises
    cabinets = plan.sites.filter(pl.col("kind") == "cabinet")
    direct = premises.filter(pl.col("point_to_point"))
    split_units = int(premises["units"].sum()) - int(direct["units"].sum())
    direct_fibres = int(direct["fibres"].sum())
    feeder = int(cabinets["fibres_in"].sum())
    ends = split_units + direct_fibres
    return Counter(
        {
            "olt.port": feeder - direct_fibres,
            "p2p.port": direct_fibres,
            "ont": split_units,
            "p2p.termination": int(direct["units"].sum()),
            "outlet": int(premises["units"].sum()),
            "connector.sc": feeder * rules.pop_connectors + ends * rules.premises_connectors,
            "splice.fusion": feeder * rules.pop_splices + ends * rules.premises_splices,
        }
    )


def _joints(plan: Plan) -> Counter[str]:
    """Return the splices in housings, at joints of cables and between drums."""
    cables, rules = plan.cables, plan.rules
    kinds = plan.sites.filter(pl.col("kind").is_in(["cabinet", "chamber"]))
    through = int(kinds.select(_site_splices()).to_series().sum())
    first = cables["carried"].list.first()
    joined = int(first.filter(cables["parent"].is_not_null()).sum() or 0)
    drums = np.floor(cables["cable_m"].to_numpy() / rules.cables.drum_m).astype(np.int64)
    between = int((drums * cables["fibres"].to_numpy()).sum())
    second = cables.filter((pl.col("level") == Level.RING.value) & (pl.col("parent").is_null()))
    rings = int(second["fibres"].sum()) * (rules.cables.pop_splices + 1)
    return Counter({"splice.fusion": through + joined + between + rings})


def _site_splices() -> pl.Expr:
    """Splices of a site: in and out of each splitter, and once for each fibre passing through."""
    shared_in = pl.col("splitters")
    shared_out = pl.col("ports_used")
    passing = pl.col("fibres_out") - shared_out
    return shared_in + shared_out + passing
