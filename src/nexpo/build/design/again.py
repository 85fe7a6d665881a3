"""A written design taken up again: priced anew, verified from its files, held beside others.

Nothing here knows how a design was made: only the folder is read. What is verified is verified
against the tables of the folder, recomputed by the code that checks plans, not by the code that
makes them.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from nexpo.build.design import rulebook
from nexpo.build.design.area import cost
from nexpo.build.design.model import Cost, Place
from nexpo.build.design.programmes import programmes
from nexpo.build.design.reading import StoredDesign, read_design
from nexpo.connectivity.design import fibre, validation
from nexpo.connectivity.design.choice.model import Technology
from nexpo.connectivity.design.money import (
    LEVELS,
    Area,
    Comparison,
    Grant,
    Level,
    UnitCosts,
    compare,
    grant,
    thousandths,
)
from nexpo.connectivity.design.step import Speeds
from nexpo.connectivity.design.validation import Failure, Finding
from nexpo.core.evidence import Ledger, read_ledger
from nexpo.core.files import sha256_of
from nexpo.core.money import Money
from nexpo.core.problem import bad_input
from nexpo.core.rocrate import METADATA

_EXAMPLES = 5
_FIGURES, _BILL = "figures.jsonl", "bill.csv"


@dataclass(frozen=True, slots=True)
class Terms:
    """What may differ when a design is priced again; None is as it was."""

    on: date | None = None
    level: Level | None = None
    prices: tuple[Path, ...] = ()
    grant_rule: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Recosted:
    """The money of a written design on other terms; its routes are as they were."""

    level: Level
    on: date
    costs: Mapping[Technology, Cost]
    grants: Mapping[Level, Grant]
    unit_costs: UnitCosts


def recost(stored: StoredDesign, terms: Terms | None = None) -> Recosted:
    """Return bills, business cases and grant of a written design on other terms.

    Raises
    ------
    Problem
        When a material has no price on those terms.
    """
    terms = terms or Terms()
    old = stored.request
    request = replace(
        old,
        on=terms.on or old.on,
        level=terms.level or old.level,
        prices=(*old.prices, *terms.prices),
        grant_rule=terms.grant_rule or old.grant_rule,
    )
    book = rulebook.load(request)
    costs = {
        kind: cost(
            kind, _floats(stored.quantities[kind.value]), passed, book.unit_costs, book.business
        )
        for kind in (Technology.FIBRE, Technology.WIRELESS)
        if (passed := _passed(stored, kind)) is not None
    }
    lit = costs.get(Technology.FIBRE)
    after = book.services
    speeds = Speeds(after.before_mbps, after.fibre_down_mbps, after.fibre_up_mbps)
    grants = {
        level: grant(
            lit.bills.at(level),
            lit.cases[level].gap,
            book.grant_rule,
            addresses=lit.addresses,
            speeds=speeds,
        )
        for level in (LEVELS if lit is not None else ())
        if lit is not None
    }
    return Recosted(request.level, request.on, costs, grants, book.unit_costs)


def recheck(stored: StoredDesign) -> tuple[Finding, ...]:
    """Verify a written design from its files alone.

    Returns
    -------
    The rules of the validation report, recomputed, and those of the folder: hashes, quantities,
    bills, totals, evidence.
    """
    plan, inputs = stored.plan(), stored.inputs()
    again = recost(stored)
    return (
        *validation.validate(plan, inputs),
        _found("files.hash", "files are as they were written", _hashes(stored.folder)),
        _found("bill.quantities", "quantities are those of the layers", _quantities(stored, plan)),
        _found("bill.totals", "quantities times prices are the totals", _totals(stored, again)),
        _found("bill.lines", "the lines of the bill are the total", _lines(stored)),
        _found("figures.follow", "every figure follows from its operands", _figures(stored)),
    )


@dataclass(frozen=True, slots=True)
class Beside:
    """A technology of a written design as a row of a comparison; amounts in cents."""

    design: str
    place: str
    technology: str
    architecture: str
    addresses: int
    network: Mapping[Level, int]
    gap: Mapping[Level, int]
    trench_m: float | None
    trench_gap: float | None
    synthetic: bool

    def each(self, level: Level) -> Money:
        """Return the network's cost by address passed."""
        return Money(round(self.network[level] / max(1, self.addresses)))


def side_by_side(designs: Sequence[StoredDesign]) -> tuple[Beside, ...]:
    """Return the technologies of some designs as rows, each design's fibre first."""
    return tuple(row for each in designs for row in _rows(each))


def against_programmes(stored: StoredDesign, level: Level) -> tuple[Comparison, ...]:
    """Return a design's grant and cost beside what public programmes spent."""
    place = Place(**{**stored.meta["place"], "codes": tuple(stored.meta["place"]["codes"])})
    totals = stored.totals
    if "fibre" not in totals or not place.region:
        return ()
    again = recost(stored, Terms(level=level))
    lit = again.costs[Technology.FIBRE]
    area = Area(
        name=place.name,
        public=again.grants[level].amount,
        cost=lit.bills.at(level).network,
        addresses=lit.addresses,
        units=lit.units,
        connected=lit.cases[level].lines,
    )
    spent = programmes(place.region, stored.request.on, Ledger())
    return tuple(compare(area, each) for each in spent)


