"""Pure rules of certificates: how long they hold, what they are worth today, what stands on them."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from backend.catalogue.definition import FormField, ItemDefinition
from backend.kernel.i18n import N_, Text

VALID, REVOKED, EXPIRED, UNKNOWN = "valid", "revoked", "expired", "unknown"
LABELS: Mapping[str, Text] = {
    VALID: N_("有效"),
    REVOKED: N_("已作废"),
    EXPIRED: N_("已过期"),
    UNKNOWN: N_("不是本系统的证件或回执"),
}
#: Days before the end of a certificate.
REMIND = (30, 7)
YES_NO = {True: "是", False: "否"}


def last_day(issued_on: date, months: int | None) -> date | None:
    """The corresponding day so many months on, or that month's last (民法典 §§ 200–202); ``None``: permanent."""
    if months is None:
        return None
    year, month = divmod(issued_on.month - 1 + months, 12)
    year, month = issued_on.year + year, month + 1
    return date(year, month, min(issued_on.day, calendar.monthrange(year, month)[1]))


def status(*, revoked_at: datetime | None, expires_on: date | None, today: date) -> str:
    """What a certificate is worth today; revoked outweighs expired."""
    if revoked_at is not None:
        return REVOKED
    return EXPIRED if expires_on is not None and expires_on < today else VALID


def reminders(issued_on: date, expires_on: date | None) -> tuple[int, ...]:
    """The days before its end on which a holder is reminded; none twice as near as the whole time is long."""
    if expires_on is None:
        return ()
    return tuple(days for days in REMIND if (expires_on - issued_on).days >= 2 * days)


def renewable(*, issued_on: date, expires_on: date | None, revoked_at: datetime | None, today: date) -> bool:
    """Whether its holder may apply for the next one: from the first reminder on, and after its end."""
    days = reminders(issued_on, expires_on)
    return revoked_at is None and expires_on is not None and bool(days) and (expires_on - today).days <= days[0]


def printed_lines(
    definition: ItemDefinition, answers: Mapping[str, Any], *, places: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """Label and value of each answer the template shows; unanswered ones are left out.

    ``places`` names the regions that occur (12 digits → name); an unknown one stands as its code.
    """
    if definition.certificate is None:
        return ()
    shown = (definition.field(name) for name in definition.certificate.shows if name in answers)
    pairs = ((field.label, _said(field, answers[field.name], places)) for field in shown)
    return tuple((label, value) for label, value in pairs if value)


def chinese_date(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _said(field: FormField, value: Any, places: Mapping[str, str]) -> str:
    """An answer as it is printed."""
    if value is None:
        return ""
    if field.type in ("choice", "choices"):
        labels = {option.value: option.label for option in field.options}
        return "、".join(labels.get(one, str(one)) for one in (value if isinstance(value, list) else [value]))
    if field.type == "boolean":
        return YES_NO[bool(value)]
    if field.type == "date":
        return chinese_date(date.fromisoformat(str(value)))
    return places.get(str(value), str(value)) if field.type == "region" else str(value)
