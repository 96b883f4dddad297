"""What text messages cost and what a campaign would, over JSON and on the command line."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend import cli
from backend.notifications import costs
from backend.notifications.costs import Tariff
from tests import benefits as make
from tests.api.desk import problem
from tests.api.house import House
from tests.people import COUNTY

QUERY = {"service_item": make.SUPPORT, "period": "2026", "answer_by": "2027-02-01"}
PREVIEW = "/staff/campaigns/preview?" + "&".join(f"{name}={value}" for name, value in QUERY.items())


def test_costs_are_totals_of_months_for_administrators(house: House) -> None:
    # A month of its own: the other tests send text messages too.
    now = house.runtime.clock() - timedelta(days=400)
    house.runtime.db.transact(costs.book, tariff=Tariff("阳光办", 45, 0), texts=["字"] * 3, now=now)
    answer = house.clerk("admin").call("GET", "/admin/message-costs").json or {}
    assert (answer["price"], answer["budget"], answer["left"]) == ("0.045", None, None)
    mine = next(one for one in answer["items"] if one["month"] == costs.month_of(now))
    assert mine["messages"] % 3 == 0
    assert set(mine) == {"month", "messages", "parts", "cost", "exhausted_at"}


@pytest.mark.parametrize("who", ["cun", "zhen", "xian", "zhan", "hecha"])
def test_costs_are_for_administrators_only(house: House, who: str) -> None:
    assert problem(house.clerk(who).call("GET", "/admin/message-costs")) == (403, "forbidden")


def test_preview_of_a_campaign_counts_and_begins_nothing(house: House) -> None:
    xian = house.clerk("xian")
    before = xian.call("GET", "/staff/campaigns").json
    answer = xian.call("GET", PREVIEW)
    assert answer.status_code == 200
    found = answer.json or {}
    assert found["people"] == found["wechat"] + found["sms"] + found["inbox"]
    assert (found["left"], found["short"]) == (None, None)
    assert xian.call("GET", "/staff/campaigns").json == before


def test_preview_is_for_the_county_and_wants_a_real_campaign(house: House) -> None:
    assert problem(house.clerk("zhen").call("GET", PREVIEW)) == (403, "not_your_level")
    assert house.clerk("xian").call("GET", PREVIEW.replace("2026&", "1&")).status_code == 422
    assert house.clerk("xian").call("GET", "/staff/campaigns/preview").status_code == 422


def test_operator_sees_costs_and_a_preview(house: House) -> None:
    now = house.runtime.clock() - timedelta(days=800)
    house.runtime.db.transact(costs.book, tariff=Tariff("阳光办", 45, 0), texts=["字"], now=now)
    cli.register(house.app)
    run = house.app.test_cli_runner().invoke
    shown = run(args=["sms", "costs"])
    assert costs.month_of(now) in shown.output
    assert "no budget" in shown.output
    words = ["--county", COUNTY, "--service-item", make.SUPPORT, "--period", "2026", "--answer-by", "2027-02-01"]
    assert "people:" in run(args=["sms", "preview", *words]).output
    wrong = run(args=["sms", "preview", *words[:-3], "1999", *words[-2:]])
    assert wrong.exit_code == 1
    assert "period" in wrong.output
