"""What was said about Lombardy, and what the audit makes of it.

Each line is a statement, its verdict and the number that decides it. The day of the
audit is fixed: facts are those known on it.
"""

from __future__ import annotations

from datetime import date

import pytest

from nexpo import claims
from nexpo.core.evidence import Ledger
from nexpo.core.settings import regions_directory

DAY = date(2026, 11, 22)
LEDGER = Ledger()
FINDINGS = {
    finding.claim.id: finding
    for finding in claims.audit(
        claims.load(regions_directory() / "lombardia.toml"),
        {},
        claims.load_facts(),
        on=DAY,
        ledger=LEDGER,
    )
}

STATEMENTS = [
    # White areas: over 220,000 links since 2023; the Region's next report says over 300,000.
    ("white.realised", "consistent", "300,000 connection (agrees)"),
    # 520,000 more: on top of the 220,000, or with them? 740,000 or 520,000 by 2027.
    ("white.target", "ambiguous", "220,000 + 520,000 = 740,000"),
    ("white.target", "ambiguous", "261,000,000 / 520,000 = 501.9231 EUR/connection"),
    ("white.target", "ambiguous", "261,000,000 / (220,000 + 520,000) = 352.7027 EUR/connection"),
    ("white.target", "ambiguous", "261,000,000 / (520,000 - 220,000) = 870 EUR/connection"),
    ("white.municipalities", "consistent", "1,429 municipality <= 1,502 municipality"),
    ("white.resources", "ambiguous", "303,000,000 EUR (does not agree)"),
    ("white.resources", "ambiguous", "261,000,000 / 1,429 = 182,645.2064 EUR/municipality"),
    ("white.regional", "consistent", "70 EUR_M <= 261 EUR_M holds"),
    # Grey areas: EUR 149 M is neither the award nor its 70 % nor the PNRR financing.
    ("grey.municipalities", "consistent", "1,132 municipality (agrees)"),
    ("grey.resources", "in conflict", "209,934,821 EUR (does not agree)"),
    ("grey.resources", "in conflict", "0.7 * 209,934,821 = 146,954,374.7 EUR (does not agree)"),
    ("grey.resources", "in conflict", "193,140,035 EUR (does not agree)"),
    ("grey.resources", "in conflict", "met by something else: the part of the lot's financing"),
    ("grey.resources", "in conflict", "342,366,730 - 193,140,035 = 149,226,695 EUR"),
    ("grey.links", "ambiguous", "397,008 - 98,297 = 298,711 connection (does not agree)"),
    ("grey.links", "ambiguous", "149,000,000 / 400,000 = 372.5 EUR/connection"),
    ("grey.links", "ambiguous", "209,934,821 / 397,008 = 528.7924 EUR/connection"),
    # Operators and the exchange.
    ("operators.revenue", "consistent", "1,200,000,000 / (250,000 + 1,000,000) = 960"),
    ("operators.business", "not checkable", "Nothing computed or known"),
    ("operators.residential", "not checkable", "Nothing computed or known"),
    ("operators.fibre", "not checkable", "Not stated: first year, last year, area"),
    ("exchange.peak", "consistent", "over 2.8 Tbit/s >= 1,719 Gbit/s"),
    # Data centres.
    ("datacentres.share", "consistent", "317 / 513 = 0.617934 (agrees)"),
    ("datacentres.guidelines", "consistent", "adopted on 2024-06-24"),
    ("datacentres.law", "consistent", "adopted on 2026-05-26, published 2026-06-05"),
    # The cloud region: 5,500 jobs in all, or every year? Neither fits the GDP claimed.
    ("cloud.investment", "ambiguous", "1,200,000,000 / 5 = 240,000,000 EUR"),
    ("cloud.jobs", "ambiguous", "880,000,000 / 5,500 = 160,000 EUR/FTE, not plausible"),
    ("cloud.jobs", "ambiguous", "880,000,000 / (5,500 * 5) = 32,000 EUR/FTE, not plausible"),
    ("cloud.jobs", "ambiguous", "Not stated: accumulation, first year, boundary"),
    ("cloud.jobs-announced", "ambiguous", "unit job / FTE"),
    ("cloud.jobs-per-year", "in conflict", "differ in boundary direct / total"),
    ("cloud.jobs-per-year", "in conflict", "1,100 job x 5 years = 5,500"),
    ("cloud.gdp", "ambiguous", "880,000,000 / 1,200,000,000 = 0.733333, plausible"),
    # Supply-chain day.
    ("chain.firms", "consistent", "70 / 35 = 2 person/firm"),
    ("chain.people", "consistent", "over 70 person >= 35 firm"),
    # Innovation hub.
    ("hub.partners", "not checkable", "12 partner"),
    ("hub.firms", "consistent", "660 firm >= 600 SME"),
    ("hub.smes", "consistent", "600 / (1 + 0.1) = 545.4545 SME"),
    ("hub.training", "consistent", "60 % + 40 % = 100 %"),
    ("hub.advice", "consistent", "40 % + 60 % = 100 %"),
    ("hub.budget", "consistent", "7.8 EUR_M >= 5.46 EUR_M"),
    ("hub.share", "consistent", "5,460,000 / 7,800,000 = 0.7"),
    ("hub.delivered", "consistent", "0.7 * 7,800,000 = 5,460,000 EUR"),
    ("hub.target", "ambiguous", "900 - 600 = 300 SME"),
    ("hub.target", "ambiguous", "900 - 660 = 240 firm"),
    ("hub.further", "not checkable", "7 EUR_M"),
    # The skills call.
    ("skills.spent", "ambiguous", "6,000,000 EUR (does not agree)"),
    ("skills.again", "in conflict", "8,000,000 EUR (does not agree)"),
]


@pytest.mark.parametrize(("claim", "verdict", "number"), STATEMENTS)
def test_a_statement_has_this_verdict_for_this_reason(
    claim: str, verdict: str, number: str
) -> None:
    finding = FINDINGS[claim]
    assert finding.verdict.value == verdict
    assert number in " ".join(finding.reasons)


def test_every_statement_of_the_region_file_is_in_this_list() -> None:
    assert {claim for claim, _, _ in STATEMENTS} == set(FINDINGS)


def test_nothing_is_confirmed_while_no_build_is_named() -> None:
    assert all(item.verdict is not claims.Verdict.CONFIRMED for item in FINDINGS.values())


def test_every_number_of_the_audit_can_be_recomputed() -> None:
    assert LEDGER.check() == []
    assert all(name in LEDGER for item in FINDINGS.values() for name in item.figures)


def test_a_statement_whose_page_was_not_read_says_so() -> None:
    unread = {item.claim.id for item in FINDINGS.values() if not item.claim.source.verified}
    assert {"grey.resources", "grey.links", "operators.fibre", "hub.delivered"} <= unread
