"""Sealed tips for a holder of an offline key: the ciphertext as it lies here and that holder's boxes, line by line.

JSON, one thing on each line, so that a parcel of any size is written and read in little memory: ``parcel``, then for
each tip ``tip``, its ``entry`` lines, after an entry of evidence its ``chunk`` lines; at last ``end``. Nothing in it
opens without the holder's private key; beside the tips there are only days and statuses. Nothing of the reporter is in
it: neither the mailbox nor the box of the receipt code.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from backend.models.tip import Tip, TipChunk, TipEntry, TipKey
from backend.tips import entries, lines as listed, recipients

FORMAT = "yangguang-sealed-tips/1"
FLAGGED, EVERYTHING = "flagged", "everything"


def export(session: Session, *, holder: str, which: str, day: date, by: str | None = None) -> Iterator[bytes]:
    """The lines of a parcel. ``which``: ``flagged``: a day was missed; ``everything``: all that is sealed to them.

    ``by``: an investigator who sends it: only what is sealed to them as well.
    """
    yield _line({"what": "parcel", "format": FORMAT, "holder": holder, "which": which, "day": day})
    found = session.execute(_query(holder, which, day, by)).all()
    known = _known(session, [tip.merged_into for tip, _box in found if tip.merged_into], by)
    for tip, box in found:
        yield _line({"what": "tip", **_facts(tip, known), "box": _b64(box)})
        for entry in session.scalars(select(TipEntry).where(TipEntry.tip_id == tip.id).order_by(TipEntry.number)):
            yield _line({"what": "entry", **_entry(entry)})
            if entry.kind == entries.EVIDENCE and entry.key is not None:
                yield from _chunks(session, entry.id)
    yield _line({"what": "end", "tips": len(found)})


def read(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """The lines as JSON; ``ValueError`` for what is no parcel of ours. ``lines``: of ``export`` or of a file."""
    for place, line in enumerate(lines):
        found = orjson.loads(line)
        if not isinstance(found, dict) or (place == 0 and found.get("format") != FORMAT):
            raise ValueError("not a parcel of sealed tips")
        yield found


def unb64(text: str) -> bytes:
    return base64.b64decode(text)


def row_of(line: dict[str, Any], tip_id: str) -> TipEntry:
    """An entry's line as the row it was, so that it opens as one."""
    key, content = line["key"], line["content"]
    return TipEntry(
        id=line["id"],
        tip_id=tip_id,
        number=line["number"],
        kind=line["kind"],
        author=line["author"],
        day=date.fromisoformat(line["day"]),
        key=unb64(key) if key else None,
        content=unb64(content) if content else None,
        edition=line["edition"],
    )


def flagged(session: Session, *, by: str, day: date) -> list[str]:
    """The tips of such a parcel for the oversight, before it is made."""
    return [tip.id for tip, _box in session.execute(_query(recipients.OVERSIGHT, FLAGGED, day, by))]


def _query(holder: str, which: str, day: date, by: str | None) -> Select[Tip, bytes]:
    query = select(Tip, TipKey.sealed).join(TipKey, and_(TipKey.tip_id == Tip.id, TipKey.holder == holder))
    if which == FLAGGED:
        query = query.where(or_(Tip.escalated_on.is_not(None), listed.overdue(day)))
    if by is not None:
        theirs = select(TipKey.tip_id).where(TipKey.holder == by)
        query = query.where(Tip.id.in_(theirs), Tip.released_on.is_not(None))
    return query.order_by(Tip.received_on, Tip.id)


def _chunks(session: Session, entry_id: str) -> Iterator[bytes]:
    """One piece at a time: a file may have twenty megabytes."""
    number = 0
    while True:
        query = select(TipChunk.content).where(TipChunk.entry_id == entry_id, TipChunk.number == number)
        piece = session.scalar(query)
        if piece is None:
            return
        yield _line({"what": "chunk", "content": _b64(piece)})
        number += 1


def _known(session: Session, ids: Sequence[str], by: str | None) -> set[str]:
    """Of these tips, what the sender may know to exist."""
    if by is None:
        return set(ids)
    return set(session.scalars(select(TipKey.tip_id).where(TipKey.holder == by, TipKey.tip_id.in_(ids))))


def _facts(tip: Tip, known: set[str]) -> dict[str, Any]:
    names = (
        *("id", "status", "county", "received_on", "released_on", "acknowledge_by", "acknowledged_on"),
        *("answer_by", "answered_on", "escalated_on", "closed_on"),
    )
    merged_into = tip.merged_into if tip.merged_into in known else None
    return {**{name: getattr(tip, name) for name in names}, "merged_into": merged_into}


def _entry(entry: TipEntry) -> dict[str, Any]:
    names = ("id", "number", "kind", "author", "day", "edition")
    sealed = {"key": _b64(entry.key), "content": _b64(entry.content)}
    return {**{name: getattr(entry, name) for name in names}, **sealed}


def _line(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value) + b"\n"


def _b64(raw: bytes | None) -> str | None:
    return None if raw is None else base64.b64encode(raw).decode()
