"""Staff sign in with a password and, outside the demo, a second factor."""

from __future__ import annotations

from typing import Any

from flask import request

from backend.accounts import door
from backend.api.auth import bearer
from backend.schemas.accounts import StaffSignedInSchema, StaffSignInSchema
from backend.web.blueprint import Blueprint
from backend.web.context import runtime

blp = Blueprint("staff-auth", __name__, url_prefix="/staff", description="Sessions of staff")


@blp.post("/auth")
@blp.arguments(StaffSignInSchema)
@blp.response(200, StaffSignedInSchema)
def sign_in(body: dict[str, Any]) -> dict[str, Any]:
    """Sign in; from the sixth wrong password of an account at one address 423 for 15 minutes."""
    at = runtime()
    signed = door.sign_in_staff(
        at.db,
        at.vault,
        key=at.settings.secrets.session_key,
        address=request.remote_addr or "",
        require_otp=not at.settings.is_demo,
        now=at.clock(),
        **body,
    )
    return bearer(signed.session, signed.refresh) | {"staff": signed.staff}
