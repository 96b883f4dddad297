"""The demo's windows: what would have been sent, and a hand on the clock. Never registered in production."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any, Protocol, cast

from backend.accounts import codes
from backend.schemas.notifications import ClockSchema, SentListSchema, SentQuery
from backend.web.blueprint import Blueprint
from backend.web.context import runtime

blp = Blueprint("dev", __name__, url_prefix="/dev", description="演示：看发出的消息，拨动时钟")


#: Seconds; without it a script that asks at once would read the code before.
PATIENCE = 3.0


class _Movable(Protocol):
    """The demo's clock."""

    def __call__(self) -> datetime: ...

    def set(self, moment: datetime | None) -> None: ...


@blp.route("/messages", methods=["GET"])
@blp.arguments(SentQuery, location="query")
@blp.response(200, SentListSchema)
def messages(query: dict[str, Any]) -> dict[str, Any]:
    """What would have been sent, newest first; waits a moment for a code that is on its way"""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and _on_its_way():
        time.sleep(0.05)
    return {"items": runtime().sms.sent(**query)}


def _on_its_way() -> bool:
    with runtime().db.reading() as session:
        return codes.undelivered(session)


@blp.route("/clock", methods=["POST"])
@blp.arguments(ClockSchema)
@blp.response(200, ClockSchema)
def clock(body: dict[str, Any]) -> dict[str, Any]:
    """Move the product's clock; null resets it"""
    at = runtime()
    cast(_Movable, at.clock).set(body["now"])
    at.wake("clock")  # the relay does all periodic work at once: for it, time has passed
    return {"now": at.clock()}
