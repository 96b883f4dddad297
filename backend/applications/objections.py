"""Objections 异议 to a notice: made by anybody, named or not, until its last second; answered by the office.

Of whoever objects nothing is kept but the words, what they say about themselves, and the day: the row's id, the pause
of the case, the record and the clerk's message all carry the first moment of that day.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import attempts
from backend.applications import claims, deadlines, hands, notice_policy as rules, notices, policy, records, routing
from backend.applications.policy import Reviewer
from backend.events import audit, moves
from backend.kernel import ids, third_party
from backend.kernel.actors import Actor
from backend.kernel.clock import SHANGHAI, today
from backend.kernel.crypto import Seal, Vault, place
from backend.kernel.errors import Conflict, Invalid, KeyReused, NotFound, TooMany
from backend.kernel.i18n import N_, Text
from backend.kernel.workdays import Calendar
from backend.lifecycles.application import APPLICATION
from backend.models.application import Application
from backend.models.notice import Objection, PublicNotice
from backend.models.staff import Staff
from backend.notifications import staff as inbox

SHORTEST, LONGEST = 5, 1000
#: So many objections a day for one notice, and for one town: no flood can stop an office, and no identity is asked.
PER_NOTICE, PER_TOWN = 20, 200
DAY = timedelta(days=1)
CODE_LETTERS = 12
PUBLIC = Actor("public", "public")


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody says: ``name`` and ``contact`` empty for whoever stays unknown."""

    text: str
    name: str = ""
    contact: str = ""


def make(session: Session, *, vault: Vault, notice_id: int, words: Words, key: str, now: datetime) -> str:
    """Object to a notice that can be read now; the code by which its author reads the answer.

    ``key`` (the caller's idempotency key) makes the code: repeated, the same objection is found again, and no key, time
    or caller is stored for it. Errors: 404, 409 ``notice_over``, 422 numbers in the text, 429.
    """
    check(words.text)
    row, notice = _locked(session, notice_id)
    seal = records.whole(session, vault, row).seal
    code = _code(vault, notice_id, key)
    if _repeated(session, vault, seal, code, words):
        return code
    if notice.ended_at is None and notice.opens_on > today(now):
        raise _unknown()
    if notice.ended_at is not None or not rules.readable(notice.opens_on, notice.closes_on, now):
        raise Conflict("notice_over", N_("公示已经结束，网上不再收异议。有话要说，可以打页面下方的电话，或打 12345"))
    day = datetime.combine(today(now), time(), SHANGHAI)
    _count(session, vault, notice, day)
    paused = notices.open_objections(session, notice.id)
    objection = _row(vault, seal, notice, code, words, day)
    session.add(objection)
    if not paused:
        deadlines.pause(session, row, deadlines.OBJECTION, now=day)
    audit.note(session, row, act="objection.make", actor=PUBLIC, now=day)
    _tell(session, row, notice, objection.id, day)
    return code


def check(text: str) -> None:
    """``Invalid`` for words too short to be looked into, and for numbers of people in them."""
    if len(text) < SHORTEST:
        short = N_("请写清楚哪里不对，至少 %(n)s 个字", n=SHORTEST)
        raise Invalid("invalid_input", short, errors={"text": [short]})
    refuse_numbers(text, "text")


def refuse_numbers(text: str, field: str) -> None:
    """422 ``third_party`` with the spots: numbers of people do not belong into words that others read."""
    spots = third_party.numbers(text)
    if spots:
        words = N_("里面有像证件号、电话或账号的数字（第 %(at)s 个字起），请删掉再交", at=spots[0][0] + 1)
        raise Invalid("third_party", words, errors={field: [words]}, extra={"spots": spots})


def _locked(session: Session, notice_id: int) -> tuple[Application, PublicNotice]:
    """The case, locked, then its notice as it stands."""
    case_id = session.scalar(select(PublicNotice.application_id).where(PublicNotice.id == notice_id))
    row = session.scalar(select(Application).where(Application.id == case_id).with_for_update())
    notice = session.get(PublicNotice, notice_id) if row is not None else None
    if row is None or notice is None:
        raise _unknown()
    return row, notice


def _unknown() -> NotFound:
    return NotFound("not_found", N_("没有找到这个公示，请从公示列表进"))


def _code(vault: Vault, notice_id: int, key: str) -> str:
    """59 bits that nobody can work out without our key."""
    number = int(vault.index("objection-code", f"{notice_id}|{key}"), 16)
    letters = []
    for _ in range(CODE_LETTERS):
        number, place_of = divmod(number, len(ids.TYPED))
        letters.append(ids.TYPED[place_of])
    return "".join(letters)


def code_index(vault: Vault, code: str) -> str:
    """The keyed hash of a code as people type it: any case, with spaces or hyphens."""
    return vault.index("objection", "".join(code.split()).replace("-", "").upper())


def _repeated(session: Session, vault: Vault, seal: Seal, code: str, words: Words) -> bool:
    row = session.scalar(select(Objection).where(Objection.code_index == code_index(vault, code)))
    if row is None:
        return False
    if content(seal, row) != words:
        raise KeyReused
    return True


def content(seal: Seal, row: Objection) -> Words:
    """The words of an objection, opened."""
    return Words(**json.loads(seal.open_text(row.content, place("objection", "content", row.id))))


