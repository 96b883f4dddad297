"""Evidence of a tip: handed in by the holder of an opened mailbox."""

from __future__ import annotations

from typing import Any

from backend.api.tips_guards import holder
from backend.schemas.tip_evidence import EvidenceFormSchema
from backend.schemas.tips import TipMessageSchema
from backend.web.blueprint import Blueprint
from backend.web.tips_evidence import keep_posted

blp = Blueprint("tips_evidence", __name__, url_prefix="/tips", description="举报的证据：在内存里重做一遍，不留拍摄信息")


@blp.post("/evidence")
@blp.doc(requestBody={"content": {"multipart/form-data": {"schema": EvidenceFormSchema}}, "required": True})
@blp.response(201, TipMessageSchema)
def add() -> dict[str, Any]:
    """Hand in a photo, a recording or a PDF (20 MB); made anew in memory and sealed, at most 20 of one report

    By content, not by name: other kinds 415, broken, locked or oversized ones 422 `file_rejected`.
    """
    return keep_posted(holder())
