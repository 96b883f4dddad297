"""One-time codes by SMS: only while they are good, marked before the call because no provider dedupes.

The template has the topic's name: people read what a code is for before they type it anywhere.
"""

from __future__ import annotations

from backend.accounts import queries as accounts
from backend.events.leasing import Leased
from backend.gateways.sms import Short
from backend.notifications import costs
from backend.notifications.kinds import SMS
from backend.notifications.wording.templates import templates
from backend.runtime import Runtime
from workers.kinds import outside


def _send(runtime: Runtime, row: Leased) -> None:
    now = runtime.clock()
    with runtime.db.reading() as session:
        found = accounts.sms_code(session, runtime.vault, row.subject_id, now)
    if found is None:
        return
    mobile, code = found
    template, values = templates()[row.topic], {"code": code}
    text = template.render(SMS, values)["zh"]["text"]
    said = template.said_in_order(SMS, values, "zh")
    runtime.sms.send(
        Short(to=mobile, template=row.topic, text=text, key=row.dedupe_key, sent_at=now, params=tuple(said))
    )
    # Counted like everything else; only the budget does not hold codes back.
    runtime.db.transact(costs.book, tariff=runtime.tariff, texts=[text], now=now)


send = outside(_send)
