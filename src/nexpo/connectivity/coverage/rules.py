"""From a rule on a day to conditions on one declaration."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from nexpo.connectivity.coverage.expression import (
    ALWAYS,
    NEVER,
    AllOf,
    Among,
    AnyOf,
    Compare,
    Condition,
    Missing,
    Not,
    both,
    columns_of,
    negate,
)
from nexpo.connectivity.coverage.model import (
    Network,
    Plans,
    Reference,
    Rule,
    Speed,
    Verdict,
)

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule on a day, as conditions on one declaration.

    ``excluded`` lists the reasons for which a network does not count whatever its
    speed, in order; ``fast``, ``target`` and ``lesser`` are speed tests on one
    declaration; ``present`` and ``alive`` say when the service is or will be there.
    """

    rule: Rule
    reference: Reference
    excluded: tuple[tuple[Verdict, Condition], ...]
    speed_known: Condition
    fast: Condition
    target: Condition
    lesser: Condition
    present: Condition
    within_horizon: Condition
    reported: Condition
    served: Condition
    speed_column: str
    assumptions: tuple[str, ...]

    @property
    def admissible(self) -> Condition:
        """A network of a kind that counts, whatever its speed and date."""
        return AllOf(tuple(negate(condition) for _, condition in self.excluded))

    @property
    def alive(self) -> Condition:
        """The service is there, or credibly planned within the horizon."""
        return AnyOf((self.present, AllOf((self.within_horizon, self.reported))))

    @property
    def columns(self) -> frozenset[str]:
        """Columns of the declarations that the rule reads, apart from the keys."""
        read = (self.admissible, self.fast, self.target, self.lesser, self.alive, self.served)
        return frozenset({self.speed_column}).union(*(columns_of(item) for item in read))


def compile_rule(
    rule: Rule, day: date, *, present_columns: frozenset[str] | None = None
) -> CompiledRule:
    """Turn a rule into conditions for a day.

    Parameters
    ----------
    rule
        The rule in force.
    day
        Reference date: what is present and what is planned hangs on its year.
    present_columns
        Columns that the declarations carry (with at least one value); a condition on
        another column is assumed to hold and listed in ``assumptions``. None: all.
    """
    reference = _reference(rule.plans, day)
    network = rule.network
    carried = _Carried(present_columns)
    down, up = carried.speeds(network.basis, rule)
    plan_reported = _reported(reference)
    carried.note_absent(_taken_for_granted(network))
    return CompiledRule(
        rule=rule,
        reference=reference,
        excluded=tuple(_exclusions(network, carried)),
        speed_known=Not(Missing(down)),
        fast=_speed(Speed(network.min_down_mbps, network.min_up_mbps), down, up),
        target=_speed(rule.target, down, up),
        lesser=NEVER if rule.lesser is None else _speed(rule.lesser, down, up),
        present=AnyOf((Missing("year"), Compare("year", "<=", day.year))),
        within_horizon=Compare("year", "<=", reference.horizon_year),
        reported=carried.or_assumed("progress_report_on", plan_reported, "plans are reported on"),
        served=Not(Among("service", ("passed",))),
        speed_column=down,
        assumptions=tuple(carried.assumptions),
    )


def _taken_for_granted(network: Network) -> dict[str, str]:
    """Return what an absent column means, for the columns that this rule reads."""
    meanings = {
        "infrastructure": "each operator is taken to have a last mile of its own",
        "year": "every declared service is taken to be there today",
        "service": "every declared address is taken to be served, not merely passed",
    }
    if network.max_activation_weeks is not None:
        meanings["activation_weeks"] = "service is taken to come in time"
    if network.max_distance_m:
        meanings["distance_m"] = "the network is taken to be near enough"
    if network.customers:
        meanings["customer"] = "service is taken to be offered to all"
    return meanings


