"""One table in another's sectors: sums by a concordance, one country taken out of many.

Sums keep balances: what two sectors sell each other stays inside their sum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

import numpy as np
from scipy import sparse

from nexpo.core.problem import Kind, Problem
from nexpo.impact.codes import divisions
from nexpo.impact.deviation import rounding_of, rounding_with_lost
from nexpo.impact.model import Floats, Satellite, Scope, Table, Use

_NEAREST = 3


def nace_concordance(fine: Sequence[str], coarse: Sequence[str]) -> dict[str, str]:
    """Return the coarse sector that holds each fine one, by the divisions of their codes.

    Raises
    ------
    Problem
        When a fine sector lies in none, or reaches over two.

    Examples
    --------
    >>> nace_concordance(["N77", "N78", "R93", "S94"], ["N", "R_S"])
    {'N77': 'N', 'N78': 'N', 'R93': 'R_S', 'S94': 'R_S'}
    """
    holders = {code: divisions(code) for code in coarse}
    found = {}
    for code in fine:
        covered = divisions(code)
        inside = [name for name, whole in holders.items() if covered and whole and covered <= whole]
        if len(inside) != 1:
            raise _unknown(code, coarse, ambiguous=tuple(inside))
        found[code] = inside[0]
    return found


def aggregate(
    table: Table, concordance: Mapping[str, str], *, labels: Mapping[str, str] | None = None
) -> Table:
    """Return the table in fewer sectors, each the sum of those mapped to it.

    Parameters
    ----------
    concordance
        New code by old code; in a table of several regions an old code without its region
        (``c1``) stands for each of them, and the region is kept (``ITA:A``).
    labels
        Name by new code; the code itself where it is not given.

    Raises
    ------
    Problem
        With the nearest codes, for a code that no sector has, or a sector without one.

    Notes
    -----
    ``Z' = S Z S'`` with ``S`` the matrix of membership. [Miller and Blair 2009, 4.9]. A satellite
    is unknown where a part of it is.

    Examples
    --------
    >>> from nexpo.impact.model import example
    >>> one = aggregate(example(), {"A": "ALL", "B": "ALL"})
    >>> one.flows.tolist(), one.output.tolist(), one.satellites[0].values.tolist()
    ([[70.0]], [300.0], [4000.0])
    """
    targets = _targets(table, concordance)
    codes = tuple(dict.fromkeys(targets))
    place = {code: i for i, code in enumerate(codes)}
    at = [place[code] for code in targets]
    member = sparse.csr_array(
        (np.ones(table.size), (at, np.arange(table.size))), shape=(len(codes), table.size)
    )
    regions = _regions(table, targets, codes)
    named = labels or {}
    return replace(
        table,
        origin=replace(table.origin, classification=f"{table.origin.classification}, summed"),
        sectors=codes,
        labels=tuple(named.get(code, named.get(_bare(code), code)) for code in codes),
        regions=regions,
        flows=_square(member, table.flows),
        output=member @ table.output,
        final=member @ table.final,
        primary=np.ascontiguousarray((member @ table.primary.T).T),
        imports=None if table.imports is None else _square(member, table.imports),
        final_imports=None if table.final_imports is None else member @ table.final_imports,
        import_total=None if table.import_total is None else member @ table.import_total,
        satellites=tuple(replace(s, values=member @ s.values) for s in table.satellites),
        rounding=rounding_of(table) * float(np.sqrt(np.bincount(at).max())),
        notes=(*table.notes, f"{table.size} sectors were summed to {len(codes)}"),
    )


def national(table: Table, region: str) -> Table:
    """Return one region of an inter-country table as a table of its own.

    Flows from elsewhere become its matrix of imports, by product; what it sells elsewhere, to
    sectors and to final uses, becomes one column of exports.

    Raises
    ------
    Problem
        With the nearest codes, when the table has no such region; when two regions differ in
        their products.

    Notes
    -----
    [UN Handbook 2018, ch. 15; the inverse of linking national tables]
    """
    known = tuple(dict.fromkeys(table.regions))
    if region not in known:
        raise _unknown(region, known, what="region")
    if table.scope is Scope.TOTAL:
        raise _not_this("flows of total use cannot be parted by region")
    here = [i for i, each in enumerate(table.regions) if each == region]
    codes = tuple(_bare(table.sectors[i]) for i in here)
    local = [j for j, use in enumerate(table.uses) if use.partition(":")[0] == region]
    if not local:
        raise _not_this(f"no final use of {region}: codes begin with the region ({region}:...)")
    flows, imports = _own(table, table.flows, here, here, codes)
    final, final_imports = _own(table, table.final, here, local, codes)
    sold = (
        table.flows[here].sum(axis=1)
        - flows.sum(axis=1)
        + table.final[here].sum(axis=1)
        - final.sum(axis=1)
    )
    none = np.zeros((len(here), 1))
    below = table.primary_final
    return replace(
        table,
        origin=replace(table.origin, area=region, name=f"{table.origin.name}, {region}"),
        sectors=codes,
        labels=tuple(table.labels[i] for i in here),
        regions=(region,) * len(here),
        flows=flows,
        output=table.output[here],
        uses=(*(_bare(table.uses[j]) for j in local), "exports"),
        use_kinds=(*(table.use_kinds[j] for j in local), Use.EXPORTS),
        final=np.hstack([final, sold[:, np.newaxis]]),
        primary=table.primary[:, here],
        imports=imports,
        final_imports=np.hstack([final_imports, none]),
        primary_final=None
        if below is None
        else np.hstack([below[:, local], np.zeros((len(below), 1))]),
        import_total=None,
        satellites=tuple(_part(each, here, local) for each in table.satellites),
        rounding=rounding_with_lost(table),
        notes=(*table.notes, f"{region} was taken out of a table of {len(known)} regions"),
    )


def _own(
    table: Table, array: Floats, here: Sequence[int], columns: Sequence[int], codes: Sequence[str]
) -> tuple[Floats, Floats]:
    """Part columns into what is sold at home and what comes from elsewhere, by product."""
    place = {code: i for i, code in enumerate(codes)}
    part = array[:, columns]
    home = part[list(here)]
    imported = np.zeros_like(home)
    inside = set(here)
    away = [i for i in range(table.size) if i not in inside]
    unknown = [table.sectors[i] for i in away if _bare(table.sectors[i]) not in place]
    if unknown:
        raise _not_this(f"the product {unknown[0]} has no like in the region")
    np.add.at(imported, [place[_bare(table.sectors[i])] for i in away], part[away])
    return home, imported


def _part(satellite: Satellite, here: Sequence[int], local: Sequence[int]) -> Satellite:
    used = satellite.final_use
    return replace(
        satellite,
        values=satellite.values[list(here)],
        final_use=None if used is None else np.append(used[list(local)], 0.0),
    )


def _targets(table: Table, concordance: Mapping[str, str]) -> list[str]:
    several = len(set(table.regions)) > 1
    bare = {_bare(code) for code in table.sectors}
    strange = [code for code in concordance if code not in bare and code not in table.sectors]
    if strange:
        raise _unknown(strange[0], table.sectors)
    found = []
    for code, region in zip(table.sectors, table.regions, strict=True):
        target = concordance.get(code)
        if target is None:
            target = concordance.get(_bare(code))
            if target is not None and several:
                target = f"{region}:{target}"
        if target is None:
            raise Problem(
                Kind.BAD_INPUT,
                "a sector of the table has no place in the concordance",
                value=code,
                remedy="map each sector, if only to itself",
            )
        found.append(target)
    return found


def _regions(table: Table, targets: Sequence[str], codes: Sequence[str]) -> tuple[str, ...]:
    found: dict[str, dict[str, None]] = {code: {} for code in codes}
    for code, region in zip(targets, table.regions, strict=True):
        found[code][region] = None
    return tuple("+".join(found[code]) for code in codes)


def _square(member: sparse.csr_array, array: Floats) -> Floats:
    return np.ascontiguousarray((member @ (member @ array).T).T)


def _bare(code: str) -> str:
    return code.partition(":")[2] or code


def _unknown(
    code: str, known: Sequence[str], *, ambiguous: tuple[str, ...] = (), what: str = "sector code"
) -> Problem:
    if len(ambiguous) > 1:
        return Problem(
            Kind.BAD_INPUT,
            f"the {what} fits more than one",
            value=code,
            remedy=f"write one of {', '.join(ambiguous)}",
        )
    near = get_close_matches(code, list(known), n=_NEAREST, cutoff=0.5)
    few = ", ".join(known[:10]) + (" ..." if len(known) > 10 else "")  # noqa: PLR2004
    return Problem(
        Kind.BAD_INPUT,
        f"unknown {what}",
        value=code,
        remedy=f"did you mean {' or '.join(near)}?" if near else f"known: {few}",
    )


def _not_this(detail: str) -> Problem:
    return Problem(Kind.BAD_INPUT, detail, remedy="use a table between regions, of domestic flows")
