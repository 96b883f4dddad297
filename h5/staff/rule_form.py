"""The rules of a station as a form: two stretches a weekday, or one more than there are, and plain numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from backend.bookings.rule_drafts import HORIZON_DAYS, LEAD_MINUTES, RELEASE, Draft
from backend.kernel.errors import Wrong
from backend.kernel.text import ascii_digits
from backend.schemas.stations import RulesSchema
from backend.web.blueprint import invalid
from backend.web.stations import draft_of

NUMBERS = ("slot_minutes", "seats_per_slot", "daily_cap", "lead_minutes", "horizon_days")
#: Of a station that has no rules yet: what most stations can live with.
USUAL = {"slot_minutes": "30", "seats_per_slot": "4", "daily_cap": "20"}
USUAL |= {"lead_minutes": str(LEAD_MINUTES), "horizon_days": str(HORIZON_DAYS)}
LEAST, MOST = 2, 6


@dataclass(frozen=True, slots=True)
class RuleForm:
    """``hours``: weekday 1–7 → (from, to) as typed; ``quotas`` by town."""

    hours: Mapping[int, Sequence[tuple[str, str]]]
    numbers: Mapping[str, str]
    quotas: Mapping[str, str]
    release: str
    errors: Mapping[str, str] = field(default_factory=dict)

    def rows(self, weekday: int) -> list[tuple[str, str]]:
        """What is filled in, and an empty line for one more."""
        filled = list(self.hours.get(weekday, ()))
        return [*filled, *[("", "")] * max(LEAST - len(filled), 1)][:MOST]


def of_draft(draft: Draft | None) -> RuleForm:
    """The form of rules that stand; of none with what is usual."""
    if draft is None:
        return RuleForm({}, USUAL, {}, f"{RELEASE:%H:%M}")
    hours: dict[int, list[tuple[str, str]]] = {}
    for weekday, begin, end in sorted(draft.hours):
        hours.setdefault(weekday, []).append((f"{begin:%H:%M}", f"{end:%H:%M}"))
    numbers = {name: str(getattr(draft, name)) for name in NUMBERS}
    quotas = {town: str(seats) for town, seats in draft.town_quotas.items()}
    return RuleForm(hours, numbers, quotas, f"{draft.release_time:%H:%M}")


def typed(posted: MultiDict[str, str]) -> RuleForm:
    """The form as it was posted."""
    hours = {weekday: _stretches(posted, weekday) for weekday in range(1, 8)}
    quotas = {name.removeprefix("town-"): text.strip()[:6] for name, text in posted.items() if name[:5] == "town-"}
    numbers = {name: posted.get(name, "").strip()[:9] for name in NUMBERS}
    return RuleForm(hours, numbers, quotas, posted.get("release_time", "").strip()[:5])


def read(form: RuleForm) -> Draft:
    """The form as the API would send it; ``Invalid`` with the fields of the API."""
    body: dict[str, Any] = {name: number(text) for name, text in form.numbers.items()}
    body["hours"] = [
        {"weekday": weekday, "from": begin, "to": end} for weekday in form.hours for begin, end in form.hours[weekday]
    ]
    body["town_quotas"] = {town: number(text) for town, text in form.quotas.items() if text}
    body["release_time"] = form.release
    try:
        return draft_of(RulesSchema().load(body))
    except ValidationError as refused:
        raise invalid(refused.messages_dict) from refused


def beside(form: RuleForm, errors: Mapping[str, str]) -> dict[str, str]:
    """The sentences by the form's own fields: stretches by their weekday (``day-1``), shares by their town."""
    weekdays = [weekday for weekday in form.hours for _stretch in form.hours[weekday]]
    found: dict[str, str] = {}
    for name, said in errors.items():
        first, *rest = name.split(".")
        if first == "hours" and rest and int(rest[0]) < len(weekdays):
            found.setdefault(f"day-{weekdays[int(rest[0])]}", said)
        elif first == "town_quotas" and rest:
            found.setdefault(f"town-{rest[0]}", said)
        else:
            found.setdefault("day-1" if name == "hours" else name, said)
    return found


def fingerprint(draft: Draft) -> str:
    """Tells whether what is saved is what was looked at."""
    return hashlib.sha256(repr(sorted(draft.values().items())).encode()).hexdigest()[:16]


def weekdays() -> list[tuple[int, str]]:
    names = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    return list(enumerate(names, start=1))


def _stretches(posted: MultiDict[str, str], weekday: int) -> list[tuple[str, str]]:
    rows = [
        (posted.get(f"from-{weekday}-{n}", "").strip()[:5], posted.get(f"to-{weekday}-{n}", "").strip()[:5])
        for n in range(MOST)
    ]
    return [row for row in rows if any(row)]


def number(text: str) -> int | str | None:
    """A number, or what the schema refuses in words."""
    try:
        return int(ascii_digits(text)) if text else None
    except Wrong:
        return text
