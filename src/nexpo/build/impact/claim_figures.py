"""The audit of investment claims in the ledger of evidence: from what was said to each factor.

Ids::

    claims.<id>                      as stated, by the desk of claims
    support.<basis>.<boundary>.<unit>.<mix>[.<closure>].gdp | .jobs       from the engine
    support.<basis>.<boundary>.<unit>.<ratio>.low | .high                 over mixes and closures
    reading.<claim>.<how>.<boundary>.<basis>.job_years | .jobs_per_eur_m | .gdp_per_eur
        | .gdp_per_job_year | .outside            <how>: sum, each_year_5, rising_5, added_5
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nexpo.claims.investment import GDP_BY_EURO, GDP_BY_JOB, JOBS_BY_EURO, JobsAs, Reading

if TYPE_CHECKING:
    from nexpo.build.impact.claims import Case
    from nexpo.build.impact.run_model import Request
    from nexpo.claims.desk import Desk
    from nexpo.claims.model import Claim
    from nexpo.core.evidence import Figure

_LONGEST = 100
_RATIOS = {
    JOBS_BY_EURO: ("jobs_per_eur_m", "job_years / money * 1000000"),
    GDP_BY_EURO: ("gdp_per_eur", "gdp / money"),
    GDP_BY_JOB: ("gdp_per_job_year", "gdp / job_years"),
}
_UNITS = {JOBS_BY_EURO: "{}-year/EUR_M", GDP_BY_EURO: "1", GDP_BY_JOB: "EUR/{}-year"}


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A claim of jobs, the GDP said with it, and their readings."""

    jobs: Claim
    gdp: Claim | None
    readings: tuple[Reading, ...]


def enter_claims(
    desk: Desk, invested: Claim, cases: Sequence[Case], audits: Sequence[Reckoned], base: Request
) -> None:
    """Enter what the engine gives, the ranges made of it, and the arithmetic of each reading."""
    money = desk.figure(invested.id)
    entry = _Entry(desk, money, base)
    ends = entry.supports(cases)
    for audit in audits:
        unit = "FTE" if audit.jobs.unit == "FTE" else "person"
        jobs = desk.figure(audit.jobs.id)
        gdp = None if audit.gdp is None else desk.figure(audit.gdp.id)
        for reading in audit.readings:
            entry.reading(place_of(audit.jobs, reading), reading, jobs, gdp, (unit, ends))


def place_of(jobs: Claim, reading: Reading) -> str:
    """Return how the ids of a reading's figures begin."""
    how = reading.jobs_as.name.casefold()
    if reading.jobs_as is not JobsAs.SUM:
        how += f"_{reading.years}"
    if reading.gdp_years > 1:
        how += f".gdp_{reading.gdp_years}"
    return ".".join(("reading", jobs.id, how, plain(reading.boundary.value), plain(reading.basis)))


def plain(words: str) -> str:
    """Return words as a part of an id.

    Examples
    --------
    >>> plain("prices of 2024"), plain("direct+indirect")
    ('prices_of_2024', 'direct_indirect')
    """
    return re.sub(r"[^a-z0-9]+", "_", words.casefold()).strip("_")


