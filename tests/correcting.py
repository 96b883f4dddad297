"""Corrections as clerks and applicants go through them; nothing here sets a column."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from backend.applications import corrections, desk, queries, records, review, second_corrections
from backend.applications.corrections import Defect, Wanted
from backend.applications.policy import Reviewer
from backend.applications.review import Decision
from backend.models.application import Application, Correction, Pause
from backend.models.audit import AuditEntry
from backend.models.desk import StaffMessage
from tests import factories as make
from tests.people import Cast

REASON = "answer_incomplete"


def defect(cast: Cast, reason: str = "看不清，请重拍", hand_in: str = "") -> Defect:
    return Defect(make.photo(cast), reason, hand_in)


def request(
    cast: Cast,
    number: str,
    who: str | Reviewer = "village",
    *,
    due_on: date | None = None,
    reason_code: str | None = None,
    reason_words: str = "",
    defects: tuple[Defect, ...] = (),
) -> None:
    """Claim and ask for a correction."""
    clerk = cast.reviewers[who] if isinstance(who, str) else who
    fence = make.claim(cast, number, clerk).fence
    cast.run(
        review.decide,
        vault=cast.vault,
        calendar=cast.calendar,
        reviewer=clerk,
        number=number,
        decision=Decision(
            "request_correction", "照片看不清", defects or (defect(cast),), due_on, reason_code, reason_words
        ),
        fence=fence,
        now=cast.clock(),
    )


def proposed(cast: Cast, who: str = "王㐂", **options: Any) -> Application:
    """A case that answered one correction and whose village now proposes a second."""
    row = make.in_correction(cast, who=who, **options)
    make.resubmit(cast, row.id, who)
    request(cast, row.number or "", reason_code=REASON)
    return make.load(cast, row.id)


def consent(
    cast: Cast, number: str, who: str | Reviewer = "town", *, agree: bool = True, note: str = "没有必要"
) -> None:
    clerk = cast.reviewers[who] if isinstance(who, str) else who
    cast.run(
        second_corrections.consent,
        vault=cast.vault,
        calendar=cast.calendar,
        reviewer=clerk,
        number=number,
        agree=agree,
        note=note,
        now=cast.clock(),
    )


def edit(
    cast: Cast,
    number: str,
    who: str | Reviewer = "village",
    *,
    note: str = "照片还是看不清",
    reason: str = "在亮处重拍",
    due_on: date | None = None,
    version: int | None = None,
) -> None:
    clerk = cast.reviewers[who] if isinstance(who, str) else who
    cast.run(
        corrections.edit,
        vault=cast.vault,
        calendar=cast.calendar,
        reviewer=clerk,
        number=number,
        wanted=Wanted(note, (defect(cast, reason, "身份证正面照片"),), due_on),
        expected_version=version,
        now=cast.clock(),
    )


def cancel(cast: Cast, number: str, who: str | Reviewer = "village", *, version: int | None = None) -> None:
    clerk = cast.reviewers[who] if isinstance(who, str) else who
    cast.run(
        corrections.cancel,
        vault=cast.vault,
        calendar=cast.calendar,
        reviewer=clerk,
        number=number,
        reason="照片其实清楚",
        expected_version=version,
        now=cast.clock(),
    )


def drop(cast: Cast, number: str, who: str | Reviewer = "village") -> None:
    clerk = cast.reviewers[who] if isinstance(who, str) else who
    cast.run(second_corrections.drop, reviewer=clerk, number=number, now=cast.clock())


def notices(cast: Cast, case: int) -> list[Correction]:
    with cast.db.reading() as session:
        return corrections.of(session, case)


def pauses(cast: Cast, case: int) -> list[Pause]:
    with cast.db.reading() as session:
        return list(session.scalars(select(Pause).where(Pause.application_id == case).order_by(Pause.id)))


def words(cast: Cast, notice: Correction) -> dict[str, Any]:
    with cast.db.reading() as session:
        row = session.get_one(Application, notice.application_id)
        return corrections.read(records.whole(session, cast.vault, row), notice)


def acts(cast: Cast, case: int) -> list[str]:
    """The acts in the chain of a case, in order."""
    query = select(AuditEntry.act).where(AuditEntry.subject_kind == "application", AuditEntry.subject_id == case)
    with cast.db.reading() as session:
        return list(session.scalars(query.order_by(AuditEntry.sequence)))


def told(cast: Cast, kind: str) -> list[int]:
    """Who of the staff got messages of a kind."""
    with cast.db.reading() as session:
        return list(session.scalars(select(StaffMessage.staff_id).where(StaffMessage.kind == kind)))


def at_desk(cast: Cast, number: str, who: str | Reviewer = "village") -> dict[str, Any]:
    clerk = cast.reviewers[who] if isinstance(who, str) else who
    with cast.db.reading() as session:
        return desk.case(session, cast.vault, reviewer=clerk, number=number, calendar=cast.calendar, now=cast.clock())


def seen(cast: Cast, case: int, who: str = "王㐂") -> dict[str, Any]:
    """The case as its applicant reads it."""
    with cast.db.reading() as session:
        return queries.one(
            session,
            cast.vault,
            purposes=cast.purposes,
            resident_id=cast.residents[who],
            application_id=case,
            calendar=cast.calendar,
            now=cast.clock(),
        )
