"""Cases that are announced: opened by an approval, ended by the clock; nothing here sets a date or a status."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from sqlalchemy import select

from backend.applications import notices, objections
from backend.applications.objections import Words
from backend.kernel.clock import SHANGHAI, system_clock
from backend.models.application import Application, ApplicationHistory
from backend.models.notice import Objection, PublicNotice
from tests import factories as make
from tests.people import VILLAGE, Cast

TEXT = "他家去年已经搬走，不住在村里。"


def announced(
    cast: Cast, who: str = "王㐂", *, item: str = "family-award", region: str = VILLAGE, serial: int = 7
) -> Application:
    """A case whose village approved it."""
    row = make.submitted(cast, who, item=item, region=region, serial=serial)
    make.decide(cast, row.number or "", "village", "approve")
    return make.load(cast, row.id)


def notice(cast: Cast, case: int) -> PublicNotice:
    """The newest notice of a case."""
    with cast.db.reading() as session:
        query = select(PublicNotice).where(PublicNotice.application_id == case).order_by(PublicNotice.id.desc())
        return session.scalars(query.limit(1)).one()


def at(day: date, hour: int = 10, minute: int = 0, second: int = 0) -> datetime:
    """A moment of a day in China."""
    return datetime.combine(day, time(hour, minute, second), SHANGHAI).astimezone(UTC)


def begin(cast: Cast, case: int) -> PublicNotice:
    """Move the clock into the first day of the notice."""
    found = notice(cast, case)
    cast.clock.set(at(found.opens_on))
    return found


def sweep(cast: Cast) -> int:
    """What the relay does with notices whose days are over."""
    with cast.db.reading() as session:
        found = notices.due(session, now=cast.clock(), limit=200)
    return sum(conclude(cast, one) for one in found)


def conclude(cast: Cast, notice_id: int) -> bool:
    done: bool = cast.run(
        notices.conclude, calendar=cast.calendar, notice_id=notice_id, now=cast.clock(), at=system_clock()
    )
    return done


def pass_by(cast: Cast, case: int) -> None:
    """Let the notice of a case run out."""
    found = notice(cast, case)
    cast.clock.set(at(date.fromordinal(found.closes_on.toordinal() + 1), 8))
    assert sweep(cast) == 1


def object_to(
    cast: Cast, notice_id: int, text: str = TEXT, *, name: str = "", contact: str = "", key: str = "k"
) -> str:
    code: str = cast.run(
        objections.make,
        vault=cast.vault,
        notice_id=notice_id,
        words=Words(text, name, contact),
        key=key,
        now=cast.clock(),
    )
    return code


def objections_of(cast: Cast, case: int) -> list[Objection]:
    with cast.db.reading() as session:
        return list(session.scalars(select(Objection).where(Objection.application_id == case).order_by(Objection.id)))


def answer(
    cast: Cast, objection: int, *, upheld: bool, level: str = "village", words: str = "入户核实过，仍住在村里。"
) -> None:
    cast.run(
        objections.answer,
        vault=cast.vault,
        calendar=cast.calendar,
        reviewer=cast.reviewers[level],
        objection_id=objection,
        upheld=upheld,
        words=words,
        now=cast.clock(),
    )


def moves_of(cast: Cast, case: int) -> list[str]:
    """The moves of a case in order."""
    with cast.db.reading() as session:
        query = select(ApplicationHistory.move).where(ApplicationHistory.subject_id == case)
        return list(session.scalars(query.order_by(ApplicationHistory.id)))
