"""Bulk acts 批量办理: one act over up to 500 cases, each case in a transaction of its own, by the commands of one case.

The lines are rows with an outcome: what is written there has happened, what is not waits for the next try. A line is
locked, acted on and marked in one commit, so neither a second worker nor a repeated request does it twice.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from backend.applications import bulk_checks, claims, corrections, handover, review
from backend.applications.bulk_checks import DONE, DUPLICATE, Pick, Wish
from backend.applications.corrections import Defect
from backend.applications.policy import Reviewer
from backend.applications.review import Decision
from backend.events import audit, outbox
from backend.kernel import ids
from backend.kernel.crypto import Vault, place
from backend.kernel.errors import Conflict, NotFound, Problem
from backend.kernel.i18n import N_
from backend.kernel.workdays import Calendar
from backend.models.application import Application
from backend.models.desk import BulkAct, BulkLine
from backend.models.staff import Staff

TOPIC = "bulk"
#: What broke for another reason than a rule: it is in the log, and the other cases go on.
FAILED = "failed"


_WHOLE = (
    select(BulkLine, BulkAct, Staff)
    .join(BulkAct, BulkAct.id == BulkLine.act_id)
    .outerjoin(Staff, Staff.id == BulkAct.staff_id)
    .where(BulkLine.id == bindparam("line_id"))
)


@dataclass(frozen=True, slots=True)
class Tools:
    """What the commands of one case need beside the session."""

    vault: Vault
    calendar: Calendar


def begin(
    session: Session,
    *,
    vault: Vault,
    reviewer: Reviewer,
    wish: Wish,
    picks: Sequence[Pick],
    now: datetime,
    later: datetime | None = None,
) -> int:
    """Write the act and its lines down; its id. A number that stands twice is done once.

    ``later``: when a worker looks after it, if whoever began it works the first lines off themselves.
    """
    bulk_checks.check_wish(session, reviewer, wish)
    bulk_checks.check_size(picks)
    act = BulkAct(id=ids.new_id(now), staff_id=reviewer.id, kind=wish.kind, total=len(picks), begun_at=now)
    content = json.dumps(asdict(wish), ensure_ascii=False).encode()
    act.content = vault.seal(content, place("bulk_act", "content", act.id))
    session.add(act)
    session.flush()
    session.execute(insert(BulkLine), _lines(act.id, picks, now))
    outbox.add(session, topic=TOPIC, subject_id=act.id, dedupe_key=f"{TOPIC}:{act.id}", now=now, due_at=later)
    return act.id


def _lines(act_id: int, picks: Sequence[Pick], now: datetime) -> list[dict[str, Any]]:
    again, lines = bulk_checks.repeated(picks), []
    for position, (line_id, pick) in enumerate(zip(ids.new_ids(now, len(picks)), picks, strict=True)):
        outcome = DUPLICATE if position in again else None
        lines.append(
            {
                "id": line_id,
                "act_id": act_id,
                "position": position,
                "number": pick.number,
                "version": pick.version,
                "outcome": outcome,
                "done_at": now if outcome else None,
            }
        )
    return lines


def waiting(session: Session, *, act_id: int, limit: int) -> list[int]:
    """Ids of lines that were not tried yet, in order; none once the act was stopped."""
    undone = (BulkLine.act_id == act_id, BulkLine.outcome.is_(None))
    going = select(BulkAct.id).where(BulkAct.id == act_id, BulkAct.stopped_at.is_(None)).exists()
    query = select(BulkLine.id).where(*undone, going).order_by(BulkLine.position).limit(limit)
    return list(session.scalars(query))


def work(session: Session, *, tools: Tools, line_id: int, now: datetime) -> None:
    """Take one line, act on its case, and mark it done, all or nothing; nothing where it was taken already.

    Errors: whatever the commands of one case refuse; then nothing of this stays, and ``refuse`` writes it down.
    """
    undone = (BulkLine.id == line_id, BulkLine.outcome.is_(None))
    taken = update(BulkLine).where(*undone).values(outcome=DONE, done_at=now)
    if session.execute(taken, execution_options={"synchronize_session": False}).rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's CursorResult
        return
    line, act, staff = session.execute(_WHOLE, {"line_id": line_id}).one()
    reviewer = _clerk(staff)
    if act.stopped_at is not None or reviewer is None:
        act.stopped_at = act.stopped_at or now
        line.outcome = line.done_at = None
        return
    _act(session, tools, reviewer, line, wish_of(tools.vault, act), now)


def refuse(session: Session, *, line_id: int, code: str, now: datetime) -> None:
    """Write down why a line was not done: a code of the rules, or ``FAILED``, so that the others can go on."""
    undone = (BulkLine.id == line_id, BulkLine.outcome.is_(None))
    session.execute(update(BulkLine).where(*undone).values(outcome=code, done_at=now))


def finish(session: Session, *, vault: Vault, act_id: int, now: datetime) -> bool:
    """Close an act that has no line left; whether it is over. A colleague hears once of what they got."""
    act = session.scalar(select(BulkAct).where(BulkAct.id == act_id).with_for_update())
    if act is None or act.finished_at or act.stopped_at:
        return True
    if waiting(session, act_id=act_id, limit=1):
        return False
    act.finished_at = now
    _tell(session, vault, act, now)
    return True


def stop(session: Session, *, vault: Vault, reviewer: Reviewer, act_id: int, now: datetime) -> int:
    """End an act: what is done stays done, the rest is left. ``Conflict`` ``already_finished``."""
    act = own(session, reviewer, act_id)
    if act.finished_at is not None:
        raise Conflict("already_finished", N_("这一批已经办完，停不了了"))
    if act.stopped_at is None:
        act.stopped_at = now
        _tell(session, vault, act, now)
    return act.id


def own(session: Session, reviewer: Reviewer, act_id: int) -> BulkAct:
    """An act that this clerk began; ``NotFound`` for any other."""
    act = session.get(BulkAct, act_id)
    if act is None or act.staff_id != reviewer.id:
        raise NotFound("not_found", N_("没有找到这一批，可能不是您办的"))
    return act


def wish_of(vault: Vault, act: BulkAct) -> Wish:
    """What was asked for, opened."""
    kept = json.loads(vault.open(act.content, place("bulk_act", "content", act.id)))
    return Wish(kept["kind"], kept["note"], tuple(Defect(**item) for item in kept["items"]), kept["to"])


def purge(session: Session, *, before: datetime, limit: int) -> int:
    """Forget acts that were begun before a moment, with their words and lines; how many."""
    old = session.scalars(select(BulkAct.id).where(BulkAct.begun_at < before).order_by(BulkAct.id).limit(limit)).all()
    if old:
        session.execute(delete(BulkLine).where(BulkLine.act_id.in_(old)))
        session.execute(delete(BulkAct).where(BulkAct.id.in_(old)))
    return len(old)


def _clerk(row: Staff | None) -> Reviewer | None:
    """The clerk as they are now: somebody disabled or moved in the middle decides nothing more."""
    if row is None or not row.active or row.role != "reviewer":
        return None
    return Reviewer(row.id, row.level, row.region, row.post, row.person_index)


def _act(session: Session, tools: Tools, reviewer: Reviewer, line: BulkLine, wish: Wish, now: datetime) -> None:
    """One case, by the commands its page uses."""
    if wish.kind == "hand_over":
        row = claims.in_jurisdiction(session, reviewer, line.number)
        _check_unchanged(line, row.version)
        _hand_over(session, reviewer, row, wish, now)
        return
    lease = claims.claim(session, reviewer=reviewer, number=line.number, now=now)
    # The claim holds the row: what is read now, nobody changes before the decision.
    case = session.execute(select(Application.id, Application.version).where(Application.number == line.number)).one()
    _check_unchanged(line, case.version)
    if wish.kind == "request_correction" and corrections.sent(corrections.of(session, case.id)):
        raise Conflict("second_notice", N_("这件已经要求过补正，再次补正要单独办"))
    review.decide(
        session,
        vault=tools.vault,
        calendar=tools.calendar,
        reviewer=reviewer,
        number=line.number,
        decision=Decision(wish.kind, wish.note, wish.items),
        fence=lease.fence,
        now=now,
    )


def _check_unchanged(line: BulkLine, version: int) -> None:
    if line.version is not None and line.version != version:
        raise Conflict("changed_since", N_("您看过以后又有了变化"))


def _hand_over(session: Session, reviewer: Reviewer, row: Application, wish: Wish, now: datetime) -> None:
    """Let go and have the colleague claim: what keeps the colleague off a case of their own holds here too."""
    to = bulk_checks.receiver(session, reviewer, wish)
    free = {"claimed_by": None, "claimed_until": None, "fence": row.fence + 1}
    mine = claims.holds(reviewer, row, now)
    audit.note(
        session, row, act="claim.hand_over", actor=claims.actor(reviewer), now=now, changes=free if mine else None
    )
    claims.claim(session, reviewer=to, number=row.number or "", now=now)


def _tell(session: Session, vault: Vault, act: BulkAct, now: datetime) -> None:
    """One message for all the cases that were handed over."""
    giver = _clerk(session.get(Staff, act.staff_id))
    if act.kind != "hand_over" or giver is None:
        return
    done = (BulkLine.act_id == act.id, BulkLine.outcome == DONE)
    numbers = session.scalars(select(BulkLine.number).where(*done).order_by(BulkLine.position)).all()
    if not numbers:
        return
    with suppress(Problem):  # a colleague who has left meanwhile needs no message
        to = bulk_checks.receiver(session, giver, wish_of(vault, act))
        handover.tell_given(session, to, numbers, post=giver.post, now=now)
