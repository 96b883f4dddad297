"""Claims, fences, levels and decisions."""

from __future__ import annotations

import random
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from backend.applications import claims, desk, due, issuing, materials, queue
from backend.applications.queue import Filter
from backend.applications.review import Defect
from backend.catalogue import files
from backend.certificates import queries as certificates
from backend.db import Database
from backend.kernel import ids
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from backend.lifecycles.application import ApplicationStatus as S
from backend.models.application import ApplicationHistory, StaffNotice
from backend.models.staff import Staff
from tests import factories as make
from tests.clock import MovableClock
from tests.people import CONFIG, EMPTY_VILLAGE, VILLAGE, Cast, assemble, hire, id_number


def test_two_offices_approve_and_the_case_is_done(cast: Cast) -> None:
    row = make.approved(cast)
    assert (row.status, row.queue, row.decided_level) == (S.APPROVED, "", "town")


def test_the_town_waits_for_the_village(cast: Cast) -> None:
    row = make.submitted(cast)
    with pytest.raises(Conflict) as refused:
        make.claim(cast, row.number or "", cast.reviewers["town"])
    assert refused.value.code == "not_your_level"


def test_another_village_sees_no_case(cast: Cast) -> None:
    row = make.submitted(cast)
    other = hire(cast, "village", region=EMPTY_VILLAGE)
    with pytest.raises(NotFound):
        make.claim(cast, row.number or "", other)


def test_a_claim_again_renews_with_the_same_fence(cast: Cast) -> None:
    number = make.submitted(cast).number or ""
    first = make.claim(cast, number, cast.reviewers["village"])
    cast.clock.advance(timedelta(minutes=20))
    again = make.claim(cast, number, cast.reviewers["village"])
    assert again.fence == first.fence
    assert again.expires_at > first.expires_at


def test_a_held_case_names_post_and_time(cast: Cast) -> None:
    number = make.submitted(cast).number or ""
    make.claim(cast, number, cast.reviewers["village"])
    colleague = hire(cast, "village", region=VILLAGE)
    with pytest.raises(Conflict) as refused:
        make.claim(cast, number, colleague)
    assert refused.value.code == "already_claimed"
    assert refused.value.extra["post"] == "村级核对岗"
    assert "until" in refused.value.extra


def test_a_late_decision_meets_the_fence(cast: Cast) -> None:
    number = make.submitted(cast).number or ""
    old = make.claim(cast, number, cast.reviewers["village"])
    cast.clock.advance(timedelta(minutes=31))
    colleague = hire(cast, "village", region=VILLAGE)
    make.claim(cast, number, colleague)
    with pytest.raises(Conflict) as refused:
        make.decide(cast, number, "village", "approve", fence=old.fence)
    assert refused.value.code == "stale_fence"


def test_a_decision_releases_the_claim(cast: Cast) -> None:
    row = make.submitted(cast)
    make.decide(cast, row.number or "", "village", "accept")
    after = make.load(cast, row.id)
    assert (after.status, after.claimed_by) == (S.IN_REVIEW, None)


def test_the_sweep_frees_cases_whose_lease_ran_out(cast: Cast) -> None:
    row = make.submitted(cast)
    make.claim(cast, row.number or "", cast.reviewers["village"])
    cast.clock.advance(timedelta(minutes=31))
    assert cast.run(due.release_claims, now=cast.clock()) == 1
    assert make.load(cast, row.id).claimed_by is None


def test_a_return_goes_one_level_down_with_words(cast: Cast) -> None:
    row = make.submitted(cast)
    make.decide(cast, row.number or "", "village", "approve")
    make.decide(cast, row.number or "", "town", "return", note="请再核对住址")
    assert make.load(cast, row.id).queue == "village"
    with pytest.raises(Conflict) as refused:
        make.decide(cast, row.number or "", "village", "return", note="没有下级")
    assert refused.value.code == "nothing_below"


def test_nothing_is_decided_while_a_correction_is_open(cast: Cast) -> None:
    row = make.in_correction(cast)
    with pytest.raises(Conflict):
        make.decide(cast, row.number or "", "village", "approve", fence=row.fence)


@pytest.mark.parametrize(("kind", "note"), [("reject", ""), ("reject", "  "), ("request_correction", "")])
def test_words_to_the_applicant_are_required(cast: Cast, kind: str, note: str) -> None:
    number = make.submitted(cast).number or ""
    with pytest.raises(Invalid):
        make.decide(cast, number, "village", kind, note=note)


def test_a_correction_names_only_what_the_form_has(cast: Cast) -> None:
    number = make.submitted(cast).number or ""
    with pytest.raises(Invalid) as refused:
        make.decide(cast, number, "village", "request_correction", defects=(Defect("no-such-field", "x"),))
    assert refused.value.code == "unknown_target"


