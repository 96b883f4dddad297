"""Redis stopped or hung: requests are accepted, quickly, and what they promised arrives."""

from __future__ import annotations

import time

import pytest

from tests.faults.client import Client
from tests.servers import Broker


@pytest.mark.slow
def test_submission_without_redis_is_accepted_and_told_all_the_same(client: Client, own_broker: Broker) -> None:
    draft = client.draft()
    own_broker.kill()
    try:
        answer = client.call("POST", f"/applications/{draft}/submission")
        assert answer.status == 200, answer.content
        ready = client.send("GET", "/readyz")
        assert (ready.status, ready.json["checks"]["broker"]) == (503, "out")
        end = time.monotonic() + 25
        while "application_submitted" not in client.messages():
            assert time.monotonic() < end, "the relay does not drain by itself"
            time.sleep(0.2)
    finally:
        own_broker.start()
    other = Client(client.product).introduced()
    assert other.call("GET", "/me").status == 200


@pytest.mark.slow
def test_sign_in_works_without_redis(client: Client, own_broker: Broker) -> None:
    own_broker.kill()
    try:
        other = Client(client.product).introduced()
        assert other.call("GET", "/me").status == 200
    finally:
        own_broker.start()


@pytest.mark.slow
def test_hung_redis_slows_one_request_by_a_second_and_no_more(client: Client, own_broker: Broker) -> None:
    own_broker.pause()
    time.sleep(0.3)  # until the last thread stands still
    try:
        times = [client.call("GET", "/me").seconds for _ in range(12)]
        accepted = client.call("POST", "/applications", {"service_item": "migrant-proof", "region": "370402001013"})
    finally:
        own_broker.resume()
    assert accepted.status == 201
    assert max(times) < 2.5
    assert sorted(times)[len(times) // 2] < 0.5
    assert sum(seconds > 0.8 for seconds in times) <= 2
