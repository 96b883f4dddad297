"""``flask statistics``: count every case anew, from the cases themselves."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from backend.applications import facts
from backend.runtime import Runtime
from backend.web.context import runtime
from workers import counting

statistics = AppGroup("statistics", help="What is counted of cases.")
PIECE = 200


@statistics.command()
def rebuild() -> None:
    """Read the facts off every case again; may be run at any time, beside everything else."""
    at, last, seen = runtime(), 0, 0
    while reached := at.db.transact(_piece, at, last):
        last, more = reached
        seen += more
    click.echo(f"{seen} cases counted")


def _piece(session: Session, at: Runtime, last: int) -> tuple[int, int] | None:
    """Count the next cases; the last id and how many of them count, ``None`` after the last."""
    found = facts.numbered(session, after=last, limit=PIECE)
    if not found:
        return None
    return found[-1], sum(counting.count(session, calendar=at.calendar, application_id=one) for one in found)
