"""Values of coverage: what a rule is, what can become of a declaration and an address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Literal

from nexpo.core.parameters import Use

NETWORKS_MANY = 2
"""Networks are counted 0, 1, or this: two or more."""

SpeedBasis = Literal["peak", "max"]


class Verdict(Enum):
    """What becomes of one declaration under a rule: the first that applies, in this order."""

    TECHNOLOGY = "technology_not_counted"
    SPECTRUM = "spectrum_not_counted"
    CUSTOMER = "customers_not_counted"
    ACTIVATION = "activation_too_slow"
    DISTANCE = "network_too_far"
    LATENCY = "latency_not_met"
    SPEED_UNKNOWN = "speed_not_stated"
    TOO_SLOW = "too_slow"
    HORIZON = "beyond_horizon"
    LAPSED = "plan_lapsed"
    PASSED = "passed_not_served"
    LESSER = "counts_at_the_lesser_speed"
    PLANNED = "counts_as_plan"
    PRESENT = "counts"


class Aid(Enum):
    """Whether public money may go to an address: the answers a rule can give."""

    YES = "yes"
    WITH_EVIDENCE = "with_evidence"
    EXCEPTIONAL = "exceptional"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Network:
    """What a network must be in order to count.

    ``None`` means that the rule asks nothing. Speeds in Mbit/s, distance in metres by
    technology, latency in milliseconds, activation in weeks.
    """

    technologies: tuple[str, ...]
    wireless: tuple[str, ...]
    spectrum: tuple[str, ...]
    customers: tuple[str, ...]
    basis: SpeedBasis
    min_down_mbps: float
    min_up_mbps: float | None = None
    max_latency_ms: float | None = None
    max_activation_weeks: float | None = None
    max_distance_m: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Speed:
    """A pair of speeds that one network must give together, Mbit/s."""

    down_mbps: float
    up_mbps: float | None = None


@dataclass(frozen=True, slots=True)
class Plans:
    """How long a plan counts.

    Either ``horizon_years`` after the reference date or ``horizon_until`` a year;
    ``report_months`` is the longest time since the last progress report.
    """

    horizon_years: int | None
    horizon_until: int | None
    report_months: int | None


@dataclass(frozen=True, slots=True)
class Decision:
    """A row of the decision table: what holds of an address, and what follows."""

    networks: tuple[int, ...]
    target: bool | None
    lesser: bool | None
    colour: str
    aid: Aid
    reason: str
    build_down_mbps: float | None = None
    """Download speed that a build must reach in this case, where the step change asks less."""

    def build_floor(self, step: StepChange) -> float:
        """Return the speed below which no subsidised build may stay, Mbit/s."""
        return max(step.min_down_mbps, self.build_down_mbps or 0.0)

    def covers(self, networks: int, *, target: bool, lesser: bool) -> bool:
        """Say whether this row decides such an address."""
        return (
            networks in self.networks
            and self.target in (None, target)
            and self.lesser in (None, lesser)
        )


@dataclass(frozen=True, slots=True)
class StepChange:
    """What a subsidised network must reach: a factor on the speed before, and a floor."""

    factor: float
    min_down_mbps: float
    min_up_mbps: float | None


@dataclass(frozen=True, slots=True)
class Residual:
    """Aggregates of ``cell_m`` with less than ``min_share`` uncovered are dropped."""

    cell_m: int
    min_share: float


@dataclass(frozen=True, slots=True)
class Proximity:
    """Addresses on a funded street or within ``max_m``, and ``min_covered_m`` from any covered."""

    max_m: float
    min_covered_m: float


@dataclass(frozen=True, slots=True)
class Rule:
    """A framework as it stands on a day: one version of a rule file."""

    id: str
    title: str
    use: Use
    network: Network
    plans: Plans
    target: Speed
    lesser: Speed | None
    step_change: StepChange | None
    decisions: tuple[Decision, ...]
    residual: Residual | None
    proximity: Proximity | None

    @property
    def colours(self) -> tuple[str, ...]:
        """Colours in the order of the decision table."""
        return tuple(dict.fromkeys(decision.colour for decision in self.decisions))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows for one address.

    ``networks`` counts present and credibly planned networks that serve (0, 1, 2 = two
    or more), ``networks_today`` only present ones, ``networks_passed`` also those that
    merely pass. The colours follow from each count in turn.
    """

    address_id: str
    area: str | None
    networks: int
    networks_today: int
    networks_passed: int
    decision: int
    colour: str
    colour_today: str
    colour_passed: str
    aid: str
    best_down_mbps: float | None
    required_down_mbps: float | None


@dataclass(frozen=True, slots=True)
class Reference:
    """The day on which a rule is applied, and what follows from it for plans."""

    day: date
    horizon_year: int
    report_after: date | None