def test_staff_see_what_a_resubmission_changed(cast: Cast) -> None:
    row = make.in_correction(cast)
    make.hand_in(cast, row.id, "王㐂", make.photo(cast), "two")
    make.resubmit(cast, row.id)
    with cast.db.reading() as session:
        seen = desk.case(
            session,
            cast.vault,
            calendar=cast.calendar,
            reviewer=cast.reviewers["village"],
            number=row.number or "",
            now=cast.clock(),
        )
    assert [change["target"] for change in seen["changes"]] == [make.photo(cast)]


def test_identity_is_masked_until_the_case_is_claimed(cast: Cast) -> None:
    number = make.submitted(cast).number or ""
    village = cast.reviewers["village"]
    with cast.db.reading() as session:
        before = desk.case(
            session, cast.vault, calendar=cast.calendar, reviewer=village, number=number, now=cast.clock()
        )
    make.claim(cast, number, village)
    with cast.db.reading() as session:
        after = desk.case(
            session, cast.vault, calendar=cast.calendar, reviewer=village, number=number, now=cast.clock()
        )
    assert before["holder"]["name"] == "王*"
    assert id_number(7) not in str(before)
    assert after["holder"]["id_number"] == id_number(7)


def test_a_look_at_a_material_is_recorded_for_the_applicant(cast: Cast) -> None:
    row = make.submitted(cast)
    with cast.db.reading() as session:
        village = cast.reviewers["village"]
        seen = desk.case(
            session, cast.vault, calendar=cast.calendar, reviewer=village, number=row.number or "", now=cast.clock()
        )
    document = cast.db.transact(
        materials.opened_by_staff,
        vault=cast.vault,
        reviewer=cast.reviewers["village"],
        number=row.number or "",
        document_id=ids.decode(seen["materials"][0]["id"]),
        now=cast.clock(),
    )
    assert document.document.code == make.photo(cast)
    assert make.load(cast, row.id).version == row.version, "a look is no revision"


def test_nobody_decides_their_own_case(cast: Cast) -> None:
    number = make.submitted(cast).number or ""
    clerk = cast.reviewer("village", own=("resident_id", id_number(7)))
    with pytest.raises(Forbidden) as refused:
        make.claim(cast, number, clerk)
    assert refused.value.code == "own_case"


def test_issuing_happens_once(cast: Cast) -> None:
    row = make.approved(cast)
    arguments = {"vault": cast.vault, "issuer": "yangguang", "application_id": row.id, "now": cast.clock()}
    first, second = (cast.run(issuing.issue, **arguments) for _ in range(2))
    assert first.startswith("HY-370402-2026-")
    assert second is None
    assert make.load(cast, row.id).status == S.ISSUED


def test_reopening_revokes_and_a_new_approval_issues_anew(cast: Cast) -> None:
    row = make.issued(cast)
    with pytest.raises(Conflict):
        make.reopen(cast, row.number or "", cast.reviewers["village"])
    make.reopen(cast, row.number or "", cast.reviewers["town"])
    make.decide(cast, row.number or "", "town", "approve")
    cast.run(issuing.issue, vault=cast.vault, issuer="yangguang", application_id=row.id, now=cast.clock())
    with cast.db.reading() as session:
        cards, _ = certificates.mine(session, resident_id=row.resident_id, now=cast.clock(), limit=10, cursor=None)
    assert sorted(card.status for card in cards) == ["revoked", "valid"]


def test_fifty_clerks_on_thirty_cases_decide_each_once(cast: Cast) -> None:
    numbers = [make.submitted(cast, f"申请{chr(0x4E00 + n)}", serial=100 + n).number or "" for n in range(30)]
    clerks = [hire(cast, "village", region=VILLAGE) for _ in range(10)]
    done: list[str] = []

    def work(clerk: object, seed: int) -> None:
        order = random.Random(seed).sample(numbers, len(numbers))
        for number in order:
            try:
                make.decide(cast, number, clerk, "approve")  # type: ignore[arg-type]
                done.append(number)
            except Problem:
                continue

    threads = [threading.Thread(target=work, args=(clerk, seed)) for seed, clerk in enumerate(clerks)]
    [each.start() for each in threads]
    [each.join() for each in threads]
    assert sorted(done) == sorted(numbers)


