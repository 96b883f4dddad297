"""Reads of staff: queues by jurisdiction, one case with what changed, counts that stay cheap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, defer

from backend.accounts import queries as accounts
from backend.applications import claims, policy, queries, records, routing, views
from backend.applications.policy import Reviewer
from backend.applications.queries import Page
from backend.catalogue import queries as catalogue
from backend.documents import queries as documents
from backend.kernel import cursors, ids
from backend.kernel.clock import today
from backend.kernel.crypto import Vault, place
from backend.lifecycles.application import APPLICATION, REVIEWABLE, ApplicationStatus as S
from backend.models.application import Application, ApplicationRevision, StaffNotice
from backend.models.audit import AuditEntry

#: Counts stop here: a queue shows "99+", and never walks a table.
MOST_COUNTED = 100
#: "Soon" is the last so many days before the deadline.
SOON = timedelta(days=2)


#: A list shows nothing of these, and they are long.
_UNREAD = (defer(Application.answers, raiseload=True), defer(Application.holder, raiseload=True))


@dataclass(frozen=True, slots=True)
class Filter:
    """What a clerk asks for; ``turn``: only cases that wait for the clerk's own level."""

    status: str | None = None
    region: str | None = None
    service_item: str | None = None
    owner: str | None = None
    due: str | None = None
    turn: bool = False


def queue(
    session: Session, *, reviewer: Reviewer, wanted: Filter, limit: int, cursor: str | None, now: datetime
) -> Page:
    """Cases of the jurisdiction by deadline; keyset, so the millionth page costs what the first does."""
    query = _ordered(select(Application).options(*_UNREAD), reviewer, wanted).where(*_conditions(reviewer, wanted, now))
    after = cursors.read(cursor)
    if after:
        moment, row_id = after
        later = and_(Application.due_at == moment, Application.id > row_id)
        query = query.where(Application.due_at >= moment, or_(Application.due_at > moment, later))
    rows = list(session.scalars(query.order_by(Application.due_at, Application.id).limit(limit + 1)))
    shown = rows[:limit]
    holders = _holders(session, shown, now)
    items = [line(session, reviewer, row, holders, now) for row in shown]
    last = shown[-1] if len(rows) > limit else None
    return Page(items, cursors.make(last.due_at, last.id) if last and last.due_at else None)


def _ordered(query: Select[Any], reviewer: Reviewer, wanted: Filter) -> Select[Any]:
    """Name the index that has the list's order: left alone, MariaDB 10.11 takes the same one but walks it from the
    jurisdiction's first case (400 ms in the depth of a million instead of 1 ms). One's own cases are few."""
    if wanted.owner == "me":
        return query
    kind = "queue" if wanted.turn or wanted.owner == "none" else "status" if wanted.status else "due"
    hint = f"FORCE INDEX (ix_application_{reviewer.level}_{kind})"
    return query.with_hint(Application, hint, "mysql").with_hint(Application, hint, "mariadb")


def _conditions(reviewer: Reviewer, wanted: Filter, now: datetime) -> list[ColumnElement[bool]]:
    """The jurisdiction first: it is the first column of every index these lists use."""
    ancestor: InstrumentedAttribute[str] = getattr(Application, reviewer.level)
    found = [ancestor == reviewer.region, Application.due_at.is_not(None)]
    if wanted.turn:
        found.append(Application.queue == reviewer.level)
    if wanted.status:
        found.append(Application.status == wanted.status)
    if wanted.region:
        found.append(_inside(wanted.region))
    if wanted.service_item:
        found.append(Application.service_item == wanted.service_item)
    return found + _claimed(reviewer, wanted.owner, now) + _late(wanted.due, now)


def _inside(region: str) -> ColumnElement[bool]:
    """A county, town or village by its code, whole or as prefix."""
    code = region.ljust(12, "0")
    return or_(Application.village == code, Application.town == code, Application.county == code)


