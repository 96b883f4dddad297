"""Whom a tip names, or whoever sits in its town, never sees it: not later, not merged, not redacted."""

from __future__ import annotations

from typing import Any

import pytest

from backend.kernel.errors import Conflict, NotFound
from backend.tips import (
    admitting,
    desk,
    parcels,
    recipients,
    redaction,
)
from backend.tips.admitting import Source
from backend.tips.cuts import Cut
from backend.tips.redaction import At
from backend.tips_runtime import build_tips_runtime
from config.settings import Settings
from tests import investigating
from tests.clock import MovableClock
from tests.tip_office import Office


@pytest.fixture
def office(settings: Settings, clock: MovableClock) -> Office:
    at = build_tips_runtime(settings.tips, clock=clock)
    return Office(at, *investigating.two(at))


@pytest.mark.parametrize(
    "what",
    [
        {"text": "我亲眼看到核查员甲1收了钱"},
        {"name": "核查员甲1的诊所"},
        {"contacts": ("微信核查员甲1",)},
        {"address": "核查员甲1家楼下"},
        {"text": "那个 核查 员·甲１ 收了钱"},
    ],
)
def test_investigator_who_is_named_never_sees_the_tip(office: Office, what: dict[str, Any]) -> None:
    tip = office.file(**what)
    assert office.list() == []
    with pytest.raises(NotFound):
        office.show(tip.tip_id)
    assert len(office.list(by=office.two)) == 1


def test_investigator_who_is_named_later_loses_the_tip_and_the_log_says_so(office: Office) -> None:
    tip = office.file()
    office.show(tip.tip_id)
    office.at.db.transact(investigating.write, holder=tip, text="不要给核查员 甲1 看", day=office.at.today)
    with pytest.raises(NotFound):
        office.show(tip.tip_id)
    with pytest.raises(NotFound):
        office.say(tip.tip_id)
    office.say(tip.tip_id, by=office.two)
    with office.at.db.reading() as session:
        deeds = desk.history(session, opener=office.two, tip_id=tip.tip_id)
    assert (recipients.ASIDE, "核查员甲1") in [(deed.act, deed.name) for deed in deeds]


def test_key_let_in_later_stays_shut_where_a_message_names_its_holder(office: Office) -> None:
    tip, other = office.file(), office.file(name="别家")
    office.at.db.transact(investigating.write, holder=tip, text="核查员甲 3 也在场", day=office.at.today)
    key = investigating.enrol(office.at, 3)
    investigating.back(office.at, office.one, key)
    investigating.admit(office.at, office.two, key)
    source = Source(office.two.id, office.two.private)
    office.at.db.transact(admitting.reseal, source=source, investigator_id=key, after="", day=office.at.today)
    assert [line.id for line in office.list(by=investigating.opener(office.at, key))] == [other.tip_id]


def test_investigator_who_is_left_out_or_sits_in_the_town_never_sees_the_tip(office: Office) -> None:
    office.file(left_out=[office.two.id])
    assert (len(office.list()), office.list(by=office.two)) == (1, [])
    key = investigating.enrol(office.at, 3, region=investigating.TOWN)
    investigating.back(office.at, office.one, key)
    investigating.admit(office.at, office.two, key)
    local = investigating.opener(office.at, key)
    office.file()
    office.file(region="370402002000")
    assert {line.summary["region"] for line in office.list(by=local) if line.summary} == {"370402002000"}


def test_nothing_tells_an_investigator_of_a_tip_about_the_same_target_that_names_them(office: Office) -> None:
    seen, hidden = office.file(), office.file(left_out=[office.one.id])
    with pytest.raises(Conflict, match="seen_by_fewer"):
        office.merge(seen.tip_id, hidden.tip_id, by=office.two)
    root = office.file()
    office.merge(seen.tip_id, root.tip_id)
    office.at.db.transact(investigating.write, holder=root, text="不要给核查员甲1看", day=office.at.today)
    card = office.show(seen.tip_id)
    assert (card.line.merged_into, [one.merged_into for one in office.list()]) == (None, [None])
    assert office.show(seen.tip_id, office.two).line.merged_into == root.tip_id
    with office.at.db.reading() as session:
        day = office.at.today
        parcel = b"".join(parcels.export(session, holder="oversight", which="everything", day=day, by=office.one.id))
    assert seen.tip_id.encode() in parcel
    assert root.tip_id.encode() not in parcel
    office.move(seen.tip_id, card.allowed[0])


@pytest.mark.parametrize("later", [False, True])
def test_whoever_was_named_stays_shut_out_after_the_name_is_destroyed(office: Office, later: bool) -> None:
    key = investigating.enrol(office.at, 3)
    tip = office.file() if later else office.file(text="核查员甲3 收了钱")
    if later:
        office.at.db.transact(investigating.write, holder=tip, text="核查员甲3 也在场", day=office.at.today)
    entry = office.show(tip.tip_id).entries[-1]
    at, day, keys = At(tip.tip_id, entry.id), office.at.today, office.at.keys
    if later:
        office.at.db.transact(redaction.destroy, opener=office.one, at=at, day=day)
    else:
        cuts = [Cut("text", 0, 5)]
        office.at.db.transact(redaction.cut, keys=keys, opener=office.one, at=at, cuts=cuts, day=day)
    investigating.back(office.at, office.one, key)
    investigating.admit(office.at, office.two, key)
    source = Source(office.two.id, office.two.private)
    office.at.db.transact(admitting.reseal, source=source, investigator_id=key, after="", day=office.at.today)
    assert office.list(by=investigating.opener(office.at, key)) == []
