"""The signed-in investigator as the tip line knows one, and the secret under which their key is open."""

from __future__ import annotations

from datetime import datetime

from flask import request

from backend.kernel.errors import Conflict, Forbidden
from backend.kernel.i18n import N_
from backend.lifecycles.tip import KeyStatus
from backend.models.tip import Investigator
from backend.tips import investigators, unlocking
from backend.tips.investigators import Staff
from backend.tips.unlocking import Opener
from backend.web.admins import card
from backend.web.context import runtime

#: What the browser of an investigator holds while their key is open; sent to the pages of tips only.
COOKIE, COOKIE_PATH = "tip_unlock", "/staff/tips"


def who() -> Staff:
    """Who asks; only behind the guards ``investigator`` and ``investigator_page``."""
    found = card()
    return Staff(found.id, found.name, found.post, found.region)


def secret() -> str:
    """What only this caller has: the access token of a program, a cookie of a browser; empty without either."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else request.cookies.get(COOKIE, "")


def key() -> Investigator:
    """The key of whoever asks; ``Conflict`` when there is none, ``Forbidden`` before it is let in."""
    with runtime().tips.db.reading() as session:
        row = investigators.of_staff(session, staff_id=who().id)
    if row is None:
        raise Conflict("no_key", N_("您还没有钥匙，请先设解锁口令"))
    if row.status != KeyStatus.ACTIVE.value:
        raise Forbidden("key_not_active", N_("您的钥匙还没有启用，要两位核查员同意"))
    return row


def unlock(passphrase: str, *, secret: str) -> datetime:
    """Open the key; until when. ``Forbidden`` for a wrong passphrase: it takes its time, whoever guesses waits."""
    at, row = runtime(), key()
    private = investigators.unwrap(row, passphrase)
    if private is None:
        raise Forbidden("wrong_passphrase", N_("口令不对，请再试一次；忘了就请另两位核查员重新给您开"))
    return at.tips.db.transact(unlocking.keep, investigator=row, private=private, secret=secret, now=at.clock())


def open_key() -> Opener | None:
    """The open key of whoever asks; ``None`` while it is locked."""
    at = runtime()
    with at.tips.db.reading() as session:
        return unlocking.current(session, staff_id=who().id, secret=secret(), now=at.clock())


def opener() -> Opener:
    """The same; ``Locked`` (423 ``tips_locked``) while it is locked."""
    found = open_key()
    if found is None:
        raise unlocking.locked()
    return found
