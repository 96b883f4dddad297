"""The signed-in person: account, identity, consents, copies of their data, erasure, partner."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.accounts import consents, export, partners, queries, requirements, service
from backend.kernel import ids
from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_
from backend.schemas.accounts import (
    ConsentSchema,
    ConsentsSchema,
    ExportSchema,
    GiveConsentSchema,
    IdentitySchema,
    InvitationSchema,
    PartnershipSchema,
    ProfileSchema,
    ResidentSchema,
)
from backend.web import copies, leaving
from backend.web.answers import expected_version, json
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once
from backend.web.words import language, say

blp = Blueprint("me", __name__, description="The signed-in person")


@blp.get("/me")
@blp.response(200, ResidentSchema)
def read() -> Response:
    """The account, personal values masked; the entity tag is its version."""
    return _me()


@blp.patch("/me")
@blp.arguments(ProfileSchema, required=False)
@blp.response(200, ResidentSchema)
def update(body: dict[str, Any]) -> Response:
    """Change language or care mode."""
    at = runtime()
    at.db.transact(
        service.update_profile,
        resident_id=caller().id,
        expected_version=expected_version(),
        now=at.clock(),
        **body,
    )
    return _me()


@blp.delete("/me")
@blp.response(204)
def erase() -> None:
    """Erase the account for good; 409 while a case is open or a benefit goes on."""
    leaving.leave_for_good()


@blp.put("/me/identity")
@blp.arguments(IdentitySchema)
@blp.response(200, ResidentSchema)
def put_identity(body: dict[str, Any]) -> Response:
    """Keep name and identity document: checked, encrypted, shown masked."""
    at = runtime()
    at.db.transact(service.put_identity, at.vault, resident_id=caller().id, now=at.clock(), **body)
    return _me()


@blp.get("/me/consents")
@blp.response(200, ConsentsSchema)
def list_consents() -> dict[str, Any]:
    """Every purpose with its present text, what needs it and since when it is agreed to."""
    return {"items": _consents()}


@blp.put("/me/consents/<string:purpose>")
@blp.arguments(GiveConsentSchema, required=False)
@blp.response(200, ConsentSchema)
def give_consent(body: dict[str, Any], purpose: str) -> consents.ConsentCard:
    """Agree to a purpose; 409 when the text was renewed since it was shown."""
    at = runtime()
    at.db.transact(
        consents.give, resident_id=caller().id, purpose=purpose, purposes=at.purposes, now=at.clock(), **body
    )
    return next(card for card in _consents() if card.purpose == purpose)


@blp.delete("/me/consents/<string:purpose>")
@blp.response(204)
def withdraw_consent(purpose: str) -> None:
    """Take a consent back from now on."""
    at = runtime()
    at.db.transact(consents.withdraw, resident_id=caller().id, purpose=purpose, purposes=at.purposes, now=at.clock())


@blp.post("/me/export")
@blp.response(202, ExportSchema)
def request_export() -> dict[str, Any]:
    """Ask for a copy of everything kept about oneself; ready within minutes, kept for 7 days."""
    return _export(once(export.request, resident_id=caller().id, now=runtime().clock()))


@blp.get("/me/exports/<string:export_id>")
@blp.response(200, ExportSchema)
def read_export(export_id: str) -> dict[str, Any]:
    """The state of a copy, and its content when it is ready; 403 `second_step_required` where it holds a result."""
    try:
        return _export(ids.decode(export_id))
    except ValueError as error:
        raise NotFound("not_found", N_("没有找到这份数据副本")) from error


@blp.post("/me/partner-invitations")
@blp.response(201, InvitationSchema)
def invite_partner() -> dict[str, Any]:
    """A code for the partner, good once and for 7 days."""
    at, me = runtime(), caller().id
    made = once(partners.invite, vault=at.vault, resident_id=me, now=at.clock())
    with at.db.reading() as session:
        invitation = partners.invitation(session, at.vault, resident_id=me, invitation_id=made)
    url = f"{at.settings.base_url}/partner-invitations/{invitation.code}"
    return {"code": invitation.code, "url": url, "expires_at": invitation.expires_at}


@blp.delete("/me/partner")
@blp.response(204)
def unlink_partner() -> None:
    """End the link between the two accounts, on both sides."""
    at = runtime()
    at.db.transact(partners.unlink, resident_id=caller().id, now=at.clock())


@blp.post("/partner-invitations/<string:code>/acceptance")
@blp.response(200, PartnershipSchema)
def accept_partner(code: str) -> dict[str, Any]:
    """Accept a partner's invitation; 404 for a code that is wrong, used or over."""
    at = runtime()
    once(partners.accept, vault=at.vault, resident_id=caller().id, code=code, now=at.clock())
    return {"has_partner": True}


def _me() -> Response:
    at = runtime()
    with at.db.reading() as session:
        card = queries.resident(session, at.vault, caller().id)
    return json(ResidentSchema().dump(card), version=card.version)


def _consents() -> list[consents.ConsentCard]:
    at = runtime()
    with at.db.reading() as session:
        return consents.listed(
            session,
            resident_id=caller().id,
            purposes=at.purposes,
            required_for=requirements.required_for(session),
            language=language(),
        )


def _export(export_id: int) -> dict[str, Any]:
    card = copies.own_copy(export_id)
    return {
        "id": card.id,
        "status": card.state,
        "status_label": say(export.LABELS[card.state]),
        "allowed_actions": ["read"] if card.state == "ready" else [],
        "requested_at": card.requested_at,
        "ready_at": card.ready_at,
        "expires_at": card.expires_at,
        "content": card.content,
    }
