"""Follow-ups 随访: questions that a woman asked to be asked, on days she chose. ``followup_desk``: the station.

Nobody can list them by person: a row has a keyed hash instead of an account, and who it is stands sealed by the vault
for the message that goes out. Staff see what she sent and nothing else, never who was asked, who has not answered, or
how many. A row goes when she answers, when she stops, when she takes her consent back and when its time is over;
nothing notes which of these it was. The first day of the last period helps to propose days and is stored nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.accounts import consents
from backend.accounts.consents import Purposes
from backend.bookings import answers as answers_, records
from backend.bookings.questions import Kind, follow_ups
from backend.events import outbox
from backend.kernel import ids
from backend.kernel.clock import SHANGHAI, today
from backend.kernel.crypto import Vault, place
from backend.kernel.errors import Collision, Conflict, Invalid, NotFound
from backend.kernel.i18n import N_
from backend.kernel.quiet import NIGHT
from backend.kernel.stopping import stop_word
from backend.lifecycles.booking import BookingStatus as S
from backend.models.checkup import FollowUp, FollowUpAnswer

#: The topic and the template say nothing of what it is: a message stands beside an account.
ASK = "own_reminder"
PURPOSE = "health"


@dataclass(frozen=True, slots=True)
class Card:
    """One question she asked for. ``is_open``: it can be answered now."""

    id: int
    kind: Kind
    ask_on: date
    until: date
    is_open: bool


@dataclass(frozen=True, slots=True)
class Note:
    """What the message needs: whose inbox, the word of the stop link, and a key that leads back to no row."""

    resident_id: int
    word: str
    event: str


def put(
    session: Session,
    *,
    vault: Vault,
    purposes: Purposes,
    resident_id: int,
    booking_id: int,
    days: Mapping[str, date],
    now: datetime,
) -> int:
    """Ask exactly these questions on these days (kind → day); what she leaves out is stopped, what she leaves as it is
    stays and is not asked twice.

    Errors: 404; 409 ``not_yet`` before the checkup is over; 422 days, ``consent_required``.
    """
    booking = records.mine(session, resident_id=resident_id, booking_id=booking_id)
    if booking.status != S.COMPLETED:
        raise Conflict("not_yet", N_("检查完以后才能打开"))
    if days:
        _check_consent(session, purposes, resident_id)
    known = session.scalars(select(FollowUp).where(FollowUp.person == _person(vault, resident_id))).all()
    same = {row.kind for row in known if days.get(row.kind) == row.ask_on}
    changed = {code: day for code, day in days.items() if code not in same}
    _check_days(changed, today(now))
    session.execute(delete(FollowUp).where(FollowUp.id.in_([row.id for row in known if row.kind not in same])))
    kinds = follow_ups().kinds
    session.add_all([_row(vault, resident_id, booking.station, kinds[code], changed[code], now) for code in changed])
    try:
        session.flush()
    except IntegrityError as twice:
        raise Collision("follow_up") from twice  # two taps at once: the later one counts
    return booking.id


def mine(session: Session, vault: Vault, *, resident_id: int, now: datetime) -> list[Card]:
    """What she asked to be asked, by day."""
    query = select(FollowUp).where(FollowUp.person == _person(vault, resident_id)).order_by(FollowUp.ask_on)
    return [_card(row, now) for row in session.scalars(query) if row.kind in follow_ups().kinds]


def one(session: Session, vault: Vault, *, resident_id: int, follow_up_id: int, now: datetime) -> Card:
    """One of hers that is open; ``NotFound`` for any other and for one that ended, ``Conflict`` not_yet before."""
    return _card(_open(session, vault, resident_id, follow_up_id, now), now)


def answer(
    session: Session,
    *,
    vault: Vault,
    purposes: Purposes,
    resident_id: int,
    follow_up_id: int,
    answers: Mapping[str, Any],
    name: str = "",
    contact: str = "",
    now: datetime,
) -> int:
    """Send her answers to the station, with her name only if she wrote it; the question is gone then.

    The answer has no link to the row, to the account or to anything else of hers; only its day is kept, not the hour.
    """
    row = _open(session, vault, resident_id, follow_up_id, now, lock=True)
    _check_consent(session, purposes, resident_id)
    said, signed = answers_.said(follow_ups().kinds[row.kind], answers), answers_.signed(name, contact)
    day = datetime.combine(today(now), time(), SHANGHAI)
    answer_id = ids.new_id(day)
    content = json.dumps({"answers": said, **signed}, ensure_ascii=False).encode()
    session.add(
        FollowUpAnswer(
            id=answer_id,
            station=row.station,
            kind=row.kind,
            content=vault.seal(content, place("follow_up_answer", "content", answer_id)),
            answered_at=day,
            purge_at=day + timedelta(days=follow_ups().kept_days),
        )
    )
    session.delete(row)
    return follow_up_id


def stop(session: Session, vault: Vault, *, word: str) -> None:
    """End everything that the person of this word is asked; an unknown word ends nothing and says nothing."""
    index = vault.index("follow-up-stop", word)
    session.execute(delete(FollowUp).where(FollowUp.stop_index == index))


def stop_all(session: Session, vault: Vault, *, resident_id: int) -> None:
    """End everything that a person is asked: she stops, or leaves."""
    gone = delete(FollowUp).where(FollowUp.person == _person(vault, resident_id))
    session.execute(gone)


def ask_due(session: Session, vault: Vault, *, purposes: Purposes, now: datetime, limit: int) -> int:
    """Leave the messages of today, not at night; whoever took the consent back is not asked any more. How many."""
    if NIGHT.holds(now):
        return 0
    due = session.scalars(
        select(FollowUp)
        .where(FollowUp.asked_at.is_(None), FollowUp.ask_on <= today(now))
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in due:
        if PURPOSE in consents.given_purposes(session, resident_id=_who(vault, row), purposes=purposes):
            row.asked_at = now
            outbox.add(session, topic=ASK, subject_id=row.id, dedupe_key=f"{ASK}:{row.id}", now=now)
        else:
            session.delete(row)
    return len(due)


def end_due(session: Session, *, now: datetime, limit: int) -> int:
    """Forget the questions whose time is over; how many."""
    over = session.scalars(select(FollowUp.id).where(FollowUp.until < today(now)).limit(limit)).all()
    session.execute(delete(FollowUp).where(FollowUp.id.in_(over)))
    return len(over)


def note(session: Session, vault: Vault, *, follow_up_id: int) -> Note | None:
    """Whom to tell; ``None`` once it was answered, stopped or over."""
    row = session.get(FollowUp, follow_up_id)
    if row is None:
        return None
    who = _who(vault, row)
    return Note(who, _word(vault, who), vault.index("follow-up-message", str(row.id))[:32])


def of_person(session: Session, vault: Vault, resident_id: int) -> list[dict[str, Any]]:
    """What a person asked to be asked, for her own copy of the data; what she sent cannot be told apart as hers."""
    query = select(FollowUp).where(FollowUp.person == _person(vault, resident_id)).order_by(FollowUp.ask_on)
    return [{"kind": row.kind, "ask_on": row.ask_on, "until": row.until} for row in session.scalars(query)]


def _person(vault: Vault, resident_id: int) -> str:
    return vault.index("follow-up-person", str(resident_id))


def _word(vault: Vault, resident_id: int) -> str:
    """The word of a person's stop link."""
    return stop_word(vault, "follow-up-word", resident_id)


