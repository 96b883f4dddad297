"""What the API and the pages of the tip line share: file, open the mailbox, show it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from backend.kernel.errors import Invalid, NotFound, Unavailable
from backend.kernel.i18n import N_
from backend.lifecycles.tip import TIP
from backend.tips import codes, entries, filing, mailboxes, proofs, spending, tokens
from backend.tips.codes import Code
from backend.tips.entries import Entry
from backend.tips.filing import Report, Taken
from backend.tips.recipients import COUNTY, TOWN
from backend.tips.third_parties import detector
from backend.tips.tokens import Holder
from backend.tips.work import Spent
from backend.web import tips_reward, tips_work
from backend.web.tips_context import line
from backend.web.words import say

#: Codes that are drawn until one's locator is free.
TRIES = 5


@dataclass(frozen=True, slots=True)
class Filed:
    """What the reporter takes away. ``again``: it was filed before, by the same form."""

    code: Code = field(repr=False)
    proof: str
    again: bool = False


def file(report: Report, *, passphrase: str, spent: Spent, code: Code | None = None) -> Filed:
    """Write the report; ``work_refused`` when its pass was used. With a code given, ``Taken`` when its locator is.

    ``Invalid third_party`` before any key is made: what is refused costs nothing and leaves nothing.
    """
    detector.refuse_entry(report.content())
    _check_place(report.target.region)
    _check_month(report.happened_month)
    if code is not None:
        return _file(report, passphrase, spent, code)
    for _ in range(TRIES):
        with contextlib.suppress(Taken):
            return _file(report, passphrase, spent, codes.new_code())
    raise Unavailable("tips_busy", N_("现在人多，请过一会儿再点一次，填的都在"), retry_after=30)


def _check_place(region: str) -> None:
    """The county, one of its towns or a village of theirs: nobody else's investigators would read it."""
    towns = {one.code[:TOWN] for one in line().places}
    if region[:COUNTY] != line().line.county or (towns and region[:TOWN] not in towns):
        wrong = N_("请选在哪个镇或街道")
        raise Invalid("invalid_input", N_("有 %(n)s 处要改", n=1), errors={"target.region": [wrong]})


def _check_month(month: str) -> None:
    """This month or an earlier one, as the form offers them; both are written ``2026-10``."""
    if month > f"{line().today:%Y-%m}":
        ahead = N_("这个月还没有到，请写已经过去的月份或这个月")
        raise Invalid("invalid_input", N_("有 %(n)s 处要改", n=1), errors={"happened_month": [ahead]})


def _file(report: Report, passphrase: str, spent: Spent, code: Code) -> Filed:
    at = line()
    made = proofs.make(at.keys, content=report.content(), day=at.today, county=at.line.county)
    mailbox = codes.new_mailbox(code, passphrase, at.keys)
    at.db.transact(
        filing.file,
        keys=at.keys,
        offline=at.offline,
        county=at.line.county,
        report=report,
        opening=made.opening,
        mailbox=mailbox,
        consume=partial(spending.spend, spent=spent),
        day=at.today,
    )
    return Filed(code, made.token)


def open_mailbox(typed: str, passphrase: str, *, altcha: object = None, ticket: object = None) -> Holder:
    """The holder of a receipt code. Look-up and Argon2 happen whatever was typed; under load work comes first."""
    at = line()
    code = codes.read(typed) or Code("0" * codes.LOCATOR, "0" * codes.SECRET)
    tips_work.work_first(code.locator, altcha=altcha, ticket=ticket)
    with at.db.reading() as session:
        locked = mailboxes.find(session, at.keys, code=code)
    try:
        return mailboxes.unlock(locked, code=code, passphrase=passphrase)
    except NotFound:
        at.pressure.failed(code.locator)
        raise


def inbox(holder: Holder, *, now: datetime) -> dict[str, Any]:
    """What the mailbox holds, with a fresh token."""
    at = line()
    with at.db.reading() as session:
        found = mailboxes.show(session, holder=holder)
        reward = tips_reward.shown(session, holder, found.entries)
    report = next(one.content for one in found.entries if one.kind == entries.REPORT)
    opening = (report or {}).get("opening")
    return {
        "status": found.status,
        "status_label": say(TIP.label(found.status)),
        "allowed_actions": found.allowed,
        "received_on": found.received_on,
        "acknowledge_by": None if found.acknowledged_on else found.acknowledge_by,
        "answer_by": found.answer_by,
        "closed_on": found.closed_on,
        "messages": [_message(one) for one in found.entries if one.kind != entries.REWARD],
        "reward": reward,
        "proof": proofs.sign(at.keys, opening=opening, day=found.received_on, county=at.line.county) if opening else "",
        "openings": {"all": opening, "target": proofs.only_target(opening)} if opening else {},
        "token": tokens.seal(holder, day_key=at.days.current(at.today), now=now),
    }


def _message(entry: Entry) -> dict[str, Any]:
    text = None if entry.content is None else entry.content.get("text") or entry.content.get("name", "")
    return {"id": entry.id, "kind": entry.kind, "author": entry.author, "day": entry.day, "text": text}
