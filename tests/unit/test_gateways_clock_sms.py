"""The demo's clock and its short messages, shared by several processes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.gateways.clock import FileClock
from backend.gateways.sms import ConsoleSms, FileSms, NoSms, Short, SmsRefused, SmsUnavailable

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def short(to: str = "1", text: str = "t") -> Short:
    return Short(to=to, template="sms_code", text=text, key="k", sent_at=NOW)


def test_clock_moved_by_one_process_is_seen_by_another_and_goes_on(tmp_path: Path) -> None:
    mine, theirs = FileClock(tmp_path / "clock.json"), FileClock(tmp_path / "clock.json")
    assert abs(theirs() - datetime.now(UTC)) < timedelta(seconds=1)
    mine.set(datetime(2027, 1, 1, tzinfo=UTC))
    first = theirs()
    assert first - datetime(2027, 1, 1, tzinfo=UTC) < timedelta(seconds=1)
    assert theirs() > first
    mine.set(None)
    assert abs(theirs() - datetime.now(UTC)) < timedelta(seconds=1)


def test_sms_of_many_writers_are_read_newest_first(tmp_path: Path) -> None:
    sms = FileSms(tmp_path / "messages.jsonl")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: sms.send(short(text=f"{n} " + "字" * 300)), range(200)))
    sms.send(short("2", "last"))
    assert sms.sent(to="2", limit=5) == [
        {"channel": "sms", "to": "2", "template": "sms_code", "text": "last", "sent_at": NOW.isoformat()}
    ]
    assert len({item["text"] for item in sms.sent(to="1", limit=1000)}) == 200
    assert len(sms.sent(to=None, limit=3)) == 3


def test_sms_cut_short_by_a_full_disk_is_skipped_when_reading(tmp_path: Path) -> None:
    sms = FileSms(tmp_path / "messages.jsonl")
    sms.send(short())
    with (tmp_path / "messages.jsonl").open("a") as file:
        file.write('{"to": "1", "te')
    assert len(sms.sent(to="1", limit=5)) == 1


def test_sms_that_cannot_be_written_may_be_tried_again(tmp_path: Path) -> None:
    with pytest.raises(SmsUnavailable):
        FileSms(tmp_path / "missing" / "messages.jsonl").send(short())


def test_installation_without_provider_refuses_for_good() -> None:
    with pytest.raises(SmsRefused) as error:
        NoSms().send(short())
    assert error.value.permanent
    assert NoSms().sent(to=None, limit=1) == []


def test_sign_stands_before_the_words_in_the_file(tmp_path: Path) -> None:
    sms = FileSms(tmp_path / "messages.jsonl", "阳光办")
    sms.send(short(text="您好"))
    assert sms.sent(to="1", limit=1)[0]["text"] == "【阳光办】您好"


def test_console_shows_the_words_without_the_number(capsys: pytest.CaptureFixture[str]) -> None:
    assert ConsoleSms("阳光办").send(short(to="13800138000", text="您好")) == "k"
    assert capsys.readouterr().err == "sms sms_code: 【阳光办】您好\n"
