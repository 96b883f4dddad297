"""How to prepare for a visit and its calendar file, as pages and API say them."""

from __future__ import annotations

from datetime import date
from typing import Any

from backend.bookings import calendar_file, checklists, codes, preparing
from backend.bookings.calendar_file import Event
from backend.bookings.checklists import COMPANION, ME, PARTNER, Visit
from backend.bookings.preparing import Checklist, Hint
from backend.bookings.queries import BookingCard
from backend.kernel import ids
from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_, Text
from backend.notifications.wording.speaking import spoken
from backend.web.bookings import my_booking
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.words import language, say

#: The charset of text is added on the way out.
CALENDAR = "text/calendar"
#: Whose list it is; a companion is called by name.
TITLES: dict[str, Text] = {ME: N_("您"), PARTNER: N_("您爱人"), COMPANION: N_("您爱人")}


def preparation(booking_id: int) -> dict[str, Any]:
    """The checklist of each person of one's own visit; plain values in the reader's language."""
    at = runtime()
    with at.db.reading() as session:
        visit = checklists.visit(session, at.vault, resident_id=caller().id, booking_id=booking_id)
    card = visit.card
    return {
        "booking_id": ids.encode(card.id),
        "starts_at": card.starts_at,
        "station": card.station.called(language()),
        "address": card.station.address,
        "directions": card.station.directions,
        "phone": card.station.phone,
        "minutes": visit.minutes,
        "takes": _takes(visit),
        "people": [_person(visit, whose, who) for whose, who in visit.people],
    }


def calendar(booking_id: int) -> bytes:
    """The file for a phone's calendar; 404 while nothing is booked yet."""
    card = my_booking(booking_id)
    if card.status == "held" or (card.status == "cancelled" and card.ended_as == "expired"):
        raise NotFound("not_found", N_("预约确认以后才能加到日历"))
    return calendar_file.write(_event(card))


def _takes(visit: Visit) -> str:
    if not visit.minutes:
        return ""
    hours = f"{visit.minutes / 60:.1f}".removesuffix(".0")
    if len(visit.people) > 1:
        return say(N_("两个人同时查，一共大约 %(hours)s 小时，人多时久一些。", hours=hours))
    return say(N_("一共大约 %(hours)s 小时，人多时久一些。", hours=hours))


def _person(visit: Visit, whose: str, who: str) -> dict[str, Any]:
    hungry = preparing.fasting(visit.card.starts_at, visit.card.station.fasting_hours)
    day = _day(hungry.on) if hungry else ""
    found = preparing.checklist(visit.card, visit.checks, whose=whose, who=who, day=day)
    return {
        "who": whose,
        "title": (whose == COMPANION and visit.card.companion) or say(TITLES[whose]),
        "before": [_hint(hint) for hint in found.before],
        "bring": [_hint(hint) for hint in found.bring],
        "count": found.count if who else 0,
        "groups": _groups(found),
    }


def _hint(hint: Hint) -> dict[str, str]:
    return {"code": hint.code, "text": say(hint.text)}


def _groups(found: Checklist) -> list[dict[str, Any]]:
    english = language() == "en"
    return [
        {"title": say(group.title), "checks": [one.name_en if english else one.name for one in group.checks]}
        for group in found.groups
    ]


def _event(card: BookingCard) -> Event:
    base = runtime().settings.base_url
    return Event(
        uid=f"booking-{ids.encode(card.id)}@{runtime().settings.issuer}",
        sequence=card.sequence,
        changed_at=card.updated_at,
        starts_at=card.starts_at,
        ends_at=card.ends_at,
        summary=say(N_("预约：%(station)s", station=card.station.called(language()))),
        location="，".join(part for part in (card.station.called(language()), card.station.address) if part),
        description="\n".join(_notes(card)),
        url=f"{base}/bookings/{ids.encode(card.id)}",
        organizer=base,
        cancelled=card.status == "cancelled",
        tentative=card.withdrawn and card.status == "confirmed",
    )


def _notes(card: BookingCard) -> list[str]:
    """What stands in the calendar: no word that says what the visit is for."""
    if card.status == "cancelled":
        return [say(N_("预约取消了，不用再去。"))]
    hungry = preparing.fasting(card.starts_at, card.station.fasting_hours)
    lines = [say(preparing.last_meal(hungry, _day(hungry.on)))] if hungry else []
    lines.append(say(N_("请带身份证，要带的都写在预约页里。签到码：%(code)s", code=codes.spoken(card.code))))
    lines += [card.station.directions] if card.station.directions else []
    return [*lines, say(N_("电话：%(phone)s", phone=card.station.phone))]


def _day(day: date) -> str:
    return spoken(day, language())
