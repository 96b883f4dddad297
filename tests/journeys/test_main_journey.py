"""From a phone to a certificate that a stranger verifies: with and without JavaScript, on both engines."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Browser

from tests import files
from tests.journeys.people import DESK, PHONE, Clerk, Resident, decoded, number_on, raster, window
from tests.journeys.product import Product


def corrected(browser: Browser, product: Product, resident: Resident, number: str) -> None:
    """The village asks for a better photo; the resident brings one."""
    with window(browser, **DESK) as desk:
        village = Clerk(product, desk)
        village.enter("cun")
        village.take(number)
        village.choose("要求补正")
        village.choose("身份证人像面照片")
        village.fill("身份证人像面照片：哪里不对，怎么改", "看不清，请重拍一张")
        village.fill("写给申请人的话", "照片看不清")
        village.press("就这样决定")
        assert village.reads(number)
        assert village.complaints == []
    resident.go("/applications")
    resident.open("婚育情况证明")
    resident.open("看不清，请重拍一张")
    resident.press("删掉")
    resident.hand_in(files.jpeg(400, 300))
    resident.press("下一步", link=True)
    resident.press("都改好了，交回去")


def approved(browser: Browser, product: Product, number: str, *, javascript: bool) -> None:
    """Village and town approve; what the resubmission changed is on the village's screen."""
    for username, decision in (("cun", "通过，交"), ("zhen", "通过并发证")):
        with window(browser, javascript=javascript, **DESK) as desk:
            clerk = Clerk(product, desk)
            clerk.enter(username)
            clerk.take(number)
            if username == "cun":
                assert clerk.reads("补正后改了")
            clerk.decide(decision)
            assert clerk.reads("✓")
            assert clerk.complaints == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("product", "javascript"), [("served", True), ("embedded", False)], ids=["javascript", "bare"], indirect=["product"]
)
def test_resident_gets_a_certificate_that_a_stranger_verifies(
    browser: Browser, product: Product, javascript: bool
) -> None:
    with window(browser, javascript=javascript, **PHONE) as phone:
        resident = Resident(product, phone)
        resident.apply()
        resident.press("没错，提交给办事处")
        assert resident.reads("交上去了")
        number = number_on(resident.page.locator("body").inner_text())
        resident.press("查看回执二维码", link=True)
        stranger_sees(browser, product, decoded(resident.page.screenshot(full_page=True)), "这是真的回执")
        corrected(browser, product, resident, number)
        approved(browser, product, number, javascript=javascript)
        certificate_is_genuine(browser, product, resident)
        assert resident.complaints == []


def certificate_is_genuine(browser: Browser, product: Product, resident: Resident) -> None:
    """The QR on the screen, in the PDF at 150 dpi and in the PNG is one address, and it holds."""
    resident.wait_for_certificate()
    seen = {decoded(resident.page.locator(".qr img").screenshot()), decoded(resident.page.screenshot(full_page=True))}
    pdf, png = resident.fetch("下载 PDF"), resident.fetch("存成图片")
    assert pdf[:5] == b"%PDF-"
    seen |= {decoded(raster(pdf)), decoded(png), decoded(narrow(png))}
    assert len(seen) == 1
    address = seen.pop()
    assert address.startswith(f"{product.url}/v/")
    assert len(address.rsplit("/", 1)[1]) <= 400
    stranger_sees(browser, product, address, "有效")
    changed = address[:-5] + ("AAAAA" if address[-5:] != "AAAAA" else "BBBBB")
    stranger_sees(browser, product, changed, "无效")


def narrow(png: bytes) -> bytes:
    """The picture as a phone 360 pixels wide shows it, at two dots per pixel."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    scaled = picture.resize((720, round(picture.height * 720 / picture.width)))
    target = io.BytesIO()
    scaled.save(target, "PNG")
    return target.getvalue()


def stranger_sees(browser: Browser, product: Product, address: str, words: str) -> None:
    """Somebody without a login opens what the QR says: a status, a masked name, no document number."""
    with window(browser, **PHONE) as other:
        page = other.new_page()
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200
        text = page.locator("body").inner_text()
        assert words in text
        assert "王㐂" not in text
        assert not re.search(r"\d{17}[\dX]", text)
