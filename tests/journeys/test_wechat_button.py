"""Inside WeChat: its browser's name, its consent page over HTTP, its script played for it; the way of one person."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from backend.app import create_app
from backend.kernel import ids
from backend.runtime import Runtime, build_runtime
from config.settings import Settings
from standins.wechat import StandIn
from tests import factories
from tests.clock import MovableClock
from tests.h5.phone import Phone
from tests.journeys.people import PHONE, window
from tests.people import Cast, assemble
from tests.servers import free_port
from tests.wechat_door import INSIDE, joined

#: What the pages need of WeChat's script.
SDK = "window.wx = {ready(act) {this.act = act;}, config(asked) {window.asked = asked; this.act();}};"
CHOSEN = """(tag) => tag.dispatchEvent(new CustomEvent("success",
  {detail: {subscribeDetails: {one: JSON.stringify({status: "accept"})}}}))"""


@dataclass
class World:
    """The pages at an address of their own, with an account at WeChat's."""

    settings: Settings
    runtime: Runtime
    wechat: StandIn
    cast: Cast
    phone: Phone

    def open(self, context: BrowserContext) -> tuple[Page, list[str]]:
        """A page in WeChat, and everything its console complains of."""
        context.route("https://res.wx.qq.com/**", lambda r: r.fulfill(content_type="text/javascript", body=SDK))
        page, complaints = context.new_page(), list[str]()
        page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page, complaints


@pytest.fixture
def world(sqlite_settings: Settings, clock: MovableClock) -> Iterator[World]:
    port = free_port()
    settings = replace(sqlite_settings, port=port, base_url=f"http://127.0.0.1:{port}")
    with joined(settings) as (wechat, known):
        # Not the demo: people are sent to the consent page itself, and asked by WeChat's own button.
        settings = replace(known, profile="production")
        runtime = replace(build_runtime(settings), clock=clock)
        app = create_app(settings, runtime)
        server = make_server("127.0.0.1", port, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cast = assemble(runtime.db, runtime.vault, clock)
        yield World(settings, runtime, wechat, cast, Phone(app))
        server.shutdown()


def sign_in(world: World, page: Page) -> None:
    page.get_by_label("手机号").fill("13800000007")
    page.get_by_role("button", name="给我发验证码").click()
    page.get_by_label("验证码").fill(world.phone.code())
    page.get_by_role("button", name="登录，以后用微信直接进").click()


@pytest.mark.slow
def test_person_in_wechat_signs_in_once_allows_a_message_and_comes_back_alone(world: World, browser: Browser) -> None:
    case = ids.encode(factories.submitted(world.cast).id)
    with window(browser, user_agent=INSIDE, **PHONE) as context:
        page, complaints = world.open(context)
        page.goto(f"{world.settings.base_url}/applications/{case}/receipt")
        sign_in(world, page)
        page.get_by_text("和这个微信关联好了").wait_for()
        tag = page.locator("wx-open-subscribe")
        tag.wait_for(state="attached")
        asked = page.evaluate("window.asked")
        assert (asked["appId"], len(asked["signature"])) == (world.settings.wechat.app_id, 40)
        names = [world.wechat.account.templates[one] for one in str(tag.get_attribute("template")).split(",")]
        assert names == ["result", "todo", "progress"]
        tag.evaluate(CHOSEN)
        page.get_by_text("好，会用微信告诉您").wait_for()
        assert complaints == []
        context.clear_cookies()
        page.goto(f"{world.settings.base_url}/applications/{case}")
        assert page.url.split("#")[0].endswith(f"/applications/{case}")
        assert complaints == []


@pytest.mark.slow
def test_without_the_script_of_wechat_the_page_is_as_it_was(world: World, browser: Browser) -> None:
    case = ids.encode(factories.submitted(world.cast).id)
    with window(browser, user_agent=INSIDE, **PHONE) as context:
        page, _complaints = world.open(context)
        context.unroute("https://res.wx.qq.com/**")
        context.route("https://res.wx.qq.com/**", lambda route: route.abort())
        page.goto(f"{world.settings.base_url}/applications/{case}/receipt")
        sign_in(world, page)
        page.get_by_role("heading", name="回执").wait_for()
        assert not page.get_by_text("用微信告诉您？").is_visible()
        assert page.get_by_role("link", name="下载 PDF").is_visible()
