"""Evidence 证据 of a tip: sealed in pieces into rows, read back piece by piece; never whole in memory, never a file.

Its name, type and size lie in the sealed entry; the rows tell how many pieces there are, and the last is padded, so
that the table knows the size in steps of 4 KiB. Key and content go in one transaction: there is no half of a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.documents import spaces
from backend.documents.names import clean_name
from backend.documents.sandbox import Result
from backend.events import rows
from backend.kernel import sealing
from backend.kernel.errors import Invalid, NotFound
from backend.kernel.i18n import N_
from backend.models.tip import TipChunk, TipEntry
from backend.tips import desk, entries, mailboxes
from backend.tips.tokens import Holder
from backend.tips.unlocking import Opener

#: Pieces of evidence of one tip.
MOST = 20
LONGEST_NAME = 60
LOOKED = "looked"
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,12}$", re.ASCII)
#: Phones and programs name files after the second: ``IMG_20261112_101530``, ``mmexport1699762530123``.
_BY_A_MACHINE: Final = re.compile(r"[0-9]{6}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence that somebody may read: its own key, and what its sealed entry says."""

    entry_id: str
    key: bytes = field(repr=False)
    name: str
    mime: str
    #: Bytes.
    size: int
    pages: int | None
    seconds: int | None


def label(typed: str | None) -> str:
    """What a person calls the evidence: one line, no ending, at most 60 characters; empty for a name that a machine
    gave, because that says when."""
    name = _ENDING.sub("", clean_name(typed) or "").strip()
    return "" if _BY_A_MACHINE.search(name) else name[:LONGEST_NAME].rstrip()


def check_room(session: Session, *, holder: Holder) -> None:
    """Refuse before the work: ``NotFound`` without a mailbox, ``Invalid too_many_files`` at the 21st."""
    _check(session, holder, MOST - 1)


def add(session: Session, *, holder: Holder, cleaned: Result, name: str, day: date, entry_id: str | None = None) -> str:
    """Seal one piece of evidence into the holder's tip; its id. ``name`` as ``label`` gives it.

    ``entry_id``: ``repeats.entry_of`` of a form; what it brought before is not kept twice.
    """
    tip_key = mailboxes.tip_key(session, holder=holder)
    if entry_id is not None and entries.is_there(session, tip_id=holder.tip_id, entry_id=entry_id):
        return entry_id
    entry_id, key = entry_id or entries.new_id(), sealing.new_key()
    entries.write(
        session,
        tip_key,
        tip_id=holder.tip_id,
        kind=entries.EVIDENCE,
        author=entries.REPORTER,
        content=_facts(cleaned, name),
        day=day,
        entry_id=entry_id,
        key=key,
    )
    # The entry took the lock of the tip's row: whoever sends or withdraws at the same moment is done, or waits.
    _check(session, holder, MOST)
    for number, piece in enumerate(sealing.seal_stream(key, spaces.pieces(cleaned.file, sealing.PIECE))):
        rows.write(session, TipChunk, {"entry_id": entry_id, "number": number, "content": piece})
    return entry_id


def look(session: Session, *, opener: Opener, tip_id: str, entry_id: str, day: date) -> Evidence:
    """One piece of evidence for an investigator; the look is logged. ``NotFound`` when it was destroyed."""
    _, tip_key = desk.load(session, opener=opener, tip_id=tip_id)
    row = session.scalar(
        select(TipEntry).where(TipEntry.id == entry_id, TipEntry.tip_id == tip_id, TipEntry.kind == entries.EVIDENCE)
    )
    if row is None:
        raise desk.not_found()
    content = entries.opened(tip_key, row).content
    if content is None:
        raise NotFound("evidence_destroyed", N_("这份证据已经销毁，没有留下内容"))
    desk.log(session, tip_id=tip_id, opener=opener, act=LOOKED, day=day, entry_id=entry_id)
    return Evidence(entry_id, entries.key_of(tip_key, row), **content)


def content(reading: Callable[[], AbstractContextManager[Session]], evidence: Evidence) -> Iterator[bytes]:
    """The bytes, a piece of 256 KiB at a time and each asked for on its own: a slow listener holds no connection.

    ``Unreadable`` when a piece is not what was sealed, and at the end when one is missing.
    """
    return sealing.open_stream(evidence.key, _chunks(reading, evidence.entry_id))


def _chunks(reading: Callable[[], AbstractContextManager[Session]], entry_id: str) -> Iterator[bytes]:
    for number in count():
        with reading() as session:
            piece = session.scalar(
                select(TipChunk.content).where(TipChunk.entry_id == entry_id, TipChunk.number == number)
            )
        if piece is None:
            return
        yield piece


def _facts(cleaned: Result, name: str) -> dict[str, object]:
    size = cleaned.file.seek(0, 2)
    return {"name": name, "mime": cleaned.mime, "size": size, "pages": cleaned.pages, "seconds": cleaned.seconds}


def _check(session: Session, holder: Holder, most: int) -> None:
    mailboxes.tip_key(session, holder=holder)
    query = select(func.count()).where(TipEntry.tip_id == holder.tip_id, TipEntry.kind == entries.EVIDENCE)
    if (session.scalar(query) or 0) > most:
        words = N_("一件举报最多交 %(n)s 份证据，已经满了。还有的话请留言，核查的人会告诉您怎么交", n=MOST)
        raise Invalid("too_many_files", words, errors={"file": [words]})
