"""``nexpo datacentres register campus``: facilities that stand together under one operator."""

from __future__ import annotations

import click

from nexpo.cli.datacentres_register_use import (
    AT,
    BY,
    CONFIDENTIAL,
    REGISTER,
    as_day,
    moment,
    opened,
    who,
)
from nexpo.cli.datacentres_told import total_told
from nexpo.cli.failure import emit

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON only.")


@click.group()
def command() -> None:
    """Keep campuses: facilities that stand together, each with its own record."""


@command.command()
@click.argument("campus_id")
@click.argument("facilities", nargs=-1)
@click.option("--name", help="Needed for a new campus.")
@click.option("--operator", help="Who operates it.")
@REGISTER
@BY
@AT
@_JSON
def put(
    campus_id: str,
    facilities: tuple[str, ...],
    name: str | None,
    operator: str | None,
    address: str | None,
    by: str | None,
    at: str | None,
    as_json: bool,
) -> None:
    """Add or change CAMPUS_ID, and say that FACILITIES are part of it.

    \b
    Examples:
      nexpo datacentres register campus put settimo --name "Settimo campus" --operator Aurora
      nexpo datacentres register campus put settimo osm:way/1 osm:way/2
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.core.problem import Kind, Problem
    from nexpo.datacentres.actions import put_campus
    from nexpo.datacentres.model import Campus

    person, when = who(by), moment(at)
    with opened(address) as register:
        known = {each.id: each for each in register.campuses()}.get(campus_id)
        title = name or (known.name if known else None)
        if title is None:
            raise Problem(
                Kind.USAGE, "a new campus needs a name", value=campus_id, remedy="add --name"
            )
        campus = Campus(campus_id, title, operator or (known.operator if known else None))
        joined = put_campus(
            register,
            campus=campus,
            facility_ids=tuple(dict.fromkeys(facilities)),
            by=person,
            at=when,
        )
    if as_json:
        emit({"campus": campus_id, "name": title, "joined": list(joined)})
    else:
        click.echo(f"{campus_id}: {title}, {len(joined)} facilities joined")


@command.command("list")
@REGISTER
@CONFIDENTIAL
@_JSON
def list_(address: str | None, confidential: bool, as_json: bool) -> None:
    """List campuses with their facilities, and the power of each kind."""
    from nexpo.build.datacentres.register import totals
    from nexpo.datacentres.confidential import shown
    from nexpo.datacentres.ports import plain

    with opened(address) as register:
        campuses = register.campuses()
        every = register.facilities()
    parts = {each.id: [f for f in every if f.campus_id == each.id] for each in campuses}
    on = as_day(None)
    sums = {
        name: totals(shown(found, confidential=confidential), on=on).power
        for name, found in parts.items()
    }
    if as_json:
        rows = [
            {**plain(each), "facilities": [f.id for f in parts[each.id]]}
            | {"power": plain(sums[each.id])}
            for each in campuses
        ]
        emit({"campuses": rows})
        return
    for each in campuses:
        members = ", ".join(f.id for f in parts[each.id]) or "no facility"
        click.echo(f"{each.id}: {each.name}, {each.operator or 'operator unknown'}: {members}")
        for kind, total in sums[each.id].items():
            if total.known:
                click.echo(f"  {kind:<16} {total_told(total)}")
    click.echo(f"{len(campuses)} campuses")
