"""Closures 停诊 and make-up days 补开: single days that are not like their weekday.

A closure never cancels: the times of the day are withdrawn, and whoever has one is offered another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.bookings import generation, jurisdiction, rule_drafts
from backend.bookings.jurisdiction import Nurse
from backend.bookings.rules import DayPlan, Stretch
from backend.events import journal
from backend.kernel import ids
from backend.kernel.clock import today
from backend.kernel.errors import Collision, Conflict, NotFound
from backend.kernel.i18n import N_, Text
from backend.kernel.workdays import Calendar
from backend.models.station import Station, StationException, StationRules

CLOSED, OPEN = "closed", "open"
KINDS = (CLOSED, OPEN)
#: Days of one closure, and how far ahead it may begin.
LONGEST, AHEAD = 92, 400


@dataclass(frozen=True, slots=True)
class Days:
    """So many days, closed or open at hours of their own (``stretches``)."""

    first: date
    last: date
    kind: str
    reason: str = ""
    stretches: tuple[Stretch, ...] = ()

    @property
    def each(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def plans(self) -> dict[date, DayPlan]:
        """As the slots are planned from them."""
        return {day: DayPlan(day, self.stretches if self.kind == OPEN else (), self.reason) for day in self.each}


def put(session: Session, calendar: Calendar, *, nurse: Nurse, station: str, days: Days, now: datetime) -> int:
    """Close or open days; an earlier closure or opening of a day gives way. The id of the first day.

    Errors: 404; 409 ``station_closed``; 422 days that are over, too many or too far, hours that do not fit.
    """
    where = jurisdiction.station(session, nurse, station)
    if not where.active:
        raise Conflict("station_closed", N_("这个服务站已经停用，请管理员先启用"))
    check(session, station=station, days=days, now=now)
    generation.rules_of(session, station, lock=True)
    rows = {row.day: row for row in _rows(session, station, days.first, days.last)}
    hours = [[f"{begin:%H:%M}", f"{end:%H:%M}"] for begin, end in days.stretches]
    for day in days.each:
        row = rows.get(day) or _new(session, station, day, now)
        row.kind, row.hours, row.reason = days.kind, hours, days.reason
        rows[day] = row
    _flush(session)
    generation.make(session, calendar, station=station, now=now)
    _note(session, nurse, where, days, now)
    return rows[days.first].id


def take_back(session: Session, calendar: Calendar, *, nurse: Nurse, station: str, day: date, now: datetime) -> int:
    """The day is like its weekday again; its id. ``NotFound`` without a closure or opening; past ones stay."""
    where = jurisdiction.station(session, nurse, station)
    generation.rules_of(session, station, lock=True)
    row = next(iter(_rows(session, station, day, day)), None)
    if row is None:
        raise NotFound("not_found", N_("这一天没有停诊，也没有补开"))
    if day < today(now):
        raise Conflict("day_over", N_("这一天已经过去了，改不了了"))
    session.delete(row)
    session.flush()
    generation.make(session, calendar, station=station, now=now)
    changes = {"days": [[day.isoformat()], ""]} | ({"reason": [row.reason, ""]} if row.reason else {})
    _write(session, nurse, where, "station.taken_back", station, changes, now)
    return row.id


def coming(session: Session, *, station: str, now: datetime, last: date | None = None) -> list[Days]:
    """Closures and openings from today on, day by day."""
    return [_days(row) for row in _rows(session, station, today(now), last or date.max)]


def notices(session: Session, *, station: str, first: date, last: date) -> list[Days]:
    """The closures of a range as people read them: days in a row with one reason are one."""
    found: list[Days] = []
    for row in _rows(session, station, first, last):
        before = found[-1] if found else None
        if row.kind != CLOSED:
            continue
        if before and before.reason == row.reason and before.last + timedelta(days=1) == row.day:
            found[-1] = replace(before, last=row.day)
        else:
            found.append(Days(row.day, row.day, CLOSED, row.reason))
    return found


def check(session: Session, *, station: str, days: Days, now: datetime) -> None:
    """``Invalid`` with a sentence per field."""
    first = today(now)
    errors: dict[str, Text] = {}
    if days.first < first:
        errors["from"] = N_("这一天已经过去了，请从今天或以后的日子选")
    elif days.first > first + timedelta(days=AHEAD):
        errors["from"] = N_("太远了，请选一年以内的日子")
    if days.last < days.first:
        errors["to"] = N_("最后一天要在第一天之后，或者是同一天")
    elif days.last - days.first >= timedelta(days=LONGEST):
        errors["to"] = N_("一次最多 %(n)s 天，更长请分几次写，或者改规则", n=LONGEST)
    if days.kind == OPEN:
        errors |= _hours(session, station, days)
    elif not days.reason:
        errors["reason"] = N_("请写一句原因，约了的人会看到，比如：设备检修")
    rule_drafts.refuse(errors)


def _hours(session: Session, station: str, days: Days) -> dict[str, Text]:
    rules = session.get(StationRules, station)
    if rules is None:
        return {"kind": N_("请先填好规则，再补开")}
    if not days.stretches:
        return {"hours": N_("补开要写几点到几点")}
    errors = rule_drafts.check_stretches(days.stretches, rules.slot_minutes, "hours")
    for one, other in pairwise(sorted(days.stretches)):
        if not errors and other[0] < one[1]:
            errors["hours"] = rule_drafts.overlapping(one, other)
    return errors


def _rows(session: Session, station: str, first: date, last: date) -> list[StationException]:
    range_ = (StationException.day >= first, StationException.day <= last)
    query = select(StationException).where(StationException.station == station, *range_)
    return list(session.scalars(query.order_by(StationException.day)))


def _new(session: Session, station: str, day: date, now: datetime) -> StationException:
    row = StationException(id=ids.new_id(now), station=station, day=day)
    session.add(row)
    return row


def _flush(session: Session) -> None:
    """``Collision`` when a station without rules, which no lock keeps apart, is closed by two at once."""
    try:
        session.flush()
    except IntegrityError as race:
        raise Collision("station_exception") from race


def _days(row: StationException) -> Days:
    plan = generation.day_plan(row)
    return Days(row.day, row.day, row.kind, row.reason, plan.stretches)


def _note(session: Session, nurse: Nurse, where: Station, days: Days, now: datetime) -> None:
    act = "station.closure" if days.kind == CLOSED else "station.opening"
    changes = {"days": ["", [day.isoformat() for day in dict.fromkeys((days.first, days.last))]]}
    if days.reason:
        changes["reason"] = ["", days.reason]
    if days.stretches:
        changes["hours"] = ["", [rule_drafts.span(*stretch) for stretch in days.stretches]]
    _write(session, nurse, where, act, where.code, changes, now)


def _write(
    session: Session, nurse: Nurse, where: Station, act: str, subject: str, changes: journal.Changes, now: datetime
) -> None:
    journal.write(session, actor=nurse.actor, act=act, subject=subject, changes=changes, region=where.region, now=now)
