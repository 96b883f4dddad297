"""Letting keys of investigators in: one backs, a second one admits and opens to the new key what is open to them.

The key is let in first and gets the older tips after it, batch by batch: each is a transaction, a tip that has been
opened to the key is skipped, so whoever is stopped in between goes on later. Filings hold the county's keys
(``recipients.without_conflict``): a tip is either filed to the new key already or found by the batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from backend.events import moves, rows
from backend.kernel import sealing
from backend.kernel.crypto import Unreadable
from backend.kernel.errors import Conflict, Forbidden
from backend.kernel.i18n import N_
from backend.lifecycles.tip import INVESTIGATOR_KEY, KeyStatus
from backend.models.tip import Investigator, Tip, TipEntry, TipKey, TipLog, TipState
from backend.tips import entries, investigators, recipients
from backend.tips.unlocking import Opener

#: Tips of one transaction.
BATCH = 100
#: Who let a key in when it was not an investigator.
OPERATOR, RECOVERY = "operator", "recovery"
RECOVERED = "recovered"


@dataclass(frozen=True, slots=True)
class Source:
    """Whose boxes are opened: an investigator's, or those of the offline recovery key."""

    holder: str
    private: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """How many were opened to the key; ``after``: where the next batch begins, ``None`` when all is done."""

    sealed: int
    after: str | None


def back(session: Session, *, opener: Opener, investigator_id: str, fingerprint: str, day: date) -> None:
    """Vouch for a key; twice is once. ``Conflict`` when it is not the key that was looked at, or one's own."""
    row = _other(session, opener, investigator_id, fingerprint)
    if row.status == KeyStatus.BACKED.value and row.backed_by == opener.id:
        return
    moves.mark(row, "back", lifecycle=INVESTIGATOR_KEY, role="investigator", day=day)
    row.backed_by = opener.id


def admit(session: Session, *, opener: Opener, investigator_id: str, fingerprint: str, day: date) -> None:
    """Let a backed key in; twice is once. ``Conflict`` for whoever backed it: two people answer for a third."""
    row = _other(session, opener, investigator_id, fingerprint)
    if row.status == KeyStatus.ACTIVE.value and row.admitted_by == opener.id:
        return
    if row.backed_by == opener.id:
        raise Conflict("second_person_needed", N_("您已经担保过，还要另一位核查员同意"))
    if row.status == KeyStatus.BACKED.value and not _still_in(session, row.backed_by):
        raise Conflict("backer_gone", N_("担保的人已经不在岗，请新来的人重新做一把钥匙，再请人担保"))
    moves.mark(row, "admit", lifecycle=INVESTIGATOR_KEY, role="investigator", day=day)
    row.admitted_by = opener.id
    _owe(session, row)


def appoint(session: Session, *, investigator_id: str, fingerprint: str, day: date) -> str:
    """By the operator: let in a county's first key, or back the second; the status. ``Conflict`` from the third on."""
    row = investigators.locked(session, investigator_id)
    _check_fingerprint(row, fingerprint)
    there = [one for one in recipients.active(session, county=row.county) if one.id != row.id]
    if len(there) > 1:
        raise Conflict("two_are_there", N_("已经有两位核查员，请他们在工作台上担保和同意"))
    moves.mark(row, "back" if there else "appoint", lifecycle=INVESTIGATOR_KEY, role="operator", day=day)
    row.backed_by = OPERATOR
    return row.status


def recover(session: Session, *, investigator_id: str, fingerprint: str, day: date) -> None:
    """Let a key in by the offline recovery key, when nobody is left who could; twice is once."""
    row = investigators.locked(session, investigator_id)
    _check_fingerprint(row, fingerprint)
    moves.mark(row, "recover", lifecycle=INVESTIGATOR_KEY, role="operator", day=day)
    row.admitted_by = RECOVERY
    _owe(session, row)


def reseal(session: Session, *, source: Source, investigator_id: str, after: str, day: date) -> Batch:
    """Open one batch of tips to an active key; those with a conflict of interest stay closed to it."""
    row = session.get(Investigator, investigator_id, with_for_update={"read": True}, populate_existing=True)
    if row is None or row.status != KeyStatus.ACTIVE.value:
        raise Conflict("key_not_active", N_("这把钥匙已经不能用了，没有再给它开举报"))
    found = _missing(session, source.holder, row, after) if recipients.opens(row) else []
    reports = _reports(session, [tip_id for tip_id, _ in found])
    sealed = 0
    for tip_id, box in found:
        key = _opened(source, box)
        if key is None or _conflict(row, key, reports.get(tip_id)) is not False:
            continue
        if not _named(session, row, tip_id, key):
            rows.chain(
                session, TipKey, {"tip_id": tip_id, "holder": row.id, "sealed": sealing.seal_to(row.public, key)}
            )
            _log(session, source, tip_id, row.id, day)
            sealed += 1
    if len(found) < BATCH:
        _settle(session, row)
        return Batch(sealed, None)
    return Batch(sealed, found[-1][0])


