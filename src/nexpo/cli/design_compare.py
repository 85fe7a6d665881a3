"""``nexpo design compare``: written designs beside each other and beside public programmes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.failure import emit

if TYPE_CHECKING:
    from nexpo.build.design.again import Beside
    from nexpo.connectivity.design.money import Comparison, Level

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command(name="compare")
@click.argument("designs", nargs=-1, required=True, type=_FOLDER)
@click.option(
    "--level",
    type=click.Choice(["low", "mid", "high"]),
    default="mid",
    show_default=True,
    help="Of prices, for the comparison with programmes; the table shows all three.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(designs: tuple[Path, ...], level: str, as_json: bool) -> None:
    """Compare the folders DESIGNS: fibre and wireless, architectures, low, mid and high.

    Each design is also held beside what public programmes of its region spent per connection,
    with what can and what cannot be compared.

    \b
    Examples:
      nexpo design compare builds/design-097042
      nexpo design compare out/split64 out/p2p --level high --json
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.build.design.again import against_programmes, read_designs, side_by_side
    from nexpo.connectivity.design.money import Level

    stored, at = read_designs(designs), Level(level)
    rows = side_by_side(stored)
    beside = {str(each.folder): against_programmes(each, at) for each in stored}
    if as_json:
        emit(
            {
                "level": level,
                "designs": [_plain(row) for row in rows],
                "programmes": {
                    name: [_beside(each) for each in found] for name, found in beside.items()
                },
            }
        )
        return
    click.echo("\n".join(_table(rows)))
    for name, found in beside.items():
        click.echo("\n".join(_programmes(name, found, at)))


def _plain(row: Beside) -> dict[str, Any]:
    return {
        "design": row.design,
        "place": row.place,
        "technology": row.technology,
        "built_as": row.architecture,
        "addresses": row.addresses,
        "synthetic": row.synthetic,
        "network_eur": {level.value: cents / 100 for level, cents in row.network.items()},
        "per_address_eur": {level.value: row.each(level).cents / 100 for level in row.network},
        "gap_eur": {level.value: cents / 100 for level, cents in row.gap.items()},
        "trench_m": row.trench_m,
        "trench_gap": row.trench_gap,
    }


def _beside(found: Comparison) -> dict[str, Any]:
    return {
        "programme": found.programme.name,
        "programme_each_eur": found.programme.public_each.cents / 100,
        "counted": found.programme.counted,
        "here_each_eur": found.public_each.cents / 100,
        "ratio": None if found.public_ratio is None else float(found.public_ratio),
        "cost_each_eur": found.cost_each.cents / 100,
        "cost_ratio": None if found.cost_ratio is None else float(found.cost_ratio),
        "comparable": list(found.comparable),
        "not_comparable": list(found.not_comparable),
    }


def _table(rows: Sequence[Beside]) -> Iterator[str]:
    yield (
        f"{'design':<24}{'technology':<12}{'built as':<16}{'addresses':>10}"
        f"{'EUR/address low':>17}{'mid':>10}{'high':>10}{'trench km':>11}{'gap':>8}"
    )
    for row in rows:
        each = [f"{row.each(level).cents / 100:,.0f}" for level in row.network]
        km = "" if row.trench_m is None else f"{row.trench_m / 1000:,.1f}"
        gap = "" if row.trench_gap is None else f"{row.trench_gap:.2%}"
        mark = "  SYNTHETIC" if row.synthetic else ""
        yield (
            f"{row.design:<24}{row.technology:<12}{row.architecture:<16}{row.addresses:>10,}"
            f"{each[0]:>17}{each[1]:>10}{each[2]:>10}{km:>11}{gap:>8}{mark}"
        )


def _programmes(name: str, found: Sequence[Comparison], level: Level) -> Iterator[str]:
    if not found:
        return
    yield f"\n{name}: public money by connection, {level} prices"
    for each in found:
        ratio = "unknown" if each.public_ratio is None else f"{float(each.public_ratio):.1f} x"
        yield (
            f"  {ratio:>8}  {each.public_each} here, {each.programme.public_each} a "
            f"{each.programme.counted}: {each.programme.name}"
        )
    yield from (f"  not comparable: {text}" for text in found[-1].not_comparable)