_Ends = dict[tuple[str, str, str, str], tuple["Figure", "Figure"]]


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    desk: Desk
    money: Figure
    base: Request

    def supports(self, cases: Sequence[Case]) -> _Ends:
        """Enter each case, and the lowest and highest of each ratio over them."""
        found: _Ends = {}
        groups: dict[tuple[str, str, str], list[Case]] = {}
        for case in cases:
            key = (f"prices of {case.price_year}", case.boundary.value, case.unit)
            groups.setdefault(key, []).append(case)
        for key, held in groups.items():
            stem = ".".join(("support", *map(plain, key)))
            pairs = [self._case(stem, case) for case in held]
            for name in _RATIOS:
                found[(*key, name)] = self._ends(stem, name, key[2], pairs)
        return found

    def _case(self, stem: str, case: Case) -> tuple[Figure, Figure]:
        origin = self.base.table.origin
        name = ".".join(filter(None, (stem, plain(case.mix), plain(case.closure))))
        query = f"{origin.name} {origin.year}, mix {case.mix}, closure {case.closure or 'none'}"
        held = self.base.assumptions.uses
        uses = (
            replace(held[key], value=f"{held[key].value[:_LONGEST]} ...")
            for key in ("mixes", "deflators", "margins")
        )
        common = {"query": query, "inputs": self.base.inputs, "parameters": tuple(uses)}
        gdp = self._observe(f"{name}.gdp", f"GDP of the money, mix {case.mix}", case.gdp_eur,
                            "EUR", **common)  # fmt: skip
        jobs = self._observe(f"{name}.jobs", f"jobs of the money, mix {case.mix}", case.jobs,
                             f"{case.unit}-year", **common)  # fmt: skip
        return gdp, jobs

    def _ends(
        self, stem: str, ratio: str, unit: str, pairs: Sequence[tuple[Figure, Figure]]
    ) -> tuple[Figure, Figure]:
        short, expression = _RATIOS[ratio]
        each = {}
        for number, (gdp, jobs) in enumerate(pairs, 1):
            whole = gdp.id.removesuffix(".gdp")
            operands = {"gdp": gdp, "job_years": jobs, "money": self.money}
            each[f"c{number}"] = self._derive(
                f"{whole}.{short}", f"{ratio}, {whole.rpartition(unit.casefold() + '.')[2]}",
                _UNITS[ratio].format(unit), expression, operands,
            )  # fmt: skip
        low, high = (
            self._derive(
                f"{stem}.{short}.{word}", f"{ratio}, {word}est that the table gives",
                _UNITS[ratio].format(unit), f"{function}({', '.join(each)})", each,
            )
            for word, function in (("low", "min"), ("high", "max"))
        )  # fmt: skip
        return low, high

    def reading(
        self,
        place: str,
        reading: Reading,
        jobs: Figure,
        gdp: Figure | None,
        held: tuple[str, _Ends],
    ) -> None:
        """Enter the job-years and ratios of a reading, and how far outside each lies."""
        unit, ends = held
        job_years = self._derive(
            f"{place}.job_years", reading.text, f"{unit}-year", _job_years(reading),
            {"jobs": jobs},
        )  # fmt: skip
        known = {"money": self.money, "job_years": job_years}
        if gdp is not None:
            whole = self._derive(
                f"{place}.gdp", "GDP over the horizon", "EUR",
                f"gdp * {reading.gdp_years}", {"gdp": gdp},
            )  # fmt: skip
            known["gdp"] = whole
        factors = {}
        for ratio, _ in reading.outside:
            short, expression = _RATIOS[ratio]
            operands = {name: known[name] for name in known if name in expression}
            value = self._derive(
                f"{place}.{short}", f"{ratio}, as claimed", _UNITS[ratio].format(unit),
                expression, operands,
            )  # fmt: skip
            low, high = ends[reading.basis, reading.boundary.value, unit, ratio]
            factors[short] = self._derive(
                f"{place}.{short}.outside", f"{ratio}: factor outside the range of the table, "
                f"{reading.boundary.value}, {reading.basis}", "1",
                "max(low / value, value / high, 1)", {"low": low, "value": value, "high": high},
            )  # fmt: skip
        worst = ", ".join(factors)
        self._derive(
            f"{place}.outside", f"factor outside: {reading.text}", "1",
            f"max({worst})" if len(factors) > 1 else worst, factors,
        )  # fmt: skip

    def _observe(self, name: str, title: str, value: float, unit: str, **more: object) -> Figure:
        return self.desk.ledger.observe(
            id=name, title=title, value=value, unit=unit, as_of=self.base.day,
            place=self.base.table.origin.area, function="impact.run", **more,
        )  # fmt: skip

    def _derive(
        self, name: str, title: str, unit: str, expression: str, operands: dict[str, Figure]
    ) -> Figure:
        used = {key: item for key, item in operands.items() if re.search(rf"\b{key}\b", expression)}
        return self.desk.ledger.derive(
            id=name, title=title, unit=unit, as_of=self.base.day,
            place=self.base.table.origin.area, function="claims.investment",
            expression=expression, operands=used,
        )  # fmt: skip


def _job_years(reading: Reading) -> str:
    years = reading.years
    return {
        JobsAs.SUM: "jobs",
        JobsAs.EACH_YEAR: f"jobs * {years}",
        JobsAs.RISING: f"jobs * ({years} + 1) / 2",
        JobsAs.ADDED: f"jobs * {years} * ({years} + 1) / 2",
    }[reading.jobs_as]
