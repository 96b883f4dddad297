"""Redaction 脱敏: words in a tip destroyed for good by an investigator; the log says who and on which day, never what.

Every version of an entry is sealed under a key of its own. A new version replaces key and content in one statement:
the old key was nowhere else, so nothing opens the old bytes any more, also not where a copy of them lies. What the
proof of filing opened of the words goes with them; the proof itself stays good.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from backend.kernel import sealing
from backend.kernel.errors import Conflict, Invalid, NotFound
from backend.kernel.i18n import N_
from backend.models.tip import TipChunk, TipEntry
from backend.tips import cuts as content_cuts, desk, entries, filing, recipients
from backend.tips.cuts import Cut
from backend.tips.entries import Entry
from backend.tips.filing import Target
from backend.tips.keys import TipKeys
from backend.tips.third_parties import detector
from backend.tips.unlocking import Opener

OPENED, REDACTED, DESTROYED = "opened", "redacted", "destroyed"


@dataclass(frozen=True, slots=True)
class At:
    """Which entry, and its edition as the investigator saw it; ``None``: whatever it is now."""

    tip_id: str
    entry_id: str
    edition: int | None = None


def all_of(session: Session, *, opener: Opener, tip_id: str) -> list[Entry]:
    """Every entry, for the detector; no eye sees them."""
    _, key = desk.load(session, opener=opener, tip_id=tip_id)
    return entries.read(session, key, tip_id=tip_id)


def read(session: Session, *, opener: Opener, at: At, day: date) -> Entry:
    """One entry before its words are destroyed; the look is logged."""
    _, key = desk.load(session, opener=opener, tip_id=at.tip_id)
    row = _row(session, at)
    desk.log(session, tip_id=at.tip_id, opener=opener, act=OPENED, day=day, entry_id=at.entry_id)
    return entries.opened(key, row)


def cut(session: Session, *, keys: TipKeys, opener: Opener, at: At, cuts: Sequence[Cut], day: date) -> int:
    """Take the given parts out of the words; the new edition. ``Conflict`` when ``at`` is not the last one."""
    key, row, content = _held(session, opener, at)
    return _renew(session, keys, opener, key, row, content, content_cuts.cut(content, cuts), day)


def replace(session: Session, *, keys: TipKeys, opener: Opener, at: At, texts: Mapping[str, str], day: date) -> int:
    """Put other words in place of whole fields; the new edition. The new ones are looked at as any others."""
    key, row, content = _held(session, opener, at)
    own = {field: text for field, text in texts.items() if field.startswith(detector.CONTACTS)}
    detector.refuse({f: text for f, text in texts.items() if f not in own}, contacts_of_offender=own)
    return _renew(session, keys, opener, key, row, content, texts, day)


def destroy(session: Session, *, opener: Opener, at: At, day: date) -> int:
    """Destroy an entry as a whole, evidence with all its pieces; ``Invalid`` for the report itself."""
    _, row, content = _held(session, opener, at)
    if row.kind == entries.REPORT:
        words = N_("举报本身不能整份销毁，请只隐去其中的字；整件举报结束后会到期销毁")
        raise Invalid("report_stays", words, errors={"entry": [words]})
    _keep_conflicts(session, opener, row, content, {}, day)
    session.execute(delete(TipChunk).where(TipChunk.entry_id == row.id))
    return _write(session, opener, row, {"key": None, "content": None}, DESTROYED, day)


def _held(session: Session, opener: Opener, at: At) -> tuple[bytes, TipEntry, dict[str, Any]]:
    """The tip's key, the entry's row, locked, and what it says now."""
    _, key = desk.load(session, opener=opener, tip_id=at.tip_id)
    row = _row(session, at, lock=True)
    content = entries.opened(key, row).content
    if row.kind == entries.REWARD:
        words = N_("奖励是给举报人的，没有人写过的字，不能隐去")
        raise Invalid("reward_stays", words, errors={"entry": [words]})
    if content is None:
        raise Conflict("already_destroyed", N_("这一条已经销毁，没有内容了"))
    if at.edition not in (None, row.edition):
        raise _meanwhile()
    return key, row, content


def _row(session: Session, at: At, *, lock: bool = False) -> TipEntry:
    query = select(TipEntry).where(TipEntry.id == at.entry_id, TipEntry.tip_id == at.tip_id)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound("entry_not_found", N_("没有找到这一条，请回到这件举报再选"))
    return row


def _renew(
    session: Session,
    keys: TipKeys,
    opener: Opener,
    tip_key: bytes,
    row: TipEntry,
    content: dict[str, Any],
    texts: Mapping[str, str],
    day: date,
) -> int:
    """The entry's next version under a new key."""
    after, key = content_cuts.renewed(content, texts), sealing.new_key()
    _keep_conflicts(session, opener, row, content, after, day)
    if row.kind == entries.REPORT and detector.TARGET_NAME in texts:
        tip, _ = desk.load(session, opener=opener, tip_id=row.tip_id)
        tip.target_index = keys.target(filing.target_words(Target(**after["target"])))
    if row.kind == entries.EVIDENCE:
        _reseal(session, row.id, entries.key_of(tip_key, row), key)
    sealed = entries.sealed(tip_key, key, tip_id=row.tip_id, entry_id=row.id, content=after)
    return _write(session, opener, row, sealed, REDACTED, day)


def _keep_conflicts(
    session: Session, opener: Opener, row: TipEntry, before: dict[str, Any], after: dict[str, Any], day: date
) -> None:
    """Whom the reporter named does not get the tip because the name is gone."""
    if row.author == entries.REPORTER:
        was, now = recipients.conflict_words(before), recipients.conflict_words(after)
        recipients.stay_aside(session, tip_id=row.tip_id, county=opener.county, before=was, after=now, day=day)


def _reseal(session: Session, entry_id: str, old: bytes, new: bytes) -> None:
    """The pieces of evidence under another key, as many and as long as they were."""
    chunks = session.scalars(select(TipChunk).where(TipChunk.entry_id == entry_id).order_by(TipChunk.number)).all()
    opened = sealing.open_stream(old, [chunk.content for chunk in chunks])
    for chunk, piece in zip(chunks, sealing.seal_stream(new, opened), strict=True):
        chunk.content = piece


def _write(
    session: Session, opener: Opener, row: TipEntry, sealed: Mapping[str, bytes | None], act: str, day: date
) -> int:
    """Key and content overwritten together, where nobody did so in the meantime."""
    done = session.execute(
        update(TipEntry)
        .where(TipEntry.id == row.id, TipEntry.edition == row.edition)
        .values(**sealed, edition=row.edition + 1),
        execution_options={"synchronize_session": False},
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise _meanwhile()
    desk.log(session, tip_id=row.tip_id, opener=opener, act=act, day=day, entry_id=row.id)
    return row.edition + 1


def _meanwhile() -> Conflict:
    return Conflict("redacted_meanwhile", N_("这一条刚才被改过，请重新打开再看一遍"))
