"""One form posted twice is one report: its receipt code comes out of the form, so that it can be shown again.

A double tap, a reload, an answer that got lost: the second time the same code comes out, opens the mailbox that the
first time made, and nothing is filed again. Who has the form and its content is who wrote it. Once the person has
written the code down the word of the form is used up; when the key of its day is gone, nobody can make the code again.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid

from sqlalchemy.orm import Session

from backend.tips import codes, entries, mailboxes, proofs
from backend.tips.codes import Code
from backend.tips.keys import TipKeys, derive
from backend.tips.tickets import Ticket
from backend.tips.tokens import Holder

#: Codes that a form may draw: the first whose locator is free.
DRAWS = 3


def code_of(ticket: Ticket, *, content: bytes, draw: int) -> Code:
    """The code of a form (HKDF, RFC 5869). ``content``: all that was written into it; ``draw``: from 0."""
    word = f"receipt|{draw}|{ticket.raw.hex()}|{hashlib.sha256(content).hexdigest()}"
    return codes.from_bytes(derive(ticket.key, word))


def entry_of(holder: Holder, *, form: str) -> str | None:
    """The id (UUIDv4 in shape) of what this form of an opened mailbox writes; ``None`` for a form without a word.

    ``form``: the random word of the form. Without the holder's key nobody can tell which form an entry came from.
    """
    if not form:
        return None
    word = hmac.digest(holder.private, f"form|{form[:64]}".encode(), "sha256")
    return uuid.UUID(bytes=word[:16], version=4).hex


def proof(session: Session, keys: TipKeys, *, holder: Holder, county: str) -> str | None:
    """The proof of filing once more: the same signature over the same words; ``None`` when they were destroyed."""
    shown = mailboxes.show(session, holder=holder)
    report = next(one.content for one in shown.entries if one.kind == entries.REPORT)
    if not report:
        return None
    return proofs.sign(keys, opening=report["opening"], day=shown.received_on, county=county)
