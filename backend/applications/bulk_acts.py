"""Reading bulk acts: how far one is and what became of each case; the clerk's last ones."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import bulk, bulk_checks, views
from backend.applications.bulk_checks import DONE, READY
from backend.applications.policy import Reviewer
from backend.kernel import ids
from backend.kernel.i18n import N_, Text
from backend.models.desk import BulkAct, BulkLine

STATES: dict[str, Text] = {
    "dry_run": N_("先看看，还没有办"),
    "running": N_("正在办"),
    "finished": N_("办完了"),
    "stopped": N_("已停下"),
}
SHOWN = 20


def state(act: BulkAct) -> str:
    """running, finished, stopped: from its dates."""
    if act.finished_at is not None:
        return "finished"
    return "stopped" if act.stopped_at is not None else "running"


def one(session: Session, *, reviewer: Reviewer, act_id: int) -> dict[str, Any]:
    """The act with a result per case; ``done``: how many were tried, ``succeeded``: how many of these were done."""
    act = bulk.own(session, reviewer, act_id)
    columns = (BulkLine.number, BulkLine.outcome)
    query = select(*columns).where(BulkLine.act_id == act.id).order_by(BulkLine.position)
    items = [
        {"number": number, "outcome": outcome, "title": bulk_checks.title(outcome)}
        for number, outcome in session.execute(query)
    ]
    return _card(act) | {
        "done": sum(item["outcome"] is not None for item in items),
        "succeeded": sum(item["outcome"] == DONE for item in items),
        "items": items,
    }


def dry(kind: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    """A dry run in the shape of an act: ``succeeded`` is how many could be done."""
    return {
        "id": None,
        "decision": kind,
        "status": "dry_run",
        "status_label": STATES["dry_run"],
        "allowed_actions": [],
        "total": len(items),
        "done": 0,
        "succeeded": sum(item["outcome"] == READY for item in items),
        "begun_at": None,
        "items": items,
    }


def last(session: Session, *, reviewer: Reviewer) -> list[dict[str, Any]]:
    """The clerk's newest acts, without their lines."""
    query = select(BulkAct).where(BulkAct.staff_id == reviewer.id).order_by(BulkAct.id.desc()).limit(SHOWN)
    return [_card(act) for act in session.scalars(query)]


def _card(act: BulkAct) -> dict[str, Any]:
    now = state(act)
    return {
        "id": ids.encode(act.id),
        "decision": act.kind,
        "status": now,
        "status_label": STATES[now],
        "allowed_actions": ["stop"] if now == "running" else [],
        "total": act.total,
        "begun_at": views.iso(act.begun_at),
    }
