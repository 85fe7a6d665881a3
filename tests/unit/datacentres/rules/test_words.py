"""Conditions in words: nobody reads a formula, and no reading is left open."""

from __future__ import annotations

import re

import pytest

from nexpo.core.tables import Column
from nexpo.datacentres.adapters.rule_pack_files import load_packs
from nexpo.datacentres.rules.conditions import parse
from nexpo.datacentres.rules.words import spoken

KINDS = {
    "it": ("decimal", "kW"),
    "pue": ("decimal", "1"),
    "last": ("integer", "year"),
    "practices": ("integer", "point"),
    "defence": ("boolean", ""),
    "public": ("boolean", ""),
    "stage": ("text", ""),
    "start": ("date", ""),
    "audit": ("date", ""),
    "day": ("date", ""),
}
SCHEMA = {n: Column(n, t, u, False, None, (), "", "") for n, (t, u) in KINDS.items()}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("it >= 1500", "it is at least 1,500 kW"),
        ("not it > 500", "it is at most 500 kW"),
        ("not defence and known(pue)", "defence is no and pue is known"),
        ("start < 2026-07-01", "start is before 2026-07-01"),
        (
            "practices >= 106 and last >= 2023",
            "practices is at least 106 and last is at least 2023",
        ),
        ("stage in ('a', 'b', 'c')", "stage is one of a, b or c"),
        ("not stage in ('a', 'b')", "stage is none of a or b"),
        (
            "it > 1000 or public and it >= 300",
            "it is more than 1,000 kW or (public is yes and it is at least 300 kW)",
        ),
        (
            "(defence or public) and it >= 300",
            "(defence is yes or public is yes) and it is at least 300 kW",
        ),
        (
            "add_months(audit, 36) >= day",
            "the day 36 months after audit is on or after the day judged for",
        ),
        (
            "pue <= if(start >= 2028-07-01, 1.2, if(start >= 2027-07-01, 1.3, 1.4))",
            (
                "pue is at most 1.2 if start is on or after 2028-07-01, 1.3 if start is on or "
                "after 2027-07-01, and else 1.4"
            ),
        ),
        ("if(known(audit), audit >= start, true)", "if audit is known, audit is on or after start"),
        (
            "defence or if(known(audit), audit >= start, false)",
            "defence is yes or (audit is known and audit is on or after start)",
        ),
        (
            "if(defence, if(public, it > 1, it > 2), it > 3)",
            (
                "if defence is yes, (if public is yes, it is more than 1 kW; if not, it is more "
                "than 2 kW); if not, it is more than 3 kW"
            ),
        ),
        ("day >= date(year(day), 5, 15)", "the day judged for is on or after 15 May of its year"),
        ("start <= date(2023, 12, 31)", "start is on or before 31 December 2023"),
        ("max(it, 2 * it) > -1", "the greatest of it and (2 times it) is more than minus 1"),
        ("min(start, audit) > 2026-01-01", "the earliest of start and audit is after 2026-01-01"),
        ("defence == public", "defence is the same as public"),
        (
            "start <= date(last - 1, 12, 31) and audit >= date(last - 1, 1, 1)",
            (
                "start is on or before 31 December of Y and audit is on or after 1 January of Y, "
                "where Y is last less 1"
            ),
        ),
    ],
)
def test_a_condition_is_said_in_words(text: str, words: str) -> None:
    assert spoken(parse(text, SCHEMA)) == words


def test_no_pack_shows_a_formula() -> None:
    library = load_packs()
    conditions = {c for r in library.rules for c in (r.applies_when, r.requires) if c}
    conditions |= {p.applies_when for p in library.procedures if p.applies_when}
    assert len(conditions) > 40
    for each in conditions:
        told = spoken(each)
        assert not re.search(r"[=<>*']|\w\(| / ", told), told
