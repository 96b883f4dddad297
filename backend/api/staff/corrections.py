"""Corrections after they were written: edit, cancel, and the next level's consent to a second one."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.api.staff.applications import one
from backend.applications import corrections, second_corrections, wanted_consents
from backend.applications.corrections import Defect, Wanted
from backend.schemas.applications import StaffCaseSchema
from backend.schemas.base import PageQuery
from backend.schemas.corrections import CancellationSchema, NoticeSchema, SecondConsentSchema, WantedConsentsSchema
from backend.web.answers import expected_version, json, page_of
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.once import once
from backend.web.reviewers import reviewer

blp = Blueprint("staff-corrections", __name__, url_prefix="/staff/applications", description="Corrections 补正")
consents = Blueprint("staff-consents", __name__, url_prefix="/staff/consents", description="Consents 再次补正的同意")


@blp.patch("/<string:number>/correction")
@blp.arguments(NoticeSchema)
@blp.response(200, StaffCaseSchema)
def edit(body: dict[str, Any], number: str) -> Response:
    """Change the open notice; its earlier text is kept, the applicant is told, the time never gets shorter."""
    at = runtime()
    defects = tuple(Defect(**item) for item in body["items"])
    at.db.transact(
        corrections.edit,
        vault=at.vault,
        calendar=at.calendar,
        reviewer=reviewer(),
        number=number,
        wanted=Wanted(body["note"], defects, body["due_on"]),
        expected_version=expected_version(),
        now=at.clock(),
    )
    at.wake()
    return one(number)


@blp.post("/<string:number>/correction/cancellation")
@blp.arguments(CancellationSchema)
@blp.response(200, StaffCaseSchema)
def cancel(body: dict[str, Any], number: str) -> Response:
    """Take the open notice back; the clock runs again and the case returns to its queue as it was handed in."""
    at = runtime()
    once(
        corrections.cancel,
        vault=at.vault,
        calendar=at.calendar,
        reviewer=reviewer(),
        number=number,
        reason=body["reason"],
        expected_version=expected_version(),
        now=at.clock(),
    )
    return one(number)


@blp.post("/<string:number>/correction/consent")
@blp.arguments(SecondConsentSchema)
@blp.response(200, StaffCaseSchema)
def consent(body: dict[str, Any], number: str) -> Response:
    """Let a second notice go out, or refuse it with words to the clerk who wrote it."""
    at = runtime()
    once(
        second_corrections.consent,
        vault=at.vault,
        calendar=at.calendar,
        reviewer=reviewer(),
        number=number,
        agree=body["consent"],
        note=body["note"],
        now=at.clock(),
    )
    return one(number)


@blp.delete("/<string:number>/correction/proposal")
@blp.response(200, StaffCaseSchema)
def drop(number: str) -> Response:
    """Take a second notice back before it is answered, by its author or a superior."""
    at = runtime()
    at.db.transact(second_corrections.drop, reviewer=reviewer(), number=number, now=at.clock())
    return one(number)


@consents.get("")
@consents.arguments(PageQuery, location="query")
@consents.response(200, WantedConsentsSchema)
def wanted(query: dict[str, Any]) -> Response:
    """Second notices that wait for the consent of my office, oldest first."""
    with runtime().db.reading() as session:
        page = wanted_consents.wanted(session, reviewer=reviewer(), **query)
        return json(page_of(page.items, page.next_cursor))
