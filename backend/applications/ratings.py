"""Rating 好差评 (国办发〔2019〕51号): once per finished case, in five levels; the office above works off a bad one.

Whoever handled a case never learns whose rating it is: to them its number stays hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.applications import claims, hands, records, submission, views
from backend.applications.policy import Reviewer
from backend.catalogue import queries as catalogue
from backend.events import audit, outbox
from backend.kernel import cursors, ids, third_party
from backend.kernel.crypto import Seal, Unreadable, Vault, place
from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from backend.kernel.i18n import N_, Text
from backend.lifecycles.application import ApplicationStatus as S
from backend.models.application import Application, ApplicationHistory
from backend.models.statistics import Rating

#: How long after its end a case can be rated.
OPEN_FOR = timedelta(days=30)
FINISHED = (S.APPROVED, S.ISSUED, S.REJECTED, S.WITHDRAWN)
#: The five levels of GB/T 39735, best first; 1 and 2 must be answered.
SCORES: dict[int, Text] = {
    5: N_("非常满意"),
    4: N_("满意"),
    3: N_("基本满意"),
    2: N_("不满意"),
    1: N_("非常不满意"),
}
BAD = 2
TAGS: dict[str, Text] = {
    "quick": N_("办得快"),
    "clear": N_("说得明白"),
    "kind": N_("态度好"),
    "no_trip": N_("不用跑腿"),
    "slow": N_("等得久"),
    "unclear": N_("没说明白"),
    "again_and_again": N_("材料要了又要"),
    "rude": N_("态度不好"),
    "hard_to_use": N_("页面不好用"),
}
LONGEST = 500
STATES = {"open": N_("可以评价"), "given": N_("已评价"), "answered": N_("已答复"), "closed": N_("不能评价")}


@dataclass(frozen=True, slots=True)
class Page:
    """Ratings that wait for an answer, the oldest first."""

    items: list[dict[str, Any]]
    next_cursor: str | None


def rate(
    session: Session,
    *,
    vault: Vault,
    resident_id: int,
    application_id: int,
    score: int,
    tags: Sequence[str],
    comment: str | None,
    now: datetime,
) -> int:
    """Rate one's own finished case once; the id of the rating.

    Errors: 404; 409 ``not_finished``, ``rating_closed`` after 30 days, ``already_rated``; 422 for numbers of people.
    """
    case = records.own(session, vault, application_id=application_id, resident_id=resident_id)
    row = case.row
    _check_open(row, now)
    if session.scalar(select(Rating.id).where(Rating.application_id == row.id)) is not None:
        raise Conflict("already_rated", N_("这件已经评价过了，谢谢"))
    check_words(comment, "comment")
    rating = Rating(
        id=ids.new_id(now), application_id=row.id, town=row.town, county=row.county, score=score, rated_at=now
    )
    rating.tags = list(dict.fromkeys(tags))
    rating.duty = _duty(row.decided_level) if score <= BAD else None
    rating.comment = case.seal.seal_text(comment, _place("comment", rating.id)) if comment else None
    session.add(rating)
    commitment = records.commitment(rating.comment) if rating.comment else ""
    audit.note(session, row, act="rating.give", actor=submission.applicant(case), now=now, commitment=commitment)
    outbox.add(session, topic="case_rated", subject_id=row.id, dedupe_key=f"case_rated:{rating.id}", now=now)
    return rating.id


def check_words(text: str | None, field: str) -> None:
    """Numbers of people do not belong here: ``Invalid`` before anything is stored."""
    if text and third_party.numbers(text):
        words = N_("这里不要写证件号、电话或账号，请删掉后再交")
        raise Invalid("personal_numbers", words, errors={field: [words]})


def _check_open(row: Application, now: datetime) -> None:
    if row.status not in FINISHED or row.decided_at is None:
        raise Conflict("not_finished", N_("办完以后才能评价"))
    if now > row.decided_at + OPEN_FOR:
        raise Conflict("rating_closed", N_("办完 30 天以内可以评价，现在已经过了；有话要说请打投诉电话"))


def _duty(decided_level: str) -> str:
    """The office above the one that decided; the county answers for itself and for what nobody decided."""
    return "town" if decided_level == "village" else "county"


def _place(column: str, rating_id: int) -> str:
    return place("rating", column, rating_id)


def mine(session: Session, *, vault: Vault, resident_id: int, application_id: int, now: datetime) -> dict[str, Any]:
    """The rating of one's own case with its answer, or whether one can still be given."""
    case = records.own(session, vault, application_id=application_id, resident_id=resident_id, lock=False)
    rating = session.scalar(select(Rating).where(Rating.application_id == case.row.id))
    if rating is None:
        return _none(case.row, now)
    state = "answered" if rating.worked_off_at else "given"
    return _state(state, []) | _content(rating, case.seal) | {"answer": opened(case.seal, rating, "answer")}


def _none(row: Application, now: datetime) -> dict[str, Any]:
    empty: dict[str, Any] = {"score": None, "score_label": None, "tags": [], "comment": None, "rated_at": None}
    try:
        _check_open(row, now)
    except Problem:
        return _state("closed", []) | empty | {"answer": None, "until": None}
    until = views.iso(row.decided_at + OPEN_FOR) if row.decided_at else None
    return _state("open", ["rate"]) | empty | {"answer": None, "until": until}


def _state(state: str, actions: list[str]) -> dict[str, Any]:
    return {"status": state, "status_label": STATES[state], "allowed_actions": actions, "until": None}


