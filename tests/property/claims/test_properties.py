"""What holds for any claim."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nexpo.claims import Verdict, allowed, audit, load, load_facts, read_claims
from nexpo.core.evidence import Ledger
from nexpo.core.settings import regions_directory

DAY = date(2026, 11, 22)
LOMBARDIA = load(regions_directory() / "lombardia.toml")
FACTS = load_facts()
VERDICTS = {item.claim.id: item.verdict for item in audit(LOMBARDIA, {}, FACTS, on=DAY)}
RELATIONS = st.sampled_from(
    ["equals", "at least", "over", "at most", "about", "almost", "just over"]
)
AMOUNTS = st.decimals(min_value=0, max_value=10_000, places=3).map(float)


def table(name: str, value: float, unit: str, **more: object) -> dict[str, Any]:
    base = {"claimant": "c", "text": "t", "topic": "t", "indicator": "i", "source": {"title": "s"}}
    return base | {"id": name, "value": value, "unit": unit} | more


@given(value=AMOUNTS, relation=RELATIONS, binds=st.sampled_from(["", "other.figure"]))
def test_nothing_is_confirmed_without_a_bound_figure(
    value: float, relation: str, binds: str
) -> None:
    bound = {"binds": binds} if binds else {}
    claims = read_claims(
        {"claims": [table("a", value, "EUR_M", relation=relation, **bound)]}, file="t"
    )
    near = Ledger().observe(
        id="build.figure",
        title="f",
        value=value * 1e6,
        unit="EUR",
        as_of=DAY,
        place="03",
        function="count",
    )
    (finding,) = audit(claims, {near.id: near}, FACTS, on=DAY)
    assert finding.verdict is not Verdict.CONFIRMED


@given(thousands=st.integers(1, 10**7), relation=RELATIONS, known=st.integers(0, 10**10))
def test_a_unit_changes_nothing(thousands: int, relation: str, known: int) -> None:
    pair = [
        table("a", thousands, "EUR_k", relation=relation),
        table("b", thousands * 1000, "EUR", relation=relation),
    ]
    first, second = read_claims({"claims": pair}, file="t")
    assert allowed(first, 0.05) == allowed(second, 0.05)
    assert (known in allowed(first, 0.05)) == (known in allowed(second, 0.05))


@given(value=AMOUNTS, relation=RELATIONS)
def test_a_claim_allows_its_own_number(value: float, relation: str) -> None:
    (claim,) = read_claims({"claims": [table("a", value, "EUR", relation=relation)]}, file="t")
    assert value in allowed(claim, 0.05)


@given(
    value=AMOUNTS,
    unit=st.sampled_from(["EUR_M", "EUR_bn", "Tbit/s", "km", "FTE"]),
    relation=RELATIONS,
    place=st.integers(0, len(LOMBARDIA)),
)
def test_an_unrelated_claim_changes_no_verdict(
    value: float, unit: str, relation: str, place: int
) -> None:
    stranger = read_claims(
        {"claims": [table("stranger", value, unit, relation=relation)]}, file="t"
    )
    claims = (*LOMBARDIA[:place], *stranger, *LOMBARDIA[place:])
    found = {item.claim.id: item.verdict for item in audit(claims, {}, FACTS, on=DAY)}
    del found["stranger"]
    assert found == VERDICTS
