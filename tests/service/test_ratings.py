"""Rating 好差评: once, in time, by the person; the office above answers bad ones; who handled it learns no name."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend.applications import leaving, ratings
from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from backend.models.outbox import Outbox
from backend.models.statistics import Rating
from tests import factories
from tests.people import Cast, hire


def rate(cast: Cast, case: int, score: int = 1, who: str = "王㐂", **values: Any) -> int:
    given: dict[str, Any] = {"tags": ["slow"], "comment": "等了很久，没人说为什么"} | values
    identity = cast.residents[who]
    return int(
        cast.run(
            ratings.rate,
            vault=cast.vault,
            resident_id=identity,
            application_id=case,
            score=score,
            now=cast.clock(),
            **given,
        )
    )


def answer(cast: Cast, rating: int, reviewer: Any, text: str = "已经请经办人改正，谢谢您说出来") -> None:
    cast.run(ratings.answer, vault=cast.vault, reviewer=reviewer, rating_id=rating, text=text, now=cast.clock())


def mine(cast: Cast, case: int) -> dict[str, Any]:
    with cast.db.reading() as session:
        return ratings.mine(
            session, vault=cast.vault, resident_id=cast.residents["王㐂"], application_id=case, now=cast.clock()
        )


def waiting(cast: Cast, reviewer: Any) -> list[dict[str, Any]]:
    with cast.db.reading() as session:
        return ratings.waiting(session, cast.vault, reviewer=reviewer, limit=20).items


def test_a_finished_case_is_rated_once(cast: Cast) -> None:
    row = factories.issued(cast)
    assert mine(cast, row.id)["allowed_actions"] == ["rate"]
    rate(cast, row.id, 5)
    assert (mine(cast, row.id)["status"], mine(cast, row.id)["score"]) == ("given", 5)
    with pytest.raises(Conflict) as refused:
        rate(cast, row.id, 1)
    assert refused.value.code == "already_rated"


def test_a_double_tap_leaves_one_rating(cast: Cast) -> None:
    row = factories.issued(cast)
    outcomes: list[str] = []

    def tap() -> None:
        try:
            rate(cast, row.id, 4)
            outcomes.append("rated")
        except Conflict as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=tap) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already_rated"] * 5 + ["rated"]


def test_an_unfinished_or_long_finished_case_is_not_rated(cast: Cast) -> None:
    row = factories.submitted(cast)
    with pytest.raises(Conflict) as early:
        rate(cast, row.id)
    done = factories.issued(cast, who="李䶮", serial=8)
    cast.clock.advance(timedelta(days=31))
    with pytest.raises(Conflict) as late:
        rate(cast, done.id, who="李䶮")
    assert (early.value.code, late.value.code) == ("not_finished", "rating_closed")


def test_a_stranger_rates_nothing(cast: Cast) -> None:
    row = factories.issued(cast)
    cast.resident("陌生人", 99)
    with pytest.raises(NotFound):
        rate(cast, row.id, who="陌生人")


@pytest.mark.parametrize("words", ["我的号码 000000199205180079", "打１３８００１３８０００找我"])
def test_numbers_of_people_are_refused_before_anything_is_kept(cast: Cast, words: str) -> None:
    row = factories.issued(cast)
    with pytest.raises(Invalid) as refused:
        rate(cast, row.id, comment=words)
    assert refused.value.code == "personal_numbers"
    assert mine(cast, row.id)["status"] == "open"


def test_a_bad_rating_waits_at_the_office_above_without_a_name(cast: Cast) -> None:
    row = factories.issued(cast)
    rate(cast, row.id, 2)
    (line,) = waiting(cast, cast.reviewers["county"])
    assert (line["number"], line["score"], line["comment"]) == (row.number, 2, "等了很久，没人说为什么")
    assert "王" not in str(line)
    assert waiting(cast, cast.reviewers["town"]) == []


def test_a_good_rating_waits_nowhere(cast: Cast) -> None:
    rate(cast, factories.issued(cast).id, 3)
    assert waiting(cast, cast.reviewers["county"]) == []


def test_the_answer_reaches_the_person_and_is_given_once(cast: Cast) -> None:
    row = factories.issued(cast)
    rating = rate(cast, row.id)
    answer(cast, rating, cast.reviewers["county"])
    with pytest.raises(Conflict):
        answer(cast, rating, hire(cast, "county"))
    found = mine(cast, row.id)
    assert (found["status"], found["answer"]) == ("answered", "已经请经办人改正，谢谢您说出来")
    with cast.db.reading() as session:
        assert session.scalar(select(Outbox.topic).where(Outbox.topic == "rating_answered")) is not None


def test_the_office_that_decided_does_not_answer_for_itself(cast: Cast) -> None:
    rating = rate(cast, factories.issued(cast).id)
    with pytest.raises(NotFound):
        answer(cast, rating, cast.reviewers["town"])


def test_who_handled_the_case_sees_no_number_and_does_not_answer(cast: Cast) -> None:
    row = factories.submitted(cast)
    factories.decide(cast, row.number or "", "village", "reject", note="不在这里办")
    rating = rate(cast, row.id)
    helper = hire(cast, "town")
    assert waiting(cast, helper)[0]["number"] == row.number
    other = factories.submitted(cast, who="李䶮", serial=8)
    factories.decide(cast, other.number or "", "village", "approve")
    factories.decide(cast, other.number or "", "town", "return", note="再看看")
    factories.decide(cast, other.number or "", "village", "reject", note="不在这里办")
    second = rate(cast, other.id, who="李䶮")
    lines = {line["id"]: line for line in waiting(cast, cast.reviewers["town"])}
    assert sorted(str(line["number"]) for line in lines.values()) == sorted([row.number or "", "None"])
    with pytest.raises(Forbidden):
        answer(cast, second, cast.reviewers["town"])
    answer(cast, rating, cast.reviewers["town"])


def test_a_rating_of_someone_who_left_can_still_be_worked_off(cast: Cast) -> None:
    row = factories.issued(cast)
    rating = rate(cast, row.id)
    cast.run(leaving.leave, resident_id=cast.residents["王㐂"], now=cast.clock(), at=cast.clock())
    assert waiting(cast, cast.reviewers["county"])[0]["comment"] is None
    answer(cast, rating, cast.reviewers["county"])
    with cast.db.reading() as session:
        kept = session.get_one(Rating, rating)
        assert (kept.worked_off_at is not None, kept.answer) == (True, None)
