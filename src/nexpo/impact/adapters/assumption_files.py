"""Assumptions of a run from dated YAML: margins, indices, productivity, closures, mixes, peers.

What a caller does not give as a file is taken from ``parameters/impact``; each value keeps the
line of evidence that names its source and says whether it was verified.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from nexpo.core import parameters
from nexpo.core.parameters import Use
from nexpo.core.problem import Kind, Problem, Where
from nexpo.core.settings import parameters_directory
from nexpo.impact.adapters.mix_files import mixes_of, number_of
from nexpo.impact.codes import divisions_near, entry_of, spelling
from nexpo.impact.ensemble import Noise
from nexpo.impact.model import Floats, Mix, Phase
from nexpo.impact.prices import GENERAL, Deflators, Rates, margin_weights
from nexpo.impact.sampling import Triangular

_FOLDER = "impact"
_PERCENT = 100.0
_SECTIONS = ("A", "B", "C")  # of goods, as are divisions 01 to 33
_GOODS = frozenset(range(1, 34))


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to close the table on households, in shares of compensation."""

    name: str
    denominator: str
    resident_share: float
    saving: float
    tax: float


@dataclass(frozen=True, slots=True)
class Peer:
    """What a peer country's accounts say of a sector; None where they say nothing."""

    persons_per_eur_m: float | None
    wage_share: float | None
    hours_per_employee: float | None


@dataclass(frozen=True, slots=True)
class Peers:
    """A peer country's accounts by sector, in the common spelling of codes.

    ``partial`` are the sectors that the counts of the sources ``partial_counts`` hold in part.
    """

    country: str
    year: int
    full_time_hours: float
    sectors: Mapping[str, Peer]
    partial: tuple[str, ...] = ()
    partial_counts: tuple[str, ...] = ()

    def column(self, name: str, sectors: Sequence[str]) -> Floats:
        """Return a column for the sectors of a table; NaN where the peer has none."""
        found = [getattr(entry_of(code, self.sectors), name, None) for code in sectors]
        values: Floats = np.array([np.nan if each is None else each for each in found])
        return values


