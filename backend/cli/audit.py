"""``flask --app wsgi audit verify [NUMBER]``: is the record of the cases still what was written?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.events import chains
from backend.models.application import Application
from backend.web.context import runtime

audit = AppGroup("audit", help="The hash-chained record of every case.")

#: Cases per pair of statements.
PIECE = 500


@audit.command()
@click.argument("number", required=False)
def verify(number: str | None) -> None:
    """Walk the chain of one case, or of all; name the first bad row of each, and fail when there is one."""
    walked, bad = 0, 0
    with runtime().db.reading() as session:
        for piece in _pieces(session, number):
            walked += len(piece)
            numbers = {row.id: row.number for row in piece}
            for fault in chains.faults(session, piece):
                bad += 1
                click.echo(f"{numbers[fault.subject_id]}: row {fault.sequence} {fault.what}")
            session.expunge_all()
    if number and not walked:
        raise click.ClickException(f"{number}: no such case")
    if bad:
        raise click.ClickException(f"{bad} of {walked} chains are broken")
    click.echo(f"{walked} checked, all sound")


def _pieces(session: Session, number: str | None) -> Iterator[Sequence[Application]]:
    """The submitted cases in order of their ids; drafts have no record."""
    query = select(Application).where(Application.audit_sequence > 0).order_by(Application.id).limit(PIECE)
    if number:
        query = query.where(Application.number == number.strip().upper())
    last = 0
    while piece := session.scalars(query.where(Application.id > last)).all():
        yield piece
        last = piece[-1].id
