"""A campaign reaches everybody once, whatever dies on the way, and silence leads to nothing but help."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from backend.benefits import campaigns, confirmations, recipients, standing
from backend.kernel.clock import today
from backend.kernel.errors import Conflict, Forbidden, Invalid, Problem
from backend.models.benefit import Confirmation, ConfirmationCampaign, Recipient
from backend.models.outbox import Outbox
from tests import benefits as make
from tests.people import COUNTY, Cast


@pytest.fixture
def cast(cast: Cast) -> Cast:
    make.publish(cast)
    return cast


def count(cast: Cast, what: Any, *where: Any) -> int:
    with cast.db.reading() as session:
        return session.scalar(select(func.count()).select_from(what).where(*where)) or 0


def piece(cast: Cast, campaign: int, size: int = 2) -> int:
    done: int = cast.run(campaigns.open_piece, campaign_id=campaign, now=cast.clock(), piece=size)
    return done


def follow_up(cast: Cast, days: int) -> int:
    cast.clock.advance(timedelta(days=days))
    done: int = cast.run(campaigns.remind, now=cast.clock(), limit=200)
    return done


def test_a_campaign_asks_everybody_on_the_list_once(cast: Cast) -> None:
    make.crowd(cast, 5)
    campaign = make.begin(cast)
    assert [piece(cast, campaign) for _ in range(4)] == [2, 2, 1, 0]
    assert count(cast, Confirmation) == len(set(make.told(cast, campaigns.ASKED))) == 5


def test_a_full_last_piece_is_followed_by_an_empty_one(cast: Cast) -> None:
    make.crowd(cast, 4)
    campaign = make.begin(cast)
    assert [piece(cast, campaign) for _ in range(3)] == [2, 2, 0]
    with cast.db.reading() as session:
        row = session.get_one(ConfirmationCampaign, campaign)
        assert (row.opened, row.reached) == (4, None)


def test_ended_recipients_and_other_items_are_not_asked(cast: Cast) -> None:
    gone = make.recipient(cast, "李远", 8)
    make.recipient(cast, "赵南", 9, service_item=make.SUPPORT)
    day = today(cast.clock())
    act = {"clerk": cast.reviewers["town"], "reason": "moved", "on": day, "now": cast.clock()}
    cast.run(recipients.end, recipient_id=gone, **act)
    stays = make.recipient(cast)
    make.campaign(cast)
    with cast.db.reading() as session:
        assert session.scalars(select(Confirmation.recipient_id)).all() == [stays]


def test_an_opening_that_dies_half_way_goes_on_where_it_was(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    make.crowd(cast, 5)
    campaign = make.begin(cast)
    piece(cast, campaign)

    def dies(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the worker dies between the confirmations and their messages")

    with monkeypatch.context() as patch:
        patch.setattr(campaigns.outbox, "add_many", dies)
        with pytest.raises(RuntimeError):
            piece(cast, campaign)
    assert count(cast, Confirmation) == count(cast, Outbox, Outbox.topic == campaigns.ASKED) == 2
    while piece(cast, campaign):
        pass
    assert count(cast, Confirmation) == count(cast, Outbox, Outbox.topic == campaigns.ASKED) == 5


def test_two_workers_on_one_campaign_ask_nobody_twice(cast: Cast) -> None:
    make.crowd(cast, 12)
    campaign = make.begin(cast)

    def work() -> None:
        while piece(cast, campaign):
            pass

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(cast, Confirmation) == 12


def test_a_campaign_is_begun_once_a_year(cast: Cast) -> None:
    outcomes: list[str] = []

    def begin() -> None:
        try:
            make.begin(cast)
            outcomes.append("begun")
        except Problem as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=begin) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["begun", "campaign_exists", "campaign_exists"]


def test_only_the_county_begins_a_campaign(cast: Cast) -> None:
    for level in ("village", "town"):
        with pytest.raises(Forbidden):
            make.begin(cast, level=level)


@pytest.mark.parametrize(("item", "period"), [(make.HARDSHIP, "2026"), (make.AWARD, "2024"), (make.AWARD, "２０２６")])
def test_a_campaign_of_nothing_or_of_a_strange_year_is_refused(cast: Cast, item: str, period: str) -> None:
    with pytest.raises(Invalid):
        make.begin(cast, item, period)


def test_a_new_year_closes_the_old_one(cast: Cast) -> None:
    old = make.asked(cast)
    make.campaign(cast, period="2027")
    with pytest.raises(Conflict) as refused:
        cast.run(confirmations.confirm, resident_id=cast.residents["王㐂"], confirmation_id=old, now=cast.clock())
    assert refused.value.code == "campaign_closed"
    follow_up(cast, 20)
    assert make.told(cast, campaigns.REMINDER) != [old]


def test_silence_leads_to_two_reminders_then_an_offer_then_nothing(cast: Cast) -> None:
    one = make.asked(cast)
    steps = [follow_up(cast, days) for days in (19, 1, 19, 1, 19, 1, 300)]
    assert steps == [0, 1, 0, 1, 0, 1, 0]
    assert make.told(cast, campaigns.REMINDER) == [one, one]
    assert make.told(cast, campaigns.OFFER) == [one]
    assert make.confirmation(cast, one).offer == "offered"


def test_silence_never_ends_a_benefit(cast: Cast) -> None:
    make.crowd(cast, 3)
    make.campaign(cast)
    for _ in range(12):
        follow_up(cast, 40)
    make.campaign(cast, period=str(cast.clock().year))
    assert count(cast, Recipient, Recipient.ended_on.is_not(None)) == 0
    with cast.db.reading() as session:
        day = today(cast.clock())
        assert len(list(standing.current_on(session, county=COUNTY, service_item=make.AWARD, day=day))) == 3


def test_whoever_answers_is_not_reminded(cast: Cast) -> None:
    one = make.asked(cast)
    cast.run(confirmations.confirm, resident_id=cast.residents["王㐂"], confirmation_id=one, now=cast.clock())
    follow_up(cast, 60)
    assert make.told(cast, campaigns.REMINDER) == []


def test_a_reminder_that_is_due_for_an_ended_benefit_is_dropped(cast: Cast) -> None:
    one = make.asked(cast)
    act = {"clerk": cast.reviewers["town"], "reason": "died", "on": today(cast.clock()), "now": cast.clock()}
    cast.run(recipients.end, recipient_id=make.confirmation(cast, one).recipient_id, **act)
    follow_up(cast, 20)
    assert make.told(cast, campaigns.REMINDER) == []
