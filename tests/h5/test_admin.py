"""The administrators' rooms in a browser without JavaScript."""

from __future__ import annotations

import io
import re
from datetime import date
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select, update

from backend.accounts import demo
from backend.events import outbox
from backend.kernel.ids import encode
from backend.models.catalogue import ServiceItem
from backend.models.outbox import Outbox
from backend.models.region import Office
from backend.models.staff import Staff
from tests.h5.clerk import Clerk
from tests.h5.phone import Phone, hidden
from tests.people import CONFIG, TOWN, VILLAGE, Cast

ROOMS = ["health", "staff", "staff/new", "offices", f"offices/{TOWN}", "items", "items/migrant-proof", "calendars"]
ROOMS += ["calendars/2026", "calendars/2027", "journal", "dead-work"]
TEXT = (CONFIG / "catalogue" / "migrant-proof.toml").read_text(encoding="utf-8")
PASSWORD = re.compile(r"<b><code>([a-z0-9]{12})</code></b>")


def staff_id(cast: Cast, username: str) -> int:
    with cast.db.reading() as session:
        return session.scalars(select(Staff.id).where(Staff.username == username)).one()


def seat(app: Flask, cast: Cast, username: str) -> Clerk:
    cast.run(demo.load, now=cast.clock())
    return Clerk(app).sit_down(staff_id(cast, username))


@pytest.fixture
def admin(app: Flask, cast: Cast) -> Clerk:
    return seat(app, cast, "admin")


def hire(admin: Clerk, username: str = "neu") -> str:
    """A new clerk of the town; the temporary password."""
    kept = hidden(admin.page("/staff/admin/staff/new"))
    given = {**kept, "username": username, "post": "镇街审核岗", "role": "reviewer", "region": TOWN}
    answer = admin.post("/staff/admin/staff/new", data=given)
    assert answer.status_code == 200, answer.text
    return PASSWORD.findall(answer.text)[0]


def path_of(cast: Cast, username: str) -> str:
    from_id = staff_id(cast, username)
    return f"/staff/admin/staff/{encode(from_id)}"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_room_opens(admin: Clerk, language: str) -> None:
    admin.choose("lang", language)
    for room in ROOMS:
        assert "</html>" in admin.page(f"/staff/admin/{room}")


def test_other_roles_are_refused(app: Flask, cast: Cast) -> None:
    for username in ("cun", "zhen", "xian", "zhan", "hecha"):
        clerk = seat(app, cast, username)
        assert {clerk.get(f"/staff/admin/{room}").status_code for room in ROOMS} == {403}
        assert clerk.post("/staff/admin/offices/" + TOWN, name="x", phone="0632-12345").status_code == 403


def test_residents_and_strangers_are_asked_to_sign_in(stranger: Phone, phone: Phone) -> None:
    for one in (stranger, phone):
        assert {one.get(f"/staff/admin/{room}").status_code for room in ROOMS} == {303}


def test_administrator_begins_with_the_check_up(admin: Clerk) -> None:
    assert admin.get("/staff").headers["Location"] == "/staff/admin/health"
    page = admin.page("/staff/admin/health")
    assert "没有 2027 年的放假安排" in page
    assert "/staff/admin/calendars" in page


def test_temporary_password_is_shown_once_and_must_be_changed(admin: Clerk, app: Flask, cast: Cast) -> None:
    password = hire(admin)
    assert password not in admin.page(path_of(cast, "neu"))
    person = Clerk(app)
    assert person.post("/staff/login", username="neu", password=password).status_code == 303
    assert person.get("/staff").headers["Location"] == "/staff/account"
    assert "先换成自己的密码" in person.page("/staff/account")
    assert person.post("/staff/next").status_code == 403
    new = {"password": password, "new_password": "vier Wörter im Ofen", "again": "vier Wörter im Ofen"}
    assert person.post("/staff/account/password", data={**new, "again": "anders"}).status_code == 422
    assert person.post("/staff/account/password", data=new).status_code == 303
    assert "待办" in person.page("/staff")


def test_double_tap_makes_one_account_and_shows_one_password(admin: Clerk) -> None:
    kept = hidden(admin.page("/staff/admin/staff/new"))
    given = {**kept, "username": "zweimal", "post": "岗", "role": "reviewer", "region": TOWN}
    first, second = (admin.post("/staff/admin/staff/new", data=given) for _ in range(2))
    assert PASSWORD.findall(first.text) == PASSWORD.findall(second.text) != []


def test_form_of_an_account_keeps_what_was_typed(admin: Clerk) -> None:
    answer = admin.post("/staff/admin/staff/new", username="Böse Name", post="", role="x", region=VILLAGE)
    assert answer.status_code == 422
    assert "Böse Name" in unescape(answer.text)


def test_account_is_disabled_and_a_second_look_shows_it(admin: Clerk, app: Flask, cast: Cast) -> None:
    clerk = seat(app, cast, "zhen")
    assert clerk.get("/staff").status_code == 200
    assert admin.post(f"{path_of(cast, 'zhen')}/active", active="0").status_code == 303
    assert clerk.get("/staff").status_code == 303
    assert "已停用" in admin.page(path_of(cast, "zhen"))
    assert admin.post(f"{path_of(cast, 'zhen')}/active", active="1").status_code == 303


def test_last_administrator_is_told_why_not(admin: Clerk, cast: Cast) -> None:
    answer = admin.post(f"{path_of(cast, 'admin')}/active", active="0")
    assert answer.status_code == 409
    assert "最后一位管理员" in answer.text