@dataclass(frozen=True, slots=True)
class TradeMargins:
    """Taxes and margins as stated, in shares of the purchaser's price."""

    tax: Mapping[Phase, float]
    goods: tuple[float, float]
    products: Mapping[str, tuple[float, float]]
    trade_to: Mapping[str, float]
    transport_to: Mapping[str, float]

    def rates(self, sectors: Sequence[str], tax: Mapping[Phase, float]) -> Rates:
        """Return the rates of a table's products.

        Parameters
        ----------
        tax
            By phase, from the table where it publishes it: see
            :func:`nexpo.impact.prices.tax_shares`.
        """
        pairs = [self._of(code) for code in sectors]
        trade, transport = (np.array(part) for part in zip(*pairs, strict=True))
        flat = np.ones(len(sectors))
        return Rates(
            {phase: flat * tax[phase] for phase in Phase},
            trade,
            transport,
            margin_weights(self.trade_to, sectors, "trade"),
            margin_weights(self.transport_to, sectors, "transport"),
        )

    def _of(self, code: str) -> tuple[float, float]:
        stated = entry_of(code, self.products)
        if stated is not None:
            return stated
        covered = divisions_near(code)
        goods = covered <= _GOODS if covered else spelling(code)[:1] in _SECTIONS
        return self.goods if goods else (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Assumptions:
    """All assumptions of a run, and the rows of evidence that name them.

    ``closures`` is how often each reading of Type II is drawn, relative to the others; one of
    weight 0 is a bound, shown in the tornado and not drawn.
    ``countries`` is whose figures a file holds, by its name, where they are one country's.
    """

    margins: TradeMargins
    deflators: Deflators
    productivity: Triangular
    readings: Mapping[str, Reading]
    default_reading: str
    import_factor: Triangular
    noise: Noise
    closures: Mapping[str, float]
    delta_spread: float
    peers: Peers
    rates: Mapping[str, Mapping[int, float]]
    mixes: tuple[Mix, ...]
    uses: Mapping[str, Use]
    countries: Mapping[str, str]
    export_floor: float

    def eur_per(self, currency: str, year: int) -> float:
        """Return euros for one unit of a currency, average of a year.

        Raises
        ------
        Problem
            When no rate is stated.
        """
        if currency == "EUR":
            return 1.0
        rate = self.rates.get(currency, {}).get(year)
        if rate is None:
            raise Problem(
                Kind.CONFIG,
                f"no exchange rate of {currency} to EUR for {year}",
                where=Where("impact/exchange-rates.yaml"),
                value=f"{currency} {year}",
                remedy="give it with --exchange-rate EUR, or add the year's rate with its source "
                "to parameters/impact/exchange-rates.yaml",
            )
        return rate

    def with_floor(self, floor: float) -> Assumptions:
        """Return the assumptions with a floor of a region's exports that the user states."""
        if not 0 <= floor <= 1:
            raise Problem(Kind.USAGE, "the floor of exports is a share from 0 to 1", value=floor)
        stated = replace(
            self.uses["two-region"],
            value=f"export_floor: {floor:g}",
            source="stated by the user with --export-floor",
        )
        return replace(self, export_floor=floor, uses={**self.uses, "two-region": stated})

    def with_rate(self, currency: str, year: int, rate: float) -> Assumptions:
        """Return the assumptions with a rate that the user states."""
        if not rate > 0:
            raise Problem(Kind.USAGE, "an exchange rate is above zero", value=rate)
        rates = {**self.rates, currency: {**self.rates.get(currency, {}), year: rate}}
        stated = replace(
            self.uses["exchange-rates"],
            value=f"{currency} {year}: {rate:g}",
            article="none: stated by the user",
            source="stated by the user with --exchange-rate",
            verified=False,
        )
        return replace(self, rates=rates, uses={**self.uses, "exchange-rates": stated})


def load_assumptions(
    day: date, *, deflators: Path | None = None, margins: Path | None = None
) -> Assumptions:
    """Load all assumptions in force on a day.

    Parameters
    ----------
    deflators, margins
        Files of the caller's, in the form of those under ``parameters/impact``.

    Raises
    ------
    Problem
        ``CONFIG`` naming file and key.
    """
    library = _Library(day, {"deflators": deflators, "margins": margins})
    closure, ensemble = library.value("closure"), library.value("ensemble")
    indices = library.value("deflators")
    return Assumptions(
        margins=_margins(library),
        deflators=Deflators(
            {
                code if code == GENERAL else spelling(code): _years(library, "deflators", series)
                for code, series in indices.items()
            }
        ),
        productivity=_spread(library, "productivity", library.value("productivity"), _PERCENT),
        readings={
            name: Reading(
                name,
                str(entry["denominator"]),
                *(
                    library.number("closure", f"readings.{name}.{key}", entry.get(key))
                    for key in ("resident_share", "saving", "tax")
                ),
            )
            for name, entry in library.within("closure", closure, "readings").items()
        },
        default_reading=str(closure.get("default")),
        import_factor=_spread(
            library, "ensemble", library.within("ensemble", ensemble, "own_import_share")
        ),
        noise=Noise(
            library.number("ensemble", "coefficient_cv", ensemble.get("coefficient_cv")),
            library.number("ensemble", "share_cv", ensemble.get("share_cv")),
        ),
        closures={
            name: library.number("ensemble", f"closures.{name}", weight)
            for name, weight in library.within("ensemble", ensemble, "closures").items()
        },
        delta_spread=library.number("ensemble", "delta_spread", ensemble.get("delta_spread")),
        peers=_peers(library),
        rates={
            code: _years(library, "exchange-rates", series)
            for code, series in library.value("exchange-rates").items()
        },
        mixes=mixes_of(library.value("mixes"), "impact/mixes.yaml"),
        uses=library.uses,
        countries=library.countries,
        export_floor=_share(library, "two-region", "export_floor"),
    )


class _Library:
    """Parameter files by name, each with its line of evidence."""

    def __init__(self, day: date, own: Mapping[str, Path | None]) -> None:
        self.day, self.own = day, own
        self.uses: dict[str, Use] = {}
        self.countries: dict[str, str] = {}
        self._values: dict[str, Mapping[str, Any]] = {}

    def value(self, name: str) -> Mapping[str, Any]:
        """Return the value in force, a mapping."""
        if name not in self._values:
            path = self.own.get(name) or parameters_directory() / _FOLDER / f"{name}.yaml"
            parameter = parameters.load(path)
            value = parameter.on(self.day)
            if not isinstance(value, Mapping):
                raise self.wrong(name, "value", "a mapping of keys is expected", value)
            held = {str(key): entry for key, entry in value.items()}
            if "country" in held:
                self.countries[name] = str(held["country"])
            self._values[name] = {key: held[key] for key in held if key != "country"}
            self.uses[name] = parameter.use(self.day)
        return self._values[name]

    def within(self, name: str, value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """Return a mapping under a key."""
        found = value.get(key)
        if not isinstance(found, Mapping):
            raise self.wrong(name, key, "a mapping of keys is expected", found)
        return found

    def number(self, name: str, key: str, value: object) -> float:
        """Return a number."""
        found = number_of(value)
        if found is None:
            raise self.wrong(name, key, "a number is expected", value)
        return found

    def wrong(self, name: str, key: str, detail: str, value: object) -> Problem:
        """Return the problem of a key."""
        place = self.own.get(name)
        return Problem(
            Kind.CONFIG,
            detail,
            where=Where(str(place or f"impact/{name}.yaml"), column=key),
            value=value,
            remedy=f"compare with parameters/impact/{name}.yaml",
        )


def _margins(library: _Library) -> TradeMargins:
    name, value = "margins", library.value("margins")

    def pair(key: str, entry: object) -> tuple[float, float]:
        if not isinstance(entry, Mapping):
            raise library.wrong(name, key, "trade and transport are expected", entry)
        trade, transport = (
            library.number(name, f"{key}.{part}", entry.get(part)) / _PERCENT
            for part in ("trade", "transport")
        )
        return trade, transport

    earned, tax = library.within(name, value, "earned_by"), library.within(name, value, "tax")
    return TradeMargins(
        {
            phase: library.number(name, f"tax.{phase.value}", tax.get(phase.value)) / _PERCENT
            for phase in Phase
        },
        pair("goods", value.get("goods")),
        {
            spelling(str(code)): pair(f"products.{code}", entry)
            for code, entry in library.within(name, value, "products").items()
        },
        library.within(name, earned, "trade"),
        library.within(name, earned, "transport"),
    )


def _peers(library: _Library) -> Peers:
    name, value = "peer-fillers", library.value("peer-fillers")
    return Peers(
        library.countries.get(name, ""),
        int(library.number(name, "year", value.get("year"))),
        library.number(name, "full_time_hours", value.get("full_time_hours")),
        {
            spelling(str(code)): Peer(
                *(
                    number_of(entry.get(key))
                    for key in ("persons_per_eur_m", "wage_share", "hours_per_employee")
                )
            )
            for code, entry in library.within(name, value, "sectors").items()
        },
        *(_texts(library, name, key) for key in ("partial", "partial_counts")),
    )


def _texts(library: _Library, name: str, key: str) -> tuple[str, ...]:
    found = library.value(name).get(key, [])
    if not isinstance(found, list):
        raise library.wrong(name, key, "a list is expected", found)
    return tuple(str(each) for each in found)


def _share(library: _Library, name: str, key: str) -> float:
    found = library.number(name, key, library.value(name).get(key))
    if not 0 <= found <= 1:
        raise library.wrong(name, key, "a share from 0 to 1 is expected", found)
    return found


def _spread(
    library: _Library, name: str, entry: Mapping[str, Any], over: float = 1.0
) -> Triangular:
    return Triangular(
        *(library.number(name, key, entry.get(key)) / over for key in ("low", "mid", "high"))
    )


def _years(library: _Library, name: str, series: object) -> Mapping[int, float]:
    if not isinstance(series, Mapping) or not series:
        raise library.wrong(name, "value", "years with values are expected", series)
    found = {int(year): library.number(name, str(year), value) for year, value in series.items()}
    if min(found.values()) <= 0:
        raise library.wrong(name, "value", "an index or a rate is above zero", found)
    return found