def rename(session: Session, *, investigator_id: str, private: bytes, name: str, day: date) -> None:
    """Another name of the same person, as the main app has it now: the tips in which it stands are taken from them."""
    row = investigators.locked(session, investigator_id)
    row.name, source = name, Source(row.id, private)
    boxes = session.execute(select(TipKey.tip_id, TipKey.sealed).where(TipKey.holder == row.id)).all()
    for tip_id, box in boxes:
        key, report = _opened(source, box), _reports(session, [tip_id]).get(tip_id)
        if key is not None and (_conflict(row, key, report) or _named(session, row, tip_id, key)):
            recipients.take(session, tip_id=tip_id, investigator_id=row.id, day=day)


def opens_any(session: Session, *, source: Source) -> bool:
    """Whether a key is or was that of this holder: one of the boxes opens."""
    boxes = session.scalars(select(TipKey.sealed).where(TipKey.holder == source.holder))
    return any(_opened(source, box) is not None for box in boxes)


def owing(session: Session, ids: Sequence[str]) -> set[str]:
    """Which of these keys still lack tips, because the opening of the older ones was cut off."""
    return set(session.scalars(select(TipState.name).where(TipState.name.in_(ids))))


def _other(session: Session, opener: Opener, investigator_id: str, fingerprint: str) -> Investigator:
    """The key of a colleague, as the opener saw it."""
    if opener.duty != recipients.INVESTIGATE:
        raise Forbidden("forbidden", N_("只有核查员可以让别人的钥匙启用"))
    row = investigators.locked(session, investigator_id)
    if row.county != opener.county:
        raise investigators.not_found()
    if row.id == opener.id:
        raise Conflict("own_key", N_("这是您自己的钥匙，要请另外两位核查员"))
    _check_fingerprint(row, fingerprint)
    return row


def _check_fingerprint(row: Investigator, fingerprint: str) -> None:
    if investigators.fingerprint(row.public).replace(" ", "") != fingerprint.replace(" ", ""):
        raise Conflict("key_changed", N_("这把钥匙刚刚换过，请和本人重新核对那 16 位数字"))


def _still_in(session: Session, backer: str | None) -> bool:
    if backer == OPERATOR:
        return True
    row = session.get(Investigator, backer) if backer else None
    return row is not None and recipients.opens(row)


def _missing(session: Session, holder: str, row: Investigator, after: str) -> list[tuple[str, bytes]]:
    """Tips that the holder opens and this key does not: id and box."""
    own = aliased(TipKey)
    there = select(own.tip_id).where(own.tip_id == TipKey.tip_id, own.holder == row.id).exists()
    query = select(TipKey.tip_id, TipKey.sealed).join(Tip, Tip.id == TipKey.tip_id)
    query = query.where(TipKey.holder == holder, TipKey.tip_id > after, Tip.county == row.county, ~there)
    return [(tip_id, box) for tip_id, box in session.execute(query.order_by(TipKey.tip_id).limit(BATCH))]


def _reports(session: Session, ids: Sequence[str]) -> dict[str, TipEntry]:
    query = select(TipEntry).where(TipEntry.tip_id.in_(ids), TipEntry.kind == entries.REPORT)
    return {one.tip_id: one for one in session.scalars(query)}


def _opened(source: Source, box: bytes) -> bytes | None:
    """The tip's key; ``None`` where it was sealed to an earlier key of this holder."""
    try:
        return sealing.open_from(source.private, box)
    except Unreadable:
        return None


def _conflict(row: Investigator, key: bytes, report: TipEntry | None) -> bool | None:
    """By the same rule as at filing; ``None`` where the report was destroyed and says nothing about conflicts."""
    content = entries.opened(key, report).content if report else None
    if content is None:
        return None
    region, left_out = content["target"]["region"], content.get("left_out", ())
    return recipients.conflicted(row, region, recipients.conflict_words(content), left_out)


def _named(session: Session, row: Investigator, tip_id: str, key: bytes) -> bool:
    """Whether its reporter named them in a message or on evidence, or ever in words that are destroyed by now."""
    if recipients.is_aside(session, tip_id, row.id):
        return True
    said = entries.read(session, key, tip_id=tip_id, kinds=(entries.MESSAGE, entries.EVIDENCE))
    theirs = [entry.content for entry in said if entry.author == entries.REPORTER and entry.content]
    words = recipients.bare(*(f"{one.get('text', '')}\n{one.get('name', '')}" for one in theirs))
    return recipients.bare(row.name) in words


def _log(session: Session, source: Source, tip_id: str, investigator_id: str, day: date) -> None:
    """A tip that was opened by the recovery key says so for ever."""
    if source.holder == recipients.RECOVERY:
        row = {"id": entries.new_id(), "tip_id": tip_id, "day": day, "investigator_id": investigator_id}
        rows.write(session, TipLog, row | {"act": RECOVERED, "entry_id": None})


def _owe(session: Session, row: Investigator) -> None:
    session.merge(TipState(name=row.id, value="reseal"))


def _settle(session: Session, row: Investigator) -> None:
    state = session.get(TipState, row.id)
    if state is not None:
        session.delete(state)
