"""``nexpo design area``: from addresses without a network to a costed design."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.failure import emit

if TYPE_CHECKING:
    from nexpo.build.design.folder import Written
    from nexpo.build.design.model import AreaDesign, Request
    from nexpo.connectivity.design.choice.model import Front
    from nexpo.connectivity.design.fibre import Pop
    from nexpo.core.evidence import Figure
    from nexpo.core.money import Money

BUILDS = "builds"
_FILE = click.Path(path_type=Path, dir_okay=False)
_SHOWN = 12


@click.command(name="area")
@click.argument("area")
@click.option("--streets", type=_FILE, help="Streets: Overpass JSON, PBF, or a line layer.")
@click.option("--addresses", type=_FILE, help="Addresses: CSV, Parquet or a point layer.")
@click.option(
    "--architecture", default="ftth-1x64", show_default=True, help="Name or file (.yaml)."
)
@click.option("--pop", "pops", multiple=True, metavar="LON,LAT", help="A POP; again for more.")
@click.option("--dem", multiple=True, type=_FILE, help="Height model (GeoTIFF); again for tiles.")
@click.option(
    "--surface",
    type=click.Choice(["dsm", "dtm"]),
    default="dsm",
    show_default=True,
    help="Whether the height model shows roofs and trees (dsm) or the bare ground (dtm).",
)
@click.option("--ducts", type=_FILE, help="Line layer of ducts that can be reused.")
@click.option("--barriers", type=_FILE, help="Line layer of what is dear to cross.")
@click.option("--ring", is_flag=True, help="A second way from the POP to each cabinet.")
@click.option("--no-wireless", is_flag=True, help="Leave out the wireless alternative.")
@click.option("--band", default="28ghz", show_default=True, help="Radio band of access.")
@click.option(
    "--service-mbps", type=float, help="Rate of wireless; by default what the grant rule asks."
)
@click.option("--budget", metavar="EUR", help="Most that the choice may cost.")
@click.option("--min-share", default="0", metavar="SHARE", help="Least share served: 0.95 or 95%.")
@click.option("--grant-rule", default="italia-1-giga", show_default=True, help="Name or file.")
@click.option(
    "--level",
    type=click.Choice(["low", "mid", "high"]),
    default="mid",
    show_default=True,
    help="Of prices, for routes and choice; the bill shows all three.",
)
@click.option("--prices", multiple=True, type=_FILE, help="Price file over the library.")
@click.option("--before-mbps", type=float, help="Best download there today.")
@click.option(
    "--join-m",
    type=click.FloatRange(min=0),
    default=200.0,
    show_default=True,
    help="Join pieces of the street network up to this far apart.",
)
@click.option(
    "--no-localities",
    is_flag=True,
    help="List addresses of unknown streets; by default they are spread over unnamed ways.",
)
@click.option("--date", "day", metavar="YYYY-MM-DD", help="Of prices and rules; else of the data.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Of what is drawn: search order, places of unknown streets.",
)
@click.option(
    "--effort",
    type=click.IntRange(min=0),
    default=400,
    show_default=True,
    metavar="ROUNDS",
    help="Rounds of search for routes: the same design each time.",
)
@click.option(
    "--time-limit", type=click.FloatRange(min=0), metavar="S", help="Seconds in place of rounds."
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder to write.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; no progress.")
def command(*, area: str, out: Path | None, as_json: bool, **options: Any) -> None:
    """Design fibre and wireless for the addresses of AREA, with bill, grant and a proven bound.

    AREA is a municipality (ISTAT code or name), a province (three digits), several codes with
    commas between them, or a file of addresses. Addresses are those of the list of uncovered
    house numbers unless --addresses gives others. Streets are those of NEXPO_DATA that lie in
    the municipality; where there are none they are made up by the seed, and all that follows
    is marked synthetic.

    The folder is written whole or not at all: ctrl-C leaves the last good design. The same
    input, seed and rounds give the same design.

    \b
    Examples:
      nexpo design area Lecco
      nexpo design area 097042 --pop 9.3903,45.8566 --ring --out out/lecco
      nexpo design area 097042 --budget 1500000 --min-share 90% --grant-rule fnc
      nexpo design area premises.csv --streets roads.gpkg --dem dtm.tif --surface dtm

    \b
    Then:
      nexpo explain trench.gap --build builds/design-097042
      nexpo design validate builds/design-097042
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.build.design.folder import design_to
    from nexpo.build.design.materials import where
    from nexpo.core.progress import reporting

    request = _request(area, options)
    place = where(request)
    if len(place.codes) > 1:
        _refuse_unheard(click.get_current_context())
    target = out or Path(BUILDS) / f"design-{place.key.replace(' ', '-')}"
    with reporting(quiet=as_json) as progress:
        if len(place.codes) > 1:
            _many(request, place.codes, place.region, target, progress, as_json=as_json)
            return
        written = design_to(request, target, progress=progress)
    if as_json:
        emit(plain(written))
    else:
        click.echo("\n".join(told(written)))


