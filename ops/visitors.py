"""People who walk through a running demo: with a browser window of their own, or over the API."""

from __future__ import annotations

import io
import time
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import APIRequestContext, Browser, BrowserContext, Page, Playwright

from backend.accounts.demo import PASSWORD

PHONE, DESK = (360, 780), (1280, 800)
MONDAY, TUESDAY, WEDNESDAY = "2026-11-23T09:30:00+08:00", "2026-11-24T10:10:00+08:00", "2026-11-25T07:50:00+08:00"
#: Milliseconds until a page that does not do what it should stops the walk.
PATIENCE = 10_000
#: Who else has handed something in: name, item, village (without staff: the town's turn), moment.
OTHERS = (
    ("李䶮", "only-child-reissue", "370402001016", MONDAY),
    ("赵龘", "birth-registration", "370402001016", MONDAY),
    ("陈犇", "migrant-proof", "370402001028", TUESDAY),
)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(serial: int) -> str:
    """A well-formed number of nobody: no place has the code 000000 (GB 11643 check digit)."""
    head = f"00000019920518{serial:03d}"
    return head + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(head, WEIGHTS, strict=True)) % 11]


def card() -> bytes:
    """Something like the photograph of a card, without anything of a person on it."""
    picture = Image.new("RGB", (856, 540), "#dfe7e2")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((40, 40, 816, 500), fill="#f6f8f5", outline="#9fb0a5", width=4)
    draw.rectangle((580, 110, 770, 360), fill="#c3cfc7")
    for line in range(6):
        draw.rectangle((90, 110 + 62 * line, 500 - 40 * (line % 3), 132 + 62 * line), fill="#c3cfc7")
    kept = io.BytesIO()
    picture.save(kept, "JPEG")
    return kept.getvalue()


class Walk:
    """One browser on one running product."""

    def __init__(self, playwright: Playwright, browser: Browser, base: str) -> None:
        self.playwright, self.browser, self.base = playwright, browser, base

    def screen(self, size: tuple[int, int] = PHONE, like: BrowserContext | None = None, **options: Any) -> Page:
        """A fresh browser window, or one with the session of another."""
        width, height = size
        state = like.storage_state() if like else None
        context = self.browser.new_context(
            base_url=self.base, viewport={"width": width, "height": height}, storage_state=state,
            device_scale_factor=2 if size == PHONE else 1, locale="zh-CN", timezone_id="Asia/Shanghai", **options,
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        return context.new_page()

    def api(self, token: str = "") -> APIRequestContext:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.playwright.request.new_context(base_url=self.base, extra_http_headers=headers)

    def clock(self, now: str) -> None:
        self.api().post("/dev/clock", data={"now": now})

    def code(self, mobile: str) -> str:
        """The newest code that was sent to a number."""
        for _ in range(100):
            items = self.api().get(f"/dev/messages?to={mobile}&limit=1").json()["items"]
            if items:
                return "".join(letter for letter in items[0]["text"] if letter.isdigit())[:6]
            time.sleep(0.1)
        raise SystemExit("no code arrived")

    def sign_in(self, page: Page, mobile: str, serial: int) -> None:
        """A resident with a name and a number, through the pages."""
        page.goto("/login?next=/me/identity")
        page.fill("#f-mobile", mobile)
        press(page)
        page.fill("#f-code", self.code(mobile))
        press(page)
        page.fill("#f-name", "王㐂")
        page.fill("#f-id_number", id_number(serial))
        press(page)

    def staff(self, username: str, size: tuple[int, int] = PHONE) -> Page:
        """The console, signed in, at its list."""
        page = self.screen(size)
        page.goto("/staff/login")
        page.fill("#f-username", username)
        page.fill("#f-password", PASSWORD)
        press(page)
        return page

    def others(self) -> None:
        """Cases of other people, so that the console's list looks like one; over the API, as another client would."""
        for serial, (name, item, village, moment) in enumerate(OTHERS, 100):
            self.clock(moment)
            self._hand_in(f"138000009{serial % 100:02d}", serial, name, item, village)

    def _hand_in(self, mobile: str, serial: int, name: str, item: str, village: str) -> None:
        api = self.api()
        api.post("/api/v1/auth/sms-codes", data={"mobile": mobile})
        session = {"mobile": mobile, "code": self.code(mobile)}
        api = self.api(api.post("/api/v1/auth/sms", data=session).json()["access_token"])
        api.put("/api/v1/me/identity", data={"name": name, "id_type": "resident_id", "id_number": id_number(serial)})
        for purpose in api.get("/api/v1/me/consents").json()["items"]:
            api.put(f"/api/v1/me/consents/{purpose['purpose']}", data={})
        guide = api.get(f"/api/v1/service-items/{item}").json()
        begun = api.post("/api/v1/applications", data={"service_item": item, "region": village})
        if not begun.ok:
            raise SystemExit(begun.text())
        draft = begun.json()
        address = f"/api/v1/applications/{draft['id']}"
        api.patch(address, data={"answers": guide["example"]})
        photo: Any = {"name": "card.jpg", "mimeType": "image/jpeg", "buffer": card()}
        for material in guide["materials"]:
            if material["mode"] in ("required", "deferrable"):
                api.post(f"{address}/materials", multipart={"material": material["code"], "file": photo})
        api.post(f"{address}/submission", data={})


def press(page: Page) -> None:
    """The one action of a page."""
    page.click(".dock button, .dock a.btn")
    page.wait_for_load_state("networkidle")
