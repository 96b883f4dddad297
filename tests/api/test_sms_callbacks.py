"""The address that takes the provider's reports: secret, forgiving, and never of use to a stranger."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from backend.accounts.policy import mobile_index
from backend.app import create_app
from backend.models.delivery import Delivery
from backend.models.resident import Resident
from backend.notifications import service
from backend.notifications.planning import Reach
from tests import sending
from tests.api.house import House
from tests.tencent import receipt
from workers import housekeeping

KEY = "a-secret-of-the-address"
OK = {"result": 0, "errmsg": "OK"}


@pytest.fixture
def provider(house: House) -> FlaskClient:
    settings = house.runtime.settings
    settings = replace(settings, sms=replace(settings.sms, callback_key=KEY))
    return create_app(settings, replace(house.runtime, settings=settings)).test_client()


def post(provider: FlaskClient, body: Any, key: str = KEY) -> TestResponse:
    return provider.post(f"/callbacks/sms/{key}", json=body)


def taken(house: House, ref: str) -> int:
    """A text message to a new person that the provider has taken under that name; the person's id."""
    mobile, runtime = house.resident().mobile, house.runtime
    event = f"{ref}:{mobile}"

    def tell(session: Any) -> int:
        index = mobile_index(runtime.vault, mobile)
        resident: int = session.scalars(select(Resident.id).where(Resident.mobile_index == index)).one()
        service.tell(
            session,
            runtime.vault,
            resident_id=resident,
            template=sending.TEMPLATE,
            event=event,
            params=sending.PARAMS,
            reach=Reach("http://x", None, ("sms",)),
            now=runtime.clock() + timedelta(seconds=1),
        )
        mine = update(Delivery).where(Delivery.resident_id == resident, Delivery.event == event)
        session.execute(mine.values(status="sent", provider_ref=ref))
        return resident

    return int(runtime.db.transact(tell))


def state(house: House, ref: str) -> str:
    with house.runtime.db.reading() as session:
        return session.scalars(select(Delivery.status).where(Delivery.provider_ref == ref)).one()


def test_report_that_is_faster_than_our_record_is_kept_for_it(house: House, provider: FlaskClient) -> None:
    assert post(provider, [receipt("e:1")]).json == OK
    taken(house, "e:1")
    assert state(house, "e:1") == "sent"
    housekeeping.settle_early_receipts(house.runtime)
    assert state(house, "e:1") == "delivered"


def test_report_of_arrival_and_of_failure_is_written_down(house: House, provider: FlaskClient) -> None:
    taken(house, "a:1")
    taken(house, "a:2")
    answer = post(provider, [receipt("a:1"), receipt("a:2", success=False), receipt("nobody's")])
    assert (answer.status_code, answer.json) == (200, OK)
    assert [state(house, "a:1"), state(house, "a:2")] == ["delivered", "failed"]


def test_replayed_report_is_answered_alike_and_changes_nothing(house: House, provider: FlaskClient) -> None:
    taken(house, "b:1")
    assert [post(provider, [receipt("b:1")]).json for _ in range(3)] == [OK] * 3
    assert post(provider, [receipt("b:1", success=False)]).json == OK
    assert state(house, "b:1") == "delivered"


@pytest.mark.parametrize("key", ["", "wrong", KEY + "x", "密"])
def test_stranger_finds_no_such_address(house: House, provider: FlaskClient, key: str) -> None:
    taken(house, f"c:{key}")
    answer = post(provider, [receipt(f"c:{key}")], key)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert state(house, f"c:{key}") == "sent"


def test_installation_without_a_key_has_no_such_address(house: House) -> None:
    assert house.app.test_client().post("/callbacks/sms/", json=[]).status_code == 404
    assert house.app.test_client().post(f"/callbacks/sms/{KEY}", json=[]).status_code == 404


@pytest.mark.parametrize(
    "body",
    [{}, [], [1, None, "x", []], [{}], [{"sid": 5, "report_status": "FAIL"}], [{"sid": "x" * 5000}], {"sid": "d:1"}],
)
def test_strange_entries_are_passed_over(provider: FlaskClient, body: Any) -> None:
    answer = post(provider, body)
    assert (answer.status_code, answer.json) == (200, OK)


def test_what_is_no_json_is_told_so_in_the_providers_own_form(provider: FlaskClient) -> None:
    answer = provider.post(f"/callbacks/sms/{KEY}", data=b'[{"sid":', content_type="application/json")
    assert answer.status_code == 400
    assert answer.json == {"result": 1, "errmsg": "malformed"}


def test_reports_are_posted_not_fetched(provider: FlaskClient) -> None:
    assert provider.get(f"/callbacks/sms/{KEY}").status_code == 405
