"""The consents an office is asked for: second corrections that were proposed at the level below."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import correction_views, policy, views
from backend.applications.policy import Reviewer
from backend.applications.queries import Page
from backend.catalogue import queries as catalogue
from backend.kernel import cursors
from backend.models.application import Application, Correction


def wanted(session: Session, *, reviewer: Reviewer, limit: int, cursor: str | None) -> Page:
    """Proposals that wait for the consent of my office, oldest first: masked, without the words."""
    column = getattr(Application, reviewer.level)
    query = (
        select(Correction, Application)
        .join(Application, Application.id == Correction.application_id)
        .where(
            Correction.waits_for == reviewer.level,
            Correction.closed_at.is_(None),
            Correction.opened_by != reviewer.id,
            column == reviewer.region,
        )
    )
    after = cursors.read(cursor)
    if after:
        query = query.where(Correction.id > after[1])  # ids are made in the order of time
    found = session.execute(query.order_by(Correction.id).limit(limit + 1)).all()
    items = [_line(session, notice, row) for notice, row in found[:limit]]
    last = found[limit - 1][0] if len(found) > limit else None
    return Page(items, cursors.make(last.opened_at, last.id) if last else None)


def _line(session: Session, notice: Correction, row: Application) -> dict[str, Any]:
    definition = catalogue.definition(session, row.service_item, row.service_item_version)
    return {
        "number": row.number,
        "service_item": row.service_item,
        "service_name": definition.name,
        "holder_masked": row.holder_masked,
        "ordinal": notice.ordinal or 1,
        "reason_code": notice.reason_code,
        "reason_label": policy.SECOND_REASONS.get(notice.reason_code or ""),
        "proposed_at": views.iso(notice.opened_at),
        "due_on": views.iso(row.due_on),
        "status": correction_views.PROPOSED,
        "status_label": correction_views.LABELS[correction_views.PROPOSED],
        "allowed_actions": ["consent", "refuse"],
    }
