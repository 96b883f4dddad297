"""My applications: begin, fill, hand in, follow, take back."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.applications import drafts, looks as looking, people, queries, submission
from backend.certificates import files, qr, queries as certificates
from backend.kernel import ids
from backend.kernel.i18n import N_
from backend.schemas.applications import (
    AnswersSchema,
    ApplicationListSchema,
    ApplicationSchema,
    ApplicationsQuery,
    BeginSchema,
    InvitationCodeSchema,
    LooksSchema,
    MandateSchema,
    SubmittedSchema,
)
from backend.web.answers import expected_version, json, page_of
from backend.web.blueprint import Blueprint
from backend.web.cases import own
from backend.web.context import runtime
from backend.web.files import download
from backend.web.guards import caller
from backend.web.once import once
from backend.web.receipts import links

blp = Blueprint("applications", __name__, url_prefix="/applications", description="My applications 申请")


@blp.get("")
@blp.arguments(ApplicationsQuery, location="query")
@blp.response(200, ApplicationListSchema)
def list_mine(query: dict[str, Any]) -> Response:
    """My applications, newest first."""
    with runtime().db.reading() as session:
        page = queries.mine(session, resident_id=caller().id, **query)
        return json(page_of(page.items, page.next_cursor))


@blp.post("")
@blp.arguments(BeginSchema)
@blp.response(201, ApplicationSchema)
def begin(body: dict[str, Any]) -> Response:
    """Begin a draft for a service item in a village or town; what is known is filled in."""
    at = runtime()
    return one(once(drafts.begin, vault=at.vault, resident_id=caller().id, now=at.clock(), **body), 201)


@blp.get("/<id:application_id>")
@blp.response(200, ApplicationSchema)
def read(application_id: int) -> Response:
    """One case with timeline, owner, deadline, next step, phone and an open correction."""
    return one(application_id)


@blp.patch("/<id:application_id>")
@blp.arguments(AnswersSchema)
@blp.response(200, ApplicationSchema)
def save(body: dict[str, Any], application_id: int) -> Response:
    """Save some answers (``null`` removes one); any wrong value refuses the whole change, field by field."""
    runtime().db.transact(
        drafts.save_answers,
        **own(application_id),
        answers=body["answers"],
        expected_version=expected_version(),
    )
    return one(application_id)


@blp.delete("/<id:application_id>")
@blp.response(204)
def discard(application_id: int) -> None:
    """Delete a draft."""
    runtime().db.transact(drafts.discard, **own(application_id))


@blp.post("/<id:application_id>/submission")
@blp.response(200, SubmittedSchema)
def submit(application_id: int) -> Response:
    """Hand the application in; 422 lists everything that is missing at once."""
    at = runtime()
    once(
        submission.submit,
        calendar=at.calendar,
        purposes=at.purposes,
        issuer=at.settings.issuer,
        **own(application_id),
        expected_version=expected_version(),
    )
    return _submitted(application_id)


@blp.post("/<id:application_id>/resubmission")
@blp.response(200, ApplicationSchema)
def resubmit(application_id: int) -> Response:
    """Hand a corrected application in again."""
    at = runtime()
    once(
        submission.resubmit,
        calendar=at.calendar,
        purposes=at.purposes,
        **own(application_id),
        expected_version=expected_version(),
    )
    return one(application_id)


@blp.post("/<id:application_id>/withdrawal")
@blp.response(200, ApplicationSchema)
def withdraw(application_id: int) -> Response:
    """Take the application back before it is decided."""
    once(
        submission.withdraw,
        **own(application_id),
        expected_version=expected_version(),
    )
    return one(application_id)


@blp.put("/<id:application_id>/mandate")
@blp.arguments(MandateSchema)
@blp.response(200, ApplicationSchema)
def record_mandate(body: dict[str, Any], application_id: int) -> Response:
    """File on someone else's behalf 代办; the signed letter is then a required material."""
    runtime().db.transact(
        people.record_mandate,
        **own(application_id),
        **body,
    )
    return one(application_id)


