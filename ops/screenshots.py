"""`make screenshots`: walk through the product as a resident and as staff, and keep what they see in docs/screenshots.

The product runs with throw-away data and its clock stands at a Monday, so that pictures change only when pages do.
"""

from __future__ import annotations

import io
import shutil
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from config.settings import ROOT
from ops.throwaway import product
from ops.visitors import DESK, PHONE, TUESDAY, WEDNESDAY, Walk, card, press

FOLDER = ROOT / "docs" / "screenshots"
ITEM, VILLAGE, TOWN = "migrant-proof", "370402001013", "370402001000"
#: All together at most, so that cloning stays quick.
MOST_BYTES = 800_000
COLOURS = 40
#: What the applicant answers, by the name of the input.
ANSWERS = {
    "born_on.y": "1992", "born_on.m": "5", "born_on.d": "18", "current_address": "江苏省昆山市玉山镇",
    "registered_here": "true", "marital_status": "single", "has_children": "false", "purpose": "work",
}  # fmt: skip


def shoot(page: Page, name: str) -> None:
    """What is on the screen, as a small PNG."""
    with Image.open(io.BytesIO(page.screenshot(animations="disabled"))) as picture:
        small = picture.convert("RGB").quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        small.save(FOLDER / f"{name}.png", optimize=True)


def apply(walk: Walk) -> tuple[Page, str]:
    """From the home page to the receipt; gives the resident's window and the address of the case."""
    page = walk.screen()
    page.goto("/")
    shoot(page, "home")
    page.goto(f"/services/{ITEM}")
    shoot(page, "guide")
    walk.sign_in(page, "13800000021", 7)
    page.goto(f"/services/{ITEM}/start?town={TOWN}")
    page.check(f"input[value='{VILLAGE}']")
    press(page)
    for box in page.locator("input[type=checkbox]").all():
        box.check()
    press(page)
    _stumble(page)
    while not page.url.endswith("/materials"):
        answer(page)
        press(page)
    photograph(page)
    press(page)
    shoot(page, "review")
    press(page)
    case = page.url.partition("?")[0]
    page.goto(f"{case}/receipt")
    shoot(page, "receipt")
    return page, case


def _stumble(page: Page) -> None:
    """A day that is in no calendar, and a question left out: what the form says then."""
    page.fill("[name='born_on.y']", "1992")
    page.fill("[name='born_on.m']", "2")
    page.fill("[name='born_on.d']", "30")
    press(page)
    shoot(page, "form")


def answer(page: Page) -> None:
    """Answer the questions of one page of the form."""
    for name, value in ANSWERS.items():
        inputs = page.locator(f"[name='{name}']")
        if inputs.count() and inputs.first.get_attribute("type") == "radio":
            page.check(f"[name='{name}'][value='{value}']")
        elif inputs.count():
            inputs.first.fill(value)


def photograph(page: Page) -> None:
    """Hand a picture in and wait until it stands there."""
    page.set_input_files("input[type=file] >> nth=0", {"name": "card.jpg", "mimeType": "image/jpeg", "buffer": card()})
    page.wait_for_selector(".thumbs img")
    page.wait_for_load_state("networkidle")


def correct(walk: Walk, page: Page, case: str) -> None:
    """The village asks for a better photograph; the resident hands one in."""
    clerk = walk.staff("cun")
    press(clerk)
    clerk.check("[name=decision][value=request_correction]")
    clerk.check("[name=item][value=id_card]")
    clerk.fill("[name='reason.id_card']", "右边反光，看不清号码，请在窗边重拍一张")
    clerk.fill("[name=note]", "其他都没问题，换好照片就行。")
    press(clerk)
    page.goto(case)
    shoot(page, "case")
    page.goto(f"{case}/correction")
    shoot(page, "correction")
    page.click(".cells a.cell")
    page.click(".thumb button")
    photograph(page)
    page.goto(f"{case}/correction")
    press(page)


