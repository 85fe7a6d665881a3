"""One connection to SQLite or PostgreSQL, with the few things in which they differ.

SQL is written once, portable, with ``?`` for values. SQLite runs in WAL mode, one writer at a
time; on PostgreSQL a transaction locks the table of events, which comes to the same.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from nexpo.core.problem import Kind, Problem, Where

_WAIT_S = 10.0
_AGAIN_S = 0.01
_PREPARING = 1_164_404_815  # any number that other programs are unlikely to lock
_HELD = {"55P03", "40P01"}  # PostgreSQL: the lock was not given; a deadlock
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_OF_MAPS = {"gpkg_contents", "spatial_ref_sys", "tiles"}
Row = tuple[Any, ...]


class Database:
    """A connection, closed by :meth:`close` or at the end of ``with``.

    Parameters
    ----------
    address
        ``postgresql://user@host/name``, ``sqlite:///path``, or a path.
    locked
        Table that a transaction on PostgreSQL locks.
    """

    def __init__(self, address: str, *, locked: str) -> None:
        self.address = address
        scheme = urlsplit(address).scheme
        self.is_postgres = scheme in {"postgresql", "postgres"}
        self._locked = locked
        self._inside = False
        if self.is_postgres:
            self._connection, self._errors = _postgres(address)
        else:
            self._connection, self._errors = _sqlite(address), (sqlite3.Error,)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def shown(self) -> str:
        """The address without its password."""
        return _shown(self.address)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def execute(self, sql: str, values: Sequence[object] = ()) -> None:
        """Run a statement."""
        self._run(sql, values)

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Run a query and return its rows."""
        return [tuple(row) for row in self._run(sql, values).fetchall()]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the database alone for writing; an error takes all of it back.

        Raises
        ------
        Problem
            ``UNAVAILABLE`` when another writer holds it for too long.
        """
        if self._inside:
            raise Problem(Kind.INTERNAL, "a transaction within a transaction")
        with self._held(f"LOCK TABLE {self._locked} IN EXCLUSIVE MODE"):
            yield

    @contextmanager
    def preparing(self) -> Iterator[None]:
        """Make tables while nobody else does: PostgreSQL may else make one of them twice."""
        if not self.is_postgres:
            yield
            return
        with self._held(f"SELECT pg_advisory_xact_lock({_PREPARING})"):
            yield

    @contextmanager
    def _held(self, lock: str) -> Iterator[None]:
        self._run("BEGIN" if self.is_postgres else "BEGIN IMMEDIATE", ())
        self._inside = True
        try:
            if self.is_postgres:
                self._run(lock, ())
            yield
            self._run("COMMIT", ())
        except BaseException:
            with suppress(*self._errors):  # the cause counts, not that nothing is left to undo
                self._connection.execute("ROLLBACK")
            raise
        finally:
            self._inside = False

    def _run(self, sql: str, values: Sequence[object]) -> Any:  # noqa: ANN401 - either's cursor
        text = sql.replace("?", "%s") if self.is_postgres else sql
        try:
            return self._connection.execute(text, tuple(values))
        except self._errors as error:
            if _is_held(error):
                raise _held_by_another(self.shown) from error
            raise Problem(
                Kind.UNAVAILABLE,
                f"the register cannot be used: {str(error).splitlines()[0]}",
                where=Where(_shown(self.address)),
                remedy="is the server still there, and is it a register of Nexpo?",
            ) from error


def _held_by_another(shown: str) -> Problem:
    return Problem(
        Kind.UNAVAILABLE,
        f"another program holds the register: waited {_WAIT_S:g} s, nothing was changed",
        where=Where(shown),
        remedy="let it finish, then do this again",
    )


def _is_held(error: Exception) -> bool:
    """Say whether a statement only waited too long for another's lock."""
    of_sqlite = int(getattr(error, "sqlite_errorcode", 0)) & 0xFF  # without what it adds to it
    return getattr(error, "sqlstate", None) in _HELD or of_sqlite in _BUSY


def _sqlite(address: str) -> sqlite3.Connection:
    path = Path(address.removeprefix("sqlite:///"))
    connection = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None)
        _refuse_map(connection, path)
        _write_ahead(connection)
        connection.execute("PRAGMA foreign_keys = ON")
    except (OSError, sqlite3.Error) as error:
        if connection is not None:
            connection.close()
        if _is_held(error):
            raise _held_by_another(str(path)) from error
        raise Problem(
            Kind.UNAVAILABLE,
            f"the register cannot be opened: {error}",
            where=Where(str(path)),
            remedy="name a file that is a register, or a new one in a folder you can write to",
        ) from None
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Put a file into WAL mode; SQLite does not wait for another who does so at this moment."""
    until = time.monotonic() + _WAIT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not _is_held(error) or time.monotonic() > until:
                raise
            time.sleep(_AGAIN_S)
        else:
            return


def _refuse_map(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a map that is kept in SQLite: tables would be written into it."""
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    if {name for (name,) in found} & _OF_MAPS:
        connection.close()
        raise Problem(
            Kind.UNAVAILABLE,
            "this file is a map, not a register",
            where=Where(str(path)),
            remedy="name a file of its own for the register",
        )


def _postgres(address: str) -> tuple[Any, tuple[type[Exception], ...]]:
    try:
        psycopg = import_module("psycopg")
    except ImportError:
        raise Problem(
            Kind.UNAVAILABLE,
            "PostgreSQL is asked for and psycopg is not installed",
            where=Where(_shown(address)),
            remedy="install psycopg 3 (pip install 'psycopg[binary]'), or use a file: --register",
        ) from None
    try:
        connection = psycopg.connect(address, autocommit=True)
        connection.execute(f"SET lock_timeout = {_WAIT_S * 1000:.0f}")  # of reading too
    except psycopg.Error as error:
        raise Problem(
            Kind.UNAVAILABLE,
            f"PostgreSQL does not answer: {str(error).splitlines()[0]}",
            where=Where(_shown(address)),
            remedy="check DATABASE_URL and that the server runs",
        ) from None
    return connection, (psycopg.Error,)


def _shown(address: str) -> str:
    """Return an address without its password."""
    parts = urlsplit(address)
    if parts.password is None:
        return address
    return address.replace(f":{parts.password}@", ":***@", 1)