@blp.delete("/<id:application_id>/mandate")
@blp.response(200, ApplicationSchema)
def remove_mandate(application_id: int) -> Response:
    """File for oneself after all."""
    runtime().db.transact(people.remove_mandate, **own(application_id))
    return one(application_id)


@blp.post("/<id:application_id>/cosignature-invitations")
@blp.response(201, InvitationCodeSchema)
def invite(application_id: int) -> Response:
    """Ask the spouse to sign with their own login; the code is shown once."""
    at = runtime()
    invitation = at.db.transact(people.invite, **own(application_id))
    url = f"{at.settings.base_url}/cosign/{invitation.code}"
    return json({"code": invitation.code, "url": url, "expires_at": invitation.expires_at.isoformat()}, 201)


@blp.get("/<id:application_id>/looks")
@blp.response(200, LooksSchema)
def looks(application_id: int) -> Response:
    """Who looked at my case: office and post, what they saw, and when."""
    with runtime().db.reading() as session:
        return json({"items": looking.mine(session, resident_id=caller().id, application_id=application_id)})


@blp.get("/<id:application_id>/receipt.svg")
@blp.response(200, content_type="image/svg+xml")
def receipt_svg(application_id: int) -> Response:
    """The receipt's QR code as a picture."""
    with runtime().db.reading() as session:
        _, token = queries.receipt_token(session, resident_id=caller().id, application_id=application_id)
    return Response(qr.svg(f"{runtime().settings.base_url}/v/{token}"), mimetype="image/svg+xml")


@blp.get("/<id:application_id>/receipt.pdf")
@blp.response(200, content_type="application/pdf")
def receipt_pdf(application_id: int) -> Response:
    """The receipt on paper; 503 while it is being made."""
    at = runtime()
    with at.db.reading() as session:
        row = queries.handed_in(session, resident_id=caller().id, application_id=application_id)
        file = certificates.receipt_file(session, at.vault, application_id=row.id, resident_id=caller().id)
    return download(files.load(at.storage, file), mime="application/pdf", name=f"{row.number}.pdf")


@blp.get("/<id:application_id>/copy.pdf")
@blp.response(200, content_type="application/pdf")
def copy_pdf(application_id: int) -> Response:
    """What I handed in, as a PDF; 503 while it is being made."""
    at = runtime()
    with at.db.reading() as session:
        file = queries.copy_file(session, at.vault, resident_id=caller().id, application_id=application_id)
    name = f"{ids.encode(application_id)}.pdf"
    return download(files.load(at.storage, file), mime="application/pdf", name=name)


cosign = Blueprint("cosignatures", __name__, url_prefix="/cosignature-invitations", description="A spouse signs")


@cosign.post("/<string:code>/acceptance")
@cosign.response(200, content_type="application/json")
def sign(code: str) -> Response:
    """Sign the application of one's spouse, with one's own login and identity."""
    at = runtime()
    once(people.sign, vault=at.vault, resident_id=caller().id, code=code, now=at.clock())
    return json({"status": "signed", "status_label": N_("已签名"), "allowed_actions": []})


def one(application_id: int, status: int = 200) -> Response:
    at = runtime()
    with at.db.reading() as session:
        case = queries.one(
            session,
            at.vault,
            purposes=at.purposes,
            calendar=at.calendar,
            resident_id=caller().id,
            application_id=application_id,
            now=at.clock(),
        )
        if case["number"]:
            _, token = queries.receipt_token(session, resident_id=caller().id, application_id=application_id)
            case["receipt"] = links(application_id, case["number"], token)
        return json(case, status, version=case["version"])


def _submitted(application_id: int) -> Response:
    """Rebuilt from the stored case, so that a repeated request gets the same answer."""
    with runtime().db.reading() as session:
        row, token = queries.receipt_token(session, resident_id=caller().id, application_id=application_id)
    return json(
        {
            "id": ids.encode(row.id),
            "number": row.number,
            "status": "submitted",
            "status_label": N_("已提交"),
            "allowed_actions": ["withdraw"],
            "due_on": row.due_on,
            "receipt": links(row.id, row.number or "", token),
        }
    )