def _request(area: str, options: dict[str, Any]) -> Request:
    from nexpo.build.design.materials import reference_day
    from nexpo.build.design.model import Effort, Request
    from nexpo.connectivity.design.money import Level
    from nexpo.core.period import parse_date

    day, budget, seconds = options["day"], options["budget"], options["time_limit"]
    return Request(
        area=area,
        on=parse_date(day) if day else reference_day(),
        streets=options["streets"],
        addresses=options["addresses"],
        architecture=options["architecture"],
        pops=tuple(_pop(text, number) for number, text in enumerate(options["pops"], start=1)),
        dem=options["dem"],
        surface=options["surface"],
        ducts=options["ducts"],
        barriers=options["barriers"],
        ring=options["ring"],
        wireless=not options["no_wireless"],
        band=options["band"],
        service_mbps=options["service_mbps"],
        budget=_amount(budget) if budget else None,
        min_share=share(options["min_share"]),
        grant_rule=options["grant_rule"],
        level=Level(options["level"]),
        prices=options["prices"],
        before_mbps=options["before_mbps"],
        join_m=options["join_m"],
        localities=not options["no_localities"],
        seed=options["seed"],
        effort=Effort(options["effort"] if seconds is None else None, seconds),
    )


def share(text: str) -> Fraction:
    """Read a share: ``0.95``, ``95%`` or ``19/20``.

    Examples
    --------
    >>> share("95%"), share("0.95") == share("19/20")
    (Fraction(19, 20), True)
    """
    from nexpo.core.problem import Kind, Problem

    try:
        found = Fraction(text.strip().removesuffix("%").strip())
    except (ValueError, ZeroDivisionError):
        raise Problem(Kind.USAGE, "not a share", value=text, remedy="write 0.95 or 95%") from None
    found = found / 100 if text.strip().endswith("%") else found
    if not 0 <= found <= 1:
        raise Problem(
            Kind.USAGE,
            "a share lies between 0 and 1, or 0% and 100%",
            value=text,
            remedy="write 0.95 or 95%",
        )
    return found


def _amount(text: str) -> Money:
    from nexpo.core.money import Money
    from nexpo.core.problem import Kind, Problem

    found = Money.parse(text)
    if found.cents < 0:
        raise Problem(
            Kind.USAGE,
            "a budget is an amount of euros, not below zero",
            value=text,
            remedy="write --budget 1500000",
        )
    return found


def _pop(text: str, number: int) -> Pop:
    from nexpo.connectivity.design.fibre import Pop
    from nexpo.core.problem import Kind, Problem

    parts = text.split(",")
    lon, lat = (_degrees(part) for part in parts) if len(parts) == 2 else (None, None)  # noqa: PLR2004
    if lon is None or lat is None or abs(lon) > 180 or abs(lat) > 90:  # noqa: PLR2004 - degrees
        raise Problem(
            Kind.USAGE,
            "a POP is a longitude and a latitude in degrees",
            value=text,
            remedy="write --pop 9.3903,45.8566",
        )
    return Pop(f"pop-{number}", lon, lat)


