"""What every page owes to old phones, keyboards, and people who enlarge everything."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.people import DESK, PHONE, Clerk, Resident, window
from tests.journeys.product import Product

OPEN = (
    "/",
    "/services",
    "/services/migrant-proof",
    "/services/migrant-proof/check",
    "/services/childcare-subsidy-guide",
    "/login",
    "/checkup",
    "/checkup/demo-a",
    "/progress",
    "/verify",
    "/privacy",
    "/api/docs",
    "/no/such/page",
    "/staff/login",
)
OWN = (
    "/applications",
    "/bookings",
    "/certificates",
    "/messages",
    "/me",
    "/me/identity",
    "/me/consents",
    "/me/export",
    "/me/notifications",
    "/me/notifications/sent",
    "/me/wechat",
    "/me/erasure",
)
NARROW: dict[str, Any] = {"viewport": {"width": 320, "height": 640}, "is_mobile": True, "has_touch": True}
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
#: What stands out of the window, and how far the smallest target is below what a thumb hits.
SMALL = """limit => [...document.querySelectorAll('main button, main a.btn, main a.cell, main label.pick, .tabs a')]
  .filter(e => e.offsetParent !== null && e.getBoundingClientRect().height < limit)
  .map(e => e.innerText + ' ' + e.getBoundingClientRect().height)"""
#: The outline may stand on the field, on the frame around it or on the sign drawn for it.
FOCUS = """() => { const e = document.activeElement;
  const drawn = s => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0;
  const ringed = c => !!c && drawn(getComputedStyle(c));
  return [e.tagName, (e.innerText || e.name || '').slice(0, 20),
    [e, e.parentElement, e.closest('label'), e.nextElementSibling].some(ringed)]; }"""


@pytest.fixture(scope="module")
def resident(browser: Browser, embedded: Product) -> Any:
    """Somebody whose application waits to be handed in."""
    with window(browser, **PHONE) as phone:
        person = Resident(embedded, phone)
        person.apply()
        yield person


def addresses(resident: Resident) -> tuple[str, ...]:
    """Every page of the case that stands open, the open pages and one's own."""
    case = resident.draft
    steps = tuple(f"{case}/steps/{code}" for code in ("place", "marriage", "children", "purpose"))
    return OPEN + OWN + (f"{case}/review", f"{case}/materials", f"{case}/consents", *steps)


def fits(page: Page) -> bool:
    return int(page.evaluate(WIDER)) <= 0


@pytest.mark.slow
@pytest.mark.parametrize("care", ["0", "1"], ids=["standard", "care"])
def test_no_page_scrolls_sideways_at_320_pixels(browser: Browser, resident: Resident, care: str) -> None:
    with window(browser, **NARROW, storage_state=resident.context.storage_state()) as phone:
        phone.add_cookies([{"name": "care", "value": care, "url": resident.product.url}])
        page = phone.new_page()
        wide = []
        for path in addresses(resident):
            page.goto(resident.product.url + path)
            if not fits(page):
                wide.append((path, page.evaluate(WIDER)))
        assert wide == []


@pytest.mark.slow
def test_every_page_is_quiet_titled_and_has_one_heading(browser: Browser, resident: Resident) -> None:
    with window(browser, **PHONE, storage_state=resident.context.storage_state()) as phone:
        page, said, poor = phone.new_page(), [], []
        page.on("console", lambda m: said.append((page.url, m.text)) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: said.append((page.url, str(error))))
        for path in addresses(resident):
            page.goto(resident.product.url + path)
            if "阳光办" not in page.title() or page.locator("h1").count() != 1 or page.locator("main").count() != 1:
                poor.append((path, page.title(), page.locator("h1").count()))
        assert poor == []
        assert [one for one in said if "404" not in one[1]] == []


@pytest.mark.slow
def test_care_mode_is_larger_and_stays(browser: Browser, resident: Resident) -> None:
    with window(browser, **PHONE, storage_state=resident.context.storage_state()) as phone:
        page = phone.new_page()
        page.goto(resident.product.url + "/services")
        before = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
        page.get_by_role("link", name="关怀版").click()
        page.wait_for_load_state()
        assert page.url.endswith("/services")
        after = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
        assert after >= 18
        assert after > before
        page.goto(resident.product.url + f"{resident.draft}/steps/marriage")
        assert page.evaluate(SMALL, 60) == []
        page.get_by_role("link", name="标准版").click()
        page.wait_for_load_state()
        assert page.evaluate(SMALL, 44) == []


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/", "/progress", "/services/migrant-proof", "/verify", "{draft}/steps/marriage"])
def test_keyboard_reaches_everything_and_shows_where_it_is(browser: Browser, resident: Resident, path: str) -> None:
    with window(browser, **DESK, storage_state=resident.context.storage_state()) as desk:
        page = desk.new_page()
        page.goto(resident.product.url + path.format(draft=resident.draft))
        stops = []
        for _ in range(12):
            page.keyboard.press("Tab")
            stops.append(page.evaluate(FOCUS))
        inside = [stop for stop in stops if stop[0] != "BODY"]
        assert len(inside) >= 6
        assert [stop for stop in inside if not stop[2]] == []


@pytest.mark.slow
def test_double_tap_on_submit_makes_one_case(browser: Browser, embedded: Product) -> None:
    for javascript in (True, False):
        with window(browser, javascript=javascript, **PHONE) as phone:
            resident = Resident(embedded, phone)
            resident.apply()
            button = resident.page.get_by_role("button", name="没错，提交给办事处")
            button.dblclick()
            resident.page.wait_for_load_state("networkidle")
            assert resident.reads("交上去了")
            resident.go("/applications")
            assert resident.page.get_by_role("main").get_by_role("link").count() == 1


@pytest.mark.slow
def test_two_tabs_that_submit_end_at_the_same_case(embedded: Product, browser: Browser) -> None:
    with window(browser, **PHONE) as phone:
        resident = Resident(embedded, phone)
        resident.apply()
        second = phone.new_page()
        second.goto(resident.page.url)
        resident.press("没错，提交给办事处")
        second.get_by_role("button", name="没错，提交给办事处").click()
        second.wait_for_load_state()
        assert resident.draft in second.url
        assert "系统出了问题" not in second.locator("body").inner_text()


@pytest.mark.slow
def test_what_was_typed_survives_a_step_back_and_a_reload(embedded: Product, browser: Browser) -> None:
    with window(browser, **PHONE) as phone:
        resident = Resident(embedded, phone)
        resident.apply()
        resident.go(f"{resident.draft}/steps/place")
        field = resident.page.get_by_label("现在住在哪里")
        with resident.page.expect_response("**/autosave") as saved:
            field.fill("广东省东莞市长安镇👩🏽‍⚕️")
            field.blur()
        assert saved.value.ok
        resident.page.reload()
        assert field.input_value() == "广东省东莞市长安镇👩🏽‍⚕️"


@pytest.mark.slow
@pytest.mark.parametrize("username", ["cun", "zhen", "xian", "zhan", "admin"])
def test_console_is_quiet_and_fits_a_phone(browser: Browser, embedded: Product, username: str) -> None:
    with window(browser, **NARROW) as phone:
        clerk = Clerk(embedded, phone)
        clerk.enter(username)
        assert fits(clerk.page)
        first = clerk.page.locator("ol.queue a").first
        if first.count():
            first.click()
            clerk.page.wait_for_load_state()
            assert fits(clerk.page)
        assert clerk.complaints == []
