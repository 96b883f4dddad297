"""What the API and the pages of investigators' keys share: making, changing, backing, letting in, ending."""

from __future__ import annotations

from dataclasses import dataclass

from backend.kernel.errors import Forbidden
from backend.kernel.i18n import N_
from backend.tips import admitting, investigators, keyring, recipients
from backend.tips.admitting import Source
from backend.tips.keyring import KeyCard
from backend.tips.unlocking import Opener
from backend.web.context import runtime
from backend.web.investigators import opener, who

#: Batches of one request: a few seconds; the rest waits for the next one.
MOST = 30


@dataclass(frozen=True, slots=True)
class Opened:
    """How many older tips were opened to a key, and whether that was all."""

    tips: int
    finished: bool


def listing() -> list[KeyCard]:
    """The county's keys as whoever asks may see them."""
    staff = who()
    with runtime().tips.db.reading() as session:
        return keyring.cards(session, county=staff.region[: recipients.COUNTY], staff_id=staff.id)


def make(passphrase: str, duty: str) -> None:
    """The first key of whoever asks."""
    at = runtime().tips
    key = investigators.new_key(passphrase)
    at.db.transact(investigators.enrol, staff=who(), key=key, duty=duty, day=at.today)


def renew(passphrase: str) -> None:
    """Another key in place of a forgotten or ended one."""
    at = runtime().tips
    at.db.transact(investigators.renew, staff=who(), key=investigators.new_key(passphrase), day=at.today)


def change(old: str, new: str) -> None:
    """Another passphrase for the same key. ``Forbidden`` for a wrong old one."""
    at = runtime().tips
    with at.db.reading() as session:
        row = investigators.of_staff(session, staff_id=who().id)
    if row is None:
        raise investigators.not_found()
    key = investigators.rewrapped(row, old=old, new=new)
    if key is None:
        raise Forbidden("wrong_passphrase", N_("现在的口令不对，请再试一次；忘了就重新做一把钥匙"))
    at.db.transact(investigators.rewrap, investigator_id=row.id, key=key)


def back(investigator_id: str, fingerprint: str) -> None:
    """Vouch for a colleague's key."""
    at, mine = runtime().tips, opener()
    at.db.transact(admitting.back, opener=mine, investigator_id=investigator_id, fingerprint=fingerprint, day=at.today)


def admit(investigator_id: str, fingerprint: str) -> Opened:
    """Let a backed key in and open the older tips to it."""
    at, mine = runtime().tips, opener()
    at.db.transact(admitting.admit, opener=mine, investigator_id=investigator_id, fingerprint=fingerprint, day=at.today)
    return fill(investigator_id, mine)


def fill(investigator_id: str, mine: Opener | None = None) -> Opened:
    """Open to an active key what is open to whoever asks, as far as one request goes."""
    at, mine = runtime().tips, mine or opener()
    source, tips, after = Source(mine.id, mine.private), 0, ""
    for _ in range(MOST):
        done = at.db.transact(
            admitting.reseal, source=source, investigator_id=investigator_id, after=after, day=at.today
        )
        tips += done.sealed
        if done.after is None:
            return Opened(tips, True)
        after = done.after
    return Opened(tips, False)


def end(investigator_id: str) -> None:
    """Take out one's own key, or with an open key a colleague's."""
    at, staff = runtime().tips, who()
    with at.db.reading() as session:
        own = investigators.of_staff(session, staff_id=staff.id)
    if own is None or own.id != investigator_id:
        mine = opener()
        at.db.transact(investigators.end, investigator_id=investigator_id, county=mine.county, day=at.today)
        return
    at.db.transact(investigators.end, investigator_id=own.id, county=own.county, day=at.today)
