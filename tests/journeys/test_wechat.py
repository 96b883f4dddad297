"""The demo as `make run` starts it: in with WeChat, one message allowed, and it arrives there."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser

from tests.journeys.people import PHONE, Resident, window
from tests.journeys.product import Product

#: By day: nothing leaves the house at night.
MORNING = b'{"now": "2026-11-23T10:00:00+08:00"}'


@pytest.fixture(scope="module")
def demo() -> Iterator[Product]:
    """A product of its own, because its clock is moved."""
    with Product() as product:
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{product.url}/dev/clock", MORNING, headers)
        urllib.request.urlopen(request, timeout=10).close()
        yield product


def came(product: Product, openid: str, words: str) -> bool:
    """Whether a message with these words arrives at a WeChat within half a minute."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        items = product.get(f"/dev/messages?to={openid}&limit=20")["items"]
        assert isinstance(items, list)
        if any(one["channel"] == "wechat" and words in one["text"] for one in items):
            return True
        time.sleep(0.3)
    return False


def allow(resident: Resident) -> str:
    """Press through the popup that stands in for WeChat's; the openid it is for."""
    link = resident.page.get_by_role("link", name="用微信告诉我（演示）")
    openid = parse_qs(urlsplit(str(link.get_attribute("href"))).query)["openid"][0]
    link.click()
    resident.press("允许")
    return openid


@pytest.mark.slow
def test_person_comes_in_with_wechat_and_is_told_there(browser: Browser, demo: Product) -> None:
    with window(browser, **PHONE) as phone:
        resident = Resident(demo, phone)
        resident.go("/login?next=/me/wechat")
        resident.press("用微信试试（演示）", link=True)
        resident.fill("手机号", resident.mobile)
        resident.press("给我发验证码")
        resident.fill("验证码", demo.code(resident.mobile))
        resident.press("登录，以后用微信直接进")
        assert resident.reads("和这个微信关联好了")
        openid = allow(resident)
        assert allow(resident) == openid
        assert not resident.reads("0 次")
        resident.go("/me")
        resident.press("退出登录")
        resident.go("/services/migrant-proof")
        resident.press("开始办", link=True)
        resident.press("用微信试试（演示）", link=True)
        resident.fill_in()
        resident.press("没错，提交给办事处")
        assert resident.reads("还能用微信通知您 1 次")
        assert came(demo, openid, "您的一件申请交上了")
        resident.press("查看回执二维码", link=True)
        assert resident.reads("办好了，用微信告诉您？")
        assert resident.complaints == []
