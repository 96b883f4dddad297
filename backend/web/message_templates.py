"""What this installation has at its providers, for the API and the pages that show templates."""

from __future__ import annotations

from backend.notifications.wording.previews import Contracts
from backend.web.context import runtime


def contracts() -> Contracts:
    """From the settings; the demo's file takes any text without an id."""
    settings = runtime().settings
    return Contracts(
        wechat=settings.wechat.templates if settings.wechat.app_id else None,
        sms=settings.sms.templates if settings.sms_backend == "tencent" else None,
        sends_sms=settings.sms_backend != "console",
        sign=settings.sms.sign,
        inbox=f"{settings.base_url}/messages",
    )
