"""The room of message templates: each as people will see it, and what is still to be set."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask

from backend.notifications.wording import templates
from backend.web.context import bind
from config.settings import SmsAccount, WechatAccount
from tests.h5.clerk import Clerk
from tests.h5.phone import Phone
from tests.h5.test_admin import seat
from tests.people import Cast

LIST = "/staff/admin/messages"


@pytest.fixture
def admin(app: Flask, cast: Cast) -> Clerk:
    return seat(app, cast, "admin")


def with_accounts(app: Flask, admin: Clerk, *, wechat: dict[str, str], sms: dict[str, str]) -> None:
    """A service account and a contract with these template ids."""
    accounts = {"wechat": WechatAccount(app_id="wx-demo", templates=wechat), "sms": SmsAccount(templates=sms)}
    settings = replace(admin.runtime.settings, sms_backend="tencent", **accounts)
    bind(app, replace(admin.runtime, settings=settings))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_template_opens_in_both_languages(admin: Clerk, language: str) -> None:
    admin.choose("lang", language)
    page = admin.page(LIST)
    for name in templates.templates():
        assert f"{LIST}/{name}" in page
        assert name in admin.page(f"{LIST}/{name}")


def test_each_channel_is_shown_as_people_will_see_it(admin: Clerk) -> None:
    page = unescape(admin.page(f"{LIST}/correction_requested"))
    assert "还差几样，请补一补" in page
    assert "待办事项提醒" in page
    assert "thing2" in page
    assert "12月30日（周三）前补好" in page
    assert "【阳光办】您有一件申请还差几样" in page
    assert "个字，按 2 条收费，最多 2 条" in page
    assert re.search(r"请在\{1\}以前补好。要补什么打开这里看： http\S+/messages", page)
    assert "按 1 条收费" in unescape(admin.page(f"{LIST}/sms_code"))


def test_what_is_not_set_is_said_and_what_is_set_is_shown(app: Flask, admin: Clerk) -> None:
    assert "还没有接微信服务号" in admin.page(LIST)
    with_accounts(app, admin, wechat={"todo": "TMPL-1"}, sms={"correction_requested": "240001"})
    page = admin.page(f"{LIST}/correction_requested")
    assert "TMPL-1" in page
    assert "240001" in page
    assert "还没有编号" not in page
    other = admin.page(f"{LIST}/booking_reminder")
    assert "微信模板 visit 还没有编号，填在 WECHAT_TEMPLATES" in other
    assert "短信模板 booking_reminder 还没有编号，填在 SMS_TEMPLATES" in other
    assert "缺编号" in admin.page(LIST)


def test_an_unknown_template_or_version_is_a_page_that_says_so(admin: Clerk) -> None:
    for path in ("nobody", "..", "%2e%2e", "samples.toml", "sms_code?version=2", "sms_code?version=9999"):
        assert admin.get(f"{LIST}/{path}").status_code == 404, path
    for path in ("sms_code?version=x", "sms_code?version=99999999999999999999", "sms_code?version=-1"):
        assert admin.get(f"{LIST}/{path}").status_code == 200, path


def test_nobody_else_sees_them(app: Flask, cast: Cast, stranger: Phone, phone: Phone) -> None:
    for username in ("cun", "zhan", "hecha"):
        clerk = seat(app, cast, username)
        assert {clerk.get(path).status_code for path in (LIST, f"{LIST}/sms_code")} == {403}
    assert {one.get(LIST).status_code for one in (stranger, phone)} == {303}


def test_the_check_up_leads_there(admin: Clerk) -> None:
    assert f'href="{LIST}"' in admin.page("/staff/admin/health")
