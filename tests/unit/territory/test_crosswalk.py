"""The crosswalk on a small country of its own."""

from __future__ import annotations

from datetime import date

import pytest

from nexpo.core.problem import Problem
from nexpo.territory.crosswalk import ALWAYS, Crosswalk
from nexpo.territory.model import Change, ChangeKind

BEFORE, AFTER = date(2021, 1, 1), date(2025, 12, 31)


def fact(day: date, kind: str, old: str, new: str) -> Change:
    return Change(
        day, ChangeKind(kind), old, new, f"N{old}", f"N{new}", None, "test", verified=True
    )


WALK = Crosswalk.build(
    ["000010", "000020", "000021", "000030", "900040", "000060", "000061"],
    [
        fact(date(2022, 1, 1), "merger", "000001", "000010"),
        fact(date(2022, 1, 1), "merger", "000002", "000010"),
        fact(date(2022, 6, 1), "incorporation", "000003", "000030"),
        fact(date(2023, 1, 1), "split", "000020", "000021"),
        fact(date(2024, 1, 1), "province-change", "000040", "900040"),
        fact(date(2024, 2, 1), "rename", "000030", "000030"),
        fact(date(2023, 5, 1), "merger", "000050", "000060"),
        fact(date(2024, 5, 1), "split", "000060", "000061"),
        Change(
            None, ChangeKind.SPELLING, "000010", "000010", "A", "B", None, "test", verified=True
        ),
    ],
    {"100040": "900040", "000001": "000010"},
)


def test_periods_follow_from_a_list_and_the_facts() -> None:
    assert WALK.periods["000001"].start == ALWAYS
    assert WALK.periods["000001"].end == date(2022, 1, 1)
    assert WALK.periods["000010"].start == date(2022, 1, 1)
    assert WALK.periods["000030"].start == ALWAYS
    assert "000021" not in WALK.in_force(date(2022, 12, 31))
    assert "000021" in WALK.in_force(date(2023, 1, 1))


@pytest.mark.parametrize(
    ("code", "on", "since", "expected"),
    [
        ("000001", AFTER, None, "000010"),
        ("000003", AFTER, None, "000030"),
        ("000030", AFTER, BEFORE, "000030"),
        ("000040", AFTER, None, "900040"),
        ("900040", BEFORE, None, "000040"),
        ("900040", BEFORE, AFTER, "000040"),
        ("000020", AFTER, None, "000020"),
        ("100040", AFTER, None, "900040"),
        ("100040", BEFORE, None, "000040"),
        ("000001", date(2021, 12, 31), AFTER, None),
    ],
)
def test_one_counterpart(code: str, on: date, since: date | None, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(Problem, match="not in force on"):
            WALK.current_code(code, on=on, since=since)
    else:
        assert WALK.current_code(code, on=on, since=since) == expected


@pytest.mark.parametrize(
    ("code", "on", "since", "reason", "candidates"),
    [
        ("000020", AFTER, BEFORE, "was split from 000020", ("000020", "000021")),
        ("000050", AFTER, None, "was split from 000060", ("000060", "000061")),
        ("000021", BEFORE, None, "within 000020", ("000020",)),
        ("000020", BEFORE, AFTER, "within 000020", ("000020",)),
        ("000010", BEFORE, None, "that of 2 municipalities", ("000001", "000002")),
        ("000030", BEFORE, AFTER, "that of 2 municipalities", ("000003", "000030")),
        ("999999", AFTER, None, "no municipality has the code", ()),
        ("10", AFTER, None, "zeros were lost", ("000010",)),
    ],
)
def test_no_single_counterpart(
    code: str, on: date, since: date | None, reason: str, candidates: tuple[str, ...]
) -> None:
    new, failed = WALK.translate([code, code], on=on, since=since)
    assert new == [None, None]
    assert len(failed) == 1
    assert reason in failed[0].reason
    assert failed[0].candidates == candidates


def test_translation_keeps_order_and_lists_each_failure_once() -> None:
    new, failed = WALK.translate(["000002", "x", "000030", "x"], on=AFTER)
    assert new == ["000010", None, "000030", None]
    assert [item.code for item in failed] == ["x"]


def test_a_problem_names_code_day_successor_and_remedy() -> None:
    with pytest.raises(Problem) as caught:
        WALK.demand("000001", on=AFTER)
    text = str(caught.value)
    for part in ("000001", "2022-01-01", "merged into 000010", "remedy"):
        assert part in text


@pytest.mark.parametrize(
    ("code", "on", "part"),
    [
        ("000003", AFTER, "was incorporated into 000030"),
        ("000040", AFTER, "became 900040"),
        ("000010", BEFORE, "does not exist before 2022-01-01"),
        ("000010", BEFORE, "000001, 000002"),
        ("100040", AFTER, "it became 900040"),
        ("999999", AFTER, "no municipality has the code"),
    ],
)
def test_a_code_not_in_force_is_refused(code: str, on: date, part: str) -> None:
    with pytest.raises(Problem) as caught:
        WALK.demand(code, on=on)
    assert part in str(caught.value)


def test_a_code_in_force_is_returned() -> None:
    assert WALK.demand("000010", on=AFTER) == "000010"


def test_candidates_are_the_remedy() -> None:
    with pytest.raises(Problem, match="split") as caught:
        WALK.current_code("000020", on=AFTER, since=BEFORE)
    assert "000020, 000021" in str(caught.value)


def test_history_renames_and_span() -> None:
    assert [c.kind for c in WALK.history("000030")] == [ChangeKind.INCORPORATION]
    assert [c.day for c in WALK.renames("000030")] == [date(2024, 2, 1)]
    assert WALK.renames("000010") == ()
    assert [c.day for c in WALK.between(date(2022, 1, 1), date(2023, 1, 1))] == [
        date(2022, 6, 1),
        date(2023, 1, 1),
    ]


def test_a_fact_without_a_day_is_no_part_of_a_history() -> None:
    spelling = Change(
        None, ChangeKind.SPELLING, "000010", "000010", "A", "B", None, "test", verified=True
    )
    with pytest.raises(Problem, match="has no day"):
        Crosswalk({}, (spelling,)).between(BEFORE, AFTER)


def test_pieces_of_a_map_go_forward_and_back_over_a_split() -> None:
    cut = date(2023, 2, 1)
    pieces = ["000010", "000020", "000021", "000040"]
    assert WALK.holders(pieces, cut_on=cut, on=AFTER)["000040"] == "900040"
    assert WALK.holders(pieces[1:], cut_on=cut, on=BEFORE) == {
        "000020": "000020",
        "000021": "000020",
        "000040": "000040",
    }
    with pytest.raises(Problem, match="only as it is since 2022-01-01"):
        WALK.holders(pieces, cut_on=cut, on=BEFORE)
