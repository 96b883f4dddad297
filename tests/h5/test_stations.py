"""Rules and single days of a station in a nurse's browser, stations in an administrator's; without JavaScript."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from backend.bookings import rule_changes, stations
from backend.bookings.jurisdiction import Administrator
from backend.kernel import ids
from backend.models.resident import Resident
from backend.models.station import Station, StationException
from tests import booking, people
from tests.booking import A
from tests.h5.clerk import Clerk
from tests.h5.phone import Phone, hidden
from tests.people import COUNTY, Cast

ROOMS = ["", f"/{A}", f"/{A}/rules", f"/{A}/closures"]
TUESDAY = date(2026, 11, 24)
RULES = f"/staff/stations/{A}/rules"
DAYS = f"/staff/stations/{A}/closures"
#: The rules of the demo's station as the form sends them.
FORM = {f"from-{weekday}-0": "08:00" for weekday in (1, 2, 3, 4)}
FORM |= {f"to-{weekday}-0": "10:30" for weekday in (1, 2, 3, 4)}
FORM |= {"slot_minutes": "30", "seats_per_slot": "4", "daily_cap": "20", "release_time": "08:00"}
FORM |= {"lead_minutes": "60", "horizon_days": "30"}
STATION = {"code": "xinhua-1", "name": "新华服务站", "region": "370402001000", "phone": "0632-3333333"}
STATION |= {"fasting_hours": "8", "residence_months": "6"}


@pytest.fixture
def nurse(app: Flask, cast: Cast) -> Clerk:
    booking.open_stations(cast)
    return Clerk(app).sit_down(people.hire(cast, "county", role="nurse").id)


@pytest.fixture
def admin(app: Flask, cast: Cast) -> Clerk:
    return Clerk(app).sit_down(people.hire(cast, "county", role="admin").id)


def post(clerk: Clerk, path: str, shown: str = "", **fields: Any) -> Any:
    """Press a button of a page with what its form holds."""
    kept = hidden(shown or clerk.page(path))
    return clerk.post(path, data={**kept, **fields})


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_opens(nurse: Clerk, admin: Clerk, language: str) -> None:
    for page in ROOMS:
        assert "</html>" in nurse.choose("lang", language).get(f"/staff/stations{page}").text
    admin.choose("lang", language)
    for page in ("", "/new", f"/{A}"):
        assert "</html>" in admin.page(f"/staff/admin/stations{page}")


def test_other_roles_are_refused(app: Flask, cast: Cast, nurse: Clerk, admin: Clerk) -> None:
    reviewer = Clerk(app).sit_down(cast.reviewers["county"].id)
    for clerk in (reviewer, admin):
        assert {clerk.get(f"/staff/stations{page}").status_code for page in ROOMS} == {403}
        assert clerk.post(RULES, data=FORM).status_code == 403
    assert nurse.get("/staff/admin/stations").status_code == 403


def test_a_nurse_elsewhere_finds_nothing(app: Flask, cast: Cast, nurse: Clerk) -> None:
    there = Clerk(app).sit_down(people.hire(cast, "town", region="370402003000", role="nurse").id)
    assert "还没有服务站" in there.page("/staff/stations")
    assert {there.get(f"/staff/stations{page}").status_code for page in ROOMS[1:]} == {404}
    assert there.post(RULES, data=FORM).status_code == 404
    assert there.post(f"{DAYS}/2026-11-24/removal").status_code == 404


def test_rules_are_looked_at_before_they_are_saved(cast: Cast, nurse: Clerk) -> None:
    booking.booked(cast, booking.guest(cast, 20))
    changed = {**FORM, "from-2-0": "13:00", "to-2-0": "15:00"}
    seen = post(nurse, RULES, act="look", **changed)
    assert seen.status_code == 200
    for words in ("还没有保存", "会碰到 1 个预约", "客*", "有变", "13:00–15:00", "就按这个放号"):
        assert words in seen.text
    with cast.db.reading() as session:
        assert rule_changes.standing(session, station=A).version == 1
    saved = post(nurse, RULES, seen.text, act="save", **changed)
    assert (saved.status_code, saved.headers["Location"]) == (303, f"/staff/stations/{A}?said=saved")
    assert "1 个预约等着换时间" in nurse.page(f"/staff/stations/{A}")
    assert "看看是谁" in nurse.page("/staff/stations")


def test_rules_that_were_changed_after_the_look_are_shown_again(cast: Cast, nurse: Clerk) -> None:
    seen = post(nurse, RULES, act="look", **FORM)
    again = post(nurse, RULES, seen.text, act="save", **{**FORM, "daily_cap": "10"})
    assert (again.status_code, "还没有保存" in again.text) == (200, True)
    assert post(nurse, RULES, again.text, act="save", **{**FORM, "daily_cap": "10"}).status_code == 303


def test_wrong_rules_stay_in_the_form_with_a_sentence_each(nurse: Clerk) -> None:
    wrong = {**FORM, "from-2-1": "10:00", "to-2-1": "11:00", "seats_per_slot": "四", "town-370402001000": "0"}
    refused = post(nurse, RULES, act="look", **wrong)
    assert refused.status_code == 422
    assert "这里要填整数" in refused.text
    assert 'value="四"' in refused.text
    refused = post(nurse, RULES, act="look", **wrong | {"seats_per_slot": "４"})
    for words in ("08:00–10:30 和 10:00–11:00 有重叠", "名额至少 1 个"):
        assert words in refused.text
    nothing = {name: text for name, text in FORM.items() if "-" not in name}
    assert "请至少填一天的开放时间" in post(nurse, RULES, act="look", **nothing).text


def test_somebody_elses_change_is_told(cast: Cast, nurse: Clerk) -> None:
    old = nurse.page(RULES)
    seen = post(nurse, RULES, act="look", **{**FORM, "daily_cap": "10"})
    assert post(nurse, RULES, seen.text, act="save", **{**FORM, "daily_cap": "10"}).status_code == 303
    mine = post(nurse, RULES, old, act="look", **{**FORM, "daily_cap": "12"})
    stale = post(nurse, RULES, mine.text, act="save", **{**FORM, "daily_cap": "12"})
    assert (stale.status_code, "刚才有人改过" in stale.text, 'value="12"' in stale.text) == (412, True, True)


def test_a_closure_shows_whom_it_hits_and_can_be_taken_back(cast: Cast, nurse: Clerk) -> None:
    made = booking.booked(cast, booking.guest(cast, 20))
    cast.run(lambda session: session.execute(update(Resident).values(name_masked="")))
    form = {"kind": "closed", "from": "2026-11-24", "to": "", "reason": "设备检修"}
    seen = post(nurse, DAYS, act="look", **form)
    assert "会碰到 1 个预约" in seen.text
    assert "<small>1 个号 · " in seen.text
    assert days(cast) == []
    assert post(nurse, DAYS, seen.text, act="save", **form).status_code == 303
    assert days(cast) == [(TUESDAY, "closed")]
    assert booking.load(cast, made).status == "confirmed"
    assert "停诊：设备检修" in nurse.page("/staff/stations").replace("</b>", "")
    assert nurse.post(f"{DAYS}/2026-11-24/removal").status_code == 303
    assert days(cast) == []


def test_a_day_that_is_over_or_without_a_reason_is_refused(nurse: Clerk) -> None:
    over = post(nurse, DAYS, act="look", kind="closed", **{"from": "2026-11-20", "reason": "停电"})
    assert (over.status_code, "这一天已经过去了" in over.text) == (422, True)
    bare = post(nurse, DAYS, act="look", kind="closed", **{"from": "2026-11-24"})
    assert "请写一句原因" in bare.text
    opening = {"kind": "open", "from": "2026-11-28", "from-0": "09:00", "to-0": "08:00"}
    assert "结束的时间要比开始的晚" in post(nurse, DAYS, act="look", **opening).text


def test_an_administrator_opens_changes_and_closes_a_station(cast: Cast, admin: Clerk) -> None:
    path = "/staff/admin/stations"
    refused = post(admin, f"{path}/new", **{**STATION, "code": "新华", "fasting_hours": "八"})
    assert (refused.status_code, 'value="新华"' in refused.text) == (422, True)
    made = post(admin, f"{path}/new", **STATION, marriage_certificate="yes")
    assert made.headers["Location"] == f"{path}/xinhua-1?said=saved"
    changed = post(admin, f"{path}/xinhua-1", **STATION, directions="坐 3 路到新华街口")
    assert changed.status_code == 303
    assert admin.post(f"{path}/xinhua-1/active", active="0").status_code == 303
    with cast.db.reading() as session:
        row = session.get_one(Station, "xinhua-1")
        assert (row.directions, row.marriage_certificate, row.active) == ("坐 3 路到新华街口", False, False)
    assert "已停用" in admin.page(path)
    record = admin.page("/staff/admin/journal?group=station")
    for words in ("新建服务站", "改了服务站", "停用服务站"):
        assert words in record


def test_a_station_that_was_changed_meanwhile_is_not_overwritten(cast: Cast, admin: Clerk, nurse: Clerk) -> None:
    path = f"/staff/admin/stations/{A}"
    old = admin.page(path)
    assert post(admin, path, **STATION).status_code == 303
    assert post(admin, path, old, **STATION).status_code == 412
    elsewhere = Administrator(9, "county", "110101000000")
    with cast.db.reading() as session:
        assert stations.page(session, admin=elsewhere) == []
        assert len(stations.page(session, admin=Administrator(9, "county", COUNTY))) == 2


def days(cast: Cast) -> list[tuple[date, str]]:
    with cast.db.reading() as session:
        return [(row.day, row.kind) for row in session.scalars(select(StationException))]


def test_residents_read_why_a_day_is_closed(app: Flask, cast: Cast, nurse: Clerk) -> None:
    who = booking.guest(cast, 20)
    made = booking.booked(cast, who)
    form = {"kind": "closed", "from": "2026-11-24", "to": "2026-11-25", "reason": "设备检修"}
    seen = post(nurse, DAYS, act="look", **form)
    assert post(nurse, DAYS, seen.text, act="save", **form).status_code == 303
    phone = Phone(app).enter(who)
    assert "11 月 24 日（周二）到11 月 25 日（周三）停诊：设备检修" in phone.page(f"/checkup/{A}?month=2026-11")
    assert "停诊：设备检修" in phone.page(f"/bookings/{ids.encode(made)}")
    days = (phone.get(f"/api/v1/stations/{A}/days?from=2026-11-23&to=2026-11-26").json or {})["items"]
    assert [one["reason"] for one in days] == [None, "设备检修", "设备检修", None]
