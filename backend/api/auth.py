"""Signing in by a code from an SMS or from WeChat, renewing and ending a session."""

from __future__ import annotations

from typing import Any

from flask import request

from backend.accounts import codes, door, sessions, tokens, wechat
from backend.accounts.policy import CodeLimits
from backend.accounts.service import SignedIn
from backend.accounts.tokens import Handle
from backend.kernel.clock import system_clock
from backend.kernel.errors import Conflict
from backend.kernel.i18n import N_
from backend.schemas.accounts import (
    RefreshSchema,
    SignedInSchema,
    SignOutSchema,
    SmsCodeRequestSchema,
    SmsSignInSchema,
    TokensSchema,
    WechatCodeSchema,
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
    return _signed_in(signed)


@blp.post("/wechat")
@blp.arguments(WechatCodeSchema)
@blp.response(200, SignedInSchema)
def sign_in_by_wechat(body: dict[str, Any]) -> dict[str, Any]:
    """Sign in with a code of WeChat's; 409 with a `binding` for `/auth/sms` where no account has this WeChat yet."""
    at = runtime()
    openid = door.identify_wechat(
        at.db, at.vault, at.wechat, code=body["code"], address=request.remote_addr or "", now=at.clock()
    )
    signed = door.sign_in_by_wechat(at.db, at.vault, key=at.settings.secrets.session_key, openid=openid)
    if signed is None:
        raise Conflict(
            "wechat_unbound",
            N_("这个微信还没有和账号关联，请用手机号登录一次，登录时就能关联"),
            extra={"binding": wechat.waiting(at.vault, openid=openid, now=at.clock())},
        )
    return _signed_in(signed)


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


def _signed_in(signed: SignedIn) -> dict[str, Any]:
    person = {"resident": signed.resident, "wechat_bound": signed.wechat_bound}
    return bearer(signed.session, signed.refresh) | person


def _session_id(refresh_token: str | None) -> int:
    """The session of the refresh token when there is one, else of the access token."""
    key = runtime().settings.secrets.session_key
    if refresh_token is not None:
        return tokens.read_refresh(key, refresh_token)[0]
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise tokens.ended()
    return access_tokens.read(token.strip()).sid
