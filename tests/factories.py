"""Cases that walked their lifecycle; nothing here sets a status."""

from __future__ import annotations

from typing import Any

from backend.applications import claims, drafts, issuing, materials, records, review, submission
from backend.applications.policy import Reviewer
from backend.applications.review import Decision, Defect
from backend.catalogue import forms, queries as catalogue
from backend.documents.intake import Stored
from backend.kernel import ids
from backend.models.application import Application
from tests.people import VILLAGE, Cast


def draft(cast: Cast, who: str = "王㐂", *, item: str = "migrant-proof", region: str = VILLAGE, serial: int = 7) -> int:
    """A complete draft: the item's own sample answers and every required material."""
    resident = cast.resident(who, serial)
    case = cast.run(
        drafts.begin, vault=cast.vault, resident_id=resident, service_item=item, region=region, now=cast.clock()
    )
    with cast.db.reading() as session:
        definition = catalogue.definition(session, item)
    answer(cast, case, who, **definition.example)
    checked = forms.check_answers(definition, definition.example, complete=True, now=cast.clock())
    for material in forms.wanted_materials(definition, checked.answers):
        if material.needed:
            hand_in(cast, case, who, material.code)
    return int(case)


def answer(cast: Cast, case: int, who: str = "王㐂", **answers: Any) -> None:
    cast.run(
        drafts.save_answers,
        vault=cast.vault,
        resident_id=cast.residents[who],
        application_id=case,
        answers=answers,
        expected_version=None,
        now=cast.clock(),
    )


def stored(cast: Cast, content: str = "one") -> Stored:
    """A file as the intake leaves it; its bytes are another test's business."""
    document = ids.new_id(cast.clock())
    return Stored(
        id=document,
        storage_key=f"document/{ids.encode(document)}",
        file_key=b"k" * 32,
        mime="image/jpeg",
        size=1000,
        sha256=content * 8,
        width=40,
        height=30,
        pages=None,
    )


def hand_in(cast: Cast, case: int, who: str, code: str, content: str = "one") -> int:
    """Attach one material; its id."""
    document = cast.run(
        materials.attach,
        vault=cast.vault,
        resident_id=cast.residents[who],
        application_id=case,
        code=code,
        stored=stored(cast, content),
        name="照片.jpg",
        now=cast.clock(),
    )
    return int(document)


def submit(cast: Cast, case: int, who: str = "王㐂") -> str:
    """Hand a draft in; its number."""
    cast.run(
        submission.submit,
        vault=cast.vault,
        calendar=cast.calendar,
        purposes=cast.purposes,
        issuer="yangguang",
        resident_id=cast.residents[who],
        application_id=case,
        expected_version=None,
        now=cast.clock(),
    )
    return load(cast, case).number or ""


def submitted(cast: Cast, who: str = "王㐂", **options: Any) -> Application:
    case = draft(cast, who, **options)
    submit(cast, case, who)
    return load(cast, case)


def resubmit(cast: Cast, case: int, who: str = "王㐂") -> None:
    cast.run(
        submission.resubmit,
        vault=cast.vault,
        calendar=cast.calendar,
        purposes=cast.purposes,
        resident_id=cast.residents[who],
        application_id=case,
        expected_version=None,
        now=cast.clock(),
    )


def withdraw(cast: Cast, case: int, who: str = "王㐂") -> None:
    cast.run(
        submission.withdraw,
        vault=cast.vault,
        resident_id=cast.residents[who],
        application_id=case,
        expected_version=None,
        now=cast.clock(),
    )


def claim(cast: Cast, number: str, reviewer: Reviewer) -> claims.Lease:
    lease: claims.Lease = cast.run(claims.claim, reviewer=reviewer, number=number, now=cast.clock())
    return lease


def decide(
    cast: Cast,
    number: str,
    level: str | Reviewer,
    kind: str,
    *,
    note: str = "核对无误",
    defects: tuple[Defect, ...] = (),
    fence: int | None = None,
) -> None:
    """Claim (unless a fence is given) and decide."""
    reviewer = level if isinstance(level, Reviewer) else cast.reviewers[level]
    cast.run(
        review.decide,
        vault=cast.vault,
        calendar=cast.calendar,
        reviewer=reviewer,
        number=number,
        decision=Decision(kind, note, defects),
        fence=claim(cast, number, reviewer).fence if fence is None else fence,
        now=cast.clock(),
    )


def in_correction(cast: Cast, **options: Any) -> Application:
    """A case whose village asked for a better photo."""
    row = submitted(cast, **options)
    defect = (Defect(photo(cast), "看不清，请重拍"),)
    decide(cast, row.number or "", "village", "request_correction", note="照片看不清", defects=defect)
    return load(cast, row.id)


def photo(cast: Cast, item: str = "migrant-proof") -> str:
    with cast.db.reading() as session:
        return catalogue.definition(session, item).materials[0].code


def approved(cast: Cast, **options: Any) -> Application:
    """A case both offices approved; its certificate is still to be issued."""
    row = submitted(cast, **options)
    for level in ("village", "town"):
        decide(cast, row.number or "", level, "approve")
    return load(cast, row.id)


def issued(cast: Cast, **options: Any) -> Application:
    row = approved(cast, **options)
    cast.run(issuing.issue, vault=cast.vault, issuer="yangguang", application_id=row.id, now=cast.clock())
    return load(cast, row.id)


def reopen(cast: Cast, number: str, reviewer: Reviewer) -> None:
    cast.run(
        review.reopen,
        vault=cast.vault,
        calendar=cast.calendar,
        reviewer=reviewer,
        number=number,
        reason="信息有误",
        now=cast.clock(),
    )


def load(cast: Cast, case: int) -> Application:
    """The row as it stands."""
    with cast.db.reading() as session:
        return session.get_one(Application, case)


def answers_of(cast: Cast, case: int) -> dict[str, Any]:
    with cast.db.reading() as session:
        return records.whole(session, cast.vault, session.get_one(Application, case)).answers()
