"""Administration: within the own region, never without an administrator, all of it in the journal."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from backend.accounts import demo, queries, sessions
from backend.administration import health, offices, people, record, staff, work
from backend.administration.health import Disk, Surroundings
from backend.administration.offices import Plate
from backend.administration.policy import Administrator
from backend.administration.staff import Post
from backend.catalogue import queries as catalogue
from backend.events import journal, outbox
from backend.kernel.clock import system_clock
from backend.kernel.errors import Problem
from backend.models.administration import JournalLine
from backend.models.audit import AuditEntry
from backend.models.outbox import Outbox
from backend.models.region import Office
from backend.models.staff import Staff
from tests.people import COUNTY, EMPTY_VILLAGE, TOWN, VILLAGE, Cast

KEY = b"k" * 32
CLERK = Post("", "镇街审核岗", "reviewer", "town", TOWN)


@pytest.fixture
def admin(cast: Cast) -> Administrator:
    """The administrator of the demo's county."""
    cast.run(demo.load, now=cast.clock())
    with cast.db.reading() as session:
        row = session.scalars(select(Staff).where(Staff.username == "admin")).one()
    return Administrator(row.id, row.level, row.region, row.post)


@pytest.fixture
def town_admin(cast: Cast, admin: Administrator) -> Administrator:
    """An administrator of one town."""
    made = add(cast, admin, "town-admin", Post("", "镇街管理岗", "admin", "town", TOWN))
    return Administrator(made, "town", TOWN, "镇街管理岗")


def add(cast: Cast, admin: Administrator, username: str = "xin", post: Post = CLERK) -> int:
    return int(cast.run(staff.add, admin=admin, username=username, post=post, password="p" * 12, now=cast.clock()))


def change(cast: Cast, admin: Administrator, staff_id: int, post: Post, **values: Any) -> bool:
    values = {"away_until": None, "expected": None, **values}
    return bool(cast.run(staff.change, admin=admin, staff_id=staff_id, post=post, now=cast.clock(), **values))


def switch(cast: Cast, admin: Administrator, staff_id: int, active: bool) -> None:
    cast.run(staff.set_active, admin=admin, staff_id=staff_id, active=active, now=cast.clock(), at=system_clock())


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(Problem) as refused:
        act()
    return f"{refused.value.status} {refused.value.code}"


def row(cast: Cast, staff_id: int) -> Staff:
    with cast.db.reading() as session:
        found = session.get(Staff, staff_id)
    assert found is not None
    return found


def acts(cast: Cast) -> list[tuple[str, str]]:
    with cast.db.reading() as session:
        return [(act, subject) for act, subject in session.execute(select(JournalLine.act, JournalLine.subject))]


def test_new_account_must_change_its_password(cast: Cast, admin: Administrator) -> None:
    assert row(cast, add(cast, admin)).password_stale is True
    assert acts(cast) == [("staff.add", "xin")]


@pytest.mark.parametrize(
    ("post", "field"),
    [
        (Post("", "岗", "boss", "town", TOWN), "role"),
        (Post("", "岗", "reviewer", "county", TOWN), "level"),
        (Post("", "岗", "reviewer", "village", "370403001001"), "region"),
        (Post("", "岗", "reviewer", "village", "370402001999"), "region"),
    ],
)
def test_post_that_does_not_fit_is_refused_by_field(cast: Cast, admin: Administrator, post: Post, field: str) -> None:
    with pytest.raises(Problem) as refused:
        add(cast, admin, post=post)
    assert list(refused.value.errors) == [field]
    assert acts(cast) == []


def test_accounts_elsewhere_look_as_if_they_were_not_there(cast: Cast, town_admin: Administrator) -> None:
    with cast.db.reading() as session:
        names = {line.username for line in people.page(session, admin=town_admin, limit=50)}
        xian = session.scalars(select(Staff.id).where(Staff.username == "xian")).one()
    assert {"zhen", "cun"} <= names
    assert "xian" not in names
    assert refusal(lambda: switch(cast, town_admin, xian, False)) == "404 not_found"
    assert refusal(lambda: add(cast, town_admin, post=Post("", "岗", "reviewer", "county", COUNTY))).startswith("422")


def test_disabling_ends_every_session_at_once(cast: Cast, admin: Administrator) -> None:
    made = add(cast, admin)
    pair = cast.run(sessions.begin, key=KEY, kind="staff", account_id=made, at=system_clock())
    switch(cast, admin, made, False)
    with cast.db.reading() as session:
        assert queries.live_session(session, sid=pair.session.sid, kind="staff") is None


