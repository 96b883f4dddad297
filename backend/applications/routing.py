"""Whose turn it is: the offices above a place, and who works in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from backend.applications import policy
from backend.catalogue import queries as catalogue
from backend.events import audit
from backend.kernel.actors import SYSTEM
from backend.lifecycles.application import REVIEWABLE
from backend.models.application import Application, ApplicationHistory
from backend.models.region import Office
from backend.models.resident import Resident
from backend.models.staff import Staff, StaffRelative


def offices(session: Session, row: Application) -> dict[str, policy.Office]:
    """The offices of the case's village, town and county with their staffing, in one statement."""
    places = {row.village: "village", row.town: "town", row.county: "county"}
    levels = case(*((Office.region == place, level) for place, level in places.items()), else_="county")
    columns = (Office.region, Office.name, Office.phone, able(Office.region, levels, row))
    with session.no_autoflush:  # a case that is being changed is written once, at the end
        found = session.execute(select(*columns).where(Office.region.in_([place for place in places if place]))).all()
    ways = {places[o.region]: policy.Office(places[o.region], o.region, o.name, o.phone, bool(o[3])) for o in found}
    return {level: ways[level] for level in policy.LEVELS if level in ways}


def staffed(region: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether an active reviewer who is not on leave works in the office of a region."""
    return _present(region).exists()


def reviewers_of(region: Any) -> tuple[ColumnElement[bool], ...]:
    """The reviewers of an office, on leave or not: whom its messages reach."""
    return Staff.region == region, Staff.role == "reviewer", Staff.active.is_(True)


def at_work(region: Any) -> tuple[ColumnElement[bool], ...]:
    """Those of them who are not on leave: who may be given work."""
    return *reviewers_of(region), Staff.away_until.is_(None)


def _present(region: Any) -> Select[Any]:
    return select(Staff.id).where(*at_work(region))


def able(region: Any, level: Any, row: Application | type[Application]) -> ColumnElement[bool]:
    """Whether someone works there who may act on this case at that level: ``hands`` says who may not.

    ``row``: one case, or the table for a sweep. Who holds the case now counts as having acted at its level.
    """
    parties = [_value(row, "holder_id_index"), _applicant(row)]
    acts = staff_acts(_value(row, "id")).where(ApplicationHistory.level != level)
    by_them = acts.where(ApplicationHistory.actor_id.in_(_accounts_of_staff()))
    holder = _accounts_of_staff().where(_value(row, "claimed_by") == _TWIN.id, _value(row, "level") != level)
    family = select(StaffRelative.id).where(
        StaffRelative.staff_id.in_(_accounts_of_staff()), or_(*(StaffRelative.person_index == one for one in parties))
    )
    own = select(_TWIN.id).where(_TWIN.id == Staff.id, or_(*(_TWIN.person_index == one for one in parties)))
    reasons = (each.correlate(Staff, Application, Office).exists() for each in (by_them, holder, family, own))
    return _present(region).where(*(~reason for reason in reasons)).correlate(Application, Office).exists()


#: Another account of the clerk at hand.
_TWIN = aliased(Staff)


def _accounts_of_staff() -> Select[Any]:
    """Every account of the person whose row of ``Staff`` is looked at."""
    same = or_(_TWIN.id == Staff.id, _TWIN.person_index == Staff.person_index)
    return select(_TWIN.id).where(same).correlate(Staff, Application, Office)


def _value(row: Application | type[Application], name: str) -> Any:
    """A column of the table, or the value of one case."""
    found = getattr(row, name)
    return literal(found) if isinstance(row, Application) else found


def _applicant(row: Application | type[Application]) -> Any:
    """The document of whoever filed a case for somebody else."""
    if isinstance(row, Application) and row.mandate_id is None:
        return literal(None)
    filed = (Resident.id == _value(row, "resident_id"), _value(row, "mandate_id").is_not(None))
    return select(Resident.id_index).where(*filed).correlate(Application).scalar_subquery()


#: What a superior may do without having acted at the level below.
SUPERVISION = ("reopen", "cancel_correction")


def staff_acts(application_id: Any) -> Select[Any]:
    """What staff did in a case, at its level of then; opening it again and taking a notice back are supervision."""
    by_staff = (ApplicationHistory.actor_kind == "staff", ApplicationHistory.move.not_in(SUPERVISION))
    return select(ApplicationHistory.id).where(ApplicationHistory.subject_id == application_id, *by_staff)


def after_approval(row: Application, levels: Sequence[str], found: Mapping[str, policy.Office]) -> policy.Turn | None:
    """Who gets the case when the level at work approves; ``None`` when that approval is final."""
    following = levels.index(row.level) + 1
    beyond = policy.turn(levels, following, found) if following < len(levels) else None
    return beyond if beyond and policy.rank(beyond.office.level) > policy.rank(row.queue) else None


def give_turn(row: Application, turn: policy.Turn) -> None:
    """Put a case into the queue of an office and take it out of every hand."""
    row.level, row.queue = turn.level, turn.office.level
    let_go(row)


def move_all(session: Session, level: str, *conditions: ColumnElement[bool], now: datetime, limit: int) -> int:
    """Give waiting cases of a level another office; how many moved. Found without a lock, then taken one by one."""
    waiting = (Application.queue == level, Application.status.in_(REVIEWABLE))
    found = list(session.scalars(select(Application.id).where(*waiting, *conditions).limit(limit)))
    taken = select(Application).where(Application.id.in_(found), *waiting).with_for_update(skip_locked=True)
    return sum(move_on(session, row, now=now) for row in session.scalars(taken).all()) if found else 0


def move_on(session: Session, row: Application, *, now: datetime) -> int:
    """Give a waiting case to the office that can handle it; 1 when that is another one than now."""
    levels = catalogue.definition(session, row.service_item, row.service_item_version).levels
    turn = policy.turn(levels, levels.index(row.level), offices(session, row))
    if (turn.level, turn.office.level) == (row.level, row.queue):
        return 0
    changes = {"level": turn.level, "queue": turn.office.level, "claimed_by": None, "claimed_until": None}
    audit.note(session, row, act="routing.move", actor=SYSTEM, now=now, changes=changes)
    return 1


def leave_queue(row: Application) -> None:
    """Nobody's turn: waiting for the applicant, or decided."""
    row.queue = ""
    let_go(row)


def let_go(row: Application) -> None:
    """End the claim; the fence stays, so that a late write of its holder is refused."""
    row.claimed_by = row.claimed_until = None
