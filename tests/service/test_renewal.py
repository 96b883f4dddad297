"""Applying again: one tap, one draft, with everything that still fits."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from backend.accounts import queries as accounts
from backend.applications import due, people, renewal
from backend.documents import queries as documents
from backend.documents.queries import DocumentCard
from backend.kernel import ids
from backend.kernel.errors import Conflict, NotFound
from backend.lifecycles.application import ApplicationStatus as S
from tests import correcting, factories as make
from tests.people import Cast, id_number


def lapsed(cast: Cast) -> Any:
    row = make.in_correction(cast)
    cast.clock.advance(timedelta(days=15))
    cast.run(due.lapse_corrections, now=cast.clock())
    return make.load(cast, row.id)


def renew(cast: Cast, case: int, who: str = "王㐂") -> int:
    draft: int = cast.run(
        renewal.begin, vault=cast.vault, resident_id=cast.resident(who, 8), application_id=case, now=cast.clock()
    )
    return draft


def left(cast: Cast, draft: int) -> list[DocumentCard]:
    with cast.db.reading() as session:
        return renewal.left(
            session, vault=cast.vault, resident_id=cast.residents["王㐂"], draft_id=draft, now=cast.clock()
        )


def take_over(cast: Cast, draft: int, card: DocumentCard, content: str) -> bool:
    taken: bool = cast.run(
        renewal.take_over,
        vault=cast.vault,
        resident_id=cast.residents["王㐂"],
        draft_id=draft,
        card=card,
        stored=make.stored(cast, content),
        now=cast.clock(),
    )
    return taken


def test_a_lapsed_case_is_applied_for_again_with_its_answers(cast: Cast) -> None:
    row = lapsed(cast)
    assert "renew" in correcting.seen(cast, row.id)["allowed_actions"]
    draft = renew(cast, row.id)
    begun = make.load(cast, draft)
    assert (begun.status, begun.previous_id, begun.region) == (S.DRAFT, row.id, row.region)
    assert make.answers_of(cast, draft) == make.answers_of(cast, row.id)


def test_pressed_twice_it_is_one_draft(cast: Cast) -> None:
    row = lapsed(cast)
    drafts: list[int] = []
    threads = [threading.Thread(target=lambda: drafts.append(renew(cast, row.id))) for _ in range(4)]
    [each.start() for each in threads]
    [each.join() for each in threads]
    assert len(drafts) == 4
    assert len(set(drafts)) == 1


def test_a_successor_under_way_is_named(cast: Cast) -> None:
    row = lapsed(cast)
    draft = renew(cast, row.id)
    make.hand_in(cast, draft, "王㐂", make.photo(cast))
    number = make.submit(cast, draft)
    with pytest.raises(Conflict) as refused:
        renew(cast, row.id)
    assert (refused.value.code, refused.value.extra["application"]) == ("already_renewed", ids.encode(draft))
    assert number in str(refused.value.title.params.values())
    make.withdraw(cast, draft)
    assert renew(cast, row.id) not in (row.id, draft)


def test_only_what_ended_is_applied_for_again(cast: Cast) -> None:
    row = make.submitted(cast)
    with pytest.raises(Conflict, match="not_ended"):
        renew(cast, row.id)
    make.withdraw(cast, row.id)
    with pytest.raises(NotFound):
        renew(cast, row.id, "李四")
    assert renew(cast, row.id)


def test_a_rejected_case_begins_with_its_own_answers_not_the_newest(cast: Cast) -> None:
    first = make.submitted(cast)
    make.withdraw(cast, first.id)
    second = make.draft(cast)
    make.answer(cast, second, current_address="别处")
    make.submit(cast, second)
    draft = renew(cast, first.id)
    assert make.answers_of(cast, draft)["current_address"] == make.answers_of(cast, first.id)["current_address"]


def test_kept_materials_come_along_once(cast: Cast) -> None:
    row = lapsed(cast)
    draft = renew(cast, row.id)
    [card] = left(cast, draft)
    assert take_over(cast, draft, card, "one")
    assert left(cast, draft) == []
    assert not take_over(cast, draft, card, "one")
    with cast.db.reading() as session:
        seal = accounts.seal_of(session, cast.vault, cast.residents["王㐂"])
        [copy] = documents.of(session, seal, owner_kind="application", owner_id=draft)
    assert (copy.code, copy.name, copy.sha256_index) == (card.code, card.name, card.sha256_index)
    assert copy.id != card.id
    assert copy.purge_at is None


def test_materials_past_their_day_stay_behind(cast: Cast) -> None:
    row = lapsed(cast)
    cast.clock.advance(timedelta(days=400))
    assert left(cast, renew(cast, row.id)) == []


def test_a_helper_applies_again_for_the_same_person_with_a_new_letter(cast: Cast) -> None:
    case = make.draft(cast)
    mandated(cast, case)
    make.answer(cast, case, born_on="1960-01-01")
    make.hand_in(cast, case, "王㐂", people.MANDATE_LETTER)
    make.submit(cast, case)
    make.withdraw(cast, case)
    draft = renew(cast, case)
    seen = correcting.seen(cast, draft)
    assert seen["mandate"] == {"name_masked": "李*", "relation": "family"}
    assert seen["answers"] == make.answers_of(cast, case)
    assert [card.code for card in left(cast, draft)] == [make.photo(cast)]


def mandated(cast: Cast, case: int) -> None:
    cast.run(
        people.record_mandate,
        vault=cast.vault,
        resident_id=cast.residents["王㐂"],
        application_id=case,
        relation="family",
        name="李四",
        id_type="resident_id",
        id_number=id_number(9, "19600101"),
        mobile=None,
        now=cast.clock(),
    )
