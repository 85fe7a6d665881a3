"""``nexpo datacentres register verify``: whether what is kept is what was written."""

from __future__ import annotations

import click

from nexpo.cli.datacentres_register_use import REGISTER, opened
from nexpo.cli.failure import emit


@click.command()
@click.option("--last", metavar="SHA256", help="Hash of the last event as it was noted before.")
@REGISTER
@click.option("--json", "as_json", is_flag=True, help="Print JSON only.")
def command(last: str | None, address: str | None, as_json: bool) -> None:
    """Verify the chain of events and the content of each report; ends with 65 where one fails.

    Note the hash that is printed: with --last it shows whether events noted then are still there,
    since events cut off at the end break no chain.
    """
    from nexpo.core.problem import Kind, Problem
    from nexpo.datacentres.ports import first_broken

    with opened(address) as register:
        events = register.events()
        broken = first_broken(events)
        wrong = []
        for facility in register.facilities():
            try:
                register.versions(facility.id)
            except Problem as problem:
                wrong.append(str(problem.value))
    lost = last is not None and last not in {each.sha256 for each in events}
    told = {
        "events": len(events),
        "last_sha256": events[-1].sha256 if events else None,
        "first_broken": None if broken is None else broken.sequence,
        "noted_hash_missing": lost,
        "changed_reports": wrong,
    }
    if as_json:
        emit(told)
    else:
        for name, value in told.items():
            click.echo(f"{name:<20} {'-' if value in (None, []) else value}")
    if broken is not None or lost or wrong:
        click.get_current_context().exit(Kind.BAD_INPUT.exit_code)
