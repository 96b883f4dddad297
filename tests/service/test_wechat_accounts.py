"""WeChat identities under crowds, and what becomes of messages when one is let go, on MariaDB."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import select

from backend.accounts import codes, export, policy, service as accounts, wechat
from backend.accounts.policy import CodeLimits
from backend.accounts.service import SignedIn
from backend.kernel.clock import system_clock
from backend.kernel.errors import Conflict
from backend.models.base import Base
from backend.models.delivery import Delivery, WechatBinding
from backend.models.outbox import Outbox
from backend.notifications import service as notifications
from backend.notifications.planning import Reach
from backend.notifications.wechat import credits as ledger
from tests.people import Cast

OPENID, OTHERS = "o-mine-7", "o-others-8"
MOBILE = "13800000007"
PARAMS = {"service": "证明", "number": "YG2611-ABCDEF", "phone": "0632-12345", "due_on": date(2026, 12, 8)}


@pytest.fixture
def who(cast: Cast) -> int:
    return cast.resident("王㐂", 7)


def bind(cast: Cast, who: int, openid: str = OPENID) -> str:
    try:
        cast.run(wechat.bind, vault=cast.vault, resident_id=who, openid=openid, now=cast.clock())
    except Conflict as refused:
        return refused.code
    return "bound"


def unbind(cast: Cast, who: int) -> None:
    cast.run(wechat.unbind, vault=cast.vault, resident_id=who, now=cast.clock())


def bindings(cast: Cast) -> dict[int, str]:
    with cast.db.reading() as session:
        rows = session.execute(select(WechatBinding.resident_id, WechatBinding.openid_index))
        return {row.resident_id: row.openid_index for row in rows}


def left(cast: Cast) -> dict[str, int]:
    with cast.db.reading() as session:
        return dict(ledger.left(session, openid_index=policy.openid_index(cast.vault, OPENID)))


def grant(cast: Cast, template: str) -> None:
    index = policy.openid_index(cast.vault, OPENID)
    cast.run(ledger.grant, openid_index=index, template=template, source=template, at=cast.clock())


def tell(cast: Cast, who: int, event: str) -> None:
    cast.run(
        notifications.tell,
        vault=cast.vault,
        resident_id=who,
        template="correction_requested",
        event=event,
        params=PARAMS,
        reach=Reach("https://yangguang.example"),
        now=cast.clock(),
    )


def deliveries(cast: Cast, who: int) -> Counter[tuple[str, str]]:
    with cast.db.reading() as session:
        rows = session.execute(select(Delivery.channel, Delivery.status).where(Delivery.resident_id == who))
        return Counter((channel, status) for channel, status in rows)


def test_eight_accounts_at_once_for_one_wechat_one_has_it(cast: Cast) -> None:
    crowd = [cast.resident(f"甲{name}", 20 + n) for n, name in enumerate("一二三四五六七八")]
    with ThreadPoolExecutor(8) as pool:
        said = Counter(pool.map(lambda one: bind(cast, one), crowd))
    assert said == {"bound": 1, "wechat_taken": 7}
    assert len(bindings(cast)) == 1


def test_eight_taps_of_one_person_are_one_binding(cast: Cast, who: int) -> None:
    with ThreadPoolExecutor(8) as pool:
        said = Counter(pool.map(lambda _: bind(cast, who), range(8)))
    assert said == {"bound": 8}
    assert bindings(cast) == {who: policy.openid_index(cast.vault, OPENID)}


def test_two_wechats_at_once_for_one_account_leave_one_of_them(cast: Cast, who: int) -> None:
    with ThreadPoolExecutor(2) as pool:
        said = Counter(pool.map(lambda openid: bind(cast, who, openid), (OPENID, OTHERS)))
    assert said == {"bound": 2}
    assert len(bindings(cast)) == 1


def test_word_of_a_wechat_pressed_by_two_accounts_at_once_binds_one(cast: Cast) -> None:
    word = wechat.waiting(cast.vault, openid=OPENID, now=cast.clock())
    crowd = [cast.resident(f"乙{name}", 30 + n) for n, name in enumerate("一二三四")]

    def take(one: int) -> bool:
        own = {"resident_id": one, "word": word, "now": cast.clock()}
        return bool(cast.run(wechat.bind_waiting, vault=cast.vault, **own))

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(take, crowd)) == [False, False, False, True]
    assert len(bindings(cast)) == 1


def test_sign_in_by_phone_and_by_wechat_lead_to_one_account(cast: Cast) -> None:
    now = cast.clock()
    made = cast.run(codes.request, vault=cast.vault, mobile=MOBILE, address="a", limits=CodeLimits(), now=now)
    with cast.db.reading() as session:
        opened = codes.open_code(session, cast.vault, made, now)
    assert opened is not None
    word = wechat.waiting(cast.vault, openid=OPENID, now=now)
    typed = {"mobile": MOBILE, "code": opened[1], "wechat_word": word}
    first = cast.run(accounts.sign_in, vault=cast.vault, key=b"k", now=now, at=system_clock(), **typed)
    second = cast.run(accounts.sign_in_by_wechat, vault=cast.vault, key=b"k", openid=OPENID, at=system_clock())
    assert isinstance(first, SignedIn)
    assert (first.wechat_bound, second.wechat_bound) == (True, True)
    assert first.resident.id == second.resident.id
    assert first.session.sid != second.session.sid


def test_what_waits_for_wechat_goes_by_text_message_when_it_is_let_go(cast: Cast, who: int) -> None:
    bind(cast, who)
    tell(cast, who, "e1")
    tell(cast, who, "e2")
    assert deliveries(cast, who) == {("wechat", "waiting"): 2}
    unbind(cast, who)
    assert deliveries(cast, who) == {("wechat", "dropped"): 2, ("sms", "waiting"): 2}
    with cast.db.reading() as session:
        due = Counter(session.scalars(select(Outbox.topic).where(Outbox.status == "due")))
    assert (due["send_sms"], due["send_wechat"]) == (2, 0)
    unbind(cast, who)
    assert sum(deliveries(cast, who).values()) == 4


def test_permissions_end_with_the_binding(cast: Cast, who: int) -> None:
    bind(cast, who)
    grant(cast, "todo")
    assert left(cast) == {"todo": 1}
    unbind(cast, who)
    bind(cast, who)
    assert left(cast) == {}


def test_messages_of_others_stay_where_they_are(cast: Cast, who: int) -> None:
    other = cast.resident("李㙓", 8)
    bind(cast, other, OTHERS)
    tell(cast, other, "e1")
    bind(cast, who)
    unbind(cast, who)
    assert deliveries(cast, other) == {("wechat", "waiting"): 1}


def test_ones_copy_says_since_when_a_wechat_is_bound(cast: Cast, who: int) -> None:
    bind(cast, who)
    with cast.db.reading() as session:
        assert export.account(session, cast.vault, who)["wechat_bound_at"] == cast.clock()


def test_no_table_holds_an_openid_in_plain(cast: Cast, who: int) -> None:
    bind(cast, who)
    tell(cast, who, "e1")
    wechat.waiting(cast.vault, openid=OTHERS, now=cast.clock())
    with cast.db.reading() as session:
        found = {
            name: "\n".join(str(tuple(row)) for row in session.execute(select(table)))
            for name, table in Base.metadata.tables.items()
        }
    assert found["wechat_binding"]
    assert [name for name, text in found.items() if OPENID in text or OTHERS in text] == []
