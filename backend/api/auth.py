"""Signing in by a code from an SMS, renewing and ending a session."""

from __future__ import annotations

from typing import Any

from flask import request

from backend.accounts import codes, door, sessions, tokens
from backend.accounts.policy import CodeLimits
from backend.accounts.tokens import Handle
from backend.kernel.clock import system_clock
from backend.schemas.accounts import (
    RefreshSchema,
    SignedInSchema,
    SignOutSchema,
    SmsCodeRequestSchema,
    SmsSignInSchema,
    TokensSchema,
)
from backend.web import tokens as access_tokens
from backend.web.blueprint import Blueprint
from backend.web.context import runtime

blp = Blueprint("auth", __name__, url_prefix="/auth", description="Sessions of residents")


@blp.post("/sms-codes")
@blp.arguments(SmsCodeRequestSchema)
@blp.response(202)
def request_code(body: dict[str, Any]) -> None:
    """Send a six-digit code to a mobile number; the answer is the same for every number."""
    at, limits = runtime(), runtime().settings.limits
    at.db.transact(
        codes.request,
        at.vault,
        mobile=body["mobile"],
        address=request.remote_addr or "",
        limits=CodeLimits(limits.sms_codes_per_mobile_hour, limits.sms_codes_per_address_10_min),
        now=at.clock(),
    )
    at.wake(codes.TOPIC)


@blp.post("/sms")
@blp.arguments(SmsSignInSchema)
@blp.response(200, SignedInSchema)
def sign_in(body: dict[str, Any]) -> dict[str, Any]:
    """Sign in with the newest code; the first time makes the account."""
    at = runtime()
    signed = door.sign_in(at.db, at.vault, key=at.settings.secrets.session_key, now=at.clock(), **body)
    return bearer(signed.session, signed.refresh) | {"resident": signed.resident}


@blp.post("/refresh")
@blp.arguments(RefreshSchema)
@blp.response(200, TokensSchema)
def refresh(body: dict[str, Any]) -> dict[str, Any]:
    """Change the latest refresh token for a new pair; an older one ends the session."""
    at = runtime()
    key, token = at.settings.secrets.session_key, body["refresh_token"]
    with at.db.reading() as session:
        kind = sessions.kind_of(session, key=key, token=token)
    pair = door.refresh(at.db, key=key, token=token, kind=kind)
    return bearer(pair.session, pair.refresh)


@blp.post("/logout")
@blp.arguments(SignOutSchema, required=False)
@blp.response(204)
def sign_out(body: dict[str, Any]) -> None:
    """End the session of the refresh token in the body, or without one of the access token (``Authorization``)."""
    at = runtime()
    at.db.transact(sessions.revoke, sid=_session_id(body["refresh_token"]), at=system_clock())


def bearer(session: Handle, refresh_token: str) -> dict[str, Any]:
    """The tokens as RFC 6750 names them."""
    return {
        "access_token": access_tokens.access(session),
        "refresh_token": refresh_token,
        "token_type": "Bearer",
        "expires_in": int(access_tokens.LIFE.total_seconds()),
    }


def _session_id(refresh_token: str | None) -> int:
    """The session of the refresh token when there is one, else of the access token."""
    key = runtime().settings.secrets.session_key
    if refresh_token is not None:
        return tokens.read_refresh(key, refresh_token)[0]
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise tokens.ended()
    return access_tokens.read(token.strip()).sid
