"""Identity, profile, consents, partners, exports and erasure."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.accounts import consents, erasure, export, partners, queries, service, sessions
from backend.accounts.consents import Purpose
from backend.db import Database
from backend.kernel.clock import system_clock
from backend.kernel.crypto import Unreadable, Vault
from backend.kernel.errors import Conflict, Invalid, NotFound, Problem, Stale
from backend.kernel.privacy import check_character
from backend.models.outbox import Outbox
from backend.models.resident import Resident, ResidentConsent
from tests.clock import MovableClock

KEY = b"k" * 32
FIRST17 = "00000019900101001"
NUMBER = FIRST17 + check_character(FIRST17)
PURPOSES = {
    "identity": Purpose("identity", "2", {"zh": "同意", "en": "I agree"}),
    "health": Purpose("health", "1", {"zh": "同意检查", "en": "I agree to tests"}),
}


@pytest.fixture(params=["database", "sqlite_database"])
def db(request: pytest.FixtureRequest) -> Database:
    return request.getfixturevalue(request.param)


@pytest.fixture
def people(db: Database, vault: Vault, clock: MovableClock) -> list[int]:
    mobiles = ("13800000021", "13800000022", "13800000023")
    return [db.transact(service.ensure_resident, vault, mobile=mobile, now=clock.now) for mobile in mobiles]


def identify(
    db: Database,
    vault: Vault,
    resident: int,
    clock: MovableClock,
    *,
    number: str = NUMBER,
    id_type: str = "resident_id",
    name: str = "王㐂",
) -> None:
    db.transact(
        service.put_identity,
        vault,
        resident_id=resident,
        name=name,
        id_type=id_type,
        id_number=number,
        now=clock.now,
    )


def test_identity_is_sealed_and_shown_masked(
    db: Database, vault: Vault, clock: MovableClock, people: list[int]
) -> None:
    identify(db, vault, people[0], clock)
    with db.reading() as session:
        row = session.get(Resident, people[0])
        assert row is not None
        stored = " ".join(str(value) for value in vars(row).values())
        assert NUMBER not in stored
        assert "王㐂" not in stored
        card = queries.resident(session, vault, people[0])
        assert (card.name_masked, card.id_number_masked) == ("王*", "000*************" + NUMBER[-2:])
        person = queries.person(session, vault, people[0])
        assert (person.name, person.id_number, person.mobile) == ("王㐂", NUMBER, "13800000021")


def test_identity_typed_in_full_width_is_the_same_person(
    db: Database, vault: Vault, clock: MovableClock, people: list[int]
) -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in NUMBER.lower())
    identify(db, vault, people[0], clock)
    identify(db, vault, people[1], clock, number=wide)
    with db.reading() as session:
        first, second = (session.get_one(Resident, person).id_index for person in people[:2])
    assert first == second


def test_identity_may_be_given_again_and_changed(
    db: Database, vault: Vault, clock: MovableClock, people: list[int]
) -> None:
    identify(db, vault, people[0], clock)
    identify(db, vault, people[0], clock, name="王𠮷")
    identify(db, vault, people[0], clock, number="E12345678", id_type="passport")
    identify(db, vault, people[1], clock)
    identify(db, vault, people[2], clock, number="E12345678", id_type="passport")


def test_identity_refusal_names_every_wrong_field(
    db: Database, vault: Vault, clock: MovableClock, people: list[int]
) -> None:
    wrong = NUMBER[:17] + ("1" if NUMBER[17] != "1" else "2")
    with pytest.raises(Invalid) as refusal:
        identify(db, vault, people[0], clock, number=wrong, name="王1")
    assert set(refusal.value.errors) == {"name", "id_number"}
    assert "第 18 位不对" in str(refusal.value.errors["id_number"][0])


def test_profile_changes_language_and_care_mode_with_the_version(
    db: Database, vault: Vault, clock: MovableClock, people: list[int]
) -> None:
    change = {"resident_id": people[0], "now": clock.now, "language": "en", "care_mode": True}
    db.transact(service.update_profile, expected_version=1, **change)
    with db.reading() as session:
        card = queries.resident(session, vault, people[0])
        assert (card.language, card.care_mode, card.version) == ("en", True, 2)
    with pytest.raises(Stale):
        db.transact(service.update_profile, expected_version=1, **change)


def listed(db: Database, resident: int) -> list[consents.ConsentCard]:
    with db.reading() as session:
        return consents.listed(
            session, resident_id=resident, purposes=PURPOSES, required_for={"identity": ["migrant-proof"]}
        )


def test_consent_is_given_withdrawn_and_recorded(db: Database, clock: MovableClock, people: list[int]) -> None:
    me = {"resident_id": people[0], "purpose": "identity", "purposes": PURPOSES, "now": clock.now}
    assert [(c.given_at, c.required_for) for c in listed(db, people[0])] == [(None, ["migrant-proof"]), (None, [])]
    db.transact(consents.give, text_version=None, **me)
    db.transact(consents.give, text_version="2", **me)
    assert [card.given_at for card in listed(db, people[0])] == [clock.now, None]
    db.transact(consents.withdraw, **me)
    db.transact(consents.withdraw, **me)
    assert listed(db, people[0])[0].given_at is None
    with db.reading() as session:
        rows = session.scalars(select(ResidentConsent).order_by(ResidentConsent.id))
        assert [(row.act, row.text_version) for row in rows] == [("given", "2"), ("withdrawn", "2")]


def test_consent_to_an_old_text_is_refused(db: Database, clock: MovableClock, people: list[int]) -> None:
    with pytest.raises(Conflict) as refusal:
        db.transact(
            consents.give,
            resident_id=people[0],
            purpose="identity",
            text_version="1",
            purposes=PURPOSES,
            now=clock.now,
        )
    assert refusal.value.code == "consent_outdated"


def test_consent_to_an_earlier_text_no_longer_counts(db: Database, clock: MovableClock, people: list[int]) -> None:
    earlier = {"identity": Purpose("identity", "1", {"zh": "旧", "en": "old"})}
    me = {"resident_id": people[0], "purpose": "identity", "now": clock.now}
    db.transact(consents.give, text_version="1", purposes=earlier, **me)
    with db.reading() as session:
        assert consents.given_purposes(session, resident_id=people[0], purposes=earlier)
        assert not consents.given_purposes(session, resident_id=people[0], purposes=PURPOSES)


def test_consent_to_an_unknown_purpose_is_404(db: Database, clock: MovableClock, people: list[int]) -> None:
    with pytest.raises(NotFound):
        db.transact(consents.withdraw, resident_id=people[0], purpose="x", purposes=PURPOSES, now=clock.now)


def invite(db: Database, vault: Vault, clock: MovableClock, resident: int) -> str:
    made = db.transact(partners.invite, vault, resident_id=resident, now=clock.now)
    with db.reading() as session:
        return partners.invitation(session, vault, resident_id=resident, invitation_id=made).code


def accept(db: Database, vault: Vault, clock: MovableClock, resident: int, code: str) -> int:
    return db.transact(partners.accept, vault, resident_id=resident, code=code, now=clock.now)


def test_partner_invitation_links_both_once(db: Database, vault: Vault, clock: MovableClock, people: list[int]) -> None:
    code = invite(db, vault, clock, people[0])
    assert accept(db, vault, clock, people[1], f" {code.lower()} ") == people[0]
    with db.reading() as session:
        assert queries.person(session, vault, people[0]).partner_id == people[1]
        assert queries.person(session, vault, people[1]).partner_id == people[0]
    with pytest.raises(NotFound):
        accept(db, vault, clock, people[2], code)
    with pytest.raises(Conflict, match="already_linked"):
        invite(db, vault, clock, people[0])


def test_partner_invitation_of_oneself_old_or_replaced_is_refused(
    db: Database, vault: Vault, clock: MovableClock, people: list[int]
) -> None:
    code = invite(db, vault, clock, people[0])
    with pytest.raises(Invalid, match="own_invitation"):
        accept(db, vault, clock, people[0], code)
    invite(db, vault, clock, people[0])
    with pytest.raises(NotFound):
        accept(db, vault, clock, people[1], code)
    newest = invite(db, vault, clock, people[0])
    clock.advance(timedelta(days=7))
    with pytest.raises(NotFound):
        accept(db, vault, clock, people[1], newest)


def test_partner_of_someone_else_cannot_accept_and_the_code_stays_good(
    db: Database, vault: Vault, clock: MovableClock, people: list[int]
) -> None:
    accept(db, vault, clock, people[1], invite(db, vault, clock, people[0]))
    code = invite(db, vault, clock, people[2])
    with pytest.raises(Conflict, match="already_linked"):
        accept(db, vault, clock, people[1], code)
    db.transact(partners.unlink, resident_id=people[1], now=clock.now)
    assert accept(db, vault, clock, people[0], code) == people[2]


def test_partner_race_of_two_acceptances_links_one(
    db: Database, vault: Vault, clock: MovableClock, people: list[int]
) -> None:
    codes = [invite(db, vault, clock, people[0]), invite(db, vault, clock, people[1])]

    def take(code: str) -> str:
        try:
            accept(db, vault, clock, people[2], code)
        except Problem as problem:
            return problem.code
        return "linked"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take, codes)) == ["already_linked", "linked"]


def test_export_holds_everything_for_7_days(db: Database, vault: Vault, clock: MovableClock, people: list[int]) -> None:
    identify(db, vault, people[0], clock)
    made = db.transact(export.request, resident_id=people[0], now=clock.now)
    assert db.transact(export.request, resident_id=people[0], now=clock.now) == made
    with db.reading() as session:
        assert export.read(session, vault, resident_id=people[0], export_id=made, now=clock.now).state == "preparing"
        assert session.scalars(select(Outbox.dedupe_key)).all() == [f"export:{made}"]
    db.transact(export.build, vault, export_id=made, collectors={"bookings": lambda *_: [1]}, now=clock.now)
    with db.reading() as session:
        card = export.read(session, vault, resident_id=people[0], export_id=made, now=clock.now)
        assert card.state == "ready"
        assert card.content is not None
        assert card.content["account"]["id_number"] == NUMBER
        assert card.content["bookings"] == [1]
        with pytest.raises(NotFound):
            export.read(session, vault, resident_id=people[1], export_id=made, now=clock.now)
    clock.advance(timedelta(days=7))
    assert db.transact(export.purge, now=clock.now) == 1
    with db.reading() as session:
        card = export.read(session, vault, resident_id=people[0], export_id=made, now=clock.now)
        assert (card.state, card.content) == ("expired", None)


def test_erasure_waits_for_open_cases(db: Database, clock: MovableClock, people: list[int]) -> None:
    with pytest.raises(Conflict) as refusal:
        db.transact(
            erasure.erase,
            resident_id=people[0],
            open_cases=["YG2611-7K2M9Q"],
            now=clock.now,
            at=system_clock(),
        )
    assert refusal.value.extra == {"applications": ["YG2611-7K2M9Q"]}
    assert "YG2611-7K2M9Q" in str(refusal.value.title)


def test_erasure_destroys_the_key_and_frees_number_document_and_partner(
    db: Database, vault: Vault, clock: MovableClock, people: list[int]
) -> None:
    identify(db, vault, people[0], clock)
    accept(db, vault, clock, people[1], invite(db, vault, clock, people[0]))
    pair = db.transact(sessions.begin, key=KEY, kind="resident", account_id=people[0], at=system_clock())
    db.transact(erasure.erase, resident_id=people[0], open_cases=[], now=clock.now, at=system_clock())
    with db.reading() as session:
        sid = pair.session.sid
        assert queries.live_session(session, sid=sid, kind="resident") is None
        with pytest.raises(NotFound):
            queries.person(session, vault, people[0])
        with pytest.raises(Unreadable):
            queries.seal_of(session, vault, people[0])
        row = session.get(Resident, people[0])
        assert row is not None
        kept = (row.key, row.mobile, row.name, row.id_number, row.mobile_index, row.id_index, row.name_masked)
        assert not any(kept)
        assert queries.person(session, vault, people[1]).partner_id is None
    identify(db, vault, people[1], clock)
    again = db.transact(service.ensure_resident, vault, mobile="13800000021", now=clock.now)
    assert again != people[0]