def _who(vault: Vault, row: FollowUp) -> int:
    return int(vault.open(row.who, place("follow_up", "who", row.id)))


def _row(vault: Vault, resident_id: int, station: str, kind: Kind, day: date, now: datetime) -> FollowUp:
    row_id = ids.new_id(now)
    return FollowUp(
        id=row_id,
        person=_person(vault, resident_id),
        who=vault.seal(str(resident_id).encode(), place("follow_up", "who", row_id)),
        station=station,
        kind=kind.code,
        ask_on=day,
        until=day + timedelta(days=kind.open_days),
        stop_index=vault.index("follow-up-stop", _word(vault, resident_id)),
    )


def _card(row: FollowUp, now: datetime) -> Card:
    return Card(row.id, follow_ups().kinds[row.kind], row.ask_on, row.until, row.ask_on <= today(now))


def _open(
    session: Session, vault: Vault, resident_id: int, follow_up_id: int, now: datetime, *, lock: bool = False
) -> FollowUp:
    row = session.get(FollowUp, follow_up_id, with_for_update=lock)
    if row is None or row.person != _person(vault, resident_id) or row.until < today(now):
        raise NotFound("not_found", N_("这件事已经结束了：您回答过、停掉了，或者过了时间。不用再做什么"))
    if row.ask_on > today(now):
        raise Conflict("not_yet", N_("还没到您选的日子，到时候再回答"))
    return row


def _check_consent(session: Session, purposes: Purposes, resident_id: int) -> None:
    if PURPOSE not in consents.given_purposes(session, resident_id=resident_id, purposes=purposes):
        words = N_("要先同意服务站使用您的健康情况，在“我的”里可以同意，也可以随时收回")
        raise Invalid("consent_required", words, errors={f"consents.{PURPOSE}": [words]})


def _check_days(days: Mapping[str, date], on: date) -> None:
    data, errors = follow_ups(), {}
    for code, day in days.items():
        if code not in data.kinds:
            errors[code] = [N_("请从给出的选项里选")]
        elif not on <= day <= on + timedelta(days=data.furthest_days):
            errors[code] = [N_("请选今天以后、%(days)s 天以内的一天", days=data.furthest_days)]
    if errors:
        raise Invalid("bad_day", N_("有 %(n)s 处要改", n=len(errors)), errors=errors)
