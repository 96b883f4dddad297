"""The result of a checkup, for one pair of eyes."""

from __future__ import annotations

from flask import Response

from backend.kernel import ids
from backend.schemas.results import ResultSchema
from backend.web import results
from backend.web.answers import json
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.words import language

blp = Blueprint("results", __name__, url_prefix="/bookings/<id:booking_id>/result", description="Results 检查结果")


@blp.get("")
@blp.response(200, ResultSchema)
def read(booking_id: int) -> Response:
    """My own result; 404 while I have none (the partner's is never shown), 403 `second_step_required`."""
    found = results.own(booking_id)
    english = language() == "en"
    address = f"{runtime().settings.base_url}/api/v1/bookings/{ids.encode(booking_id)}/result/letter.pdf"
    return json(
        {
            "ready": True,
            "risk": found.risk.code,
            "risk_label": found.risk.label_en if english else found.risk.label,
            "advice": found.risk.advice_en if english else found.risk.advice,
            "station": found.station,
            "phone": found.phone,
            "ready_at": found.ready_at,
            "letter_url": address if found.letter else None,
        }
    )


@blp.get("/letter.pdf")
@blp.response(200, {"type": "string", "format": "binary"}, content_type="application/pdf")
def fetch_letter(booking_id: int) -> Response:
    """The advice letter; guarded like the result."""
    return results.letter(booking_id)


@blp.delete("")
@blp.response(204)
def erase(booking_id: int) -> None:
    """Erase my result for good, letter included; guarded like the result."""
    results.erase(booking_id)
