"""``nexpo design cost``: the bill and the business case of a written design, priced again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.failure import emit

if TYPE_CHECKING:
    from nexpo.build.design.again import Recosted
    from nexpo.build.design.model import Cost

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(name="cost")
@click.argument("design", type=_FOLDER)
@click.option("--level", type=click.Choice(["low", "mid", "high"]), help="Of prices.")
@click.option("--date", "day", metavar="YYYY-MM-DD", help="Of prices and rules.")
@click.option("--prices", multiple=True, type=_FILE, help="Price file over the library.")
@click.option("--grant-rule", help="Name or file of the rule that caps the grant.")
@click.option("--lines", is_flag=True, help="Print each line of the bill.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, each line included.")
def command(
    design: Path,
    level: str | None,
    day: str | None,
    prices: tuple[Path, ...],
    grant_rule: str | None,
    lines: bool,
    as_json: bool,
) -> None:
    """Price the quantities of the folder DESIGN again: bill, business case, grant.

    Routes and cables stay as they were designed; at other prices another route may be cheaper,
    which `nexpo design area` finds.

    \b
    Examples:
      nexpo design cost builds/design-097042
      nexpo design cost builds/design-097042 --level high --lines
      nexpo design cost builds/design-097042 --prices own.yaml --grant-rule fnc --json
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.build.design.again import Terms, recost
    from nexpo.build.design.reading import read_design
    from nexpo.connectivity.design.money import Level
    from nexpo.core.period import parse_date

    terms = Terms(
        on=parse_date(day) if day else None,
        level=Level(level) if level else None,
        prices=prices,
        grant_rule=grant_rule,
    )
    found = recost(read_design(design), terms)
    if as_json:
        emit(_plain(found))
    else:
        click.echo("\n".join(_told(found, lines=lines)))


def _plain(found: Recosted) -> dict[str, Any]:
    return {
        "on": found.on.isoformat(),
        "level": found.level.value,
        "technologies": {kind.value: _costs(cost, found) for kind, cost in found.costs.items()},
        "grant": {
            level.value: {"eur": each.amount.cents / 100, "reason": each.reason}
            for level, each in found.grants.items()
        },
    }


def _costs(cost: Cost, found: Recosted) -> dict[str, Any]:
    costed = cost.bills.at(found.level)
    return {
        "addresses": cost.addresses,
        "units": cost.units,
        "lines": [
            {
                "item": line.item.code,
                "unit": line.item.unit,
                "quantity": str(line.quantity),
                "unit_price_eur": line.unit_price.cents / 100,
                "amount_eur": line.amount.cents / 100,
            }
            for line in costed.lines
        ],
        "levels": {
            level.value: {
                "total_eur": cost.bills.at(level).total.cents / 100,
                "network_eur": cost.bills.at(level).network.cents / 100,
                "npv_eur": case.npv.cents / 100,
                "gap_eur": case.gap.cents / 100,
                "paying_units": case.lines,
            }
            for level, case in cost.cases.items()
        },
    }


def _told(found: Recosted, *, lines: bool) -> Iterator[str]:
    for kind, cost in found.costs.items():
        costed, case = cost.bills.at(found.level), cost.cases[found.level]
        yield f"{kind}, {found.level} prices of {found.on}: {cost.addresses:,} addresses passed"
        if lines:
            for line in costed.lines:
                yield (
                    f"    {line.item.code:<24}{line.quantity:>14,} {line.item.unit:<6}"
                    f"{line.unit_price!s:>16}{line.amount!s:>20}"
                )
        for chapter, amount in costed.subtotals.items():
            yield f"  {chapter.english:<34}{amount!s:>20}"
        yield f"  {'Total':<34}{costed.total!s:>20}"
        yield f"  {'Network, whoever connects':<34}{costed.network!s:>20}"
        yield f"  {'by address passed':<34}{cost.each(found.level)!s:>20}"
        each = cost.per_unit[found.level]
        yield f"  {f'by unit connected ({case.lines:,})':<34}{each.connected!s:>20}"
        yield f"  {'Net present value':<34}{case.npv!s:>20}"
        yield f"  {'Gap':<34}{case.gap!s:>20}"
    if found.level in found.grants:
        granted = found.grants[found.level]
        yield f"grant for fibre: {granted.amount}; {granted.reason}"
