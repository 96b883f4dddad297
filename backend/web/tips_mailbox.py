"""What the API and the pages share of an opened mailbox: write, take back, a new code; and what a proof is worth."""

from __future__ import annotations

import contextlib
from typing import Any

from backend.kernel.errors import NotFound, Unavailable
from backend.kernel.i18n import N_
from backend.tips import codes, leaving, mailboxes, proofs, renewing, repeats, spending, tickets, tokens, work
from backend.tips.codes import Code
from backend.tips.filing import Taken
from backend.tips.tokens import Holder
from backend.web.tips_context import line
from backend.web.words import say

#: Codes that are drawn until one's locator is free.
TRIES = 5


def entered(token: str) -> Holder:
    """The holder behind a token; the same 404 as for a wrong code."""
    at = line()
    found = tokens.read(token, keys=at.key_of, now=at.clock())
    if found is None:
        raise mailboxes.not_found()
    return found


def write(holder: Holder, *, text: str, once: str = "") -> str:
    """A message of the reporter; its id. ``once``: the random word of a page's form, which may be posted twice."""
    at = line()
    entry_id = repeats.entry_of(holder, form=once)
    return at.db.transact(mailboxes.write, holder=holder, content={"text": text}, day=at.today, entry_id=entry_id)


def would_destroy(holder: Holder) -> bool:
    """Whether taking it back now destroys all of it."""
    with line().db.reading() as session:
        return leaving.destroys_all(session, holder=holder)


def withdraw(holder: Holder) -> bool:
    """Take the report back; whether all of it is destroyed."""
    at = line()
    return at.db.transact(leaving.withdraw, holder=holder, day=at.today)


def renew(holder: Holder, *, passphrase: str) -> Code:
    """A new code instead of the old. One Argon2 outside the transaction."""
    at = line()
    for _ in range(TRIES):
        code = codes.new_code()
        mailbox = codes.new_mailbox(code, passphrase, at.keys)
        with contextlib.suppress(Taken):
            at.db.transact(renewing.renew, holder=holder, mailbox=mailbox)
            return code
    raise Unavailable("tips_busy", N_("现在人多，请过一会儿再点一次，填的都在"), retry_after=30)


def renew_once(holder: Holder, *, passphrase: str, ticket: str) -> Code:
    """The same for a page's form, which may be posted twice: the second time it shows the code that the first made.

    ``work_refused`` once that code was written down (``tips_forms.written_down``).
    """
    at = line()
    form = tickets.read(ticket, keys=at.key_of, now=at.clock())
    with at.db.reading() as session:
        if spending.is_used(session, form.as_word):
            raise work.refused()
    content = holder.private + passphrase.encode()
    drawn = [repeats.code_of(form, content=content, draw=draw) for draw in range(repeats.DRAWS)]
    for code in drawn:
        mailbox = codes.new_mailbox(code, passphrase, at.keys)
        try:
            at.db.transact(renewing.renew, holder=holder, mailbox=mailbox)
        except Taken:
            continue
        except NotFound:
            break  # the other of two taps was faster
        return code
    return _renewed(holder, drawn, passphrase)


def _renewed(holder: Holder, drawn: list[Code], passphrase: str) -> Code:
    """Which of these opens the holder's mailbox by now."""
    at = line()
    for code in drawn:
        with at.db.reading() as session:
            locked = mailboxes.find(session, at.keys, code=code)
        if locked.tip_id == holder.tip_id:
            mailboxes.unlock(locked, code=code, passphrase=passphrase)
            return code
    raise mailboxes.not_found()


def verify_proof(token: str, opening: Any) -> dict[str, Any]:
    """What a proof of filing is worth; ``opened``: whether the opening belongs to it."""
    proof = proofs.read(line().keys, token.strip())
    if proof is None:
        return {"status": "unknown", "status_label": say(N_("不是这里的举报证明"))}
    found = {
        "status": "valid",
        "status_label": say(N_("真的，是这一天收到的")),
        "day": proof.day,
        "county": proof.county,
    }
    return found if opening is None else found | {"opened": proofs.opens(proof, opening)}
