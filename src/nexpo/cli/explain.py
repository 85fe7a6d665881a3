"""``nexpo explain``: the arithmetic behind a figure, down to its inputs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nexpo.cli.failure import emit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nexpo.core.evidence import Figure, Ledger

_BUILDS = "builds"
_FIGURES = "figures.jsonl"
_MOST = 40


@click.command(name="explain")
@click.argument("figure", required=False)
@click.option(
    "--build",
    "folder",
    type=click.Path(path_type=Path),
    help=f"Folder of a build; the newest below {_BUILDS}/ when left out.",
)
@click.option(
    "--list",
    "listed",
    is_flag=True,
    help="List figures whose id or title holds FIGURE; without it, all topics.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(figure: str | None, folder: Path | None, listed: bool, as_json: bool) -> None:
    """Print how FIGURE was made: the arithmetic with the numbers in, rules, inputs.

    An id is TOPIC.NAME for the region, TOPIC.NAME/CODE for a province (three digits) or a
    municipality (six). TOPIC/CODE prints what is known of the topic there. Without FIGURE
    the topics are listed.

    \b
    Examples:
      nexpo explain
      nexpo explain uncovered.total
      nexpo explain need/097042
      nexpo explain --list latency
      nexpo explain uncovered.share_c --build builds/lombardia --json
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.core.evidence import read_ledger

    if figure is not None and not figure.strip():
        message = "FIGURE is empty: name one, or leave it out to list the topics"
        raise click.UsageError(message)
    ledger = read_ledger((folder or _newest()) / _FIGURES)
    if listed and figure:
        _print_found(ledger, figure, as_json=as_json)
    elif listed or figure is None:
        _print_topics(ledger, as_json=as_json)
    else:
        _print_explained(ledger, _asked(ledger, figure), as_json=as_json)


def _newest() -> Path:
    from nexpo.core.problem import Kind, Problem, Where

    found = sorted(Path(_BUILDS).glob(f"*/{_FIGURES}"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise Problem(
            Kind.NO_INPUT,
            "there is no build here",
            where=Where(_BUILDS),
            remedy="run nexpo build REGION first, or name a build with --build",
        )
    return found[-1].parent


def _asked(ledger: Ledger, name: str) -> list[str]:
    """Return the figures that a name means: itself, or the topic's outermost at a place."""
    topic, slash, place = name.partition("/")
    if name in ledger or not slash or "." in topic:
        return [ledger[name].id]
    here = [item for item in ledger if _at(item, topic, place)]
    inner = {operand for item in here for _, operand in item.operands}
    return [item.id for item in here if item.id not in inner] or [ledger[name].id]


def _at(figure: Figure, topic: str, place: str) -> bool:
    return figure.id.startswith(f"{topic}.") and figure.id.endswith(f"/{place}")


def _print_explained(ledger: Ledger, names: list[str], *, as_json: bool) -> None:
    if not as_json:
        click.echo("\n\n".join(ledger.explain(name) for name in names))
        return
    figures = [_plain(ledger[name], ledger) for name in names]
    emit(figures[0] if len(figures) == 1 else {"figures": figures})


def _print_found(ledger: Ledger, text: str, *, as_json: bool) -> None:
    wanted = text.casefold()
    found = [
        item for item in ledger if wanted in item.id.casefold() or wanted in item.title.casefold()
    ]
    if as_json:
        emit({"figures": [_short(item) for item in found]})
        return
    click.echo("\n".join(_lines(found[:_MOST])) if found else f"no figure holds {text!r}")
    if len(found) > _MOST:
        click.echo(f"... and {len(found) - _MOST:,} more: add letters, or use --json")


def _lines(figures: list[Figure]) -> Iterator[str]:
    from nexpo.core.evidence import format_value

    for item in figures:
        mark = "  (synthetic)" if item.synthetic else ""
        yield f"{item.id}\t{format_value(item.value)} {item.unit}\t{item.title}{mark}"


def _print_topics(ledger: Ledger, *, as_json: bool) -> None:
    topics: dict[str, list[Figure]] = {}
    for item in ledger:
        topics.setdefault(item.id.partition(".")[0], []).append(item)
    if as_json:
        emit(
            {
                "topics": {
                    name: [i.id for i in items if "/" not in i.id] for name, items in topics.items()
                }
            }
        )
        return
    for name, items in topics.items():
        click.echo(f"{name}: {len(items):,} figures")
        click.echo("  " + ", ".join(_examples(items)))
    click.echo("\nnexpo explain ID prints one; nexpo explain --list TEXT searches.")


def _examples(items: list[Figure], most: int = 6) -> list[str]:
    names = list(dict.fromkeys(i.id.partition("/")[0] for i in items))
    return [*names[:most], "..."] if len(names) > most else names


def _short(figure: Figure) -> dict[str, object]:
    return {
        "id": figure.id,
        "title": figure.title,
        "value": figure.value,
        "unit": figure.unit,
        "synthetic": figure.synthetic,
    }


def _plain(figure: Figure, ledger: Ledger) -> dict[str, object]:
    from dataclasses import asdict

    own = {key: value for key, value in asdict(figure).items() if key != "operands"}
    own["parameters"] = [use | {"value": _parsed(use["value"])} for use in own["parameters"]]
    operands = {name: _plain(ledger[item], ledger) for name, item in figure.operands}
    return own | {"operands": operands}


def _parsed(value: str) -> object:
    """Return the value of a rule as a program wants it: lists and mappings are kept as YAML."""
    if not value.startswith(("[", "{")):
        return value
    import yaml

    return yaml.safe_load(value)
