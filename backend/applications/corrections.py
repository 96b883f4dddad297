"""Corrections 补正: one complete notice, which may be edited or cancelled without losing a word of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.applications import claims, deadlines, hands, policy, records, routing
from backend.applications.policy import Reviewer
from backend.catalogue.definition import ItemDefinition
from backend.documents import service as documents
from backend.events import audit, moves, outbox
from backend.kernel import ids
from backend.kernel.actors import Actor
from backend.kernel.clock import today
from backend.kernel.crypto import Vault, place
from backend.kernel.errors import Conflict, Invalid
from backend.kernel.i18n import N_
from backend.kernel.workdays import Calendar
from backend.lifecycles.application import APPLICATION, ApplicationStatus as S
from backend.models.application import Application, ApplicationRevision, Correction

#: ``Correction.closed_as``
ANSWERED, CANCELLED, LAPSED, WITHDRAWN = "answered", "cancelled", "lapsed", "withdrawn"
#: The same of proposals that no applicant ever read: no consent, or taken back.
REFUSED, DROPPED = "refused", "dropped"
NEVER_SENT = (REFUSED, DROPPED)
CHANGED = "correction_changed"


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing to mend: a field or material of the form, what is wrong with it, and what to hand in."""

    target: str
    reason: str
    hand_in: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A notice as a clerk writes it; without ``due_on`` the item's own number of days holds."""

    note: str
    defects: tuple[Defect, ...]
    due_on: date | None = None
    #: Of a second notice: a code of ``policy.SECOND_REASONS``, and words where the code is "other".
    reason_code: str | None = None
    reason_words: str = ""


def write(
    session: Session,
    case: records.Case,
    *,
    reviewer: Reviewer,
    wanted: Wanted,
    ordinal: int,
    calendar: Calendar,
    now: datetime,
) -> Correction:
    """A notice that is not sent yet; 422 for things the form does not ask, and for a last day out of bounds."""
    check_words(case.definition, wanted)
    notice = Correction(
        id=ids.new_id(now),
        application_id=case.row.id,
        level=case.row.level,
        opened_by=reviewer.id,
        opened_at=now,
        due_on=due_day(case.definition, calendar, wanted.due_on, now),
        ordinal=ordinal,
    )
    keep(case, notice, {"note": wanted.note, "items": [asdict(defect) for defect in wanted.defects]})
    session.add(notice)
    return notice


def check_words(definition: ItemDefinition, wanted: Wanted) -> None:
    """Everything at once (行政许可法 §32): words to the applicant, and only things the form asks for."""
    if not wanted.note.strip():
        raise Invalid("note_missing", N_("请写明原因，申请人会看到"), errors={"note": [N_("请写明原因，申请人会看到")]})
    if not wanted.defects:
        words = N_("请逐条列出要补正的地方")
        raise Invalid("items_missing", words, errors={"items": [words]})
    if any(defect.target not in definition.targets for defect in wanted.defects):
        words = N_("要补正的项目不在表里")
        raise Invalid("unknown_target", words, errors={"items": [words]})


def due_day(definition: ItemDefinition, calendar: Calendar, wished: date | None, now: datetime) -> date:
    """The last day: 3 to 30 working days from today; a day off moves on to the next working day."""
    first, last = bounds(definition, calendar, now)
    if wished is None:
        return calendar.add(today(now), definition.correction_days)
    if not first <= wished <= last:
        words = N_("补正期限要在 %(first)s 到 %(last)s 之间", first=first.isoformat(), last=last.isoformat())
        raise Invalid("due_on_out_of_bounds", words, errors={"due_on": [words]})
    return min(calendar.add(wished - timedelta(days=1), 1), last)


def bounds(definition: ItemDefinition, calendar: Calendar, now: datetime) -> tuple[date, date]:
    """The first and the last day a clerk may set."""
    fewest, most = policy.CORRECTION_DAYS
    day = today(now)
    return calendar.add(day, fewest), calendar.add(day, max(most, definition.correction_days))


def send(session: Session, case: records.Case, notice: Correction, *, actor: Actor, now: datetime) -> None:
    """Tell the applicant; the clock stands still until the answer (§82 does not count it)."""
    row = case.row
    words = case.note(read(case, notice)["note"])
    moves.apply(session, row, "request_correction", lifecycle=APPLICATION, actor=actor, now=now, note=words)
    notice.opened_at = now
    routing.leave_queue(row)
    deadlines.pause(session, row, deadlines.CORRECTION, now=now)
    row.expires_at = policy.end_of_day(notice.due_on)


def edit(
    session: Session,
    *,
    vault: Vault,
    calendar: Calendar,
    reviewer: Reviewer,
    number: str,
    wanted: Wanted,
    expected_version: int | None,
    now: datetime,
) -> int:
    """Change an open notice; its earlier text is kept and the applicant is told. The time never gets shorter.

    Errors: 404, 403 own case, 409 ``no_correction_open``, ``not_your_level``, 412 stale, 422 as for a new one.
    """
    case, notice = _open(session, vault, reviewer, number)
    records.check_version(case.row, expected_version)
    check_words(case.definition, wanted)
    due = _later(case.definition, calendar, notice, wanted.due_on, now)
    content, items = read(case, notice), [asdict(defect) for defect in wanted.defects]
    before = {"note": content["note"], "items": content["items"], "due_on": notice.due_on.isoformat()}
    if before == {"note": wanted.note, "items": items, "due_on": due.isoformat()}:
        return case.row.id  # pressed twice: nothing to tell
    content |= {"note": wanted.note, "items": items}
    content["earlier"] = [*content.get("earlier", []), before | {"until": now.isoformat()}]
    keep(case, notice, content)
    if due != notice.due_on:
        notice.reminded_at = None
    notice.due_on, notice.edited_at = due, now
    case.row.expires_at, case.row.updated_at = policy.end_of_day(due), now
    record(session, case.row, "correction.edit", claims.actor(reviewer), now, notice.content)
    key = f"{CHANGED}:{case.row.id}:{case.row.audit_sequence}"
    outbox.add(session, topic=CHANGED, subject_id=case.row.id, dedupe_key=key, now=now)
    return case.row.id


