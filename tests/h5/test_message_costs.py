"""Costs of text messages for administrators, and what a campaign would take before a county begins it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from backend.notifications import costs
from backend.notifications.costs import Tariff
from backend.web.context import EXTENSION
from tests import benefits as make
from tests.h5.clerk import Clerk
from tests.h5.phone import Phone, hidden
from tests.h5.test_admin import seat
from tests.people import Cast

COSTS, CAMPAIGN = "/staff/admin/messages/costs", "/staff/benefits/campaigns"
TARIFF = Tariff("阳光办", 45, 2)
ANSWER_BY = {"answer_by.y": "2027", "answer_by.m": "2", "answer_by.d": "1"}


@pytest.fixture
def admin(app: Flask, cast: Cast) -> Clerk:
    return seat(app, cast, "admin")


def limit(app: Flask, yuan: int) -> None:
    """Set the month's budget of the installation."""
    at = app.extensions[EXTENSION]
    sms = replace(at.settings.sms, budget=yuan)
    app.extensions[EXTENSION] = replace(at, settings=replace(at.settings, sms=sms))


def spend(cast: Cast, messages: int, *, months_ago: int = 0) -> None:
    when = cast.clock() - timedelta(days=31 * months_ago)
    cast.run(costs.book, tariff=TARIFF, texts=["字"] * messages, now=when)


def county(app: Flask, cast: Cast) -> Clerk:
    make.publish(cast, make.AWARD)
    return Clerk(app).sit_down(cast.reviewers["county"].id)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_costs_open_empty_and_with_months(admin: Clerk, cast: Cast, language: str) -> None:
    admin.choose("lang", language)
    assert "</html>" in admin.page(COSTS)
    spend(cast, 3)
    spend(cast, 5, months_ago=1)
    page = admin.page(COSTS)
    assert page.index("0.14") < page.index("0.23")


def test_costs_say_what_is_left_and_when_it_is_over(admin: Clerk, app: Flask, cast: Cast) -> None:
    assert "没有设每月预算" in admin.page(COSTS)
    limit(app, 2)
    spend(cast, 20)
    assert "还剩 1.10 元" in admin.page(COSTS)
    spend(cast, 30)
    page = admin.page(COSTS)
    assert "预算用完了" in page
    assert "预算用完过" in page


def test_administrator_is_told_of_the_budget_in_words(admin: Clerk, app: Flask, cast: Cast) -> None:
    limit(app, 2)
    spend(cast, 50)
    page = admin.page("/staff/inbox")
    assert "短信预算快用完了" in page
    assert "短信预算用完了" in page


def test_costs_are_found_from_the_templates(admin: Clerk) -> None:
    assert COSTS in admin.page("/staff/admin/messages")


def test_costs_are_for_administrators(app: Flask, cast: Cast, phone: Phone) -> None:
    assert phone.get(COSTS).status_code == 303
    for username in ("xian", "zhan"):
        assert seat(app, cast, username).get(COSTS).status_code == 403


def test_county_sees_whom_a_campaign_asks_before_it_begins(app: Flask, cast: Cast) -> None:
    clerk = county(app, cast)
    make.recipient(cast)
    make.crowd(cast, 4)
    form = hidden(clerk.page(f"{CAMPAIGN}/new")) | {"service_item": make.AWARD, "period": "2026"} | ANSWER_BY
    limit(app, 1)
    page = clerk.post(f"{CAMPAIGN}/preview", data=form).text
    assert "要通知 5 人" in page
    assert "够用" in page
    assert "开始，通知 5 人" in page
    assert hidden(page).items() >= ({"service_item": make.AWARD, "period": "2026"} | ANSWER_BY).items()
    assert "已经开始了" not in clerk.page("/staff/benefits")
    assert clerk.post(CAMPAIGN, data=hidden(page)).status_code == 303


def test_county_is_warned_when_the_budget_does_not_suffice(app: Flask, cast: Cast) -> None:
    clerk = county(app, cast)
    make.crowd(cast, 30)
    form = hidden(clerk.page(f"{CAMPAIGN}/new")) | {"service_item": make.AWARD, "period": "2026"} | ANSWER_BY
    limit(app, 1)
    assert "超出的只进收件箱" in clerk.post(f"{CAMPAIGN}/preview", data=form).text


def test_preview_of_an_empty_list_offers_no_beginning(app: Flask, cast: Cast) -> None:
    clerk = county(app, cast)
    form = hidden(clerk.page(f"{CAMPAIGN}/new")) | {"service_item": make.AWARD, "period": "2026"} | ANSWER_BY
    page = clerk.post(f"{CAMPAIGN}/preview", data=form).text
    assert "名单上现在没有人" in page
    assert "先看要通知多少人" in page


def test_preview_keeps_the_form_and_says_what_is_wrong(app: Flask, cast: Cast) -> None:
    clerk = county(app, cast)
    form = hidden(clerk.page(f"{CAMPAIGN}/new")) | {"service_item": make.AWARD, "period": "2019"} | ANSWER_BY
    answer = clerk.post(f"{CAMPAIGN}/preview", data=form)
    assert answer.status_code == 422
    assert "年度要写今年或明年" in answer.text
    assert "先看要通知多少人" in answer.text


def test_preview_without_an_item_says_so_beside_the_question(app: Flask, cast: Cast) -> None:
    clerk = county(app, cast)
    form = hidden(clerk.page(f"{CAMPAIGN}/new")) | {"period": "2026"} | ANSWER_BY
    answer = clerk.post(f"{CAMPAIGN}/preview", data=form)
    assert (answer.status_code, "请从给出的选项里选" in answer.text) == (422, True)


def test_town_previews_no_campaign(app: Flask, cast: Cast) -> None:
    town = Clerk(app).sit_down(cast.reviewers["town"].id)
    assert town.post(f"{CAMPAIGN}/preview", **ANSWER_BY).status_code == 403
