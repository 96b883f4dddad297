"""The copy of one's data: with a result in it, it asks for the second step like the result itself."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from backend.accounts import export
from backend.kernel import ids
from tests import booking
from tests.h5.phone import Phone
from tests.people import Cast
from tests.results import Visit, visit
from workers.exports import COLLECTORS


@pytest.fixture
def seen(cast: Cast) -> Visit:
    booking.open_stations(cast)
    return visit(cast)


def copied(cast: Cast, who: int) -> str:
    """The address of a copy that is ready."""
    made = cast.run(export.request, resident_id=who, now=cast.clock())
    cast.run(export.build, vault=cast.vault, export_id=made, collectors=COLLECTORS, now=cast.clock())
    return f"/me/export/{ids.encode(made)}"


def test_copy_with_a_result_opens_after_the_second_step_only(app: Flask, cast: Cast, seen: Visit) -> None:
    seen.put("booker", "consult")
    phone, page = Phone(app).enter(seen.mine), copied(cast, seen.mine)
    assert "再输一次短信验证码" in phone.page(page)
    assert phone.get(f"{page}.json").location == f"/second-step?next={page}"
    address = f"/api/v1/me/exports/{page.rpartition('/')[2]}"
    refused = phone.get(address)
    assert (refused.status_code, refused.json["code"]) == (403, "second_step_required")
    phone.post("/second-step/code", next=page)
    assert phone.post("/second-step", next=page, code=phone.code()).location == page
    content = json.loads(phone.get(f"{page}.json").data)
    assert content["checkup_results"][0]["risk"] == "consult"
    assert phone.get(address).json["content"]["bookings"][0]["station"] == "演示服务站甲"


def test_copy_without_a_result_opens_at_once(app: Flask, cast: Cast, seen: Visit) -> None:
    seen.put("booker", "consult")
    phone, page = Phone(app).enter(seen.theirs), copied(cast, seen.theirs)
    assert "验证码" not in phone.page(page)
    assert json.loads(phone.get(f"{page}.json").data)["checkup_results"] == []
