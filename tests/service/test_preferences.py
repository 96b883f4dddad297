"""What people choose about being told: kept in revisions, only longer nights, and followed by what still waits."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from backend.accounts import queries as accounts
from backend.events import leasing
from backend.kernel.clock import local, system_clock
from backend.kernel.crypto import place
from backend.kernel.errors import Invalid, NotFound, Stale
from backend.models.delivery import Delivery, NotificationPreference, WechatBinding
from backend.models.outbox import Outbox
from backend.models.resident import Resident
from backend.notifications import preferences, service
from backend.notifications.planning import recipient
from backend.notifications.preferences import Preferences
from tests import told
from tests.people import Cast


@pytest.fixture
def who(cast: Cast) -> int:
    return cast.resident("王㐂", 7)


def put(cast: Cast, who: int, **given: Any) -> None:
    cast.db.transact(preferences.put, cast.vault, resident_id=who, now=cast.clock(), **given)


def read(cast: Cast, who: int) -> Preferences:
    with cast.db.reading() as session:
        return preferences.read(session, resident_id=who)


def chosen(cast: Cast, who: int) -> dict[str, tuple[str, ...]]:
    return {choice.kind.name: choice.channels for choice in read(cast, who).choices}


def bind(cast: Cast, who: int) -> None:
    def write(session: Any) -> None:
        row = session.get(Resident, who)
        openid = cast.vault.person(row.key, who).seal_text("o-1", place("wechat_binding", "openid", who))
        session.add(WechatBinding(resident_id=who, openid=openid, openid_index="x" * 64, bound_at=cast.clock()))

    cast.db.transact(write)


def due(cast: Cast) -> int:
    """The hour in China at which the only text message is to go out."""
    with cast.db.reading() as session:
        return local(session.scalars(select(Outbox.due_at).where(Outbox.topic == "send_sms")).one()).hour


def deliveries(cast: Cast, who: int) -> list[tuple[str, str]]:
    with cast.db.reading() as session:
        found = session.execute(
            select(Delivery.event, Delivery.channel, Delivery.status).where(Delivery.resident_id == who)
        )
        return [(channel, status) for _event, channel, status in sorted(map(tuple, found))]


def test_nobody_has_chosen_and_the_defaults_hold(cast: Cast, who: int) -> None:
    found = read(cast, who)
    assert (found.version, found.quiet_from, found.quiet_to, found.stopped_at) == (1, 21, 8, None)
    assert (found.language, found.mobile, found.wechat) == ("zh", True, False)
    assert chosen(cast, who)["todo"] == ("wechat", "sms")
    assert chosen(cast, who)["progress"] == ("wechat",)
    assert set(chosen(cast, who)).isdisjoint({"own", "security"})


def test_a_choice_counts_revisions_and_leaves_the_rest_as_it_was(cast: Cast, who: int) -> None:
    put(cast, who, choices={"todo": ["sms", "sms"]}, quiet_to=9, expected_version=1)
    put(cast, who, choices={"result": []}, language="en", expected_version=2)
    found = read(cast, who)
    assert (found.version, found.quiet_from, found.quiet_to, found.language) == (3, 21, 9, "en")
    assert (chosen(cast, who)["todo"], chosen(cast, who)["result"]) == (("sms",), ())
    with pytest.raises(Stale):
        put(cast, who, choices={}, expected_version=2)


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        ({"quiet_from": 22}, "quiet_from"),
        ({"quiet_from": 11}, "quiet_from"),
        ({"quiet_to": 7}, "quiet_to"),
        ({"quiet_to": 18}, "quiet_to"),
        ({"quiet_from": 12, "quiet_to": 10}, "quiet_to"),
    ],
)
def test_the_night_can_only_be_longer_and_some_day_is_left(
    cast: Cast, who: int, hours: dict[str, int], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        put(cast, who, choices={"todo": []}, **hours)
    assert list(refused.value.errors) == [field]
    assert chosen(cast, who)["todo"] == ("wechat", "sms")


def test_usual_hours_are_kept_as_no_choice(cast: Cast, who: int) -> None:
    put(cast, who, quiet_from=19, quiet_to=10)
    with cast.db.reading() as session:
        person = recipient(session, who)
    assert person is not None
    assert (person.quiet.start, person.quiet.end) == (time(19), time(10))
    put(cast, who, quiet_from=21, quiet_to=8)
    with cast.db.reading() as session:
        row = session.get(NotificationPreference, who)
    assert row is not None
    assert (row.quiet_from, row.quiet_to) == (None, None)


def test_what_is_planned_after_a_choice_follows_it(cast: Cast, who: int) -> None:
    put(cast, who, choices={"todo": []})
    told.tell(cast, who, step=timedelta())
    assert deliveries(cast, who) == []
    put(cast, who, choices={"todo": ["sms"]}, quiet_to=11)
    told.tell(cast, who, "e2", step=timedelta())
    assert deliveries(cast, who) == [("sms", "waiting")]
    assert due(cast) == 11


def test_a_shorter_night_brings_forward_what_waits_for_its_end(cast: Cast, who: int) -> None:
    cast.clock.set(cast.clock() + timedelta(hours=20))  # 6:00 in China
    put(cast, who, quiet_to=12)
    told.tell(cast, who, step=timedelta())
    assert due(cast) == 12
    put(cast, who, quiet_to=9)
    assert due(cast) == 9
    put(cast, who, quiet_to=12)
    assert due(cast) == 9  # whoever sends it looks at the clock once more


def test_what_leaves_the_house_is_in_the_language_of_its_reader(cast: Cast, who: int) -> None:
    put(cast, who, language="en")
    told.tell(cast, who, step=timedelta())
    with cast.db.reading() as session:
        row = session.scalars(select(Delivery)).one()
        seal = accounts.seal_of(session, cast.vault, who)
    content = json.loads(seal.open_text(row.content or "", place("delivery", "content", row.id)))
    assert content["sms"]["text"].startswith("Your application")


def test_what_still_waits_goes_over_the_channel_that_is_left(cast: Cast, who: int) -> None:
    bind(cast, who)
    told.tell(cast, who, step=timedelta())
    assert deliveries(cast, who) == [("wechat", "waiting")]
    put(cast, who, choices={"todo": ["sms"]})
    assert deliveries(cast, who) == [("sms", "waiting"), ("wechat", "dropped")]
    put(cast, who, choices={"todo": []})
    assert deliveries(cast, who) == [("sms", "dropped"), ("wechat", "dropped")]
    with cast.db.reading() as session:
        assert set(session.scalars(select(Outbox.status).where(Outbox.topic.like("send_%")))) == {"done"}
        assert set(session.scalars(select(Delivery.content))) == {None}


def test_a_channel_that_is_not_wanted_any_more_is_not_tried_later(cast: Cast, who: int) -> None:
    bind(cast, who)
    told.tell(cast, who, step=timedelta())
    put(cast, who, choices={"todo": ["wechat"]})
    with cast.db.reading() as session:
        row = session.scalars(select(Delivery)).one()
    assert (row.channel, row.then, row.status) == ("wechat", "", "waiting")


def test_stopping_calls_off_what_waits_and_resuming_brings_nothing_back(cast: Cast, who: int) -> None:
    told.tell(cast, who, step=timedelta())
    put(cast, who, stopped=True)
    since = read(cast, who).stopped_at
    put(cast, who, stopped=True)
    told.tell(cast, who, "e2", step=timedelta())
    assert deliveries(cast, who) == [("sms", "dropped")]
    assert read(cast, who).stopped_at == since == cast.clock()
    put(cast, who, stopped=False)
    assert deliveries(cast, who) == [("sms", "dropped")]
    told.tell(cast, who, "e3", step=timedelta())
    assert deliveries(cast, who)[-1] == ("sms", "waiting")


def test_what_is_being_sent_this_moment_goes(cast: Cast, who: int) -> None:
    told.tell(cast, who, step=timedelta())
    day = cast.clock() + timedelta(days=1)
    rows = cast.db.transact(leasing.lease, topic="send_sms", now=day, beat=system_clock(), seconds=60)
    assert len(rows) == 1
    put(cast, who, stopped=True)
    assert deliveries(cast, who) == [("sms", "waiting")]


def test_two_first_choices_at_once_are_both_kept(cast: Cast, who: int) -> None:
    given: list[dict[str, Any]] = [{"choices": {"todo": []}}, {"choices": {"result": ["sms"]}}, {"quiet_to": 9}] * 2
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda one: put(cast, who, **one), given))
    found = read(cast, who)
    assert (chosen(cast, who)["todo"], chosen(cast, who)["result"], found.quiet_to) == ((), ("sms",), 9)


def test_erasure_takes_the_choices_and_lets_none_be_made(cast: Cast, who: int) -> None:
    put(cast, who, stopped=True)
    told.tell(cast, who, step=timedelta())
    cast.db.transact(service.erase, resident_id=who)
    with cast.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(NotificationPreference)) == 0
    cast.db.transact(lambda session: setattr(session.get(Resident, who), "key", ""))
    with pytest.raises(NotFound):
        put(cast, who, stopped=True)
    with pytest.raises(NotFound):
        read(cast, who)
