"""What the work on a due reminder does: tell it once in her hour, plan the next, or end after a long silence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy.orm import Session

from backend.kernel.clock import today
from backend.kernel.crypto import Vault
from backend.models.reminder import Reminder
from backend.notifications import service as notifications
from backend.notifications.kinds import INBOX
from backend.notifications.planning import Reach
from backend.notifications.wording.speaking import Value
from backend.reminders import content as contents
from backend.reminders.cards import Book, due_at
from backend.reminders.content import Content
from backend.reminders.policy import is_silent, planned
from backend.reminders.terms import terms

#: Says nothing of what it is about; follow-ups use the same.
TEMPLATE = "own_reminder"


@dataclass(frozen=True, slots=True)
class Door:
    """``vault``: of the people, for their inboxes; ``site``: where our pages are."""

    vault: Vault
    site: str


def tell(session: Session, *, book: Book, door: Door, reminder_id: int, round_: int) -> None:
    """Tell the round that the work was left for; nothing once she has changed, stopped or done it.

    What may not be told yet (the clock was turned back, a day off was announced) gets its new moment.
    """
    row = session.get(Reminder, reminder_id, with_for_update=True)
    if row is None or row.round != round_:
        return
    found = contents.open_(book.vault, row)
    moment = due_at(book, found)
    if moment > book.now:
        row.due_at = moment
    elif is_silent(found.seen_on, on=today(book.now), silent_months=terms().silent_months):
        _say(session, book, door, row, found, over=True)
        session.delete(row)
    elif found.paused:
        row.due_at = moment
    else:
        _say(session, book, door, row, found, over=False)
        _go_on(book, row, found)


def _go_on(book: Book, row: Reminder, found: Content) -> None:
    """The next one of the rhythm; every message is a round of its own."""
    following = planned(found.rhythm, now=book.now, calendar=book.calendar)
    after = replace(found, told_on=today(book.now), snoozed_from=None, planned_on=following)
    row.round += 1
    row.due_at = due_at(book, after)
    row.content = contents.sealed(book.vault, row.id, after)


def _say(session: Session, book: Book, door: Door, row: Reminder, found: Content, *, over: bool) -> None:
    pages = f"{door.site}/reminders"
    params: dict[str, Value] = {"link": f"{pages}/from-a-message"}
    if over:
        params["over"] = True
    else:
        params["stop"] = f"{pages}/stop/{contents.word(book.vault, found.resident_id)}"
    notifications.tell(
        session,
        door.vault,
        resident_id=found.resident_id,
        template=TEMPLATE,
        event=contents.event(book.vault, row),
        params=params,
        reach=Reach(
            door.site,
            book.now + timedelta(days=terms().good_days),
            () if found.channel == INBOX else (found.channel,),
        ),
        now=book.now,
    )
