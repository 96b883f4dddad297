"""One message that leaves the house: the inbox row, and a delivery over the first channel that reaches its reader."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from backend.models.delivery import Delivery
from backend.notifications import service
from backend.notifications.planning import Reach
from tests.people import Cast

SITE = "https://example.org"
NUMBER = "YG2611-ABCDEF"
PARAMS = {"service": "证明", "number": NUMBER, "phone": "0632-12345", "due_on": date(2026, 12, 8)}
#: Nothing is told twice in one moment.
STEP = timedelta(minutes=1)


def tell(cast: Cast, who: int, event: str = "e1", *, step: timedelta = STEP) -> int | None:
    """Ask somebody for a correction; the id of the delivery, or ``None`` where the inbox is all."""
    cast.clock.advance(step)
    cast.db.transact(
        service.tell,
        cast.vault,
        resident_id=who,
        template="correction_requested",
        event=event,
        params=PARAMS,
        application_number=NUMBER,
        reach=Reach(SITE),
        now=cast.clock(),
    )
    with cast.db.reading() as session:
        return session.scalar(select(Delivery.id).where(Delivery.resident_id == who, Delivery.event == event))
