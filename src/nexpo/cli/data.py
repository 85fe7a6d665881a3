"""``nexpo data``: the public data that Nexpo reads, where it lies and whether it is right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.failure import emit
from nexpo.core.problem import Kind, Problem

if TYPE_CHECKING:
    from nexpo.sources.check import Verdict
    from nexpo.sources.directory import Source

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group(
    name="data",
    epilog="Start with:  nexpo data list --present      Then:  nexpo data check",
)
def command() -> None:
    """List, fetch and check the public data that Nexpo reads.

    Files are looked for below NEXPO_DATA (what you were given) and NEXPO_HOME (what was
    downloaded), each source in its own folder.
    """


@command.command("list")
@click.option("--present", is_flag=True, help="Only sources with a file on this machine.")
@click.option("--module", default="", help="Only sources that this reader reads, e.g. infratel.")
@_JSON
def list_sources(*, present: bool, module: str, as_json: bool) -> None:
    """List the sources with licence, vintage, and what is on this machine.

    \b
    Examples:
      nexpo data list                      every source of the directory
      nexpo data list --present            what can be used now
      nexpo data list --module infratel    the files of one publisher
      nexpo data list --json               the same for a program
    """  # noqa: D301 - click reads the \b
    from nexpo.sources.directory import sources

    found = [(item, item.present()) for item in sources() if module in ("", item.module)]
    if module and not found:
        names = sorted({item.module for item in sources() if item.module})
        raise Problem(
            Kind.USAGE,
            "no source is read by such a module",
            value=module,
            remedy=f"one of {', '.join(names)}",
        )
    chosen = [(item, paths) for item, paths in found if paths or not present]
    if as_json:
        emit({"sources": [_as_dict(item, paths) for item, paths in chosen]})
        return
    for item, paths in chosen:
        click.echo(_described(item, paths))
    click.echo(f"{len(chosen)} sources, {sum(bool(paths) for _, paths in chosen)} at hand")


@command.command("get")
@click.argument("key")
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Folder to put it in; by default NEXPO_HOME.",
)
@click.option("--url", default="", help="Address of the file, when the directory has none or old.")
@click.option("--sha256", default="", help="Hash that the file must have.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@_JSON
def get_source(
    *, key: str, to: Path | None, url: str, sha256: str, quiet: bool, as_json: bool
) -> None:
    """Fetch the file of source KEY; an interrupted download is continued.

    The licence is printed first. Ctrl-C is safe: the bytes fetched are kept beside the
    target, and the last good file stays until the new one is whole and its hash is right.

    \b
    Examples:
      nexpo data get osb-openapi
      nexpo data get boundaries-topojson --to ./data
      nexpo data get openfiber-coverage-cd --url https://.../dbcopertura_CD_20250715.csv
    """  # noqa: D301 - click reads the \b
    from nexpo.core.progress import reporting
    from nexpo.core.settings import home_directory
    from nexpo.sources.directory import source
    from nexpo.sources.fetch import fetch

    item = source(key)
    click.echo(_terms(item), err=True)
    with reporting(quiet=quiet or as_json) as progress:
        done = fetch(item, to or home_directory(), address=url, sha256=sha256, progress=progress)
    if not item.finds(done.path.name):
        names = " or ".join(item.files)
        click.echo(f"note: not found by this name: unpack it, or rename it to {names}", err=True)
    if as_json:
        emit(
            {
                "key": item.key,
                "path": str(done.path),
                "found_by_name": item.finds(done.path.name),
                "bytes": done.bytes,
                "sha256": done.sha256,
                "resumed_from": done.resumed_from,
                "address": done.address,
                "licence": item.licence,
                "redistributable": item.redistributable,
            }
        )
        return
    kept = f" (continued after {done.resumed_from:,})" if done.resumed_from else ""
    click.echo(f"{done.path}: {done.bytes:,} bytes{kept}, sha256 {done.sha256}")


@command.command("check")
@click.argument("keys", nargs=-1)
@_JSON
def check_sources(*, keys: tuple[str, ...], as_json: bool) -> int:
    """Check the files at hand: hash, rows and columns, and totals that are known.

    Exit code 65 when a file is not what it should be.

    \b
    Examples:
      nexpo data check                              everything at hand
      nexpo data check infratel-uncovered-2025      one source
    """  # noqa: D301 - click reads the \b
    from nexpo.sources.check import check_file
    from nexpo.sources.directory import source, sources

    chosen = [source(key) for key in keys] if keys else list(sources())
    absent = [item for item in chosen if not item.usable()]
    if keys and absent:
        raise _not_here(absent[0])
    verdicts = [check_file(item, path) for item in chosen for path in item.usable()]
    failed = sum(not verdict.holds for verdict in verdicts)
    if as_json:
        emit({"files": [_verdict(verdict) for verdict in verdicts], "failed": failed})
    else:
        for verdict in verdicts:
            click.echo(_said(verdict))
        click.echo(f"{len(verdicts)} files, {failed} not as they should be")
    return Kind.BAD_INPUT.exit_code if failed else 0


def _as_dict(item: Source, paths: tuple[Path, ...]) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(item) | {"present": [str(path) for path in paths]}


def _described(item: Source, paths: tuple[Path, ...]) -> str:
    mark = "+" if paths else " "
    passed_on = "may be handed on" if item.redistributable else "for your own use only"
    lines = [
        f"{mark} {item.key}: {item.title}",
        f"    {item.publisher}, {item.vintage}; {item.licence}; {passed_on}",
    ]
    if not item.files:
        lines.append("    a package, installed with Nexpo")
    lines += [f"    {path}" for path in paths[:3]]
    if len(paths) > 3:  # noqa: PLR2004 - three names show where the others lie
        lines.append(f"    and {len(paths) - 3} more")
    return "\n".join(lines)


def _terms(item: Source) -> str:
    passed_on = "may be handed on" if item.redistributable else "for your own use only"
    return f"{item.title}\nlicence: {item.licence} ({passed_on}); credit: {item.attribution}"


def _not_here(item: Source) -> Problem:
    from nexpo.core.settings import home_directory

    return Problem(
        Kind.NO_INPUT,
        "no file of this source is on this machine",
        value=item.key,
        remedy=f"`nexpo data get {item.key}`, or put {' or '.join(item.files) or 'it'} into "
        f"{home_directory() / item.folder}",
    )


def _verdict(verdict: Verdict) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(verdict) | {"path": str(verdict.path), "holds": verdict.holds}


def _said(verdict: Verdict) -> str:
    size = "" if verdict.rows is None else f", {verdict.rows:,} rows"
    size += "" if verdict.columns is None else f" of {verdict.columns} columns"
    lines = [
        f"{'ok' if verdict.holds else 'NO'}  {verdict.path.name}: {verdict.bytes:,} bytes{size}"
    ]
    lines += [
        f"      {finding.what}: {finding.found}"
        + ("" if finding.holds else f", expected {finding.expected}")
        for finding in verdict.findings
        if finding.what != "sha256" or not finding.holds
    ]
    return "\n".join(lines)