def _degrees(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def plain(written: Written) -> dict[str, Any]:
    """Return a written design as JSON: figures, findings, warnings, files."""
    design = written.design
    return {
        "place": design.place.name,
        "codes": list(design.place.codes),
        "on": design.request.on.isoformat(),
        "synthetic": design.synthetic,
        "folder": str(written.folder),
        "valid": design.ok,
        "figures": {item.id: _valued(item) for item in _main(design)},
        "bound_proven_on": "the routes (trench), not cables, cabinets or radio",
        "grant": _granted(design),
        "choice": _chosen(design),
        "programmes": [_beside(each) for each in design.comparisons],
        "unserved": {
            "fibre": design.fibre.unserved.to_dicts(),
            "wireless": [] if design.wireless is None else design.wireless.unserved.to_dicts(),
        },
        "findings": design.findings.as_rows(),
        "validation": [
            {"rule": each.rule, "checked": each.checked, "failed": each.failed}
            for each in design.validation
        ],
        "warnings": list(design.warnings),
        "files": list(written.files),
    }


def told(written: Written) -> Iterator[str]:
    """Yield the lines of a summary."""
    from nexpo.core.evidence import format_value

    design = written.design
    mark = "  SYNTHETIC: not real" if design.synthetic else ""
    yield f"{design.place.name}, {design.request.on}{mark}"
    for item in _main(design):
        shown = (
            f"{item.value:.2%}" if _is_gap(item) else f"{format_value(_rounded(item))} {item.unit}"
        )
        yield f"  {item.id:<26}{shown:>24}  {item.title}"
    granted = _granted(design)
    if granted:
        yield f"  grant limited by {granted['reason']}"
    for each in design.comparisons:
        yield (
            f"  {float(each.public_ratio or 0):.1f} x {each.programme.public_each} a "
            f"{each.programme.counted}: {each.programme.name}"
        )
    yield from (f"! {each}" for each in design.warnings)
    found = [str(each) for each in design.findings]
    yield from (f"- {each}" for each in found[:_SHOWN])
    yield "valid: every rule of the validation report holds" if design.ok else "NOT VALID"
    yield f"folder: {written.folder}"


def _main(design: AreaDesign) -> Iterator[Figure]:
    from nexpo.build.design.figures import main_figures

    return main_figures(design)


def _is_gap(item: Figure) -> bool:
    return item.unit == "1" and isinstance(item.value, float)


def _rounded(item: Figure) -> Any:
    return round(item.value, 2) if isinstance(item.value, float) else item.value


def _valued(item: Figure) -> dict[str, Any]:
    return {"value": item.value, "unit": item.unit, "title": item.title}


def _granted(design: AreaDesign) -> dict[str, Any] | None:
    found = design.grant
    if found is None:
        return None
    return {"rule": found.rule, "eur": found.amount.cents / 100, "reason": found.reason}


def _chosen(design: AreaDesign) -> dict[str, Any] | None:
    best = design.choice
    if best is None:
        return None
    return {
        "method": best.method,
        "cost_cents": best.tally.cost_cents,
        "addresses": best.tally.addresses,
        "bound": best.bound,
        "gap": float(best.gap),
        "clusters": [
            {
                "cluster": pick.cluster.id,
                "addresses": pick.cluster.addresses,
                "technology": pick.option.technology.value,
                "served": pick.option.addresses,
            }
            for pick in design.picks
        ],
        "refused": [f"{each.cluster}, {each.technology}: {each.reason}" for each in best.refused],
        "front": _points(design.front),
        "fibre_front": _points(design.fibre_front),
    }


def _points(front: Front | None) -> list[dict[str, int]]:
    return [
        {"cost_cents": point.cost_cents, "addresses": point.served}
        for point in (front.points if front else ())
    ]


def _beside(found: Any) -> dict[str, Any]:
    return {
        "programme": found.programme.name,
        "public_each_eur": found.programme.public_each.cents / 100,
        "counted": found.programme.counted,
        "here_each_eur": found.public_each.cents / 100,
        "ratio": None if found.public_ratio is None else float(found.public_ratio),
        "comparable": list(found.comparable),
        "not_comparable": list(found.not_comparable),
    }


def _refuse_unheard(context: click.Context) -> None:
    """Refuse what a design of several municipalities would pass over in silence."""
    from click.core import ParameterSource

    from nexpo.core.problem import Kind, Problem

    heard = {"area", "architecture", "grant_rule", "day", "seed", "effort", "out", "as_json"}
    for option in context.command.params:
        given = context.get_parameter_source(str(option.name)) is not ParameterSource.DEFAULT
        if given and option.name not in heard:
            raise Problem(
                Kind.USAGE,
                f"{option.opts[0]} holds for one municipality; several are asked for",
                value=context.params.get(str(option.name)),
                remedy="design them one by one, or leave the option out",
            )


def _many(
    request: Request,
    codes: tuple[str, ...],
    region: str,
    target: Path,
    progress: Any,
    *,
    as_json: bool,
) -> None:
    """Design several municipalities, each by itself, into one table."""
    from dataclasses import replace

    from nexpo.build.design.region import Order, design_region, engine_for

    order = Order(
        region=region,
        out=target,
        on=request.on,
        only=codes,
        architecture=request.architecture,
        grant_rule=request.grant_rule,
        seed=request.seed,
    )
    if request.effort.rounds is not None:
        order = replace(order, rounds=request.effort.rounds)
    found = design_region(order, engine_for("pool", 2), progress)
    if as_json:
        emit({"folder": str(target), "municipalities": found.table.to_dicts()})
    else:
        click.echo(f"{len(codes)} municipalities, each a design of its own: {target}")
