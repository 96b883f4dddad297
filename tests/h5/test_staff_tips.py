"""The investigators' pages without JavaScript: locked, open, and nothing typed is lost at the lock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from backend.documents.sandbox import Result
from backend.documents.spaces import MEMORY, fill
from backend.models.staff import Staff as Account
from backend.models.tip import Tip, TipEntry, TipLog, Unlocked
from backend.tips import evidence, investigators, mailboxes, recipients
from backend.tips.investigators import Staff
from backend.tips.tokens import Holder
from backend.tips.unlocking import LIFE
from backend.tips_runtime import TipsRuntime, build_tips_runtime
from backend.web.context import bind
from config.settings import Settings
from tests import files, investigating
from tests.clock import MovableClock
from tests.h5.clerk import Clerk
from tests.h5.phone import Phone, hidden
from tests.h5.test_pages_render import CHOICES, sound
from tests.people import Cast, hire

LIST = "/staff/tips"


@dataclass
class Desk:
    """An investigator at the console, and a tip that reached them."""

    clerk: Clerk
    at: TipsRuntime
    staff_id: int
    holder: Holder

    @property
    def path(self) -> str:
        return f"{LIST}/{self.holder.tip_id}"

    def unlock(self) -> Desk:
        answer = self.clerk.post(f"{LIST}/unlock", unlock_with=investigating.PASSPHRASE, next=self.path)
        assert (answer.status_code, answer.location) == (303, self.path), answer.text
        return self

    def page(self) -> str:
        return self.clerk.page(self.path)

    def post(self, path: str, **fields: Any) -> TestResponse:
        return self.clerk.post(f"{self.path}{path}", data=hidden(self.page()) | fields)

    def inbox(self) -> list[str]:
        with self.at.db.reading() as session:
            found = mailboxes.show(session, holder=self.holder)
        return [(entry.content or {}).get("text", "") for entry in found.entries]

    def status(self) -> str:
        with self.at.db.reading() as session:
            return session.get_one(Tip, self.holder.tip_id).status


@pytest.fixture
def desk(app: Flask, cast: Cast, sqlite_settings: Settings, clock: MovableClock) -> Desk:
    clerk = Clerk(app)
    at = build_tips_runtime(sqlite_settings.tips, clock=clock)
    bind(app, replace(clerk.runtime, tips=at))
    member = hire(cast, "county", role="investigator")
    clerk.sit_down(member.id)
    who = Staff(member.id, "核查员甲", "举报核查岗", investigating.COUNTY)
    key = investigators.new_key(investigating.PASSPHRASE)
    made = at.db.transact(investigators.enrol, staff=who, key=key, duty=recipients.INVESTIGATE, day=at.today)
    investigating.appoint(at, made)
    _, holder = investigating.filed(at, name="阳光门诊部", address="解放路 12 号", contacts=("13800000000",))
    at.db.transact(lambda session: session.execute(update(Tip).values(released_on=at.today, answer_by=at.today)))
    return Desk(clerk, at, member.id, holder)


def test_console_begins_at_the_tips_and_shows_no_name_while_locked(desk: Desk) -> None:
    assert desk.clerk.get("/staff").location == LIST
    page = desk.clerk.page(LIST)
    assert "举报锁着" in page
    assert "阳光门诊部" not in page
    assert "没看过" in page
    locked = desk.clerk.get(desk.path)
    assert (locked.status_code, "解锁口令" in locked.text, "阳光门诊部" in locked.text) == (423, True, False)


def test_secret_of_the_open_key_stays_on_these_pages_for_a_quarter_of_an_hour(desk: Desk) -> None:
    answer = desk.clerk.post(f"{LIST}/unlock", unlock_with=investigating.PASSPHRASE)
    [cookie] = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("tip_unlock=")]
    assert {"HttpOnly", "Path=/staff/tips", "SameSite=Strict", "Max-Age=900"} <= set(cookie.split("; "))
    page = desk.clerk.page(LIST)
    assert "阳光门诊部" in page
    assert "10:15 自动锁上" in page


def test_name_that_an_administrator_corrects_counts_as_theirs_from_the_next_opening_on(desk: Desk) -> None:
    _, other = investigating.filed(desk.at, name="别家诊所", address="解放路 12 号")
    desk.at.db.transact(lambda session: session.execute(update(Tip).values(released_on=desk.at.today)))
    renamed = update(Account).where(Account.id == desk.staff_id).values(name="阳光 门诊部")
    desk.clerk.runtime.db.transact(lambda session: session.execute(renamed))
    desk.clerk.post(f"{LIST}/unlock", unlock_with=investigating.PASSPHRASE)
    assert desk.clerk.get(desk.path).status_code == 404
    assert "别家诊所" in desk.clerk.page(f"{LIST}/{other.tip_id}")


def test_wrong_passphrase_is_said_and_opens_nothing(desk: Desk) -> None:
    for typed, status in (("not the right one", 403), ("", 422)):
        answer = desk.clerk.post(f"{LIST}/unlock", unlock_with=typed, next=desk.path)
        assert (answer.status_code, 'class="error"' in answer.text) == (status, True)
        assert not [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("tip_unlock=")]
    assert "举报锁着" in desk.clerk.page(LIST)


def test_key_locks_itself_and_at_a_tap(desk: Desk, clock: MovableClock) -> None:
    desk.unlock()
    assert desk.clerk.post(f"{LIST}/lock").status_code == 303
    assert desk.clerk.get(desk.path).status_code == 423
    desk.unlock()
    clock.advance(LIFE)
    assert desk.clerk.get(desk.path).status_code == 423


def test_signing_out_takes_the_open_key_along(desk: Desk) -> None:
    desk.unlock()
    answer = desk.clerk.post("/staff/logout")
    [gone] = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("tip_unlock=")]
    assert {"Max-Age=0", "Path=/staff/tips"} <= set(gone.split("; "))
    with desk.at.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Unlocked)) == 0


def test_words_typed_before_the_lock_go_on_after_it(desk: Desk, clock: MovableClock) -> None:
    fields = hidden(desk.unlock().page()) | {"text": "请问是哪一层？", "ask": "yes"}
    clock.advance(LIFE)
    asked = desk.clerk.post(f"{desk.path}/messages", data=fields)
    assert (asked.status_code, "请问是哪一层？" in asked.text, desk.inbox()[1:]) == (423, True, [])
    again = hidden(asked.text) | {"unlock_with": "wrong one, sorry"}
    refused = desk.clerk.post(f"{desk.path}/messages", data=again)
    assert (refused.status_code, "请问是哪一层？" in refused.text) == (403, True)
    done = desk.clerk.post(f"{desk.path}/messages", data=again | {"unlock_with": investigating.PASSPHRASE})
    assert (done.status_code, desk.inbox()[1:], desk.status()) == (303, ["请问是哪一层？"], "need_more")


def test_one_tap_begins_and_the_form_concludes(desk: Desk) -> None:
    page = desk.unlock().page()
    assert "13800000000" in page
    assert "开始核查" in page
    assert desk.post("/moves", move="verify").status_code == 303
    done = desk.post("/moves", move="substantiate", note="现场查获", tell="查实了，谢谢您")
    assert (done.status_code, desk.status(), desk.inbox()[1:]) == (303, "substantiated", ["查实了，谢谢您"])
    page = desk.page()
    assert "核查记录，举报人看不到" in page
    assert "现场查获" in page


def test_double_tap_sends_one_message(desk: Desk) -> None:
    fields = hidden(desk.unlock().page()) | {"text": "我们在查"}
    for _ in range(2):
        assert desk.clerk.post(f"{desk.path}/messages", data=fields).status_code == 303
    assert desk.inbox()[1:] == ["我们在查"]


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        ("/messages", {"text": "  "}, "请填写"),
        ("/messages", {"text": "孕妇王小红住哪里"}, "王小红"),
        ("/moves", {}, 'id="f-move"'),
        ("/moves", {"move": "dismiss", "note": "孕妇王小红说的"}, "王小红"),
    ],
)
def test_what_is_wrong_is_said_beside_what_was_typed(desk: Desk, path: str, fields: dict[str, str], said: str) -> None:
    answer = desk.unlock().post(path, **fields)
    assert (answer.status_code, said in answer.text, 'class="error"' in answer.text) == (422, True, True)
    assert (desk.status(), desk.inbox()[1:]) == ("received", [])


def test_colleague_who_was_faster_is_said_and_the_words_stay(desk: Desk) -> None:
    fields = hidden(desk.unlock().page())
    desk.post("/moves", move="verify")
    answer = desk.clerk.post(f"{desk.path}/moves", data=fields | {"move": "dismiss", "note": "没有找到人"})
    assert (answer.status_code, "没有找到人" in answer.text, "同事刚刚办过" in answer.text) == (409, True, True)


def test_same_target_is_merged_and_counted(desk: Desk) -> None:
    _, other = investigating.filed(desk.at, name="阳光门诊部", text="门口有人拉客")
    desk.at.db.transact(lambda session: session.execute(update(Tip).values(released_on=desk.at.today)))
    assert "1 个月里 2 件" in desk.unlock().page()
    assert desk.post("/merge", into=other.tip_id).status_code == 303
    assert "去那一件" in desk.page()
    assert "阳光门诊部" in desk.clerk.page(f"{LIST}/patterns")
    assert desk.post("/merge").status_code == 303
    assert "去那一件" not in desk.page()


def picture(desk: Desk) -> str:
    file = MEMORY.file()
    fill(file, [files.jpeg()])
    with Result(file, "image/jpeg", 12, 8, None) as cleaned:
        return desk.at.db.transact(evidence.add, holder=desk.holder, cleaned=cleaned, name="收费单", day=desk.at.today)


def test_picture_is_veiled_until_opened_and_the_look_is_logged(desk: Desk) -> None:
    entry = picture(desk)
    page = desk.unlock().page()
    assert ("收费单" in page, "<img" in page) == (True, False)
    shown = desk.post(f"/evidence/{entry}")
    assert f'src="{desk.path}/evidence/{entry}/content"' in shown.text
    found = desk.clerk.get(f"{desk.path}/evidence/{entry}/content")
    assert (found.data, found.headers["Cache-Control"]) == (files.jpeg(), "no-store")
    assert "sandbox" in found.headers["Content-Security-Policy"]
    with desk.at.db.reading() as session:
        assert evidence.LOOKED in set(session.scalars(select(TipLog.act).where(TipLog.entry_id == entry)))
    assert desk.clerk.get(f"{desk.path}/evidence/{entry}").status_code == 405


def test_destroyed_words_leave_their_place(desk: Desk) -> None:
    gone = update(TipEntry).values(key=None, content=None)
    desk.at.db.transact(lambda session: session.execute(gone))
    assert "内容已经销毁" in desk.unlock().page()
    assert desk.clerk.get(LIST).status_code == 200


def test_others_at_the_console_see_no_door_and_no_page(desk: Desk, app: Flask, cast: Cast) -> None:
    other = Clerk(app).sit_down(cast.reviewer("county").id)
    assert LIST not in other.page("/staff/inbox")
    assert other.get(LIST).status_code == other.get(desk.path).status_code == 403
    assert Phone(app).get(LIST).status_code == 303


@pytest.mark.parametrize("choice", CHOICES, ids=("zh", "en", "care"))
def test_pages_are_whole_in_each_display(desk: Desk, choice: dict[str, str]) -> None:
    picture(desk)
    for name, value in choice.items():
        desk.clerk.choose(name, value)
    assert sound(desk.clerk.page(LIST))
    assert sound(desk.clerk.get(desk.path).text)
    desk.unlock()
    for path in (LIST, f"{LIST}?view=overdue", f"{LIST}/patterns", desk.path):
        assert sound(desk.clerk.page(path)), path
