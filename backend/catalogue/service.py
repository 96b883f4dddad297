"""Publishing service items: all or none, a new version only where the content changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.catalogue import queries, representation, stored
from backend.catalogue.definition import ItemDefinition
from backend.kernel.errors import Collision
from backend.models.catalogue import ServiceItem, ServiceItemVersion


@dataclass(frozen=True, slots=True)
class Published:
    """What became of one item; ``changed`` is false when its content was current already."""

    code: str
    version: int
    changed: bool


def publish(
    session: Session,
    *,
    definitions: Sequence[ItemDefinition],
    phone: str,
    now: datetime,
    texts: Mapping[str, str] | None = None,
) -> list[Published]:
    """Make checked definitions (``files.load``) the current versions. ``phone``: the county's own number.

    Cases keep the version they began with; items that are not named stay as they are. ``texts``: the files
    they were read from, by code, to be kept with their comments.
    """
    outcome = [_publish(session, one, phone, now, (texts or {}).get(one.code)) for one in definitions]
    queries.forget()
    stored.look_again()
    return outcome


def content_hash(definition: ItemDefinition, phone: str) -> str:
    """SHA-256 (hex) of everything a reader of the item can see."""
    content = {"definition": definition.source, "phone": phone}
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _publish(session: Session, definition: ItemDefinition, phone: str, now: datetime, text: str | None) -> Published:
    digest = content_hash(definition, phone)
    current = session.scalar(select(ServiceItem).where(ServiceItem.code == definition.code))
    if current and current.content_hash == digest:
        return Published(definition.code, current.version, changed=False)
    version = current.version + 1 if current else 1
    _make_current(session, definition, current.version if current else None, version, digest)
    session.add(
        ServiceItemVersion(
            code=definition.code,
            version=version,
            content_hash=digest,
            definition=dict(definition.source),
            guide=representation.guide(definition, version=version, phone=phone, english=False),
            guide_en=representation.guide(definition, version=version, phone=phone, english=True),
            source_text=text,
            published_at=now,
        )
    )
    session.flush()
    return Published(definition.code, version, changed=True)


def _make_current(session: Session, definition: ItemDefinition, known: int | None, version: int, digest: str) -> None:
    """Take the version number; of two publishers at once the second one begins again."""
    if known is None:
        try:
            with session.begin_nested():
                row = ServiceItem(
                    code=definition.code, version=version, content_hash=digest, position=definition.position
                )
                session.add(row)
        except IntegrityError as race:
            raise Collision(definition.code) from race
        return
    moved: Any = session.execute(
        update(ServiceItem)
        .where(ServiceItem.code == definition.code, ServiceItem.version == known)
        .values(version=version, content_hash=digest, position=definition.position)
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:
        raise Collision(definition.code)
