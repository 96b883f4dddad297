"""Message templates over HTTP: for administrators, in both languages, with sample values."""

from __future__ import annotations

from typing import Any

import pytest

from backend.notifications.wording import templates
from tests.api.desk import problem
from tests.api.house import House

PATH = "/admin/message-templates"


@pytest.fixture
def admin(house: House) -> Any:
    return house.clerk("admin")


def test_every_template_is_listed_with_its_channels(admin: Any) -> None:
    items = (admin.call("GET", PATH).json or {})["items"]
    assert {one["name"] for one in items} == set(templates.templates())
    [one] = [one for one in items if one["name"] == "correction_requested"]
    assert (one["kind"], one["kind_label"], one["version"]) == ("todo", "要您做的事", 1)
    assert (one["channels"], one["missing"]) == (["inbox", "wechat", "sms"], [])
    assert one["title"] == {"zh": "还差几样，请补一补", "en": "Please complete your application"}


def test_one_template_is_shown_over_each_channel(admin: Any) -> None:
    one = admin.call("GET", f"{PATH}/visit_reminder").json or {}
    assert one["versions"] == [1]
    assert one["wechat"]["template"] == "visit"
    assert one["wechat"]["languages"]["en"]["lines"][1] == {
        "label": "时间",
        "field": "time2",
        "value": "2026年12月30日 10:30",
    }
    short = one["sms"]["languages"]["zh"]
    assert short["text"].startswith("【阳光办】工作人员12月30日（周三）")
    assert len(short["text"]) == short["characters"]
    assert (short["parts"], one["sms"]["parts_allowed"]) == (2, 2)
    assert {"name": "on", "kind": "date", "sample": "12 月 30 日（周三）"} in one["values"]


def test_a_code_has_no_inbox_and_no_card(admin: Any) -> None:
    one = admin.call("GET", f"{PATH}/sms_code").json or {}
    assert (one["inbox"], one["wechat"]) == (None, None)
    assert one["sms"]["languages"]["en"]["to_hand_in"].startswith("Your sign-in code is {1}")


@pytest.mark.parametrize(
    ("path", "status"), [("nobody", 404), ("sms_code?version=2", 404), ("sms_code?version=0", 422)]
)
def test_what_is_not_there_is_said(admin: Any, path: str, status: int) -> None:
    assert problem(admin.call("GET", f"{PATH}/{path}"))[0] == status


def test_clerks_and_residents_are_refused(house: House) -> None:
    assert problem(house.clerk("zhen").call("GET", PATH))[0] == 403
    assert problem(house.resident().call("GET", PATH))[0] in (401, 403)
