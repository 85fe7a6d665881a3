"""Small parts of the drawings of impact: heads, texts, round numbers, words for areas."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from nexpo.core.settings import regions_directory
from nexpo.territory.regions import regions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

INK, SOFT, RULE = "#1d1c1a", "#55524c", "#d9d3c7"
_FAMILY = "'Source Sans 3','Helvetica Neue',Helvetica,Arial,'Liberation Sans',sans-serif"
_MILLION, _THOUSAND = 1e6, 1e3
_TENTHS_BELOW = 100
_JOINING = frozenset({"and", "of", "except", "for", "the", "in", "to", "or", "by", "with"})
_WIDTHS = (
    ("ijl|'.,:;!I ", 0.28),
    ("ftr()-/[]", 0.34),
    ("mMW%", 0.86),
    ("w…", 0.9),
    ("ckszvxy", 0.5),
)
_CAPITAL, _OTHER, _BOLD = 0.72, 0.6, 1.18  # of the size of the letters


def drawing(name: str, size: tuple[float, float], words: tuple[str, str], body: str) -> str:
    """Return one SVG element with a title and a description that a screen reader tells.

    Parameters
    ----------
    name
        Of its ids, unique on a page.
    size
        Width and height.
    words
        Title and description.
    """
    title, about = (escape(each) for each in words)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]:g} {size[1]:g}" '
        f'role="img" lang="en" aria-labelledby="{name}-title {name}-desc" '
        f'font-family="{_FAMILY}" font-size="14" fill="{INK}">'
        f'<title id="{name}-title">{title}</title><desc id="{name}-desc">{about}</desc>\n'
        f'<rect width="{size[0]:g}" height="{size[1]:g}" fill="#fff"/>\n{body}</svg>\n'
    )


def text(at: tuple[float, float], words: str, anchor: str = "start", **extra: str) -> str:
    """Return a text, with a white rim so that it is read on any ground.

    Examples
    --------
    >>> "a &lt; b" in text((1, 2), "a < b", fill="#000")
    True
    """
    more = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in extra.items())
    return (
        f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" text-anchor="{anchor}" stroke="#fff" '
        f'stroke-width="3" stroke-linejoin="round" paint-order="stroke"{more}>'
        f"{escape(words)}</text>\n"
    )


def width_of(words: str, size: float = 14.0, *, bold: bool = False) -> float:
    """Return about how wide words are in the drawing, by letters of a wide sans serif.

    Examples
    --------
    >>> width_of("Mill") > width_of("iiii"), width_of("a", bold=True) > width_of("a")
    (True, True)
    """
    share = sum(
        next((wide for letters, wide in _WIDTHS if letter in letters), _OTHER)
        if not letter.isupper() or letter in "MWI"
        else _CAPITAL
        for letter in words
    )
    return share * size * (_BOLD if bold else 1.0)


def fitted(words: str, room: float, size: float = 14.0, *, bold: bool = False) -> str:
    """Return words cut so that they have room, the cut shown.

    Examples
    --------
    >>> fitted("Construction of buildings", 115), fitted("Lodi", 100)
    ('Construction …', 'Lodi')
    >>> fitted("Wholesale trade, except of motor vehicles", 205)
    'Wholesale trade …'
    """
    if width_of(words, size, bold=bold) <= room:
        return words
    kept = words
    while kept and width_of(f"{kept} …", size, bold=bold) > room:
        kept = kept[:-1]
    whole = kept.rsplit(" ", 1)[0] if " " in kept and len(kept) < len(words) else kept
    left = (kept if words[len(kept) : len(kept) + 1] == " " else whole).rstrip(" ,").split(" ")
    while len(left) > 1 and left[-1].casefold() in _JOINING:
        left.pop()
    return f"{' '.join(left).rstrip(' ,;')} …"


def box(corner: tuple[float, float], size: tuple[float, float], fill: str, words: str = "") -> str:
    """Return a rectangle, with words to point at where given."""
    told = f"<title>{escape(words)}</title>" if words else ""
    return (
        f'<rect x="{corner[0]:.1f}" y="{corner[1]:.1f}" width="{size[0]:.1f}" '
        f'height="{size[1]:.1f}" fill="{fill}">{told}</rect>\n'
    )


def line(start: tuple[float, float], end: tuple[float, float], stroke: str = RULE) -> str:
    """Return a straight line."""
    return (
        f'<path d="M{start[0]:.1f} {start[1]:.1f}L{end[0]:.1f} {end[1]:.1f}" stroke="{stroke}"/>\n'
    )


def amount(value: float, unit: str = "EUR") -> str:
    """Write a value for people: EUR in millions, small counts with two significant digits.

    Examples
    --------
    >>> amount(164_584_824.0), amount(1_234.4, "person"), amount(4_600.0), amount(2.5, "t")
    ('EUR 164.6 m', '1,234 person', 'EUR 4.6 k', '2.5 t')
    >>> amount(640.0), amount(0.034, "person-year"), amount(0.0, "t")
    ('EUR 640', '0.034 person-year', '0.0 t')
    """
    if unit != "EUR":
        if 0 < abs(value) < 1:
            return f"{value:.2g} {unit}"
        digits = 1 if abs(value) < _TENTHS_BELOW else 0
        return f"{value:,.{digits}f} {unit}"
    if 0 < abs(value) < _THOUSAND:
        return f"EUR {value:,.0f}"
    if 0 < abs(value) < _MILLION / 10:
        return f"EUR {value / _THOUSAND:,.1f} k"
    return f"EUR {value / _MILLION:,.1f} m"


def in_words(area: str) -> str:
    """Return an area of a run in words; anything else as it is.

    Examples
    --------
    >>> in_words("region:03"), in_words("rest:ITA"), in_words("imports")
    ('Lombardia', 'rest of the country (ITA)', 'imports')
    >>> in_words("province:015"), in_words("rest of region:03")
    ('province 015', 'rest of Lombardia')
    """
    kind, _, code = area.partition(":")
    if area.startswith("rest of region:"):
        return f"rest of {in_words(area.removeprefix('rest of '))}"
    if kind == "rest":
        return f"rest of the country ({code})"
    if kind == "province":
        return f"province {code}"
    if kind == "region":
        return _names(regions_directory()).get(code, f"region {code}")
    return area


@cache
def _names(folder: Path) -> Mapping[str, str]:
    """Return the names of the regions in a folder by code; their files are read once."""
    del folder  # which files `regions` reads: another folder, another answer
    return {each.code: each.name for each in regions()}


def listed(words: Iterable[str]) -> str:
    """Return words as one sentence.

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a; b; c.'
    """
    return "; ".join(words) + "."
