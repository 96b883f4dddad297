"""Drafts, handing in, correcting, taking back."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from backend.applications import drafts, people, queries
from backend.events import audit
from backend.kernel.errors import Conflict, Invalid, NotFound, Stale
from backend.lifecycles.application import ApplicationStatus as S
from backend.models.application import Application, ApplicationHistory, ApplicationRevision
from backend.models.audit import AuditEntry
from backend.models.outbox import Outbox
from tests import factories as make
from tests.people import CONFIG, COUNTY, EMPTY_VILLAGE, TOWN, VILLAGE, Cast, id_number


def begin(cast: Cast, who: str = "王㐂", *, region: str = VILLAGE, item: str = "migrant-proof") -> int:
    resident = cast.resident(who, 7)
    return int(
        cast.run(
            drafts.begin, vault=cast.vault, resident_id=resident, service_item=item, region=region, now=cast.clock()
        )
    )


def test_a_submission_writes_everything_at_once(cast: Cast) -> None:
    row = make.submitted(cast)
    assert (row.status, row.level, row.queue, row.revision) == (S.SUBMITTED, "village", "village", 1)
    assert row.number
    assert row.number.startswith("YG2611-")
    assert row.holder_masked == "王*"
    with cast.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(ApplicationHistory)) == 1
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 1
        topics = set(session.scalars(select(Outbox.topic)))
    assert {"application_submitted", "receipt_issued"} <= topics


def test_the_deadline_counts_working_days(cast: Cast) -> None:
    """Monday 23 November 2026 plus three working days; the first day does not count."""
    assert make.submitted(cast).due_on == date(2026, 11, 26)


def test_everything_missing_is_told_at_once(cast: Cast) -> None:
    case = begin(cast)
    with pytest.raises(Invalid) as refused:
        make.submit(cast, case)
    fields = set(refused.value.errors)
    assert refused.value.code == "incomplete"
    assert any(name.startswith("answers.") for name in fields)
    assert any(name.startswith("materials.") for name in fields)


def test_a_second_submission_is_refused_and_changes_nothing(cast: Cast) -> None:
    row = make.submitted(cast)
    with pytest.raises(Conflict):
        make.submit(cast, row.id)
    assert make.load(cast, row.id).version == row.version


def test_two_tabs_submit_at_once_and_one_case_results(cast: Cast) -> None:
    case, outcomes = make.draft(cast), []

    def tab() -> None:
        try:
            outcomes.append(make.submit(cast, case))
        except Conflict as late:
            outcomes.append(late.code)

    tabs = [threading.Thread(target=tab) for _ in range(4)]
    [each.start() for each in tabs]
    [each.join() for each in tabs]
    assert sorted(outcomes).count("not_allowed_now") == 3
    with cast.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(ApplicationRevision)) == 1


def test_a_stranger_sees_nothing(cast: Cast) -> None:
    case = make.submitted(cast).id
    stranger = cast.resident("陌生人", 9)
    with pytest.raises(NotFound), cast.db.reading() as session:
        queries.one(
            session,
            cast.vault,
            purposes=cast.purposes,
            calendar=cast.calendar,
            resident_id=stranger,
            application_id=case,
            now=cast.clock(),
        )


@pytest.mark.parametrize("region", [COUNTY, "370402001999", "1", "110101001001"])
def test_a_wrong_region_is_refused(cast: Cast, region: str) -> None:
    with pytest.raises(Invalid) as refused:
        begin(cast, region=region)
    assert refused.value.code == "unknown_region"


def test_an_unknown_item_is_not_found(cast: Cast) -> None:
    with pytest.raises(NotFound):
        begin(cast, item="no-such-item")


def test_a_closed_item_takes_no_application(cast: Cast, tmp_path: Path) -> None:
    source = (CONFIG / "catalogue" / "family-award.toml").read_text(encoding="utf-8")
    closed = source.replace('kind = "application"', 'kind = "application"\nopen = false', 1)
    told = '[guide]\nonline = "请到村（居）委会办"\nonline_en = "Please go to your committee"'
    (tmp_path / "family-award.toml").write_text(closed.replace("[guide]", told, 1), encoding="utf-8")
    cast.publish(tmp_path)
    with pytest.raises(Conflict) as refused:
        begin(cast, item="family-award")
    assert refused.value.code == "item_closed"


def test_a_stale_version_is_refused(cast: Cast) -> None:
    case = begin(cast)
    old = make.load(cast, case).version
    make.answer(cast, case, marital_status="single")
    with pytest.raises(Stale):
        cast.run(
            drafts.save_answers,
            vault=cast.vault,
            resident_id=cast.residents["王㐂"],
            application_id=case,
            answers={},
            expected_version=old,
            now=cast.clock(),
        )


def test_pages_keep_what_is_right_when_something_is_wrong(cast: Cast) -> None:
    case = make.draft(cast)
    before = make.answers_of(cast, case)
    checked = cast.run(
        drafts.save_answers,
        vault=cast.vault,
        resident_id=cast.residents["王㐂"],
        application_id=case,
        answers={"marital_status": "no-such-choice"},
        expected_version=None,
        now=cast.clock(),
        strict=False,
    )
    assert set(checked.wrong) == {"marital_status"}
    assert make.answers_of(cast, case) == before


def test_a_new_draft_starts_with_the_last_answers(cast: Cast) -> None:
    row = make.submitted(cast)
    assert make.answers_of(cast, begin(cast)) == make.answers_of(cast, row.id)


def test_an_office_without_staff_falls_to_the_level_above(cast: Cast) -> None:
    row = make.submitted(cast, region=EMPTY_VILLAGE)
    assert (row.level, row.queue, row.town) == ("town", "town", TOWN)


def test_a_correction_stops_the_clock_until_the_answer(cast: Cast) -> None:
    row = make.in_correction(cast)
    assert (row.status, row.queue, row.paused_at) == (S.CORRECTION, "", cast.clock())
    cast.clock.advance(timedelta(days=2))  # Wednesday: two working days
    make.hand_in(cast, row.id, "王㐂", make.photo(cast), "two")
    make.resubmit(cast, row.id)
    after = make.load(cast, row.id)
    assert (after.status, after.queue, after.paused_at, after.revision) == (S.IN_REVIEW, "village", None, 2)
    assert after.due_on == date(2026, 11, 30)


def test_a_case_is_taken_back_and_leaves_every_queue(cast: Cast) -> None:
    row = make.submitted(cast)
    make.withdraw(cast, row.id)
    after = make.load(cast, row.id)
    assert (after.status, after.queue, after.claimed_by) == (S.WITHDRAWN, "", None)
    with pytest.raises(Conflict):
        make.withdraw(cast, row.id)


def test_submitted_answers_cannot_be_changed(cast: Cast) -> None:
    row = make.submitted(cast)
    with pytest.raises(Conflict) as refused:
        make.answer(cast, row.id, marital_status="single")
    assert refused.value.code == "not_editable"


def test_progress_shows_dates_and_no_person(cast: Cast) -> None:
    row = make.submitted(cast)
    with cast.db.reading() as session:
        found = queries.progress(session, cast.vault, number=row.number or "", mobile_last4="0007")
    assert found["due_on"] == "2026-11-26"
    assert "王" not in str(found)
    with pytest.raises(NotFound), cast.db.reading() as session:
        queries.progress(session, cast.vault, number=row.number or "", mobile_last4="0008")


def test_nothing_personal_stands_in_clear(cast: Cast) -> None:
    row = make.submitted(cast)
    columns = [str(getattr(row, column.key)) for column in Application.__table__.columns]
    assert "王㐂" not in " ".join(columns)
    assert "000000" not in (row.holder or "") + row.answers


def test_the_chain_of_a_case_holds(cast: Cast) -> None:
    row = make.issued(cast)
    with cast.db.reading() as session:
        entries = list(
            session.scalars(select(AuditEntry).where(AuditEntry.subject_id == row.id).order_by(AuditEntry.sequence))
        )
    assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))
    previous = audit.GENESIS
    for entry in entries:
        assert (entry.previous, entry.hash) == (previous, audit.digest(entry))
        previous = entry.hash
    assert row.audit_head == previous


def test_the_copy_says_what_was_handed_in(cast: Cast) -> None:
    row = make.submitted(cast)
    with cast.db.reading() as session:
        copy = queries.copy(session, cast.vault, resident_id=row.resident_id, application_id=row.id)
    assert copy["number"] == row.number
    assert copy["holder"]["name"] == "王㐂"
    assert [material["material"] for material in copy["materials"]] == [make.photo(cast)]


def test_what_the_account_knows_is_filled_in(cast: Cast) -> None:
    assert make.answers_of(cast, begin(cast))["born_on"] == "1992-05-18"


def test_a_helper_does_not_lend_their_own_data_to_the_principal(cast: Cast) -> None:
    case = begin(cast)
    cast.run(
        people.record_mandate,
        vault=cast.vault,
        resident_id=cast.residents["王㐂"],
        application_id=case,
        relation="family",
        name="欧阳明",
        id_type="resident_id",
        id_number=id_number(55, "19500101"),
        mobile=None,
        now=cast.clock(),
    )
    assert "born_on" not in make.answers_of(cast, case)
    with pytest.raises(Invalid) as refused:
        make.submit(cast, case)
    assert "materials.mandate-letter" in refused.value.errors


def test_a_spouse_signs_with_their_own_login(cast: Cast) -> None:
    case = make.draft(cast)
    with pytest.raises(Conflict):  # nobody asks an unmarried person for a spouse's signature
        cast.run(
            people.invite,
            vault=cast.vault,
            resident_id=cast.residents["王㐂"],
            application_id=case,
            now=cast.clock(),
        )
    make.answer(cast, case, marital_status="married", spouse_name="欧阳明")
    owner, partner, now = cast.residents["王㐂"], cast.resident("欧阳明", 8), cast.clock()
    invitation = cast.run(people.invite, vault=cast.vault, resident_id=owner, application_id=case, now=now)
    with pytest.raises(Invalid):
        cast.run(people.sign, vault=cast.vault, resident_id=owner, code=invitation.code, now=now)
    cast.run(people.sign, vault=cast.vault, resident_id=partner, code=invitation.code, now=now)
    with pytest.raises(NotFound):
        cast.run(people.sign, vault=cast.vault, resident_id=partner, code=invitation.code, now=now)
    with cast.db.reading() as session:
        signed = people.signature(session, case)
    assert signed is not None
    assert (signed.signer_masked, signed.signer_id) == ("欧**", partner)