def read_designs(folders: Iterable[Path]) -> tuple[StoredDesign, ...]:
    """Read some designs.

    Raises
    ------
    Problem
        When there is none, or one of them cannot be read.
    """
    found = tuple(read_design(each) for each in folders)
    if not found:
        raise bad_input("nothing to compare", remedy="name the folders of one or more designs")
    return found


def _passed(stored: StoredDesign, kind: Technology) -> tuple[int, int] | None:
    found = stored.totals.get(kind.value)
    return None if found is None else (int(found["addresses"]), int(found["units"]))


def _floats(quantities: Mapping[str, Decimal]) -> dict[str, float]:
    return {item: float(value) for item, value in quantities.items()}


def _rows(stored: StoredDesign) -> Iterator[Beside]:
    totals = stored.totals
    for kind in ("fibre", "wireless"):
        if kind not in totals:
            continue
        found, lit = totals[kind], kind == "fibre"
        yield Beside(
            design=stored.folder.name,
            place=stored.meta["place"]["name"],
            technology=kind,
            architecture=stored.request.architecture if lit else stored.request.band,
            addresses=int(found["addresses"]),
            network={level: int(found["network_cents"][level.value]) for level in LEVELS},
            gap={level: int(found["gap_cents"][level.value]) for level in LEVELS},
            trench_m=float(totals["trench_m"]) if lit else None,
            trench_gap=totals["gap"] if lit else None,
            synthetic=bool(stored.meta["synthetic"]),
        )


# Verification


Checks = Iterator[tuple[str, str]]
"""Ids of what was looked at, with what is wrong with it (empty: nothing)."""


def _found(rule: str, title: str, checks: Checks) -> Finding:
    looked = list(checks)
    wrong = [Failure(name, message) for name, message in looked if message]
    return Finding(rule, title, len(looked), len(wrong), tuple(wrong[:_EXAMPLES]))


def _hashes(folder: Path) -> Checks:
    crate = json.loads((folder / METADATA).read_text(encoding="utf-8"))
    for item in crate["@graph"]:
        if item.get("@type") == "File":
            path = folder / item["@id"]
            if not path.is_file():
                yield item["@id"], "is missing"
            else:
                changed = sha256_of(path) != item["sha256"]
                yield item["@id"], "has changed since it was written" if changed else ""


def _quantities(stored: StoredDesign, plan: fibre.Plan) -> Checks:
    counted = dict(fibre.quantities(plan).select("item", "quantity").iter_rows())
    written = stored.quantities.get("fibre", {})
    for item in sorted({*counted, *written}):
        here = thousandths(counted.get(item, 0.0), item)
        there = thousandths(written.get(item, Decimal(0)), item)
        yield item, "" if here == there else f"{there / 1000:g} written, {here / 1000:g} counted"


def _totals(stored: StoredDesign, again: Recosted) -> Checks:
    for kind, found in again.costs.items():
        written = stored.totals[kind.value]
        for level in LEVELS:
            for name, cents in (
                ("total_cents", found.bills.at(level).total.cents),
                ("network_cents", found.bills.at(level).network.cents),
                ("gap_cents", found.cases[level].gap.cents),
            ):
                there = written[name][level.value]
                wrong = "" if there == cents else f"{there} written, {cents} reckoned"
                yield f"{kind} {name} {level}", wrong
    for level, granted in again.grants.items():
        there = stored.totals["grant_cents"][level.value]
        here = granted.amount.cents
        yield f"grant {level}", "" if there == here else f"{there} written, {here} reckoned"


def _lines(stored: StoredDesign) -> Checks:
    path = stored.folder / _BILL
    if not path.is_file():
        return
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    total = Decimal(rows[-1]["amount_eur"])
    added = sum((Decimal(row["amount_eur"]) for row in rows[:-1]), Decimal(0))
    yield "total", "" if added == total else f"{total} written, lines add up to {added}"
    due = Decimal(stored.totals["fibre"]["total_cents"]["mid"]).scaleb(-2)
    yield "summary", "" if due == total else f"{total} in the bill, {due} in the summary"


def _figures(stored: StoredDesign) -> Checks:
    ledger = read_ledger(stored.folder / _FIGURES)
    wrong = set(ledger.check())
    for figure in ledger:
        yield figure.id, "does not follow from its operands" if figure.id in wrong else ""
    yield from _main_figures(stored, ledger)


def _main_figures(stored: StoredDesign, ledger: Ledger) -> Checks:
    for kind in ("fibre", "wireless"):
        for level in LEVELS if kind in stored.totals else ():
            name = f"{kind}.network_{level}"
            value: Any = ledger[name].value
            due = stored.totals[kind]["network_cents"][level.value]
            same = value is not None and round(value * 100) == due
            yield f"{name} and the summary", "" if same else f"{value} here, {due} cents there"
