"""The form of the tip line: posted twice it is one report, and shows the same receipt until that is written down."""

from __future__ import annotations

import contextlib

import orjson

from backend.kernel.errors import Forbidden, NotFound
from backend.tips import mailboxes, repeats, spending, tickets, work
from backend.tips.codes import Code
from backend.tips.filing import Report, Taken
from backend.web import tips
from backend.web.tips import Filed
from backend.web.tips_context import line
from backend.web.tips_work import Admission


def file(report: Report, *, passphrase: str, admission: Admission) -> Filed:
    """File it, or show the receipt of the same form again (``again``); ``work_refused`` for another content."""
    content = orjson.dumps([report.content(), list(report.left_out), passphrase])
    used = admission.used
    for draw in range(repeats.DRAWS):
        code = repeats.code_of(admission.ticket, content=content, draw=draw)
        if not used:
            try:
                return tips.file(report, passphrase=passphrase, spent=admission.spent, code=code)
            except Taken:
                pass  # by this form, or by chance by another
            except Forbidden:
                used = True  # the other of two taps was faster
        if found := _again(code, passphrase):
            return found
    raise work.refused()


def written_down(ticket: str) -> None:
    """The person has the code on paper: from now on the form shows nothing any more. May come twice."""
    at = line()
    word = tickets.read(ticket, keys=at.key_of, now=at.clock()).as_word
    with contextlib.suppress(Forbidden):
        at.db.transact(spending.spend, spent=word)


def _again(code: Code, passphrase: str) -> Filed | None:
    at = line()
    with at.db.reading() as session:
        locked = mailboxes.find(session, at.keys, code=code)
    if not locked.tip_id:
        return None
    try:
        holder = mailboxes.unlock(locked, code=code, passphrase=passphrase)
    except NotFound:
        return None  # somebody else's, by chance
    with at.db.reading() as session:
        proof = repeats.proof(session, at.keys, holder=holder, county=at.line.county)
    return None if proof is None else Filed(code, proof, again=True)
