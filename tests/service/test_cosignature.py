"""A spouse's signature stands for what the application said when it was given."""

from __future__ import annotations

from backend.applications import people, records
from backend.models.application import Application
from tests import factories as make
from tests.people import Cast


def signed(cast: Cast) -> int:
    """A married person's draft signed by the spouse."""
    case = make.draft(cast)
    make.answer(cast, case, marital_status="married", spouse_name="欧阳明")
    invitation = cast.run(
        people.invite, vault=cast.vault, resident_id=cast.residents["王㐂"], application_id=case, now=cast.clock()
    )
    partner = cast.resident("欧阳明", 8)
    cast.run(people.sign, vault=cast.vault, resident_id=partner, code=invitation.code, now=cast.clock())
    return int(case)


def stands(cast: Cast, case: int) -> bool:
    with cast.db.reading() as session:
        return people.is_signed(session, records.whole(session, cast.vault, session.get_one(Application, case)))


def test_a_signature_ends_with_the_words_it_was_given_for(cast: Cast) -> None:
    case = signed(cast)
    assert stands(cast, case)
    make.answer(cast, case, **{next(iter(make.answers_of(cast, case))): None})
    assert not stands(cast, case)
