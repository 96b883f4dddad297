"""The pages of the tip line on a phone without JavaScript: one form, one receipt, and a mailbox to come back to."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.models.tip import Mailbox, TipEntry
from backend.tips.recipients import REPORTER
from config.settings import Settings
from h5.assets import asset
from tests import evidence_files
from tests.clock import MovableClock
from tests.h5.phone import Phone
from tests.h5.reporter import REPORT, Reporter
from tests.tip_line import TipLine

PAGES = ("/tips", "/tips/advice", "/tips/new", "/tips/inbox", "/tips/proof")
WECHAT = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.50"}
OUTSIDE = re.compile(r'(?:src|action)="(?!/tips)|href="(?!/tips|#|tel:|data:)')


@pytest.fixture
def line(sqlite_settings: Settings, clock: MovableClock) -> Iterator[TipLine]:
    found = TipLine(sqlite_settings, clock)
    yield found
    found.at.db.dispose()


@pytest.fixture
def reporter(line: TipLine, clock: MovableClock) -> Reporter:
    return Reporter(line, clock)


def entries(line: TipLine) -> int:
    with line.at.db.reading() as session:
        return len(list(session.scalars(select(TipEntry.id).where(TipEntry.author == REPORTER))))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_nothing_of_another_place_and_is_kept_nowhere(line: TipLine, path: str) -> None:
    answer = line.client.get(path)
    assert answer.status_code == 200
    assert OUTSIDE.findall(answer.text) == []
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_way_out_and_a_telephone(reporter: Reporter, path: str) -> None:
    page = reporter.get(path)
    assert 'href="/tips/leave" rel="noreferrer" data-leave' in page
    assert 'href="tel:12345"' in page


@pytest.mark.parametrize("path", PAGES)
def test_no_helper_of_the_browser_reads_or_keeps_what_is_typed(reporter: Reporter, path: str) -> None:
    page = reporter.get(path)
    assert 'translate="no" spellcheck="false" writingsuggestions="false"' in page
    assert all('autocomplete="off"' in form for form in re.findall("<form[^>]*>", page))


def test_assets_come_from_the_line_itself_and_are_not_kept(line: TipLine) -> None:
    links = re.findall(r'(?:href|src)="(/tips/assets/[^"]+)"', line.client.get("/tips").text)
    answers = [line.client.get(link) for link in links]
    assert [answer.data for answer in answers] == [asset("app.css").content, asset("tips.js").content]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert line.client.get("/tips/assets/0000000000/app.js").status_code == 404


def test_advice_names_who_can_open_a_tip_and_the_policy_on_women(reporter: Reporter) -> None:
    page = reporter.get("/tips")
    assert reporter.line.at.line.oversight in page
    assert "举报从来不是去找孕妇的理由" in page
    assert "六个月" in page


def test_inside_wechat_the_way_out_of_it_comes_first(reporter: Reporter) -> None:
    assert "在浏览器打开" in reporter.get("/tips", headers=WECHAT)
    assert 'href="/tips/advice"' in reporter.seen
    assert "先看这三句话" in reporter.get("/tips/advice", headers=WECHAT)


def test_leaving_leads_somewhere_ordinary(line: TipLine) -> None:
    answer = line.client.get("/tips/leave")
    assert answer.status_code == 303
    assert answer.headers["Location"] == line.at.line.exit_url


def test_language_and_size_go_along_without_a_cookie(reporter: Reporter) -> None:
    page = reporter.get("/tips?lang=en&care=1")
    assert '<html lang="en" class="plain care"' in page
    assert 'href="/tips/new?lang=en&amp;care=1"' in page
    assert 'action="/tips/new?lang=en&amp;care=1"' in reporter.get("/tips/new?lang=en&care=1")


def test_a_report_gives_a_code_of_28_digits_that_opens_it(reporter: Reporter) -> None:
    code = reporter.file()
    assert len(code) == 28
    assert REPORT["text"] in reporter.open(f" {code[:4]} {code[4:]}")
    assert "已收到" in reporter.seen


def test_a_form_sent_too_early_keeps_its_words_and_works_later(reporter: Reporter) -> None:
    reporter.get("/tips/new")
    assert "请再等" in reporter.post("/tips/new", **REPORT)
    assert REPORT["text"] in reporter.seen
    reporter.clock.advance(timedelta(seconds=31))
    reporter.post("/tips/new", **REPORT)
    assert len(reporter.code) == 28


def test_what_is_missing_is_said_beside_its_field(reporter: Reporter) -> None:
    reporter.file(kind="", name=" ", text="")
    assert reporter.status == 422
    assert re.findall(r'href="#f-([a-z]+)"', reporter.seen) == ["kind", "name", "text"]
    assert "是谁做的：请选一项" in reporter.seen
    assert f'value="{REPORT["region"]}" selected' in reporter.seen


def test_a_woman_in_the_text_is_marked_and_nothing_is_stored(reporter: Reporter) -> None:
    reporter.file(text="  孕妇王小红去过，\r\n收现金", contacts="13900000000\n孕妇李小兰")
    assert re.findall("<mark>([^<]+)</mark>", reporter.seen) == ["王小红", "李小兰"]
    assert reporter.status == 422
    assert "孕妇王小红去过，\n收现金" in reporter.seen
    assert reporter.line.tips() == 0


def test_mended_words_are_taken_with_the_same_ticket(reporter: Reporter) -> None:
    reporter.file(text="孕妇王小红去过")
    reporter.post("/tips/new", **REPORT)
    assert len(reporter.code) == 28


def test_a_forged_ticket_gets_a_new_one_and_the_words_stay(reporter: Reporter) -> None:
    reporter.send("/tips/new", REPORT | {"ticket": "x" * 48, "altcha": ""})
    assert reporter.status == 403
    assert REPORT["text"] in reporter.seen
    assert len(reporter.hidden("/tips/new")["ticket"]) == 48


def test_a_form_posted_twice_shows_one_receipt_until_it_is_noted(reporter: Reporter) -> None:
    reporter.get("/tips/new")
    reporter.clock.advance(timedelta(seconds=31))
    form = reporter.hidden("/tips/new") | REPORT
    codes = {reporter.send("/tips/new", form) and reporter.code for _tap in range(2)}
    reporter.post("/tips/new/noted")
    reporter.send("/tips/new", form)
    assert (reporter.status, reporter.code, len(codes)) == (403, "", 1)
    assert reporter.line.tips() == 1


def test_the_receipt_is_shown_no_more_once_noted(reporter: Reporter) -> None:
    code = reporter.file()
    assert reporter.code not in reporter.post("/tips/new/noted")
    assert (reporter.code, "三个工作日内有人看" in reporter.seen) == ("", True)
    assert code not in reporter.seen


def test_a_wrong_code_and_a_wrong_passphrase_look_alike(reporter: Reporter) -> None:
    code = reporter.file(passphrase="梅花三弄")
    assert "口令不要和查询码写在一起" in reporter.seen
    pages = [reporter.open(*given) for given in ((code, "别的"), (code, ""), ("1" * 28, "梅花三弄"))]
    # What was typed comes back; the blanks at the end make up for its length.
    assert len({re.sub(r'value="[^"]*"', "", page).rstrip() for page in pages}) == 1
    assert len({len(page.encode()) for page in pages}) == 1
    assert REPORT["text"] in reporter.open(code, "梅花三弄")


@pytest.mark.parametrize(("code", "said"), [("1234 ５６78", "这里有 8 位数字"), ("1" * 28, "")])
def test_a_code_of_another_length_is_counted(reporter: Reporter, code: str, said: str) -> None:
    page = reporter.open(code)
    assert "查询码或口令不对" in page
    assert ("位数字，查询码是" in page, said in page) == (bool(said), True)


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [("/tips/nothing", 404, "没有这一页"), ("/tips/inbox/messages", 405, "这一页关上了，请从下面重新打开")],
)
def test_a_page_that_is_not_there_says_so(reporter: Reporter, path: str, status: int, said: str) -> None:
    assert said in reporter.get(path)
    assert reporter.status == status


def test_an_answer_posted_twice_stands_once(reporter: Reporter) -> None:
    reporter.open(reporter.file())
    form = reporter.hidden("/tips/inbox/messages") | {"text": "还有一台机器在车里"}
    for _tap in range(2):
        assert "送到了" in reporter.send("/tips/inbox/messages", form)
    assert reporter.seen.count("还有一台机器在车里") == 1
    assert entries(reporter.line) == 2


def test_a_message_that_names_a_woman_comes_back_marked(reporter: Reporter) -> None:
    reporter.open(reporter.file())
    reporter.post("/tips/inbox/messages", text="孕妇王小红知道")
    assert (reporter.status, re.findall("<mark>([^<]+)</mark>", reporter.seen)) == (422, ["王小红"])
    assert entries(reporter.line) == 1


def test_evidence_is_listed_by_its_given_name_only_and_once(reporter: Reporter) -> None:
    reporter.open(reporter.file())
    form = reporter.hidden("/tips/inbox/evidence")
    for _tap in range(2):
        reporter.seen = re.sub(r'name="once" value="[^"]*f"', f'name="once" value="{form["once"]}"', reporter.seen)
        assert "加上了" in reporter.upload(evidence_files.jpeg(), "二楼的机器")
    assert reporter.seen.count("证据：二楼的机器") == 1
    assert "IMG_2026" not in reporter.seen


def test_a_file_that_is_none_of_the_kinds_is_refused_in_the_mailbox(reporter: Reporter) -> None:
    reporter.open(reporter.file())
    reporter.upload(b"MZ" + b"x" * 300)
    assert reporter.status in (415, 422)
    assert REPORT["text"] in reporter.seen
    assert entries(reporter.line) == 1


def test_a_proof_is_verified_with_and_without_what_it_stands_for(reporter: Reporter) -> None:
    reporter.open(reporter.file())
    areas = re.findall(r'<textarea [^>]*id="f-(\w+)" readonly>\n(.*?)</textarea>', reporter.seen, re.S)
    shown = {name: html.unescape(text) for name, text in areas}
    assert "市中区收到过这件举报" in reporter.send("/tips/proof", {"proof": shown["proof"], "opening": ""})
    page = reporter.send("/tips/proof", {"proof": shown["proof"], "opening": shown["target"]})
    assert "第二格就是当时交的内容" in page
    assert (REPORT["name"] in page, REPORT["text"] in page) == (True, False)
    assert REPORT["text"] in reporter.send("/tips/proof", {"proof": shown["proof"], "opening": shown["all"]})


@pytest.mark.parametrize(
    ("proof", "opening", "status", "said"),
    [
        ("", "", 422, "请把举报证明粘贴到第一格"),
        ("a.b.c", "", 200, "不是这里的举报证明"),
        ("a.b.c", "{", 422, "第二格不完整"),
        ("a.b.c", "[1]", 422, "第二格不完整"),
        ("x" * 9000, "", 200, "不是这里的举报证明"),
    ],
)
def test_a_broken_proof_is_a_sentence(reporter: Reporter, proof: str, opening: str, status: int, said: str) -> None:
    assert said in reporter.send("/tips/proof", {"proof": proof, "opening": opening})
    assert reporter.status == status


def test_a_new_code_posted_twice_is_one_and_ends_the_old(reporter: Reporter) -> None:
    old = reporter.file()
    reporter.open(old)
    form = reporter.hidden("/tips/inbox/renewal") | {"passphrase": "新的"}
    codes = {reporter.send("/tips/inbox/renewal", form) and reporter.code for _tap in range(2)}
    new = codes.pop()
    assert not codes
    assert REPORT["text"] in reporter.open(new, "新的")
    assert REPORT["text"] not in reporter.open(old)


def test_a_new_code_is_shown_no_more_once_noted(reporter: Reporter) -> None:
    reporter.open(reporter.file())
    form = reporter.hidden("/tips/inbox/renewal")
    reporter.post("/tips/inbox/renewal")
    assert "三个工作日内有人看" not in reporter.post("/tips/new/noted")
    reporter.send("/tips/inbox/renewal", form)
    assert (reporter.status, reporter.code) == (403, "")


def test_withdrawal_says_what_it_means_before_it_does_it(reporter: Reporter) -> None:
    code = reporter.file()
    reporter.open(code)
    assert "查询码马上作废" in reporter.post("/tips/inbox/withdrawal")
    assert REPORT["text"] in reporter.post("/tips/inbox/again")
    reporter.post("/tips/inbox/withdrawal")
    assert "谁也打不开了" in reporter.post("/tips/inbox/withdrawal")
    assert "查询码或口令不对" in reporter.open(code)
    with reporter.line.at.db.reading() as session:
        assert session.scalars(select(Mailbox)).all() == []


def test_a_mailbox_ends_after_an_hour(reporter: Reporter) -> None:
    reporter.open(reporter.file())
    reporter.clock.advance(timedelta(minutes=61))
    reporter.post("/tips/inbox/messages", text="还有")
    assert (reporter.status, REPORT["text"] in reporter.seen) == (404, False)
    assert "请用查询码再打开一次" in reporter.seen
    assert "还有</textarea>" in reporter.seen


def test_a_code_in_the_address_is_refused_as_a_page(reporter: Reporter) -> None:
    assert "网址里不能带内容" in reporter.get("/tips/inbox?receipt_code=1234")
    assert reporter.status == 400


def test_home_leads_to_the_tip_line_without_a_trace(stranger: Phone) -> None:
    assert '<a class="task" href="/tips" rel="noreferrer">' in stranger.get("/").text
    assert 'href="/tips?lang=en"' in stranger.get("/?lang=en").text
