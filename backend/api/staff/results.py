"""Results brought in by the nurses of the stations; nothing of them can be read here again."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from backend.kernel import ids
from backend.kernel.errors import Malformed
from backend.kernel.i18n import N_
from backend.schemas.results import ResultFormSchema, ResultSheetQuery, ResultSheetSchema
from backend.web import result_desk
from backend.web.answers import json
from backend.web.blueprint import Blueprint

blp = Blueprint("staff-results", __name__, url_prefix="/staff", description="Results 检查结果")


@blp.get("/results")
@blp.arguments(ResultSheetQuery, location="query")
@blp.response(200, ResultSheetSchema)
def find(query: dict[str, Any]) -> Response:
    """The people of a checkup by the eight letters of its booking, and whether a result is there."""
    return _sheet(code=query["code"])


@blp.get("/bookings/<id:booking_id>/results")
@blp.response(200, ResultSheetSchema)
def read(booking_id: int) -> Response:
    """The same by the id of the booking."""
    return _sheet(booking_id=booking_id)


@blp.post("/bookings/<id:booking_id>/results")
@blp.doc(requestBody={"content": {"multipart/form-data": {"schema": ResultFormSchema}}, "required": True})
@blp.response(201, ResultSheetSchema)
def take_in(booking_id: int) -> Response:
    """Bring in the result of one person, sealed for them alone; again replaces it. 409 `on_paper` without consent."""
    if not request.mimetype.startswith(("multipart/", "application/x-www-form-urlencoded")):
        raise Malformed("malformed", N_("请用表单（multipart/form-data）上传"))
    result_desk.take_in(booking_id)
    return _sheet(201, booking_id=booking_id)


def _sheet(status: int = 200, **wanted: Any) -> Response:
    found = result_desk.sheet(**wanted)
    people = [
        {"whose": one.whose, "name_masked": one.name_masked, "online": one.online, "uploaded": one.uploaded}
        for one in found.people
    ]
    body = {"booking_id": ids.encode(found.booking_id), "code": found.code, "station": found.station}
    return json(body | {"people": people}, status)
