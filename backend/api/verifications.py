"""Anyone may ask what a certificate or a receipt is worth; nobody learns a full name."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from backend.certificates import queries, service
from backend.certificates.queries import Verification
from backend.schemas.certificates import VerificationSchema, VerifySchema
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.words import say

blp = Blueprint("verifications", __name__, description="核验：扫码，或填编号和核验码")


@blp.route("/verifications", methods=["POST"])
@blp.arguments(VerifySchema)
@blp.response(200, VerificationSchema)
def verify(body: dict[str, Any]) -> dict[str, Any]:
    """Verify a certificate or a receipt

    By `token` (as scanned, bare or as our own address), or by `number` and the printed `code` (10 wrong
    codes a day for one number). Whatever cannot be read is `unknown`.
    """
    at = runtime()
    now = at.clock()
    if "token" not in body:
        return _shown(at.db.transact(service.verify_code, at.vault, number=body["number"], code=body["code"], now=now))
    with at.db.reading() as session:
        return _shown(queries.verify(session, token=body["token"], base_url=at.settings.base_url, now=now))


def _shown(found: Verification) -> dict[str, Any]:
    """Only what was found: an absent key, not a null."""
    shown: dict[str, Any] = {"status": found.status, "status_label": say(found.label)}
    if found.certificate:
        shown["certificate"] = asdict(found.certificate)
    if found.receipt:
        shown["receipt"] = asdict(found.receipt)
    return shown
