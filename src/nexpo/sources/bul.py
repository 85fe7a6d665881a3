"""BUL: the states of works in the white areas, and of a plan's addresses.

**Works** (state list of March 2020). A site (a municipality and a technology) walks through
eight states, in this order::

    in progettazione definitiva          its final design is being drawn
    in approvazione progetto definitivo  the design waits for approval
    progetto definitivo approvato        the design is approved
    in attesa di autorizzazioni          permits are missing
    in approvazione progetto esecutivo   the executive design waits for approval
    in esecuzione                        works are going on
    lavori completati                    works are done, not yet tested
    terminato                            tested (collaudo) and open

The order is the publisher's: permits may be waited for before *or* after the executive
design, so :func:`follows` only says whether a later file is *further on*.

**Walk-in** (*Connetti Italia*, the plans of the recovery fund). An address is visited and is
then *Esistente*, *Inesistente*, or excluded for one of three reasons. Only *Esistente* is to
be connected: counting every row of the plan overstates it.

Traps: accents come and go (*perché*, *perche*, *perch?*), ``(collaudo)`` is sometimes added,
and new states appear without notice: an unknown state is kept as it was written, noted and
counted, and is never taken for the nearest known one.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from nexpo.core.ingest import Dialect, Layout, Reading, literal, read_header
from nexpo.core.tables import load
from nexpo.sources.text_tables.files import as_text_table
from nexpo.sources.text_tables.municipalities import Locate, Translate, fill_codes
from nexpo.sources.text_tables.names import need_roles, plain
from nexpo.sources.text_tables.reading import read_table
from nexpo.sources.text_tables.sql import cell, day


class WorksState(Enum):
    """State of a site's works; the value is its place in the order."""

    FINAL_DESIGN = 1
    FINAL_DESIGN_IN_APPROVAL = 2
    FINAL_DESIGN_APPROVED = 3
    WAITING_FOR_PERMITS = 4
    EXECUTIVE_DESIGN_IN_APPROVAL = 5
    IN_EXECUTION = 6
    WORKS_COMPLETED = 7
    TESTED = 8


_WORKS = {
    "in_progettazione_definitiva": WorksState.FINAL_DESIGN,
    "in_progettazione": WorksState.FINAL_DESIGN,
    "in_approvazione_progetto_definitivo": WorksState.FINAL_DESIGN_IN_APPROVAL,
    "progetto_definitivo_in_approvazione": WorksState.FINAL_DESIGN_IN_APPROVAL,
    "progetto_definitivo_approvato": WorksState.FINAL_DESIGN_APPROVED,
    "in_attesa_di_autorizzazioni": WorksState.WAITING_FOR_PERMITS,
    "in_attesa_autorizzazioni": WorksState.WAITING_FOR_PERMITS,
    "in_approvazione_progetto_esecutivo": WorksState.EXECUTIVE_DESIGN_IN_APPROVAL,
    "progetto_esecutivo_in_approvazione": WorksState.EXECUTIVE_DESIGN_IN_APPROVAL,
    "in_esecuzione": WorksState.IN_EXECUTION,
    "lavori_completati": WorksState.WORKS_COMPLETED,
    "terminato": WorksState.TESTED,
    "terminato_collaudo": WorksState.TESTED,
    "collaudato": WorksState.TESTED,
}


class WalkIn(Enum):
    """What a visit found at an address of a plan."""

    EXISTS = "exists"
    DOES_NOT_EXIST = "does_not_exist"
    NO_UNITS = "excluded_no_units"
    TEN_PERCENT = "excluded_ten_percent"
    ALREADY_COVERED = "excluded_already_covered"

    @property
    def to_connect(self) -> bool:
        """Whether the address stays in the plan."""
        return self is WalkIn.EXISTS


_WALK_IN = {
    "esistente": WalkIn.EXISTS,
    "inesistente": WalkIn.DOES_NOT_EXIST,
    "escluso_privo_di_ui": WalkIn.NO_UNITS,
    "escluso_per_10": WalkIn.TEN_PERCENT,
    "escluso_perche_gia_coperto": WalkIn.ALREADY_COVERED,
    "escluso_perch_gi_coperto": WalkIn.ALREADY_COVERED,  # accents lost on the way
}


