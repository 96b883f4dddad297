"""Handing a tip over to another office: a move with a password, then a sealed package, once."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.schemas.tip_transfers import HandedSchema, TransferSchema
from backend.tips.handover import Handed, Transfer
from backend.web import tip_handover
from backend.web.blueprint import Blueprint

blp = Blueprint("staff-tip-transfers", __name__, url_prefix="/staff/tips", description="Tips 举报核查")


@blp.post("/<uuid:tip_id>/transfers")
@blp.arguments(TransferSchema)
@blp.response(201, HandedSchema)
def hand_over(body: dict[str, Any], tip_id: str) -> Handed:
    """Hand a tip over and get the password of its package

    Of what the reporter wrote later only `entries` go along. Not from this status: 409 `not_allowed_now`. More than
    64 MB of evidence: 422 `package_too_large`.
    """
    transfer = Transfer(body["to"], body["office"], body["note"], body["entries"], body["with_text"])
    return tip_handover.write(tip_id, transfer, body["version"])


@blp.post("/<uuid:tip_id>/transfers/<uuid:transfer_id>/package")
@blp.response(200, content_type="application/zip")
def package(tip_id: str, transfer_id: str) -> Response:
    """The package (ZIP, AES-256), for whoever wrote the hand-over, once; then 409 `package_taken`."""
    return tip_handover.package(tip_id, transfer_id)
