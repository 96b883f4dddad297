"""People in front of a browser: they read labels, press buttons and nothing else."""

from __future__ import annotations

import contextlib
import io
import itertools
import re
import sys
import time
from collections.abc import Iterator

import pypdfium2
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from tests import files
from tests.journeys.product import Product
from tests.people import id_number

PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
DESK = {"viewport": {"width": 1280, "height": 800}}
PASSWORD = "Demo-2026!"
SERIALS = itertools.count(int(time.time()) % 10**6 * 10)


class Person:
    """One browser window; everything its console says is an error of ours."""

    def __init__(self, product: Product, context: BrowserContext) -> None:
        self.product, self.context = product, context
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def go(self, path: str) -> None:
        answer = self.page.goto(self.product.url + path)
        assert answer is not None
        assert answer.status == 200, path

    def press(self, name: str, *, link: bool = False) -> None:
        """Press a button (or link) by its words and wait for what comes."""
        role = "link" if link else "button"
        self.page.get_by_role(role, name=name).first.click()
        self.page.wait_for_load_state()

    def choose(self, name: str) -> None:
        """Tick a box or a round button by its words."""
        self.page.locator("label", has_text=name).first.click()

    def fill(self, label: str, value: str) -> None:
        self.page.get_by_label(label, exact=False).first.fill(value)

    def reads(self, words: str) -> bool:
        return words in self.page.locator("body").inner_text()

    def open(self, words: str) -> None:
        """Follow the first entry of a list that says these words."""
        self.page.get_by_role("main").get_by_role("link").filter(has_text=words).first.click()
        self.page.wait_for_load_state()

    def fetch(self, name: str) -> bytes:
        """What stands behind a link, with this person's session."""
        href = self.page.get_by_role("link", name=name).get_attribute("href")
        answer = self.context.request.get(self.product.url + str(href))
        assert answer.status == 200
        return answer.body()


class Resident(Person):
    """Somebody with a phone."""

    def __init__(self, product: Product, context: BrowserContext) -> None:
        super().__init__(product, context)
        self.serial = next(SERIALS)
        self.mobile = f"137{self.serial:08d}"
        #: The address of the application that was begun last.
        self.draft = ""

    def sign_in(self) -> None:
        self.fill("手机号", self.mobile)
        self.press("给我发验证码")
        self.fill("验证码", self.product.code(self.mobile))
        self.press("登录")

    def apply(self, name: str = "王㐂", photo: bytes | None = None) -> None:
        """From the guide to the page where all is read once more."""
        self.go("/services/migrant-proof")
        self.press("开始办", link=True)
        self.sign_in()
        self.fill_in(name, photo)

    def fill_in(self, name: str = "王㐂", photo: bytes | None = None) -> None:
        """The same for somebody who is signed in and has pressed to begin."""
        self.press("中心街街道", link=True)
        self.choose("铁西居委会")
        self.press("就是这里，开始填")
        self.draft = "/".join(["", *self.page.url.split("/")[3:5]])
        for box in self.page.get_by_role("checkbox").all():
            box.set_checked(True, force=True)
        self.press("同意，下一步")
        self.fill("姓名", name)
        self.fill("证件号", id_number(self.serial % 1000))
        self.press("保存")
        self._answer()
        self.hand_in(photo or files.telling_jpeg())
        self.press("下一步", link=True)

    def _answer(self) -> None:
        for part, value in zip(("年", "月", "日"), ("1992", "5", "18"), strict=True):
            self.page.get_by_label(part, exact=True).first.fill(value)
        self.choose("是")
        self.fill("现在住在哪里", "江苏省昆山市玉山镇𠮷祥路")
        self.press("保存，下一步")
        self.choose("未婚")
        self.press("保存，下一步")
        self.choose("否")
        self.press("保存，下一步")
        self.choose("找工作")
        self.press("保存，下一步")
        if self.page.get_by_role("link", name="下一步").count() and not self.page.locator("input[type=file]").count():
            self.press("下一步", link=True)

    def hand_in(self, content: bytes) -> None:
        """Choose a photo; without JavaScript also press the button."""
        chosen = {"name": "身份证.jpg", "mimeType": "image/jpeg", "buffer": content}
        self.page.locator("input[type=file]").first.set_input_files(chosen)
        upload = self.page.get_by_role("button", name="上传这份")
        if upload.count() and upload.first.is_visible():
            upload.first.click()
        self.page.get_by_text("删掉").first.wait_for()

    def wait_for_certificate(self) -> None:
        """Reload until the certificate is drawn, as people do."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            self.go("/certificates")
            if self.page.get_by_role("link").filter(has_text="婚育情况证明").count():
                self.open("婚育情况证明")
                if self.page.get_by_role("link", name="下载 PDF").count():
                    return
            time.sleep(0.5)
        raise AssertionError("no certificate came")


class Clerk(Person):
    """Somebody of the offices."""

    def enter(self, username: str) -> None:
        self.go("/staff")
        self.fill("账号", username)
        self.fill("密码", PASSWORD)
        self.press("登录")

    def take(self, number: str) -> None:
        """Open a case by its number and claim it."""
        self.go("/staff")
        self.fill("按编号找", number)
        self.page.get_by_label("按编号找").press("Enter")
        self.page.wait_for_load_state()
        self.press("领办这件")

    def decide(self, decision: str, note: str = "") -> None:
        self.choose(decision)
        if note:
            self.fill("写给申请人的话", note)
        self.press("就这样决定")


@contextlib.contextmanager
def window(browser: Browser, *, javascript: bool = True, **options: object) -> Iterator[BrowserContext]:
    """A new profile, as on another device; what it shows is told when the journey fails."""
    context = browser.new_context(java_script_enabled=javascript, locale="zh-CN", **options)  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    try:
        yield context
    except BaseException:
        for page in context.pages:
            sys.stderr.write(f"{page.url}\n{page.locator('body').inner_text()[:1500]}\n")
        raise
    finally:
        context.close()


def decoded(picture: bytes | Image.Image) -> str:
    """The QR code in a picture, read by an independent reader."""
    image = picture if isinstance(picture, Image.Image) else Image.open(io.BytesIO(picture))
    # Words in a page can look like a bar code to a reader that knows forty kinds.
    found = zxingcpp.read_barcodes(image.convert("RGB"), formats=zxingcpp.BarcodeFormat.QRCode)
    assert len(found) == 1, [code.text for code in found]
    return found[0].text


def raster(pdf: bytes, dpi: int = 150) -> Image.Image:
    """The first page of a PDF as it comes out of a printer."""
    picture: Image.Image = pypdfium2.PdfDocument(pdf)[0].render(scale=dpi / 72).to_pil()
    return picture


def number_on(text: str) -> str:
    found = re.search(r"YG\d{4}-[0-9A-Z]{6}", text)
    assert found, text
    return found.group()
