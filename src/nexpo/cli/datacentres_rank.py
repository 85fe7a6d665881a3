"""``nexpo datacentres rank``: the ranking methods on any decision table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.failure import emit

if TYPE_CHECKING:
    from nexpo.build.datacentres.ranked import Ranked

_PATH = click.Path(path_type=Path)
_SHOWN = 20
_MOST_IN_JSON = 10_000
_OFTEN = {"first_acceptability": "first", "top_acceptability": "among the best"}


_OF_DRAWS = ("draws",)
_SCALED = ("saw", "topsis", "vikor", "codas", "electre1")
_OF_METHOD = {
    "v": ("vikor",),
    "advantage": ("vikor",),
    "tau": ("codas",),
    "concordance": ("electre1",),
    "discordance": ("electre1",),
    "discordance_rule": ("electre1",),
    "preference": ("promethee1", "promethee2"),
    "normalise": _SCALED,
    "cost": _SCALED,
    "around": _OF_DRAWS,
    "top_share": _OF_DRAWS,
    "exact_thresholds": _OF_DRAWS,
}
"""Methods that use an option; those that all of them use are not named."""


def _choice(*values: str) -> click.Choice[str]:
    return click.Choice(values, case_sensitive=False)


@click.command(name="rank")
@click.argument("table", type=_PATH)
@click.option(
    "--method",
    required=True,
    type=_choice(
        *("saw", "topsis", "promethee2", "promethee1", "spotis", "vikor", "codas", "electre1")
    ),
    help="Ranking method.",
)
@click.option(
    "--weights",
    metavar="LIST|WORD|FILE",
    help="0.3,0.7 or price=3,size=7; equal, entropy, critic, std; ahp:PAIRS.csv; a file of "
    "criteria. Equal where nothing is said.",
)
@click.option("--directions", metavar="LIST", help="max, min or target, a criterion each.")
@click.option("--criteria", "criteria_file", type=_PATH, help="File of criteria, CSV or YAML.")
@click.option("--targets", metavar="LIST", help="Wished values, as ph=7.")
@click.option("--bounds", metavar="LIST", help="low:high a criterion each; 'table' for its own.")
@click.option(
    "--outside",
    type=_choice("refuse", "clip", "keep"),
    default="refuse",
    show_default=True,
    help="What to do with values beyond the bounds.",
)
@click.option(
    "--normalise",
    type=_choice("minmax", "max", "sum", "vector", "none"),
    help="How values are brought to one scale; by default as the method has it.",
)
@click.option("--cost", type=_choice("reflect", "invert"), help="How a cost is turned round.")
@click.option(
    "--preference",
    multiple=True,
    metavar="LIST",
    help="PROMETHEE: usual, u:q, v:p, level:q:p, linear:q:p, gaussian:s; or name=...",
)
@click.option(
    "--unknown",
    type=_choice("unknown", "renormalise", "worst"),
    default="unknown",
    show_default=True,
    help="What an empty cell does: its row has no score; weights of the rest; worst value.",
)
@click.option("--v", type=float, default=0.5, show_default=True, help="VIKOR: weight of the many.")
@click.option("--advantage", type=float, help="VIKOR: lead asked for by C1.  [default: 1/(n-1)]")
@click.option("--tau", type=float, default=0.02, show_default=True, help="CODAS: threshold.")
@click.option("--concordance", type=float, help="ELECTRE I: least.  [default: mean of pairs]")
@click.option("--discordance", type=float, help="ELECTRE I: greatest.  [default: mean of pairs]")
@click.option(
    "--discordance-rule",
    type=_choice("range", "common", "weighted"),
    default="range",
    show_default=True,
    help="ELECTRE I: what discordance is measured by.",
)
@click.option("--random-index", default="saaty-1980", show_default=True, help="AHP: table of it.")
@click.option(
    "--ties",
    type=_choice("min", "max", "average", "dense", "ordinal"),
    default="min",
    show_default=True,
    help="Which rank equals get.",
)
@click.option("--draws", type=click.IntRange(min=1), help="Draw weights so many times.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the draws.")
@click.option(
    "--around",
    type=click.FloatRange(min=0, min_open=True),
    help="Draw around the weights, with this Dirichlet concentration.  [default: all alike]",
)
@click.option("--top-share", type=float, default=0.01, show_default=True, help="Best share.")
@click.option("--exact-thresholds", is_flag=True, help="Of the best share, not from a sample.")
@click.option("--id", "id_column", metavar="COLUMN", help="Names; '-' for none.  [default: first]")
@click.option(
    "--decimal",
    type=_choice(".", ","),
    default=".",
    show_default=True,
    help="Mark of decimals in CSV.",
)
@click.option("--encoding", default="utf-8", show_default=True, help="Of a CSV.")
@click.option("--skip-bad-rows", is_flag=True, help="Leave rows with a bad cell out, and say so.")
@click.option("--top", type=click.IntRange(min=1), help="Show only the best so many.")
@click.option("--out", "-o", type=_PATH, help="Write the whole ranking: .csv, .xlsx, .parquet.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(table: Path, top: int | None, out: Path | None, as_json: bool, **said: Any) -> None:
    """Rank the rows of TABLE (CSV, XLSX or Parquet) by its columns.

    The first column names the alternatives. Where criteria are named (in a file, or as
    name=value), the other columns stay out.

    \b
    Examples:
      nexpo datacentres rank sites.csv --method topsis --directions max,min --weights 0.3,0.7
      nexpo datacentres rank sites.xlsx --method promethee2 --criteria criteria.yaml --json
      nexpo datacentres rank t.csv --method promethee2 --directions max --preference linear:1:5
      nexpo datacentres rank t.csv --method saw --directions max --draws 1000 --seed 7 -o out.csv
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.build.datacentres.ranked import Asked, rank_table
    from nexpo.core.files import check_outputs
    from nexpo.core.progress import reporting

    inputs = {"TABLE": table, "--criteria": said["criteria_file"]}
    check_outputs({"--out": out}, inputs)
    _refuse_unused(click.get_current_context(), said)
    said["preference"] = ",".join(said["preference"]) or None
    with reporting(quiet=as_json) as progress:
        found = rank_table(table, Asked(**said), progress)
        if out is not None:
            from nexpo.datacentres.adapters.decision_files import write_ranking

            write_ranking(out, found.columns())
    if as_json:
        emit(found.as_dict(top or _MOST_IN_JSON) | ({"out": str(out)} if out else {}))
    else:
        _print(found, top or _SHOWN, out)


