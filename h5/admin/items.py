"""Service items 事项: upload, what would change, publish, versions, back to an earlier one."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response as Answer, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.administration import items
from backend.administration.items import Difference
from backend.administration.policy import check_whole
from backend.catalogue.definition import ItemDefinition
from backend.kernel.errors import Problem
from backend.kernel.text import small_number
from backend.web.admins import administrator
from backend.web.context import runtime
from backend.web.files import download
from backend.web.once import once
from backend.web.words import say
from h5.admin import pages
from h5.paths import with_word

blp = Blueprint("h5_admin_items", __name__, url_prefix="/staff/admin/items")
#: One value of a difference; longer ones are cut, the file holds the whole.
LONGEST_VALUE = 300


@blp.get("")
def show() -> str:
    """Every item, and a place to hand in a file."""
    return _list([], "")


@blp.post("/check")
def check() -> str | Response:
    """Every fault with its line, or what publishing would change."""
    check_whole(administrator())
    upload = request.files.get("file")
    content: bytes | str = upload.read() if upload and upload.filename else request.form.get("text", "")
    if not content:
        return Answer(_list([], _("请先选一个文件")), 422)
    return _compared(content, "item.publish")


@blp.get("/<string:code>")
def one(code: str) -> str:
    """The versions of an item."""
    with runtime().db.reading() as session:
        found = items.versions(session, code)
        name = next(item.name for item in items.published(session) if item.code == code)
    return pages.page("item.html", code=code, name=name, versions=found)


@blp.get("/<string:code>/versions/<int:version>.toml")
def source(code: str, version: int) -> Answer:
    """The file of a version."""
    with runtime().db.reading() as session:
        text = items.source(session, code, version)
    return download(text.encode(), mime="application/toml", name=f"{code}-{version}.toml")


@blp.get("/<string:code>/versions/<int:version>/back")
def back(code: str, version: int) -> str | Response:
    """What going back to an earlier version would change."""
    check_whole(administrator())
    with runtime().db.reading() as session:
        text = items.source(session, code, version)
    return _compared(text, "item.rollback")


@blp.post("/publish")
def publish() -> str | Response:
    """Make it the current version."""
    check_whole(administrator())
    at, act = runtime(), "item.rollback" if request.form.get("act") == "item.rollback" else "item.publish"
    try:
        definition, text = items.read(request.form.get("text", ""), purposes=at.purposes, now=at.clock())
        once(
            items.publish,
            admin=administrator(),
            definition=definition,
            text=text,
            base=_base(),
            phone=at.settings.phone,
            now=at.clock(),
            act=act,
        )
    except Problem as problem:
        return _refused(problem)
    return redirect(with_word(url_for(".one", code=definition.code), "saved"), 303)


def _compared(content: bytes | str, act: str) -> str | Response:
    at = runtime()
    try:
        definition, text = items.read(content, purposes=at.purposes, now=at.clock())
    except Problem as problem:
        return _refused(problem)
    with at.db.reading() as session:
        found = items.difference(session, definition)
    return _difference_page(found, definition, text, act)


def _difference_page(found: Difference, definition: ItemDefinition, text: str, act: str) -> str:
    labels = _parts()
    parts = [
        (labels[part], [(change.path, _shown(change.before), _shown(change.after)) for change in listed])
        for part, listed in found.parts().items()
    ]
    return pages.page(
        "item_difference.html",
        found=found,
        name=definition.name,
        parts=parts,
        text=text,
        act=act,
        key=pages.fresh_key(),
    )


def _list(faults: list[dict[str, Any]], said: str) -> str:
    with runtime().db.reading() as session:
        found = items.published(session)
    whole = administrator().level == "county"
    return pages.page("items.html", items=found, faults=faults, said=said, whole=whole)


def _refused(problem: Problem) -> Response:
    """The list again, with every fault of the file."""
    found, title = problem.extra.get("faults", []), say(problem.title)
    faults = found if isinstance(found, list) else []
    return pages.refused(lambda _errors, _said: _list(faults, title), problem)


def _parts() -> dict[str, str]:
    return {
        "fields": _("要填的问题"),
        "materials": _("要交的材料"),
        "eligibility": _("谁能办"),
        "deadline": _("期限"),
        "workflow": _("哪几级办"),
        "notice": _("公示"),
        "certificate": _("证件"),
        "benefit": _("发多少"),
        "other": _("指南和其他"),
    }


def _shown(value: Any) -> str:
    if value is None:
        return _("（没有）")
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"


def _base() -> int:
    """The version the page compared with, 0 for none; what is no number was never current."""
    given = small_number(request.form.get("base", ""))
    return -1 if given is None else given
