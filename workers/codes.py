"""One-time codes by SMS: only while they are good, marked before the call because no provider dedupes.

The template has the topic's name: people read what a code is for before they type it anywhere.
"""

from __future__ import annotations

from backend.accounts import queries as accounts
from backend.events.leasing import Leased
from backend.gateways.sms import Short
from backend.notifications.templates import templates
from backend.runtime import Runtime
from workers.kinds import outside


def _send(runtime: Runtime, row: Leased) -> None:
    now = runtime.clock()
    with runtime.db.reading() as session:
        found = accounts.sms_code(session, runtime.vault, row.subject_id, now)
    if found is None:
        return
    mobile, code = found
    text = templates()[row.topic].render("sms", {"code": code})["zh"]["text"]
    runtime.sms.send(Short(to=mobile, template=row.topic, text=text, key=row.dedupe_key, sent_at=now))


send = outside(_send)
