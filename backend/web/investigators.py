"""The signed-in investigator as the tip line knows one, and the secret under which their key is open."""

from __future__ import annotations

from datetime import datetime

from flask import g, request
from werkzeug.wrappers import Response

from backend.kernel.errors import Conflict, Forbidden
from backend.kernel.i18n import N_
from backend.lifecycles.tip import KeyStatus
from backend.models.tip import Investigator
from backend.tips import admitting, investigators, unlocking
from backend.tips.desk import ROLE
from backend.tips.investigators import Staff
from backend.tips.unlocking import Opener
from backend.web.admins import card
from backend.web.context import runtime
from backend.web.csrf import secure

#: What the browser of an investigator holds while their key is open; sent to the pages of tips only.
COOKIE, COOKIE_PATH = "tip_unlock", "/staff/tips"


def who() -> Staff:
    """Who asks; only behind the guards ``investigator`` and ``investigator_page``."""
    found = card()
    return Staff(found.id, found.name, found.post, found.region)


def secret() -> str:
    """What only this caller has: the access token of a program, a cookie of a browser; empty without either."""
    fresh = g.get("tip_unlock", "")
    if fresh:
        return str(fresh)
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else request.cookies.get(COOKIE, "")


def key() -> Investigator:
    """The key of whoever asks; ``Conflict`` when there is none, ``Forbidden`` before it is let in."""
    with runtime().tips.db.reading() as session:
        row = investigators.of_staff(session, staff_id=who().id)
    if row is None:
        raise Conflict("no_key", N_("您还没有钥匙，请先做一把"))
    if row.status != KeyStatus.ACTIVE.value:
        raise Forbidden("key_not_active", N_("您的钥匙还没有启用，要两位核查员同意"))
    if row.region != who().region:
        raise elsewhere()
    return row


def elsewhere() -> Forbidden:
    """Whoever was moved loses what they could open: at the new place they may know the ones who are reported."""
    return Forbidden("key_elsewhere", N_("您换了单位，原来的钥匙不能再用，请重新做一把，由两位核查员同意"))


def unlock(passphrase: str, *, secret: str) -> datetime:
    """Open the key; until when. ``Forbidden`` for a wrong passphrase: it takes its time, whoever guesses waits."""
    at, row = runtime(), key()
    private = investigators.unwrap(row, passphrase)
    if private is None:
        raise Forbidden("wrong_passphrase", N_("口令不对，请再试一次；忘了就重新做一把钥匙，由两位核查员同意"))
    if row.name != who().name:
        day, name = at.tips.today, who().name
        at.tips.db.transact(admitting.rename, investigator_id=row.id, private=private, name=name, day=day)
    return at.tips.db.transact(unlocking.keep, investigator=row, private=private, secret=secret, now=at.clock())


def open_key() -> Opener | None:
    """The open key of whoever asks; ``None`` while it is locked, and for whoever works elsewhere now."""
    at, asking = runtime(), who()
    with at.tips.db.reading() as session:
        found = unlocking.current(session, staff_id=asking.id, secret=secret(), now=at.clock())
    return found if found is not None and found.region == asking.region else None


def opener() -> Opener:
    """The same; ``Locked`` (423 ``tips_locked``) while it is locked."""
    found = open_key()
    if found is None:
        raise unlocking.locked()
    return found


def lock() -> None:
    """Close the key for this caller."""
    runtime().tips.db.transact(unlocking.lock, secret=secret())


def leave() -> None:
    """Close the key of an investigator who signs out, in every browser."""
    found = card()
    if found.role == ROLE:
        runtime().tips.db.transact(unlocking.lock_everywhere, staff_id=found.id)


def remember(response: Response, fresh: str) -> None:
    """Give the browser what opens the key, for the pages of tips alone."""
    age = int(unlocking.LIFE.total_seconds())
    response.set_cookie(COOKIE, fresh, age, path=COOKIE_PATH, secure=secure(), httponly=True, samesite="Strict")


def forget(response: Response) -> None:
    """Take it out of the browser."""
    response.delete_cookie(COOKIE, path=COOKIE_PATH, secure=secure(), httponly=True, samesite="Strict")
