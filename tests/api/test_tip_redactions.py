"""Redaction over HTTP: an investigator destroys words, a reporter sees that they are gone, nobody else may."""

from __future__ import annotations

from typing import Any

import pytest

from backend.tips.cuts import GONE
from backend.tips.third_parties import detector
from tests.api.desk import Desk, problem
from tests.api.house import House
from tests.api.sealed_case import HERS, TEXT, SealedCase


@pytest.fixture
def case(house: House) -> SealedCase:
    return SealedCase(house)


def test_spots_are_destroyed_for_the_reporter_too(case: SealedCase) -> None:
    answer = case.redact(spots=[HERS], edition=1)
    assert (answer.status_code, answer.json) == (200, {"entry": case.entry, "edition": 2, "destroyed": False})
    assert case.shown() == TEXT[:11] + GONE + TEXT[14:]


def test_other_words_replace_a_field(case: SealedCase) -> None:
    assert case.redact(replacement="周六下午，有人被带到后院").status_code == 200
    assert case.redact(field="target.name", replacement="河边诊所").status_code == 200
    assert case.shown() == "周六下午，有人被带到后院"


def test_message_is_destroyed_as_a_whole_and_the_report_is_not(case: SealedCase) -> None:
    message = case.say("还有一张单子")
    assert case.redact(whole=True).status_code == 422
    assert case.redact(entry=message, whole=True).json == {"entry": message, "edition": 2, "destroyed": True}
    assert problem(case.redact(entry=message, whole=True)) == (409, "already_destroyed")


def test_second_tap_is_told_that_it_was_done(case: SealedCase) -> None:
    answers = [case.redact(spots=[HERS], edition=1) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert problem(answers[1])[1] == "redacted_meanwhile"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"spots": [HERS], "whole": True},
        {"spots": [{"start": 0, "end": 900}]},
        {"spots": [{"start": 3, "end": 3}]},
        {"spots": [{"start": True, "end": 3}]},
        {"spots": [HERS], "field": "x", "replacement": "y"},
        {"field": "target.region", "replacement": "370402"},
        {"replacement": "孕妇张小红被带到后院"},
        {"entry": "0" * 32, "spots": [HERS]},
    ],
)
def test_redaction_that_fits_nothing_changes_nothing(case: SealedCase, body: dict[str, Any]) -> None:
    answer = case.redact(**body)
    assert answer.status_code == (404 if "entry" in body else 422)
    assert "张小红" not in answer.text
    assert case.shown() == TEXT


def test_nobody_else_redacts(house: House, case: SealedCase) -> None:
    assert problem(case.redact(house.clerk("xian"), spots=[HERS]))[0] == 403
    locked = Desk(house.app)
    locked.token = (locked.staff("hecha").json or {})["access_token"]
    assert problem(case.redact(locked, spots=[HERS])) == (423, "tips_locked")
    assert case.shown() == TEXT


def test_detector_shows_what_an_older_one_let_pass(case: SealedCase, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as older:
        older.setattr(detector, "refuse_entry", lambda content: None)
        message = case.say("孕妇张小红说的")
    answer = case.hecha.call("GET", f"/staff/tips/{case.id}/redactions")
    spots = {"text": [{"start": 2, "end": 5, "kind": "name"}]}
    assert answer.json == {"items": [{"entry": message, "edition": 1, "kind": "message", "spots": spots}]}
    assert case.redact(entry=message, spots=[{"start": 2, "end": 5}]).status_code == 200
    assert (case.hecha.call("GET", f"/staff/tips/{case.id}/redactions").json or {})["items"] == []