def test_last_administrator_can_neither_leave_nor_change(cast: Cast, admin: Administrator) -> None:
    assert refusal(lambda: switch(cast, admin, admin.id, False)) == "409 last_administrator"
    assert refusal(lambda: change(cast, admin, admin.id, CLERK)) == "409 own_account"
    add(cast, admin, "zweite", Post("", "管理岗", "admin", "county", COUNTY))
    switch(cast, admin, admin.id, False)
    assert row(cast, admin.id).active is False


def test_administrator_of_a_town_does_not_stand_in_for_the_county(
    cast: Cast, admin: Administrator, town_admin: Administrator
) -> None:
    assert refusal(lambda: switch(cast, admin, admin.id, False)) == "409 last_administrator"
    switch(cast, admin, town_admin.id, False)


def test_two_administrators_who_disable_each_other_leave_one(cast: Cast, admin: Administrator) -> None:
    other = Administrator(add(cast, admin, "bb", Post("", "管", "admin", "county", COUNTY)), "county", COUNTY, "管")
    outcomes: list[str] = []

    def go(who: Administrator, whom: Administrator) -> None:
        try:
            switch(cast, who, whom.id, False)
            outcomes.append("done")
        except Problem as problem:
            outcomes.append(problem.code)

    threads = [threading.Thread(target=go, args=pair) for pair in ((admin, other), (other, admin))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "last_administrator"]
    assert sorted([row(cast, admin.id).active, row(cast, other.id).active]) == [False, True]


def test_change_is_refused_when_somebody_was_faster(cast: Cast, admin: Administrator) -> None:
    made = add(cast, admin)
    seen = row(cast, made).updated_at
    cast.clock.advance(timedelta(minutes=1))
    assert not change(cast, admin, made, Post("", "审核岗", "reviewer", "town", TOWN), expected=seen)
    assert refusal(lambda: change(cast, admin, made, CLERK, expected=seen)) == "409 changed_meanwhile"


def test_change_says_when_somebody_works_elsewhere_now(cast: Cast, admin: Administrator) -> None:
    made = add(cast, admin)
    assert change(cast, admin, made, Post("", "核对岗", "reviewer", "village", VILLAGE))
    assert not change(
        cast, admin, made, Post("", "村核对岗", "reviewer", "village", VILLAGE), away_until=date(2026, 12, 1)
    )
    assert row(cast, made).away_until == date(2026, 12, 1)


def test_names_stay_out_of_the_journal(cast: Cast, admin: Administrator) -> None:
    made = add(cast, admin, post=Post("王大明", "岗", "reviewer", "town", TOWN))
    change(cast, admin, made, Post("李小红", "岗", "reviewer", "town", TOWN))
    with cast.db.reading() as session:
        kept = [str(line.changes) for line in session.scalars(select(JournalLine))]
    assert not any("王" in one or "李" in one for one in kept)


def test_own_password_and_factor_are_not_reset_here(cast: Cast, admin: Administrator) -> None:
    times = {"now": cast.clock(), "at": system_clock()}
    own = {"admin": admin, "staff_id": admin.id, **times}
    assert refusal(lambda: cast.run(staff.reset_password, password="p" * 12, **own)) == "409 own_account"
    assert refusal(lambda: cast.run(staff.reset_factor, **own)) == "409 own_account"


def test_office_is_changed_and_written_down(cast: Cast, admin: Administrator) -> None:
    plate = Plate("中心街办事处", "0632-54321", "振兴路 1 号")
    cast.run(offices.put, admin=admin, region=TOWN, plate=plate, expected=None, now=cast.clock())
    with cast.db.reading() as session:
        card = catalogue.office(session, TOWN)
    assert (card.name, card.phone, card.address) == (plate.name, plate.phone, plate.address)
    assert refusal(
        lambda: cast.run(offices.put, admin=admin, region=TOWN, plate=plate, expected=Plate("", ""), now=cast.clock())
    )
    assert acts(cast) == [("office.put", TOWN)]


@pytest.mark.parametrize("phone", ["", "abc", "0632", "0632-12345;x", "1" * 40])
def test_office_needs_a_number_to_call(cast: Cast, admin: Administrator, phone: str) -> None:
    given = {"admin": admin, "region": TOWN, "plate": Plate("办", phone), "expected": None, "now": cast.clock()}
    assert refusal(lambda: cast.run(offices.put, **given)) == "422 invalid_input"


def test_office_elsewhere_is_not_there(cast: Cast, town_admin: Administrator) -> None:
    put = {"admin": town_admin, "plate": Plate("办", "0632-12345"), "expected": None, "now": cast.clock()}
    assert refusal(lambda: cast.run(offices.put, region="370402002000", **put)) == "404 not_found"


