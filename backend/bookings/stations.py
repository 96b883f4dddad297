"""The stations themselves: an administrator opens them, says what people read of them, and closes them."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.bookings import generation, jurisdiction, rule_drafts
from backend.bookings.jurisdiction import Administrator
from backend.catalogue import queries as catalogue
from backend.events import journal
from backend.kernel.errors import Conflict, Invalid, Stale, Wrong
from backend.kernel.i18n import N_, Text
from backend.kernel.text import clean, phone_number
from backend.kernel.workdays import Calendar
from backend.models.station import Station

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,62}", re.ASCII)
#: Longest lines; ``True``: must not be empty.
_LINES = {"name": (60, True), "name_en": (60, False), "address": (120, False), "directions": (200, False)}
#: What a number may be at most; at least 0.
_MOST = {"fasting_hours": 24, "residence_months": 60}


@dataclass(frozen=True, slots=True)
class Profile:
    """What people read of a station, and what it asks of them."""

    name: str
    region: str
    phone: str
    name_en: str = ""
    address: str = ""
    directions: str = ""
    fasting_hours: int = 8
    marriage_certificate: bool = False
    residence_months: int = 6


NAMES = tuple(field.name for field in fields(Profile))


@dataclass(frozen=True, slots=True)
class StationFile:
    """A station as administrators see it."""

    code: str
    version: int
    active: bool
    profile: Profile


def add(session: Session, *, admin: Administrator, code: str, profile: Profile, now: datetime) -> int:
    """Open a station; it has no times until a nurse sets rules. Its version.

    Errors: 409 ``station_exists``; 422 by field, also for a place outside the administrator's own.
    """
    errors = {} if _CODE.fullmatch(code) else {"code": N_("代码用小写英文字母、数字和短横，2 到 63 个，比如 xinhua-1")}
    values = _checked(session, admin, profile, errors)
    county = f"{profile.region[:6]}000000"
    row = Station(code=code, county=county, missed=0, active=True, updated_at=now, **values)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as taken:
        said = N_("这个代码已经有服务站用了，请换一个")
        raise Conflict("station_exists", said, errors={"code": [said]}) from taken
    _note(session, admin, row, "station.add", {name: [None, _said(value)] for name, value in values.items()}, now)
    return row.version


def change(
    session: Session,
    *,
    admin: Administrator,
    code: str,
    profile: Profile,
    expected_version: int | None,
    now: datetime,
) -> int:
    """Change what people read; its new version. A station stays in its county.

    Errors: 404; 412 ``expected_version``; 422 by field.
    """
    row = _mine(session, admin, code, expected_version)
    errors = {} if profile.region[:6] == row.region[:6] else {"region": N_("服务站不能换到别的区县，请新建一个")}
    values = _checked(session, admin, profile, errors)
    changes = {n: [_said(getattr(row, n)), _said(new)] for n, new in values.items() if getattr(row, n) != new}
    if changes:
        for name, value in values.items():
            setattr(row, name, value)
        row.updated_at = now
        session.flush()
        _note(session, admin, row, "station.change", changes, now)
    return row.version


def set_active(
    session: Session, calendar: Calendar, *, admin: Administrator, code: str, active: bool, now: datetime
) -> int:
    """Close a station for good, or open it again; its version. Twice is once.

    Closing withdraws its times; bookings stand until another time is taken or their hour passes.
    """
    row = _mine(session, admin, code, None)
    if row.active != active:
        row.active, row.updated_at = active, now
        session.flush()
        generation.make(session, calendar, station=code, now=now)
        _note(session, admin, row, "station.reopen" if active else "station.close", {}, now)
    return row.version


def page(session: Session, *, admin: Administrator) -> list[StationFile]:
    """The stations of the administrator's place, by code."""
    return [_file(row) for row in jurisdiction.every(session, admin)]


def one(session: Session, *, admin: Administrator, code: str) -> StationFile:
    """``NotFound`` also for a station elsewhere."""
    return _file(jurisdiction.station(session, admin, code))


def _mine(session: Session, admin: Administrator, code: str, expected_version: int | None) -> Station:
    row = jurisdiction.station(session, admin, code, lock=True)
    if expected_version is not None and expected_version != row.version:
        raise Stale("stale", N_("这个服务站刚才有人改过了，请先看看现在的，再决定要不要改"))
    return row


def _checked(session: Session, admin: Administrator, profile: Profile, errors: dict[str, Text]) -> dict[str, Any]:
    """The columns of a profile; ``Invalid`` with everything that is wrong at once."""
    values: dict[str, Any] = {name: getattr(profile, name) for name in NAMES}
    for name in (*_LINES, "phone"):
        try:
            values[name] = _line(name, values[name])
        except Wrong as wrong:
            errors[name] = wrong.text
    for name, most in _MOST.items():
        if not 0 <= values[name] <= most:
            errors[name] = N_("请填 %(low)s 到 %(high)s 之间的整数", low=0, high=most)
    place = _place(session, admin, profile.region)
    rule_drafts.refuse(errors | ({"region": place} if place and "region" not in errors else {}))
    return values


def _line(name: str, value: str) -> str:
    if name == "phone":
        return phone_number(value)
    longest, needed = _LINES[name]
    return clean(value, max_length=longest) if value.strip() or needed else ""


def _place(session: Session, admin: Administrator, region: str) -> Text | None:
    try:
        found = catalogue.check_region(session, region)
    except Invalid:
        found = None
    if found is None or found.level not in ("county", "town") or not admin.covers(region):
        return N_("请从列表里选辖区内的一个区县或镇街")
    return None


def _file(row: Station) -> StationFile:
    return StationFile(row.code, row.version, row.active, Profile(**{name: getattr(row, name) for name in NAMES}))


def _note(
    session: Session, admin: Administrator, row: Station, act: str, changes: dict[str, list[Any]], now: datetime
) -> None:
    journal.write(session, actor=admin.actor, act=act, subject=row.code, changes=changes, region=row.region, now=now)


def _said(value: Any) -> Any:
    return ("yes" if value else "no") if isinstance(value, bool) else value