def test_the_queue_pages_by_deadline_without_gaps(cast: Cast) -> None:
    numbers = {make.submitted(cast, f"申请{chr(0x4E00 + n)}", serial=100 + n).number for n in range(7)}
    seen, cursor = [], None
    while True:
        with cast.db.reading() as session:
            page = queue.page(
                session,
                reviewer=cast.reviewers["town"],
                wanted=Filter(),
                limit=3,
                cursor=cursor,
                now=cast.clock(),
            )
        seen += [item["number"] for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7
    assert set(seen) == numbers


def test_the_office_is_told_before_and_the_one_above_after_the_last_day(cast: Cast) -> None:
    row = make.submitted(cast)
    cast.clock.advance(timedelta(days=2))  # the last working day before the deadline
    assert cast.run(due.warn_deadlines, calendar=cast.calendar, now=cast.clock()) == 1
    assert cast.run(due.warn_deadlines, calendar=cast.calendar, now=cast.clock()) == 0
    cast.clock.advance(timedelta(days=2))
    assert cast.run(due.escalate_deadlines, now=cast.clock()) == 1
    assert cast.run(due.escalate_deadlines, now=cast.clock()) == 0
    with cast.db.reading() as session:
        notices = {(notice.kind, notice.region) for notice in session.scalars(select(StaffNotice))}
    assert notices == {("deadline_near", row.village), ("deadline_passed", row.town)}


def test_cases_leave_an_office_that_lost_its_staff(cast: Cast) -> None:
    row = make.submitted(cast)

    def leave(session: object) -> None:
        session.get_one(Staff, cast.reviewers["village"].id).active = False  # type: ignore[attr-defined]

    cast.db.transact(leave)
    assert cast.run(due.reroute, now=cast.clock()) == 1
    assert make.load(cast, row.id).queue == "town"


def test_an_unanswered_correction_lapses(cast: Cast) -> None:
    row = make.in_correction(cast)
    cast.clock.advance(timedelta(days=20))
    assert cast.run(due.lapse_corrections, now=cast.clock()) == 1
    assert make.load(cast, row.id).status == S.WITHDRAWN
    with cast.db.reading() as session:
        last = session.scalars(select(ApplicationHistory).order_by(ApplicationHistory.id.desc()).limit(1)).one()
    assert (last.move, last.actor_kind) == ("lapse", "system")


def test_a_draft_is_warned_then_deleted(cast: Cast) -> None:
    case = make.draft(cast)
    cast.clock.advance(timedelta(days=80))
    assert cast.run(due.warn_drafts, now=cast.clock()) == 1
    assert cast.run(due.expire_drafts, now=cast.clock()) == 0
    cast.clock.advance(timedelta(days=11))
    assert cast.run(due.expire_drafts, now=cast.clock()) == 1
    with pytest.raises(Exception, match="No row"):
        make.load(cast, case)


def test_a_three_level_item_runs_as_published(
    database: Database, vault: Vault, clock: MovableClock, tmp_path: Path
) -> None:
    """Levels are data: the same form with a third level goes village → town → county."""
    source = (CONFIG / "catalogue" / "migrant-proof.toml").read_text(encoding="utf-8")
    extra = '[[workflow]]\nlevel = "county"\nlabel = "区里审批"\nlabel_en = "District"\n\n[[workflow]]\nlevel = "town"'
    before, after = source.split('[[workflow]]\nlevel = "town"')
    town, rest = after.split("\n\n", 1)
    county = extra.split("\n\n")[0]
    path = tmp_path / "three.toml"
    path.write_text(f'{before}[[workflow]]\nlevel = "town"{town}\n\n{county}\n\n{rest}', encoding="utf-8")
    cast = assemble(database, vault, clock)
    cast.publish(path)
    row = make.submitted(cast)
    for level in ("village", "town"):
        make.decide(cast, row.number or "", level, "approve")
        assert make.load(cast, row.id).status == S.IN_REVIEW
    make.decide(cast, row.number or "", "county", "approve")
    assert make.load(cast, row.id).decided_level == "county"


def test_the_clock_runs_past_the_last_known_calendar(cast: Cast) -> None:
    """No holidays are known for 2027: working days fall back to Monday to Friday."""
    cast.clock.advance(timedelta(days=38))  # Thursday 31 December 2026
    assert make.submitted(cast).due_on == date(2027, 1, 5)


def test_a_stranger_to_review_is_refused_by_jurisdiction_in_every_act(cast: Cast) -> None:
    number = make.submitted(cast).number or ""
    other = hire(cast, "town", region="370402002000")
    for act in (
        lambda: make.claim(cast, number, other),
        lambda: cast.run(claims.release, reviewer=other, number=number, now=cast.clock()),
        lambda: make.decide(cast, number, other, "approve", fence=1),
        lambda: make.reopen(cast, number, other),
    ):
        with pytest.raises(NotFound):
            act()


def test_publishing_refuses_an_unreachable_level(tmp_path: Path) -> None:
    source = (CONFIG / "catalogue" / "migrant-proof.toml").read_text(encoding="utf-8")
    path = tmp_path / "wrong.toml"
    path.write_text(source.replace('level = "village"', 'level = "moon"'), encoding="utf-8")
    with pytest.raises(files.RefusedError) as refused:
        files.load(path, purposes=frozenset({"identity", "family"}), now=MovableClock()())
    assert all(complaint.line > 1 for complaint in refused.value.complaints)