def _refuse_unused(context: click.Context, said: dict[str, Any]) -> None:
    """Refuse options that the method does not use: they would change nothing, unsaid."""
    from click.core import ParameterSource

    from nexpo.core.problem import Kind, Problem

    method = said["method"].lower()
    for name, methods in _OF_METHOD.items():
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        drawn = methods is _OF_DRAWS and said["draws"] is None
        if given and (drawn or (methods is not _OF_DRAWS and method not in methods)):
            option = f"--{name.replace('_', '-')}"
            raise Problem(
                Kind.USAGE,
                f"{option} does nothing without --draws" if drawn else f"{method} has no {option}",
                value=option,
                remedy="add --draws N, or leave it out"
                if drawn
                else f"leave it out; it is for {', '.join(methods)}",
            )


def _print(found: Ranked, top: int, out: Path | None) -> None:
    facts = found.as_dict(top)
    click.echo(f"{facts['method']}, {facts['alternatives_total']:,} alternatives")
    for each in facts["criteria"]:
        click.echo(f"  {each['name']:<28}{each['direction']:<8}{each['weight']:>8.4f}")
    if found.partial:
        _print_partial(facts)
    else:
        _print_ranks(facts)
    left = facts["alternatives_total"] - facts["shown"]
    if left:
        click.echo(f"      and {left:,} more; --top or --out for the rest")
    for name, value in facts["result"].items():
        of_rows = not isinstance(value, list) or all(isinstance(each, str) for each in value)
        if of_rows and not name.startswith("relations"):
            click.echo(f"{name.replace('_', ' ')}: {value}")
    for note in facts["notes"]:
        click.echo(f"note: {note}")
    if out is not None:
        click.echo(f"written: {out}")


def _print_partial(facts: dict[str, Any]) -> None:
    """Print flows, and who is preferred to whom; no ranks: the order is partial."""
    click.echo("phi plus  phi minus")
    for row in facts["alternatives"]:
        told = [
            "unknown" if row[name] is None else f"{row[name]:.4f}"
            for name in ("phi_plus", "phi_minus")
        ]
        click.echo(f"{told[0]:>8}  {told[1]:>9}  {row['id']}")
    if "relations" in facts["result"]:
        click.echo("relations, row to column, in the order of the table:")
        names = facts["result"]["relations_of"]
        for name, row in zip(names, facts["result"]["relations"], strict=True):
            click.echo(f"  {' '.join(row)}  {name}")
    else:
        click.echo("relations are told of short tables only: compare both flows")


def _print_ranks(facts: dict[str, Any]) -> None:
    better = "greatest" if facts["more_is_better"] else "least"
    click.echo(f"rank  score ({better} is best)")
    for row in facts["alternatives"]:
        rank = "-" if row["rank"] is None else f"{row['rank']:g}"
        score = "unknown" if row["score"] is None else f"{row['score']:.6g}"
        often = [f"{row[key]:>6.1%} {word}" for key, word in _OFTEN.items() if key in row]
        click.echo(f"{rank:>4}  {score:<12} {'  '.join([*often, row['id']])}")
