"""Files of the business case and of grant rules: dated YAML, read key by key."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

from nexpo.connectivity.coverage.adapters.rule_files import load_rule
from nexpo.connectivity.design.adapters._entries import MoneyEntries
from nexpo.connectivity.design.money.business import Business
from nexpo.connectivity.design.money.grant import GrantRule
from nexpo.connectivity.design.money.model import LEVELS, Chapter, Range
from nexpo.core import parameters
from nexpo.core.money import Money
from nexpo.core.settings import parameters_directory

_BUSINESS = Path("design") / "business.yaml"
_GRANTS = "design/grant-rules"
_PERCENT = 100


def load_business(day: date, path: Path | None = None) -> Business:
    """Load the assumptions of the business case in force on a day.

    Parameters
    ----------
    day
        The day for which the case is made.
    path
        A file of the caller's; the one that comes with Nexpo by default.

    Raises
    ------
    Problem
        ``CONFIG`` naming file and key.

    Examples
    --------
    >>> load_business(date(2026, 1, 1)).horizon_years
    20
    """
    path = path or parameters_directory() / _BUSINESS
    parameter = parameters.load(path)
    version = parameter.version_on(day)
    entries = MoneyEntries(version.value, f"{path.name}: version of {version.period.start}")
    take_up = entries.section("take_up_pct")
    business = Business(
        horizon_years=entries.whole("horizon_years", least=1),
        discount=entries.percent("discount_pct"),
        take_up={
            level: tuple(value / _PERCENT for value in take_up.numbers(level.value))
            for level in LEVELS
        },
        monthly_fee=_fees(entries.section("monthly_fee_eur")),
        activation_fee=entries.cents("activation_fee_eur"),
        opex_per_line_year=entries.cents("opex_per_line_year_eur"),
        opex_share=_shares(entries.section("opex_pct")),
        lives_years=_lives(entries.section("lives_years")),
        use=parameter.use(day),
    )
    take_up.nothing_else()
    entries.nothing_else()
    return business


def grant_rule_names() -> tuple[str, ...]:
    """Return the names of the grant rules that come with Nexpo.

    Examples
    --------
    >>> grant_rule_names()
    ('eu-2023', 'fnc', 'italia-1-giga')
    """
    return parameters.names(_GRANTS)


def load_grant_rule(name: str, day: date) -> GrantRule:
    """Load a grant rule in force on a day, with the step change of the coverage rule it names.

    Parameters
    ----------
    name
        Of a rule that comes with Nexpo, or the path of a file (``.yaml``).
    day
        The day on which the grant is decided.

    Raises
    ------
    Problem
        When there is no such rule, no version on that day, or the file is wrong.

    Examples
    --------
    >>> load_grant_rule("italia-1-giga", date(2026, 1, 1)).max_share
    Fraction(7, 10)
    """
    path = parameters.file_named(name, _GRANTS, "grant rule")
    parameter = parameters.load(path)
    version = parameter.version_on(day)
    entries = MoneyEntries(version.value, f"{path.name}: version of {version.period.start}")
    step = entries.text("step_change") if entries.has("step_change") else None
    rule = GrantRule(
        id=path.stem,
        title=parameter.title,
        eligible=frozenset(entries.chapter("eligible", text) for text in entries.texts("eligible")),
        step=None if step is None else load_rule(step, day).step_change,
        max_share=_share(entries, "max_share_pct"),
        min_private=_share(entries, "min_private_pct"),
        max_per_address=_money(entries, "max_per_address_eur"),
        max_total=_money(entries, "max_total_eur"),
        use=parameter.use(day),
    )
    entries.nothing_else()
    return rule


def _fees(entries: MoneyEntries) -> dict[str, Range]:
    return {name: entries.cents(name) for name in entries.names()}


def _shares(entries: MoneyEntries) -> dict[Chapter, Range]:
    return {entries.chapter(key, key): entries.percent(key) for key in entries.names()}


def _lives(entries: MoneyEntries) -> dict[Chapter, int]:
    return {entries.chapter(key, key): entries.whole(key, least=1) for key in entries.names()}


def _share(entries: MoneyEntries, key: str) -> Fraction | None:
    return entries.number(key) / _PERCENT if entries.has(key) else None


def _money(entries: MoneyEntries, key: str) -> Money | None:
    if not entries.has(key):
        return None
    cents = entries.number(key) * _PERCENT
    if cents.denominator != 1:
        raise entries.wrong(key, "an amount has at most two decimals", float(cents) / _PERCENT)
    return Money(int(cents))
