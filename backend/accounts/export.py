"""A copy of everything kept about a person: asked for, made by a worker, kept for 7 days."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.accounts import consents, queries, wechat
from backend.accounts.policy import EXPORT_LIFE
from backend.events import outbox
from backend.kernel import ids
from backend.kernel.crypto import Vault, place
from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_, Text
from backend.models.resident import Resident, ResidentExport

TOPIC = "export"
#: What one domain keeps about a resident (session, vault, resident id), as values that JSON can hold.
Collector = Callable[[Session, Vault, int], Any]
LABELS: dict[str, Text] = {
    "preparing": N_("正在准备，一般几分钟就好"),
    "ready": N_("可以下载"),
    "expired": N_("已过期，请重新申请"),
}


@dataclass(frozen=True, slots=True)
class ExportCard:
    """``state``: preparing, ready, expired; ``content`` by domain when ready."""

    id: int
    state: str
    requested_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
    content: dict[str, Any] | None


def request(session: Session, *, resident_id: int, now: datetime) -> int:
    """Ask for a copy; while one is being prepared it is that one. The id of the export."""
    queries.resident_row(session, resident_id)
    waiting = session.scalars(
        select(ResidentExport.id)
        .where(ResidentExport.resident_id == resident_id, ResidentExport.ready_at.is_(None))
        .order_by(ResidentExport.id.desc())
        .limit(1)
    ).one_or_none()
    if waiting is not None:
        return waiting
    export_id = ids.new_id(now)
    session.add(ResidentExport(id=export_id, resident_id=resident_id, requested_at=now))
    outbox.add(session, topic=TOPIC, subject_id=export_id, dedupe_key=f"{TOPIC}:{export_id}", now=now)
    return export_id


def build(
    session: Session, vault: Vault, *, export_id: int, collectors: Mapping[str, Collector], now: datetime
) -> None:
    """Fill an export with the account and what each collector gives; nothing when it is done or erased."""
    row = session.get(ResidentExport, export_id)
    if row is None or row.ready_at is not None:
        return
    resident = session.get(Resident, row.resident_id)
    if resident is None or not resident.key:
        return
    content = {"account": account(session, vault, resident.id)}
    content |= {name: collect(session, vault, resident.id) for name, collect in collectors.items()}
    seal = vault.person(resident.key, resident.id)
    text = json.dumps(content, ensure_ascii=False, default=_plain)
    row.content = seal.seal_text(text, place("resident_export", "content", row.id))
    row.ready_at, row.expires_at = now, now + EXPORT_LIFE


def read(session: Session, vault: Vault, *, resident_id: int, export_id: int, now: datetime) -> ExportCard:
    """One's own export; ``NotFound`` for another's."""
    row = session.get(ResidentExport, export_id)
    if row is None or row.resident_id != resident_id:
        raise NotFound("not_found", N_("没有找到这份数据副本"))
    state = _state(row, now)
    content = None
    if state == "ready" and row.content is not None:
        seal = queries.seal_of(session, vault, resident_id)
        content = json.loads(seal.open_text(row.content, place("resident_export", "content", row.id)))
    return ExportCard(row.id, state, row.requested_at, row.ready_at, row.expires_at, content)


def purge(session: Session, *, now: datetime, most: int = 200) -> int:
    """Empty the exports whose time is over, at most ``most``; how many."""
    old = session.scalars(
        select(ResidentExport.id)
        .where(ResidentExport.expires_at <= now, ResidentExport.content.is_not(None))
        .limit(most)
    ).all()
    session.execute(update(ResidentExport).where(ResidentExport.id.in_(old)).values(content=None))
    return len(old)


def account(session: Session, vault: Vault, resident_id: int) -> dict[str, Any]:
    """The account itself: values, settings and every consent."""
    row = queries.resident_row(session, resident_id)
    person = queries.person(session, vault, resident_id)
    given, bound = consents.history(session, resident_id), wechat.bound(session, resident_id=resident_id)
    return {
        "mobile": person.mobile,
        "name": person.name,
        "id_type": person.id_type,
        "id_number": person.id_number,
        "identity_at": row.identity_at,
        "language": row.language,
        "care_mode": row.care_mode,
        "has_partner": row.partner_id is not None,
        "wechat_bound_at": bound.bound_at if bound else None,
        "created_at": row.created_at,
        "consents": [{"purpose": c.purpose, "text_version": c.text_version, "act": c.act, "at": c.at} for c in given],
    }


def _state(row: ResidentExport, now: datetime) -> str:
    if row.ready_at is None or row.expires_at is None:
        return "preparing"
    return "ready" if row.expires_at > now and row.content is not None else "expired"


def _plain(value: object) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    raise TypeError(type(value).__name__)
