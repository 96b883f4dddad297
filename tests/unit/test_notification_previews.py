"""Previews of templates: what people will see, what it takes, and what is still to be set."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.kernel.errors import NotFound
from backend.notifications.wording import previews, templates
from backend.notifications.wording.previews import Contracts
from tests.unit.test_notification_templates import CARD, written

NOBODY = Contracts(wechat=None, sms=None, sends_sms=True)


@pytest.fixture
def two_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A template that was changed once."""
    folder = tmp_path / "visit_soon"
    folder.mkdir()
    written(folder, CARD.replace("打开看", "旧的话"), "1")
    written(folder, CARD, "2")
    monkeypatch.setattr(previews, "FOLDER", tmp_path)
    monkeypatch.setattr(previews, "templates", lambda: templates.templates(tmp_path))
    return folder.name


def test_the_newest_version_is_shown_and_an_earlier_one_by_its_number(two_versions: str) -> None:
    newest, first = previews.one(two_versions, NOBODY), previews.one(two_versions, NOBODY, 1)
    assert (newest.version, first.version, newest.versions) == (2, 1, (1, 2))
    assert newest.wechat["zh"].lines[2].value == "打开看"
    assert first.wechat["zh"].lines[2].value == "旧的话"
    for version in (3, -1):
        with pytest.raises(NotFound):
            previews.one(two_versions, NOBODY, version)


def test_what_never_comes_together_is_not_shown_together() -> None:
    shown = previews.one("own_reminder", NOBODY)
    assert {tongue: said["title"] for tongue, said in shown.inbox.items()} == {
        "zh": "您要的提醒到了",
        "en": "Your reminder is here",
    }


def test_length_and_parts_follow_the_sign_of_the_installation() -> None:
    plain = previews.one("result_ready", NOBODY).sms["zh"]
    longer = previews.one("result_ready", Contracts(None, None, True, "演示区阳光办事大厅")).sms["zh"]
    assert longer.text.startswith("【演示区阳光办事大厅】您有一份新的结果")
    assert longer.characters - plain.characters == 6
    assert (plain.parts, longer.parts) == (2, 2)


def test_the_text_to_hand_in_numbers_the_values_in_the_order_in_which_they_are_handed_over() -> None:
    one = previews.one("booking_move_offer", NOBODY).sms["zh"]
    assert [one.to_hand_in.count(f"{{{number}}}") for number in range(1, 9)] == [1] * 6 + [0] * 2
    assert one.to_hand_in.endswith(f" {previews.samples.ADDRESS}")
    params = {**dict.fromkeys(("old_at", "at", "until_at"), "8:30"), "page": "https://x.test/m"}
    days = dict.fromkeys(("old_on", "on", "until_on"), previews.samples.DAY)
    values = templates.templates()["booking_move_offer"].said_in_order("sms", params | days, "zh")
    assert values == (
        "12月30日（周三）",
        "8:30",
        "12月30日（周三）",
        "8:30",
        "12月30日（周三）",
        "8:30",
        "https://x.test/m",
    )


def test_the_text_to_hand_in_has_no_address_of_one_person() -> None:
    one = previews.one("own_reminder", NOBODY).sms["zh"]
    assert "/reminders/stop/" in one.text
    assert one.to_hand_in == f"您要的提醒有消息： {previews.samples.ADDRESS}"


def test_what_is_missing_is_said_only_of_channels_that_the_installation_has() -> None:
    assert previews.one("result_ready", NOBODY).missing == ()
    both = Contracts(wechat={"todo": "x"}, sms={}, sends_sms=True)
    assert [one.params["name"] for one in previews.one("result_ready", both).missing] == ["result", "result_ready"]
    whole = Contracts(wechat={"result": "x"}, sms={"result_ready": "1"}, sends_sms=True)
    assert previews.one("result_ready", whole).missing == ()
