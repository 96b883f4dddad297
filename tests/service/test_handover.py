"""Cases that change hands: a takeover from above, a leaving clerk, a disabled one; and what the others are told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend.accounts import relatives
from backend.applications import due, handover, takeover
from backend.applications.policy import Reviewer
from backend.kernel.clock import system_clock
from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from backend.models.application import Application, InternalNote
from backend.models.audit import AuditEntry
from backend.models.staff import Staff
from backend.notifications import staff as inbox
from tests import factories as make
from tests.people import EMPTY_VILLAGE, VILLAGE, Cast, hire, id_number

REASON = "经办人请假，今天到期"


def held(cast: Cast, level: str = "village", serial: int = 7) -> Application:
    """A case in the hands of the village clerk."""
    row = make.submitted(cast, f"人{chr(0x4E00 + serial)}", serial=serial)
    make.claim(cast, row.number or "", cast.reviewers[level])
    return make.load(cast, row.id)


def name(cast: Cast, reviewer: Reviewer) -> str:
    with cast.db.reading() as session:
        return session.scalar(select(Staff.username).where(Staff.id == reviewer.id)) or ""


def take_over(cast: Cast, row: Application, who: Reviewer, to: str | None = None, reason: str = REASON) -> Application:
    arguments = {"reviewer": who, "number": row.number, "reason": reason, "to": to, "now": cast.clock()}
    cast.run(takeover.take_over, vault=cast.vault, **arguments)
    return make.load(cast, row.id)


def hand_over(cast: Cast, giver: Reviewer, to: Reviewer | None = None, by: Reviewer | None = None) -> int:
    arguments = {"giver": name(cast, giver), "to": name(cast, to) if to else None, "now": cast.clock()}
    return int(cast.run(handover.hand_over, by=by or giver, **arguments))


def told(cast: Cast, reviewer: Reviewer) -> list[tuple[str, dict[str, Any], str | None]]:
    with cast.db.reading() as session:
        cards, _ = inbox.inbox(session, cast.vault, staff_id=reviewer.id, limit=20, cursor=None)
    return [(card.kind, card.facts, card.words) for card in cards]


def acts(cast: Cast, row: Application) -> list[str]:
    with cast.db.reading() as session:
        return list(
            session.scalars(select(AuditEntry.act).where(AuditEntry.subject_id == row.id).order_by(AuditEntry.sequence))
        )


def test_a_takeover_frees_the_case_and_tells_the_loser_why(cast: Cast) -> None:
    row = held(cast)
    after = take_over(cast, row, cast.reviewers["town"])
    assert (after.claimed_by, after.fence, after.queue) == (None, row.fence + 1, "village")
    facts = {"number": row.number, "post": cast.reviewers["town"].post}
    assert told(cast, cast.reviewers["village"]) == [("taken_over", facts, REASON)]
    assert acts(cast, row)[-2:] == ["note.write", "claim.takeover"]
    with cast.db.reading() as session:
        assert session.scalar(select(InternalNote.id).where(InternalNote.application_id == row.id))


def test_the_loser_s_late_decision_meets_the_fence(cast: Cast) -> None:
    row = held(cast)
    take_over(cast, row, cast.reviewers["county"])
    with pytest.raises(Conflict, match="stale_fence"):
        make.decide(cast, row.number or "", "village", "approve", fence=row.fence)


def test_a_takeover_hands_the_case_to_a_named_colleague(cast: Cast) -> None:
    row, colleague = held(cast), hire(cast, "village", region=VILLAGE)
    after = take_over(cast, row, cast.reviewers["town"], name(cast, colleague))
    assert (after.claimed_by, after.fence) == (colleague.id, row.fence + 1)
    make.decide(cast, row.number or "", colleague, "approve", fence=after.fence)
    assert [kind for kind, _, _ in told(cast, colleague)] == ["handed_over"]


def test_whoever_takes_over_does_not_decide_for_the_level_below(cast: Cast) -> None:
    row = held(cast)
    take_over(cast, row, cast.reviewers["town"])
    with pytest.raises(Conflict, match="not_your_level"):
        make.claim(cast, row.number or "", cast.reviewers["town"])


def test_only_someone_above_takes_over_and_only_what_is_held(cast: Cast) -> None:
    row, colleague = held(cast), hire(cast, "village", region=VILLAGE)
    with pytest.raises(Forbidden, match="not_above"):
        take_over(cast, row, colleague)
    with pytest.raises(NotFound):
        take_over(cast, row, hire(cast, "town", region="370402002000"))
    with pytest.raises(Invalid, match="reason_missing"):
        take_over(cast, row, cast.reviewers["town"], reason="  ")
    cast.clock.advance(timedelta(minutes=31))
    with pytest.raises(Conflict, match="not_claimed"):
        take_over(cast, row, cast.reviewers["town"])


def test_a_takeover_gives_nothing_to_somebody_elsewhere_or_barred(cast: Cast) -> None:
    row, far = held(cast), hire(cast, "village", region=EMPTY_VILLAGE)
    with pytest.raises(Conflict, match="not_there"):
        take_over(cast, row, cast.reviewers["town"], name(cast, far))
    colleague = hire(cast, "village", region=VILLAGE)
    family(cast, colleague, 7)
    with pytest.raises(Conflict, match="receiver_barred"):
        take_over(cast, row, cast.reviewers["town"], name(cast, colleague))


def family(cast: Cast, reviewer: Reviewer, serial: int) -> None:
    person = {"id_type": "resident_id", "id_number": id_number(serial)}
    cast.run(relatives.declare, vault=cast.vault, staff_id=reviewer.id, now=cast.clock(), **person)


def test_a_leaving_clerk_hands_everything_over_at_once(cast: Cast) -> None:
    rows = [held(cast, serial=serial) for serial in range(100, 105)]
    colleague = hire(cast, "village", region=VILLAGE)
    family(cast, colleague, 100)
    assert hand_over(cast, cast.reviewers["village"], colleague) == 5
    after = [make.load(cast, row.id) for row in rows]
    assert [row.claimed_by for row in after] == [None] + [colleague.id] * 4
    assert all(late.fence == early.fence + 1 for late, early in zip(after, rows, strict=True))
    kind, facts, _ = told(cast, colleague)[0]
    assert (kind, facts["count"], len(told(cast, colleague))) == ("handed_over", 4, 1)


def test_a_superior_or_colleague_hands_over_but_no_stranger(cast: Cast) -> None:
    held(cast)
    village = cast.reviewers["village"]
    for stranger in (hire(cast, "village", region=EMPTY_VILLAGE), hire(cast, "town", region="370402002000")):
        with pytest.raises(NotFound):
            hand_over(cast, village, by=stranger)
    with pytest.raises(NotFound):
        hand_over(cast, cast.reviewers["town"], by=village)
    assert hand_over(cast, village, by=cast.reviewers["county"]) == 1
    assert [kind for kind, _, _ in told(cast, village)] == ["handed_away"]


def test_a_disabled_clerk_holds_nothing(cast: Cast) -> None:
    row = held(cast)
    arguments = {"username": name(cast, cast.reviewers["village"]), "now": cast.clock(), "at": system_clock()}
    assert cast.run(handover.disable, **arguments) == 1
    assert make.load(cast, row.id).claimed_by is None
    with pytest.raises(Conflict, match="not_there"):
        hand_over(cast, hire(cast, "village", region=VILLAGE), cast.reviewers["village"])


def test_the_sweep_frees_what_a_disabled_clerk_holds(cast: Cast) -> None:
    row = held(cast)

    def close(session: Any) -> None:
        session.get_one(Staff, cast.reviewers["village"].id).active = False

    cast.db.transact(close)
    assert cast.run(due.release_claims, now=cast.clock()) == 1
    assert make.load(cast, row.id).claimed_by is None