def _later(
    definition: ItemDefinition, calendar: Calendar, notice: Correction, wished: date | None, now: datetime
) -> date:
    """The last day after an edit: what was promised stays, and there are three working days for what is new."""
    soonest = max(notice.due_on, bounds(definition, calendar, now)[0])
    if wished is None or wished == notice.due_on:
        return soonest
    if wished < notice.due_on:
        words = N_("期限只能往后改，不能比 %(day)s 早", day=notice.due_on.isoformat())
        raise Invalid("due_on_out_of_bounds", words, errors={"due_on": [words]})
    return max(soonest, due_day(definition, calendar, wished, now))


def cancel(
    session: Session,
    *,
    vault: Vault,
    calendar: Calendar,
    reviewer: Reviewer,
    number: str,
    reason: str,
    expected_version: int | None,
    now: datetime,
) -> int:
    """Take an open notice back: the clock runs again, and the case waits at its level as it was handed in.

    What the applicant changed since and did not hand in does not count: an office decides on what it was given.
    """
    case, notice = _open(session, vault, reviewer, number)
    row = case.row
    records.check_version(row, expected_version)
    who, words = claims.actor(reviewer), case.note(reason)
    moves.apply(session, row, "cancel_correction", lifecycle=APPLICATION, actor=who, now=now, note=words)
    notice.closed_at, notice.closed_as = now, CANCELLED
    deadlines.resume(session, row, deadlines.CORRECTION, calendar=calendar, now=now)
    row.expires_at = row.expiry_warned_at = None
    _as_handed_in(session, case, now)
    start = case.definition.levels.index(row.level)
    routing.give_turn(row, policy.turn(case.definition.levels, start, routing.offices(session, row)))
    return row.id


def _as_handed_in(session: Session, case: records.Case, now: datetime) -> None:
    row = case.row
    mine = (ApplicationRevision.application_id == row.id, ApplicationRevision.revision == row.revision)
    last = session.scalars(select(ApplicationRevision).where(*mine)).one()
    answers = records.open_json(case.seal, last.answers, place("application_revision", "answers", last.id))
    case.keep_answers(answers)
    kept = [item["id"] for item in last.materials]
    documents.keep_only(session, owner_kind="application", owner_id=row.id, document_ids=kept, now=now)


def _open(session: Session, vault: Vault, reviewer: Reviewer, number: str) -> tuple[records.Case, Correction]:
    """The case and its open notice, for a clerk of the level that sent it or above."""
    row = claims.in_jurisdiction(session, reviewer, number)
    hands.check_parties(session, reviewer, row)
    notice = current(session, row.id) if row.status == S.CORRECTION else None
    if notice is None:
        raise Conflict("no_correction_open", N_("现在没有发出去的补正通知，可能已经交回或撤销了"))
    if not may_change(reviewer, notice):
        raise Conflict("not_your_level", N_("要由发出通知的层级或上级来改"), extra={"level": notice.level})
    return records.whole(session, vault, row), notice


def may_change(reviewer: Reviewer, notice: Correction) -> bool:
    """The level that sent a notice, or one above."""
    return policy.rank(reviewer.level) >= policy.rank(notice.level)


def current(session: Session, application_id: int) -> Correction | None:
    """The notice that waits for the applicant."""
    going = (Correction.closed_at.is_(None), Correction.waits_for.is_(None))
    return session.scalar(select(Correction).where(Correction.application_id == application_id, *going))


def close(session: Session, row: Application, closed_as: str, *, now: datetime) -> None:
    """The applicant answered, or the case ended: nothing waits for them, or for a consent, any more."""
    with session.no_autoflush:
        found = session.scalars(
            select(Correction).where(Correction.application_id == row.id, Correction.closed_at.is_(None))
        ).all()
    for notice in found:
        notice.closed_at, notice.closed_as = now, DROPPED if notice.waits_for else closed_as


def sent(notices: Sequence[Correction]) -> list[Correction]:
    """Those that an applicant read; a cancelled one counts, or consent could be walked around."""
    return [one for one in notices if one.waits_for is None and one.closed_as not in NEVER_SENT]


def of(session: Session, application_id: int) -> list[Correction]:
    """Every notice and proposal of a case, oldest first."""
    order = (func.coalesce(Correction.ordinal, 1), Correction.id)
    query = select(Correction).where(Correction.application_id == application_id).order_by(*order)
    with session.no_autoflush:  # a case that is being changed is written once, at the end
        return list(session.scalars(query))


def read(case: records.Case, notice: Correction) -> dict[str, Any]:
    """The words of a notice: ``{note, items, earlier?, reason_words?, refusal?}``."""
    opened: dict[str, Any] = records.open_json(case.seal, notice.content, place("correction", "content", notice.id))
    return opened


def keep(case: records.Case, notice: Correction, content: dict[str, Any]) -> None:
    notice.content = records.seal_json(case.seal, content, place("correction", "content", notice.id))


def record(session: Session, row: Application, act: str, actor: Actor, now: datetime, sealed: str) -> None:
    """One row of the chain that commits to the words."""
    audit.append(session, row, act=act, actor=actor, now=now, commitment=records.commitment(sealed))
