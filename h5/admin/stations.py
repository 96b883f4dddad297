"""Stations 服务站: what people read of them, a new one, and closing one for good."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from backend.bookings import outlook, rule_changes, stations
from backend.bookings.stations import NAMES, Profile, StationFile
from backend.catalogue import queries as catalogue
from backend.kernel.errors import Problem
from backend.kernel.text import small_number
from backend.schemas.stations import NewStationSchema, StationProfileSchema
from backend.web.blueprint import invalid
from backend.web.context import runtime
from backend.web.nurses import administrator
from backend.web.once import once
from h5.admin import pages
from h5.paths import with_word
from h5.staff.rule_form import number

blp = Blueprint("h5_admin_stations", __name__, url_prefix="/staff/admin/stations")
NUMBERS = ("fasting_hours", "residence_months")
Form = dict[str, Any]


@blp.get("")
def show() -> str:
    """The stations of my place, closed ones too."""
    with runtime().db.reading() as session:
        found = stations.page(session, admin=administrator())
        names = catalogue.region_names(session, [one.profile.region for one in found])
    return pages.page("stations.html", files=found, names=names)


@blp.get("/new")
def new() -> str:
    """An empty form with what is usual."""
    usual = Profile("", administrator().region, "")
    return _page(None, {"code": "", **_form(usual)}, {}, "")


@blp.post("/new")
def create() -> str | Response:
    """Open it; its nurse sets the rules next."""
    form = _typed()
    try:
        body = _loaded(NewStationSchema, form)
        code = body.pop("code")
        once(stations.add, admin=administrator(), code=code, profile=Profile(**body), now=runtime().clock())
    except Problem as problem:
        return pages.refused(lambda errors, said: _page(None, form, errors, said), problem)
    return redirect(with_word(url_for(".one", code=code), "saved"), 303)


@blp.get("/<string:code>")
def one(code: str) -> str:
    """One station."""
    found = _file(code)
    return _page(found, _form(found.profile), {}, "")


@blp.post("/<string:code>")
def put(code: str) -> str | Response:
    """Change what people read."""
    form, at = _typed(), runtime()
    form.pop("code")
    try:
        at.db.transact(
            stations.change,
            admin=administrator(),
            code=code,
            profile=Profile(**_loaded(StationProfileSchema, form)),
            expected_version=small_number(pages.field("version")) or 0,
            now=at.clock(),
        )
    except Problem as problem:
        if problem.status == 404:
            raise
        found = _file(code)
        return pages.refused(lambda errors, said: _page(found, form, errors, said), problem)
    return redirect(with_word(url_for(".one", code=code), "saved"), 303)


@blp.post("/<string:code>/active")
def set_active(code: str) -> Response:
    """Close it for good, or open it again."""
    at, active = runtime(), request.form.get("active") == "1"
    once(stations.set_active, calendar=at.calendar, admin=administrator(), code=code, active=active, now=at.clock())
    return redirect(with_word(url_for(".one", code=code), "saved"), 303)


def _file(code: str) -> StationFile:
    with runtime().db.reading() as session:
        return stations.one(session, admin=administrator(), code=code)


def _form(profile: Profile) -> Form:
    return {name: getattr(profile, name) for name in NAMES}


def _typed() -> Form:
    """What was posted; numbers as they were typed."""
    form: Form = {name: pages.field(name) for name in ("code", *NAMES)}
    form["marriage_certificate"] = form["marriage_certificate"] == "yes"
    return form


def _loaded(schema: type[StationProfileSchema], form: Form) -> dict[str, Any]:
    """The form as the API would send it."""
    numbers = {name: number(str(form[name])) for name in NUMBERS}
    try:
        body: dict[str, Any] = schema().load(form | numbers)
    except ValidationError as refused:
        raise invalid(refused.messages_dict) from refused
    return body


def _page(found: StationFile | None, form: Form, errors: dict[str, str], said: str) -> str:
    at, admin = runtime(), administrator()
    with at.db.reading() as session:
        own = (admin.region, catalogue.region_names(session, [admin.region]).get(admin.region, admin.region))
        towns = rule_changes.towns(session, admin.region) if admin.level == "county" else []
        ahead = outlook.look(session, at.calendar, station=found.code, now=at.clock()) if found else None
    return pages.page(
        "station.html",
        file=found,
        form=form,
        errors=errors,
        said=said,
        places=[(own[1], [own, *((town.code, town.name) for town in towns)])],
        booked=sum(one.booked for one in ahead.days) if ahead else 0,
        key=pages.fresh_key(),
        again=pages.fresh_key(),
    )
