"""The pure rules of notices: days, names, numbers in strangers' words, and days on which nobody could read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, strategies as st

from backend.applications import notice_policy as rules
from backend.catalogue import files
from backend.catalogue.definition import ItemDefinition
from backend.kernel import third_party
from backend.kernel.clock import SHANGHAI
from backend.kernel.privacy import mask_publicly
from config.calendar_data import load_calendar
from config.consents import load_consents
from config.settings import ROOT

CALENDAR = load_calendar()
MONDAY = date(2026, 11, 23)


def there(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), SHANGHAI).astimezone(UTC)


@given(st.dates(date(2025, 1, 1), date(2027, 12, 1)), st.integers(1, 30))
def test_a_notice_has_its_working_days_after_the_day_it_was_found(day: date, count: int) -> None:
    opens_on, closes_on = rules.days_of(CALENDAR, day, count)
    walked = [d for n in range((closes_on - day).days) if CALENDAR.is_workday(d := day + timedelta(days=n + 1))]
    assert (walked[0], walked[-1], len(walked)) == (opens_on, closes_on, count)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("王", "王*"),
        ("王小二", "王*"),
        ("欧阳震华", "欧阳*"),
        ("欧阳", "欧*"),
        ("司马光", "司马*"),
        ("𠮷田花子", "𠮷*"),
        ("阿卜杜热合曼·买买提", "阿*"),
        ("古" * 30, "古*"),
        ("Maria da Silva", "M*"),
        ("É́milie", "É́*"),
    ],
)
def test_a_name_is_masked_to_its_surname(name: str, shown: str) -> None:
    assert mask_publicly(name) == shown


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22 到 2026-11-23 不在家",
        "每年 960 元，领了 3 年",
        "YG2611-7K2M9Q",
        "他 1992 年 5 月 18 日生",
        "三号楼 12-3-401",
    ],
)
def test_dates_amounts_and_our_numbers_are_no_persons(text: str) -> None:
    assert third_party.numbers(text) == []


@given(
    st.text(max_size=40),
    st.sampled_from(["13800000021", "138 0000 0021", "１３８００００００２１", "00000019920518001X"]),
)
def test_a_persons_number_is_found_wherever_it_stands(before: str, number: str) -> None:
    if before and (before[-1].isalnum() or before[-1] in " .-_"):
        before += "，"
    spots = third_party.numbers(f"{before}，{number}。")
    assert any(start <= len(before) + 1 and len(before) + 1 + len(number) <= end for start, end in spots)


def lost(*outages: tuple[datetime, datetime]) -> list[date]:
    return rules.lost_days(list(outages), CALENDAR, since=MONDAY - timedelta(days=3), until=MONDAY + timedelta(days=3))


def test_a_day_is_lost_when_its_hours_are() -> None:
    assert lost((there(MONDAY, 8), there(MONDAY, 18))) == [MONDAY]
    assert lost((there(MONDAY, 8, 1), there(MONDAY, 23))) == []
    assert lost((there(MONDAY, 0), there(MONDAY, 17, 59))) == []


def test_outages_that_touch_are_one_and_a_look_between_them_is_none() -> None:
    noon = there(MONDAY, 12)
    assert lost((noon, there(MONDAY, 19)), (there(MONDAY, 7), noon)) == [MONDAY]
    assert lost((there(MONDAY, 7), noon), (noon + timedelta(seconds=1), there(MONDAY, 19))) == []


def test_a_weekend_is_never_lost() -> None:
    assert lost((there(MONDAY - timedelta(days=3), 20), there(MONDAY, 7))) == []


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(0, 60)), max_size=6))
def test_lost_days_agree_with_counting_minutes(pieces: list[tuple[int, int]]) -> None:
    start = there(MONDAY - timedelta(days=1), 0)
    outages = [(start + timedelta(hours=a), start + timedelta(hours=a + n)) for a, n in pieces]
    expected = []
    for day in (MONDAY, MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)):
        hours = [there(day, hour, 30) for hour in range(8, 18)]
        if all(any(a <= moment < b for a, b in outages) for moment in hours):
            expected.append(day)
    assert [day for day in lost(*outages) if day >= MONDAY and day < MONDAY + timedelta(days=3)] == expected


def shipped(code: str) -> ItemDefinition:
    path = ROOT / "config" / "catalogue" / f"{code}.toml"
    return files.load(path, purposes=frozenset(load_consents()), now=there(MONDAY, 10))[0]


@pytest.mark.parametrize(
    ("level", "beyond", "found", "days"),
    [
        ("village", "town", [], 5),
        ("town", "county", [], 5),
        ("town", "county", ["village"], 0),
        ("town", None, ["village"], 7),
        ("county", None, ["village", "town"], 7),
        ("county", None, [], 7),
    ],
)
def test_who_stands_in_for_others_announces_once_for_the_longest(
    level: str, beyond: str | None, found: list[str], days: int
) -> None:
    award = shipped("family-award")
    times = {"village": 5, "town": 0, "county": 7}
    steps = tuple(replace(step, notice_days=times[step.level]) for step in award.workflow)
    assert rules.owed(replace(award, workflow=steps), level, beyond=beyond, found=found) == days


def shown(code: str, number: str = "000000195205180013", **answers: object) -> dict[str, object]:
    item = shipped(code)
    holder = {"name": "张小龙", "id_number": number}
    return rules.shown(item, holder, {**item.example, **answers}, village="铁西居委会", on=MONDAY)


def test_an_award_shows_surname_village_item_and_amount() -> None:
    assert shown("family-award") == {
        "title": "农村部分计划生育家庭奖励扶助",
        "title_en": "Award for rural one-child and two-daughter families",
        "holder": "张*",
        "village": "铁西居委会",
        "amount": {"yuan": 960, "period": "year"},
    }


def test_special_support_shows_its_joint_title_and_nothing_else() -> None:
    assert shown("special-support") == {"title": "计划生育家庭扶助", "title_en": "Family support"}


def test_nobody_under_18_is_named() -> None:
    assert shown("hardship-support")["holder"] == "张*"
    for number in ("000000201005180011", "000000200811241234", "E12345678", ""):
        assert shown("hardship-support", number).keys() == {"title", "title_en"}
    assert shown("hardship-support", "000000200811231234")["holder"] == "张*"
