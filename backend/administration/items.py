"""Service items 事项: a file is checked, compared with what is published, published, and taken back; all as data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.administration.calendars import changed_meanwhile
from backend.administration.policy import Administrator, check_whole
from backend.catalogue import files, queries, service, writing
from backend.catalogue.changes import Change, changes as differences
from backend.catalogue.definition import ItemDefinition
from backend.events import journal
from backend.kernel.errors import Conflict, Invalid, NotFound
from backend.kernel.i18n import N_, Text
from backend.models.catalogue import ServiceItem, ServiceItemVersion

#: Parts of a definition in the order of their weight for cases, with what begins their paths.
PARTS = ("fields", "materials", "eligibility", "deadline", "workflow", "notice", "certificate", "benefit")
MOST_FAULTS = 100


@dataclass(frozen=True, slots=True)
class Difference:
    """What publishing would do to one item; ``current`` is 0 for one that is new."""

    code: str
    name: str
    current: int
    changes: list[Change]

    def parts(self) -> dict[str, list[Change]]:
        """The changes by part: fields, materials, …, and ``other`` for the guide and the rest."""
        found: dict[str, list[Change]] = {}
        for change in self.changes:
            head = change.path.partition(".")[0]
            found.setdefault(head if head in PARTS else "other", []).append(change)
        return {part: found[part] for part in (*PARTS, "other") if part in found}


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One published version; ``current``: people apply with it now."""

    version: int
    published_at: datetime
    current: bool


def read(content: bytes | str, *, purposes: Iterable[str], now: datetime) -> tuple[ItemDefinition, str]:
    """The definition in a file and its text; ``Invalid`` invalid_definition with every fault and its line."""
    try:
        text = files.decoded(content if isinstance(content, bytes) else content.encode(), name="")
        return files.read(text, name="", purposes=frozenset(purposes), now=now), text
    except files.RefusedError as refused:
        raise _refused(refused) from refused


def difference(session: Session, definition: ItemDefinition) -> Difference:
    """What is new against the published version."""
    try:
        before = queries.definition(session, definition.code)
    except NotFound:
        return Difference(definition.code, definition.name, 0, [])
    found = list(differences(before.source, definition.source))
    return Difference(definition.code, definition.name, before.version, found)


def publish(
    session: Session,
    *,
    admin: Administrator,
    definition: ItemDefinition,
    text: str,
    base: int,
    phone: str,
    now: datetime,
    act: str = "item.publish",
) -> int:
    """Make it the current version; its number. ``base``: the version it was compared with (0: none).

    ``Conflict`` changed_meanwhile when another was published since, not_changed when it says the same.
    """
    check_whole(admin)
    current = session.scalar(select(ServiceItem.version).where(ServiceItem.code == definition.code)) or 0
    if current != base:
        raise changed_meanwhile()
    (done,) = service.publish(session, definitions=[definition], phone=phone, now=now, texts={definition.code: text})
    if not done.changed:
        raise Conflict("not_changed", N_("和现在的版本一样，没有要发布的"))
    journal.write(
        session,
        actor=admin.actor,
        act=act,
        subject=f"{definition.code} {done.version}",
        changes={"version": (current or None, done.version)},
        now=now,
    )
    return done.version


def source(session: Session, code: str, version: int) -> str:
    """The file of a version: its own text, or written anew from its content; ``NotFound``."""
    known = (ServiceItemVersion.code == code, ServiceItemVersion.version == version)
    row = session.execute(select(ServiceItemVersion.source_text, ServiceItemVersion.definition).where(*known)).first()
    if row is None:
        raise NotFound("unknown_version", N_("没有这个版本"))
    return row[0] or writing.written(row[1])


def versions(session: Session, code: str) -> list[VersionLine]:
    """Every version of an item, the newest first; ``NotFound``."""
    current = session.scalar(select(ServiceItem.version).where(ServiceItem.code == code))
    if current is None:
        raise NotFound("unknown_service_item", N_("没有这个事项"))
    rows = session.execute(
        select(ServiceItemVersion.version, ServiceItemVersion.published_at)
        .where(ServiceItemVersion.code == code)
        .order_by(ServiceItemVersion.version.desc())
    )
    return [VersionLine(version, at, version == current) for version, at in rows]


def published(session: Session) -> list[ItemDefinition]:
    """The current version of every item, in the order of lists."""
    rows = session.execute(
        select(ServiceItem.code, ServiceItem.version).order_by(ServiceItem.position, ServiceItem.code)
    )
    return [queries.definition(session, code, version) for code, version in rows.all()]


def _refused(refused: files.RefusedError) -> Invalid:
    faults: list[dict[str, Any]] = [
        {"line": one.line, "message": one.message} for one in refused.complaints[:MOST_FAULTS]
    ]
    errors = {"text": [_told(one) for one in faults]}
    title = N_("文件里有 %(n)s 处要改，改好再传一次", n=len(refused.complaints))
    return Invalid("invalid_definition", title, errors=errors, extra={"faults": faults})


def _told(fault: dict[str, Any]) -> Text:
    return N_("第 %(line)s 行：%(message)s", line=fault["line"], message=fault["message"])
