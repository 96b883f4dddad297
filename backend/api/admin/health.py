"""The check-up, the record of administrative acts, and background work that was given up."""

from __future__ import annotations

from typing import Any

from backend.administration import record, work
from backend.administration.policy import Administrator
from backend.kernel import cursors
from backend.kernel.clock import system_clock
from backend.schemas.administration import (
    DeadList,
    HealthSchema,
    JournalList,
    JournalQuery,
    ReplayedSchema,
    ReplaySchema,
)
from backend.schemas.base import PageQuery
from backend.web import admins
from backend.web.admins import administrator
from backend.web.answers import page_of
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.once import once
from backend.web.words import say

blp = Blueprint("admin-health", __name__, url_prefix="/admin", description="Administration 管理")


@blp.get("/health")
@blp.response(200, HealthSchema)
def read_health() -> dict[str, Any]:
    """What is not well and what to do about it, the worst first."""
    found = admins.findings()
    return {
        "items": [
            {"code": one.code, "level": one.level, "title": say(one.title), "advice": say(one.advice)} for one in found
        ]
    }


@blp.get("/journal")
@blp.arguments(JournalQuery, location="query")
@blp.response(200, JournalList)
def read_journal(query: dict[str, Any]) -> dict[str, Any]:
    """Every administrative act in my region and of the whole installation, the newest first."""
    admin: Administrator = administrator()
    with runtime().db.reading() as session:
        page = record.page(
            session, admin=admin, group=query["group"] or "", limit=query["limit"], cursor=query["cursor"]
        )
    return page_of(page.items, page.next_cursor)


@blp.get("/dead-work")
@blp.arguments(PageQuery, location="query")
@blp.response(200, DeadList)
def list_dead(query: dict[str, Any]) -> dict[str, Any]:
    """Background work that was given up, the oldest first; ids only."""
    limit, last = query["limit"], cursors.read(query["cursor"])
    with runtime().db.reading() as session:
        found = work.dead(session, admin=administrator(), after=last[1] if last else 0, limit=limit + 1)
    more = cursors.make(system_clock(), found[limit - 1].id) if len(found) > limit else None
    return page_of(found[:limit], more)


@blp.post("/dead-work/replay")
@blp.arguments(ReplaySchema)
@blp.response(200, ReplayedSchema)
def replay_dead(body: dict[str, Any]) -> dict[str, Any]:
    """Try one row, or all of a topic, again."""
    count = once(work.replay, admin=administrator(), row=body["id"], topic=body["topic"], now=runtime().clock())
    return {"count": count}
