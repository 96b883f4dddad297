"""Setting the rules of a station: the slots follow at once, and nobody loses a seat by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.bookings import generation, jurisdiction, rule_drafts
from backend.bookings.generation import Change
from backend.bookings.jurisdiction import Nurse
from backend.bookings.rule_drafts import Draft
from backend.catalogue import queries as catalogue
from backend.catalogue.queries import RegionCard
from backend.events import journal
from backend.kernel.errors import Conflict, Stale
from backend.kernel.i18n import N_
from backend.kernel.workdays import Calendar
from backend.models.station import Station, StationRules

#: The weekdays in lines of the record, which are Chinese like posts and names.
DAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class Standing:
    """The rules as they stand; ``draft`` is ``None`` and ``version`` 0 for a station without any."""

    draft: Draft | None
    version: int
    updated_at: datetime | None


def put(
    session: Session,
    calendar: Calendar,
    *,
    nurse: Nurse,
    station: str,
    draft: Draft,
    expected_version: int | None,
    now: datetime,
) -> Change:
    """Replace all rules and make the slots that follow. What that did to them.

    Errors: 404; 409 ``station_closed``; 412 other rules than ``expected_version`` (0: none); 422 by field.
    """
    where = jurisdiction.station(session, nurse, station)
    if not where.active:
        raise Conflict("station_closed", N_("这个服务站已经停用，请管理员先启用"))
    rule_drafts.check(draft, towns={town.code for town in towns(session, where.county)})
    row = session.scalars(select(StationRules).where(StationRules.station == station).with_for_update()).one_or_none()
    if expected_version is not None and expected_version != (row.version if row else 0):
        raise Stale("stale", N_("规则刚才有人改过了，请先看看现在的，再决定要不要改"))
    values = draft.values()
    before = {name: getattr(row, name) for name in values} if row else {}
    changes = {name: [_said(before.get(name)), _said(new)] for name, new in values.items() if before.get(name) != new}
    if changes:
        _write(session, row, where, values, now)
    done = generation.make(session, calendar, station=station, now=now)
    if changes:
        _note(session, nurse, where, changes, now)
    return done


def standing(session: Session, *, station: str) -> Standing:
    """The rules of a station as a nurse wrote them."""
    row = session.get(StationRules, station)
    if row is None:
        return Standing(None, 0, None)
    moment = time.fromisoformat
    draft = Draft(
        hours=tuple((weekday, moment(begin), moment(end)) for weekday, begin, end in row.hours),
        slot_minutes=row.slot_minutes,
        seats_per_slot=row.seats_per_slot,
        daily_cap=row.daily_cap,
        town_quotas=dict(row.town_quotas),
        lead_minutes=row.lead_minutes,
        horizon_days=row.horizon_days,
        release_time=moment(row.release_time),
    )
    return Standing(draft, row.version, row.updated_at)


def towns(session: Session, county: str) -> list[RegionCard]:
    """The towns of a county: those a share of the day may be given to."""
    return catalogue.regions(session, parent=county)


def _write(
    session: Session, row: StationRules | None, where: Station, values: Mapping[str, Any], now: datetime
) -> None:
    if row is not None:
        for name, value in values.items():
            setattr(row, name, value)
        row.updated_at = now
        session.flush()
        return
    try:
        with session.begin_nested():
            session.add(StationRules(station=where.code, **values, updated_at=now))
    except IntegrityError as race:
        raise Stale("stale", N_("规则刚才有人改过了，请先看看现在的，再决定要不要改")) from race


def _note(session: Session, nurse: Nurse, where: Station, changes: dict[str, list[Any]], now: datetime) -> None:
    journal.write(
        session,
        actor=nurse.actor,
        act="station.rules",
        subject=where.code,
        changes=changes,
        region=where.region,
        now=now,
    )


def _said(value: Any) -> Any:
    """Lists of lists and shares as lines of words."""
    if isinstance(value, dict):
        return [f"{town} {seats}" for town, seats in value.items()]
    if isinstance(value, list):
        return [f"周{DAYS[weekday - 1]} {begin}–{end}" for weekday, begin, end in value]
    return value