def _content(rating: Rating, seal: Seal | None) -> dict[str, Any]:
    return {
        "score": rating.score,
        "score_label": SCORES[rating.score],
        "tags": [{"code": tag, "label": TAGS[tag]} for tag in rating.tags if tag in TAGS],
        "comment": opened(seal, rating, "comment"),
        "rated_at": views.iso(rating.rated_at),
    }


def opened(seal: Seal | None, rating: Rating, column: str) -> str | None:
    """Comment or answer; ``None`` when there is none, or when the person left and took the key along."""
    sealed = getattr(rating, column)
    return seal.open_text(sealed, _place(column, rating.id)) if seal and sealed else None


def waiting(session: Session, vault: Vault, *, reviewer: Reviewer, limit: int, cursor: str | None = None) -> Page:
    """Bad ratings this office has to answer, the oldest first; no name, and no number for who handled the case."""
    query = select(Rating).where(*_of_office(reviewer), Rating.worked_off_at.is_(None))
    after = cursors.read(cursor)
    if after:
        query = query.where(Rating.id > after[1])
    rows = list(session.scalars(query.order_by(Rating.id).limit(limit + 1)))
    shown = rows[:limit]
    items = [_line(session, vault, reviewer, rating) for rating in shown]
    more = cursors.make(shown[-1].rated_at, shown[-1].id) if len(rows) > limit else None
    return Page([item for item in items if item], more)


def _of_office(reviewer: Reviewer) -> tuple[ColumnElement[bool], ...]:
    """A town answers for its villages; the county for its towns and itself, and where a town does not get to it."""
    if reviewer.level == "county":
        return Rating.county == reviewer.region, Rating.duty.in_(("town", "county"))
    return Rating.town == reviewer.region, Rating.duty == reviewer.level


def _line(session: Session, vault: Vault, reviewer: Reviewer, rating: Rating) -> dict[str, Any]:
    row = session.get_one(Application, rating.application_id)
    if reviewer.person_index and reviewer.person_index == row.holder_id_index:
        return {}
    took_part = _took_part(session, reviewer, row)
    definition = catalogue.definition(session, row.service_item, row.service_item_version)
    return _content(rating, _seal(session, vault, row)) | {
        "id": ids.encode(rating.id),
        "number": None if took_part else row.number,
        "service_name": definition.name,
        "service_item": row.service_item,
        "place": row.town,
        "status": "given",
        "status_label": STATES["given"],
        "allowed_actions": ["answer"] if _may_answer(reviewer, took_part) else [],
    }


def _took_part(session: Session, reviewer: Reviewer, row: Application) -> bool:
    acted = and_(ApplicationHistory.actor_kind == "staff", ApplicationHistory.actor_id == reviewer.id)
    query = select(ApplicationHistory.id).where(ApplicationHistory.subject_id == row.id, acted).limit(1)
    return session.execute(query).first() is not None


def _may_answer(reviewer: Reviewer, took_part: bool) -> bool:
    """There is no office above the county here: who decided there may answer, without learning whose rating it is."""
    return not took_part or reviewer.level == "county"


def _seal(session: Session, vault: Vault, row: Application) -> Seal | None:
    try:
        return accounts.seal_of(session, vault, row.resident_id)
    except Unreadable:
        return None


def answer(session: Session, *, vault: Vault, reviewer: Reviewer, rating_id: int, text: str, now: datetime) -> int:
    """Say what the office did about a bad rating; the person gets a message.

    Errors: 404 outside one's duty, 403 ``own_work``, 409 ``already_answered``, 422 numbers of people.
    """
    rating = session.scalar(select(Rating).where(Rating.id == rating_id, *_of_office(reviewer)))
    if rating is None:
        raise NotFound("not_found", N_("没有找到这条评价，可能已经答复"))
    row = session.scalars(select(Application).where(Application.id == rating.application_id).with_for_update()).one()
    hands.check_parties(session, reviewer, row)
    if not _may_answer(reviewer, _took_part(session, reviewer, row)):
        raise Forbidden("own_work", N_("这件是您经手的，请由同事答复"))
    check_words(text, "text")
    seal = _seal(session, vault, row)
    sealed = seal.seal_text(text, _place("answer", rating.id)) if seal else None
    worked_off = {"worked_off_at": now, "worked_off_by": reviewer.id, "answer": sealed}
    done = session.execute(
        update(Rating).where(Rating.id == rating.id, Rating.worked_off_at.is_(None)).values(**worked_off),
        execution_options={"synchronize_session": False},
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's CursorResult
        raise Conflict("already_answered", N_("这条评价已经有同事答复了"))
    commitment = records.commitment(sealed) if sealed else ""
    audit.note(session, row, act="rating.answer", actor=claims.actor(reviewer), now=now, commitment=commitment)
    if seal:
        key = f"rating_answered:{rating.id}"
        outbox.add(session, topic="rating_answered", subject_id=row.id, dedupe_key=key, now=now)
    return rating.id


def everything(session: Session, vault: Vault, resident_id: int) -> list[dict[str, Any]]:
    """Every rating a person gave, with its answer, for their own copy of the data."""
    query = (
        select(Rating, Application.number)
        .join(Application, Application.id == Rating.application_id)
        .where(Application.resident_id == resident_id)
        .order_by(Rating.rated_at)
    )
    seal = accounts.seal_of(session, vault, resident_id)
    return [_exported(rating, number, seal) for rating, number in session.execute(query)]


def _exported(rating: Rating, number: str | None, seal: Seal) -> dict[str, Any]:
    return {
        "number": number,
        "score": rating.score,
        "tags": list(rating.tags),
        "comment": opened(seal, rating, "comment"),
        "answer": opened(seal, rating, "answer"),
        "rated_at": rating.rated_at,
    }
