"""The calendar file: another program reads what we wrote, whatever a station is called."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, strategies as st
from icalendar import Calendar

from backend.bookings.calendar_file import LINE, Event, escape, fold, write

AT = datetime(2026, 11, 30, 0, 0, tzinfo=UTC)
EVENT = Event(
    uid="booking-0123456789abc@yangguang",
    sequence=0,
    changed_at=AT - timedelta(days=7),
    starts_at=AT,
    ends_at=AT + timedelta(minutes=30),
    summary="预约：演示服务站甲",
    location="演示服务站甲，中心路 1 号",
    description="11 月 29 日（周日）晚上 12 点以后不要吃东西\n电话：0632-12345",
    url="https://example.org/bookings/0123456789abc",
    organizer="https://example.org",
    cancelled=False,
)
#: What a person can type: no controls, no halves of characters, no line ends of strange scripts.
NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029"), max_size=200)


def parsed(event: Event) -> Any:
    """The file and its one event, as icalendar reads them; what it finds wrong is wrong."""
    calendar = Calendar.from_ical(write(event))
    (only,) = calendar.walk("VEVENT")
    assert (calendar.errors, only.errors) == ([], [])
    return calendar, only


def unfolded(content: bytes) -> list[bytes]:
    return content.replace(b"\r\n ", b"").split(b"\r\n")


def test_a_visit_is_read_by_another_program() -> None:
    calendar, visit = parsed(EVENT)
    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "PUBLISH")
    assert (visit["UID"], visit["SEQUENCE"], visit["STATUS"]) == (EVENT.uid, 0, "CONFIRMED")
    assert (visit.decoded("DTSTART"), visit.decoded("DTEND")) == (AT, AT + timedelta(minutes=30))
    assert (visit["SUMMARY"], visit["LOCATION"], visit["DESCRIPTION"]) == (
        EVENT.summary,
        EVENT.location,
        EVENT.description,
    )
    assert visit["CLASS"] == "PRIVATE"
    assert [alarm.decoded("TRIGGER") for alarm in visit.walk("VALARM")] == [timedelta(hours=-18), timedelta(hours=-1)]


def test_another_time_is_the_same_event_with_a_higher_sequence() -> None:
    _, before = parsed(EVENT)
    _, after = parsed(replace(EVENT, sequence=1, starts_at=AT + timedelta(days=1)))
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]


def test_a_cancelled_visit_takes_itself_out() -> None:
    calendar, visit = parsed(replace(EVENT, sequence=2, cancelled=True))
    assert (calendar["METHOD"], visit["STATUS"], visit["SEQUENCE"]) == ("CANCEL", "CANCELLED", 2)
    assert visit.walk("VALARM") == []


def test_a_time_the_station_withdrew_is_not_firm() -> None:
    assert parsed(replace(EVENT, tentative=True))[1]["STATUS"] == "TENTATIVE"


@given(NAMES, NAMES, st.lists(NAMES, max_size=4))
def test_any_name_comes_back_as_it_was(summary: str, location: str, lines: list[str]) -> None:
    said = "\n".join(lines)
    _, visit = parsed(replace(EVENT, summary=summary, location=location, description=said))
    assert (visit["SUMMARY"], visit["LOCATION"], visit["DESCRIPTION"]) == (summary, location, said)


@given(st.text(max_size=400))
def test_no_text_breaks_out_of_its_line(text: str) -> None:
    event = replace(EVENT, summary=text, location=text, description=text)
    usual = [line.partition(b":")[0] for line in unfolded(write(EVENT))]
    assert [line.partition(b":")[0] for line in unfolded(write(event))] == usual


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=400))
def test_lines_are_short_and_cut_no_character(text: str) -> None:
    lines = fold(text).split(b"\r\n")
    assert lines.pop() == b""
    assert all(len(line) <= LINE for line in lines)
    assert "".join(line.decode() if n == 0 else line[1:].decode() for n, line in enumerate(lines)) == text


def test_special_characters_are_escaped_as_the_standard_says() -> None:
    assert escape("a\\b;c,d\r\ne\rf\x00\x85") == "a\\\\b\\;c\\,d\\ne\\nf"
