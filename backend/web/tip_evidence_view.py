"""Evidence of a tip before the eyes of an investigator: opened on request, and the opening is logged."""

from __future__ import annotations

from flask import Response

from backend.documents.names import download_name
from backend.tips import evidence
from backend.web import investigators
from backend.web.context import runtime
from backend.web.files import download

PICTURE, SOUND = "image/jpeg", "audio/mpeg"


def view(tip_id: str, entry_id: str) -> Response:
    """The content as a stream. ``Locked`` while the key is; ``NotFound`` for what is not sealed to this investigator.

    Pictures and recordings stand in the page, behind a tap; a PDF is handed down.
    """
    at = runtime().tips
    found = at.db.transact(evidence.look, opener=investigators.opener(), tip_id=tip_id, entry_id=entry_id, day=at.today)
    response = download(
        evidence.content(at.db.reading, found),
        mime=found.mime,
        name=download_name(found.name, found.mime, entry_id[:8]),
        inline=found.mime in (PICTURE, SOUND),
    )
    response.content_length = found.size
    return response
