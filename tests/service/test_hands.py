"""In whose hands a case may be: not two levels in one person's, not one's own, not the family's; and never stuck."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.accounts import absence, relatives
from backend.accounts.policy import id_index
from backend.applications import claims, desk, due, hands, next_case, people, queue
from backend.applications.policy import Reviewer
from backend.applications.queue import Filter
from backend.catalogue import queries as catalogue
from backend.kernel.clock import today
from backend.kernel.errors import Conflict, Forbidden, NotFound
from backend.models.application import Application
from backend.models.staff import Staff
from tests import factories as make
from tests.people import EMPTY_VILLAGE, VILLAGE, Cast, hire, id_number

OWN = ("resident_id", id_number(900, "19800101"))


def person(cast: Cast, reviewer: Reviewer, document: tuple[str, str] = OWN) -> Reviewer:
    """The same clerk, whose document is known."""
    index = id_index(cast.vault, *document)

    def write(session: Session) -> None:
        session.execute(update(Staff).where(Staff.id == reviewer.id).values(person_index=index))

    cast.db.transact(write)
    return Reviewer(reviewer.id, reviewer.level, reviewer.region, reviewer.post, index)


def relative(cast: Cast, reviewer: Reviewer, number: str) -> int:
    arguments = {"staff_id": reviewer.id, "id_type": "resident_id", "id_number": number, "now": cast.clock()}
    return int(cast.run(relatives.declare, vault=cast.vault, **arguments))


def refused(cast: Cast, number: str | None, reviewer: Reviewer) -> str:
    with pytest.raises(Forbidden) as found:
        make.claim(cast, number or "", reviewer)
    return found.value.code


def at(cast: Cast, row: Application) -> tuple[str, str]:
    found = make.load(cast, row.id)
    return found.level, found.queue


def test_one_person_with_two_accounts_acts_at_one_level_only(cast: Cast) -> None:
    below, above = (person(cast, cast.reviewers[level]) for level in ("village", "town"))
    hire(cast, "town", region=above.region)
    row = make.submitted(cast)
    make.decide(cast, row.number or "", below, "approve")
    assert at(cast, row) == ("town", "town"), "a colleague can take it"
    assert refused(cast, row.number, above) == "acted_before"


def test_a_claim_from_before_the_bar_does_not_decide(cast: Cast) -> None:
    row = make.submitted(cast)
    village = cast.reviewers["village"]
    lease = make.claim(cast, row.number or "", village)
    relative(cast, village, id_number(7))
    with pytest.raises(Forbidden) as found:
        make.decide(cast, row.number or "", village, "approve", fence=lease.fence)
    assert found.value.code == "own_family"


def test_declared_family_is_neither_shown_nor_handled(cast: Cast) -> None:
    row = make.submitted(cast)
    village = cast.reviewers["village"]
    kept = relative(cast, village, id_number(7))
    assert relative(cast, village, id_number(7)) == kept, "the same person is declared once"
    assert refused(cast, row.number, village) == "own_family"
    with pytest.raises(Forbidden), cast.db.reading() as session:
        desk.case(
            session, cast.vault, calendar=cast.calendar, reviewer=village, number=row.number or "", now=cast.clock()
        )
    cast.run(relatives.remove, staff_id=village.id, relative_id=kept)
    assert make.claim(cast, row.number or "", village).fence == 1


def test_family_counts_under_every_account_of_the_clerk(cast: Cast) -> None:
    village = person(cast, cast.reviewers["village"])
    twin = person(cast, hire(cast, "village", region=EMPTY_VILLAGE))
    relative(cast, twin, id_number(7))
    assert refused(cast, make.submitted(cast).number, village) == "own_family"


def test_a_stranger_cannot_take_back_a_declaration(cast: Cast) -> None:
    kept = relative(cast, cast.reviewers["village"], id_number(7))
    with pytest.raises(NotFound):
        cast.run(relatives.remove, staff_id=cast.reviewers["town"].id, relative_id=kept)


def test_the_list_offers_no_claim_and_says_why(cast: Cast) -> None:
    make.submitted(cast)
    village = cast.reviewers["village"]
    relative(cast, village, id_number(7))
    with cast.db.reading() as session:
        page = queue.page(session, reviewer=village, wanted=Filter(turn=True), limit=9, cursor=None, now=cast.clock())
    assert [(line["barred"], line["allowed_actions"]) for line in page.items] == [("own_family", [])]


def test_the_next_case_is_the_first_one_may_act_on(cast: Cast) -> None:
    village = cast.reviewers["village"]
    for serial in range(100, 123):
        make.submitted(cast, f"人{chr(0x4E00 + serial)}", serial=serial)
        relative(cast, village, id_number(serial))
    free = make.submitted(cast, "王㐂", serial=7)
    assert cast.run(next_case.take, reviewer=village, now=cast.clock()) == free.id


def test_a_case_skips_an_office_where_everyone_is_barred(cast: Cast) -> None:
    relative(cast, cast.reviewers["village"], id_number(7))
    assert at(cast, make.submitted(cast)) == ("town", "town")


def test_a_case_skips_the_level_whose_only_clerk_acted_below(cast: Cast) -> None:
    below, above = (person(cast, cast.reviewers[level]) for level in ("village", "town"))
    row = make.submitted(cast)
    make.decide(cast, row.number or "", below, "approve")
    assert at(cast, row) == ("town", "county"), above.post
    assert make.claim(cast, row.number or "", cast.reviewers["county"]).fence == 2


def test_what_was_declared_later_moves_the_case_up(cast: Cast) -> None:
    row = make.submitted(cast)
    assert cast.run(hands.free_stuck, now=cast.clock(), limit=9) == 0
    relative(cast, cast.reviewers["village"], id_number(7))
    assert cast.run(hands.free_stuck, now=cast.clock(), limit=9) == 1
    assert cast.run(hands.free_stuck, now=cast.clock(), limit=9) == 0
    assert at(cast, row) == ("town", "town")


def test_a_colleague_keeps_the_case_in_its_office(cast: Cast) -> None:
    hire(cast, "village", region=VILLAGE)
    row = make.submitted(cast)
    relative(cast, cast.reviewers["village"], id_number(7))
    assert cast.run(hands.free_stuck, now=cast.clock(), limit=9) == 0
    assert at(cast, row) == ("village", "village")


def test_whoever_decided_may_open_the_case_again(cast: Cast) -> None:
    row = make.approved(cast)
    make.reopen(cast, row.number or "", cast.reviewers["county"])
    make.decide(cast, row.number or "", "town", "return", note="请再核对")
    assert at(cast, row) == ("village", "village")
    with pytest.raises(Conflict):
        make.claim(cast, row.number or "", cast.reviewers["county"])


def test_an_absent_office_is_passed_over_until_its_clerk_is_back(cast: Cast) -> None:
    village, day = cast.reviewers["village"], today(cast.clock())
    waiting = make.submitted(cast)
    cast.run(absence.set_away, staff_id=village.id, until=day + timedelta(days=1), today=day, now=cast.clock())
    assert cast.run(due.reroute, now=cast.clock()) == 1
    assert at(cast, waiting) == ("town", "town")
    assert at(cast, make.submitted(cast, "李四", serial=8))[1] == "town"
    for later, back in ((1, 0), (2, 1)):
        done = {"today": day + timedelta(days=later), "now": cast.clock(), "limit": 9}
        assert cast.run(absence.come_back, **done) == back
    assert at(cast, make.submitted(cast, "赵六", serial=9))[1] == "village"
    assert at(cast, waiting)[1] == "town", "a case that moved up stays there"


@pytest.mark.parametrize("until", [date(2026, 11, 22), date(2028, 1, 1)])
def test_an_absence_has_a_sensible_end(cast: Cast, until: date) -> None:
    with pytest.raises(Exception, match="wrong_day"):
        cast.run(absence.set_away, staff_id=1, until=until, today=today(cast.clock()), now=cast.clock())


def test_an_act_of_the_holder_renews_the_lease_but_not_each_time(cast: Cast) -> None:
    row = make.submitted(cast)
    village = cast.reviewers["village"]
    first = make.claim(cast, row.number or "", village)
    for minutes, renewed in ((4, False), (4, True), (29, True)):
        before = make.load(cast, row.id)
        cast.clock.advance(timedelta(minutes=minutes))
        cast.run(claims.stay, reviewer=village, number=row.number or "", now=cast.clock())
        after = make.load(cast, row.id)
        assert (after.claimed_until != before.claimed_until, after.fence) == (renewed, first.fence)
        assert after.audit_sequence - before.audit_sequence == int(renewed)


def test_a_lease_that_ran_out_is_not_renewed(cast: Cast) -> None:
    row = make.submitted(cast)
    village = cast.reviewers["village"]
    make.claim(cast, row.number or "", village)
    cast.clock.advance(timedelta(minutes=31))
    cast.run(claims.stay, reviewer=village, number=row.number or "", now=cast.clock())
    assert make.load(cast, row.id).claimed_until < cast.clock()  # type: ignore[operator]


def test_a_clerk_who_filed_for_somebody_does_not_handle_it(cast: Cast) -> None:
    village = person(cast, cast.reviewers["village"], ("resident_id", id_number(7)))
    case = make.draft(cast)
    principal = {"name": "李四", "id_type": "resident_id", "id_number": id_number(8), "mobile": "13800000008"}
    given = {"resident_id": cast.residents["王㐂"], "application_id": case, "relation": "village_specialist"}
    cast.run(people.record_mandate, vault=cast.vault, now=cast.clock(), **given, **principal)
    with cast.db.reading() as session:
        make.answer(cast, case, **catalogue.definition(session, "migrant-proof").example)
    make.hand_in(cast, case, "王㐂", people.MANDATE_LETTER)
    make.submit(cast, case)
    row = make.load(cast, case)
    assert at(cast, row) == ("town", "town"), "nobody else works in the village"
    assert hands_of(cast, village, row) == "own_case"


def hands_of(cast: Cast, reviewer: Reviewer, row: Application) -> str | None:
    with cast.db.reading() as session:
        return hands.reason(session, reviewer, row)
