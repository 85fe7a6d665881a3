"""What passes through the design of an area: what is asked, what was read, what came out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from nexpo.connectivity.design.choice.model import (
    Choice,
    Cluster,
    Front,
    Pick,
    Step,
    Technology,
)
from nexpo.connectivity.design.fibre.model import Inputs, Plan, Pop
from nexpo.connectivity.design.findings import Findings
from nexpo.connectivity.design.model import Demand, Ints, StreetGraph
from nexpo.connectivity.design.money import (
    BillRange,
    Business,
    Case,
    Comparison,
    Grant,
    GrantRule,
    Level,
    PerPremises,
    UnitCosts,
)
from nexpo.connectivity.design.validation import Finding as Checked
from nexpo.connectivity.design.wireless import Sites, WirelessPlan
from nexpo.core.evidence import Input, Ledger
from nexpo.core.money import Money
from nexpo.core.problem import Kind, Problem

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Effort:
    """When the search for routes stops: after rounds (the same answer each time) or seconds."""

    rounds: int | None = 400
    seconds: float | None = None

    def __post_init__(self) -> None:
        if self.rounds is None and self.seconds is None:
            raise Problem(
                Kind.USAGE,
                "a search without rounds and without a time limit never ends",
                remedy="give --effort ROUNDS or --time-limit SECONDS",
            )


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be designed, and by which rules.

    Parameters
    ----------
    area
        ISTAT code or name of a municipality, code of a province, name of a lot, or the path
        of a file of addresses.
    on
        Day whose prices, rules and municipalities hold.
    streets, addresses
        Files; by default the streets found in the data folder (else made up, and marked) and
        the list of uncovered house numbers.
    architecture
        Name or file of the reference architecture.
    pops
        Places of points of presence; none: the best node is chosen.
    dem, surface
        Height models, and whether they show roofs and trees (``dsm``) or the bare ground.
    ducts, barriers
        Line layers: ducts that can be reused, and lines dear to cross.
    ring
        A second way from the POP to each cabinet.
    wireless
        Whether the wireless alternative is designed too.
    band, service_mbps
        Radio band of access, and the rate a served premise reaches; None: what the grant rule
        asks for, where the band can carry it.
    sites
        How many candidate sites are generated where none is given.
    budget
        Most that the choice may cost; None for no limit.
    min_share
        Least share of addresses that the choice must serve.
    grant_rule
        Name or file of the rule that caps the grant.
    level
        Of prices: the level that ``AreaDesign.bill`` and the figures named *mid* show.
    prices
        Price files of the caller's, put over the library.
    before_mbps
        Best download the addresses can have today, from which the step change is measured; None:
        the value of ``design/services``.
    join_m
        Pieces of the street network up to this far apart are joined; 0 joins none.
    localities
        Whether addresses whose street is not found are spread over the unnamed ways; else they
        are listed as off the network.
    clusters, front
        Into how many clusters addresses are put, and how many points of the Pareto front are
        looked for; 0 for no choice and no front.
    weather
        Whether rain and multipath count; without it rates are those of clear air.
    seed, effort
        Of the search; the same request gives the same design where effort is in rounds.
    """

    area: str
    on: date
    streets: Path | None = None
    addresses: Path | None = None
    architecture: str = "ftth-1x64"
    pops: tuple[Pop, ...] = ()
    dem: tuple[Path, ...] = ()
    surface: str = "dsm"
    ducts: Path | None = None
    barriers: Path | None = None
    ring: bool = False
    wireless: bool = True
    band: str = "28ghz"
    service_mbps: float | None = None
    sites: int = 16
    budget: Money | None = None
    min_share: Fraction = Fraction(0)
    grant_rule: str = "italia-1-giga"
    level: Level = Level.MID
    prices: tuple[Path, ...] = ()
    before_mbps: float | None = None
    join_m: float = 200.0
    localities: bool = True
    clusters: int = 24
    front: int = 400
    weather: bool = True
    seed: int = 0
    effort: Effort = field(default_factory=Effort)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a design lies.

    ``codes`` are ISTAT codes of its municipalities (none for made-up ground), ``region`` the
    ISTAT code of their region.
    """

    name: str
    codes: tuple[str, ...] = ()
    region: str = ""

    @property
    def key(self) -> str:
        """The code that figures carry: of the municipality, else the name."""
        return self.codes[0] if len(self.codes) == 1 else self.name


@dataclass(frozen=True, slots=True, eq=False)
class Materials:
    """Everything a design works on, read and checked: no file is opened after this.

    Parameters
    ----------
    place
        Where it is.
    graph, demand
        Streets, and what is demanded on them.
    findings
        What was met in both.
    inputs
        Files that were read, for evidence.
    matching
        ``asked, street, score, matched, tied, addresses``: how street names were found; None
        where demand did not come from names.
    refused
        Rows of the list of addresses that could not be used, each with its reason.
    """

    place: Place
    graph: StreetGraph
    demand: Demand
    findings: Findings = field(default_factory=Findings)
    inputs: tuple[Input, ...] = ()
    matching: pl.DataFrame | None = None
    refused: tuple[str, ...] = ()

    @property
    def synthetic(self) -> bool:
        """True where streets or addresses were made up."""
        made = any(item.synthetic for item in self.inputs)
        return made or self.graph.synthetic or self.demand.synthetic


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Addresses that the choice serves together: one cluster, with the demands in it.

    Parameters
    ----------
    cluster
        As the choice sees it; its fibre option carries the cost at the level of the request.
    rows
        Positions in ``AreaDesign.demand``.
    lon, lat
        Middle of its addresses, degrees.
    fibre_trenches
        Rows of ``fibre.trench_sections`` that its fibre option pays for.
    """

    cluster: Cluster
    rows: Ints
    lon: float
    lat: float
    fibre_trenches: Ints


