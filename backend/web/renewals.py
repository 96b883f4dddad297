"""Applying again at the edge: the draft in one transaction, then each kept material copied outside of any."""

from __future__ import annotations

import logging
from typing import Any

from backend.applications import renewal
from backend.documents import copies, intake
from backend.documents.queries import DocumentCard
from backend.kernel.crypto import Unreadable
from backend.kernel.errors import Problem, Unavailable
from backend.web.cases import own
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once

logger = logging.getLogger("web.renewals")


def renew(application_id: int) -> int:
    """The draft that follows an ended case. A material that cannot be copied is simply asked for again."""
    return _with_materials(once(renewal.begin, **own(application_id)))


def renew_certificate(number: str) -> int:
    """The draft of the certificate that follows one's own."""
    at = runtime()
    draft = once(renewal.begin_next, vault=at.vault, resident_id=caller().id, number=number, now=at.clock())
    return _with_materials(draft)


def _with_materials(draft: int) -> int:
    at = runtime()
    owner: dict[str, Any] = {"vault": at.vault, "resident_id": caller().id, "draft_id": draft}
    with at.db.reading() as session:
        cards = renewal.left(session, **owner, now=at.clock())
    for card in cards:
        try:
            _copy(owner, card)
        except (Problem, Unreadable) as trouble:
            logger.warning("a material was not copied: %s", type(trouble).__name__)
    return draft


def _copy(owner: dict[str, Any], card: DocumentCard) -> None:
    at = runtime()
    stored = copies.copy(at.storage, card, now=at.clock())
    try:
        kept = at.db.transact(renewal.take_over, **owner, card=card, stored=stored, now=at.clock())
    except Unavailable:
        raise  # the commit may have happened: the file stays, and is swept a day later if no row needs it
    except BaseException:
        intake.discard(stored, storage=at.storage)
        raise
    if not kept:
        intake.discard(stored, storage=at.storage)
