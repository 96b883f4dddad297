"""Calendars 日历: a year's holidays and make-up workdays, typed in from the State Council's notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.administration import calendars
from backend.administration.calendars import YearCard
from backend.administration.policy import check_whole
from backend.kernel.clock import today
from backend.kernel.errors import NotFound, Problem
from backend.kernel.holidays import MOST, Holiday, YearPlan
from backend.kernel.i18n import N_
from backend.kernel.text import small_number
from backend.web.admins import administrator
from backend.web.context import runtime
from h5.admin import pages
from h5.paths import with_word

blp = Blueprint("h5_admin_calendars", __name__, url_prefix="/staff/admin/calendars")
#: Empty lines below the filled ones, so that one more can be typed without JavaScript.
SPARE = 3
#: Fixed by law (全国年节及纪念日放假办法, 2024); only their days are announced each year.
NAMES = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")


@dataclass(frozen=True, slots=True)
class Row:
    """One holiday as it was typed."""

    name: str = ""
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A year as it is shown; the days as ISO text."""

    version: int
    source: str
    holidays: list[Row]
    workdays: list[str]


@blp.get("")
def show() -> str:
    """The years that are known, and the ones that should be."""
    cards = _cards()
    year, known = today(runtime().clock()).year, {card.plan.year for card in cards}
    missing = [one for one in (year, year + 1) if one not in known]
    return pages.page("calendars.html", cards=cards, missing=missing)


@blp.get("/<int:year>")
def one(year: int) -> str:
    """A year to look at and change; a year nobody has entered begins with the names of the holidays."""
    card = _card(year)
    if card is None:
        rows = [Row(name) for name in NAMES]
        return _page(year, Form(0, "", rows, []), {}, "")
    plan = card.plan
    rows = [Row(each.name, each.first.isoformat(), each.last.isoformat()) for each in plan.holidays]
    return _page(year, Form(card.version, plan.source, rows, [day.isoformat() for day in plan.workdays]), {}, "")


@blp.post("/<int:year>")
def put(year: int) -> str | Response:
    """Keep it, or say beside each line what does not fit."""
    form, at = _typed(), runtime()
    plan, errors = _plan(year, form)
    if errors:
        return Response(_page(year, form, errors, ""), 422)
    try:
        at.db.transact(calendars.put, admin=administrator(), plan=plan, version=form.version, now=at.clock())
    except Problem as problem:
        return pages.refused(lambda errors, said: _page(year, form, errors, said), problem)
    at.calendars.look_again()
    at.wake()
    return redirect(with_word(url_for(".show"), "saved"), 303)


def _cards() -> list[YearCard]:
    at = runtime()
    with at.db.reading() as session:
        return calendars.years(session, at.calendars.files)


def _card(year: int) -> YearCard | None:
    check_whole(administrator())
    if not calendars.FIRST <= year <= calendars.LAST:
        raise NotFound("not_found", N_("没有这一年"))
    return next((card for card in _cards() if card.plan.year == year), None)


def _page(year: int, form: Form, errors: dict[str, str], said: str) -> str:
    holidays = [*form.holidays, *(Row() for _spare in range(SPARE))][:MOST]
    workdays = [*form.workdays, *("" for _spare in range(SPARE))][:MOST]
    return pages.page(
        "calendar.html",
        year=year,
        form=form,
        holidays=holidays,
        workdays=workdays,
        errors=errors,
        said=said,
        shared=[errors[name] for name in ("year", "holidays", "workdays") if name in errors],
    )


def _typed() -> Form:
    """What was posted, without the lines that were left empty."""
    posted = request.form
    columns = (posted.getlist(name)[:MOST] for name in ("name", "first", "last"))
    rows = [Row(*(cell.strip()[:40] for cell in cells)) for cells in zip(*columns, strict=False)]
    return Form(
        small_number(posted.get("version", "")) or 0,
        pages.field("source", 200),
        [row for row in rows if row.first or row.last],
        [day.strip()[:10] for day in posted.getlist("workday")[:MOST] if day.strip()],
    )


def _plan(year: int, form: Form) -> tuple[YearPlan, dict[str, str]]:
    """The year that was typed; a sentence for each line that holds no days."""
    errors: dict[str, str] = {}
    holidays, workdays = [], []
    for place, row in enumerate(form.holidays):
        first, last = _day(row.first), _day(row.last or row.first)
        if first is None or last is None:
            errors[f"holidays.{place}"] = _("请填第一天和最后一天")
        elif not row.name:
            errors[f"holidays.{place}"] = _("请写是什么假")
        else:
            holidays.append(Holiday(row.name, first, last))
    for place, text in enumerate(form.workdays):
        day = _day(text)
        if day is None:
            errors[f"workdays.{place}"] = _("请选一个日期")
        else:
            workdays.append(day)
    return YearPlan(year, form.source, tuple(holidays), tuple(workdays)), errors


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
