"""What holds of any register and report."""

from __future__ import annotations

from math import isfinite
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from nexpo.datacentres.adapters.cells import Wrong, parse_number
from nexpo.datacentres.duplicates import find_duplicates, groups, name_score
from nexpo.datacentres.indicators import indicators
from nexpo.datacentres.model import GridRequest, PowerKind, Total
from nexpo.datacentres.plausibility import Severity, findings
from nexpo.datacentres.reconcile import reconcile
from nexpo.datacentres.requests import standing
from tests.unit.datacentres.register_examples import BOUNDS, MATCHING, SCHEME, asked, centre, report

FEW = settings(max_examples=30, deadline=None)
amounts = st.none() | st.floats(0, 1e9, allow_nan=False)


@FEW
@given(st.lists(amounts))
def test_a_total_accounts_for_every_part(values: list[float | None]) -> None:
    total = Total.of(values)
    assert total.known + total.unknown == len(values)
    assert (total.value is None) == (total.known == 0)


@FEW
@given(total=amounts, it=amounts, water=amounts, heat=amounts, renewable=amounts)
def test_a_report_that_is_not_refused_has_possible_indicators(
    total: float | None,
    it: float | None,
    water: float | None,
    heat: float | None,
    renewable: float | None,
) -> None:
    made = report(
        total_energy_kwh=total,
        it_energy_kwh=it,
        water_input_m3=water,
        heat_reused_kwh=heat,
        renewable_total_kwh=renewable,
    )
    found = findings(made, SCHEME, BOUNDS)
    if any(finding.severity is Severity.REFUSE for finding in found):
        return
    by_name = {each.name: each.value for each in indicators(made, SCHEME)}
    pue, erf = by_name["PUE"], by_name["ERF"]
    assert pue is None or pue >= 1
    assert erf is None or erf <= 1 + BOUNDS.tolerance
    for name, parts in {"PUE": (total, it), "WUE": (water, it), "REF": (renewable, total)}.items():
        unknown = parts[0] is None or parts[1] is None or parts[1] == 0
        assert (by_name[name] is None) == unknown


@FEW
@given(st.text(max_size=20), st.text(max_size=20))
def test_likeness_of_names_is_symmetric_and_bounded(first: str, second: str) -> None:
    score = name_score(first, second)
    assert score == name_score(second, first)
    assert score is None or 0 <= score <= 1
    assert name_score(first, first) in (None, 1.0)


places = st.tuples(st.floats(9.0, 9.02), st.floats(45.0, 45.02))
titles = st.sampled_from(["Equinix ML5", "ML5 Equinix", "DC01", "DC02", None])


@FEW
@given(st.lists(st.tuples(places, titles), max_size=12), st.randoms(use_true_random=False))
def test_pairs_do_not_depend_on_the_order_of_records(
    found: list[tuple[tuple[float, float], str | None]], random: Random
) -> None:
    centres = [centre(f"c{i}", at=at, title=title) for i, (at, title) in enumerate(found)]
    pairs = find_duplicates(centres, MATCHING)
    shuffled = list(centres)
    random.shuffle(shuffled)
    assert find_duplicates(shuffled, MATCHING) == pairs
    assert all(pair.first < pair.second for pair in pairs)


@FEW
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=15))
def test_groups_part_the_records(pairs: list[tuple[int, int]]) -> None:
    names = [str(i) for i in range(10)]
    found = groups(names, [(str(a), str(b)) for a, b in pairs])
    assert sorted(name for group in found for name in group) == names
    where = {name: group for group in found for name in group}
    assert all(where[str(a)] == where[str(b)] for a, b in pairs)


@st.composite
def chains(draw: st.DrawFn) -> list[GridRequest]:
    count = draw(st.integers(0, 10))
    return [
        asked(
            f"r{i}",
            draw(st.none() | st.floats(1, 1e6)),
            supersedes=f"r{draw(st.integers(0, i - 1))}" if i and draw(st.booleans()) else None,
            applicant=draw(st.sampled_from([None, "Alfa", "Beta"])),
            municipality=draw(st.sampled_from(["015146", "018150", None])),
        )
        for i in range(count)
    ]


@FEW
@given(chains())
def test_every_request_stands_or_was_superseded(requests: list[GridRequest]) -> None:
    found = standing(requests, MATCHING)
    told = [*found.live, *found.superseded, *found.over]
    assert sorted(told) == sorted(request.id for request in requests)


@FEW
@given(chains(), st.lists(st.tuples(places, titles, amounts), max_size=8))
def test_double_counting_never_lowers_a_sum_and_no_record_is_lost(
    requests: list[GridRequest], found: list[tuple[tuple[float, float], str | None, float | None]]
) -> None:
    centres = [
        centre(f"c{i}", at=at, title=title, it_kw=kw) for i, (at, title, kw) in enumerate(found)
    ]
    pairs = find_duplicates(centres, MATCHING)
    balances = reconcile(centres, [], requests, pairs, MATCHING)
    assert sum(balance.records for balance in balances) == len(centres)
    for balance in balances:
        for counted in (*balance.power.values(), balance.requested):
            assert counted.double_counted >= 0
            assert counted.net.known <= counted.gross.known
        assert balance.power[PowerKind.CONTRACTED].net.value is None


@FEW
@given(st.text(max_size=12))
def test_any_text_is_a_number_or_refused_with_a_remedy(text: str) -> None:
    for decimal in (".", ","):
        try:
            found: float | Wrong = parse_number(text, unit="kW", decimal=decimal)
        except Wrong as wrong:
            found = wrong
        if isinstance(found, Wrong):
            assert found.reason
            assert found.remedy
        else:
            assert isfinite(found)
