"""Keys of investigators: let in by two people, given the older tips, changed, renewed, ended, and never half."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from backend.kernel import sealing
from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from backend.models.tip import TipKey, Unlocked
from backend.tips import admitting, investigators, keyring, recipients
from backend.tips.admitting import Source
from backend.tips.unlocking import Opener
from backend.tips_runtime import TipsRuntime, build_tips_runtime
from config.settings import Settings
from tests import investigating as desk
from tests.clock import MovableClock


@pytest.fixture
def at(settings: Settings, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[TipsRuntime]:
    """The tip line with cheap passphrases."""
    monkeypatch.setattr(sealing, "MEMORY", 2**16)
    runtime = build_tips_runtime(settings.tips, clock=clock)
    yield runtime
    runtime.db.dispose()


@pytest.fixture(params=["mariadb", "sqlite"])
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[TipsRuntime]:
    monkeypatch.setattr(sealing, "MEMORY", 2**16)
    found: Settings = request.getfixturevalue("settings" if request.param == "mariadb" else "sqlite_settings")
    runtime = build_tips_runtime(found.tips, clock=MovableClock())
    yield runtime
    runtime.db.dispose()


def reseal(at: TipsRuntime, by: Opener, key_id: str) -> int:
    """All batches; how many tips were opened to the key."""
    source, after, sealed = Source(by.id, by.private), "", 0
    while True:
        done = at.db.transact(admitting.reseal, source=source, investigator_id=key_id, after=after, day=at.today)
        sealed += done.sealed
        if done.after is None:
            return sealed
        after = done.after


def third(at: TipsRuntime, one: Opener, other: Opener, **who: str) -> str:
    """A third key, let in; nothing is opened to it yet."""
    key_id = desk.enrol(at, 3, **who)
    desk.back(at, one, key_id)
    desk.admit(at, other, key_id)
    return key_id


def actions(at: TipsRuntime, staff_id: int) -> dict[str, list[str]]:
    with at.db.reading() as session:
        return {one.name: one.allowed for one in keyring.cards(session, county="370402", staff_id=staff_id)}


def test_the_operator_lets_in_the_first_key_and_backs_the_second_and_no_more(at: TipsRuntime) -> None:
    first, second, later = (desk.enrol(at, number) for number in (1, 2, 3))
    assert desk.appoint(at, first) == "active"
    assert desk.appoint(at, second) == "backed"
    desk.admit(at, desk.opener(at, first), second)
    with pytest.raises(Conflict, match="two_are_there"):
        desk.appoint(at, later)
    assert desk.row(at, later).status == "waiting"


def test_two_different_colleagues_let_a_third_in_who_then_opens_the_older_tips(either: TipsRuntime) -> None:
    one, other = desk.two(either)
    tips = [desk.file(either) for _ in range(3)]
    key_id = desk.enrol(either, 3)
    with pytest.raises(Conflict, match="not_allowed_now"):
        desk.admit(either, one, key_id)
    desk.back(either, one, key_id)
    with pytest.raises(Conflict, match="second_person_needed"):
        desk.admit(either, one, key_id)
    desk.admit(either, other, key_id)
    assert reseal(either, other, key_id) == 3
    new = desk.opener(either, key_id)
    with either.db.reading() as session:
        boxes = {tip: session.get_one(TipKey, (tip, holder)) for tip in tips for holder in [key_id]}
        olds = {tip: session.get_one(TipKey, (tip, one.id)) for tip in tips}
    for tip in tips:
        assert sealing.open_from(new.private, boxes[tip].sealed) == sealing.open_from(one.private, olds[tip].sealed)


def test_nobody_lets_their_own_key_in_nor_one_of_another_county(at: TipsRuntime) -> None:
    one, other = desk.two(at)
    away = desk.enrol(at, 9, region="370403000000")
    for move in (desk.back, desk.admit):
        with pytest.raises(Conflict, match="own_key"):
            move(at, one, one.id)
        with pytest.raises(NotFound):
            move(at, other, away)


def test_a_reward_officer_backs_nobody_and_gets_no_tip(at: TipsRuntime) -> None:
    one, other = desk.two(at)
    desk.file(at)
    officer = desk.enrol(at, 3, duty=recipients.PAY)
    desk.back(at, one, officer)
    desk.admit(at, other, officer)
    assert reseal(at, other, officer) == 0
    waiting = desk.enrol(at, 4)
    with pytest.raises(Forbidden):
        desk.back(at, desk.opener(at, officer), waiting)
    assert officer not in desk.holders(at, desk.file(at))


def test_a_key_that_was_exchanged_since_it_was_looked_at_is_refused(at: TipsRuntime) -> None:
    one, _ = desk.two(at)
    key_id = desk.enrol(at, 3)
    seen = desk.print_of(at, key_id)
    key = investigators.new_key(desk.PASSPHRASE)
    at.db.transact(investigators.renew, staff=desk.staff(3), key=key, day=at.today)
    with pytest.raises(Conflict, match="key_changed"):
        desk.back(at, one, key_id, fingerprint=seen)
    desk.back(at, one, key_id, fingerprint=desk.print_of(at, key_id).replace(" ", ""))


def test_backing_of_somebody_who_left_counts_no_more(at: TipsRuntime) -> None:
    one, other = desk.two(at)
    extra, key_id = third(at, one, other), desk.enrol(at, 4)
    desk.back(at, desk.opener(at, extra), key_id)
    at.db.transact(investigators.end, investigator_id=extra, county="370402", day=at.today)
    with pytest.raises(Conflict, match="backer_gone"):
        desk.admit(at, one, key_id)


def test_double_taps_back_once_and_admit_once(at: TipsRuntime) -> None:
    one, other = desk.two(at)
    key_id = desk.enrol(at, 3)
    for _ in range(2):
        desk.back(at, one, key_id)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: desk.admit(at, other, key_id), range(4)))
    found = desk.row(at, key_id)
    assert (found.status, found.backed_by, found.admitted_by) == ("active", one.id, other.id)


def test_conflicts_of_interest_stay_closed_to_a_key_that_is_let_in_later(at: TipsRuntime) -> None:
    one, other = desk.two(at)
    town = desk.file(at, region="370402001013")
    named = desk.file(at, text="里面的李核查也收钱", region="370402002000")
    plain = desk.file(at, region="370402002000")
    key_id = third(at, one, other, region=desk.TOWN, name="李核查")
    assert reseal(at, other, key_id) == 1
    assert key_id in desk.holders(at, plain)
    assert key_id not in desk.holders(at, town) | desk.holders(at, named)


def test_whom_the_reporter_left_out_stays_out_after_a_new_key(at: TipsRuntime) -> None:
    one, other = desk.two(at)
    key_id = third(at, one, other)
    tip = desk.file(at, left_out=[key_id])
    key = investigators.new_key(desk.PASSPHRASE)
    at.db.transact(investigators.renew, staff=desk.staff(3), key=key, day=at.today)
    desk.back(at, one, key_id)
    desk.admit(at, other, key_id)
    assert reseal(at, other, key_id) == 0
    assert desk.holders(at, tip) == {one.id, other.id}


def test_resealing_that_is_cut_off_goes_on_where_it_stopped(at: TipsRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admitting, "BATCH", 2)
    one, other = desk.two(at)
    tips = [desk.file(at) for _ in range(5)]
    key_id = third(at, one, other)
    source = Source(other.id, other.private)
    at.db.transact(admitting.reseal, source=source, investigator_id=key_id, after="", day=at.today)
    assert sum(key_id in desk.holders(at, tip) for tip in tips) == 2
    assert "fill" in actions(at, 1)[desk.row(at, key_id).name]
    assert reseal(at, one, key_id) == 3
    assert all(key_id in desk.holders(at, tip) for tip in tips)
    assert "fill" not in actions(at, 1)[desk.row(at, key_id).name]


def test_a_batch_that_fails_leaves_nothing_of_itself(at: TipsRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = desk.two(at)
    tips = [desk.file(at) for _ in range(3)]
    key_id = third(at, one, other)
    calls = iter([None, None])
    seal = sealing.seal_to

    def breaking(public: bytes, secret: bytes) -> bytes:
        next(calls)
        return seal(public, secret)

    monkeypatch.setattr(sealing, "seal_to", breaking)
    with pytest.raises((RuntimeError, StopIteration)):
        reseal(at, other, key_id)
    assert not any(key_id in desk.holders(at, tip) for tip in tips)
    monkeypatch.setattr(sealing, "seal_to", seal)
    assert reseal(at, other, key_id) == 3


def test_tips_filed_while_a_key_is_let_in_reach_it(at: TipsRuntime) -> None:
    one, other = desk.two(at)
    key_id = desk.enrol(at, 3)
    desk.back(at, one, key_id)
    with ThreadPoolExecutor(4) as pool:
        filed = [pool.submit(desk.file, at) for _ in range(24)]
        desk.admit(at, other, key_id)
        reseal(at, other, key_id)
        tips = [one.result() for one in filed]
    assert all(key_id in desk.holders(at, tip) for tip in tips)


def test_an_ended_key_has_no_box_left_though_tips_are_filed_meanwhile(at: TipsRuntime) -> None:
    one, other = desk.two(at)
    with ThreadPoolExecutor(4) as pool:
        filed = [pool.submit(desk.file, at) for _ in range(16)]
        at.db.transact(investigators.end, investigator_id=other.id, county="370402", day=at.today)
        tips = [one.result() for one in filed]
    with at.db.reading() as session:
        assert session.scalar(select(func.count()).where(TipKey.holder == other.id)) == 0
        assert session.scalar(select(func.count()).where(Unlocked.investigator_id == other.id)) == 0
    assert all(desk.holders(at, tip) == {one.id} for tip in tips)


def test_the_last_key_is_ended_by_the_operator_only(at: TipsRuntime) -> None:
    only = desk.enrol(at, 1)
    desk.appoint(at, only)
    with pytest.raises(Conflict, match="last_key"):
        at.db.transact(investigators.end, investigator_id=only, county="370402", day=at.today)
    at.db.transact(investigators.end, investigator_id=only, county=None, day=at.today)
    assert desk.row(at, only).status == "ended"


def test_another_passphrase_opens_the_same_key_and_locks_it_where_it_was_open(at: TipsRuntime) -> None:
    one, _ = desk.two(at)
    before = desk.row(at, one.id)
    assert investigators.rewrapped(before, old="not this one!", new="vier Eimer voll Sand") is None
    with pytest.raises(Invalid):
        investigators.rewrapped(before, old=desk.PASSPHRASE, new="kurz")
    key = investigators.rewrapped(before, old=desk.PASSPHRASE, new="vier Eimer voll Sand")
    assert key is not None
    at.db.transact(investigators.rewrap, investigator_id=one.id, key=key)
    after = desk.row(at, one.id)
    assert investigators.unwrap(after, desk.PASSPHRASE) is None
    assert investigators.unwrap(after, "vier Eimer voll Sand") == one.private
    with at.db.reading() as session:
        assert session.scalar(select(func.count()).where(Unlocked.investigator_id == one.id)) == 0


def test_a_renewed_key_opens_nothing_until_it_is_let_in_again(at: TipsRuntime) -> None:
    one, other = desk.two(at)
    tip = desk.file(at)
    key = investigators.new_key("ganz neu und lang genug")
    assert at.db.transact(investigators.renew, staff=desk.staff(2), key=key, day=at.today) == other.id
    assert desk.holders(at, tip) == {one.id}
    assert desk.holders(at, desk.file(at)) == {one.id}
    assert (desk.row(at, other.id).status, desk.row(at, other.id).backed_by) == ("waiting", None)
    assert desk.appoint(at, other.id) == "backed"
    desk.admit(at, one, other.id)
    assert reseal(at, one, other.id) == 2


def test_what_may_be_done_with_a_key_depends_on_who_looks(at: TipsRuntime) -> None:
    one, other = desk.two(at)
    key_id = desk.enrol(at, 3)
    name = desk.row(at, key_id).name
    assert actions(at, 1)[name] == ["back", "end"]
    desk.back(at, one, key_id)
    assert actions(at, 1)[name] == ["end"]
    assert actions(at, 2)[name] == ["admit", "end"]
    assert actions(at, 3) == {
        name: ["change_passphrase", "renew", "end"],
        desk.row(at, one.id).name: [],
        desk.row(at, other.id).name: [],
    }
