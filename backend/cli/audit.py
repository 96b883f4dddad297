"""``flask audit``: is the record still what was written, and are its days signed?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.certificates import heads
from backend.events import chains, daybook, days, journal
from backend.events.chains import Fault, Tally
from backend.models.application import Application
from backend.runtime import Runtime
from backend.web.context import runtime

audit = AppGroup("audit", help="The hash-chained record of every case and its signed days.")


def _day(_context: click.Context, _parameter: click.Parameter, value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise click.BadParameter("a day is written 2026-11-22") from error


@audit.command()
@click.argument("number", required=False)
@click.option("--case", "case", default=None, help="Only this case (the same as NUMBER).")
@click.option("--from", "since", default=None, callback=_day, help="Only what was written from this day on.")
def verify(number: str | None, case: str | None, since: date | None) -> None:
    """Walk every chain and every signed day; name each row that is not what was written, and fail on any."""
    at, wanted = runtime(), (case or number or "").strip().upper()
    tally, found = Tally(), 0
    with at.db.reading() as session:
        lines = _case(session, wanted, tally) if wanted else _everything(session, at, since, tally)
        for line in lines:
            found += 1
            click.echo(line)
    if wanted and not tally.chains:
        raise click.ClickException(f"{wanted}: no such case")
    if found:
        raise click.ClickException(f"{found} found in {tally.chains} chains and the signed days")
    click.echo(f"{tally.chains} chains with {tally.rows} rows checked, all sound")


def _case(session: Session, number: str, tally: Tally) -> Iterator[str]:
    found = session.scalar(select(Application.id).where(Application.number == number))
    if found is None:
        return
    for fault in chains.walk(session, Application, tally, only=found):
        yield f"{number}: row {fault.sequence} {fault.what}"


def _everything(session: Session, at: Runtime, since: date | None, tally: Tally) -> Iterator[str]:
    first = _first_row(session, since)
    for subject in chains.subjects():
        name = _namer(session, subject)
        for fault in chains.walk(session, subject, tally, since=first):
            yield f"{name(fault)}: row {fault.sequence} {fault.what}"
    for fault in journal.verify(session):
        yield f"journal: row {fault.sequence} {fault.what}"
    for wrong in daybook.walk(
        session, read=lambda token, kid: heads.read(session, token, kid=kid), since=since, now=at.clock()
    ):
        yield f"{wrong.day}: row {wrong.row} {wrong.what}" if wrong.row else f"{wrong.day}: {wrong.what}"


def _first_row(session: Session, since: date | None) -> int:
    """The first row of a day that was signed, or of what came after the last signed day."""
    if since is None:
        return 0
    firsts = [head.first for head in days.heads(session, since=since, limit=None) if head.first]
    return min(firsts, default=days.reach(session) + 1)


def _namer(session: Session, subject: Any) -> Callable[[Fault], str]:
    """How a chain is called: a case by its number, others by kind and id."""

    def name(fault: Fault) -> str:
        kind = f"{subject.__tablename__} {fault.subject_id}"
        if not hasattr(subject, "number"):
            return kind
        return str(session.scalar(select(subject.number).where(subject.id == fault.subject_id)) or kind)

    return name
