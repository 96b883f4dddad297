"""What everybody may read of notices 公示 without a login: the list of a place, one of them, how an objection fares."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.accounts import queries as accounts
from backend.applications import notice_policy as rules, notices
from backend.applications.objections import code_index
from backend.applications.queries import Page
from backend.catalogue import queries as catalogue
from backend.kernel import cursors, ids
from backend.kernel.clock import today
from backend.kernel.crypto import Unreadable, Vault, place
from backend.kernel.errors import Gone, NotFound
from backend.kernel.i18n import N_, Text
from backend.models.application import Application
from backend.models.notice import Objection, PublicNotice
from backend.models.region import Region

WAITING, DISMISSED, UPHELD, MOOT = "waiting", "dismissed", "upheld", "moot"
OUTCOMES: dict[str, Text] = {
    WAITING: N_("正在核实，还没有答复"),
    DISMISSED: N_("核实过了，异议不成立"),
    UPHELD: N_("异议成立，申请退回重新审核"),
    MOOT: N_("申请人已经撤回申请，不再核实"),
}


def page(session: Session, *, region: str, limit: int, cursor: str | None, now: datetime) -> Page:
    """Notices of a county, town or village (12 digits) that can be read now, by their last day; keyset."""
    catalogue.check_region(session, region)
    query = in_order(select(PublicNotice), catalogue.level_of(region)).where(*_in(region), *_open(now))
    after = cursors.read(cursor)
    if after:
        last, row_id = after[0].date(), after[1]
        later = and_(PublicNotice.closes_on == last, PublicNotice.id > row_id)
        query = query.where(PublicNotice.closes_on >= last, or_(PublicNotice.closes_on > last, later))
    rows = list(session.scalars(query.order_by(PublicNotice.closes_on, PublicNotice.id).limit(limit + 1)))
    shown = rows[:limit]
    items = [item for item in _told(session, shown, now) if not _is_village(region) or item["village"]]
    last_row = shown[-1] if len(rows) > limit else None
    return Page(items, _cursor(last_row) if last_row else None)


def one(session: Session, *, notice_id: int, now: datetime) -> dict[str, Any]:
    """One notice; ``NotFound`` before its first day, ``Gone`` (410) after its last."""
    row = session.get(PublicNotice, notice_id)
    if row is None or (row.opens_on > today(now) and row.ended_at is None):
        raise NotFound("not_found", N_("没有找到这个公示，请从公示列表进"))
    if row.ended_at is not None or row.shown is None or not rules.readable(row.opens_on, row.closes_on, now):
        raise Gone("notice_ended", N_("公示已经结束，内容不再公开"))
    return _told(session, [row], now)[0]


def places(session: Session, *, county: str, now: datetime) -> list[tuple[str, str, bool]]:
    """The towns of a county (12 digits): code, name, and whether there is anything to read now."""
    standing = select(PublicNotice.id).where(PublicNotice.town == Region.code, *_open(now)).correlate(Region).exists()
    query = select(Region.code, Region.name, standing).where(Region.parent == county).order_by(Region.code)
    return [(code, name, bool(found)) for code, name, found in session.execute(query)]


def in_order(query: Any, level: str) -> Any:
    """Name the index that has a place's notices by their last day: left alone, MariaDB walks all counties' at once."""
    hint = f"FORCE INDEX (ix_public_notice_{level})"
    return query.with_hint(PublicNotice, hint, "mysql").with_hint(PublicNotice, hint, "mariadb")


def _in(region: str) -> list[ColumnElement[bool]]:
    """Of a village only what names it: the list itself would give away where somebody lives."""
    column: InstrumentedAttribute[str] = getattr(PublicNotice, catalogue.level_of(region))
    named = [PublicNotice.names_village.is_(True)] if _is_village(region) else []
    return [column == region, *named]


def _is_village(region: str) -> bool:
    return catalogue.level_of(region) == "village"


def _open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Conditions of what can be read today."""
    day = today(now)
    return (
        PublicNotice.ended_at.is_(None),
        PublicNotice.closes_on >= day,
        PublicNotice.opens_on <= day,
        PublicNotice.shown.is_not(None),
    )


