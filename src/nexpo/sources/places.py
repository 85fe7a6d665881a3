"""Publishers' codes and names of municipalities, made those of one day.

Readers take two callables, so that they know no list of places themselves: one translates a
code (``codes``), one finds the code of a name (``locate``). These are the ones that ask
:mod:`nexpo.territory`.
"""

from __future__ import annotations

from datetime import date
from functools import cache

from nexpo import territory
from nexpo.sources.text_tables.municipalities import Locate, Translate


def codes_on(day: date) -> Translate:
    """Return what translates any municipal code into the one in force on a day.

    A code that no municipality had, or whose territory went to several, gives None.

    Examples
    --------
    >>> translate = codes_on(date(2025, 1, 1))
    >>> translate("013199"), translate("015146"), translate("999999")
    ('013256', '015146', None)
    """

    @cache
    def translate(code: str) -> str | None:
        return territory.translate([code], on=day)[0][0]

    return translate


def names_on(day: date) -> Locate:
    """Return what finds the code of a municipality by the names of province and place.

    A name that was given up is looked for among the oldest known, and its code translated.

    Examples
    --------
    >>> locate = names_on(date(2025, 1, 1))
    >>> locate("COMO", "CANTU'"), locate("COMO", "RONAGO"), locate("COMO", "ATLANTIDE")
    ('013041', '013256', None)
    """
    translate = codes_on(day)

    @cache
    def locate(province: str, municipality: str) -> str | None:
        for when in (day, territory.FIRST_DAY):
            code = territory.match_names([municipality], [province or None], on=when)[0][0]
            if code is not None:
                return translate(code)
        return None

    return locate
