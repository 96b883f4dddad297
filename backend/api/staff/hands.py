"""In whose hands cases are: takeover, hand-over, declared family, days off."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.accounts import absence, relatives
from backend.api.staff.applications import one
from backend.applications import handover, takeover
from backend.kernel import ids
from backend.kernel.clock import today
from backend.schemas.applications import StaffCaseSchema
from backend.schemas.hands import (
    AbsenceSchema,
    HandedOverSchema,
    HandoverSchema,
    NewRelativeSchema,
    RelativeSchema,
    RelativesSchema,
    TakeoverSchema,
)
from backend.web.answers import json
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.once import once
from backend.web.reviewers import reviewer

blp = Blueprint("staff-hands", __name__, url_prefix="/staff", description="Review 审核")


@blp.post("/applications/<string:number>/takeover")
@blp.arguments(TakeoverSchema)
@blp.response(200, StaffCaseSchema)
def take_over(body: dict[str, Any], number: str) -> Response:
    """Take a case out of a lower level's hands, with a reason its holder is told: to a colleague there or the queue."""
    at = runtime()
    once(takeover.take_over, vault=at.vault, reviewer=reviewer(), number=number, now=at.clock(), **body)
    return one(number)


@blp.post("/handovers")
@blp.arguments(HandoverSchema)
@blp.response(200, HandedOverSchema)
def hand_over(body: dict[str, Any]) -> Response:
    """All cases of a clerk at once: my own, a colleague's of my office, or of an office below mine."""
    return json({"moved": once(handover.hand_over, by=reviewer(), now=runtime().clock(), **body)})


@blp.get("/me/relatives")
@blp.response(200, RelativesSchema)
def list_relatives() -> Response:
    """The family I declared: ids and days, for nothing else is kept."""
    with runtime().db.reading() as session:
        found = relatives.listed(session, staff_id=reviewer().id)
    return json({"items": [_relative(one) for one in found]})


@blp.post("/me/relatives")
@blp.arguments(NewRelativeSchema)
@blp.response(201, RelativeSchema)
def declare_relative(body: dict[str, Any]) -> Response:
    """Declare a relative by document: only its keyed hash is kept, and their cases are closed to me."""
    at, me = runtime(), reviewer().id
    made = once(relatives.declare, vault=at.vault, staff_id=me, now=at.clock(), **body)
    with at.db.reading() as session:
        found = next(each for each in relatives.listed(session, staff_id=me) if each.id == made)
    return json(_relative(found), 201)


@blp.delete("/me/relatives/<id:relative_id>")
@blp.response(204)
def remove_relative(relative_id: int) -> None:
    """Take a declaration back."""
    runtime().db.transact(relatives.remove, staff_id=reviewer().id, relative_id=relative_id)


@blp.get("/me/absence")
@blp.response(200, AbsenceSchema)
def read_absence() -> Response:
    """Until which day I am away."""
    with runtime().db.reading() as session:
        until = absence.away_until(session, staff_id=reviewer().id)
    return json({"until": until.isoformat() if until else None})


@blp.put("/me/absence")
@blp.arguments(AbsenceSchema)
@blp.response(200, AbsenceSchema)
def set_absence(body: dict[str, Any]) -> Response:
    """Away through a day, or back; while a whole office is away its cases go to the level above."""
    now = runtime().clock()
    runtime().db.transact(absence.set_away, staff_id=reviewer().id, today=today(now), now=now, **body)
    return read_absence()


@blp.put("/absences/<string:username>")
@blp.arguments(AbsenceSchema)
@blp.response(200, AbsenceSchema)
def set_absence_of(body: dict[str, Any], username: str) -> Response:
    """The same for a clerk of an office below mine."""
    now, until = runtime().clock(), body["until"]
    runtime().db.transact(handover.set_away, by=reviewer(), username=username, until=until, today=today(now), now=now)
    return json({"until": until.isoformat() if until else None})


def _relative(found: relatives.Relative) -> dict[str, Any]:
    return {"id": ids.encode(found.id), "declared_at": found.declared_at.isoformat()}
