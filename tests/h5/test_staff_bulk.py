"""Several cases at once at the console, without JavaScript: tick, look, do, watch."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask

from backend.applications import bulk_run
from tests import factories
from tests.h5.clerk import Clerk, address
from tests.h5.phone import hidden
from tests.people import VILLAGE, Cast, hire

TICK = re.compile(r'name="case" value="([^"]+)"')


@pytest.fixture
def cun(app: Flask, cast: Cast) -> Clerk:
    return Clerk(app).sit_down(cast.reviewers["village"].id)


def some(cast: Cast, count: int) -> list[str]:
    rows = [factories.submitted(cast, f"人{chr(0x4E00 + at)}", serial=100 + at) for at in range(count)]
    return [row.number or "" for row in rows]


def do(cun: Clerk, ticks: list[str], decision: str, **more: str) -> str:
    """Preview, confirm, and the page of the act."""
    seen = cun.post("/staff/bulk/preview", case=ticks, decision=decision, **more)
    assert seen.status_code == 200, seen.text
    form = seen.text.split('id="begin"')[1].split("</form>")[0]
    fields = hidden(form)
    begun = cun.post("/staff/bulk/acts", **fields | {"case": [unescape(one) for one in TICK.findall(form)]})
    assert begun.status_code == 303, begun.text
    return begun.headers["Location"]


def test_ticked_cases_are_approved_after_a_look(cun: Clerk, cast: Cast) -> None:
    numbers = some(cast, 3)
    ticks = TICK.findall(cun.page("/staff"))
    assert len(ticks) == 3
    chosen = cun.post("/staff/bulk", case=ticks[:2])
    assert "选了 2 件" in chosen.text
    preview = cun.post("/staff/bulk/preview", case=ticks[:2], decision="approve")
    assert "可以办 2 件" in preview.text
    assert all(number in cun.page("/staff") for number in numbers)
    page = cun.page(do(cun, ticks[:2], "approve"))
    assert "办好 2 件" in page
    assert 'http-equiv="refresh"' not in page
    assert len(TICK.findall(cun.page("/staff"))) == 1


def test_everything_in_the_list_can_be_taken(cun: Clerk, cast: Cast) -> None:
    some(cast, 23)
    assert "选了 23 件" in cun.post("/staff/bulk", whole="yes", view="todo").text
    assert "还没有勾选" in cun.post("/staff/bulk", whole="yes", view="overdue").text


def test_the_preview_says_what_cannot_be_done_and_leaves_it_out(cun: Clerk, cast: Cast) -> None:
    numbers = some(cast, 2)
    ticks = TICK.findall(cun.page("/staff"))
    factories.claim(cast, numbers[0], hire(cast, "village", region=VILLAGE))
    preview = cun.post("/staff/bulk/preview", case=ticks, decision="accept").text
    assert "可以办 1 件" in preview
    assert "1 件：同事正在办" in preview
    assert "办好 1 件" in cun.page(do(cun, ticks, "accept"))


def test_a_wish_that_lacks_something_is_asked_for_again(cun: Clerk, cast: Cast) -> None:
    some(cast, 1)
    ticks = TICK.findall(cun.page("/staff"))
    for fields in ({}, {"decision": "reject"}, {"decision": "request_correction"}, {"decision": "hand_over"}):
        answer = cun.post("/staff/bulk/preview", case=ticks, **fields)
        assert answer.status_code == 422
        assert ticks[0] in answer.text


def test_a_second_tap_begins_no_second_act(cun: Clerk, cast: Cast) -> None:
    some(cast, 1)
    ticks = TICK.findall(cun.page("/staff"))
    fields = {"case": ticks, "decision": "accept", "idempotency_key": "once-only"}
    first, second = (cun.post("/staff/bulk/acts", **fields).headers["Location"] for _ in range(2))
    assert first == second
    assert cun.page("/staff/bulk").count("一起受理 1 件") == 1


def test_a_long_act_shows_how_far_it_is_and_can_be_stopped(
    cun: Clerk, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    some(cast, 3)
    ticks = TICK.findall(cun.page("/staff"))
    monkeypatch.setattr(bulk_run, "CHUNK", 0)
    monkeypatch.setattr(bulk_run, "work_off", lambda *_given, **_named: False)
    where = do(cun, ticks, "approve")
    page = cun.page(where)
    assert 'http-equiv="refresh"' in page
    assert '<progress value="0" max="3"' in page
    assert cun.post(f"{where}/stop").status_code == 303
    assert "停下以后没有动的" in cun.page(where)


def test_an_act_of_a_colleague_is_not_there(app: Flask, cun: Clerk, cast: Cast) -> None:
    some(cast, 1)
    where = do(cun, TICK.findall(cun.page("/staff")), "accept")
    other = Clerk(app).sit_down(hire(cast, "village", region=VILLAGE).id)
    assert other.get(where).status_code == 404
    assert other.post(f"{where}/stop").status_code == 404
    assert "还没有一起办过" in other.page("/staff/bulk")


def test_a_template_serves_a_correction_of_many(cun: Clerk, cast: Cast) -> None:
    numbers, photo = some(cast, 2), factories.photo(cast)
    fields = {"decision": "request_correction", "item": "migrant-proof", "title": "照片看不清", "note": "照片看不清"}
    assert cun.post("/staff/templates", **fields, **{f"reason.{photo}": "请重拍"}).status_code == 303
    ticks = TICK.findall(cun.page("/staff"))
    chosen = cun.post("/staff/bulk", case=ticks).text
    template = re.search(r'<option value="([0-9a-z]{13})"', chosen)
    assert template
    assert "办好 2 件" in cun.page(do(cun, ticks, "request_correction", template=template[1]))
    assert "请重拍" in cun.page(address(numbers[0]))


def test_cases_go_to_a_colleague(cun: Clerk, cast: Cast) -> None:
    some(cast, 2)
    hire(cast, "village", region=VILLAGE)
    ticks = TICK.findall(cun.page("/staff"))
    to = re.search(r'<option value="(village-[^"]+)"', cun.post("/staff/bulk", case=ticks).text)
    assert to
    assert "办好 2 件" in cun.page(do(cun, ticks, "hand_over", to=to[1]))
