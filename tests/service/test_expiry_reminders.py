"""Certificates near their end and drafts left lying: spoken of in time, once, and the next one begins prefilled."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.applications import due, renewal
from backend.certificates import expiry, policy, service as certificates
from backend.kernel import ids
from backend.kernel.clock import SHANGHAI
from backend.kernel.errors import Conflict, NotFound
from backend.lifecycles.application import ApplicationStatus as S
from backend.models.certificate import Certificate
from backend.models.outbox import Outbox
from tests import factories as make
from tests.people import Cast

LAST = date(2027, 11, 23)


def near(cast: Cast, days: int) -> None:
    """The morning so many days before the last day of a certificate issued on MONDAY."""
    day = LAST - timedelta(days=days)
    cast.clock.set(datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI))


def remind(cast: Cast, limit: int = 50) -> int:
    done: int = cast.run(expiry.remind, now=cast.clock(), limit=limit)
    return done


def told(cast: Cast, topic: str) -> list[str]:
    with cast.db.reading() as session:
        return list(session.scalars(select(Outbox.dedupe_key).where(Outbox.topic == topic).order_by(Outbox.id)))


def certificate(cast: Cast) -> Certificate:
    with cast.db.reading() as session:
        return session.scalars(select(Certificate).order_by(Certificate.id.desc())).first() or pytest.fail("none")


def begin(cast: Cast, number: str, who: str = "王㐂") -> int:
    draft: int = cast.run(
        renewal.begin_next, vault=cast.vault, resident_id=cast.resident(who, 8), number=number, now=cast.clock()
    )
    return draft


def test_a_certificate_is_reminded_of_30_and_7_days_before_once_each(cast: Cast) -> None:
    make.issued(cast)
    row = certificate(cast)
    for days, marked in ((31, 0), (30, 1), (29, 0), (8, 0), (7, 1), (1, 0), (0, 0), (-1, 0)):
        near(cast, days)
        assert remind(cast) == marked, days
    assert told(cast, expiry.TOPIC) == [f"certificate_expiring:{row.id}:30", f"certificate_expiring:{row.id}:7"]


def test_a_period_that_was_slept_through_is_not_made_up_for_and_a_clock_set_back_doubles_nothing(cast: Cast) -> None:
    make.issued(cast)
    for days in (3, 20, 30, 3):
        near(cast, days)
        remind(cast)
    assert [key.rsplit(":", 1)[1] for key in told(cast, expiry.TOPIC)] == ["7"]


def test_a_revoked_a_permanent_and_an_ended_certificate_are_left_alone(cast: Cast) -> None:
    row = make.issued(cast)
    near(cast, 20)
    cast.run(certificates.revoke_for, application_id=row.id, reason="mistake", now=cast.clock())
    assert remind(cast) == 0

    def forever(session: Session) -> None:
        session.execute(update(Certificate).values(revoked_at=None, expires_on=None))

    cast.run(forever)
    assert remind(cast) == 0


def test_what_holds_for_a_month_is_spoken_of_a_week_before_and_not_at_once() -> None:
    issued, month = date(2026, 11, 23), date(2026, 12, 23)
    assert policy.reminders(issued, month) == (7,)
    assert policy.reminders(issued, issued + timedelta(days=10)) == ()
    assert policy.reminders(issued, None) == ()
    facts = {"issued_on": issued, "expires_on": month, "revoked_at": None}
    assert not policy.renewable(**facts, today=date(2026, 12, 1))
    assert policy.renewable(**facts, today=date(2026, 12, 16))
    assert policy.renewable(**facts, today=date(2027, 1, 16))


def test_two_sweeps_at_once_leave_one_message(cast: Cast) -> None:
    make.issued(cast)
    near(cast, 30)
    threads = [threading.Thread(target=remind, args=(cast,)) for _ in range(4)]
    [each.start() for each in threads]
    [each.join() for each in threads]
    assert len(told(cast, expiry.TOPIC)) == 1


def test_the_next_certificate_begins_with_the_answers_of_the_last_one(cast: Cast) -> None:
    row, number = make.issued(cast), certificate(cast).number
    with pytest.raises(Conflict, match="not_renewable"):
        begin(cast, number)
    near(cast, 30)
    draft = begin(cast, number)
    begun = make.load(cast, draft)
    assert (begun.status, begun.previous_id, begun.region) == (S.DRAFT, row.id, row.region)
    assert make.answers_of(cast, draft) == make.answers_of(cast, row.id)
    with pytest.raises(NotFound):
        begin(cast, number, "李四")


def test_renewal_pressed_by_many_fingers_is_one_draft_and_is_named_once_handed_in(cast: Cast) -> None:
    row, number = make.issued(cast), certificate(cast).number
    near(cast, 7)
    drafts: list[int] = []
    threads = [threading.Thread(target=lambda: drafts.append(begin(cast, number))) for _ in range(4)]
    [each.start() for each in threads]
    [each.join() for each in threads]
    assert (len(drafts), len(set(drafts))) == (4, 1)
    with cast.db.reading() as session:
        assert renewal.under_way(session, application_id=row.id)
    make.hand_in(cast, drafts[0], "王㐂", make.photo(cast))
    make.submit(cast, drafts[0])
    with pytest.raises(Conflict) as refused:
        begin(cast, number)
    assert (refused.value.code, refused.value.extra["application"]) == ("already_renewed", ids.encode(drafts[0]))


def test_a_certificate_that_a_later_one_replaces_is_not_spoken_of(cast: Cast) -> None:
    make.issued(cast)
    first = certificate(cast)
    near(cast, 30)
    draft = begin(cast, first.number)
    make.hand_in(cast, draft, "王㐂", make.photo(cast))
    number = make.submit(cast, draft)
    for level in ("village", "town"):
        make.decide(cast, number, level, "approve")
    with cast.db.reading() as session:
        assert expiry.ending(session, certificate_id=first.id, now=cast.clock()) is not None
    cast.run(make.issuing.issue, vault=cast.vault, issuer="yangguang", application_id=draft, now=cast.clock())
    with cast.db.reading() as session:
        assert expiry.ending(session, certificate_id=first.id, now=cast.clock()) is None
        assert not renewal.under_way(session, application_id=first.application_id)


def test_a_draft_left_lying_is_spoken_of_once_for_ever(cast: Cast) -> None:
    case = make.draft(cast)
    for step, marked in ((2, 0), (1, 1), (1, 0)):
        cast.clock.advance(timedelta(days=step))
        assert cast.run(due.remind_drafts, now=cast.clock()) == marked
    make.answer(cast, case)
    cast.clock.advance(timedelta(days=10))
    assert cast.run(due.remind_drafts, now=cast.clock()) == 0
    assert told(cast, due.WAITING) == [f"draft_waiting:{case}"]


def test_a_draft_is_not_spoken_of_once_its_end_was_or_once_it_is_handed_in(cast: Cast) -> None:
    make.submitted(cast)
    make.draft(cast, "李四", serial=8)
    cast.clock.advance(timedelta(days=80))
    assert cast.run(due.warn_drafts, now=cast.clock()) == 1
    assert cast.run(due.remind_drafts, now=cast.clock()) == 0
    assert told(cast, due.WAITING) == []
