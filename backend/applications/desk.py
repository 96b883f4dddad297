"""One case at the desk: everything a clerk needs to decide it, its audit, and the deadlines an office was told of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import (
    claims,
    conversation,
    deadlines,
    hands,
    notice_desk,
    policy,
    queries,
    queue,
    records,
    routing,
    takeover,
    views,
)
from backend.applications.policy import Reviewer
from backend.documents import queries as documents
from backend.kernel import ids
from backend.kernel.clock import today
from backend.kernel.crypto import Vault, place
from backend.kernel.workdays import Calendar
from backend.lifecycles.application import REVIEWABLE
from backend.models.application import Application, StaffNotice
from backend.models.audit import AuditEntry
from backend.notifications import reaching


def case(
    session: Session, vault: Vault, *, calendar: Calendar, reviewer: Reviewer, number: str, now: datetime
) -> dict[str, Any]:
    """Everything a clerk needs to decide; identity in full only while the clerk holds the case (purpose-bound)."""
    row = claims.in_jurisdiction(session, reviewer, number, lock=False)
    hands.check_parties(session, reviewer, row)
    whole = records.whole(session, vault, row)
    cards = documents.of(session, whole.seal, owner_kind="application", owner_id=row.id, with_removed=True)
    answers = whole.answers()
    offices = routing.offices(session, row)
    line = queue.line(session, reviewer, row, queue.holders(session, [row], now), now)
    hands.mark(session, reviewer, [row], [line])
    colleagues = takeover.offer(session, reviewer, row, now)
    shown = line | {
        "allowed_actions": line["allowed_actions"] + (["takeover"] if colleagues is not None else []),
        "colleagues": colleagues or [],
        "id": ids.encode(row.id),
        "service_item_version": row.service_item_version,
        "answers": views.written(whole.definition, answers, queries.places(session, answers)),
        "holder": _holder(whole, held=claims.holds(reviewer, row, now)),
        "materials": [views.material(card, whole.definition) for card in cards if card.removed_at is None],
        "earlier_materials": [views.material(card, whole.definition) for card in cards if card.removed_at is not None],
        "timeline": views.timeline(whole.seal, queries.history(session, row.id), staff=True),
        "steps": views.steps(
            row, whole.definition.levels, offices, certificate=whole.definition.certificate is not None
        ),
        "mandate": queries.mandate(session, whole),
        "cosignature": queries.cosignature(session, whole),
        **conversation.at_desk(session, whole, reviewer=reviewer),
        "legal_due_on": views.iso(row.legal_due_on),
        "projected": deadlines.projected(row, calendar, now),
        "fence": row.fence if claims.holds(reviewer, row, now) else None,
        "targets": _targets(whole),
        "ways": _ways(whole, offices),
        "visits": whole.definition.visit_minutes is not None,
        "unreachable": _unreachable(session, row),
    }
    return notice_desk.told(session, reviewer, whole, shown)


def _unreachable(session: Session, row: Application) -> dict[str, Any] | None:
    """Since when nothing about the case has reached its applicant from outside."""
    since = reaching.unreachable_since(session, application_id=row.id)
    return {"since": since.isoformat()} if since else None


def _holder(whole: records.Case, *, held: bool) -> dict[str, Any]:
    """Masked for everyone in the jurisdiction; in full for the clerk whose turn it is."""
    row = whole.row
    full: dict[str, Any] = records.open_json(whole.seal, row.holder or "{}", place("application", "holder", row.id))
    if held:
        return full | {"masked": False}
    return views.masked_holder(full) | {"masked": True}


def _ways(whole: records.Case, offices: dict[str, policy.Office]) -> dict[str, Any] | None:
    """Where a decision sends the case: the office above and below (``None``: final, nothing below)."""
    row, levels = whole.row, whole.definition.levels
    if row.status not in REVIEWABLE or row.level not in levels:
        return None
    above = routing.after_approval(row, levels, offices)
    below = policy.turn_below(levels, row.level, offices)
    return {
        "approve": above.office.name if above else None,
        "return": below.office.name if below else None,
        "certificate": whole.definition.certificate is not None,
    }


def _targets(whole: records.Case) -> list[dict[str, Any]]:
    """What a correction may name."""
    fields = [{"target": field.name, "label": field.label} for field in whole.definition.form]
    return fields + [{"target": material.code, "label": material.label} for material in whole.definition.materials]


def audit(session: Session, *, reviewer: Reviewer, number: str) -> list[dict[str, Any]]:
    """The audit chain of a case, oldest first: when, which post, what."""
    row = claims.in_jurisdiction(session, reviewer, number, lock=False)
    query = (
        select(AuditEntry)
        .where(AuditEntry.subject_kind == "application", AuditEntry.subject_id == row.id)
        .order_by(AuditEntry.sequence)
    )
    return [
        {
            "at": views.iso(entry.at),
            "actor": entry.actor_kind,
            "post": entry.post or None,
            "act": entry.act,
            "sequence": entry.sequence,
            "hash": entry.hash,
        }
        for entry in session.scalars(query)
    ]


def notices(session: Session, *, reviewer: Reviewer, now: datetime) -> list[dict[str, Any]]:
    """Deadlines this office was told about in the last week as far as they still stand: once each, newest first."""
    query = (
        select(StaffNotice)
        .join(Application, Application.id == StaffNotice.application_id)
        .where(
            StaffNotice.region == reviewer.region,
            StaffNotice.at > now - timedelta(days=7),
            StaffNotice.due_on == Application.due_on,
            Application.status.in_(REVIEWABLE),
        )
        .order_by(StaffNotice.id.desc())
        .limit(60)
    )
    newest: dict[str, StaffNotice] = {}
    for row in session.scalars(query):
        newest.setdefault(row.number, row)
    return [
        {
            "kind": row.kind,
            "number": row.number,
            "due_on": views.iso(row.due_on),
            "days": (row.due_on - today(now)).days,
        }
        for row in list(newest.values())[:20]
    ]
