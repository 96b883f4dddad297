"""What is written into a tip: each entry sealed under a key of its own, and that under the tip's."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.events import rows
from backend.kernel import sealing
from backend.kernel.errors import Collision
from backend.models.tip import Tip, TipEntry
from backend.tips import recipients
from backend.tips.third_parties import detector

REPORT, MESSAGE, EVIDENCE, FINDING, TRANSFER, REWARD = "report", "message", "evidence", "finding", "transfer", "reward"
REPORTER, OFFICE = "reporter", "office"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, opened. ``content``: ``None`` when it was destroyed."""

    id: str
    number: int
    kind: str
    author: str
    day: date
    content: dict[str, Any] | None
    edition: int


def new_id() -> str:
    """UUIDv4, 32 hex digits: tells neither order nor time."""
    return uuid.uuid4().hex


def write(
    session: Session,
    tip_key: bytes,
    *,
    tip_id: str,
    kind: str,
    author: str,
    content: dict[str, Any],
    day: date,
    entry_id: str | None = None,
    key: bytes | None = None,
) -> str:
    """Seal and insert one entry; its id. ``key``: one that already sealed something of it (evidence).

    ``entry_id``: drawn before, or given by a form that may come twice (``is_there`` first).
    ``Invalid third_party`` for words that tell who a woman is: nobody, of the office neither, gets past this door.
    An investigator whom the reporter names from now on does not see the tip any more.
    """
    detector.refuse_entry(content)
    if author == REPORTER and kind != REPORT:
        named = f"{content.get('text', '')}\n{content.get('name', '')}"
        recipients.step_aside(session, tip_id=tip_id, words=named, day=day)
    entry_id, key = entry_id or new_id(), key or sealing.new_key()
    row = {
        "id": entry_id,
        "tip_id": tip_id,
        "number": _next(session, tip_id),
        "kind": kind,
        "author": author,
        "day": day,
        "edition": 1,
        **sealed(tip_key, key, tip_id=tip_id, entry_id=entry_id, content=content),
    }
    try:
        rows.write(session, TipEntry, row)
    except IntegrityError as error:
        raise Collision from error  # the same form at the same moment: the next try finds it
    return entry_id


def is_there(session: Session, *, tip_id: str, entry_id: str) -> bool:
    """Whether this entry was written."""
    return session.scalar(select(TipEntry.id).where(TipEntry.id == entry_id, TipEntry.tip_id == tip_id)) is not None


def sealed(tip_key: bytes, key: bytes, *, tip_id: str, entry_id: str, content: dict[str, Any]) -> dict[str, bytes]:
    """``key`` and ``content`` of an entry's row."""
    at = _place(tip_id, entry_id)
    return {"key": sealing.seal(tip_key, key, at), "content": sealing.seal_padded(key, orjson.dumps(content), at)}


def read(session: Session, tip_key: bytes, *, tip_id: str, kinds: Sequence[str] | None = None) -> list[Entry]:
    """Every entry of a tip in its order, opened."""
    query = select(TipEntry).where(TipEntry.tip_id == tip_id).order_by(TipEntry.number)
    if kinds is not None:
        query = query.where(TipEntry.kind.in_(kinds))
    return [opened(tip_key, row) for row in session.scalars(query)]


def opened(tip_key: bytes, row: TipEntry) -> Entry:
    content = None
    if row.key is not None and row.content is not None:
        at = _place(row.tip_id, row.id)
        content = orjson.loads(sealing.unseal_padded(key_of(tip_key, row), row.content, at))
    return Entry(row.id, row.number, row.kind, row.author, row.day, content, row.edition)


def key_of(tip_key: bytes, row: TipEntry) -> bytes:
    """The entry's own key; its row must still have one."""
    return sealing.unseal(tip_key, row.key or b"", _place(row.tip_id, row.id))


def _next(session: Session, tip_id: str) -> int:
    """The next number within the tip; the row's lock keeps two writers apart."""
    session.execute(
        update(Tip).where(Tip.id == tip_id).values(entries=Tip.entries + 1),
        execution_options={"synchronize_session": False},
    )
    return int(session.scalar(select(Tip.entries).where(Tip.id == tip_id)) or 0)


def _place(tip_id: str, entry_id: str) -> str:
    return f"tip|{tip_id}|{entry_id}"
