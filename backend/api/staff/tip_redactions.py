"""Redaction 脱敏 for investigators: words that point to a woman are destroyed, not hidden."""

from __future__ import annotations

from typing import Any

from backend.schemas.tip_redactions import RedactedSchema, RedactionSchema, RedactionSuggestionsSchema
from backend.tips.cuts import Cut
from backend.web import tip_redactions
from backend.web.blueprint import Blueprint

blp = Blueprint("staff-tip-redactions", __name__, url_prefix="/staff/tips", description="Tips 举报脱敏")


@blp.get("/<uuid:tip_id>/redactions")
@blp.response(200, RedactionSuggestionsSchema)
def suggest(tip_id: str) -> dict[str, Any]:
    """Where the detector sees a woman in what is already sealed; entries without a spot are left out"""
    return {"items": tip_redactions.suggestions(tip_id)}


@blp.post("/<uuid:tip_id>/redactions")
@blp.arguments(RedactionSchema)
@blp.response(200, RedactedSchema)
def redact(body: dict[str, Any], tip_id: str) -> dict[str, Any]:
    """Destroy words in an entry, or the entry

    The key of the old version goes in the same transaction; nobody can bring it back. The log says who and on which
    day. Locked: 423 `tips_locked`; redacted in the meantime: 409; the report itself as a whole: 422.
    """
    at = tip_redactions.At(tip_id, body["entry"], body["edition"])
    if body["whole"]:
        edition = tip_redactions.destroy(at)
    elif body["replacement"] is not None:
        edition = tip_redactions.replace(at, {body["field"]: body["replacement"]})
    else:
        edition = tip_redactions.cut(at, [Cut(one["field"], one["start"], one["end"]) for one in body["spots"]])
    return {"entry": at.entry_id, "edition": edition, "destroyed": body["whole"]}
