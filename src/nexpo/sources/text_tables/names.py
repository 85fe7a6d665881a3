"""Names of columns as publishers write them, and the roles that columns play."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from nexpo.core.problem import Where, bad_input

Roles = Mapping[str, Sequence[str]]
"""Of each role, the headers it may have, as :func:`plain` writes them."""


def plain(name: str) -> str:
    """Return a name without case, accents and punctuation, to compare headers.

    Examples
    --------
    >>> plain("Velocità massima (Mbit/s)")
    'velocita_massima_mbit_s'
    """
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")


def find_roles(headers: Iterable[str], roles: Roles) -> dict[str, str]:
    """Return the header that plays each role, for the roles that are there.

    Examples
    --------
    >>> find_roles(["Codice EGON", "Comune"], {"id": ("egon", "codice_egon"), "km": ("km",)})
    {'id': 'Codice EGON'}
    """
    by_plain = {plain(header): header for header in reversed(tuple(headers))}
    found = {}
    for role, names in roles.items():
        header = next((by_plain[name] for name in names if name in by_plain), None)
        if header is not None:
            found[role] = header
    return found


def need_roles(
    path: Path, headers: Sequence[str], roles: Roles, required: Iterable[str]
) -> dict[str, str]:
    """Return the header of each role; stop when a required one is missing.

    Raises
    ------
    Problem
        Naming the missing column, the headers found and the nearest of them.
    """
    found = find_roles(headers, roles)
    missing = [role for role in required if role not in found]
    if not missing:
        return found
    wanted = roles[missing[0]][0]
    near = get_close_matches(wanted, [plain(header) for header in headers], n=1, cutoff=0.6)
    hint = f"; did you mean its column {near[0]!r}?" if near else ""
    raise bad_input(
        f"missing column: {', '.join(roles[role][0] for role in missing)}",
        where=Where(str(path), 0, wanted),
        value=", ".join(headers),
        remedy=f"any of {', '.join(roles[missing[0]])} is understood{hint}",
    )
