"""Reporting in Chromium as the product serves it: all of it without JavaScript, and leaving with it."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests import files
from tests.faults.client import Client
from tests.journeys.product import Product

PHONE = {"width": 360, "height": 780}
TEXT = "二楼最里面一间，周六晚上九点以后，收现金。"
CODE = "ol.fours"
NARROW = {"width": 320, "height": 700}


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    found = browser.new_context(viewport=PHONE, java_script_enabled=False)
    yield found
    found.close()


@pytest.fixture
def half_a_minute_later(embedded: Product) -> Iterator[None]:
    """What a form without JavaScript waits for has passed when it is sent."""
    yield
    move(embedded, None)


def move(product: Product, now: datetime | None) -> None:
    body = json.dumps({"now": now and now.isoformat()}).encode()
    headers = {"Content-Type": "application/json"}
    assert Client(product).send("POST", "/dev/clock", body, headers).status == 200


def fill_in(page: Page, text: str = TEXT) -> None:
    page.get_by_label("鉴定胎儿性别").check()
    page.get_by_label("医院、诊所或公司").check()
    page.get_by_label("单位或人的名字").fill("光明门诊部")
    page.get_by_label("在哪里").select_option(label="中心街街道")
    page.get_by_label("您看到、听到的").fill(text)


def digits(page: Page) -> str:
    expect(page.locator(CODE)).to_be_visible()
    return re.sub(r"\D", "", "".join(page.locator(f"{CODE} li").all_inner_texts()))


def open_mailbox(page: Page, code: str) -> None:
    page.get_by_label("查询码", exact=True).fill(code)
    page.get_by_role("button", name="打开，看回复").click()


def goes_back_to(page: Page) -> str:
    """What is there after the button "back"; nothing where the browser would have to post again."""
    try:
        page.go_back()
    except Error:
        return ""
    return page.content()


def test_a_report_and_its_mailbox_work_without_javascript(
    context: BrowserContext, embedded: Product, half_a_minute_later: None
) -> None:
    page = context.new_page()
    page.goto(embedded.url)
    page.get_by_role("link", name="匿名举报").click()
    page.get_by_role("link", name="我知道了，开始写").click()
    fill_in(page, "孕妇王小红去过二楼")
    move(embedded, datetime.now(UTC) + timedelta(seconds=40))
    page.get_by_role("button", name="交上去，拿查询码").click()
    expect(page.locator("mark")).to_have_text("王小红")
    page.get_by_label("您看到、听到的").fill(TEXT)
    page.get_by_role("button", name="交上去，拿查询码").click()
    code = digits(page)
    page.reload()
    assert digits(page) == code
    page.get_by_role("button", name="我抄好了").click()
    assert code not in page.content()
    assert code[:4] not in goes_back_to(page)
    come_back(context.new_page(), embedded, code)
    assert context.cookies() == [] or all(one["name"] not in ("tip", "token") for one in context.cookies())


def come_back(page: Page, product: Product, code: str) -> None:
    """Answer, add a picture, take all of it back."""
    page.goto(f"{product.url}/tips/inbox")
    open_mailbox(page, code)
    expect(page.locator(".talk")).to_contain_text(TEXT)
    page.get_by_label("还想说的").fill("还有一台机器在车里")
    page.get_by_role("button", name="送给核查的人").click()
    expect(page.locator(".talk")).to_contain_text("还有一台机器在车里")
    page.get_by_text("加照片、录音、PDF").click()
    page.set_input_files("#f-file", {"name": "IMG.jpg", "mimeType": "image/jpeg", "buffer": files.telling_jpeg()})
    page.get_by_role("button", name="加上这一份").click()
    expect(page.locator(".talk")).to_contain_text("一份证据")
    page.get_by_text("撤回这件举报").click()
    page.get_by_role("button", name="先看撤回以后会怎样").click()
    page.get_by_role("button", name="撤回这件举报，查询码作废").click()
    expect(page.locator("h1")).to_contain_text("撤回了")
    page.goto(f"{product.url}/tips/inbox")
    open_mailbox(page, code)
    expect(page.locator("h1")).to_contain_text("查询码或口令不对")


def history_once_away(page: Page) -> list[str]:
    """The tab's addresses, as soon as it stands elsewhere; between two documents there is nobody to ask."""
    addresses, end = [""], time.monotonic() + 15
    while time.monotonic() < end:
        with contextlib.suppress(Error):
            session = page.context.new_cdp_session(page)
            history = session.send("Page.getNavigationHistory")
            session.detach()
            addresses = [one["url"] for one in history["entries"]]
            if "weather" in addresses[history["currentIndex"]]:
                break
        time.sleep(0.1)
    return addresses


def test_leaving_with_javascript_takes_the_visit_out_of_the_history(browser: Browser, embedded: Product) -> None:
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.goto("data:text/html,before")
    page.goto(f"{embedded.url}/tips")
    page.get_by_role("link", name="举报过，看回复").click()
    for _try in range(2):
        open_mailbox(page, "1" * 28)
        expect(page.locator("h1")).to_contain_text("查询码或口令不对")
    page.get_by_role("link", name="立即离开").click()
    addresses = history_once_away(page)
    assert "weather" in addresses[-1]
    assert not [one for one in addresses if "/tips" in one and "/tips/leave" not in one]
    context.close()


@pytest.mark.parametrize("query", ["", "?care=1", "?lang=en"])
def test_no_page_is_wider_than_a_narrow_phone(browser: Browser, embedded: Product, query: str) -> None:
    context = browser.new_context(viewport=NARROW)
    page = context.new_page()
    for path in ("/tips", "/tips/new", "/tips/inbox", "/tips/proof"):
        page.goto(f"{embedded.url}{path}{query}")
        for fold in page.locator("summary").all():
            fold.click()
        assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"], path
    context.close()
