"""The own account of staff: password, second factor, recovery codes, sessions."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.schemas.accounts import (
    ConfirmFactorSchema,
    EnrolmentSchema,
    NewPasswordSchema,
    PasswordSchema,
    RecoveryCodesSchema,
    StaffSessionsSchema,
)
from backend.web import own_account
from backend.web.blueprint import Blueprint
from backend.web.guards import caller

blp = Blueprint("staff-account", __name__, url_prefix="/staff/me", description="Sessions of staff")


@blp.put("/password")
@blp.arguments(NewPasswordSchema)
@blp.response(204)
def change_password(body: dict[str, Any]) -> Response:
    """A password of my own; every other session of mine ends."""
    own_account.change_password(**body)
    return Response(status=204)


@blp.post("/second-factor")
@blp.response(200, EnrolmentSchema)
def begin_factor() -> Any:
    """A secret for an authenticator app; it counts for nothing until it is confirmed."""
    return own_account.begin_factor()


@blp.put("/second-factor")
@blp.arguments(ConfirmFactorSchema)
@blp.response(200, RecoveryCodesSchema)
def confirm_factor(body: dict[str, Any]) -> dict[str, Any]:
    """Bind the app that shows this code; ten recovery codes, shown with this answer only."""
    return {"recovery_codes": own_account.confirm_factor(**body)}


@blp.post("/recovery-codes")
@blp.arguments(PasswordSchema)
@blp.response(200, RecoveryCodesSchema)
def renew_codes(body: dict[str, Any]) -> dict[str, Any]:
    """Ten new recovery codes, shown with this answer only; the old ones are void."""
    return {"recovery_codes": own_account.renew_codes(body["password"])}


@blp.get("/sessions")
@blp.response(200, StaffSessionsSchema)
def list_sessions() -> dict[str, Any]:
    """Where I am signed in."""
    mine = caller().session_id
    return {
        "items": [
            {"id": one.id, "started_at": one.started_at, "last_seen_on": one.last_seen_on, "current": one.id == mine}
            for one in own_account.live_sessions()
        ]
    }


@blp.delete("/sessions/<id:session_id>")
@blp.response(204)
def end_session(session_id: int) -> Response:
    """End one of my sessions."""
    own_account.end_session(session_id)
    return Response(status=204)
