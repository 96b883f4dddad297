"""What the office says to a reporter through the mailbox: answers and questions."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from backend.events import moves
from backend.kernel.errors import Conflict
from backend.kernel.i18n import N_
from backend.lifecycles.tip import TIP, TipStatus
from backend.models.tip import Mailbox, Tip
from backend.tips import desk, entries
from backend.tips.unlocking import Opener

LONGEST = 2000
ASKED, WROTE = "asked", "wrote"


def say(
    session: Session,
    *,
    opener: Opener,
    tip_id: str,
    text: str,
    ask: bool,
    version: int | None,
    day: date,
    log_id: str,
) -> str:
    """Put a message into the mailbox; the tip's id. ``ask``: the tip waits for what its reporter answers.

    The first message counts as the answer that is due in fifteen working days. ``Conflict`` when the mailbox is gone,
    when nothing can be asked in this status, or when ``version`` is not the present one. Carried out once for each
    ``log_id``. ``Invalid third_party`` for words that tell who a woman is.
    """
    tip, key = desk.load(session, opener=opener, tip_id=tip_id)
    if desk.done(session, log_id):
        return tip_id
    desk.check_version(tip, version)
    if ask and tip.status != TipStatus.NEED_MORE:
        moves.mark(tip, "ask", lifecycle=TIP, role=desk.ROLE, day=day)
    write(session, key, tip=tip, text=text, ask=ask, opener=opener, day=day, log_id=log_id)
    return tip_id


def write(
    session: Session,
    key: bytes,
    *,
    tip: Tip,
    text: str,
    ask: bool = False,
    opener: Opener,
    day: date,
    log_id: str | None = None,
) -> None:
    """The message itself, its day and its line in the log."""
    check_reachable(session, tip_id=tip.id)
    if tip.answered_on is None:
        tip.answered_on = day
    session.flush()
    entry_id = entries.write(
        session,
        key,
        tip_id=tip.id,
        kind=entries.MESSAGE,
        author=entries.OFFICE,
        content={"text": text, "ask": ask},
        day=day,
    )
    act = ASKED if ask else WROTE
    desk.log(session, tip_id=tip.id, opener=opener, act=act, day=day, entry_id=entry_id, log_id=log_id)


def check_reachable(session: Session, *, tip_id: str) -> None:
    """``Conflict`` when nobody has the mailbox any more."""
    if session.get(Mailbox, tip_id) is None:
        raise Conflict("reporter_left", N_("举报人已经撤回，看不到回话了。可以写在核查记录里"))
