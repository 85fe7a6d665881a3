"""One address with its declarations, their verdicts and the decision."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from nexpo.connectivity.coverage import load_rule, reference
from nexpo.connectivity.coverage.adapters import files
from nexpo.connectivity.coverage.model import Rule
from nexpo.core.problem import Kind, Problem


def explain(path: Path, address_id: str, rule_name: str, day: date) -> dict[str, Any]:
    """Return one address with its declarations, their verdicts and the decision."""
    rule = load_rule(rule_name, day)
    rows = files.declarations_of(path, address_id)
    if not rows:
        raise Problem(
            Kind.NO_INPUT,
            "no declaration names this address",
            value=address_id,
            remedy="check the id; leading zeros count",
        )
    compiled = files.compile_for(path, rule, day)
    outcome = next(iter(reference.classify(compiled, rows, area="istat")))
    return {
        **asdict(outcome),
        "reason": rule.decisions[outcome.decision].reason,
        "rule": asdict(rule.use),
        "date": day,
        "horizon_year": compiled.reference.horizon_year,
        "speed_column": compiled.speed_column,
        "assumptions": compiled.assumptions,
        "notes": _beyond_one_address(rule),
        "declarations": [
            {
                **{name: value for name, value in row.items() if value is not None},
                "verdict": reference.verdict_of(compiled, row).value,
            }
            for row in rows
        ],
    }


def _beyond_one_address(rule: Rule) -> list[str]:
    """Return what the rules that look at neighbours may still change."""
    return [
        f"the {name} rule looks at neighbours: classify applies it, this explanation does not"
        for name in ("residual", "proximity")
        if getattr(rule, name) is not None
    ]


def explanation_text(found: dict[str, Any]) -> str:
    """Return an explained address as lines for people."""
    rule = found["rule"]
    lines = [
        f"{found['address_id']}: {found['colour']}, aid {found['aid']}",
        f"  because {found['reason']}",
        (
            f"  networks: {found['networks']} at the horizon {found['horizon_year']}, "
            f"{found['networks_today']} today, {found['networks_passed']} with passed (2 = or more)"
        ),
        (
            f"  rule {rule['parameter']} from {rule['valid_from']}, {rule['article']} "
            f"({'verified' if rule['verified'] else 'unverified'})"
        ),
    ]
    lines += [f"  assumed: {text}" for text in found["assumptions"]]
    lines += [f"  note: {text}" for text in found["notes"]]
    for row in found["declarations"]:
        network = row.get("infrastructure", row["operator"])
        speed = row.get(found["speed_column"], "?")
        lines.append(
            f"  - {row['operator']} on {network}, {row['technology']}, {speed} Mbit/s, "
            f"year {row.get('year', 'now')}: {row['verdict']}"
        )
    return "\n".join(lines)
