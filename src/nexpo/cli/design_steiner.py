"""``nexpo design steiner``: the solver on a file of a public collection."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.failure import emit

if TYPE_CHECKING:
    from nexpo.connectivity.design.adapters.steiner_files import SteinerFile
    from nexpo.connectivity.design.steiner import Answer

_PATH = click.Path(path_type=Path)


@click.command(name="steiner")
@click.argument("file", type=_PATH)
@click.option(
    "--time-limit",
    "seconds",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    metavar="S",
    help="Seconds for everything; the best tree so far is given when they are up.",
)
@click.option(
    "--rounds",
    type=click.IntRange(min=0),
    help="Rounds of search in place of a time: then the answer depends on the seed alone.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the random choices.")
@click.option("--output", "-o", type=_PATH, help="Write the tree here, as PACE 2018 asks.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, the edges included.")
def command(
    file: Path,
    seconds: float,
    rounds: int | None,
    seed: int,
    output: Path | None,
    as_json: bool,
) -> None:
    """Connect the terminals of FILE by the cheapest tree found, with a proven bound.

    FILE is SteinLib .stp (prizes and a root are understood) or PACE .gr; plain, .xz or .gz.
    The tree is verified against the file by code that shares nothing with the solver. Stopped
    with ctrl-C, the command gives the best tree so far.

    \b
    Examples:
      nexpo design steiner city.stp
      nexpo design steiner instance.gr.xz --time-limit 120 --seed 1 --json
      nexpo design steiner city.stp --rounds 500 --output tree.txt
    """  # noqa: D301 - \b keeps click from joining the lines
    started = time.monotonic()
    from nexpo.connectivity.design.adapters.steiner_files import read_steiner, write_tree
    from nexpo.connectivity.design.steiner import Limits, check, solve
    from nexpo.core.files import check_outputs
    from nexpo.core.problem import Kind, Problem
    from nexpo.core.progress import reporting

    check_outputs({"--output": output}, {"FILE": file})
    read = read_steiner(file)
    left = max(0.0, seconds - (time.monotonic() - started))
    limits = Limits(seconds=None if rounds is not None else left, rounds=rounds)
    with reporting(quiet=as_json) as progress, _stopped_by_hand() as stopped:
        progress.step(f"searching {read.instance.name}")

        def watch(done: int, cost: int, bound: int) -> None:
            low = read.in_file_units(bound)
            progress.advance(done, None, f"rounds, cost {read.in_file_units(cost)} >= {low}")

        answer = solve(
            read.instance, limits, seed=seed, clock=time.monotonic, watch=watch, stop=stopped
        )
    wrong = check(read.instance, answer)
    if wrong:
        raise Problem(Kind.INTERNAL, f"the tree found is wrong: {wrong[0]}", remedy="report it")
    if output is not None:
        write_tree(output, read, answer)
    if as_json:
        emit(_as_json(read, answer, seed))
    else:
        _print(read, answer, output)


@contextmanager
def _stopped_by_hand() -> Iterator[Any]:
    """Yield a function that says whether ctrl-C was pressed; a second one ends at once."""
    pressed = []

    def note(number: int, frame: FrameType | None) -> None:
        del number, frame
        pressed.append(True)
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)


def _as_json(read: SteinerFile, answer: Answer, seed: int) -> dict[str, Any]:
    """Return the answer in the file's ids and units."""
    instance = read.instance
    tail = (instance.tail[answer.edges] + 1).tolist()
    head = (instance.head[answer.edges] + 1).tolist()
    return {
        "instance": instance.name,
        "nodes": instance.nodes,
        "edges_in_graph": len(instance.tail),
        "terminals": len(instance.terminals),
        "cost": read.in_file_units(answer.cost),
        "lower_bound": read.in_file_units(answer.bound),
        "gap": answer.gap,
        "optimal": answer.cost == answer.bound,
        "feasible": True,  # checked: a wrong tree is an error, not an answer
        "seed": seed,
        "rounds": answer.rounds,
        "seconds": round(answer.seconds, 3),
        "tree_nodes": (answer.nodes + 1).tolist(),
        "edges": [list(pair) for pair in zip(tail, head, strict=True)],
    }


def _print(read: SteinerFile, answer: Answer, output: Path | None) -> None:
    name = read.instance.name
    click.echo(f"{name}: {len(answer.edges):,} edges, verified against the file")
    click.echo(f"  cost         {read.in_file_units(answer.cost):,}")
    click.echo(f"  lower bound  {read.in_file_units(answer.bound):,}")
    gap = "proven optimal" if answer.cost == answer.bound else f"at most {answer.gap:.4%} above"
    click.echo(f"  gap          {gap}")
    click.echo(f"  search       {answer.rounds:,} rounds in {answer.seconds:.1f} s")
    if output is not None:
        click.echo(f"  tree         {output}")
