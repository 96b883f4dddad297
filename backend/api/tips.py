"""The tip line for programs: file, come back, verify. Nobody signs in; nothing of the caller is seen or kept."""

from __future__ import annotations

from typing import Any

from backend.schemas.tips import ChallengeSchema, FiledSchema, InboxRequestSchema, InboxSchema, ReportSchema
from backend.tips.filing import Report, Target
from backend.web import tips as line_edge, tips_work
from backend.web.blueprint import Blueprint
from backend.web.tips_context import line

blp = Blueprint("tips", __name__, url_prefix="/tips", description="举报：不登录，不留身份")


@blp.get("/challenge")
@blp.response(200, ChallengeSchema)
def challenge() -> dict[str, Any]:
    """A sum to solve before filing (ALTCHA v1); good once and until the end of the next day"""
    return tips_work.challenge()


@blp.post("")
@tips_work.looked_at_first
@blp.arguments(ReportSchema)
@blp.response(201, FiledSchema)
def file(body: dict[str, Any]) -> dict[str, Any]:
    """File a report

    `altcha` is the solved challenge in base64; wrong, used or old: 403, looked at first. Numbers of people and names
    beside 孕妇/产妇: 422 `third_party` with the spots; nothing is kept then. The code is shown once.
    """
    target = Target(**{**body["target"], "contacts": tuple(body["target"]["contacts"])})
    report = Report(target, body["category"], body["text"], body["happened_month"], body["left_out"])
    filed = line_edge.file(report, passphrase=body["passphrase"], spent=tips_work.worked())
    return {"receipt_code": filed.code.digits, "proof": filed.proof}


@blp.post("/inbox")
@blp.arguments(InboxRequestSchema)
@blp.response(200, InboxSchema)
def inbox(body: dict[str, Any]) -> dict[str, Any]:
    """Come back with the receipt code

    Wrong, unknown, expired, withdrawn: the same 404 in the same time. Under load everyone gets 429 `work_required`
    with a `challenge` to send back solved.
    """
    holder = line_edge.open_mailbox(body["receipt_code"], body["passphrase"], altcha=body["altcha"])
    return line_edge.inbox(holder, now=line().clock())
