"""Staff 人员: the list, a new account, one account and what may be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.administration import people, staff
from backend.administration.people import SHOWS, StaffLine
from backend.administration.policy import level_of
from backend.administration.staff import Post
from backend.catalogue import queries as catalogue
from backend.kernel.clock import system_clock, today
from backend.kernel.errors import Problem, Wrong
from backend.kernel.text import clean
from backend.web import admins
from backend.web.admins import administrator
from backend.web.context import runtime
from backend.web.once import once
from backend.web.words import say
from h5.admin import pages, regions
from h5.paths import with_word

blp = Blueprint("h5_admin_staff", __name__, url_prefix="/staff/admin/staff")


@dataclass(frozen=True, slots=True)
class Form:
    """The form as it is shown."""

    username: str = ""
    name: str = ""
    post: str = ""
    role: str = "reviewer"
    region: str = ""
    away_until: str = ""


@blp.get("")
def show() -> str:
    """The accounts of my region."""
    asked, after = request.args.get("show", "all"), request.args.get("after", "")[:64]
    chosen = asked if asked in SHOWS else "all"
    words = pages.words()
    with runtime().db.reading() as session:
        found = people.page(session, admin=administrator(), words=words, show=chosen, after=after, limit=pages.PAGE + 1)
        names = catalogue.region_names(session, [one.region for one in found])
    lines = found[: pages.PAGE]
    more = None
    if len(found) > pages.PAGE:
        more = url_for(".show", q=words or None, show=chosen, after=lines[-1].username)
    tabs = list(zip(SHOWS, (_("全部"), _("已停用"), _("没绑动态口令"), _("不在")), strict=True))
    return pages.page(
        "staff.html", lines=lines, names=names, words=words, chosen=chosen, tabs=tabs, more=more, states=states()
    )


@blp.get("/new")
def new() -> str:
    """An empty form."""
    return _new_page(Form(region=administrator().region), {}, "")


@blp.post("/new")
def create() -> str | Response:
    """Make the account and show its temporary password, once."""
    form, password = _typed(), admins.temporary_password()
    errors = _empty(form, ("username", "post"))
    if errors:
        return Response(_new_page(form, errors, ""), 422)
    try:
        staff_id = once(
            staff.add,
            admin=administrator(),
            username=form.username,
            post=_post(form),
            password=password,
            now=runtime().clock(),
        )
    except Problem as problem:
        return pages.refused(lambda errors, said: _new_page(form, errors, said), problem)
    return _password_page(staff_id, password)


@blp.get("/<id:staff_id>")
def one(staff_id: int) -> str:
    """One account."""
    line = _line(staff_id)
    form = Form(line.username, line.name, line.post, line.role, line.region, _iso(line.away_until))
    return _one_page(line, form, {}, "")


@blp.post("/<id:staff_id>")
def change(staff_id: int) -> str | Response:
    """Another post, office, name or absence."""
    form, at = _typed(), runtime()
    errors = _empty(form, ("post",)) | _wrong_day(form)
    if errors:
        return Response(_one_page(_line(staff_id), form, errors, ""), 422)
    try:
        at.db.transact(
            admins.change,
            admin=administrator(),
            staff_id=staff_id,
            post=_post(form),
            away_until=date.fromisoformat(form.away_until) if form.away_until else None,
            expected=_moment(pages.field("updated_at")),
            now=at.clock(),
        )
    except Problem as problem:
        line = _line(staff_id)
        return pages.refused(lambda errors, said: _one_page(line, form, errors, said), problem)
    return _back(staff_id)


@blp.post("/<id:staff_id>/active")
def set_active(staff_id: int) -> str | Response:
    """Enable or disable."""
    return _done(staff_id, admins.set_active, active=request.form.get("active") == "1")


@blp.post("/<id:staff_id>/factor")
def reset_factor(staff_id: int) -> str | Response:
    """For a lost phone."""
    return _done(staff_id, staff.reset_factor)


@blp.post("/<id:staff_id>/password")
def reset_password(staff_id: int) -> str | Response:
    """A temporary password, shown once."""
    password = admins.temporary_password()
    refusal = _done(staff_id, staff.reset_password, password=password)
    return refusal if refusal.status_code != 303 else _password_page(staff_id, password)


def states() -> dict[str, tuple[str, str]]:
    """state → word and colour."""
    return {"active": (_("在岗"), ""), "away": (_("不在"), "sun"), "disabled": (_("已停用"), "grey")}


def roles() -> list[tuple[str, str, None]]:
    """What somebody may be, in words."""
    return [
        ("reviewer", _("审核申请"), None),
        ("nurse", _("服务站护士"), None),
        ("investigator", _("举报核查"), None),
        ("admin", _("系统管理"), None),
    ]


def _done(staff_id: int, command: Any, **values: Any) -> Response:
    try:
        once(command, admin=administrator(), staff_id=staff_id, now=runtime().clock(), at=system_clock(), **values)
    except Problem as problem:
        if problem.status == 404:
            raise
        return pages.refused(lambda _errors, said: _again(staff_id, said), problem)
    return _back(staff_id)


def _again(staff_id: int, said: str) -> str:
    line = _line(staff_id)
    form = Form(line.username, line.name, line.post, line.role, line.region, _iso(line.away_until))
    return _one_page(line, form, {}, said)


def _back(staff_id: int) -> Response:
    return redirect(with_word(url_for("h5_admin_staff.one", staff_id=staff_id), "saved"), 303)


def _line(staff_id: int) -> StaffLine:
    with runtime().db.reading() as session:
        return people.one(session, admin=administrator(), staff_id=staff_id)


def _new_page(form: Form, errors: dict[str, str], said: str) -> str:
    return pages.page(
        "staff_new.html",
        form=form,
        errors=errors,
        said=said,
        roles=roles(),
        places=regions.grouped(administrator()),
        key=pages.fresh_key(),
    )


def _one_page(line: StaffLine, form: Form, errors: dict[str, str], said: str) -> str:
    return pages.page(
        "staff_one.html",
        line=line,
        form=form,
        errors=errors,
        said=said,
        roles=roles(),
        places=regions.grouped(administrator()),
        state=states()[line.state],
        myself=line.id == administrator().id,
        today=today(runtime().clock()).isoformat(),
        keys=[pages.fresh_key() for _key in range(3)],
    )


def _password_page(staff_id: int, password: str) -> str:
    return pages.page("staff_password.html", line=_line(staff_id), password=password)


def _typed() -> Form:
    return Form(**{name: pages.field(name) for name in Form.__slots__})


def _post(form: Form) -> Post:
    level = level_of(form.region) if len(form.region) == 12 else ""
    return Post(form.name, form.post, form.role, level, form.region)


def _empty(form: Form, wanted: tuple[str, ...]) -> dict[str, str]:
    """Lines that must say something, and lines that hide something."""
    errors = {}
    for name in ("username", "post", "name"):
        value = getattr(form, name)
        try:
            if value or name in wanted:
                clean(value, max_length=60)
        except Wrong as wrong:
            errors[name] = say(wrong.text)
    return errors


def _wrong_day(form: Form) -> dict[str, str]:
    try:
        date.fromisoformat(form.away_until or "2026-01-01")
    except ValueError:
        return {"away_until": _("请选一个日期")}
    return {}


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