def works_state(text: str) -> WorksState | None:
    """Return the state that a text names, or None when the list does not hold it.

    Examples
    --------
    >>> works_state("Terminato (collaudo)")
    <WorksState.TESTED: 8>
    >>> works_state("sospeso") is None
    True
    """
    return _WORKS.get(plain(text))


def walk_in(text: str) -> WalkIn | None:
    """Return what a walk-in text says, or None when the list does not hold it.

    Examples
    --------
    >>> walk_in("Escluso perché già coperto").to_connect
    False
    >>> walk_in("Da visitare") is None
    True
    """
    return _WALK_IN.get(plain(text))


def follows(before: WorksState, after: WorksState) -> bool:
    """Tell whether a site has gone on (or stayed); a step back is a question to ask.

    Examples
    --------
    >>> follows(WorksState.IN_EXECUTION, WorksState.TESTED)
    True
    >>> follows(WorksState.TESTED, WorksState.IN_EXECUTION)
    False
    """
    return after.value >= before.value


def plain_sql(expression: str) -> str:
    """Return SQL that compares as :func:`plain` does, letter for letter."""
    simple = f"regexp_replace(strip_accents(lower({expression})), '[^a-z0-9]+', '_', 'g')"
    return f"trim({simple}, '_')"


def walk_in_sql(expression: str) -> str:
    """Return SQL for the walk-in value of a text, NULL when it is not in the list."""
    pairs = " ".join(f"WHEN {literal(k)} THEN {literal(v.value)}" for k, v in _WALK_IN.items())
    return f"CASE {plain_sql(expression)} {pairs} END"


_ROLES = {
    "istat": ("istat", "codice_istat", "cod_istat", "pro_com"),
    "region": ("regione", "region"),
    "province": ("provincia", "province"),
    "municipality": ("comune", "municipality", "citta"),
    "technology": ("tecnologia", "technology", "tipo", "rete"),
    "state": ("stato", "stato_lavori", "stato_cantiere", "fase", "state", "status"),
    "as_of": ("data", "data_aggiornamento", "aggiornato_al", "as_of"),
}


def read_works(
    path: Path,
    target: Path,
    *,
    dialect: Dialect | None = None,
    codes: Translate | None = None,
    locate: Locate | None = None,
) -> Reading:
    """Read the states of works into the table ``bul_works``.

    The column names differ from one export to the next; see the aliases in this module.
    An unknown state keeps its text, has no ``state`` and no ``step``, and is noted.

    Raises
    ------
    Problem
        When the file as a whole cannot be used.
    """
    with as_text_table(path) as readable:
        headers = read_header(readable, dialect)[1]
        found = need_roles(path, headers, _ROLES, ("municipality", "state"))
        text = cell(found["state"])
        layout = Layout(
            expressions={
                **{role: cell(found.get(role)) for role in _ROLES if role != "as_of"},
                "as_of": day(found.get("as_of")),
                "state_text": text,
                "state": _works_sql(text, by_name=True),
                "step": _works_sql(text, by_name=False),
            }
        )
        doubts = {
            "state {!r} is not in the list: kept as written": "SELECT state_text, count(*) "
            "FROM t WHERE state IS NULL GROUP BY 1 ORDER BY 1"
        }
        table = load("nexpo.sources", "bul_works")
        reading = read_table(
            readable, table, target, dialect=dialect, layout=layout, codes=codes, doubts=doubts
        )
    return fill_codes(reading, locate, table)


def recognise(headers: tuple[str, ...]) -> bool:
    """Tell a file of works states by its columns."""
    names = {plain(header) for header in headers}
    return bool(names & set(_ROLES["state"])) and bool(names & set(_ROLES["technology"]))


def _works_sql(expression: str, *, by_name: bool) -> str:
    pairs = " ".join(
        f"WHEN {literal(k)} THEN {literal(v.name.lower() if by_name else str(v.value))}"
        for k, v in _WORKS.items()
    )
    return f"CASE {plain_sql(expression)} {pairs} END"


__all__ = [
    "WalkIn",
    "WorksState",
    "follows",
    "plain_sql",
    "read_works",
    "recognise",
    "walk_in",
    "walk_in_sql",
    "works_state",
]
