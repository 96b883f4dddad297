"""Every handler, and every handler's worker killed with -9: the work is done once in effect."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from backend.certificates.service import RENDER_CERTIFICATE, RENDER_RECEIPT
from backend.events import leasing
from backend.gateways.sms import NoSms
from backend.models.application import Application
from backend.runtime import Runtime
from tests.workers.world import MOBILE, World
from workers import drain, registry
from workers.kinds import Topic

#: topic → the state of a case that leaves it behind
TELLING = {
    "application_submitted": "submitted",
    "application_accepted": "in_review",
    "application_handed_up": "in_review",
    "correction_requested": "correction",
    "correction_changed": "correction",
    "correction_reminder": "correction",
    "correction_cancelled": "in_review",
    "question_asked": "in_review",
    "application_resubmitted": "in_review",
    "application_issued": "issued",
    "application_rejected": "rejected",
    "application_withdrawn": "withdrawn",
    "application_lapsed": "withdrawn",
    "application_reopened": "in_review",
    "draft_expiring": "draft",
    "draft_waiting": "draft",
    "deadline_escalation": "in_review",
}


def work_off(runtime: Runtime, topic: Topic) -> int:
    return drain.drain(runtime, topic, go_on=lambda: True)


def quick(name: str) -> Topic:
    """The topic with a lease so short that a test can wait for its end."""
    return replace(registry.TOPICS[name], lease=2.0)


def killed_in(runtime: Runtime, topic: Topic, trap: Callable[[], None]) -> None:
    """Drain in a forked process that ``trap`` has prepared to kill itself; then let the lease run out."""

    def doomed() -> None:
        runtime.db.dispose(close=False)
        trap()
        work_off(runtime, topic)

    process = multiprocessing.get_context("fork").Process(target=doomed)
    process.start()
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
    time.sleep(topic.lease)


def dying(target: Any, name: str, *, before: bool) -> Callable[[], None]:
    """Replace a function by one that kills its process before or after doing its work."""

    def trap() -> None:
        real = getattr(target, name)

        def deadly(*args: Any, **kwargs: Any) -> Any:
            if not before:
                real(*args, **kwargs)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(target, name, deadly)

    return trap


@pytest.mark.parametrize(("topic", "status"), TELLING.items())
def test_topic_tells_the_resident_once(world: World, topic: str, status: str) -> None:
    case = world.case(status, topic)
    assert work_off(world.runtime, registry.TOPICS[topic]) == 1
    assert world.messages() == [(topic, f"{topic}:{case}:1")]
    assert world.work()[topic] == ["done"]


@pytest.mark.parametrize("topic", ["draft_expiring", "deadline_escalation", "correction_reminder"])
def test_warning_that_has_become_pointless_is_not_told(world: World, topic: str) -> None:
    world.case("withdrawn", topic)
    work_off(world.runtime, registry.TOPICS[topic])
    assert (world.messages(), world.work()[topic]) == ([], ["done"])


def test_telling_worker_killed_before_or_after_commit_tells_once(world: World) -> None:
    topic = quick("application_accepted")
    world.case("in_review", topic.name)
    killed_in(world.runtime, topic, dying(leasing, "take", before=False))
    assert world.messages() == []
    work_off(world.runtime, topic)
    assert len(world.messages()) == 1
    world.case("in_review", topic.name)
    killed_in(world.runtime, topic, dying(drain, "_record", before=True))
    work_off(world.runtime, topic)
    assert len(world.messages()) == 2
    assert world.work()[topic.name] == ["done", "done"]


def test_approval_worker_killed_issues_one_certificate(world: World) -> None:
    topic = quick("application_approved")
    world.case("approved", topic.name)
    killed_in(world.runtime, topic, dying(leasing, "take", before=False))
    assert world.certificates() == []
    work_off(world.runtime, topic)
    assert [rendered for _, rendered in world.certificates()] == [False]
    assert world.work()[RENDER_CERTIFICATE] == ["due"]


@pytest.mark.parametrize("before", [True, False])
def test_rendering_worker_killed_makes_the_certificate_once(world: World, before: bool) -> None:
    world.case("approved", "application_approved")
    work_off(world.runtime, registry.TOPICS["application_approved"])
    topic = replace(registry.TOPICS[RENDER_CERTIFICATE], lease=6.0)
    killed_in(world.runtime, topic, dying(leasing, "finish", before=before))
    work_off(world.runtime, topic)
    assert [rendered for _, rendered in world.certificates()] == [True]
    assert world.work()[RENDER_CERTIFICATE] == ["done"]


def test_receipt_worker_killed_makes_the_receipt_once(world: World) -> None:
    world.receipt()
    topic = replace(registry.TOPICS[RENDER_RECEIPT], lease=6.0)
    killed_in(world.runtime, topic, dying(leasing, "finish", before=True))
    work_off(world.runtime, topic)
    assert (world.receipts(), world.work()[RENDER_RECEIPT]) == ([True], ["done"])


def test_code_worker_killed_before_the_call_sends_once_and_after_it_perhaps_twice(world: World) -> None:
    topic = quick("sms_code")
    world.code()
    killed_in(world.runtime, topic, dying(type(world.runtime.sms), "send", before=True))
    work_off(world.runtime, topic)
    sent = world.runtime.sms.sent(to=MOBILE, limit=9)
    assert ["012345" in item["text"] for item in sent] == [True]
    world.code()
    killed_in(world.runtime, topic, dying(type(world.runtime.sms), "send", before=False))
    work_off(world.runtime, topic)
    assert len(world.runtime.sms.sent(to=MOBILE, limit=9)) == 3
    assert world.work()["sms_code"] == ["done", "done"]


def test_code_that_was_used_meanwhile_is_not_sent(world: World) -> None:
    world.code()
    late = replace(world.runtime, clock=lambda: world.runtime.clock().replace(year=2028))
    work_off(late, registry.TOPICS["sms_code"])
    assert world.runtime.sms.sent(to=MOBILE, limit=9) == []
    assert world.work()["sms_code"] == ["done"]


def test_permanent_error_is_dead_at_once(world: World) -> None:
    world.code()
    work_off(replace(world.runtime, sms=NoSms()), registry.TOPICS["sms_code"])
    assert world.work()["sms_code"] == ["dead"]
    assert world.errors()[0].startswith("SmsRefused")


def test_temporary_error_waits_and_says_its_kind_without_content(world: World) -> None:
    world.code()
    (world.runtime.settings.data_dir / "messages.jsonl").mkdir()
    work_off(world.runtime, registry.TOPICS["sms_code"])
    assert world.work()["sms_code"] == ["due"]
    assert world.errors()[0].startswith("SmsUnavailable at sms.py:")


def test_one_bad_row_does_not_hold_up_the_others(world: World) -> None:
    topic = registry.TOPICS["application_accepted"]
    bad, *_ = [world.case("in_review", topic.name) for _ in range(3)]
    gone = update(Application).where(Application.id == bad).values(service_item="no-such-item")
    world.runtime.db.transact(lambda session: session.execute(gone))
    assert work_off(world.runtime, topic) == 3
    assert sorted(world.work()[topic.name]) == ["dead", "done", "done"]
    assert len(world.messages()) == 2
