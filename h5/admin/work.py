"""Background work that was given up: what, why, how much, and another try."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from flask import Blueprint, redirect, url_for
from flask_babel import get_locale, gettext as _
from werkzeug.wrappers import Response

from backend.administration import work
from backend.administration.work import DeadKind
from backend.kernel.errors import NotFound
from backend.notifications.kinds import INBOX
from backend.notifications.wording.templates import templates
from backend.web.admins import administrator
from backend.web.context import runtime
from backend.web.once import once
from h5.admin import pages
from h5.paths import with_word

blp = Blueprint("h5_admin_work", __name__, url_prefix="/staff/admin/dead-work")


@blp.get("")
def show() -> str:
    """By topic and kind of error; never whom it is about or what it says."""
    with runtime().db.reading() as session:
        found = work.dead_kinds(session, admin=administrator())
    return pages.page("work.html", topics=_by_topic(found))


@blp.post("/<int:row>/replay")
def replay(row: int) -> Response:
    """Try one again."""
    return _replayed(row=row)


@blp.post("/topics/<string:topic>/replay")
def replay_topic(topic: str) -> Response:
    """Try everything of one kind again."""
    return _replayed(topic=topic)


def _by_topic(found: Sequence[DeadKind]) -> list[dict[str, Any]]:
    """A topic with its kinds of errors; the keys make a second press harmless."""
    ordered = sorted(found, key=lambda one: one.topic)
    grouped = [(topic, list(kinds)) for topic, kinds in groupby(ordered, key=lambda one: one.topic)]
    return [
        {
            "topic": topic,
            "name": _name(topic),
            "count": sum(kind.count for kind in kinds),
            "key": pages.fresh_key(),
            "kinds": [(kind, pages.fresh_key()) for kind in kinds],
        }
        for topic, kinds in grouped
    ]


def _name(topic: str) -> str:
    """What an administrator calls it; messages by their title, and what nobody has named by its own name."""
    named = {
        "send_sms": _("短信"),
        "send_wechat": _("微信通知"),
        "sms_code": _("登录验证码"),
        "second_step_code": _("看结果的验证码"),
        "receipt_issued": _("回执"),
        "certificate_issued": _("证件"),
        "copy_wanted": _("申请表副本"),
        "export": _("个人数据副本"),
    }
    if topic in named:
        return named[topic]
    template = templates().get(topic)
    if template is None:
        return topic
    language = "en" if str(get_locale()) == "en" else "zh"
    return _("消息：%(title)s", title=template.channels[INBOX][language]["title"])


def _replayed(**which: Any) -> Response:
    try:
        once(work.replay, admin=administrator(), now=runtime().clock(), **which)
    except NotFound:
        return redirect(url_for(".show"), 303)  # somebody else was faster: the list shows what is left
    return redirect(with_word(url_for(".show"), "saved"), 303)
