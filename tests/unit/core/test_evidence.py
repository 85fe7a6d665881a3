"""Evidence: the arithmetic printed is the arithmetic done."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from nexpo.core.evidence import Figure, Input, Ledger, evaluate, format_value, read_ledger
from nexpo.core.parameters import Use
from nexpo.core.problem import Kind, Problem

DAY = date(2025, 8, 1)
FIELDS = {"unit": "civico", "as_of": DAY, "place": "03", "function": "count"}
FILE = Input("infratel", "list.csv", "ab" * 32, "CC-BY-4.0", "2025-08", redistributable=True)
RULE = Use("need", "Weights", "1000", "1", DAY, "art. 5", "a decree", verified=True)


@pytest.fixture
def ledger() -> Ledger:
    ledger = Ledger()
    near = ledger.observe(id="near", title="near", value=70, query="B", inputs=(FILE,), **FIELDS)
    people = ledger.observe(id="people", title="people", value=391, **FIELDS)
    ledger.derive(
        id="rate",
        title="rate",
        expression="weight * near / people",
        operands={"weight": ledger.observe(id="w", title="w", value=1000, **FIELDS)}
        | {"near": near, "people": people},
        parameters=(RULE,),
        note="per thousand",
        **FIELDS,
    )
    return ledger


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a + b * 2", 11),
        ("-(a - b) / 2", -2.5),
        ("min(a, b, 4)", 2),
        ("max(a, b)", 7),
        ("round(a / b)", 4),
        ("round(a / 3, 2)", 2.33),
        ("a / zero", None),
        ("a + unknown", None),
        ("a + text", None),
    ],
)
def test_arithmetic_is_evaluated(expression: str, expected: float | None) -> None:
    values = {"a": 7, "b": 2, "zero": 0, "unknown": None, "text": "x"}
    assert evaluate(expression, values) == expected


@pytest.mark.parametrize(
    "expression",
    ["a ** 2", "a if a else 1", "open(a)", "a.real", "'x'", "a > 1", "round(a, ndigits=1)", "[a]"],
)
def test_nothing_but_arithmetic_is_accepted(expression: str) -> None:
    with pytest.raises(Problem, match="more than arithmetic") as caught:
        evaluate(expression, {"a": 1})
    assert caught.value.value == expression


def test_a_figure_is_explained_down_to_file_and_rule(ledger: Ledger) -> None:
    lines = ledger.explain("rate").splitlines()
    assert lines[0] == "rate [03, 2025-08-01] = 179.0281 civico"
    assert lines[1:3] == ["  = weight * near / people", "  = 1,000 * 70 / 391"]
    assert "  note: per thousand" in lines
    assert "  rule need = 1000 1 (from 2025-08-01, art. 5, verified)" in lines
    assert (
        "    from list.csv (source infratel, vintage 2025-08, licence CC-BY-4.0, "
        "sha256 abababababab)" in lines
    )


def test_depth_stops_the_explanation(ledger: Ledger) -> None:
    assert "near: near" not in ledger.explain("rate", depth=0)


def test_names_with_accents_are_substituted_in_place() -> None:
    ledger = Ledger()
    years = ledger.observe(id="a", title="a", value=3, **FIELDS)
    ledger.derive(
        id="b", title="b", expression="età + età * x", operands={"età": years, "x": years}, **FIELDS
    )
    assert "  = 3 + 3 * 3" in ledger.explain("b").splitlines()


def test_what_comes_of_a_synthetic_input_is_synthetic() -> None:
    ledger = Ledger()
    fake = Input("seed", "s.csv", "00", "none", "none", redistributable=True, synthetic=True)
    made = ledger.observe(id="a", title="a", value=1, inputs=(fake,), **FIELDS)
    real = ledger.observe(id="b", title="b", value=1, inputs=(FILE,), **FIELDS)
    both = ledger.derive(
        id="c", title="c", expression="a + b", operands={"a": made, "b": real}, **FIELDS
    )
    assert (made.synthetic, real.synthetic, both.synthetic) == (True, False, True)
    assert ledger.explain("c").splitlines()[0].endswith("(synthetic)")


def test_an_unknown_operand_makes_the_figure_unknown() -> None:
    ledger = Ledger()
    gap = ledger.observe(id="a", title="a", value=None, **FIELDS)
    ledger.derive(id="b", title="b", expression="a + 1", operands={"a": gap}, **FIELDS)
    assert ledger["b"].value is None
    assert ledger.explain("b").splitlines()[0].endswith("= unknown civico")


def test_an_id_stands_once(ledger: Ledger) -> None:
    with pytest.raises(Problem, match="two figures have one id") as caught:
        ledger.observe(id="near", title="again", value=1, **FIELDS)
    assert caught.value.value == "near"


def test_a_missing_figure_names_its_likes(ledger: Ledger) -> None:
    with pytest.raises(Problem, match="no such figure") as caught:
        ledger.explain("peoples")
    assert caught.value.kind is Kind.NO_INPUT
    assert str(caught.value.remedy).endswith("people")


def test_a_value_that_was_tampered_with_is_found(ledger: Ledger, tmp_path: Path) -> None:
    path = ledger.write(tmp_path / "figures.jsonl")
    text = path.read_text(encoding="utf-8")
    assert read_ledger(path).check() == []
    path.write_text(text.replace('"value":70', '"value":71'), encoding="utf-8")
    assert read_ledger(path).check() == ["rate"]


def test_a_ledger_comes_back_as_it_was_written(ledger: Ledger, tmp_path: Path) -> None:
    back = read_ledger(ledger.write(tmp_path / "figures.jsonl"))
    assert list(back) == list(ledger)
    assert (back.inputs(), back.parameters()) == ((FILE,), (RULE,))


@pytest.mark.parametrize(
    "damage", [b'{"figure"', b"\xff\xfe\n", b"3\n", b"\n", b'{"figure":{"id":"x"}}\n', b"[]\n"]
)
def test_a_damaged_line_is_named(ledger: Ledger, tmp_path: Path, damage: bytes) -> None:
    path = ledger.write(tmp_path / "figures.jsonl")
    whole = path.read_bytes()
    path.write_bytes(whole + damage)
    with pytest.raises(Problem, match="the evidence file is damaged") as caught:
        read_ledger(path)
    assert caught.value.kind is Kind.BAD_INPUT
    assert caught.value.where.row == whole.count(b"\n") + 1


def test_a_missing_ledger_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="holds no evidence") as caught:
        read_ledger(tmp_path / "figures.jsonl")
    assert caught.value.kind is Kind.NO_INPUT
    assert "nexpo build" in str(caught.value.remedy)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "unknown"),
        (213_008, "213,008"),
        (-1234.5, "-1,234.5"),
        (100.0, "100"),
        (0.25, "0.25"),
        (0.000123456789, "0.000123457"),
        (0.0, "0"),
        ("03", "03"),
    ],
)
def test_values_are_written_for_people(value: float | str | None, text: str) -> None:
    assert format_value(value) == text


def test_a_ledger_is_a_collection_of_figures(ledger: Ledger) -> None:
    assert len(ledger) == 4
    assert "rate" in ledger
    assert all(isinstance(figure, Figure) for figure in ledger)
    assert ledger.like("EOPL") == ["people"]