def test_journal_is_sound_until_a_line_is_touched(cast: Cast, admin: Administrator) -> None:
    add(cast, admin)
    add(cast, admin, "noch-einer")
    with cast.db.reading() as session:
        assert journal.verify(session) == []
    cast.run(lambda session: session.execute(update(JournalLine).values(subject="x")))
    with cast.db.reading() as session:
        (fault,) = journal.verify(session)
    assert (fault.sequence, fault.what) == (1, "staff.add: its line was changed")


@pytest.mark.parametrize("table", [JournalLine, AuditEntry])
def test_journal_misses_what_was_deleted(cast: Cast, admin: Administrator, table: type[Any]) -> None:
    add(cast, admin)
    add(cast, admin, "noch-einer")
    first = delete(table).where(table.sequence == 1)
    cast.run(lambda session: session.execute(first.where(table.act == "staff.add")))
    with cast.db.reading() as session:
        assert [fault.sequence for fault in journal.verify(session)] == [1]


def test_journal_keeps_every_act_of_many_at_once(cast: Cast, admin: Administrator) -> None:
    def write(number: int) -> None:
        cast.run(journal.write, actor=admin.actor, act="x.y", subject=str(number), now=cast.clock())

    cast.run(journal.write, actor=admin.actor, act="x.y", subject="first", now=cast.clock())
    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with cast.db.reading() as session:
        assert journal.verify(session) == []
        page = record.page(session, admin=admin, limit=3)
        rest = record.page(session, admin=admin, limit=3, cursor=page.next_cursor)
    assert len(page.items) + len(rest.items) == 5


def test_record_of_a_town_shows_the_town_and_the_whole(
    cast: Cast, admin: Administrator, town_admin: Administrator
) -> None:
    add(cast, admin, "kreis", Post("", "岗", "reviewer", "county", COUNTY))
    with cast.db.reading() as session:
        subjects = [line.subject for line in record.page(session, admin=town_admin, limit=20).items]
    assert subjects == ["town-admin"]


def test_dead_work_is_tried_again_and_written_down(cast: Cast, admin: Administrator) -> None:
    cast.run(outbox.add, topic="export", subject_id=1, dedupe_key="k", now=cast.clock())
    cast.run(lambda session: session.execute(update(Outbox).values(status="dead", last_error="boom")))
    with cast.db.reading() as session:
        (dead,) = work.dead(session, admin=admin, limit=5)
    assert (dead.topic, dead.error) == ("export", "boom")
    assert cast.run(work.replay, admin=admin, row=dead.id, now=cast.clock()) == 1
    assert refusal(lambda: cast.run(work.replay, admin=admin, row=dead.id, now=cast.clock())) == "404 not_found"
    assert acts(cast) == [("work.replay", str(dead.id))]


def findings(cast: Cast, admin: Administrator, **changed: Any) -> dict[str, str]:
    around = {
        "calendar": cast.calendar,
        "disk": Disk(90, 100),
        "now": cast.clock(),
        "beat": cast.clock(),
        "strict": True,
    }
    with cast.db.reading() as session:
        found = health.findings(session, cast.vault, admin=admin, around=Surroundings(**{**around, **changed}))
    return {one.code: one.level for one in found}


def test_check_up_names_what_is_not_well(cast: Cast, admin: Administrator) -> None:
    found = findings(cast, admin, disk=Disk(2, 100))
    assert found["disk_space"] == "bad"
    assert found["calendar_missing"] == "soon"
    assert found["unstaffed_village"] == "soon"
    assert found["one_administrator"] == "soon"
    assert found["periodic_stopped"] == "bad"


def test_check_up_sees_empty_offices_and_dead_work(cast: Cast, admin: Administrator) -> None:
    cast.run(
        lambda session: session.execute(
            update(Staff).where(Staff.level == "county").values(away_until=date(2027, 1, 1))
        )
    )
    cast.run(lambda session: session.execute(delete(Office).where(Office.region == EMPTY_VILLAGE)))
    cast.run(outbox.add, topic="export", subject_id=1, dedupe_key="k", now=cast.clock() - timedelta(hours=1))
    found = findings(cast, admin)
    assert (found["place_without_office"], found["work_late"]) == ("soon", "bad")
    cast.run(lambda session: session.execute(update(Outbox).values(status="dead")))
    assert findings(cast, admin)["work_dead"] == "bad"


def test_check_up_of_a_town_is_about_its_people_only(cast: Cast, town_admin: Administrator) -> None:
    assert set(findings(cast, town_admin)) <= {"no_second_factor", "one_administrator"}
