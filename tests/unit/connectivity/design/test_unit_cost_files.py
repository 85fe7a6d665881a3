"""The price files that come with Nexpo, and those that cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from nexpo.connectivity.design.adapters.business_files import (
    grant_rule_names,
    load_business,
    load_grant_rule,
)
from nexpo.connectivity.design.adapters.unit_cost_files import load_unit_costs
from nexpo.connectivity.design.model import CostClass
from nexpo.connectivity.design.money import LEVELS, Chapter, Level, bill_range, business_case
from nexpo.core import parameters
from nexpo.core.money import Money
from nexpo.core.problem import Problem
from nexpo.core.settings import parameters_directory

DAY = date(2026, 1, 1)
# What the fibre and the wireless designer count by.
CODES = (
    *(f"trench.{each.value}" for each in CostClass if each is not CostClass.FORBIDDEN),
    *(f"cable.{fibres}" for fibres in (2, 4, 12, 24, 48, 96, 144, 288)),
    *(f"cable.{fibres}.aerial" for fibres in (2, 4, 12, 24, 48, 96, 144, 288)),
    *(f"splitter.1x{ratio}" for ratio in (2, 4, 8, 16, 32, 64)),
    *(f"cabinet.{units}" for units in (96, 192, 384)),
    *(f"chamber.{units}" for units in (24, 48)),
    *("drop.lead", "closure.joint", "splice.fusion", "connector.sc", "outlet", "ont"),
    *("p2p.termination", "olt.port", "p2p.port", "pop.site", "trench.mini", "trench.aerial"),
    *("fwa.mast", "fwa.site.existing", "fwa.sector", "fwa.cpe", "fwa.backhaul.radio"),
    *("fwa.backhaul.fibre", "fwa.backhaul.fibre.m", "fwa.licence"),
)


@pytest.mark.parametrize("code", CODES)
def test_every_item_that_a_design_counts_is_priced(code: str) -> None:
    item = load_unit_costs(DAY)[code]
    assert item.price(Level.LOW) > Money(0)
    assert item.price(Level.LOW) < item.price(Level.MID) < item.price(Level.HIGH)
    assert item.english
    assert item.italian
    assert item.source


def test_a_forbidden_route_has_no_price() -> None:
    with pytest.raises(Problem, match=r"no unit cost for trench\.forbidden"):
        load_unit_costs(DAY)["trench.forbidden"]


def test_no_price_is_called_verified_and_each_file_is_a_line_of_evidence() -> None:
    prices = load_unit_costs(DAY)
    assert not any(use.verified for use in prices.uses)
    assert len(prices.uses) == len(prices.files) == 7


def test_only_what_a_customer_takes_stands_among_the_connections() -> None:
    items = load_unit_costs(DAY).items.values()
    found = {item.code for item in items if item.chapter is Chapter.CONNECTIONS}
    assert found == {"drop.lead", "outlet", "ont", "p2p.termination", "fwa.cpe"}


def test_rates_come_in_order_and_spare_the_connections() -> None:
    rates = load_unit_costs(DAY).rates
    assert [rate.code for rate in rates] == ["rate.design", "rate.contingency"]
    assert all(Chapter.CONNECTIONS not in rate.of for rate in rates)


def test_the_whole_library_can_be_billed_and_makes_a_case() -> None:
    prices = load_unit_costs(DAY)
    counted = {code: Decimal(10) for code, item in prices.items.items() if not item.of}
    bills = bill_range(counted, prices)
    for technology in ("fibre", "wireless"):
        gaps = [
            business_case(
                bills.at(level), load_business(DAY), premises=10, technology=technology
            ).gap
            for level in LEVELS
        ]
        assert gaps == sorted(gaps)


# Files of one's own

OWN = {
    "id": "own",
    "title": "A price list",
    "versions": [
        {
            "valid_from": date(2020, 1, 1),
            "article": "none",
            "source": "a list",
            "verified": False,
            "value": {
                "chapter": "nodes",
                "items": {
                    "cabinet.96": {
                        "en": "Cabinet",
                        "it": "Armadio",
                        "unit": "piece",
                        "eur": [1, 2.5, 3.05],
                        "source": "price list 2026",
                    }
                },
            },
        }
    ],
}


def own_file(folder: Path, change: Callable[[dict[str, object]], object] = lambda _: None) -> Path:
    document = yaml.safe_load(yaml.safe_dump(OWN))
    change(document["versions"][0]["value"])
    path = folder / "own.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def test_a_price_list_of_ones_own_takes_the_place_of_the_library(tmp_path: Path) -> None:
    prices = load_unit_costs(DAY, own=[own_file(tmp_path)])
    item = prices["cabinet.96"]
    assert [item.price(level).cents for level in LEVELS] == [100, 250, 305]
    assert item.source == "price list 2026"
    assert "own.yaml" in item.origin
    assert not item.assumed
    assert prices["cabinet.192"].assumed


def test_a_material_that_nothing_asks_for_is_said_with_the_one_meant(tmp_path: Path) -> None:
    def misspelt(value: object) -> None:
        assert isinstance(value, dict)
        value["items"]["cabinet.69"] = value["items"].pop("cabinet.96")

    prices = load_unit_costs(DAY, own=[own_file(tmp_path, misspelt)])
    (said,) = prices.unused({"cabinet.96"})
    assert "own.yaml" in said
    assert "cabinet.69" in said
    assert "cabinet.96" in said
    assert not list(prices.unused({"cabinet.69"}))


def cabinet(value: object) -> dict[str, object]:
    assert isinstance(value, dict)
    found = value["items"]["cabinet.96"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda value: cabinet(value).pop("source"), "the key is missing"),
        (lambda value: cabinet(value).update(eur=[1, 2]), "low, mid, high"),
        (lambda value: cabinet(value).update(eur=[3, 2, 1]), "three numbers are expected"),
        (lambda value: cabinet(value).update(eur=[1, 2, "x"]), "a number is expected"),
        (lambda value: cabinet(value).update(eur=[-1, 2, 3]), "from 0 up"),
        (lambda value: cabinet(value).update(eur=[1, 2, float("inf")]), "none that a rule can use"),
        (lambda value: cabinet(value).update(eur=5), "a list"),
        (lambda value: cabinet(value).update(eur=[1, 2, 3.001]), "fraction of a cent"),
        (lambda value: cabinet(value).update(colour="red"), "unknown key"),
        (lambda value: cabinet(value).update(unit=" "), "the text is empty"),
        (lambda value: value.update(chapter="gold"), "a chapter is one of"),
        (lambda value: value.update(items=[1]), "a mapping of keys"),
    ],
)
def test_a_wrong_price_is_said_with_file_and_key(
    tmp_path: Path, change: Callable[[object], object], said: str
) -> None:
    with pytest.raises(Problem, match=said) as caught:
        load_unit_costs(DAY, own=[own_file(tmp_path, change)])
    assert "own.yaml" in str(caught.value)


def test_an_item_is_priced_once_in_a_library(tmp_path: Path) -> None:
    path = own_file(tmp_path)
    path.with_name("second.yaml").write_text(path.read_text(), encoding="utf-8")
    with pytest.raises(Problem, match=r"cabinet\.96 is priced twice"):
        load_unit_costs(DAY, folder=tmp_path)


def test_a_library_without_files_is_none(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="holds no file"):
        load_unit_costs(DAY, folder=tmp_path)


def test_there_are_no_prices_before_the_first() -> None:
    with pytest.raises(Problem, match="no value on 1999"):
        load_unit_costs(date(1999, 1, 1))


# Business case and grants


def test_the_share_of_italia_1_giga_is_that_of_the_published_facts() -> None:
    facts = yaml.safe_load(
        (parameters_directory() / "claims" / "facts.yaml").read_text(encoding="utf-8")
    )["facts"]
    cap = next(fact["value"] for fact in facts if fact["id"] == "italia/1-giga-aid-cap")
    assert load_grant_rule("italia-1-giga", DAY).max_share == Fraction(str(cap))


def test_the_fund_asks_thirty_per_cent_of_the_operator() -> None:
    assert load_grant_rule("fnc", DAY).min_private == Fraction(3, 10)


@pytest.mark.parametrize("name", grant_rule_names())
def test_every_rule_asks_for_three_times_the_speed_before(name: str) -> None:
    rule = load_grant_rule(name, DAY)
    assert rule.step is not None
    assert rule.step.factor == 3
    assert rule.use is not None
    assert not rule.use.verified


def test_a_rule_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    document = yaml.safe_load(yaml.safe_dump(OWN))
    value = {"eligible": ["nodes"], "max_per_address_eur": 529.5, "max_total_eur": 1000}
    document["versions"][0]["value"] = value
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    rule = load_grant_rule(str(path), DAY)
    assert (rule.max_per_address, rule.max_total) == (Money(52_950), Money.euros(1000))
    assert rule.step is None
    value["max_total_eur"] = 0.001
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(Problem, match="two decimals"):
        load_grant_rule(str(path), DAY)


def test_an_unknown_rule_is_named_beside_the_known() -> None:
    with pytest.raises(Problem, match="no such grant rule") as caught:
        load_grant_rule("manna", DAY)
    assert "italia-1-giga" in str(caught.value)


def test_assumptions_are_read_exactly() -> None:
    found = load_business(DAY)
    assert found.discount.mid == Fraction(65, 1000)
    assert found.monthly_fee["fibre"].mid == 1_400
    assert found.use is not None
    assert found.use.parameter == "design.business"


def test_a_horizon_is_a_whole_number_of_years(tmp_path: Path) -> None:
    source = parameters_directory() / "design" / "business.yaml"
    path = tmp_path / "business.yaml"
    text = source.read_text(encoding="utf-8").replace("horizon_years: 20", "horizon_years: 1.5")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Problem, match="whole number from 1 up"):
        load_business(DAY, path)


def test_every_file_of_design_money_is_a_dated_parameter() -> None:
    folder = parameters_directory() / "design"
    paths = [*folder.glob("unit-costs/*.yaml"), *folder.glob("grant-rules/*.yaml")]
    for path in (*paths, folder / "business.yaml"):
        version = parameters.load(path).version_on(DAY)
        assert not version.verified