@dataclass(frozen=True, slots=True)
class Cost:
    """What a technology costs and earns in the area, at each level.

    ``quantities`` are by item; ``addresses`` and ``units`` what it passes.
    """

    technology: Technology
    quantities: Mapping[str, float] = field(hash=False)
    bills: BillRange
    addresses: int
    units: int
    cases: Mapping[Level, Case] = field(hash=False)
    per_unit: Mapping[Level, PerPremises] = field(hash=False)

    def each(self, level: Level) -> Money:
        """Return the cost of the network by address passed, halves of a cent to even."""
        cents = Fraction(self.bills.at(level).network.cents, max(1, self.addresses))
        return Money(round(cents))


@dataclass(frozen=True, slots=True, eq=False)
class AreaDesign:
    """A finished design of an area with all it was made by.

    Parameters
    ----------
    request, materials
        What was asked, and what was read.
    inputs
        What the fibre plan was made from: streets, demand and POPs.
    fibre, fibre_cost
        The fibre plan and its money; ``fibre_cost`` is None where nobody could be reached.
    wireless, wireless_sites, wireless_cost
        The wireless alternative, its candidate sites, and its money; None where not asked
        for or where no candidate serves anybody.
    groups, choice, front, marginal
        Clusters, the best choice among fibre, wireless and later, cost against addresses
        served, and clusters by what an address costs; None and empty without fibre. What several
        clusters share (a feeder, a mast) stands in the choice as a cluster of no addresses: see
        :attr:`picks` for those that have any.
    grant_rule, grants
        The rule, and the grant for fibre at each level.
    comparisons
        The design beside what public programmes spent.
    validation
        Each rule of the validation report with what it found.
    ledger
        Every main figure with its derivation.
    warnings
        What a reader must know, in sentences.
    fibre_front
        The front where fibre is the only technology.
    """

    request: Request
    materials: Materials
    inputs: Inputs
    fibre: Plan
    fibre_cost: Cost | None
    wireless: WirelessPlan | None
    wireless_sites: Sites | None
    wireless_cost: Cost | None
    groups: tuple[Group, ...]
    choice: Choice | None
    front: Front | None
    marginal: tuple[Step, ...]
    unit_costs: UnitCosts
    business: Business
    grant_rule: GrantRule
    grants: Mapping[Level, Grant]
    comparisons: tuple[Comparison, ...]
    validation: tuple[Checked, ...]
    ledger: Ledger
    warnings: tuple[str, ...]
    fibre_front: Front | None = None

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.materials.place

    @property
    def graph(self) -> StreetGraph:
        """The streets designed on."""
        return self.materials.graph

    @property
    def demand(self) -> Demand:
        """What is demanded."""
        return self.materials.demand

    @property
    def findings(self) -> Findings:
        """What was met in streets and addresses."""
        return self.materials.findings

    @property
    def synthetic(self) -> bool:
        """True where streets or addresses were made up: no figure then says what a place costs."""
        return self.materials.synthetic

    @property
    def bills(self) -> BillRange | None:
        """Fibre's bills, low, middle and high."""
        return None if self.fibre_cost is None else self.fibre_cost.bills

    @property
    def wireless_bills(self) -> BillRange | None:
        """Wireless' bills, low, middle and high."""
        return None if self.wireless_cost is None else self.wireless_cost.bills

    @property
    def cases(self) -> Mapping[Level, Case]:
        """Fibre's business cases by level."""
        return {} if self.fibre_cost is None else self.fibre_cost.cases

    @property
    def grant(self) -> Grant | None:
        """The grant for fibre at the level of the request."""
        return self.grants.get(self.request.level)

    @property
    def picks(self) -> tuple[Pick, ...]:
        """What each cluster with addresses gets."""
        found = () if self.choice is None else self.choice.picks
        return tuple(pick for pick in found if pick.cluster.addresses)

    @property
    def ok(self) -> bool:
        """True where nothing failed in the validation."""
        return all(each.ok for each in self.validation)
