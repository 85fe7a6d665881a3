"""The run of a build: gather, enter, audit, write; all of it or nothing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from nexpo import claims, territory
from nexpo.build import dossier, tables
from nexpo.build.drawing import Choropleth, breaks_for
from nexpo.build.figures import enter
from nexpo.build.folders import refuse_foreign
from nexpo.build.materials import gather
from nexpo.build.model import Built, Material, Order
from nexpo.claims import Finding
from nexpo.connectivity.need import Need, Rule
from nexpo.core.evidence import Ledger
from nexpo.core.files import atomic_directory, check_parent, write_json, write_text
from nexpo.core.parameters import Parameter
from nexpo.core.progress import Progress, Silent
from nexpo.core.rocrate import METADATA, Description, write_crate
from nexpo.core.settings import regions_directory

if TYPE_CHECKING:
    import polars as pl

DOSSIER = "index.html"
FIGURES = "figures.jsonl"
_LICENCE = "https://eupl.eu/1.2/en/"
_INTERNAL = "for internal use: derived from data that may not be redistributed; do not publish"


@dataclass(frozen=True, slots=True)
class Result:
    """What a build knows when the folder is about to be written."""

    material: Material
    ledger: Ledger
    needs: tuple[Need, ...]
    rule: Rule
    findings: tuple[Finding, ...]
    audited: date


def build(order: Order, progress: Progress | None = None) -> Built:
    """Build a region: a folder of results with a dossier, written whole or not at all.

    Parameters
    ----------
    order
        What is asked for.
    progress
        What is told of the steps; silent by default.

    Raises
    ------
    Problem
        When there is no such region, an input cannot be used, the figures do not add
        up, or the folder cannot be written. The last good build then stands.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()) / "x"
    >>> build(Order("atlantis", folder))
    Traceback (most recent call last):
    nexpo.core.problem.Problem: no region file for this name...
    """
    told = progress or Silent()
    check_parent(order.out)
    refuse_foreign(order.out, "is not a build of Nexpo", METADATA, FIGURES)
    with tempfile.TemporaryDirectory(prefix="nexpo-") as work:
        material = gather(
            order.region, on=order.on, seed=order.seed, work=Path(work), progress=told
        )
        result = _reckon(material, told)
        with atomic_directory(order.out) as folder:
            told.step("tables, map and dossier")
            _write(folder, result)
            files = tuple(sorted(p.relative_to(folder).as_posix() for p in _files(folder)))
    return _built(order, result, files)


def _reckon(material: Material, told: Progress) -> Result:
    told.step("figures with their derivation")
    ledger, needs, rule = enter(material)
    told.step("audit of the public statements")
    path = regions_directory() / f"{material.region.key}.toml"
    given, facts = claims.load(path), claims.load_facts()
    audited = _audit_day(material.on, given, facts)
    figures = {figure.id: figure for figure in ledger}
    findings = claims.audit(given, figures, facts, on=audited, ledger=ledger)
    return Result(material, ledger, needs, rule, findings, audited)


def _audit_day(on: date, given: Iterable[claims.Claim], facts: Mapping[str, Parameter]) -> date:
    """Return the day up to which claims, acts and facts are known; no clock is asked."""
    days = [on]
    for claim in given:
        acts = (claim.act.adopted, claim.act.published) if claim.act else ()
        days += [day for day in (claim.source.date, *acts) if day is not None]
    days += [version.period.start for fact in facts.values() for version in fact.versions]
    return max(days)


def _write(folder: Path, result: Result) -> None:
    material, ledger = result.material, result.ledger
    mark = ".synthetic" if material.synthetic else ""
    places = tables.municipalities(material, ledger, result.needs)
    classes = tables.uncovered_by_class(material, ledger)
    drawing = _map(material, places)
    tables.write_parquet(places, folder / f"municipalities{mark}.parquet")
    _csv(places, folder / f"municipalities{mark}.csv")
    _csv(classes, folder / f"uncovered-by-class{mark}.csv")
    write_text(folder / f"map{mark}.svg", drawing)
    sources = tables.source_rows(ledger.inputs())
    tables.write_csv(sources, tables.SOURCE_COLUMNS, folder / "sources.csv")
    ledger.write(folder / FIGURES)
    _claims(folder, result)
    _rejects(folder / "rejects", material)
    page = dossier.Page(
        material,
        ledger,
        result.needs,
        result.rule,
        result.findings,
        result.audited,
        places,
        classes,
        drawing,
        sources,
    )
    write_text(folder / DOSSIER, dossier.render(page))
    write_crate(folder, _description(material), ledger.inputs())


def _csv(frame: pl.DataFrame, target: Path) -> None:
    tables.write_csv(frame.iter_rows(named=True), frame.columns, target)


def _claims(folder: Path, result: Result) -> None:
    write_json(
        folder / "claims.json",
        {
            "audited_on": result.audited.isoformat(),
            "findings": [finding.as_dict() for finding in result.findings],
        },
    )


def _rejects(folder: Path, material: Material) -> None:
    """Keep refused rows, and the counts of what was refused or noted."""
    folder.mkdir()
    rows: list[dict[str, object]] = []
    for item in material.rejects:
        kept = f"{item.source}.csv" if item.path else ""
        if item.path:
            shutil.copyfile(item.path, folder / kept)
        common = {"source": item.source, "file": item.file}
        rows.append(common | {"what": "rows refused", "rows": item.rejected, "rows_kept_in": kept})
        rows += [
            common | {"what": note, "rows": count, "rows_kept_in": ""} for note, count in item.notes
        ]
    columns = ("source", "file", "what", "rows", "rows_kept_in")
    tables.write_csv(rows, columns, folder / "summary.csv")


def _map(material: Material, places: pl.DataFrame) -> str:
    values = dict(places.select("istat", "uncovered_per_1000").iter_rows())
    shapes = territory.boundaries(material.region.code, on=material.on)
    name = material.region.name
    return Choropleth(
        shapes={code: shapes[code] for code in places["istat"]},
        provinces=dict(places.select("istat", "province_code").iter_rows()),
        names=dict(places.select("province_code", "province_short").iter_rows()),
        values=values,
        labels={row["istat"]: _label(row) for row in places.iter_rows(named=True)},
        breaks=breaks_for(values.values()),
        title=f"{name}: uncovered house numbers per 1,000 inhabitants, by municipality",
        description="The same facts are in the table of all municipalities. "
        "Darker means more; dark lines are province borders.",
        legend="Uncovered house numbers per 1,000 inhabitants",
        source=_credits(material),
        watermark="SYNTHETIC" if any(i.synthetic for i in material.uncovered.inputs) else "",
    ).svg()


def _label(row: Mapping[str, object]) -> str:
    rate = row["uncovered_per_1000"]
    told = f"{rate:,.1f} per 1,000" if isinstance(rate, float) else "rate unknown"
    return f"{row['name']} ({row['province_short']}): {row['uncovered_total']:,} uncovered, {told}"


def _credits(material: Material) -> str:
    addresses = (
        "synthetic stand-in"
        if any(item.synthetic for item in material.uncovered.inputs)
        else "Infratel Italia, " + material.uncovered.inputs[0].vintage
    )
    people = material.municipalities["population_as_of"][0]
    return (
        f"House numbers: {addresses}. Boundaries and residents ({people}): ISTAT, Openpolis, "
        "CC BY 4.0. Equal-area projection. Nexpo."
    )


def _description(material: Material) -> Description:
    closed = any(not item.redistributable for item in material.inputs)
    return Description(
        name=f"Nexpo build: {material.region.name}, {material.on}",
        text="Uncovered house numbers, measured performance, need, programme money and audited "
        f"claims, each figure with its derivation{'; ' + _INTERNAL if closed else ''}",
        licence=_INTERNAL if closed else _LICENCE,
        published=material.on,
    )


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _built(order: Order, result: Result, files: tuple[str, ...]) -> Built:
    return Built(
        folder=order.out,
        dossier=order.out / DOSSIER,
        region=result.material.region.name,
        on=result.material.on,
        figures=len(result.ledger),
        total=int(result.ledger["uncovered.total"].value or 0),
        rejected=sum(item.rejected for item in result.material.rejects),
        synthetic=tuple(item.name for item in result.material.synthetic),
        files=files,
        absent=result.material.absent,
    )
