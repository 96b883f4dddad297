"""Message templates 消息模板 as people will see them, with sample values."""

from __future__ import annotations

from typing import Any

from backend.notifications.wording import previews
from backend.notifications.wording.previews import Preview
from backend.schemas.message_templates import MessageTemplateQuery, MessageTemplateSchema, MessageTemplatesSchema
from backend.web.blueprint import Blueprint
from backend.web.message_templates import contracts
from backend.web.words import say

blp = Blueprint("admin-messages", __name__, url_prefix="/admin/message-templates", description="Administration 管理")


@blp.get("")
@blp.response(200, MessageTemplatesSchema)
def list_templates() -> dict[str, Any]:
    """Every template by kind, with what is still to be set before it goes out."""
    found = previews.everything(contracts())
    return {"items": [_row(one) for _kind, listed in found for one in listed]}


@blp.get("/<string:name>")
@blp.arguments(MessageTemplateQuery, location="query")
@blp.response(200, MessageTemplateSchema)
def read_template(query: dict[str, Any], name: str) -> dict[str, Any]:
    """Inbox, WeChat card and text message in both languages, with sample values; an earlier version by its number."""
    one = previews.one(name, contracts(), query["version"])
    values = [{"name": name_, "kind": kind, "sample": sample} for name_, kind, sample in one.values]
    sms = {"parts_allowed": one.sms_limit, "languages": one.sms} if one.sms else None
    wechat = {"template": one.wechat_template, "languages": one.wechat} if one.wechat else None
    said = {"inbox": one.inbox or None, "wechat": wechat, "sms": sms}
    return {**_row(one), "versions": one.versions, "values": values, **said}


def _row(one: Preview) -> dict[str, Any]:
    return {
        "name": one.name,
        "version": one.version,
        "kind": one.kind.name,
        "kind_label": say(one.kind.label),
        "title": one.title,
        "channels": one.channels,
        "missing": [say(each) for each in one.missing],
    }
