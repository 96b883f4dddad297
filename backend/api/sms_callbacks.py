"""Where the provider of text messages reports what became of them; its address is the secret.

Source: Tencent, 短信下发状态通知: an array of {sid, report_status, errmsg, …}, answered {"result": 0, "errmsg": "OK"};
anything else makes Tencent report again, so nothing that we merely do not know is refused.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request

from backend.kernel.clock import system_clock
from backend.kernel.crypto import Vault
from backend.kernel.errors import NotFound, Problem
from backend.kernel.i18n import N_
from backend.notifications import receipts
from backend.notifications.kinds import SMS
from backend.notifications.receipts import Receipt
from backend.web.answers import json
from backend.web.body import read_json
from backend.web.context import runtime

#: Mounted at the root, outside /api/v1: it is registered with the provider once.
blp = Blueprint("sms_callbacks", __name__, url_prefix="/callbacks/sms")
#: Tencent sends a handful; a longer list is not from there.
LONGEST = 500
LONGEST_REF = 64


@blp.post("/<string:key>")
def report(key: str) -> Response:
    """Take reports of messages; 404 for anybody who does not know the address."""
    at = runtime()
    known = at.settings.sms.callback_key
    if not known or not hmac.compare_digest(known.encode(), key.encode()):
        raise NotFound("not_found", N_("没有这个地址"))
    try:
        said = list(_receipts(read_json(request)))
    except Problem as problem:
        return json({"result": 1, "errmsg": problem.code}, problem.status)
    if at.db.transact(_report, at.vault, said=said, now=at.clock(), beat=system_clock()):
        at.wake()
    return json({"result": 0, "errmsg": "OK"})


def _report(session: Any, vault: Vault, *, said: list[Receipt], now: datetime, beat: datetime) -> int:
    """What is not known yet is kept: its call may not have been written down so far."""
    receipts.keep(session, channel=SMS, receipts=said, now=beat)
    return receipts.settle(session, vault, channel=SMS, receipts=said, now=now)


def _receipts(body: Any) -> Iterator[Receipt]:
    """The entries that say something; a strange one beside them changes nothing."""
    for one in body[:LONGEST] if isinstance(body, list) else ():
        if not isinstance(one, dict):
            continue
        ref, status, error = one.get("sid"), one.get("report_status"), one.get("errmsg")
        if not isinstance(ref, str) or not 0 < len(ref) <= LONGEST_REF:
            continue
        if status == "SUCCESS":
            yield Receipt(ref)
        elif status == "FAIL":
            yield Receipt(ref, error if isinstance(error, str) and error else "FAIL")