def _cursor(row: PublicNotice) -> str:
    return cursors.make(datetime.combine(row.closes_on, time(), UTC), row.id)


def _told(session: Session, rows: Sequence[PublicNotice], now: datetime) -> list[dict[str, Any]]:
    """Rows as they may be read: by number only where fewer people than the item asks for are announced."""
    names = catalogue.region_names(session, sorted({row.town or row.county for row in rows}))
    few = _few(session, rows, now)
    return [_said(row, names.get(row.town or row.county, ""), alone=row.id in few) for row in rows]


def _said(row: PublicNotice, town: str, *, alone: bool) -> dict[str, Any]:
    shown = rules.by_number_only(row.shown or {}) if alone else dict(row.shown or {})
    return {
        "id": ids.encode(row.id),
        "number": row.number,
        "title": shown.pop("title", ""),
        "title_en": shown.pop("title_en", ""),
        "town": town,
        "region": row.town or row.county,
        "village": shown.pop("village", None),
        "holder_masked": shown.pop("holder", None),
        "amount": shown.pop("amount", None),
        "lines": shown.pop("lines", []),
        "opens_on": row.opens_on.isoformat(),
        "closes_on": row.closes_on.isoformat(),
        "extended_days": row.extended_days,
        "status": "open",
        "status_label": N_("公示中"),
        "allowed_actions": ["object"],
    }


def _few(session: Session, rows: Sequence[PublicNotice], now: datetime) -> set[int]:
    """Ids of notices in a village with too few people of the same item; counted when read, people and not notices."""
    asked = {(row.village, row.service_item): least for row in rows if (least := _least(session, row)) > 1}
    if not asked:
        return set()
    counts = [_people(village, item, least, now) for (village, item), least in asked.items()]
    counted = {(village, item): count for village, item, count in session.execute(union_all(*counts))}
    short = {place for place, least in asked.items() if counted[place] < least}
    return {row.id for row in rows if (row.village, row.service_item) in short}


def _people(village: str, item: str, least: int, now: datetime) -> Any:
    """How many are announced there, counted to ``least`` and no further."""
    some = (
        select(Application.holder_id_index)
        .join(PublicNotice, PublicNotice.application_id == Application.id)
        .where(PublicNotice.village == village, PublicNotice.service_item == item, *_open(now))
        .distinct()
        .limit(least)
        .subquery()
    )
    return select(literal(village), literal(item), func.count(some.c.holder_id_index))


def _least(session: Session, row: PublicNotice) -> int:
    rule = catalogue.definition(session, row.service_item, row.service_item_version).notice
    return rule.min_people if rule else 0


def progress(session: Session, vault: Vault, *, code: str) -> dict[str, Any]:
    """How an objection fares, by its code; the same ``NotFound`` for any other code."""
    row = session.scalar(select(Objection).where(Objection.code_index == code_index(vault, code)))
    notice = session.get(PublicNotice, row.notice_id) if row is not None else None
    if row is None or notice is None:
        raise NotFound("not_found", N_("没有查到。请对照当时给您的查询码再看一遍"))
    status = _outcome(row, notice)
    return {
        "notice_number": notice.number,
        "made_on": row.made_on.isoformat(),
        "status": status,
        "status_label": OUTCOMES[status],
        "answer": _answer(session, vault, row),
        "answered_on": today(row.answered_at).isoformat() if row.answered_at else None,
        "post": row.post or None,
        "allowed_actions": [],
    }


def _outcome(row: Objection, notice: PublicNotice) -> str:
    if row.answered_at is not None:
        return UPHELD if row.upheld else DISMISSED
    return MOOT if notice.ended_as == notices.WITHDRAWN else WAITING


def _answer(session: Session, vault: Vault, row: Objection) -> str | None:
    """The words of the office; gone with the key of the person whom the case was about."""
    if row.answer is None:
        return None
    owner = session.scalar(select(Application.resident_id).where(Application.id == row.application_id))
    try:
        return accounts.seal_of(session, vault, owner or 0).open_text(row.answer, place("objection", "answer", row.id))
    except Unreadable:
        return None