def _claimed(reviewer: Reviewer, owner: str | None, now: datetime) -> list[ColumnElement[bool]]:
    if owner == "me":
        return [Application.claimed_by == reviewer.id, Application.claimed_until > now]
    if owner == "none":
        free = or_(Application.claimed_until.is_(None), Application.claimed_until <= now)
        return [Application.queue == reviewer.level, free]
    return []


def _late(due: str | None, now: datetime) -> list[ColumnElement[bool]]:
    waiting = Application.status.in_(REVIEWABLE)
    if due == "overdue":
        return [waiting, Application.due_at <= now]
    if due == "soon":
        return [waiting, Application.due_at > now, Application.due_at <= now + SOON]
    return []


def counts(session: Session, *, reviewer: Reviewer, now: datetime) -> dict[str, int]:
    """How many per view, counted to ``MOST_COUNTED`` and no further."""
    views_of = {
        "todo": Filter(turn=True),
        "mine": Filter(owner="me"),
        "unclaimed": Filter(owner="none"),
        "overdue": Filter(due="overdue", turn=True),
        "soon": Filter(due="soon", turn=True),
    }
    return {name: _count(session, _conditions(reviewer, wanted, now)) for name, wanted in views_of.items()}


def _count(session: Session, conditions: list[ColumnElement[bool]]) -> int:
    some = select(Application.id).where(*conditions).limit(MOST_COUNTED).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def line(
    session: Session, reviewer: Reviewer, row: Application, holders: dict[int, str], now: datetime
) -> dict[str, Any]:
    """One case in a queue: masked, with its deadline and who has it."""
    definition = catalogue.definition(session, row.service_item, row.service_item_version)
    return {
        "number": row.number,
        "version": row.version,
        "service_item": row.service_item,
        "service_name": definition.name,
        "holder_masked": row.holder_masked,
        "region": row.region,
        "status": row.status,
        "status_label": APPLICATION.label(row.status),
        "level": row.queue or None,
        "level_label": views.LEVEL_NAMES[row.queue] if row.queue else None,
        "submitted_at": views.iso(row.submitted_at),
        "due_on": views.iso(row.due_on),
        "due": lateness(row, now),
        "revision": row.revision,
        "claim": _claim(reviewer, row, holders, now),
        "allowed_actions": actions(reviewer, row, now),
    }


def lateness(row: Application, now: datetime) -> str:
    """``overdue``, ``soon``, ``in_time``, or ``stopped`` while nobody's clock runs."""
    if row.status not in REVIEWABLE or row.due_at is None:
        return "stopped"
    if row.due_at <= now:
        return "overdue"
    return "soon" if row.due_at <= now + SOON else "in_time"


def _claim(reviewer: Reviewer, row: Application, holders: dict[int, str], now: datetime) -> dict[str, Any] | None:
    if row.claimed_by is None or row.claimed_until is None or row.claimed_until <= now:
        return None
    return {
        "post": holders.get(row.claimed_by, ""),
        "until": views.iso(row.claimed_until),
        "mine": row.claimed_by == reviewer.id,
    }


def _holders(session: Session, rows: list[Application], now: datetime) -> dict[int, str]:
    """Posts of those who hold a case, by staff id."""
    holding = {row.claimed_by for row in rows if row.claimed_by and row.claimed_until and row.claimed_until > now}
    return accounts.posts(session, holding) if holding else {}


def actions(reviewer: Reviewer, row: Application, now: datetime) -> list[str]:
    """What this clerk may do with this case now."""
    if row.status in (S.APPROVED, S.ISSUED, S.REJECTED):
        return ["reopen"] if row.decided_level and policy.rank(reviewer.level) >= policy.rank(row.decided_level) else []
    if row.status not in REVIEWABLE or row.queue != reviewer.level:
        return []
    if not claims.holds(reviewer, row, now):
        free = row.claimed_until is None or row.claimed_until <= now
        return ["claim"] if free else []
    decisions = ["approve", "reject", "return", "request_correction", "release"]
    return ["accept", *decisions] if row.status == S.SUBMITTED else decisions


