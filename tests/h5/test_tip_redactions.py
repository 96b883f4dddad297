"""Words destroyed at the console: what is marked, what is asked, and what is left."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select, update

from backend.models.tip import Tip, TipEntry
from backend.tips import investigators, recipients
from backend.tips.cuts import GONE
from backend.tips.investigators import Staff
from backend.tips.third_parties import detector
from backend.tips.tokens import Holder
from tests import investigating
from tests.h5.clerk import Clerk
from tests.people import Cast, hire

SLIPPED = "孕妇张小红上周去过，她妹妹也在"
MARKED = "text@2-5"


@dataclass
class Desk:
    """An investigator at the console with a tip that an older detector let pass."""

    clerk: Clerk
    tip_id: str
    holder: Holder
    entry_id: str

    @property
    def path(self) -> str:
        return f"/staff/tips/{self.tip_id}/entries/{self.entry_id}/redaction"

    def redact(self, **fields: object) -> str:
        answer = self.clerk.post(self.path, **({"edition": "1", "sure": "yes"} | fields))
        return answer.headers["Location"] if answer.status_code == 303 else f"{answer.status_code} {answer.text}"

    def content(self) -> str:
        """As the reporter reads it."""
        return self.clerk.page(f"/staff/tips/{self.tip_id}")


@pytest.fixture
def desk(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Desk:
    clerk = Clerk(app)
    member = hire(cast, "county", role="investigator")
    clerk.sit_down(member.id)
    at = clerk.runtime.tips
    key = investigators.new_key(investigating.PASSPHRASE)
    who = Staff(member.id, "核查员", "举报核查岗", investigating.COUNTY)
    key_id = at.db.transact(investigators.enrol, staff=who, key=key, duty=recipients.INVESTIGATE, day=at.today)
    investigating.appoint(at, key_id)
    with monkeypatch.context() as older:
        older.setattr(detector, "refuse_entry", lambda content: None)
        tip_id, holder = investigating.filed(at, text=SLIPPED)
    at.db.transact(lambda session: session.execute(update(Tip).values(released_on=at.today)))
    assert clerk.post("/staff/tips/unlock", unlock_with=investigating.PASSPHRASE).status_code == 303
    with at.db.reading() as session:
        entry_id = session.scalars(select(TipEntry.id).where(TipEntry.tip_id == tip_id)).one()
    return Desk(clerk, tip_id, holder, entry_id)


def test_page_marks_what_the_detector_sees_and_ticks_it(desk: Desk) -> None:
    page = desk.clerk.page(desk.path)
    assert "<mark>张小红</mark>" in page
    assert re.search(rf'name="spot" value="{MARKED}" checked', page)
    assert "整条销毁" not in page  # the report itself stays


def test_ticked_spots_are_destroyed(desk: Desk) -> None:
    assert desk.redact(how="spots", spot=[MARKED]).startswith(f"/staff/tips/{desk.tip_id}")
    page = desk.content()
    assert f"孕妇{GONE}上周去过" in page
    assert "张小红" not in page
    assert "隐去文字" in page


def test_other_words_take_the_place_of_the_old(desk: Desk) -> None:
    assert desk.redact(how="words", data={"w-text": "有人上周去过"}).startswith("/staff/tips/")
    assert "有人上周去过" in desk.content()


def test_new_words_that_name_her_come_back_marked(desk: Desk) -> None:
    said = desk.redact(how="words", data={"w-text": "孕妇张小红去过"})
    assert said.startswith("422")
    assert "孕妇<mark>张小红</mark>去过" in said
    assert ">\n孕妇张小红去过</textarea>" in said


MISSING: list[tuple[dict[str, object], str]] = [
    ({"how": "spots", "spot": [MARKED], "sure": ""}, "请勾选“我知道不能恢复”"),
    ({"how": ""}, "请选怎么处理"),
    ({"how": "spots"}, "请选怎么处理"),
    ({"how": "spots", "spot": ["text@2-500"]}, "对不上"),
    ({"how": "spots", "spot": ["nonsense"]}, "对不上"),
    ({"how": "words", "data": {"w-text": SLIPPED}}, "字还和原来一样"),
    ({"how": "words", "data": {"w-text": "  "}}, "不能只有空格"),
    ({"how": "words", "data": {"w-target.kind": "x"}}, "对不上"),
    ({"how": "whole"}, "不能整份销毁"),
]


def test_what_is_missing_is_said_and_nothing_changes(desk: Desk) -> None:
    said = [(desk.redact(**fields), sentence) for fields, sentence in MISSING]
    assert [sentence for page, sentence in said if not page.startswith("422") or sentence not in page] == []
    assert "张小红" in desk.content()


def test_second_tap_changes_nothing_more(desk: Desk) -> None:
    desk.redact(how="spots", spot=[MARKED])
    said = desk.redact(how="spots", spot=[MARKED])
    assert said.startswith("409")
    assert desk.content().count(GONE) == 1


def test_locked_key_asks_for_the_passphrase_first(desk: Desk) -> None:
    desk.clerk.post("/staff/tips/lock")
    assert desk.clerk.get(desk.path).status_code == 423
    assert desk.redact(how="spots", spot=[MARKED]).startswith("423")
    assert "张小红" not in desk.clerk.get(desk.path).text