def review(walk: Walk) -> None:
    """The village approves, the town looks at its list and approves."""
    clerk = walk.staff("cun")
    press(clerk)
    clerk.check("[name=decision][value=approve]")
    press(clerk)
    for size, mark in ((PHONE, ""), (DESK, "-wide")):
        clerk = walk.staff("zhen", size)
        shoot(clerk, f"staff-queue{mark}")
        clerk.click("a.cell:has-text('王*')")
        if not mark:
            press(clerk)
        clerk.wait_for_load_state("networkidle")
        shoot(clerk, f"staff-case{mark}")
    clerk.check("[name=decision][value=approve]")
    press(clerk)


def receive(walk: Walk, page: Page, case: str) -> None:
    """The certificate, somebody who checks it, care mode, darkness."""
    for _ in range(100):
        page.goto("/certificates")
        if page.locator("a.cell").count():
            break
        time.sleep(0.2)
    page.click("a.cell >> nth=0")
    page.wait_for_load_state("networkidle")
    shoot(page, "certificate")
    number = page.url.rpartition("/")[2]
    token = page.request.get(f"/api/v1/certificates/{number}").json()["token"]
    stranger = walk.screen()
    stranger.goto(f"/v/{token}")
    shoot(stranger, "verification")
    dark = walk.screen(like=page.context, color_scheme="dark")
    dark.goto(case)
    shoot(dark, "dark")
    page.goto(f"/mode?care=1&next={case.removeprefix(walk.base)}")
    shoot(page, "care")


def book(walk: Walk) -> Page:
    """A couple's visit from the calendar to the code; the day as the nurse sees it. The page of who booked."""
    page = walk.screen()
    page.goto("/checkup/demo-a/2026-11-25")
    page.wait_for_load_state("networkidle")
    shoot(page, "calendar")
    walk.sign_in(page, "13800000022", 8)
    page.goto("/checkup/demo-a/2026-11-25")
    press(page)
    page.check("[name=who][value=companion]")
    page.fill("[name=companion]", "李䶮")
    page.check("[name=plan][value=first]")
    press(page)
    for box in page.locator("input[type=checkbox]").all():
        box.check()
    press(page)
    shoot(page, "booking")
    walk.clock(WEDNESDAY)
    shoot(walk.staff("zhan"), "staff-day")
    return page


def remind(page: Page) -> None:
    """A reminder of one's own, and over which channels people want to be told."""
    page.goto("/reminders")
    for part, value in (("y", "2026"), ("m", "12"), ("d", "1")):
        page.fill(f"[name='start_on.{part}']", value)
    page.check("[name=channel][value=sms]")
    page.check("[name=agreed]")
    press(page)
    shoot(page, "reminder")
    page.goto("/me/notifications")
    shoot(page, "notifications")


def report(walk: Walk) -> None:
    """A tip, from the advice to the code on paper."""
    page = walk.screen()
    page.goto("/tips")
    shoot(page, "tips")
    page.goto("/tips/new")
    page.check("[name=category][value=advertising]")
    page.check("[name=kind][value=advertisement]")
    page.fill("[name=name]", "街口电线杆上的小广告")
    page.select_option("[name=region]", TOWN)
    page.fill("[name=text]", "上面写着寄血样测男女，留了微信号，每个星期一都有人来重贴。")
    page.get_by_role("button", name="交上去，拿查询码").click()
    page.wait_for_selector("ol.fours")
    shoot(page, "tip-code")


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with product() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        walk = Walk(playwright, browser, base)
        walk.others()
        walk.clock(TUESDAY)
        page, case = apply(walk)
        correct(walk, page, case)
        review(walk)
        receive(walk, page, case)
        remind(book(walk))
        report(walk)
        browser.close()
    size = sum(file.stat().st_size for file in FOLDER.iterdir())
    print(f"{len(list(FOLDER.iterdir()))} pictures, {size // 1000} kB")
    if size > MOST_BYTES:
        raise SystemExit(f"more than {MOST_BYTES // 1000} kB: take fewer colours or fewer pictures")


def _chromium() -> str:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    return found or str(Path("/usr/bin/chromium"))


if __name__ == "__main__":
    main()
