"""What the API and the pages of the tip line share: file, open the mailbox, show it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from backend.kernel.errors import Problem
from backend.lifecycles.tip import TIP
from backend.tips import codes, entries, filing, mailboxes, proofs, spending, tokens, work
from backend.tips.codes import Code
from backend.tips.entries import Entry
from backend.tips.filing import Report
from backend.tips.tokens import Holder
from backend.tips.work import Spent
from backend.web.tips_context import line
from backend.web.words import say


@dataclass(frozen=True, slots=True)
class Filed:
    """What the reporter takes away."""

    code: Code = field(repr=False)
    proof: str


class WorkRequired(Problem):
    """Everybody works first for a while; the sum to solve comes with it."""

    status = 429


def challenge() -> dict[str, Any]:
    at = line()
    at.pressure.asked()
    return work.issue(at.days.current(at.today), day=at.today, level=at.pressure.level())


def solved(altcha: object) -> Spent:
    """The answer to a challenge, to be used up; ``work_refused`` else."""
    at = line()
    at.pressure.reported()
    return work.check(altcha, keys=at.key_of, today=at.today, levels=work.heavy_enough(at.pressure.level()))


def file(report: Report, *, passphrase: str, spent: Spent, code: Code | None = None) -> Filed:
    """Write the report; another code when its locator is taken."""
    at = line()
    code = code or codes.new_code()
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


def open_mailbox(typed: str, passphrase: str, *, altcha: object = None) -> Holder:
    """The holder of a receipt code. Look-up and Argon2 happen whatever was typed."""
    at = line()
    at.pressure.opened()
    code = codes.read(typed) or Code("0" * codes.LOCATOR, "0" * codes.SECRET)
    with at.db.reading() as session:
        locked = mailboxes.find(session, at.keys, code=code)
    return mailboxes.unlock(locked, code=code, passphrase=passphrase)


def inbox(holder: Holder, *, now: datetime) -> dict[str, Any]:
    """What the mailbox holds, with a fresh token."""
    at = line()
    with at.db.reading() as session:
        found = mailboxes.show(session, holder=holder)
    report = next(one.content for one in found.entries if one.kind == entries.REPORT)
    opening = (report or {}).get("opening")
    return {
        "status": found.status,
        "status_label": say(TIP.label(found.status)),
        "allowed_actions": found.allowed,
        "received_on": found.received_on,
        "messages": [_message(one) for one in found.entries],
        "reward": None,
        "openings": {"all": opening, "target": proofs.only_target(opening)} if opening else {},
        "token": tokens.seal(holder, day_key=at.days.current(at.today), now=now),
    }


def _message(entry: Entry) -> dict[str, Any]:
    text = None if entry.content is None else entry.content.get("text") or entry.content.get("name", "")
    return {"id": entry.id, "kind": entry.kind, "author": entry.author, "day": entry.day, "text": text}