def _row(vault: Vault, seal: Seal, notice: PublicNotice, code: str, words: Words, day: datetime) -> Objection:
    row_id = ids.new_id(day)
    said = {"text": words.text, "name": words.name, "contact": words.contact}
    sealed = records.seal_json(seal, said, place("objection", "content", row_id))
    return Objection(
        id=row_id,
        notice_id=notice.id,
        application_id=notice.application_id,
        content=sealed,
        named=bool(words.name or words.contact),
        code_index=code_index(vault, code),
        made_on=day.date(),
        post="",
    )


def _count(session: Session, vault: Vault, notice: PublicNotice, day: datetime) -> None:
    """At most so many a day, counted for the notice and its town, never for a person or an address."""
    for what, limit in ((f"notice|{notice.id}", PER_NOTICE), (f"town|{notice.town or notice.county}", PER_TOWN)):
        bucket = attempts.bucket(vault, "objection", what, limit=limit, window=DAY)
        if not attempts.take(session, bucket, now=day):
            words = N_("今天对这里的公示提出的异议已经很多，请打页面下方的电话说，或者明天再写")
            raise TooMany("too_many_requests", words, retry_after=3600)


def _tell(session: Session, row: Application, notice: PublicNotice, objection_id: int, day: datetime) -> None:
    """The reviewers of the office that found; when nobody works there any more, those of the office above."""
    event = f"objection:{objection_id}"
    facts = {"number": row.number, "objection": ids.encode(objection_id)}
    for level in policy.LEVELS[policy.rank(notice.queue) :]:
        clerks = session.scalars(select(Staff.id).where(*routing.reviewers_of(getattr(row, level)))).all()
        for clerk in clerks:
            inbox.tell(session, staff_id=clerk, kind="objection", event=event, facts=facts, now=day)
        if clerks:
            return


def own(session: Session, reviewer: Reviewer, objection_id: int) -> tuple[Objection, PublicNotice, Application]:
    """An objection in the reviewer's jurisdiction with its case, locked; ``NotFound`` for any other."""
    objection = session.get(Objection, objection_id)
    if objection is not None:
        row, notice = _locked(session, objection.notice_id)
        session.refresh(objection)
        if policy.sees(reviewer, village=row.village, town=row.town, county=row.county):
            hands.check_parties(session, reviewer, row)
            return objection, notice, row
    raise NotFound("not_found", N_("没有找到这条异议，可能不在您的辖区"))


def answer(
    session: Session,
    *,
    vault: Vault,
    calendar: Calendar,
    reviewer: Reviewer,
    objection_id: int,
    upheld: bool,
    words: str,
    now: datetime,
) -> int:
    """Answer one objection: dismissed, the clock runs again with the last one; upheld, the case goes back to review.

    Errors: 404, 403 own case, family, or acted at another level; 409 ``already_answered``, ``notice_over``,
    ``not_your_level``; 422 numbers in the words.
    """
    refuse_numbers(words, "answer")
    objection, notice, row = own(session, reviewer, objection_id)
    hands.check(session, reviewer, row)
    _check_open(objection, notice)
    if policy.rank(reviewer.level) < policy.rank(notice.queue):
        raise Conflict("not_your_level", N_("异议由作出这一步审核的层级或上级答复"), extra={"level": notice.queue})
    case = records.whole(session, vault, row)
    _answer(case.seal, objection, reviewer, upheld, words, now)
    if upheld:
        _uphold(session, case, notice, reviewer, words, now)
    else:
        audit.note(session, row, act="objection.dismiss", actor=claims.actor(reviewer), now=now)
    if not notices.open_objections(session, notice.id):
        deadlines.resume(session, row, deadlines.OBJECTION, calendar=calendar, now=now)
    return row.id


def _check_open(objection: Objection, notice: PublicNotice) -> None:
    if objection.answered_at is not None:
        raise Conflict("already_answered", N_("这条异议已经答复过了"))
    if notice.ended_at is not None:
        raise Conflict("notice_over", N_("公示已经结束，这条异议不用再答复"))


def _answer(seal: Seal, row: Objection, reviewer: Reviewer, upheld: bool, words: str, now: datetime) -> None:
    row.answer = seal.seal_text(words, place("objection", "answer", row.id))
    row.upheld, row.answered_by, row.post, row.answered_at = upheld, reviewer.id, reviewer.post, now


def _uphold(
    session: Session, case: records.Case, notice: PublicNotice, reviewer: Reviewer, words: str, now: datetime
) -> None:
    """Back to the level that found; everyone else who objected to this notice hears why it is over."""
    row = case.row
    open_ones = (Objection.notice_id == notice.id, Objection.answered_at.is_(None))
    for other in session.scalars(select(Objection).where(*open_ones)):
        _answer(case.seal, other, reviewer, True, str(OTHERS), now)
    notices.end(session, PublicNotice.id == notice.id, as_=notices.UPHELD, now=now)
    actor = claims.actor(reviewer)
    note = case.note(words)
    moves.apply(session, row, "uphold_objection", lifecycle=APPLICATION, actor=actor, now=now, note=note)
    levels = case.definition.levels
    routing.give_turn(row, policy.turn(levels, levels.index(row.level), routing.offices(session, row)))


OTHERS: Text = N_("已有异议成立，这件申请退回重新审核，公示提前结束。")
