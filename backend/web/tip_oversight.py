"""The sealed parcel for the city-level oversight 市级监督: what an investigator may send on, and nobody here opens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flask import Response
from sqlalchemy.orm import Session

from backend.tips import desk, parcels, recipients
from backend.tips.unlocking import Opener
from backend.web import investigators
from backend.web.context import runtime
from backend.web.files import download

SENT_UP = "sent_up"


def waiting() -> int:
    """How many of the tips that this investigator may open have missed a day."""
    at = runtime().tips
    with at.db.reading() as session:
        return len(parcels.flagged(session, by=investigators.key().id, day=at.today))


def parcel() -> Response:
    """Ciphertext, days and statuses of those tips, as a download; who made it is in the log of each."""
    at, opener = runtime().tips, investigators.opener()
    at.db.transact(_note, opener=opener, day=at.today)
    name = f"{at.today:%Y%m%d}-sealed.jsonl"
    return download(_lines(opener.id), mime="application/octet-stream", name=name)


def _note(session: Session, *, opener: Opener, day: date) -> None:
    for tip_id in parcels.flagged(session, by=opener.id, day=day):
        desk.log(session, tip_id=tip_id, opener=opener, act=SENT_UP, day=day)


def _lines(investigator_id: str) -> Iterator[bytes]:
    at = runtime().tips
    what = {"holder": recipients.OVERSIGHT, "which": parcels.FLAGGED, "by": investigator_id}

    def lines() -> Iterator[bytes]:
        with at.db.reading() as session:
            yield from parcels.export(session, day=at.today, **what)

    return lines()
