"""What the API and the pages share of an opened mailbox: write, take back, a new code; and what a proof is worth."""

from __future__ import annotations

import contextlib
from typing import Any

from backend.kernel.errors import Unavailable
from backend.kernel.i18n import N_
from backend.tips import codes, leaving, mailboxes, proofs, renewing, repeats
from backend.tips.codes import Code
from backend.tips.filing import Taken
from backend.tips.tokens import Holder
from backend.web.tips_context import line
from backend.web.words import say

#: Codes that are drawn until one's locator is free.
TRIES = 5


def write(holder: Holder, *, text: str, once: str = "") -> str:
    """A message of the reporter; its id. ``once``: the random word of a page's form, which may be posted twice."""
    at = line()
    entry_id = repeats.entry_of(holder, form=once)
    return at.db.transact(mailboxes.write, holder=holder, content={"text": text}, day=at.today, entry_id=entry_id)


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


def verify_proof(token: str, opening: Any) -> dict[str, Any]:
    """What a proof of filing is worth; ``opened``: whether the opening belongs to it."""
    proof = proofs.read(line().keys, token.strip())
    if proof is None:
        return {"status": "unknown", "status_label": say(N_("不是本系统的举报证明"))}
    found = {
        "status": "valid",
        "status_label": say(N_("真的，是这一天收到的")),
        "day": proof.day,
        "county": proof.county,
    }
    return found if opening is None else found | {"opened": proofs.opens(proof, opening)}
