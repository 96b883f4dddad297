"""What a case says about its newest notice 公示: from when to when, how it ended, how many objected."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import records
from backend.catalogue.definition import ItemDefinition
from backend.kernel import ids
from backend.kernel.i18n import N_
from backend.lifecycles.application import ApplicationStatus as S
from backend.models.notice import Objection, PublicNotice


def of_case(session: Session, application_id: int) -> dict[str, Any] | None:
    """The newest notice of a case for whoever it is about: from when to when, and how many objected."""
    query = select(PublicNotice).where(PublicNotice.application_id == application_id).order_by(PublicNotice.id.desc())
    row = session.scalar(query.limit(1))
    if row is None:
        return None
    made = list(session.scalars(select(Objection).where(Objection.notice_id == row.id).order_by(Objection.id)))
    return {
        "id": ids.encode(row.id),
        "number": row.number,
        "level": row.level,
        "opens_on": row.opens_on.isoformat(),
        "closes_on": row.closes_on.isoformat(),
        "extended_days": row.extended_days,
        "ended_as": row.ended_as,
        "objections": len(made),
        "open_objections": sum(one.answered_at is None for one in made),
    }


def announces(definition: ItemDefinition) -> bool:
    """Whether cases of this item are announced at all."""
    return any(step.notice_days for step in definition.workflow)


def told(session: Session, whole: records.Case, case: dict[str, Any]) -> dict[str, Any]:
    """A case with its newest notice, and the notice among its steps while it stands."""
    row = whole.row
    notice = of_case(session, row.id) if announces(whole.definition) else None
    if notice is None or row.status != S.IN_NOTICE:
        return case | {"notice": notice}
    step = {"level": "", "label": N_("公示，期满没有异议就往下办"), "office": None, "state": "now"}
    steps = []
    for one in case["steps"]:
        found = one["level"] == notice["level"]
        steps += [one | {"state": "done"}, step | {"until": notice["closes_on"]}] if found else [one]
    return case | {"notice": notice, "steps": steps}


def dates(session: Session, application_id: int) -> dict[str, Any]:
    """First and last day of the newest notice, for the message about it."""
    query = select(PublicNotice.opens_on, PublicNotice.closes_on).where(PublicNotice.application_id == application_id)
    row = session.execute(query.order_by(PublicNotice.id.desc()).limit(1)).one_or_none()
    return {"opens_on": row[0], "closes_on": row[1]} if row else {}
