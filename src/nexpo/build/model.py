"""What passes through a build: frozen values, from the order to the folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from nexpo.core.evidence import Input

if TYPE_CHECKING:
    import polars as pl

    from nexpo.territory import Programme, Region

CLASSES = ("A", "B", "C")
"""Classes of the list of uncovered house numbers, as published."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for.

    Attributes
    ----------
    region
        Key of a region file.
    out
        Folder to write; it is replaced whole, or not at all.
    on
        Day whose municipalities and rules hold; by default the region file's
        ``[build] on``, else the vintage of the list of uncovered house numbers.
    seed
        Seed of the stand-ins for data that is not here.
    """

    region: str
    out: Path
    on: date | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Rejects:
    """Rows of a file that were refused, and notes on rows that were kept."""

    source: str
    file: str
    path: Path | None
    rejected: int
    notes: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Uncovered:
    """The list of uncovered house numbers, counted.

    Attributes
    ----------
    counts
        ``istat, uncovered_class, addresses``: rows of the list by municipality of the
        day; no code for rows whose municipality is not known.
    rows
        Data rows in the file, counted apart from the reading.
    rejected, outside
        Rows refused, and rows of other regions.
    streets
        ``istat, street, addresses``, for matching with street networks.
    """

    counts: pl.DataFrame
    streets: pl.DataFrame
    rows: int
    rejected: int
    outside: int
    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class Performance:
    """Measured performance.

    Attributes
    ----------
    measures
        ``istat, down, up, latency, tests, cells``: the first three are sums of kbit/s,
        kbit/s and ms, each times tests, so that every mean can be written out.
    """

    measures: pl.DataFrame
    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class Amounts:
    """Sums over projects, in integer cents."""

    projects: int
    total: int
    pnrr: int
    paid: int


@dataclass(frozen=True, slots=True)
class Money:
    """One programme in the file of payments.

    Attributes
    ----------
    all
        Every project of the programme in the file, wherever it is.
    here
        Those whose title names the region; such a lot may cover other regions too.
    """

    programme: Programme
    all: Amounts
    here: Amounts
    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class Streets:
    """A street network held against the uncovered streets of its municipality."""

    istat: str
    named: int
    length_m: float
    uncovered: int
    found: int
    uncovered_addresses: int
    found_addresses: int
    found_length_m: float
    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class Material:
    """Everything a build works on, read and checked."""

    region: Region
    on: date
    seed: int
    municipalities: pl.DataFrame
    territory: tuple[Input, ...]
    uncovered: Uncovered
    performance: Performance
    money: tuple[Money, ...] = ()
    streets: tuple[Streets, ...] = ()
    rejects: tuple[Rejects, ...] = ()
    absent: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every input file, once."""
        money = (item for part in self.money for item in part.inputs)
        streets = (item for part in self.streets for item in part.inputs)
        read = (*self.uncovered.inputs, *self.performance.inputs, *money, *streets)
        return tuple(dict.fromkeys((*self.territory, *read)))

    @property
    def synthetic(self) -> tuple[Input, ...]:
        """The stand-ins among the inputs."""
        return tuple(item for item in self.inputs if item.synthetic)


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made."""

    folder: Path
    dossier: Path
    region: str
    on: date
    figures: int
    total: int
    rejected: int
    synthetic: tuple[str, ...] = ()
    files: tuple[str, ...] = field(default=())
    absent: tuple[str, ...] = ()
