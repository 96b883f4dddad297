"""What the applicant reads of looks, whichever door the clerk came through."""

from __future__ import annotations

from flask import Flask

from backend.kernel import ids
from tests import factories
from tests.h5.clerk import Clerk, address
from tests.h5.phone import Phone
from tests.people import Cast


def test_opening_case_and_record_is_told_to_the_applicant(app: Flask, cast: Cast, phone: Phone) -> None:
    row = factories.submitted(cast)
    clerk = Clerk(app).sit_down(cast.reviewers["town"].id)
    for path in ("", "", "/audit"):
        clerk.page(address(row.number, path))
    page = phone.page(f"/applications/{ids.encode(row.id)}/looks")
    assert "中心街街道办事处 镇街审核岗" in page
    assert (page.count("镇街审核岗"), "打开了申请" in page, "看了办理记录" in page) == (2, True, True)


def test_nobody_looked_yet_says_what_will_appear(cast: Cast, phone: Phone) -> None:
    row = factories.submitted(cast)
    assert "还没有人看过" in phone.page(f"/applications/{ids.encode(row.id)}/looks")
