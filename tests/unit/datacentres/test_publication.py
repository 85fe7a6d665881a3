"""Publication: cells and relations, averages, what is not reported, dominance, zeros, marks."""

from __future__ import annotations

import numpy as np
import pytest

from nexpo.core.problem import Problem
from nexpo.datacentres.publication import Average, Publication, Terms, publish
from nexpo.datacentres.publication_cells import Dimension, build_cells

TYPE, SIZE = Dimension("type", ("type",)), Dimension("size", ("size",))
PLACE = Dimension("place", ("province", "town"))
PUE = Average("pue", "1", "energy", "it")
NAN = float("nan")


def labels(found: Publication) -> dict[tuple[str, ...], int]:
    return {each: i for i, each in enumerate(found.cells.labels)}


def by_type(
    types: str, energy: list[float], it: list[float] | None = None, **terms: object
) -> Publication:
    sums = {"energy": ("kWh", np.array(energy))}
    if it is not None:
        sums["it"] = ("kWh", np.array(it))
    averages = [PUE] if it is not None else []
    made = Terms(**terms)  # type: ignore[arg-type]
    return publish({"type": list(types)}, sums, [[TYPE]], averages=averages, terms=made)


def test_cells_of_nested_and_crossed_tables() -> None:
    columns = {
        "type": ["a", "b", "a"],
        "province": ["P", "P", "Q"],
        "town": ["p1", "p2", "q1"],
        "size": ["s", "s", "m"],
    }
    cells = build_cells(columns, [[TYPE, PLACE]])
    assert len(cells.labels) == 1 + 5 + 2 + 6  # total, places, types, and pairs that occur
    held = cells.members.sum(axis=1)
    assert (cells.relations @ held == 0).all()
    linked = build_cells(columns, [[TYPE], [SIZE]])
    assert max(linked.labels) == ("total", "total")
    assert len(linked.labels) == 5
    assert (linked.relations @ linked.members.sum(axis=1) == 0).all()
    whole = build_cells(columns, [[TYPE, SIZE]], empty=True)
    assert len(whole.labels) == 9
    assert (whole.relations @ whole.members.sum(axis=1) == 0).all()


def test_a_code_under_two_parents_is_refused() -> None:
    with pytest.raises(Problem, match="lies in both P and Q"):
        build_cells({"province": ["P", "Q"], "town": ["x", "x"]}, [[PLACE]])
    with pytest.raises(Problem, match="no column province"):
        build_cells({"town": ["x"]}, [[PLACE]])
    with pytest.raises(Problem, match="9 cells"):
        build_cells({"type": ["a", "b"], "size": ["s", "m"]}, [[TYPE, SIZE]], empty=True, most=8)


def test_a_code_not_stated_is_a_cell_of_its_own() -> None:
    cells = build_cells({"province": ["P", "Q", "P"], "town": ["p1", "", ""]}, [[PLACE]])
    assert [label for (label,) in cells.labels].count("not stated") == 2


def test_values_are_sums_and_averages_are_weighted_by_energy() -> None:
    found = by_type("aaabbb", [12, 22, 32, 10, 10, 10], [10, 20, 30, 5, 5, 5])
    place = labels(found)
    assert not any(figure.hidden.any() for figure in found.figures)
    assert found["energy"].values[place["a",]] == 66
    assert found["pue"].values[place["a",]] == pytest.approx(66 / 60)
    assert found["pue"].values[place["total",]] == pytest.approx(96 / 75)
    assert found["centres"].values.tolist() == [6, 3, 3]


def test_what_hides_one_hides_another() -> None:
    found = by_type("aaabb", [1, 2, 3, 4, 5], [1, 2, 3, 4, 5])
    place = labels(found)
    for name in ("centres", "energy", "it", "pue"):
        hidden = found[name].hidden
        assert (hidden[place["a",]], hidden[place["b",]], hidden[place["total",]]) == (1, 1, 0)
    assert found["energy"].status(place["b",]) == "hidden"
    assert found["energy"].status(place["b",], why=True) == "hidden: too few centres"
    assert found["energy"].status(place["a",], why=True) == "hidden: protects another"


def test_two_hidden_centres_may_not_be_left_alone_under_a_total() -> None:
    """Hiding a and b only would show their sum, and each would know the other."""
    found = by_type("abcccdddd", [5, 6, 1, 1, 1, 2, 2, 2, 2])
    hidden = found["energy"].hidden
    place = labels(found)
    assert hidden[[place["a",], place["b",]]].all()
    assert hidden[place["c",]] or hidden[place["d",]] or hidden[place["total",]]


