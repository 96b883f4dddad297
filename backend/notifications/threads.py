"""The inbox by what it is about: the messages of one case lie under the newest of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from backend.accounts import queries as accounts
from backend.kernel.crypto import Seal, Vault
from backend.models.notification import Message
from backend.notifications import queries
from backend.notifications.queries import MessageCard

#: Under the newest of a case lie at most so many; all of them are one tap further.
FOLDED = 5

#: A message with how many the case has, and how many of them are unread.
Counted = tuple[Message, int, int]


@dataclass(frozen=True, slots=True)
class Thread:
    """``earlier``: the newest few of the other messages about the same case; ``others`` of them, ``unread`` unread."""

    newest: MessageCard
    earlier: tuple[MessageCard, ...] = ()
    others: int = 0
    unread: int = 0


def threads(
    session: Session,
    vault: Vault,
    *,
    resident_id: int,
    language: str = "zh",
    limit: int = 20,
    cursor: str | None = None,
) -> tuple[list[Thread], str | None]:
    """A page of the inbox, each case once, in the order of its newest message, and the cursor of the next."""
    newer = aliased(Message)
    overtaken = (
        select(newer.id)
        .where(
            newer.resident_id == resident_id,
            newer.application_id == Message.application_id,
            or_(newer.sent_at > Message.sent_at, and_(newer.sent_at == Message.sent_at, newer.id > Message.id)),
        )
        .exists()
    )
    seal = accounts.seal_or_none(session, vault, resident_id)
    if seal is None:
        return [], None
    wanted = select(Message).where(Message.resident_id == resident_id, ~overtaken)
    rows, after = queries.page(session, wanted, limit=limit, cursor=cursor)
    found = _of_cases(session, resident_id, {row.application_id for row in rows if row.application_id})
    return [_thread(seal, row, found.get(row.application_id, []), language) for row in rows], after


def _of_cases(session: Session, resident_id: int, cases: Collection[int]) -> dict[int | None, list[Counted]]:
    """Case → its newest few messages, each with how many there are and how many of them are unread."""
    if not cases:
        return {}
    about = Message.application_id
    newest = (Message.sent_at.desc(), Message.id.desc())
    ranked = (
        select(
            Message.id,
            func.row_number().over(partition_by=about, order_by=newest).label("place"),
            func.count().over(partition_by=about).label("total"),
            func.sum(case((Message.read_at.is_(None), 1), else_=0)).over(partition_by=about).label("unread"),
        )
        .where(Message.resident_id == resident_id, Message.application_id.in_(cases))
        .subquery()
    )
    statement = (
        select(Message, ranked.c.total, ranked.c.unread)
        .join(ranked, ranked.c.id == Message.id)
        .where(ranked.c.place <= FOLDED + 1)
        .order_by(*newest)
    )
    found: dict[int | None, list[Counted]] = {}
    for row, total, unread in session.execute(statement):
        found.setdefault(row.application_id, []).append((row, total, int(unread)))
    return found


def _thread(seal: Seal, newest: Message, found: Sequence[Counted], language: str) -> Thread:
    card = queries.opened(seal, newest, language)
    if len(found) < 2:
        return Thread(card)
    _row, total, unread = found[0]
    others = [row for row, *_ in found if row.id != card.id][:FOLDED]
    earlier = tuple(queries.opened(seal, row, language) for row in others)
    return Thread(card, earlier, total - 1, unread - (card.read_at is None))
