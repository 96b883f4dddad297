"""Reply templates 常用语: words an office keeps for a decision, for the offices below it too."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from backend.applications.corrections import Defect
from backend.applications.policy import Reviewer
from backend.catalogue import queries as catalogue
from backend.kernel import ids
from backend.kernel.errors import Conflict, Invalid, NotFound, Stale
from backend.kernel.i18n import N_
from backend.models.desk import ReplyTemplate

DECISIONS = ("approve", "reject", "return", "request_correction", "question")
#: So many an office keeps at most: a longer list helps nobody to choose.
MOST = 100


@dataclass(frozen=True, slots=True)
class Content:
    """``service_item``: for this item only; ``items``: what to mend, of a correction of one item."""

    decision: str
    title: str
    note: str
    service_item: str | None = None
    items: tuple[Defect, ...] = ()


def missing() -> NotFound:
    """For one that is not there, and for one of another office: the two look alike."""
    return NotFound("not_found", N_("没有找到这条常用语，可能已经删掉了"))


def usable(
    session: Session, *, reviewer: Reviewer, decision: str | None = None, service_item: str | None = None
) -> list[dict[str, Any]]:
    """The templates of this office and those above it, own ones first, then by decision and title."""
    offices = list(catalogue.ancestors(reviewer.region))
    query = select(ReplyTemplate).where(ReplyTemplate.region.in_(offices), ReplyTemplate.retired_at.is_(None))
    if decision:
        query = query.where(ReplyTemplate.decision == decision)
    if service_item:
        query = query.where(or_(ReplyTemplate.service_item == service_item, ReplyTemplate.service_item.is_(None)))
    rows = session.scalars(query.order_by(ReplyTemplate.region, ReplyTemplate.id).limit(MOST * len(offices)))
    found = [card(reviewer, row) for row in rows]
    return sorted(found, key=lambda one: (not one["own"], DECISIONS.index(one["decision"]), one["title"]))


def card(reviewer: Reviewer, row: ReplyTemplate) -> dict[str, Any]:
    """One template as a clerk sees it."""
    own = row.region == reviewer.region
    return {
        "id": ids.encode(row.id),
        "version": row.version,
        "decision": row.decision,
        "service_item": row.service_item,
        "title": row.title,
        "note": row.content["note"],
        "items": row.content["items"],
        "region": row.region,
        "own": own,
        "allowed_actions": ["edit", "delete"] if own else [],
    }


def one(session: Session, *, reviewer: Reviewer, template_id: int) -> dict[str, Any]:
    """A template this clerk may use; ``NotFound`` for any other."""
    return card(reviewer, _usable(session, reviewer, template_id))


def content(session: Session, *, reviewer: Reviewer, template_id: int) -> Content:
    """What a template says, to be put into a decision."""
    row = _usable(session, reviewer, template_id)
    items = tuple(Defect(**item) for item in row.content["items"])
    return Content(row.decision, row.title, row.content["note"], row.service_item, items)


def create(session: Session, *, reviewer: Reviewer, content: Content, now: datetime) -> int:
    """Keep a new one for the clerk's own office; its id. ``Conflict`` ``too_many_templates``."""
    _check(session, content)
    kept = (ReplyTemplate.region == reviewer.region, ReplyTemplate.retired_at.is_(None))
    some = select(ReplyTemplate.id).where(*kept).limit(MOST).subquery()
    if (session.scalar(select(func.count()).select_from(some)) or 0) >= MOST:
        raise Conflict("too_many_templates", N_("已经有 %(most)d 条常用语，请先删掉不用的", most=MOST))
    row = ReplyTemplate(id=ids.new_id(now), region=reviewer.region, updated_at=now, **_values(content))
    session.add(row)
    return row.id


def change(
    session: Session,
    *,
    reviewer: Reviewer,
    template_id: int,
    content: Content,
    expected_version: int | None,
    now: datetime,
) -> int:
    """Replace one of the office's own. ``Stale`` when a colleague changed it meanwhile."""
    row = _own(session, reviewer, template_id)
    if expected_version is not None and expected_version != row.version:
        raise Stale("stale", N_("同事刚改过这条常用语，请刷新后再改"), extra={"version": row.version})
    _check(session, content)
    for name, value in _values(content).items():
        setattr(row, name, value)
    row.updated_at = now
    return row.id


def retire(session: Session, *, reviewer: Reviewer, template_id: int, now: datetime) -> int:
    """Take one of the office's own out of use."""
    row = _own(session, reviewer, template_id)
    row.retired_at = row.updated_at = now
    return row.id


def _values(content: Content) -> dict[str, Any]:
    return {
        "decision": content.decision,
        "service_item": content.service_item,
        "title": content.title,
        "content": {"note": content.note, "items": [asdict(item) for item in content.items]},
    }


def _check(session: Session, content: Content) -> None:
    if content.items and (content.decision != "request_correction" or content.service_item is None):
        words = N_("要补正的地方只能写在某一个事项的“要求补正”里")
        raise Invalid("items_without_form", words, errors={"items": [words]})
    if content.service_item is None:
        return
    try:
        definition = catalogue.definition(session, content.service_item)
    except NotFound as unknown:
        raise Invalid(unknown.code, unknown.title, errors={"service_item": [unknown.title]}) from unknown
    if any(item.target not in definition.targets for item in content.items):
        words = N_("要补正的项目不在表里")
        raise Invalid("unknown_target", words, errors={"items": [words]})


def _usable(session: Session, reviewer: Reviewer, template_id: int) -> ReplyTemplate:
    row = session.get(ReplyTemplate, template_id)
    if row is None or row.retired_at is not None or row.region not in catalogue.ancestors(reviewer.region):
        raise missing()
    return row


def _own(session: Session, reviewer: Reviewer, template_id: int) -> ReplyTemplate:
    row = _usable(session, reviewer, template_id)
    if row.region != reviewer.region:
        raise missing()
    return row