def test_what_is_not_reported_is_neither_zero_nor_hidden() -> None:
    found = by_type("aaabbb", [1, 2, 3, NAN, NAN, NAN], [1, 2, 3, 4, 5, 6])
    place = labels(found)
    assert found["energy"].status(place["b",]) == "not reported"
    assert np.isnan(found["energy"].values[place["b",]])
    assert found["energy"].values[place["total",]] == 6


def test_an_average_does_not_give_away_who_left_one_of_two_out() -> None:
    """One centre of b reports energy but no IT energy: b's PUE would tell its energy."""
    energy = [10.0, 20, 30, 40, 50, 60, 70, 80]
    it = [9.0, 18, 27, 36, 45, 54, 63, NAN]
    found = by_type("aaaabbbb", energy, it)
    place = labels(found)
    assert not found["energy"].hidden.any()
    assert found["pue"].hidden[place["b",]]
    assert found["pue"].hidden[place["total",]]
    assert found["pue"].values[place["a",]] == pytest.approx(100 / 90)


def test_dominance_and_p_rules() -> None:
    energy = [100.0, 1, 1, 10, 10, 10, 10, 10, 10, 10]
    plain = by_type("aaabbbbccc", energy)
    assert not plain["energy"].hidden.any()
    one = by_type("aaabbbbccc", energy, dominance=(1, 0.9))
    place = labels(one)
    assert one["energy"].primary.tolist() == [i == place["a",] for i in range(4)]
    assert one["energy"].hidden.sum() >= 2
    assert not one["centres"].hidden.any()
    p_rule = by_type("aaabbbbccc", energy, p_share=0.1)
    assert p_rule["energy"].hidden[place["a",]]


def test_empty_cells_may_be_listed_and_then_hidden_like_others() -> None:
    columns = {"type": [*"aaaaabbb"], "size": [*"sssmmsss"]}
    sums = {"energy": ("kWh", np.arange(1.0, 9.0))}
    plain = publish(columns, sums, [[TYPE, SIZE]])
    wide = publish(columns, sums, [[TYPE, SIZE]], terms=Terms(zeros="may hide"))
    assert ("b", "m") not in labels(plain)
    place = labels(wide)["b", "m"]
    assert wide["centres"].values[place] == 0
    assert wide["energy"].status(place) == "published"


def test_marks_that_say_why_are_paid_for() -> None:
    """With marks, 4 = (few) + (at least 3) leaves 1 + 3 alone: the total must go too."""
    plain = by_type("abbb", [1, 2, 3, 4])
    why = by_type("abbb", [1, 2, 3, 4], marks="why")
    place = labels(plain)["total",]
    assert not plain["centres"].hidden[place]
    assert why["centres"].hidden[place]


@pytest.mark.parametrize("loss", ["cells", "centres", "value"])
def test_every_loss_protects(loss: str) -> None:
    found = by_type("aaabbccccc", [1, 2, 3, 4, 5, 6, 7, 8, 9, 9], loss=loss)
    hidden = found["energy"].hidden
    assert hidden[labels(found)["b",]]
    assert hidden.sum() >= 2


def test_zero_for_all_is_a_value_of_each() -> None:
    found = by_type("aaaabb", [0, 0, 0, 0, 0, 0])
    assert found["energy"].hidden[labels(found)["total",]]


def test_no_sum_is_shown_where_the_count_is_not() -> None:
    codes = "aaaabbbbcc"
    alone = by_type(codes, [1, 2, 3, 4, 5, 6, 7, 8, 9, 9])
    both = by_type(codes, [1, 2, 3, 4, 5, 6, 7, 8, 9, 9], with_count=True)
    assert (both["centres"].hidden <= both["energy"].hidden).all()
    assert both["energy"].hidden[labels(both)["c",]]
    assert alone["energy"].hidden.sum() <= both["energy"].hidden.sum()


def test_ties_show_or_hide_figures_together() -> None:
    found = by_type(
        "aaabbccc", [1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 1, 1, 1, 1, 1], ties=(("energy", "it"),)
    )
    assert (found["energy"].hidden == found["it"].hidden).all()


@pytest.mark.parametrize("wrong", [-1.0, float("inf")])
def test_a_value_that_cannot_be_added_is_named(wrong: float) -> None:
    with pytest.raises(Problem, match="a number from 0 up") as caught:
        by_type("aaa", [1, 2, wrong])
    assert (caught.value.where.row, caught.value.where.column) == (3, "energy")
    with pytest.raises(KeyError):
        by_type("aaa", [1, 2, 3])["pue"]
