"""Message templates 消息模板: each as people will see it, over every channel, in both languages."""

from __future__ import annotations

from flask import Blueprint, request

from backend.kernel.text import small_number
from backend.notifications.wording import previews
from backend.web.message_templates import contracts
from h5.admin import pages

blp = Blueprint("h5_admin_messages", __name__, url_prefix="/staff/admin/messages")


@blp.get("")
def show() -> str:
    """Every template by what people choose channels for."""
    at = contracts()
    groups = previews.everything(at)
    missing = sorted({str(each): each for _kind, listed in groups for one in listed for each in one.missing}.items())
    return pages.page("messages.html", groups=groups, contracts=at, missing=[each for _word, each in missing])


@blp.get("/<string:name>")
def one(name: str) -> str:
    """One template with sample values; ``?version=`` for an earlier one."""
    at, version = contracts(), small_number(request.args.get("version", ""))
    return pages.page("message.html", one=previews.one(name, at, version), contracts=at)
