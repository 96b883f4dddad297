"""Each service item from the phone to its result, over HTTP, through offices and public notices."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.faults.client import Client
from tests.journeys.product import Product

#: item → where it ends, how many public notices it passes.
ITEMS = {
    "birth-registration": ("issued", 0),
    "only-child-reissue": ("issued", 0),
    "contraceptive-supply": ("issued", 0),
    "home-service": ("approved", 0),
    "hardship-support": ("approved", 1),
    "special-support": ("approved", 1),
    "family-award": ("approved", 3),
}
OFFICERS = {"village": "cun", "town": "zhen", "county": "xian"}
TOWN = "370402001"


class Calendar:
    """The demo's movable clock."""

    def __init__(self, product: Product) -> None:
        self.client, self.now = Client(product), datetime.now(UTC)

    def go_on(self, days: int) -> None:
        self.now += timedelta(days=days)
        self._put(self.now.isoformat())

    def _put(self, now: str | None) -> None:
        body = json.dumps({"now": now}).encode()
        assert self.client.send("POST", "/dev/clock", body, {"Content-Type": "application/json"}).status == 200

    def reset(self) -> None:
        self._put(None)


@pytest.fixture
def calendar(product: Product) -> Iterator[Calendar]:
    found = Calendar(product)
    yield found
    found.reset()


def until(found: Callable[[], Any], *, seconds: float = 20) -> Any:
    """What ``found`` gives once it gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := found():
            return answer
        time.sleep(0.1)
    raise AssertionError("it did not happen")


def status(resident: Client, application: str) -> str:
    return str(resident.call("GET", f"/applications/{application}").json["status"])


def approve(officer: Client, number: str) -> str:
    """Claim and approve; the state it leads to."""
    claimed = officer.call("POST", f"/staff/applications/{number}/claim")
    assert claimed.status == 200, claimed.content
    decision = {"decision": "approve", "note": "", "fence": claimed.json["fence"]}
    decided = officer.call("POST", f"/staff/applications/{number}/decisions", decision)
    assert decided.status == 200, decided.content
    return str(decided.json["status"])


def announced(resident: Client, officer: Client, calendar: Calendar, application: str, number: str) -> None:
    """The days of a notice: nobody can decide, everybody can read it and nobody's number; then it is gone."""
    refused = officer.call("POST", f"/staff/applications/{number}/claim")
    assert (refused.status, refused.json["code"]) == (409, "in_notice")
    calendar.go_on(3)
    items = until(lambda: Client(resident.product).call("GET", f"/public-notices?region={TOWN}").json["items"])
    assert "王㐂" not in json.dumps(items, ensure_ascii=False)
    calendar.go_on(12)
    until(lambda: status(resident, application) != "in_notice")
    later = Client(resident.product)
    assert {later.call("GET", f"/public-notices/{item['id']}").status for item in items} <= {404, 410}


@pytest.mark.slow
@pytest.mark.parametrize("product", ["embedded"], indirect=True)
@pytest.mark.parametrize("item", ITEMS)
def test_an_item_reaches_its_result(product: Product, calendar: Calendar, item: str) -> None:
    end, notices = ITEMS[item]
    resident = Client(product).introduced()
    application = resident.draft(item)
    number = resident.call("POST", f"/applications/{application}/submission", {}).json["number"]
    workflow = resident.call("GET", f"/service-items/{item}").json["workflow"]
    passed = 0
    for level in workflow:
        officer = Client(product).officer(OFFICERS[level])
        if approve(officer, number) == "in_notice":
            announced(resident, officer, calendar, application, number)
            passed += 1
    until(lambda: status(resident, application) == end)
    assert passed == notices
    audit = Client(product).officer("xian").call("GET", f"/staff/applications/{number}/audit").json["items"]
    assert [line["sequence"] for line in audit] == list(range(1, len(audit) + 1))
