"""Offices 办公室: the name, number and address that receipts, certificates and guides show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.administration.calendars import changed_meanwhile
from backend.administration.policy import Administrator, check_covers, level_of, missing
from backend.events import journal
from backend.kernel.errors import Invalid, Wrong
from backend.kernel.i18n import N_, Text
from backend.kernel.text import clean, phone_number
from backend.models.region import Office, Region


@dataclass(frozen=True, slots=True)
class OfficeLine:
    """One place with its office; ``name`` is empty where there is none yet."""

    region: str
    place: str
    level: str
    name: str
    phone: str
    address: str


@dataclass(frozen=True, slots=True)
class Plate:
    """What people read of an office."""

    name: str
    phone: str
    address: str = ""


def put(
    session: Session, *, admin: Administrator, region: str, plate: Plate, expected: Plate | None, now: datetime
) -> None:
    """Change an office, or open one where the place has none.

    ``expected``: what the form began with (empty name: none yet); ``Conflict`` changed_meanwhile if it differs.
    """
    check_covers(admin, region, what="office")
    place = session.get(Region, region)
    if place is None or place.level not in ("county", "town", "village"):
        raise missing("office")
    new = _checked(plate)
    row = session.scalar(select(Office).where(Office.region == region).with_for_update())
    before = Plate(row.name, row.phone, row.address) if row else Plate("", "", "")
    if expected is not None and expected != before:
        raise changed_meanwhile()
    if row is None:
        _open(session, region, new)
    else:
        row.name, row.phone, row.address = new.name, new.phone, new.address
    names = ("name", "phone", "address")
    changes = {n: (getattr(before, n), getattr(new, n)) for n in names if getattr(before, n) != getattr(new, n)}
    if changes:
        journal.write(
            session, actor=admin.actor, act="office.put", subject=region, changes=changes, region=region, now=now
        )


def page(session: Session, *, admin: Administrator, words: str = "", after: str = "", limit: int) -> list[OfficeLine]:
    """The places of the region with their offices, by code; ``words``: part of a name or the digits of a region."""
    query = _lines().where(Region.code.startswith(admin.prefix), Region.code > after)
    if words:
        part = [Region.name.contains(words, autoescape=True), Office.name.contains(words, autoescape=True)]
        query = query.where(or_(*part, Region.code.startswith(words, autoescape=True)))
    return [_line(row) for row in session.execute(query.order_by(Region.code).limit(limit))]


def one(session: Session, *, admin: Administrator, region: str) -> OfficeLine:
    """``NotFound`` also for a place elsewhere."""
    check_covers(admin, region, what="office")
    row = session.execute(_lines().where(Region.code == region)).one_or_none()
    if row is None:
        raise missing("office")
    return _line(row)


def _open(session: Session, region: str, plate: Plate) -> None:
    try:
        with session.begin_nested():
            session.add(Office(region=region, name=plate.name, phone=plate.phone, address=plate.address))
    except IntegrityError as race:
        raise changed_meanwhile() from race


def _lines() -> Any:
    columns = (Region.code, Region.name, Office.name, Office.phone, Office.address)
    levels = Region.level.in_(("county", "town", "village"))
    return select(*columns).join(Office, Office.region == Region.code, isouter=True).where(levels)


def _line(row: Any) -> OfficeLine:
    code, place, name, phone, address = row
    return OfficeLine(code, place, level_of(code), name or "", phone or "", address or "")


def _checked(plate: Plate) -> Plate:
    errors: dict[str, Text] = {}
    kept = {}
    for field, longest in (("name", 60), ("address", 120)):
        value = getattr(plate, field)
        try:
            kept[field] = clean(value, max_length=longest) if value or field == "name" else ""
        except Wrong as wrong:
            errors[field] = wrong.text
    try:
        kept["phone"] = phone_number(plate.phone)
    except Wrong as wrong:
        errors["phone"] = wrong.text
    if errors:
        fields = {name: [text] for name, text in errors.items()}
        raise Invalid("invalid_input", N_("有 %(n)s 处要改", n=len(fields)), errors=fields)
    return Plate(**kept)
