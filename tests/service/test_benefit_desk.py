"""What clerks see of benefits, what is written down about it, and what leaves with a person."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend.accounts import export, relatives
from backend.benefits import confirmations, desk, looks, policy, queries, recipients
from backend.benefits.desk import Wanted
from backend.benefits.policy import Change
from backend.events import chains
from backend.kernel.clock import today
from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from backend.models.audit import AuditEntry
from backend.models.benefit import Recipient
from backend.web import leaving
from tests import benefits as make, reminding
from tests.people import EMPTY_VILLAGE, FAR_VILLAGE, TOWN, Cast, hire, id_number
from workers.exports import COLLECTORS


@pytest.fixture
def cast(cast: Cast) -> Cast:
    make.publish(cast)
    return cast


def listed(cast: Cast, level: str = "town", limit: int = 20, cursor: str | None = None, **where: Any) -> Any:
    wanted = Wanted(make.AWARD, **where)
    act = {"clerk": cast.reviewers[level], "wanted": wanted, "limit": limit, "cursor": cursor, "now": cast.clock()}
    return cast.run(desk.listed, **act)


def look(cast: Cast, who: int, purpose: str = "question", level: str = "village") -> dict[str, Any]:
    act = {"clerk": cast.reviewers[level], "recipient_id": who, "purpose": purpose, "now": cast.clock()}
    shown: dict[str, Any] = cast.db.transact(desk.look, cast.vault, **act)
    return shown


def acts(cast: Cast, who: int) -> list[str]:
    with cast.db.reading() as session:
        row = session.get_one(Recipient, who)
        assert chains.faults(session, [row]) == []
        mine = (AuditEntry.subject_kind == "benefit_recipient", AuditEntry.subject_id == who)
        return list(session.scalars(select(AuditEntry.act).where(*mine).order_by(AuditEntry.sequence)))


def end(cast: Cast, who: int) -> None:
    act = {"clerk": cast.reviewers["town"], "reason": "own_wish", "on": today(cast.clock()), "now": cast.clock()}
    cast.run(recipients.end, recipient_id=who, **act)


def leave(cast: Cast, who: str = "王㐂") -> None:
    at = cast.clock()
    keys = {"vault": cast.vault, "reminder_vault": reminding.VAULT}
    cast.run(leaving.leave, **keys, resident_id=cast.residents[who], now=at, at=at)


def test_the_list_is_masked_paged_and_each_look_is_written_down(cast: Cast) -> None:
    who = make.recipient(cast)
    make.crowd(cast, 3)
    items, cursor = listed(cast, limit=2)
    assert [len(items), len(listed(cast, limit=2, cursor=cursor)[0])] == [2, 2]
    assert items[0]["holder_masked"] == "王*"
    assert "account" not in json.dumps(items, default=str)
    assert acts(cast, who) == ["benefit.enrol", "look.list"]


def test_the_list_stays_in_the_jurisdiction(cast: Cast) -> None:
    make.recipient(cast)
    make.recipient(cast, "李远", 8, town="370402002000", village=FAR_VILLAGE)
    assert [len(listed(cast, level)[0]) for level in ("village", "town", "county")] == [1, 1, 2]
    assert len(listed(cast, "county", region=TOWN)[0]) == 1
    assert listed(cast, "village", region="370402002000")[0] == []


def test_a_look_needs_a_purpose_and_stands_in_the_record(cast: Cast) -> None:
    who = make.recipient(cast)
    shown = look(cast, who, "payment")
    assert (shown["account_masked"], shown["mobile"], shown["allowed_actions"]) == (
        "****0000",
        "13800000007",
        ["record"],
    )
    with pytest.raises(Invalid):
        look(cast, who, "curiosity")
    assert acts(cast, who) == ["benefit.enrol", "look.payment"]


def test_a_person_reads_who_looked_and_a_stranger_does_not(cast: Cast) -> None:
    who = make.recipient(cast)
    look(cast, who, "payment")
    with cast.db.reading() as session:
        acts = looks.of_mine(session, resident_id=cast.residents["王㐂"], recipient_id=who)
    assert [(one["act"], one["post"]) for one in acts] == [("look.payment", "村级核对岗"), ("benefit.enrol", None)]
    stranger = cast.resident("陌生人", 99)
    with cast.db.reading() as session, pytest.raises(NotFound):
        looks.of_mine(session, resident_id=stranger, recipient_id=who)


def test_every_act_on_a_benefit_has_words() -> None:
    assert {f"look.{purpose}" for purpose in desk.PURPOSES} < set(looks.ACTS)
    assert {f"confirmation.offer_{answer}" for answer in policy.OFFER_ANSWERS} < set(looks.ACTS)


def test_a_person_is_found_by_document_only_at_home(cast: Cast) -> None:
    make.recipient(cast)
    wanted = {"id_type": "resident_id", "id_number": id_number(7), "now": cast.clock()}
    found = cast.db.transact(desk.search, cast.vault, clerk=cast.reviewers["village"], **wanted)
    assert [one["holder_masked"] for one in found] == ["王*"]
    elsewhere = hire(cast, "village", region=EMPTY_VILLAGE)
    with pytest.raises(NotFound):
        cast.db.transact(desk.search, cast.vault, clerk=elsewhere, **wanted)
    with pytest.raises(Invalid):
        cast.db.transact(desk.search, cast.vault, clerk=elsewhere, **wanted | {"id_number": "1"})


def test_nobody_acts_for_declared_family(cast: Cast) -> None:
    who = make.recipient(cast)
    clerk = cast.reviewers["town"]
    kin = {"vault": cast.vault, "staff_id": clerk.id, "id_type": "resident_id", "id_number": id_number(7)}
    cast.run(relatives.declare, now=cast.clock(), **kin)
    with pytest.raises(Forbidden):
        end(cast, who)


def test_work_lists_what_was_asked_for_and_never_silence(cast: Cast) -> None:
    one = make.asked(cast)
    assert work(cast) == []
    mine = {"resident_id": cast.residents["王㐂"], "confirmation_id": one, "now": cast.clock()}
    cast.db.transact(confirmations.report, cast.vault, change=Change(("other",), words="换了电话"), **mine)
    assert work(cast) == ["change"]
    assert work(cast, "county", "visit") == []


def work(cast: Cast, level: str = "village", kind: str | None = None) -> list[str]:
    with cast.db.reading() as session:
        items, _ = desk.work(session, clerk=cast.reviewers[level], kind=kind, limit=20, cursor=None)
        return [one["status"] for one in items]


def test_a_campaign_shows_counts_of_the_county(cast: Cast) -> None:
    one = make.asked(cast)
    cast.run(confirmations.confirm, resident_id=cast.residents["王㐂"], confirmation_id=one, now=cast.clock())
    with cast.db.reading() as session:
        items, _ = desk.campaigns(session, clerk=cast.reviewers["village"], limit=20, cursor=None)
        assert [(c["asked"], c["confirmed"], c["changes"], c["status"]) for c in items] == [(1, 1, 0, "open")]
        stranger = replace(cast.reviewers["county"], region="370403000000")
        with pytest.raises(NotFound):
            desk.campaign(session, clerk=stranger, campaign_id=make.confirmation(cast, one).campaign_id)


def test_my_benefits_say_everything_and_a_stranger_has_none(cast: Cast) -> None:
    make.asked(cast)
    with cast.db.reading() as session:
        (mine,) = queries.mine(session, cast.vault, resident_id=cast.residents["王㐂"])
        assert queries.mine(session, cast.vault, resident_id=cast.resident("陌生人", 99)) == []
    assert (mine["yuan"], mine["status"], mine["confirmation"]["allowed_actions"]) == (
        960,
        "current",
        ["confirm", "change"],
    )


def test_a_benefit_that_goes_on_keeps_the_account(cast: Cast) -> None:
    who = make.recipient(cast)
    with pytest.raises(Conflict) as refused:
        leave(cast)
    assert refused.value.code == "open_benefit"
    end(cast, who)
    leave(cast)
    row = make.load(cast, who)
    assert (row.holder_masked, row.account, row.person_index) == ("", "", f"erased:{who}")
    assert acts(cast, who) == ["benefit.enrol", "benefit.end"]


def test_whoever_left_may_come_back_as_somebody_new(cast: Cast) -> None:
    old = make.recipient(cast)
    end(cast, old)
    leave(cast)
    del cast.residents["王㐂"]
    cast.clock.advance(timedelta(days=1))
    assert make.recipient(cast) != old


def test_the_copy_of_my_data_holds_benefits_and_answers(cast: Cast) -> None:
    one = make.asked(cast)
    me = cast.residents["王㐂"]
    change = Change(("moved",), moved_to="邻县")
    act = {"resident_id": me, "confirmation_id": one, "now": cast.clock()}
    cast.db.transact(confirmations.report, cast.vault, change=change, **act)
    made = cast.run(export.request, resident_id=me, now=cast.clock())
    cast.db.transact(export.build, cast.vault, export_id=made, collectors=COLLECTORS, now=cast.clock())
    with cast.db.reading() as session:
        card = export.read(session, cast.vault, resident_id=me, export_id=made, now=cast.clock())
    (benefit,) = (card.content or {})["benefits"]
    assert benefit["account"]["number"] == "0000000000000000"
    assert benefit["confirmations"][0]["change"]["moved_to"] == "邻县"
