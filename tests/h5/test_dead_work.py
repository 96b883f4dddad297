"""What was given up, as an administrator sees it, and what a clerk learns of it: never a recipient, never a word."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from backend.accounts import demo
from backend.events import leasing, outbox, work
from backend.events.uncounted import UNCOUNTED
from backend.kernel.clock import system_clock
from backend.models.delivery import Delivery, Provider
from backend.models.outbox import Outbox
from backend.models.staff import Staff
from backend.notifications import deliveries, service
from backend.notifications.planning import Reach
from tests import factories
from tests.h5.clerk import Clerk, address
from tests.people import Cast

PAGE = "/staff/admin/dead-work"


@pytest.fixture
def admin(app: Flask, cast: Cast) -> Clerk:
    cast.run(demo.load, now=cast.clock())
    with cast.db.reading() as session:
        found = session.scalars(select(Staff.id).where(Staff.username == "admin")).one()
    return Clerk(app).sit_down(found)


def die(cast: Cast, topic: str, error: str, number: int = 1) -> None:
    for n in range(number):
        key = f"{topic}:{error}:{n}"
        cast.run(outbox.add, topic=topic, subject_id=n, dedupe_key=key, now=cast.clock())
    same = update(Outbox).where(Outbox.topic == topic, Outbox.status == "due")
    cast.run(lambda session: session.execute(same.values(status="dead", last_error=error)))


def states(cast: Cast) -> dict[str, int]:
    with cast.db.reading() as session:
        found = list(session.scalars(select(Outbox.status)))
    return {status: found.count(status) for status in found}


def test_one_line_for_each_kind_of_error_with_its_count(admin: Clerk, cast: Cast) -> None:
    die(cast, "send_sms", "SmsRefused at sms_tencent.py:9", 3)
    die(cast, "send_sms", "SmsUnavailable at sms_tencent.py:7", 2)
    die(cast, "application_accepted", "WrongTemplate at template.py:1")
    page = admin.page(PAGE)
    assert [page.count(f"{n} 件，最早") for n in (3, 2, 1)] == [1, 1, 1]
    assert "短信" in page
    assert "消息：" in page


def test_one_is_tried_and_then_all(admin: Clerk, cast: Cast) -> None:
    die(cast, "send_sms", "SmsRefused", 3)
    (row,) = re.findall(rf"{PAGE}/(\d+)/replay", admin.page(PAGE))
    assert admin.post(f"{PAGE}/{row}/replay").status_code == 303
    assert states(cast) == {"dead": 2, "due": 1}
    assert admin.post(f"{PAGE}/topics/send_sms/replay").status_code == 303
    assert states(cast) == {"due": 3}
    assert "没有等着再试的" in admin.page(PAGE)


@pytest.mark.parametrize("topic", sorted(UNCOUNTED))
def test_work_of_own_reminders_is_in_no_list_and_no_count(admin: Clerk, cast: Cast, topic: str) -> None:
    die(cast, topic, "Boom", 2)
    cast.run(outbox.add, topic=topic, subject_id=9, dedupe_key="waits", now=cast.clock() - timedelta(hours=9))
    assert "Boom" not in admin.page(PAGE)
    assert "后台工作没有积压" in admin.page("/staff/admin/health")
    assert topic not in admin.client.get("/metrics").text
    with cast.db.reading() as session:
        assert work.stats(session) == []
        assert [work.rows(session, status=status, topic=None, limit=9) for status in ("due", "dead")] == [[], []]


def test_own_reminders_go_again_with_everything_and_are_not_counted(cast: Cast) -> None:
    die(cast, "own_reminder", "Boom", 2)
    die(cast, "send_sms", "SmsRefused")
    assert cast.run(leasing.replay, now=cast.clock(), topic="own_reminder") == 0
    assert cast.run(leasing.replay, now=cast.clock()) == 1
    assert states(cast) == {"due": 3}


def test_the_clerk_of_a_case_sees_that_nothing_arrives_until_something_does(app: Flask, cast: Cast) -> None:
    case = factories.submitted(cast)
    cun = Clerk(app).sit_down(cast.reviewers["village"].id)
    tell(cast, case, "first")
    fails(cast)
    assert "联系不上申请人" in cun.page(address(case.number))
    tell(cast, case, "second")
    end(cast, deliveries.hand_over, provider_ref="r")
    assert "联系不上申请人" not in cun.page(address(case.number))


def tell(cast: Cast, case: Any, event: str) -> None:
    params = {"service": "婚育情况证明", "number": case.number, "phone": "0632-12345", "due_on": cast.clock().date()}
    cast.clock.advance(timedelta(minutes=1))
    told = cast.run(
        service.tell,
        vault=cast.vault,
        resident_id=case.resident_id,
        template="correction_requested",
        event=event,
        params=params,
        application_id=case.id,
        reach=Reach("http://127.0.0.1", channels=("sms",)),
        now=cast.clock(),
    )
    assert told is not None


def fails(cast: Cast) -> None:
    end(cast, deliveries.give_up, cast.vault, error="SmsRefused", keep=False)


def end(cast: Cast, act: Any, *more: Any, **values: Any) -> None:
    """End the delivery that waits."""

    def run(session: Any) -> None:
        waiting = session.scalars(select(Delivery.id).where(Delivery.status == "waiting")).one()
        act(session, *more, deliveries.locked(session, [waiting])[waiting], **values, now=cast.clock())

    cast.run(run)


def test_a_provider_at_rest_is_told_to_machines_and_administrators(admin: Clerk, cast: Cast) -> None:
    until = system_clock() + timedelta(seconds=20)
    cast.run(lambda session: session.add(Provider(name="sms", failures=5, open_until=until)))
    assert 'yangguang_provider_resting{name="sms"} 1.0' in admin.client.get("/metrics").text
    assert "短信现在发不出去" in admin.page("/staff/admin/health")
