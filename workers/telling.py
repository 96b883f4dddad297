"""One message to a resident about what a topic's row says; the template has the topic's name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from backend.events.leasing import Leased
from backend.notifications import service as notifications
from backend.notifications.planning import Reach
from backend.notifications.wording.speaking import Value
from backend.notifications.wording.templates import templates
from backend.runtime import Runtime

Facts = Mapping[str, Value | None]


def tell(
    session: Session,
    runtime: Runtime,
    row: Leased,
    *,
    resident_id: int,
    facts: Facts,
    now: datetime,
    application_id: int | None = None,
    application_number: str | None = None,
    not_after: datetime | None = None,
) -> None:
    """Of ``facts`` only what the template wants; the row's key keeps a second turn from telling it twice.

    ``not_after``: the event; what has not left the house by then stays in the inbox.
    """
    wanted = templates()[row.topic].params
    notifications.tell(
        session,
        runtime.vault,
        resident_id=resident_id,
        template=row.topic,
        event=row.dedupe_key,
        params={name: value for name, value in facts.items() if name in wanted and value is not None},
        application_id=application_id,
        application_number=application_number,
        reach=Reach(runtime.settings.base_url, not_after),
        now=now,
    )