def case(session: Session, vault: Vault, *, reviewer: Reviewer, number: str, now: datetime) -> dict[str, Any]:
    """Everything a clerk needs to decide; identity in full only while the clerk holds the case (purpose-bound)."""
    row = claims.in_jurisdiction(session, reviewer, number, lock=False)
    claims.check_own(reviewer, row)
    whole = records.whole(session, vault, row)
    cards = documents.of(session, whole.seal, owner_kind="application", owner_id=row.id, with_removed=True)
    answers = whole.answers()
    offices = routing.offices(session, row)
    return line(session, reviewer, row, _holders(session, [row], now), now) | {
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
        "correction": queries.correction(session, whole),
        "mandate": queries.mandate(session, whole),
        "cosignature": queries.cosignature(session, whole),
        "changes": changes(session, whole),
        "legal_due_on": views.iso(row.legal_due_on),
        "fence": row.fence if claims.holds(reviewer, row, now) else None,
        "targets": _targets(whole),
        "ways": _ways(whole, offices),
    }


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


def changes(session: Session, whole: records.Case) -> list[dict[str, Any]]:
    """What a resubmission changed: each question with before and after, each material that is new or gone."""
    query = (
        select(ApplicationRevision)
        .where(ApplicationRevision.application_id == whole.row.id)
        .order_by(ApplicationRevision.revision.desc())
        .limit(2)
    )
    found = list(session.scalars(query))
    if len(found) < 2:
        return []
    after, before = (_revision(whole, row) for row in found)
    words = {name: _words(session, whole, answers) for name, answers in (("after", after), ("before", before))}
    labels = {field.name: field.label for field in whole.definition.form}
    changed = [
        {"target": name, "label": label, "before": words["before"].get(name), "after": words["after"].get(name)}
        for name, label in labels.items()
        if words["before"].get(name) != words["after"].get(name)
    ]
    return changed + _changed_materials(whole, found[1].materials, found[0].materials)


def changed_counts(session: Session, vault: Vault, *, reviewer: Reviewer, numbers: list[str]) -> dict[str, int]:
    """How many answers and materials each resubmitted case changed; for the few of one page."""
    rows = [claims.in_jurisdiction(session, reviewer, number, lock=False) for number in numbers]
    return {row.number or "": len(changes(session, records.whole(session, vault, row))) for row in rows}


def _revision(whole: records.Case, row: ApplicationRevision) -> dict[str, Any]:
    opened: dict[str, Any] = records.open_json(
        whole.seal, row.answers, place("application_revision", "answers", row.id)
    )
    return opened


def _words(session: Session, whole: records.Case, answers: dict[str, Any]) -> dict[str, str]:
    written = views.written(whole.definition, answers, queries.places(session, answers))
    return {item["name"]: item["value"] for item in written}


def _changed_materials(whole: records.Case, before: list[Any], after: list[Any]) -> list[dict[str, Any]]:
    labels = {material.code: material.label for material in whole.definition.materials}
    changed = []
    for code in sorted({item["code"] for item in before + after}):
        old = [item for item in before if item["code"] == code]
        new = [item for item in after if item["code"] == code]
        if {item["sha256"] for item in old} != {item["sha256"] for item in new}:
            changed.append(
                {
                    "target": code,
                    "label": labels.get(code, code),
                    "before_materials": [ids.encode(item["id"]) for item in old],
                    "after_materials": [ids.encode(item["id"]) for item in new],
                }
            )
    return changed


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
    """Deadlines this office was told about in the last week, newest first, as far as they still wait."""
    query = (
        select(StaffNotice)
        .join(Application, Application.id == StaffNotice.application_id)
        .where(
            StaffNotice.region == reviewer.region,
            StaffNotice.at > now - timedelta(days=7),
            Application.status.in_(REVIEWABLE),
        )
        .order_by(StaffNotice.id.desc())
        .limit(20)
    )
    return [
        {
            "kind": row.kind,
            "number": row.number,
            "due_on": views.iso(row.due_on),
            "days": (row.due_on - today(now)).days,
        }
        for row in session.scalars(query)
    ]
