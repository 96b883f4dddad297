"""What every page shows around its content: language, care mode, a phone number, unread messages."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from backend.kernel import ids
from backend.notifications import queries as notifications
from backend.web import csrf
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.words import API, LANGUAGES, language, say
from h5 import dates
from h5.assets import asset_url
from h5.paths import here

YEAR = 365 * 86400
#: A badge says 9+ beyond nine.
SHOWN = 10

blp = Blueprint("h5_shell", __name__)


@dataclass(frozen=True, slots=True)
class Shell:
    """``here``: the address of this page."""

    language: str
    care: bool
    phone: str
    here: str
    signed_in: bool

    @property
    def unread(self) -> int:
        """Unread messages, at most ten; asked once, and only by pages that show it."""
        if "unread" not in g:
            g.unread = _unread() if self.signed_in else 0
        return int(g.unread)


@blp.app_context_processor
def around() -> dict[str, Any]:
    """For every template."""
    return {"shell": shell(), "flashes": _said()}


def shell() -> Shell:
    """The surroundings of the page for this request."""
    signed_in = caller().kind == "resident" and not g.get("broken")
    return Shell(language(), dates.in_care(), runtime().settings.phone, here(), signed_in)


def _unread() -> int:
    with runtime().db.reading() as session:
        return notifications.unread(session, resident_id=caller().id, most=SHOWN)


def _said() -> list[str]:
    """What just happened, carried over a redirect as a word in the address (``?said=saved``)."""
    sentences = {
        "wechat_bound": _("和这个微信关联好了，以后在微信里打开不用验证码"),
        "wechat_unbound": _("解除了。要紧的改发短信，“消息”里一直都有"),
        "wechat_away": _("微信那边没有回应，先用手机号，或者过一会儿再试"),
        "saved": _("已保存"),
        "signed_in": _("已登录"),
        "signed_out": _("已退出登录"),
        "rated": _("谢谢您的评价"),
        "renewed": _("内容带过来了，看一遍，缺的补上就能交"),
        "replied": _("已回答，办事处看得到"),
        "withdrawn": _("已撤回，需要时可以重新申请，填过的内容会带过来"),
        "removed": _("已删除"),
        "consent": _("已记下您的同意"),
        "consent_back": _("已收回同意"),
        "signed": _("签好了，谢谢。可以告诉您的爱人接着办"),
        "erased": _("账号和个人信息已经删除"),
        "export": _("正在准备，好了会在这里给您下载"),
        "mandate": _("已记下您替谁办"),
        "partner": _("和爱人关联好了"),
        "sent": _("发给服务站了，谢谢您。这件事不会再问"),
        "stopped": _("好了，不会再问您了"),
        "reminder_stopped": _("停了，您定的都删除了"),
        "unlinked": _("已解除关联，随时可以再邀请"),
        "booked": _("约好了"),
        "moved": _("改好了，原来的号退掉了"),
    }
    word = request.args.get("said", "")
    said = sentences.get(word)
    if word == "wechat_bound" and said:
        # The one thing done for a person that they may want undone at once.
        return [Markup('{} · <a href="{}">{}</a>').format(said, url_for("h5_my_wechat.show"), _("不想关联，去解除"))]
    return [said] if said else []


@blp.after_app_request
def pack(response: Response) -> Response:
    """Pages travel compressed; a weak line is where they are read."""
    accepted = "gzip" in request.headers.get("Accept-Encoding", "")
    if accepted and response.mimetype == "text/html" and not response.is_streamed:
        response.set_data(gzip.compress(response.get_data(), 6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
    return response


@blp.after_app_request
def keep_language(response: Response) -> Response:
    """``?lang=`` on a page is a choice: remember it."""
    chosen = request.args.get("lang")
    if chosen in LANGUAGES and not request.path.startswith(API):
        keep_choice(response, "lang", chosen)
    return response


def keep_choice(response: BaseResponse, name: str, value: str) -> None:
    """A preference of the display for a year; says nothing about the person."""
    response.set_cookie(name, value, max_age=YEAR, secure=csrf.secure(), httponly=True, samesite="Lax")


@blp.record_once
def _templates(state: Any) -> None:
    """Filters, functions and strictness of all templates of this app."""
    env = state.app.jinja_env
    env.filters |= {
        "say": say,
        "day": dates.day,
        "full_day": dates.full_day,
        "moment": dates.moment,
        "visit": dates.visit,
        "hours": dates.hours,
        "time": dates.clock_time,
        "id": ids.encode,
        "lang": in_language,
    }
    env.globals |= {"asset_url": asset_url}
    env.trim_blocks = env.lstrip_blocks = True


def in_language(thing: Any, name: str = "label") -> str:
    """``thing.label``, or its English where there is one and English was chosen."""
    english = getattr(thing, f"{name}_en", "") if language() == "en" else ""
    return english or str(getattr(thing, name))