class _Carried:
    """Which columns there are, and what is assumed for those that are not."""

    def __init__(self, columns: frozenset[str] | None) -> None:
        self._columns = columns
        self.assumptions: list[str] = []

    def has(self, column: str) -> bool:
        return self._columns is None or column in self._columns

    def or_assumed(self, column: str, condition: Condition, meaning: str) -> Condition:
        if self.has(column) or condition == ALWAYS:
            return condition
        self.assumptions.append(f"no column {column}: it is assumed that {meaning}")
        return ALWAYS

    def speeds(self, basis: str, rule: Rule) -> tuple[str, str | None]:
        """Return the columns of down and up; None for an upload that nobody states."""
        down = self._speed(basis, "down")
        asked = (rule.network.min_up_mbps, rule.target.up_mbps)
        lesser = None if rule.lesser is None else rule.lesser.up_mbps
        if all(speed is None for speed in (*asked, lesser)):
            return down, None
        up = self._speed(basis, "up")
        if self.has(up):
            return down, up
        self.assumptions.append(f"no column {up}: it is assumed that the upload speed is met")
        return down, None

    def _speed(self, basis: str, way: str) -> str:
        other = "max" if basis == "peak" else "peak"
        wanted, stand_in = f"{basis}_{way}_mbps", f"{other}_{way}_mbps"
        if self.has(wanted) or not self.has(stand_in):
            return wanted
        self.assumptions.append(f"no column {wanted}: {stand_in} stands in for it")
        return stand_in

    def note_absent(self, meanings: Mapping[str, str]) -> None:
        """List what is taken for granted where a column that the rule reads is absent."""
        self.assumptions.extend(
            f"no column {column}: {meaning}"
            for column, meaning in meanings.items()
            if not self.has(column)
        )


def _exclusions(network: Network, carried: _Carried) -> list[tuple[Verdict, Condition]]:
    found = [
        (Verdict.TECHNOLOGY, Not(Among("technology", network.technologies))),
        (Verdict.SPECTRUM, _spectrum(network, carried)),
        (Verdict.CUSTOMER, _customers(network)),
        (Verdict.ACTIVATION, _above("activation_weeks", network.max_activation_weeks)),
        (Verdict.DISTANCE, _too_far(network)),
        (Verdict.LATENCY, _latency(network, carried)),
    ]
    return [(verdict, condition) for verdict, condition in found if condition != NEVER]


def _spectrum(network: Network, carried: _Carried) -> Condition:
    if not network.wireless:
        return NEVER
    licensed = Among("spectrum", network.spectrum)
    shown = carried.or_assumed("spectrum", licensed, "wireless spectrum is licensed")
    if shown == ALWAYS:
        return NEVER
    return AllOf((Among("technology", network.wireless), Not(shown)))


def _customers(network: Network) -> Condition:
    if not network.customers:
        return NEVER
    return AllOf((Not(Missing("customer")), Not(Among("customer", network.customers))))


def _above(column: str, most: float | None) -> Condition:
    return NEVER if most is None else Compare(column, ">", most)


def _too_far(network: Network) -> Condition:
    return AnyOf(
        tuple(
            AllOf((Among("technology", (technology,)), Compare("distance_m", ">", most)))
            for technology, most in network.max_distance_m
        )
    )


def _latency(network: Network, carried: _Carried) -> Condition:
    if network.max_latency_ms is None:
        return NEVER
    met = Compare("latency_ms", "<=", network.max_latency_ms)
    return negate(carried.or_assumed("latency_ms", met, "the latency is met"))


def _speed(speed: Speed, down: str, up: str | None) -> Condition:
    if up is None or speed.up_mbps is None:
        return Compare(down, ">=", speed.down_mbps)
    upload = Compare(up, ">=", speed.up_mbps)
    return both(Compare(down, ">=", speed.down_mbps), upload)


def _reported(reference: Reference) -> Condition:
    if reference.report_after is None:
        return ALWAYS
    return Compare("progress_report_on", ">=", reference.report_after)


def _reference(plans: Plans, day: date) -> Reference:
    horizon = plans.horizon_until or day.year + (plans.horizon_years or 0)
    months = plans.report_months
    return Reference(day, horizon, None if months is None else months_before(day, months))


def months_before(day: date, months: int) -> date:
    """Return the day so many calendar months earlier, or the month's last day.

    Examples
    --------
    >>> months_before(date(2025, 8, 31), 6)
    datetime.date(2025, 2, 28)
    """
    total = day.year * _MONTHS + day.month - 1 - months
    year, month = divmod(total, _MONTHS)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
