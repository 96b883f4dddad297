"""The inbox: what is about one case lies together, addresses can be pressed, everything is read with one tap."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import event as sql

from backend.kernel import ids
from backend.notifications import service
from h5.messages import pressable
from tests.h5.phone import Phone
from tests.h5.test_pages_render import CHOICES, sound
from tests.people import Cast

PARAMS = {"service": "证明", "number": "YG2611-ABCDEF", "phone": "0632-12345", "due_on": date(2026, 12, 8)}
LINKS = {"link": "http://localhost/follow-ups", "stop": "http://localhost/follow-ups/stop/x"}
CASE, OTHER = 7_000_000_001, 7_000_000_002
BADGE = re.compile(r'<span class="badge">([^<]+)<')


@pytest.fixture
def who(phone: Phone, cast: Cast) -> int:
    return cast.residents["王㐂"]


def tell(
    cast: Cast,
    who: int,
    event: str,
    *,
    case: int | None = CASE,
    template: str = "correction_requested",
    links: dict[str, str] = LINKS,
) -> int:
    cast.clock.advance(timedelta(minutes=1))
    made = cast.db.transact(
        service.tell,
        cast.vault,
        resident_id=who,
        template=template,
        event=event,
        params=links if template == "own_reminder" else PARAMS,
        application_id=case,
        now=cast.clock(),
    )
    assert made is not None
    return int(made)


def listed(page: str) -> list[str]:
    """The messages that lie open, from the top; those in a fold are left out."""
    open_ = re.sub(r"<details>.*?</details>", "", page, flags=re.DOTALL)
    return re.findall(r'href="/messages/([0-9a-z]{13})"', open_)


def outside(*messages: int) -> list[str]:
    return [ids.encode(message) for message in messages]


def test_messages_of_a_case_fold_under_their_newest(phone: Phone, cast: Cast, who: int) -> None:
    tell(cast, who, "e1")
    other = tell(cast, who, "e2", case=OTHER)
    single = tell(cast, who, "e3", case=None)
    second = tell(cast, who, "e4", case=None)
    newest = tell(cast, who, "e5")
    page = phone.page("/messages")
    assert listed(page) == outside(newest, second, single, other)
    assert page.count("<details>") == 1
    assert "这件申请还有 1 条" in page
    assert "1 条没看" in page


def test_a_long_case_shows_five_and_leads_to_all(phone: Phone, cast: Cast, who: int) -> None:
    made = [tell(cast, who, f"e{n}") for n in range(8)]
    phone.page(f"/messages/{ids.encode(made[-2])}")
    page = phone.page("/messages")
    assert ("这件申请还有 7 条" in page, "6 条没看" in page) == (True, True)
    assert len(set(re.findall(r'href="/messages/([0-9a-z]{13})"', page))) == 6
    path = f"/messages?application={ids.encode(CASE)}"
    assert f'href="{path}"' in page
    assert listed(phone.page(path)) == outside(*made[::-1])


def test_the_folded_inbox_pages_without_gap_or_double(phone: Phone, cast: Cast, who: int) -> None:
    wanted = []
    for n in range(25):
        tell(cast, who, f"a{n}", case=CASE + n)
        wanted.append(tell(cast, who, f"b{n}", case=CASE + n))
    first = phone.page("/messages")
    [cursor] = re.findall(r'href="(/messages\?cursor=[^"]+)"', first)
    assert listed(first) + listed(phone.page(cursor)) == outside(*wanted[::-1])


def test_a_case_of_somebody_else_says_nothing(app: Flask, phone: Phone, cast: Cast, who: int) -> None:
    tell(cast, who, "e1")
    other = Phone(app).enter(cast.resident("李䶮", 8))
    assert "还没有消息" in other.page("/messages")
    assert "还没有消息" in other.page(f"/messages?application={ids.encode(CASE)}")
    assert "还没有消息" in other.page("/messages?application=nonsense")


def test_one_tap_reads_what_the_page_showed(phone: Phone, cast: Cast, who: int) -> None:
    tell(cast, who, "e1")
    seen = tell(cast, who, "e2", case=None)
    page = phone.page("/messages")
    assert BADGE.findall(page) == ["2"]
    assert f'name="until" value="{ids.encode(seen)}"' in page
    tell(cast, who, "e3", case=None)
    done = phone.post("/messages/read", until=ids.encode(seen))
    page = phone.page(done.location)
    assert BADGE.findall(page) == ["1"]
    assert page.count('class="cell unread"') == 1
    phone.post("/messages/read", until="everything")
    assert "全部标为看过" not in phone.page("/messages")
    assert phone.post("/messages/read", bare=True).status_code == 403


def test_the_badge_stops_at_nine_and_costs_one_probe(phone: Phone, stranger: Phone, cast: Cast, who: int) -> None:
    for n in range(12):
        tell(cast, who, f"e{n}", case=None)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "read_at IS NULL" in statement:
            asked.append(statement)

    engine = cast.db.engine
    sql.listen(engine, "before_cursor_execute", note)
    try:
        assert BADGE.findall(phone.page("/me")) == ["9+"]
        assert len(asked) == 1
        stranger.page("/")
        phone.page("/me/identity")
        assert len(asked) == 1
    finally:
        sql.remove(engine, "before_cursor_execute", note)


def test_addresses_of_a_message_can_be_pressed(phone: Phone, cast: Cast, who: int) -> None:
    made = tell(cast, who, "e1", case=None, template="own_reminder")
    page = phone.page(f"/messages/{ids.encode(made)}")
    for address in LINKS.values():
        assert f'<a href="{address}" rel="nofollow noopener">{address}</a>' in page


def test_an_address_of_our_own_is_pressed_by_words(phone: Phone, cast: Cast, who: int) -> None:
    site = phone.runtime.settings.base_url
    ours = {"link": f"{site}/reminders", "stop": f"{site}.example.org/x"}
    made = tell(cast, who, "e1", case=None, template="own_reminder", links=ours)
    page = phone.page(f"/messages/{ids.encode(made)}")
    assert f'<a href="{ours["link"]}" rel="nofollow noopener"><span class="nowrap">点这里</span></a>' in page
    assert f">{ours['stop']}</a>" in page


def test_only_the_address_becomes_a_link() -> None:
    said = pressable('看这里：https://a.cn/x?y=1&z=2。<b>再打 0632-12345</b> (http://b.cn/y), "javascript:x"')
    assert said == (
        '看这里：<a href="https://a.cn/x?y=1&amp;z=2" rel="nofollow noopener">https://a.cn/x?y=1&amp;z=2</a>。'
        '&lt;b&gt;再打 0632-12345&lt;/b&gt; (<a href="http://b.cn/y" rel="nofollow noopener">http://b.cn/y</a>), '
        "&#34;javascript:x&#34;"
    )


@pytest.mark.parametrize("choice", CHOICES, ids=("zh", "en", "care"))
def test_pages_are_sound_in_every_mode(phone: Phone, cast: Cast, who: int, choice: dict[str, str]) -> None:
    for name, value in choice.items():
        phone.choose(name, value)
    made = [tell(cast, who, f"e{n}") for n in range(8)]
    paths = ("/messages", f"/messages?application={ids.encode(CASE)}", f"/messages/{ids.encode(made[0])}")
    assert [path for path in paths if not sound(phone.page(path))] == []
