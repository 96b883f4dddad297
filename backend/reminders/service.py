"""Her own hand on a reminder: set it, put it off, done, pause, stop. Nobody else has one.

Every change makes pending work void by counting ``round`` up, so that what was on its way for the old day is not told.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.kernel import ids
from backend.kernel.clock import SHANGHAI, today
from backend.kernel.crypto import Vault
from backend.kernel.errors import Collision, Conflict, Invalid, Stale
from backend.kernel.i18n import N_
from backend.models.reminder import Reminder
from backend.notifications import discreet
from backend.reminders import content as contents
from backend.reminders.cards import Book, Wish, due_at, is_open, no_reminder, row_of, status_of
from backend.reminders.content import Content
from backend.reminders.policy import ACTIONS, Rhythm, planned
from backend.reminders.terms import terms


def put(
    session: Session,
    *,
    book: Book,
    resident_id: int,
    wish: Wish,
    text_version: str | None = None,
    expected_version: int | None = None,
) -> int:
    """Set or change it; that is the agreement to the present text. The id of the row.

    Errors: 422 days; 409 ``consent_outdated`` for a text she has not seen; 412.
    """
    _check(wish, today(book.now))
    if text_version not in (None, terms().text_version):
        words = N_("这份说明有了新的内容，请再看一遍后同意")
        raise Conflict("consent_outdated", words, extra={"text_version": terms().text_version})
    row = row_of(session, book.vault, resident_id)
    _check_version(row, expected_version)
    if row is None:
        return _begin(session, book, resident_id, wish)
    before = contents.open_(book.vault, row)
    after = replace(before, **_settings(wish), text_version=terms().text_version)
    if before.text_version != after.text_version:
        after.agreed_on = today(book.now)
    if before.start_on != after.start_on:
        after.done_on = None
    if (before.start_on, before.every_months) != (after.start_on, after.every_months):
        after.snoozed_from, after.planned_on = None, _planned(book, after.rhythm)
    _keep(book, row, before, after)
    return row.id


def snooze(session: Session, *, book: Book, resident_id: int, days: int, expected_version: int | None = None) -> int:
    """Put it off: what came, so many days from today; what is to come, so many days from its own. Twice is once."""
    row, before = _mine(session, book, resident_id, expected_version, "snooze")
    after = replace(before)
    if is_open(before, today(book.now)):
        base = today(book.now)
    else:
        base = max(before.snoozed_from or before.planned_on, today(book.now))
        after.snoozed_from = base
    after.planned_on = base + timedelta(days=days)
    _keep(book, row, before, after)
    return row.id


def done(
    session: Session,
    *,
    book: Book,
    resident_id: int,
    on: date | None = None,
    expected_version: int | None = None,
) -> int:
    """She has done it, today or on the day she names: what was due for it is not told, the next counts from it."""
    row, before = _mine(session, book, resident_id, expected_version, "done")
    here, day = today(book.now), on or today(book.now)
    if not here - timedelta(days=terms().furthest_days) <= day <= here:
        words = N_("请填今天或者以前的一天，不早于一年前")
        raise Invalid("bad_day", words, errors={"on": [words]})
    after = replace(before, done_on=day, snoozed_from=None)
    after.planned_on = _planned(book, after.rhythm)
    _keep(book, row, before, after)
    return row.id


def pause(session: Session, *, book: Book, resident_id: int, expected_version: int | None = None) -> int:
    """Rest until she says so; twice is once."""
    row, before = _mine(session, book, resident_id, expected_version, "")
    _keep(book, row, before, replace(before, paused=True, snoozed_from=None))
    return row.id


def resume(session: Session, *, book: Book, resident_id: int, expected_version: int | None = None) -> int:
    """Go on with the next day of the rhythm that is still to come; twice is once."""
    row, before = _mine(session, book, resident_id, expected_version, "")
    after = replace(before, paused=False)
    if before.paused:
        after.planned_on = _planned(book, before.rhythm)
    _keep(book, row, before, after)
    return row.id


def seen(session: Session, *, book: Book, resident_id: int) -> None:
    """She opened it from a message: a sign of life, noted once a day; the plan stays as it is."""
    row = row_of(session, book.vault, resident_id)
    if row is not None:
        found = contents.open_(book.vault, row)
        if found.seen_on < today(book.now):
            row.content = contents.sealed(book.vault, row.id, replace(found, seen_on=today(book.now)))


def stop(session: Session, vault: Vault, *, word: str) -> None:
    """Delete the reminder of this word; an unknown one deletes nothing and says nothing."""
    row = session.scalar(select(Reminder).where(Reminder.stop_index == contents.stop_index(vault, word)))
    if row is not None:
        _end(session, vault, row)


def stop_mine(session: Session, vault: Vault, *, resident_id: int, expected_version: int | None = None) -> None:
    """Delete hers: she stops, or leaves. Nothing notes that there was one; none is no error."""
    row = row_of(session, vault, resident_id)
    _check_version(row, expected_version)
    if row is not None:
        _end(session, vault, row)


def _settings(wish: Wish) -> dict[str, Any]:
    return {name: getattr(wish, name) for name in Wish.__slots__}


def _begin(session: Session, book: Book, resident_id: int, wish: Wish) -> int:
    """The id tells the day of the opting-in and no nearer: the row stands for nobody, and its time for no session."""
    here = today(book.now)
    somewhen = datetime.combine(here, time(), SHANGHAI) + timedelta(milliseconds=secrets.randbelow(86_400_000))
    row_id, own = ids.new_id(somewhen), _settings(wish)
    next_on = _planned(book, Rhythm(wish.start_on, wish.every_months, wish.hour, None))
    made = Content(
        resident_id, **own, text_version=terms().text_version, agreed_on=here, planned_on=next_on, seen_on=here
    )
    session.add(
        Reminder(
            id=row_id,
            person=contents.person(book.vault, resident_id),
            content=contents.sealed(book.vault, row_id, made),
            due_at=due_at(book, made),
            round=0,
            stop_index=contents.stop_index(book.vault, contents.word(book.vault, resident_id)),
        )
    )
    try:
        session.flush()
    except IntegrityError as twice:
        raise Collision("reminder") from twice  # two taps at once: the second changes what the first made
    return row_id


def _keep(book: Book, row: Reminder, before: Content, after: Content) -> None:
    """Write down what changed. The same again changes nothing, but that she was here."""
    after.seen_on = today(book.now)
    if after == before:
        return
    if replace(after, seen_on=before.seen_on) != before:
        row.round += 1
        row.due_at = due_at(book, after)
    row.content = contents.sealed(book.vault, row.id, after)


def _planned(book: Book, rhythm: Rhythm) -> date:
    return planned(rhythm, now=book.now, calendar=book.calendar)


def _mine(
    session: Session, book: Book, resident_id: int, expected_version: int | None, action: str
) -> tuple[Reminder, Content]:
    row = row_of(session, book.vault, resident_id)
    if row is None:
        raise no_reminder()
    _check_version(row, expected_version)
    found = contents.open_(book.vault, row)
    if action and action not in ACTIONS[status_of(found)]:
        raise Conflict("not_allowed_now", N_("现在停着，没有要推迟的。要接着提醒，点“接着提醒我”"))
    return row, found


def _end(session: Session, vault: Vault, row: Reminder) -> None:
    discreet.call_off(session, resident_id=contents.open_(vault, row).resident_id)
    session.delete(row)


def _check(wish: Wish, on: date) -> None:
    furthest = timedelta(days=terms().furthest_days)
    if not on - furthest <= wish.start_on <= on + furthest:
        words = N_("请选一年以内的一天，以前或者以后都可以")
        raise Invalid("bad_day", words, errors={"start_on": [words]})


def _check_version(row: Reminder | None, expected: int | None) -> None:
    if expected is not None and (row is None or row.version != expected):
        raise Stale("stale", N_("内容已经变了，请刷新后再改"))
