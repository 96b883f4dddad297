"""The script of the tip line in Chromium: it works while one writes, sends at once, sends once, and leaves at once."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from config.settings import Settings
from tests.clock import MovableClock
from tests.tip_line import TipLine

PHONE = {"width": 360, "height": 780}
CODE = "ol.fours"
SEND = "button[form=report]"
AWAY = re.compile(r"weather\.com\.cn|/tips/leave")


class Served:
    """The tip line on a port, for browsers."""

    def __init__(self, settings: Settings) -> None:
        self.clock = MovableClock(datetime.now(UTC))
        self.line = TipLine(settings, self.clock)
        self.server = make_server("127.0.0.1", 0, self.line.app, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def served(sqlite_settings: Settings) -> Iterator[Served]:
    found = Served(sqlite_settings)
    thread = threading.Thread(target=found.server.serve_forever)
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.line.at.db.dispose()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    found = browser.new_context(viewport=PHONE)
    found.set_default_timeout(15_000)
    yield found
    found.close()


@pytest.fixture
def page(context: BrowserContext, served: Served) -> Page:
    """An empty form; the place that people leave for is not asked for."""
    context.route(AWAY, lambda route: route.fulfill(body="<title>晴</title>", content_type="text/html"))
    found = context.new_page()
    found.goto(f"{served.url}/tips/new")
    return found


def write(page: Page) -> None:
    page.locator("[name=category]").first.check(force=True)
    page.locator("[name=kind]").first.check(force=True)
    page.fill("[name=name]", "光明门诊")
    page.select_option("[name=region]", index=1)
    page.fill("[name=text]", "晚上九点后在二楼，收现金。")


def digits(page: Page) -> str:
    expect(page.locator(CODE)).to_be_visible(timeout=20_000)
    return "".join(sign for sign in page.locator(CODE).inner_text() if sign.isdigit())


def test_a_worker_solves_the_sum_and_the_form_goes_through_at_once(page: Page, served: Served) -> None:
    said: list[str] = []
    workers: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("worker", lambda worker: workers.append(worker.url))
    page.reload()
    begun = time.monotonic()
    write(page)
    page.click(SEND)
    code = digits(page)
    assert time.monotonic() - begun < 20  # the slow lane would be 30
    assert len(code) == 28
    assert workers
    assert all(url.startswith(f"{served.url}/tips/assets/") for url in workers)
    assert (said, served.line.tips()) == ([], 1)
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie.length]") == [0, 0, 0]


def test_two_taps_and_a_reload_are_one_report_and_one_receipt(page: Page, served: Served) -> None:
    write(page)
    page.locator(SEND).dblclick()
    code = digits(page)
    page.reload()
    assert digits(page) == code
    assert served.line.tips() == 1
    page.click("button[form=noted]")
    expect(page.locator(CODE)).to_have_count(0)
    page.go_back()
    assert code not in page.content()


def test_leaving_is_at_once_and_does_not_lead_back(page: Page) -> None:
    write(page)
    page.locator("[data-leave]").first.click()
    page.wait_for_url(AWAY)
    page.go_back()
    assert "光明门诊" not in page.content()


def test_a_link_asks_before_it_drops_what_was_written(page: Page) -> None:
    write(page)
    page.once("dialog", lambda asked: asked.dismiss())
    page.click("footer a[href*=advice]")
    assert page.locator("[name=name]").input_value() == "光明门诊"
    page.once("dialog", lambda asked: asked.accept())
    page.click("footer a[href*=advice]")
    expect(page.locator("h1")).to_contain_text("先看这三句话")


def test_escape_twice_leaves(page: Page) -> None:
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.wait_for_url(AWAY)


def test_without_a_worker_the_page_itself_solves_it(context: BrowserContext, page: Page, served: Served) -> None:
    context.add_init_script("delete window.Worker")
    page.reload()
    write(page)
    page.click(SEND)
    assert len(digits(page)) == 28
    assert served.line.tips() == 1


def test_without_script_the_form_waits_half_a_minute_and_keeps_everything(browser: Browser, served: Served) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served.url}/tips/new")
    write(page)
    page.click(SEND)
    expect(page.locator("[role=alert]")).to_contain_text("秒")
    assert page.locator("[name=name]").input_value() == "光明门诊"
    served.clock.advance(timedelta(seconds=31))
    page.click(SEND)
    assert len(digits(page)) == 28
    assert served.line.tips() == 1
    context.close()
