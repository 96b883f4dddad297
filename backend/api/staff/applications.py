"""Review: queues, claims, decisions, reopening, audit."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.applications import claims, desk, looks, materials, queue, review, seen
from backend.applications.review import Decision, Defect
from backend.catalogue.queries import full_code
from backend.documents import view
from backend.documents.reading import read as read_document
from backend.kernel.clock import today
from backend.schemas.applications import (
    AuditSchema,
    DecisionSchema,
    LeaseSchema,
    QueueQuery,
    QueueSchema,
    ReopeningSchema,
    StaffCaseSchema,
)
from backend.web.answers import json, page_of
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.files import download
from backend.web.looking import look
from backend.web.once import once
from backend.web.presence import stay
from backend.web.reviewers import reviewer

blp = Blueprint("staff-applications", __name__, url_prefix="/staff/applications", description="Review 审核")


@blp.get("")
@blp.arguments(QueueQuery, location="query")
@blp.response(200, QueueSchema)
def list_cases(query: dict[str, Any]) -> Response:
    """Cases of my jurisdiction by deadline."""
    at = runtime()
    limit, cursor = query.pop("limit"), query.pop("cursor")
    query.pop("sort")
    view, region = query.pop("view"), query["region"] and full_code(query["region"])
    wanted = queue.of_view(view, **query | {"turn": query["turn"] == "mine", "region": region})
    with at.db.reading() as session:
        page = queue.page(session, reviewer=reviewer(), wanted=wanted, limit=limit, cursor=cursor, now=at.clock())
        return json(page_of(page.items, page.next_cursor))


@blp.get("/<case:number>")
@blp.response(200, StaffCaseSchema)
def read(number: str) -> Response:
    """Everything about one case; the holder's identity in full only while I hold the case."""
    answer = one(number)
    runtime().db.transact(seen.saw, reviewer=reviewer(), number=number)
    return answer


@blp.post("/<string:number>/claim")
@blp.response(200, LeaseSchema)
def claim(number: str) -> Response:
    """Take a case for 30 minutes; again renews with the same fence."""
    at = runtime()
    lease = at.db.transact(claims.claim, reviewer=reviewer(), number=number, now=at.clock())
    return json({"lease_expires_at": lease.expires_at.isoformat(), "fence": lease.fence})


@blp.post("/<string:number>/release")
@blp.response(200, StaffCaseSchema)
def release(number: str) -> Response:
    """Give the case back to the queue."""
    at = runtime()
    at.db.transact(claims.release, reviewer=reviewer(), number=number, now=at.clock())
    return one(number)


@blp.post("/<string:number>/decisions")
@blp.arguments(DecisionSchema)
@blp.response(200, StaffCaseSchema)
def decide(body: dict[str, Any], number: str) -> Response:
    """Decide under my claim: accept, approve (hands up below the last level), return, request_correction, reject."""
    at = runtime()
    defects = tuple(Defect(**item) for item in body["items"])
    once(
        review.decide,
        vault=at.vault,
        calendar=at.calendar,
        reviewer=reviewer(),
        number=number,
        decision=Decision(
            body["decision"], body["note"], defects, body["due_on"], body["reason_code"], body["reason_words"]
        ),
        fence=body["fence"],
        now=at.clock(),
    )
    return one(number)


@blp.post("/<string:number>/reopening")
@blp.arguments(ReopeningSchema)
@blp.response(200, StaffCaseSchema)
def reopen(body: dict[str, Any], number: str) -> Response:
    """Put a decided case back into review; what it issued is revoked."""
    at = runtime()
    once(
        review.reopen,
        vault=at.vault,
        calendar=at.calendar,
        reviewer=reviewer(),
        number=number,
        reason=body["reason"],
        now=at.clock(),
    )
    return one(number)


@blp.get("/<string:number>/audit")
@blp.response(200, AuditSchema)
def audit(number: str) -> Response:
    """The hash-chained record of the case, oldest first."""
    look(number, looks.RECORD)
    with runtime().db.reading() as session:
        return json({"items": desk.audit(session, reviewer=reviewer(), number=number)})


@blp.get("/<string:number>/materials/<id:document_id>")
@blp.response(200, content_type="application/octet-stream")
def material(number: str, document_id: int) -> Response:
    """A material with my post and today's date as a watermark; the look is recorded for the applicant."""
    at = runtime()
    clerk = reviewer()
    opened = at.db.transact(
        materials.opened_by_staff,
        vault=at.vault,
        reviewer=clerk,
        number=number,
        document_id=document_id,
        now=at.clock(),
    )
    words = f"仅供办理{opened.definition.name}查阅 {clerk.post} {today(at.clock()).isoformat()}"
    content, mime = view.watermarked(
        read_document(at.storage, opened.document),
        opened.document.mime,
        words,
        workdir=at.settings.data_dir / "uploads",
    )
    return download(content, mime=mime, name=f"{number}-{opened.document.code}", inline=True)


def one(number: str, status: int = 200) -> Response:
    """The case as this clerk may see it; the look is recorded for the applicant."""
    at = runtime()
    look(number)
    with at.db.reading() as session:
        case = desk.case(session, at.vault, calendar=at.calendar, reviewer=reviewer(), number=number, now=at.clock())
    return json(stay(case), status, version=case["version"])
