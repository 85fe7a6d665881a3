"""A facility is told in words: no value of the program's own, no made-up day."""

from __future__ import annotations

from datetime import date

from nexpo.cli.datacentres_told import flat
from nexpo.datacentres.model import Facility, Milestone, Source, Stage
from nexpo.datacentres.ports import plain


def test_stages_are_told_with_what_is_known_of_their_day() -> None:
    steps = (
        Milestone(Stage.AUTHORISED, date(2022, 3, 1)),
        Milestone(Stage.BUILDING),
        Milestone(Stage.OPERATING, None, date(2024, 1, 1)),
    )
    facility = Facility("a", Source("map"), milestones=steps, cloud_regions=("north", "south"))
    told = dict(flat(plain(facility)))
    assert told["milestones"] == (
        "authorised from 2022-03-01, building (seen on an unknown day; since when is unknown), "
        "operating (seen on 2024-01-01; since when is unknown)"
    )
    assert (told["confidential"], told["cloud_regions"]) == ("no", "north, south")
    assert told["installed_it_kw"] is None
    assert "source" not in told
