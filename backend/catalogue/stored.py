"""What every visitor reads, kept in each process: guides as bytes, and the list of items with its search text.

A process looks for a newer publication every two seconds; in between a guide costs no statement at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.catalogue import queries
from backend.catalogue.definition import ItemDefinition
from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_
from backend.models.catalogue import ServiceItem, ServiceItemVersion

FRESH_SECONDS = 2.0

Reading = Callable[[], AbstractContextManager[Session]]


@dataclass(slots=True)
class Guide:
    """One current guide as UTF-8 JSON in Chinese and in English."""

    version: int
    content: bytes
    content_en: bytes


@dataclass(slots=True)
class Shelf:
    """The current publication of one database as this process knows it."""

    looked_at: float = float("-inf")
    #: Content hash by code, to see whether anything was published since.
    seen: dict[str, str] = field(default_factory=dict)
    guides: dict[str, Guide] = field(default_factory=dict)
    items: list[ItemDefinition] = field(default_factory=list)


_SHELVES: WeakKeyDictionary[object, Shelf] = WeakKeyDictionary()


def guide(owner: object, reading: Reading, code: str) -> Guide:
    """The current guide of an item; ``NotFound``. ``owner`` is the database that ``reading`` reads from."""
    shelf = _current(owner, reading)
    if code not in shelf.guides:
        raise NotFound("unknown_service_item", N_("没有找到这个事项，请回到办事列表再选"))
    return shelf.guides[code]


def items(owner: object, reading: Reading) -> list[ItemDefinition]:
    """Every current item in the order of lists."""
    return _current(owner, reading).items


def fresh(owner: object) -> object | None:
    """What stands for the publication this process looked at within the last two seconds; ``None`` when it must
    look again. The same object means the same guides."""
    shelf = _SHELVES.get(owner)
    return shelf if shelf and time.monotonic() - shelf.looked_at < FRESH_SECONDS else None


def look_again() -> None:
    """Let every shelf of this process look for a newer publication at its next use."""
    for shelf in list(_SHELVES.values()):
        shelf.looked_at = float("-inf")


def _current(owner: object, reading: Reading) -> Shelf:
    shelf = _SHELVES.setdefault(owner, Shelf())
    if time.monotonic() - shelf.looked_at < FRESH_SECONDS:
        return shelf
    with reading() as session:
        rows = session.execute(
            select(ServiceItem.code, ServiceItem.version, ServiceItem.content_hash).order_by(
                ServiceItem.position, ServiceItem.code
            )
        ).all()
        seen = {code: digest for code, _, digest in rows}
        if seen != shelf.seen:
            shelf = _SHELVES[owner] = _read(session, {code: version for code, version, _ in rows}, seen)
    shelf.looked_at = time.monotonic()
    return shelf


def _read(session: Session, versions: dict[str, int], seen: dict[str, str]) -> Shelf:
    """The whole publication anew; the old shelf stays whole for the threads that still hold it."""
    rows = session.execute(
        select(
            ServiceItemVersion.code, ServiceItemVersion.version, ServiceItemVersion.guide, ServiceItemVersion.guide_en
        ).join(
            ServiceItem,
            (ServiceItem.code == ServiceItemVersion.code) & (ServiceItem.version == ServiceItemVersion.version),
        )
    )
    guides = {code: Guide(version, zh.encode(), en.encode()) for code, version, zh, en in rows}
    found = [queries.definition(session, code, version) for code, version in versions.items()]
    return Shelf(seen=seen, guides=guides, items=found)
