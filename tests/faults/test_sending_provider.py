"""A provider that answers too late, fails three calls in ten, or whose reports are repeated, shuffled and forged."""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from backend.db import Database
from drills import messages
from tests import sending, tencent
from tests.house import PATIENCE, House, house, status
from tests.servers import free_port
from tests.tencent import Tencent
from tests.workers.processes import eventually

FEW, SENDERS = 20, 8
CALLBACK = "callback-of-this-test"


@pytest.fixture
def provider() -> Iterator[Tencent]:
    with Tencent().serving() as serving:
        yield serving


@pytest.fixture
def home(database: Database, mariadb_url: str, redis_url: str, provider: Tencent) -> Iterator[House]:
    """Waits a second for each answer."""
    more = {"SMS_TIMEOUT": "1", "SECRET_SMS_CALLBACK": CALLBACK}
    with house(mariadb_url, redis_url, provider=provider, **more) as found:
        yield found


def send(home: House) -> list[str]:
    keys = home.leave(10, FEW)
    with home.running():
        assert home.all_ended()
    return keys


@pytest.mark.slow
def test_answer_after_the_time_out_is_asked_for_and_not_sent_again(home: House, provider: Tencent) -> None:
    provider.next(*[tencent.slow(2)] * 4)
    keys = send(home)
    assert provider.taken == dict.fromkeys(keys, 1)
    assert sending.fates(home.runtime) == {"sent": FEW}


@pytest.mark.slow
def test_sample_of_a_provider_failing_three_in_ten_takes_each_once_or_it_is_visible() -> None:
    seed = secrets.randbelow(10**6)
    verdict = messages.run(seed, sample=True)
    assert verdict.held, f"seed {seed}: {verdict.words}"


@pytest.mark.slow
def test_repeated_shuffled_and_forged_reports_settle_each_message_once(home: House, provider: Tencent) -> None:
    send(home)
    arrived, bounced = provider.receipts()[: FEW // 2], provider.receipts(success=False)[FEW // 2 :]
    reports = [*arrived, *bounced] * 3 + [tencent.receipt(f"{n}:0", success=bool(n % 2)) for n in range(90, 99)]
    random.shuffle(reports)
    port = free_port()
    with home.web(port, "/healthz"), ThreadPoolExecutor(SENDERS) as pool:
        answers = list(pool.map(lambda report: _post(port, CALLBACK, report), reports))
        late = [_post(port, CALLBACK, one) for one in provider.receipts(success=False)[: FEW // 2]]
        assert _post(port, "wrong-address-of-this-test", provider.receipts()[0]) == 404
    assert {*answers, *late} == {200}
    assert sending.fates(home.runtime) == {"delivered": FEW // 2, "failed": FEW // 2}
    assert sum(provider.taken.values()) == FEW


@pytest.mark.slow
def test_report_that_is_faster_than_our_record_is_kept_for_it(
    database: Database, mariadb_url: str, redis_url: str, provider: Tencent
) -> None:
    port, few = free_port(), 12
    provider.fail(1, [tencent.slow(4)])
    with house(mariadb_url, redis_url, provider=provider, SECRET_SMS_CALLBACK=CALLBACK, SMS_TIMEOUT="15") as home:
        home.leave(10, few)
        with home.web(port, "/healthz"), home.running():
            assert eventually(lambda: len(provider.taken) == few, seconds=PATIENCE)
            assert {_post(port, CALLBACK, report) for report in provider.receipts()} == {200}
            assert eventually(lambda: sending.fates(home.runtime) == {"delivered": few}, seconds=PATIENCE)
    assert set(provider.taken.values()) == {1}


def _post(port: int, key: str, report: dict[str, str]) -> int:
    return status(port, "POST", f"/callbacks/sms/{key}", json.dumps([report]).encode())
