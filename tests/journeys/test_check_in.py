"""The camera at the door of a station: what it reads goes the same way as what is typed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.journeys.people import PHONE, Clerk, window
from tests.journeys.product import Product

#: A browser that reads QR codes itself, before a camera that shows one; Chromium on Linux has neither.
CAMERA = """
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect() { return [{ rawValue: "ABCD2345" }]; }
};
navigator.mediaDevices.getUserMedia = async () => {
  const picture = document.createElement("canvas"), pen = picture.getContext("2d");
  setInterval(() => pen.fillRect(0, 0, 9, 9), 40);
  return picture.captureStream();
};
"""


@pytest.mark.slow
def test_what_the_camera_reads_is_looked_at_without_a_tap(browser: Browser, embedded: Product) -> None:
    with window(browser, **PHONE) as phone:
        nurse = Clerk(embedded, phone)
        nurse.enter("zhan")
        nurse.go("/staff/check-in")
        assert not nurse.page.get_by_role("button", name="用摄像头扫").is_visible()
        phone.add_init_script(CAMERA)
        nurse.go("/staff/check-in")
        with nurse.page.expect_navigation():
            nurse.press("用摄像头扫")
        assert nurse.reads("没有这个签到码")
        assert nurse.complaints == []
