"""``nexpo datacentres check``: a project against dated rules, and its permit path."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexpo.cli.failure import emit

if TYPE_CHECKING:
    from nexpo.datacentres.adapters.rule_pack_files import Library
    from nexpo.datacentres.rules.evaluate import Change
    from nexpo.datacentres.rules.model import Answer, Aside, Conflict, Judgement, Project, Rule
    from nexpo.datacentres.rules.permits import Step

_PATH = click.Path(path_type=Path)


class _Day(click.ParamType[date]):
    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day; write YYYY-MM-DD", param, ctx)


class _Set(click.ParamType[tuple[str, date]]):
    name = "EVENT=DATE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, date]:
        event, _, day = str(value).partition("=")
        try:
            return event, date.fromisoformat(day)
        except ValueError:
            self.fail(f"{value!r} is not of the form EVENT=YYYY-MM-DD", param, ctx)


@click.command(name="check")
@click.argument("project", type=_PATH)
@click.option(
    "--date",
    "days",
    type=_Day(),
    required=True,
    multiple=True,
    help="Day to judge for; give several to see what changes between them.",
)
@click.option(
    "--pack",
    "packs",
    multiple=True,
    metavar="NAME|FILE",
    help="Only these rule packs; all of Nexpo's by default.",
)
@click.option(
    "--set",
    "assumed",
    type=_Set(),
    multiple=True,
    help="Assume the day of an event that the packs leave open.",
)
@click.option(
    "--ics",
    type=_PATH,
    help="Write the terms of the permit path, as of the latest day given, as a calendar.",
)
@click.option(
    "--roll",
    type=click.Choice(["none", "working-day"]),
    default="none",
    show_default=True,
    help="Whether a term that ends on a Saturday or Sunday ends on the next working day.",
)
@click.option("--all", "everything", is_flag=True, help="Also list the rules that do not speak.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    project: Path,
    days: tuple[date, ...],
    packs: tuple[str, ...],
    assumed: tuple[tuple[str, date], ...],
    ics: Path | None,
    roll: str,
    everything: bool,
    as_json: bool,
) -> None:
    """Hold the facts of PROJECT (YAML, JSON, CSV, XLSX) against dated rules.

    Each rule answers pass, fail, unknown or needs a person, with article, dates and reason. Rules
    that contradict each other are listed with what precedence says; none is left out for it. Facts
    that can hardly be so, or that contradict each other, are asked about.

    \b
    Examples:
      nexpo datacentres check campus.yaml --date 2026-07-01
      nexpo datacentres check campus.yaml --date 2024-07-01 --date 2026-07-01 --date 2028-07-01
      nexpo datacentres check campus.yaml --date 2028-07-01 --set act-2026-in-force=2026-12-15
      nexpo datacentres check campus.yaml --date 2026-07-01 --ics terms.ics --json
    """  # noqa: D301 - \b keeps click from joining the lines
    from nexpo.core.files import check_outputs
    from nexpo.datacentres.adapters.project_files import read_projects
    from nexpo.datacentres.adapters.rule_pack_files import load_packs

    check_outputs({"--ics": ics}, {"PROJECT": project})
    library = load_packs(packs, days=dict(assumed))
    ordered = sorted(dict.fromkeys(days))
    results = [_Result(each, library, ordered, roll) for each in read_projects(project)]
    if ics is not None:
        _write_calendar(ics, results, ordered[-1])
    if as_json:
        emit([each.as_dict() for each in results])
        return
    for each in results:
        each.show(everything=everything)
    if ics is not None:
        click.echo(f"calendar: {ics}")


class _Result:
    """What is said of one project on each day."""

    def __init__(self, project: Project, library: Library, days: Sequence[date], roll: str) -> None:
        from nexpo.datacentres.adapters.rule_pack_files import fact_bounds
        from nexpo.datacentres.rules.doubts import doubts
        from nexpo.datacentres.rules.evaluate import changes, judge, silent_changes
        from nexpo.datacentres.rules.permits import permit_path

        how: Any = roll.replace("-", " ")
        self.project = project
        self.judgements = [judge(project, library.rules, day) for day in days]
        self.changes = [c for pair in pairwise(self.judgements) for c in changes(*pair)]
        self.quiet = [silent_changes(*pair) for pair in pairwise(self.judgements)]
        self.paths = [permit_path(project, library.procedures, day, roll=how) for day in days]
        self.questions = [doubts(project, fact_bounds(day), day) for day in days]

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        days = zip(self.judgements, self.paths, self.questions, strict=True)
        return {
            "project": self.project.name,
            "days": [
                _judgement(judged) | {"permits": _steps(path), "questions": list(asked)}
                for judged, path, asked in days
            ],
            "changes": [_change(each) for each in self.changes],
            "silent_changes": sum(self.quiet),
        }

    def show(self, *, everything: bool) -> None:
        """Print everything for people."""
        for judged, path, asked in zip(self.judgements, self.paths, self.questions, strict=True):
            _show_judgement(judged, everything=everything)
            for question in asked:
                click.echo(f"  QUESTION: {question}")
            _show_path(path)
        if self.changes or sum(self.quiet):
            click.echo(f"{self.project.name}: what changes")
        for change in self.changes:
            click.echo(f"  {change.before} to {change.after}  {change.rule}")
            click.echo(f"      {change.was} -> {change.now}: {change.why}")
        if sum(self.quiet):
            click.echo(
                f"  and {sum(self.quiet)} rules that speak on neither day, for another reason"
            )


def _write_calendar(target: Path, results: Sequence[_Result], stamp: date) -> None:
    from nexpo.core.files import atomic_path
    from nexpo.datacentres.rules.calendar import events_of, to_icalendar

    events = [e for each in results for e in events_of(each.project.name, each.paths[-1])]
    names = ", ".join(each.project.name for each in results)
    text = to_icalendar(events, name=names, stamp=stamp)
    with atomic_path(target) as path:
        path.write_bytes(text.encode())


# As plain values


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "title": rule.title,
        "pack": rule.pack.id,
        "article": rule.article,
        "source": rule.source,
        "certainty": rule.certainty.value,
        "in_force_from": str(rule.starts),
        "in_force_to": None if rule.ends is None else str(rule.ends),
        "note": rule.note,
    }


def _judgement(judged: Judgement) -> dict[str, Any]:
    return {
        "date": str(judged.day),
        "answers": [_answer(each) for each in judged.answers],
        "silent": [_rule(a.rule) | {"why": a.why.value, "reason": a.reason} for a in judged.asides],
        "conflicts": [_conflict(each) for each in judged.conflicts],
    }


def _answer(answer: Answer) -> dict[str, Any]:
    return _rule(answer.rule) | {
        "verdict": answer.verdict.value,
        "reason": answer.reason,
        "values": dict(answer.values),
        "missing": list(answer.missing),
        "in_doubt": answer.in_doubt,
        "question": answer.question or None,
    }


def _conflict(conflict: Conflict) -> dict[str, Any]:
    return {
        "attribute": conflict.attribute,
        "rules": [rule.id for rule in conflict.rules],
        "values": {r.pack.title: r.gives.value for r in conflict.rules if r.gives is not None},
        "prevails": None if conflict.winner is None else conflict.winner.title,
        "why": conflict.why,
        "certain": conflict.certain,
    }


def _steps(path: Sequence[Step]) -> list[dict[str, Any]]:
    return [
        {
            "procedure": step.procedure.id,
            "title": step.procedure.title,
            "authority": step.procedure.authority,
            "article": step.procedure.article,
            "certainty": step.procedure.certainty.value,
            "term": step.term,
            "begins": step.begins,
            "due": step.due,
            "due_if_extended": step.extended,
            "certain": step.certain,
            "one_of_the_two_with": step.one_of or None,
            "reason": step.reason,
            "question": step.procedure.question or None,
            "note": step.procedure.note,
        }
        for step in path
    ]


def _change(change: Change) -> dict[str, Any]:
    return {
        "rule": change.rule,
        "from": change.before,
        "to": change.after,
        "was": change.was,
        "now": change.now,
        "why": change.why,
    }


# For people


def _show_judgement(judged: Judgement, *, everything: bool) -> None:
    click.echo(f"{judged.project}, judged for {judged.day}")
    pack = ""
    for answer in judged.answers:
        if answer.rule.pack.title != pack:
            pack = answer.rule.pack.title
            click.echo(f"  {pack}")
        click.echo(f"    {answer.verdict.value:<14} {answer.rule.title}")
        click.echo(f"      {answer.reason}")
        rule = answer.rule
        click.echo(f"      {rule.article}; in force {rule.dates}; {rule.certainty.value}")
        if answer.question:
            click.echo(f"      to decide: {answer.question}")
    for conflict in judged.conflicts:
        doubt = "" if conflict.certain else " (possible: whether both hold is not known)"
        click.echo(f"  CONFLICT on {conflict.attribute}{doubt}: {conflict.why}")
    if everything:
        for aside in judged.asides:
            _show_aside(aside)
    elif judged.asides:
        click.echo(f"  {len(judged.asides)} rules do not speak; --all lists them")


def _show_aside(aside: Aside) -> None:
    click.echo(f"    {'-':<14} {aside.rule.title}")
    click.echo(f"      {aside.why.value}: {aside.reason} ({aside.rule.pack.title})")


def _show_path(path: Sequence[Step]) -> None:
    if path:
        click.echo("  permit path")
    for number, step in enumerate(path, 1):
        mark = "" if step.certain else " (not certain)"
        if step.one_of:
            mark = f" (one of the two: this or {step.one_of})"
        click.echo(f"    {number}. {step.procedure.title}{mark}")
        click.echo(f"      {step.procedure.authority}; {step.procedure.article}")
        due = "" if step.due is None else f"; due {step.due}"
        due += "" if step.extended is None else f", at the latest {step.extended}"
        click.echo(f"      {step.term}{due}; {step.procedure.certainty.value}; {step.reason}")
        if step.procedure.question:
            click.echo(f"      to decide: {step.procedure.question}")
