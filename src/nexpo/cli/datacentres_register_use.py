"""Options of the verbs that use the register, and what they mean."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from nexpo.datacentres.adapters.store import DatabaseRegister

REGISTER = click.option(
    "--register",
    "address",
    metavar="PATH|URL",
    help="SQLite file or postgresql:// address; DATABASE_URL or a file of yours by default.",
)
CONFIDENTIAL = click.option(
    "--confidential", is_flag=True, help="Also the values of confidential records."
)
BY = click.option("--by", default=None, help="Who changes the register; the user by default.")
AT = click.option("--at", metavar="MOMENT", help="When, ISO with zone; now by default.")


def opened(address: str | None) -> AbstractContextManager[DatabaseRegister]:
    """Open the register of an option."""
    from nexpo.datacentres.adapters.store import open_register

    return open_register(address)


def who(by: str | None) -> str:
    """Return the name given, or that of the user."""
    from nexpo.core.problem import Kind, Problem

    name = by or os.environ.get("USER") or os.environ.get("LOGNAME")
    if not name:
        remedy = "name a person or an office: --by NAME"
        raise Problem(
            Kind.USAGE, "nobody is named as the one who changes the register", remedy=remedy
        )
    return name


def moment(at: str | None) -> datetime:
    """Return the moment given, or now."""
    from nexpo.core.problem import Kind, Problem

    if at is None:
        return datetime.now(UTC)
    try:
        return datetime.fromisoformat(at)
    except ValueError:
        remedy = "write 2026-05-15T10:00:00+02:00 say"
        raise Problem(Kind.USAGE, "--at is no moment", value=at, remedy=remedy) from None


def as_day(day: str | None) -> date:
    """Return the day given, or today."""
    from nexpo.core.period import parse_date

    return parse_date(day) if day else datetime.now(UTC).date()
