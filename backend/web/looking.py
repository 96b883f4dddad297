"""Before staff read a case, the look is written down; a page opened again within the hour writes nothing."""

from __future__ import annotations

from backend.applications import looks
from backend.web.context import runtime
from backend.web.reviewers import reviewer


def look(number: str, act: str = looks.CASE) -> None:
    """Note a look of the signed-in clerk. Errors as for reading: 404 outside the jurisdiction, 403 on the own case."""
    at, clerk = runtime(), reviewer()
    now = at.clock()
    with at.db.reading() as session:
        known = looks.noted(session, reviewer=clerk, number=number, act=act, now=now)
    if not known:
        at.db.transact(looks.note, reviewer=clerk, number=number, act=act, now=now)
