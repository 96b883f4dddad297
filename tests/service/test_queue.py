"""The queue: every view and filter, pages that neither skip nor repeat, bounded looks, counts, news, search."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.applications import lanes, queue, search, seen
from backend.applications.queue import VIEWS, Filter, of_view
from backend.kernel.errors import Invalid, NotFound
from backend.models.application import Application
from backend.models.audit import AuditEntry
from tests import factories as make
from tests.people import EMPTY_VILLAGE, FAR_VILLAGE, TOWN, VILLAGE, Cast, hire, id_number


def page(cast: Cast, wanted: Filter, level: str = "village", **options: Any) -> Any:
    with cast.db.reading() as session:
        return queue.page(
            session,
            reviewer=options.pop("reviewer", cast.reviewers[level]),
            wanted=wanted,
            limit=options.pop("limit", 20),
            cursor=options.pop("cursor", None),
            now=cast.clock(),
        )


def numbers(cast: Cast, wanted: Filter, level: str = "village", **options: Any) -> list[str]:
    """Every page, one after another."""
    found, cursor = [], None
    while True:
        one = page(cast, wanted, level, cursor=cursor, **options)
        found += [item["number"] for item in one.items]
        cursor = one.next_cursor
        if cursor is None:
            return found


def some(cast: Cast, count: int, **options: Any) -> list[Application]:
    rows = []
    for at in range(count):
        rows.append(make.submitted(cast, f"人{chr(0x4E00 + at)}", serial=100 + at, **options))
        cast.clock.advance(timedelta(hours=5))
    return rows


def in_every_state(cast: Cast) -> dict[str, str]:
    """One case for each view, by its state."""
    rows = {
        "waiting": make.in_correction(cast, who="甲", serial=11),
        "handed_up": make.submitted(cast, "乙", serial=12),
        "mine": make.submitted(cast, "丙", serial=13),
        "theirs": make.submitted(cast, "丁", serial=14),
        "free": make.submitted(cast, "戊", serial=15),
        "done": make.issued(cast, who="己", serial=16),
    }
    make.decide(cast, rows["handed_up"].number or "", "village", "approve")
    make.claim(cast, rows["mine"].number or "", cast.reviewers["village"])
    make.claim(cast, rows["theirs"].number or "", hire(cast, "village", region=VILLAGE))
    return {name: row.number or "" for name, row in rows.items()}


@pytest.mark.parametrize(
    ("view", "level", "expected"),
    [
        ("todo", "village", {"mine", "theirs", "free"}),
        ("todo", "town", {"handed_up"}),
        ("mine", "village", {"mine"}),
        ("unclaimed", "village", {"free"}),
        ("overdue", "village", set()),
        ("soon", "village", {"mine", "theirs", "free"}),
        ("waiting", "town", {"waiting"}),
        ("notice", "county", set()),
        ("all", "county", {"waiting", "handed_up", "mine", "theirs", "free", "done"}),
    ],
)
def test_a_view_shows_its_cases(cast: Cast, view: str, level: str, expected: set[str]) -> None:
    known = in_every_state(cast)
    cast.clock.advance(timedelta(days=2) if view == "soon" else timedelta(minutes=1))
    found = {name for name, number in known.items() if number in numbers(cast, of_view(view), level)}
    assert found == expected


def test_filters_narrow_each_other(cast: Cast) -> None:
    near, other = make.submitted(cast), make.submitted(cast, "李明", serial=8, region=EMPTY_VILLAGE)
    far = make.submitted(cast, "远方", serial=9, region=FAR_VILLAGE)
    cast.clock.advance(timedelta(days=10))
    assert set(numbers(cast, Filter(), "county")) == {near.number, other.number, far.number}
    assert set(numbers(cast, Filter(region=TOWN), "county")) == {near.number, other.number}
    assert numbers(cast, Filter(region=EMPTY_VILLAGE, level="town"), "county") == [other.number]
    assert numbers(cast, Filter(region=VILLAGE, level="town"), "county") == []
    assert numbers(cast, Filter(region=FAR_VILLAGE), "town") == []
    assert numbers(cast, Filter(service_item="birth-registration"), "county") == []
    assert len(numbers(cast, Filter(older_than_days=9, service_item="migrant-proof"), "county")) == 3
    assert numbers(cast, Filter(older_than_days=11), "county") == []
    assert numbers(cast, of_view("overdue", level="village", region=VILLAGE), "county") == [near.number]
    assert numbers(cast, of_view("overdue"), "county") == [far.number]  # its own town has no clerk
    assert len(numbers(cast, of_view("overdue", level="any"), "county")) == 3
    assert numbers(cast, Filter(status="issued", due="overdue"), "county") == []


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
@pytest.mark.parametrize("view", [None, "todo", "unclaimed", "all"])
def test_pages_neither_skip_nor_repeat(cast: Cast, limit: int, view: str | None) -> None:
    rows = some(cast, 7)

    def same_day(session: Session) -> None:
        session.execute(
            update(Application).where(Application.id.in_([r.id for r in rows[:5]])).values(due_at=rows[0].due_at)
        )

    cast.db.transact(same_day)
    found = numbers(cast, of_view(view), limit=limit)
    assert len(found) == len(set(found)) == 7
    assert found == list(reversed(numbers(cast, Filter()))) if view == "all" else numbers(cast, Filter())


@pytest.mark.parametrize("windows", [(2, 3), (3, 4)])
def test_a_selective_filter_looks_a_bounded_way_and_then_goes_on(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, windows: tuple[int, int]
) -> None:
    rows = some(cast, 9)
    monkeypatch.setattr(lanes, "WINDOWS", windows)
    wanted = {rows[4].number, rows[8].number}

    def rare(session: Session) -> None:
        them = session.scalars(select(Application).where(Application.number.in_(wanted)))
        for row in them:
            row.submitted_at = cast.clock() - timedelta(days=40)

    cast.db.transact(rare)
    first = page(cast, of_view("todo", older_than_days=30), limit=1)
    assert first.next_cursor is not None
    for level in (None, "any"):
        assert set(numbers(cast, of_view("todo", older_than_days=30, level=level), limit=1)) == wanted


def test_the_newest_come_first_in_the_whole_jurisdiction_unless_old_ones_are_wanted(cast: Cast) -> None:
    rows = some(cast, 3)
    cast.clock.advance(timedelta(days=9))
    ordered = [row.number for row in rows]
    assert numbers(cast, of_view("all")) == ordered[::-1]
    assert numbers(cast, of_view("all", older_than_days=3)) == ordered


def test_counts_are_those_of_the_views_and_stop_at_a_hundred(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    in_every_state(cast)
    with cast.db.reading() as session:
        found = queue.counts(session, reviewer=cast.reviewers["village"], now=cast.clock())
    assert set(found) == set(VIEWS) - {"all"}
    assert found == {view: len(numbers(cast, of_view(view))) for view in found}
    monkeypatch.setattr(queue, "MOST_COUNTED", 2)
    with cast.db.reading() as session:
        assert queue.counts(session, reviewer=cast.reviewers["village"], now=cast.clock())["todo"] == 2


def test_a_line_says_age_holder_and_deadline(cast: Cast) -> None:
    number = make.submitted(cast).number or ""
    make.claim(cast, number, cast.reviewers["village"])
    cast.clock.advance(timedelta(days=3))
    line = page(cast, Filter()).items[0]
    assert (line["age_days"], line["claim"], line["opened"], line["news"]) == (3, None, False, [])


def test_news_are_what_others_did_since_the_last_look(cast: Cast) -> None:
    row = make.in_correction(cast)
    clerk = cast.reviewers["village"]
    assert page(cast, Filter()).items[0]["opened"] is False
    cast.run(seen.saw, reviewer=clerk, number=row.number)
    assert page(cast, Filter()).items[0]["news"] == []
    make.resubmit(cast, row.id)
    assert [one["act"] for one in page(cast, Filter()).items[0]["news"]] == ["application.resubmit"]
    assert page(cast, Filter(), "town").items[0]["news"] == []
    cast.run(seen.saw, reviewer=clerk, number=row.number)
    make.decide(cast, row.number or "", "village", "approve")
    assert page(cast, Filter()).items[0]["news"] == []


def test_a_stranger_sees_nothing_new(cast: Cast) -> None:
    row = make.submitted(cast)
    with pytest.raises(NotFound):
        cast.run(seen.saw, reviewer=hire(cast, "village", region=EMPTY_VILLAGE), number=row.number)


def find(cast: Cast, level: str = "village", **typed: str) -> search.Result:
    person = search.person(name=typed.get("name"), id_type=typed.get("id_type"), id_number=typed.get("id_number"))
    found: search.Result = cast.run(
        search.by_person, vault=cast.vault, reviewer=cast.reviewers[level], person=person, now=cast.clock()
    )
    return found


def searches(cast: Cast, row: Application) -> int:
    with cast.db.reading() as session:
        query = select(AuditEntry).where(AuditEntry.subject_id == row.id, AuditEntry.act == search.ACT)
        return len(session.scalars(query).all())


def test_a_person_is_found_by_name_or_document_and_every_case_shown_keeps_the_look(cast: Cast) -> None:
    row = make.submitted(cast)
    far = make.submitted(cast, "远方", serial=9, region=FAR_VILLAGE)
    full_width = id_number(7).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    for typed in ({"name": " 王㐂"}, {"id_number": id_number(7)}, {"id_number": f" {full_width.lower()}"}):
        assert [item["number"] for item in find(cast, **typed).items] == [row.number]
    assert searches(cast, row) == 3
    assert find(cast, name="远方").items == []
    assert searches(cast, far) == 0
    assert [item["number"] for item in find(cast, "county", name="远方").items] == [far.number]


def test_a_search_for_a_common_name_is_cut_and_says_so(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST", 2)
    for _ in range(3):
        make.submitted(cast)
    found = find(cast, name="王㐂")
    assert (len(found.items), found.more) == (2, True)


@pytest.mark.parametrize(
    "typed", [{}, {"name": "  "}, {"name": "王\u200b"}, {"id_number": "123"}, {"id_number": "１" * 18}]
)
def test_what_is_no_name_and_no_document_is_refused(cast: Cast, typed: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        find(cast, **typed)
