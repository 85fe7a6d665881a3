"""A compiled rule as one ANSI SQL text that runs unchanged on DuckDB and on Apache Spark.

Stage one judges each declaration, stage two gathers what an address has, stage three
decides by the rule's table. Networks are counted without ``COUNT(DISTINCT)``: the
smallest and the largest name of a counting infrastructure tell 0, 1 and "two or more".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nexpo.connectivity.coverage.expression import AllOf, Condition, literal, negate, to_sql
from nexpo.connectivity.coverage.model import NETWORKS_MANY, Aid, Verdict
from nexpo.connectivity.coverage.rules import CompiledRule

BASES = ("", "_today", "_passed")
"""Suffixes of the three counts: at the horizon, today, and with passed addresses."""


def classify_sql(rule: CompiledRule, source: str, area: str | None) -> str:
    """Return the query that gives one row an address.

    Parameters
    ----------
    rule
        The compiled rule.
    source
        Name of a table or view in the declared layout, with absent columns as NULL.
    area
        Column to carry along as ``area`` (``istat``, ``lot``, ``grid_cell``); None: none.

    Returns
    -------
    str
        SQL giving ``address_id, area, networks, networks_today, networks_passed,
        decision, decision_today, decision_passed, best_down_mbps``.
    """
    sums = [line for base in BASES for line in _aggregates(base)]
    return f"""WITH judged AS (
  SELECT address_id, {area or "CAST(NULL AS VARCHAR(1))"} AS area,
    coalesce(infrastructure, operator) AS network, {rule.speed_column} AS down_mbps,
    {to_sql(rule.admissible)} AS admissible,
    {to_sql(rule.fast)} AS fast,
    {to_sql(rule.target)} AS target,
    {to_sql(rule.lesser)} AS lesser,
    {to_sql(rule.present)} AS present,
    {to_sql(rule.alive)} AS alive,
    {to_sql(rule.served)} AS served
  FROM {source}
), addresses AS (
  SELECT address_id, min(area) AS area,
    {_comma(sums)},
    max(CASE WHEN admissible AND present AND served THEN down_mbps END) AS best_down_mbps
  FROM judged GROUP BY address_id
), counted AS (
  SELECT address_id, area, best_down_mbps,
    {_comma(line for base in BASES for line in _counts(base))}
  FROM addresses
)
SELECT address_id, area,
  {_comma(f"networks{base}" for base in BASES)},
  {_comma(f"{_decision(rule, base)} AS decision{base}" for base in BASES)},
  best_down_mbps
FROM counted"""


def evidence_sql(rule: CompiledRule, source: str) -> str:
    """Return the query that gives each declaration its verdict.

    The verdict is the first reason, in the order of
    :class:`~nexpo.connectivity.coverage.model.Verdict`, for which it does not count.
    """
    cases = " ".join(
        f"WHEN {to_sql(condition)} THEN '{verdict.value}'" for verdict, condition in verdicts(rule)
    )
    return (
        "SELECT address_id, operator, coalesce(infrastructure, operator) AS infrastructure, "
        f"technology, {rule.speed_column} AS down_mbps, year, "
        f"CASE {cases} ELSE '{Verdict.PRESENT.value}' END AS verdict FROM {source}"
    )


def verdicts(rule: CompiledRule) -> tuple[tuple[Verdict, Condition], ...]:
    """Return each verdict short of "counts" with its condition, in order."""
    return (
        *rule.excluded,
        (Verdict.SPEED_UNKNOWN, negate(rule.speed_known)),
        (Verdict.TOO_SLOW, AllOf((negate(rule.fast), negate(rule.lesser)))),
        (Verdict.HORIZON, AllOf((negate(rule.present), negate(rule.within_horizon)))),
        (Verdict.LAPSED, negate(rule.alive)),
        (Verdict.PASSED, negate(rule.served)),
        (Verdict.LESSER, negate(rule.fast)),
        (Verdict.PLANNED, negate(rule.present)),
    )


def counts_sql(source: str) -> str:
    """Return the query that counts addresses by area and decisions.

    ``source`` holds the rows of :func:`classify_sql`.
    """
    keys = "area, decision, decision_today, decision_passed"
    return f"SELECT {keys}, count(*) AS addresses FROM {source} GROUP BY {keys}"


def colour_case(rule: CompiledRule, column: str = "decision") -> str:
    """Return SQL that turns a decision number into its colour."""
    return label_case([decision.colour for decision in rule.rule.decisions], column)


def aid_case(rule: CompiledRule, column: str = "decision") -> str:
    """Return SQL that turns a decision number into its answer on aid."""
    return label_case([decision.aid.value for decision in rule.rule.decisions], column)


def label_case(labels: Sequence[str], column: str = "decision") -> str:
    """Return SQL that turns a decision number into one of its labels."""
    cases = " ".join(
        f"WHEN {column} = {index} THEN {literal(label)}" for index, label in enumerate(labels)
    )
    return f"CASE {cases} END"


def required_down_case(rule: CompiledRule) -> str:
    """Return SQL for the download speed that a subsidised build must reach, Mbit/s."""
    step = rule.rule.step_change
    if step is None:
        return "CAST(NULL AS DOUBLE)"
    floors = " ".join(
        f"WHEN decision = {index} THEN CAST({decision.build_floor(step)!r} AS DOUBLE)"
        for index, decision in enumerate(rule.rule.decisions)
    )
    floor = f"CASE {floors} END"
    return (
        f"CASE WHEN {aid_case(rule)} = '{Aid.NO.value}' THEN NULL "
        f"WHEN coalesce(best_down_mbps, 0) * {step.factor!r} > {floor} "
        f"THEN best_down_mbps * {step.factor!r} ELSE {floor} END"
    )


_WHEN = {"": "alive AND served", "_today": "present AND served", "_passed": "alive"}


def _aggregates(base: str) -> list[str]:
    counts = f"admissible AND fast AND {_WHEN[base]}"
    return [
        f"min(CASE WHEN {counts} THEN network END) AS first{base}",
        f"max(CASE WHEN {counts} THEN network END) AS last{base}",
        f"max(CASE WHEN {counts} AND target THEN 1 ELSE 0 END) AS target{base}",
        f"max(CASE WHEN admissible AND lesser AND {_WHEN[base]} THEN 1 ELSE 0 END) AS lesser{base}",
    ]


def _counts(base: str) -> list[str]:
    return [
        (
            f"CASE WHEN first{base} IS NULL THEN 0 WHEN first{base} = last{base} THEN 1 "
            f"ELSE {NETWORKS_MANY} END AS networks{base}"
        ),
        f"target{base}",
        f"lesser{base}",
    ]


def _decision(rule: CompiledRule, base: str) -> str:
    cases = []
    for index, decision in enumerate(rule.rule.decisions):
        listed = ", ".join(str(number) for number in decision.networks)
        parts = [f"networks{base} IN ({listed})"]
        if decision.target is not None:
            parts.append(f"target{base} = {int(decision.target)}")
        if decision.lesser is not None:
            parts.append(f"lesser{base} = {int(decision.lesser)}")
        cases.append(f"WHEN {' AND '.join(parts)} THEN {index}")
    return f"CASE {' '.join(cases)} END"


def _comma(lines: Iterable[str]) -> str:
    return ",\n    ".join(lines)
