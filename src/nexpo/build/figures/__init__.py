"""Every number of a build, entered in the ledger with its derivation.

Ids are ``<topic>.<name>`` for the region and ``<topic>.<name>/<code>`` for a province
(three digits) or a municipality (six)::

    uncovered.total         uncovered.total/097         uncovered.total/097042
    uncovered.a .b .c       uncovered.per_1000          uncovered.share_c
    performance.down        performance.up              performance.latency
    performance.down_sum    performance.tests           need.compared_speed
    need.score/097042       need.rank/097042            need.higher/097042
    need.speed/097042       need.speed_below/097042     need.speed_equal/097042
    programme.<key>.paid    streets.found/097042        territory.population
"""

from __future__ import annotations

from nexpo.build.figures.entry import Entry
from nexpo.build.figures.measured import enter_performance, enter_streets
from nexpo.build.figures.money import enter_programme
from nexpo.build.figures.needs import enter_need
from nexpo.build.figures.people import enter_territory, enter_uncovered
from nexpo.build.model import Material
from nexpo.connectivity import need
from nexpo.core.evidence import Ledger


def enter(material: Material) -> tuple[Ledger, tuple[need.Need, ...], need.Rule]:
    """Enter every figure of a build.

    Returns
    -------
    tuple
        The ledger, the municipalities by need, and the rule of that order.

    Raises
    ------
    Problem
        When the classes do not add up to the rows of the file.
    """
    ledger = Ledger()
    region = Entry(ledger, material.on, material.region.code)
    enter_territory(material, region)
    enter_uncovered(material, region)
    enter_performance(material, region)
    needs, rule = enter_need(material, region)
    for money in material.money:
        enter_programme(money, region)
    for streets in material.streets:
        enter_streets(streets, region.at(streets.istat))
    return ledger, needs, rule


def topic_of(figure_id: str) -> str:
    """Return the topic of an id, what stands before its first dot.

    Examples
    --------
    >>> topic_of("uncovered.total/097042")
    'uncovered'
    """
    return figure_id.partition(".")[0]


def name_of(figure_id: str) -> str:
    """Return the id without its place.

    Examples
    --------
    >>> name_of("uncovered.total/097042")
    'uncovered.total'
    """
    return figure_id.partition("/")[0]


def place_of(figure_id: str) -> str:
    """Return the place of an id, empty for the region.

    Examples
    --------
    >>> place_of("uncovered.total/097042")
    '097042'
    """
    return figure_id.partition("/")[2]