def test_account_changed_meanwhile_is_not_overwritten(admin: Clerk, cast: Cast) -> None:
    page = admin.page(path_of(cast, "zhen"))
    kept = {name: value for name, value in hidden(page).items() if name == "updated_at"}
    form = {**kept, "post": "新岗", "role": "reviewer", "region": TOWN, "away_until": "2026-12-01"}
    assert (
        admin.post(path_of(cast, "zhen"), data={**form, "updated_at": "2020-01-01T00:00:00+00:00"}).status_code == 409
    )
    assert admin.post(path_of(cast, "zhen"), data=form).status_code == 303
    with cast.db.reading() as session:
        assert session.scalars(select(Staff.away_until).where(Staff.username == "zhen")).one() == date(2026, 12, 1)


def test_odd_searches_are_pages(admin: Clerk) -> None:
    for query in ("q=%25", "q=zhen&show=away", "show=nonsense", "after=%00", "q=" + "x" * 300):
        assert admin.get(f"/staff/admin/staff?{query}").status_code == 200
        assert admin.get(f"/staff/admin/offices?{query}").status_code == 200


def test_office_is_changed_or_refused_by_field(admin: Clerk, cast: Cast) -> None:
    path = f"/staff/admin/offices/{TOWN}"
    kept = {name: value for name, value in hidden(admin.page(path)).items() if name.startswith("was_")}
    assert "电话写成" in admin.post(path, data={**kept, "name": "办", "phone": "1"}).text
    given = {**kept, "name": "中心街办", "phone": "0632-77777", "address": "一号"}
    assert admin.post(path, data=given).status_code == 303
    assert admin.post(path, data=given).status_code == 409
    with cast.db.reading() as session:
        assert session.scalars(select(Office.phone).where(Office.region == TOWN)).one() == "0632-77777"
    assert "0632-77777" in admin.page("/staff/admin/journal")


def test_year_is_typed_in_and_counts(admin: Clerk) -> None:
    path = "/staff/admin/calendars/2027"
    form = {
        "version": "0",
        "source": "通知",
        "name": ["元旦", ""],
        "first": ["2027-01-01", ""],
        "last": ["2027-01-03", ""],
    }
    wrong = admin.post(path, data={**form, "workday": ["2027-01-05", ""]})
    assert wrong.status_code == 422
    assert "不是周末" in wrong.text
    assert 'value="2027-01-03"' in wrong.text
    assert admin.runtime.calendar.is_workday(date(2027, 1, 1))
    assert admin.post(path, data={**form, "workday": ["2027-01-09", ""]}).status_code == 303
    assert not admin.runtime.calendar.is_workday(date(2027, 1, 1))
    assert admin.runtime.calendar.is_workday(date(2027, 1, 9))
    assert admin.post(path, data=form).status_code == 409
    assert "2027 年的放假安排" not in admin.page("/staff/admin/health")


def test_years_out_of_reach_are_404(admin: Clerk) -> None:
    assert {admin.get(f"/staff/admin/calendars/{year}").status_code for year in ("1999", "99999", "x")} == {404}


def upload(admin: Clerk, content: bytes) -> str:
    data = {"csrf_token": admin.csrf(), "file": (io.BytesIO(content), "item.toml")}
    return admin.client.post("/staff/admin/items/check", data=data, content_type="multipart/form-data").text


def test_item_is_uploaded_compared_published_and_taken_back(admin: Clerk, cast: Cast) -> None:
    page = upload(admin, TEXT.replace("draft_days = 90", "draft_days = 60").encode())
    assert "draft_days" in page
    publish = {**hidden(page), "text": TEXT.replace("draft_days = 90", "draft_days = 60")}
    assert (
        admin.post("/staff/admin/items/publish", data=publish)
        .headers["Location"]
        .startswith("/staff/admin/items/migrant-proof")
    )
    assert admin.post("/staff/admin/items/publish", data={**publish, "idempotency_key": "another"}).status_code == 409
    back = admin.page("/staff/admin/items/migrant-proof/versions/1/back")
    text = admin.get("/staff/admin/items/migrant-proof/versions/1.toml").get_data(as_text=True)
    assert admin.post("/staff/admin/items/publish", data={**hidden(back), "text": text}).status_code == 303
    with cast.db.reading() as session:
        assert session.scalars(select(ServiceItem.version).where(ServiceItem.code == "migrant-proof")).one() == 3
    record = admin.page("/staff/admin/journal?group=item")
    assert "退回旧版本" in record
    assert "发布事项" in record


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (TEXT.encode("gbk", "replace"), "UTF-8"),
        (b"a = [", "TOML"),
        (b"", "请先选一个文件"),
        (b"[" * 90_000, "嵌套太深"),
    ],
)
def test_broken_files_are_told_in_words(admin: Clerk, content: bytes, word: str) -> None:
    page = upload(admin, content)
    assert word in page
    assert "发布，马上生效" not in page


def test_dead_work_is_tried_again(admin: Clerk, cast: Cast) -> None:
    for key in ("a", "b"):
        cast.run(outbox.add, topic="export", subject_id=1, dedupe_key=key, now=cast.clock())
    cast.run(lambda session: session.execute(update(Outbox).values(status="dead", last_error="Boom")))
    page = admin.page("/staff/admin/dead-work")
    assert "Boom" in page
    row = re.findall(r"/staff/admin/dead-work/(\d+)/replay", page)[0]
    assert admin.post(f"/staff/admin/dead-work/{row}/replay").status_code == 303
    assert admin.post("/staff/admin/dead-work/topics/export/replay").status_code == 303
    assert admin.post("/staff/admin/dead-work/topics/export/replay").status_code == 303
    assert "没有等着再试的" in admin.page("/staff/admin/dead-work")


def test_forms_without_their_csrf_value_do_nothing(admin: Clerk, cast: Cast) -> None:
    path = path_of(cast, "zhen")
    for rest in ("", "/active", "/password", "/factor"):
        assert admin.post(path + rest, bare=True, active="0").status_code == 403
