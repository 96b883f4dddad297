"""The form of the tip line: the slow lane, and one receipt however often it is posted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import orjson
import pytest

from backend.kernel.errors import Problem
from backend.tips import codes, filing, pressure, repeats, tickets
from backend.tips.filing import Report, Target
from backend.web import tips_forms, tips_work
from backend.web.tips import Filed
from config.settings import Settings
from tests.clock import MovableClock
from tests.tip_line import TipLine
from tests.tipping import solve

REPORT = Report(Target("institution", "光明门诊", "370402000000"), "sex_determination", "晚上九点后在二楼，收现金。")
OTHER = Report(REPORT.target, REPORT.category, "改了一个字。")
HALF_A_MINUTE = timedelta(seconds=30)


@pytest.fixture(params=["settings", "sqlite_settings"], ids=["mariadb", "sqlite"])
def both(request: pytest.FixtureRequest, clock: MovableClock) -> Iterator[TipLine]:
    found = TipLine(request.getfixturevalue(request.param), clock)
    yield found
    found.at.db.dispose()


@pytest.fixture
def line(sqlite_settings: Settings, clock: MovableClock) -> Iterator[TipLine]:
    found = TipLine(sqlite_settings, clock)
    with found.app.app_context():
        yield found
    found.at.db.dispose()


def post(line: TipLine, altcha: str, ticket: str, report: Report = REPORT, passphrase: str = "") -> Filed | str:
    """The receipt, or the code of the refusal."""
    with line.app.app_context():
        try:
            admission = tips_work.admitted(altcha, ticket)
            return tips_forms.file(report, passphrase=passphrase, admission=admission)
        except Problem as refused:
            return refused.code


def form(line: TipLine) -> tuple[str, str]:
    """What a form carries after its sum was solved."""
    with line.app.app_context():
        carried = tips_work.carried()
    return solve(orjson.loads(carried.challenge)), carried.ticket


def received(answer: Filed | str) -> tuple[str, str, bool]:
    assert isinstance(answer, Filed), answer
    return answer.code.digits, answer.proof, answer.again


def test_a_double_tap_is_one_report_and_one_receipt(both: TipLine) -> None:
    altcha, ticket = form(both)
    with ThreadPoolExecutor(4) as pool:
        answers = [received(one) for one in pool.map(lambda _: post(both, altcha, ticket), range(4))]
    assert len({answer[:2] for answer in answers}) == 1
    assert Counter(answer[2] for answer in answers) == {False: 1, True: 3}
    assert both.tips() == 1
    assert both.post("/inbox", receipt_code=answers[0][0]).status_code == 200


def test_a_lost_answer_comes_again_until_it_is_written_down(line: TipLine, clock: MovableClock) -> None:
    altcha, ticket = form(line)
    first = received(post(line, altcha, ticket, passphrase="麦子"))
    clock.advance(timedelta(hours=20))
    assert received(post(line, altcha, ticket, passphrase="麦子")) == (*first[:2], True)
    assert received(post(line, "", ticket, passphrase="麦子")) == (*first[:2], True)  # no sum this time
    for _ in range(2):
        tips_forms.written_down(ticket)
    assert post(line, altcha, ticket, passphrase="麦子") == "work_refused"
    assert post(line, solve(line.challenge()), ticket, passphrase="麦子") == "work_refused"
    assert line.tips() == 1


def test_a_receipt_is_not_shown_to_another_content(line: TipLine) -> None:
    altcha, ticket = form(line)
    received(post(line, altcha, ticket))
    assert post(line, altcha, ticket, OTHER) == "work_refused"
    assert post(line, altcha, ticket, passphrase="x") == "work_refused"
    assert post(line, altcha, form(line)[1]) == "work_refused"  # the word of another form
    assert line.tips() == 1


def test_a_receipt_is_shown_no_more_when_its_day_is_over_or_the_code_was_renewed(
    line: TipLine, clock: MovableClock
) -> None:
    altcha, ticket = form(line)
    code = received(post(line, altcha, ticket))[0]
    token = line.post("/inbox", receipt_code=code).json["token"]
    assert line.client.post("/api/v1/tips/receipt-renewal", json={}, headers={"Tip-Token": token}).status_code in (
        200,
        201,
    )
    assert post(line, altcha, ticket) == "work_refused"
    clock.advance(timedelta(days=2))
    assert post(line, *form(line)) != "work_refused"
    assert post(line, altcha, ticket) == "work_refused"


def test_the_slow_lane_opens_after_half_a_minute_and_once(both: TipLine, clock: MovableClock) -> None:
    _, ticket = form(both)
    assert post(both, "", ticket) == "too_early"
    clock.advance(HALF_A_MINUTE)
    first = received(post(both, "", ticket))
    assert received(post(both, "", ticket)) == (*first[:2], True)
    assert post(both, "", ticket, OTHER) == "work_refused"
    assert both.tips() == 1


def test_a_ticket_of_nobody_lets_nothing_in(line: TipLine, clock: MovableClock) -> None:
    altcha, ticket = form(line)
    clock.advance(HALF_A_MINUTE)
    for wrong in ("", "x", ticket[:-1] + "?", tickets.issue(bytes(32), now=clock())):
        assert post(line, "", wrong) == post(line, altcha, wrong) == "work_refused"
    assert line.tips() == 0


def test_a_full_slow_lane_leaves_the_ticket_good(
    line: TipLine, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pressure, "SLOW", 1)
    one, two = form(line)[1], form(line)[1]
    clock.advance(HALF_A_MINUTE)
    received(post(line, "", one))
    assert post(line, "", two) == "slow_lane_full"
    assert received(post(line, *form(line)))  # who solves the sum waits for nobody
    monkeypatch.setattr(pressure, "SLOW", 9)
    assert received(post(line, "", two))


def test_a_taken_locator_draws_another_code(line: TipLine, monkeypatch: pytest.MonkeyPatch) -> None:
    altcha, ticket = form(line)
    drawn = iter([codes.Code("12345678", "1" * 20), codes.Code("12345678", "2" * 20), codes.new_code()])
    monkeypatch.setattr(codes, "new_code", lambda: next(drawn))
    assert line.file().json["receipt_code"] == "12345678" + "1" * 20
    assert line.file().json["receipt_code"][:8] != "12345678"
    taken = [codes.Code("12345678", "3" * 20), codes.Code("87654321", "4" * 20)]
    monkeypatch.setattr(repeats, "code_of", lambda _ticket, content, draw: taken[min(draw, 1)])
    first = received(post(line, altcha, ticket))
    assert first[0].startswith("87654321")
    assert received(post(line, altcha, ticket)) == (*first[:2], True)


def test_a_report_that_is_killed_half_way_leaves_the_form_good(line: TipLine, monkeypatch: pytest.MonkeyPatch) -> None:
    altcha, ticket = form(line)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(filing.recipients, "seal_to_all", killed)
        with pytest.raises(KeyboardInterrupt):
            post(line, altcha, ticket)
    assert line.tips() == 0
    assert received(post(line, altcha, ticket))[2] is False


def test_what_gives_the_code_is_kept_nowhere(line: TipLine) -> None:
    altcha, ticket = form(line)
    digits, _, _ = received(post(line, altcha, ticket))
    line.at.db.dispose()
    held = b"".join(path.read_bytes() for path in line.at.line.data_dir.glob("tips.db*"))
    for word in (digits, digits[:8], digits[8:], ticket, altcha[:60]):
        assert word.encode() not in held
