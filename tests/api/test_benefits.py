"""Benefits and confirmations over HTTP: shapes, double presses, strangers, bad bodies."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend.accounts import queries as accounts
from backend.accounts.policy import id_index, mobile_index
from backend.applications.policy import Reviewer
from backend.benefits import campaigns
from backend.kernel import ids
from backend.kernel.clock import today
from backend.models.benefit import Confirmation, ConfirmationCampaign, Recipient
from backend.models.resident import Resident
from backend.models.staff import Staff
from tests import benefits as make
from tests.api.desk import Desk, problem
from tests.api.house import House, Phone
from tests.people import Cast, id_number

PERIODS = itertools.count()


@dataclass(frozen=True)
class Asked:
    """Somebody who has been asked: the phone, and the ids as the outside knows them."""

    phone: Phone
    confirmation: str
    recipient: str

    @property
    def path(self) -> str:
        return f"/confirmations/{self.confirmation}"


def cast_of(house: House) -> Cast:
    at = house.runtime
    cast = Cast(at.db, at.vault, at.clock)  # type: ignore[arg-type]
    with at.db.reading() as session:
        row = session.scalars(select(Staff).where(Staff.username == "xian")).one()
    cast.reviewers["county"] = Reviewer(row.id, row.level, row.region, row.post, None)
    return cast


@pytest.fixture
def asked(house: House) -> Asked:
    phone, cast, at = house.applicant(), cast_of(house), house.runtime
    with at.db.reading() as session:
        index = mobile_index(at.vault, phone.mobile)
        cast.residents["王㐂"] = session.scalars(select(Resident.id).where(Resident.mobile_index == index)).one()
        seal = accounts.seal_of(session, at.vault, cast.residents["王㐂"])
    mine = id_index(at.vault, "resident_id", id_number(phone.serial % 1000))
    who = make.recipient(cast, seal=seal, person_index=mine)
    return Asked(phone, ids.encode(at.db.transact(_open, cast, who)), ids.encode(who))


def _open(session: Any, cast: Cast, who: int) -> int:
    """A campaign of its own, so that each test meets a fresh one."""
    now = cast.clock()
    campaign = ConfirmationCampaign(
        id=ids.new_id(now), county=cast.reviewers["county"].region, service_item=make.AWARD,
        period=f"t{next(PERIODS)}", opened_by=1, opened_at=now, answer_by=today(now) + timedelta(days=60),
        reached=who - 1, opened=0,
    )  # fmt: skip
    session.add(campaign)
    session.flush()
    campaigns.open_piece(session, campaign_id=campaign.id, now=now)
    return session.scalars(
        select(Confirmation.id).where(Confirmation.campaign_id == campaign.id, Confirmation.recipient_id == who)
    ).one()


CHANGE = {"kinds": ["account"], "bank": "新银行", "account_number": "1111 2222 3333 4444"}


def test_my_benefits_and_the_confirmation_have_their_shapes(asked: Asked) -> None:
    (mine,) = (asked.phone.call("GET", "/benefits").json or {})["items"]
    assert (mine["status"], mine["yuan"], mine["account_masked"]) == ("current", 960, "****0000")
    one = asked.phone.call("GET", asked.path).json or {}
    assert (one["status"], one["allowed_actions"]) == ("asked", ["confirm", "change"])


def test_pressing_twice_confirms_once(asked: Asked) -> None:
    headers = {"Idempotency-Key": "press"}
    answers = [asked.phone.call("POST", f"{asked.path}/confirmation", headers=headers).json or {} for _ in range(2)]
    assert answers[0]["confirmed_at"] == answers[1]["confirmed_at"] is not None
    assert answers[0]["status"] == "confirmed"


def test_a_stranger_gets_404_everywhere(house: House, asked: Asked) -> None:
    stranger = house.applicant("陌生人")
    bodies = {"confirmation": None, "change": CHANGE, "offer": {"answer": "call"}}
    assert problem(stranger.call("GET", asked.path)) == (404, "not_found")
    assert problem(stranger.call("GET", f"/benefits/{asked.recipient}/record")) == (404, "not_found")
    for path, body in bodies.items():
        assert problem(stranger.call("POST", f"{asked.path}/{path}", body)) == (404, "not_found")


def test_nobody_and_residents_stay_out_of_the_staff_side(house: House, asked: Asked) -> None:
    for path in ("/staff/campaigns", "/staff/confirmations", f"/staff/recipients/{asked.recipient}?purpose=payment"):
        assert house.visitor().call("GET", path).status_code == 401
        assert asked.phone.call("GET", path).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kinds": []},
        {"kinds": ["gone"]},
        {"kinds": "account"},
        CHANGE | {"account_number": "１２"},
        CHANGE | {"extra": 1},
        {"kinds": ["died"], "died_on": "2099-01-01"},
        {"kinds": ["died"], "died_on": "2026-02-30"},
        {"kinds": ["other"], "words": "\u202e"},
    ],
)
def test_a_change_that_says_nothing_useful_is_422(asked: Asked, body: Any) -> None:
    assert asked.phone.call("POST", f"{asked.path}/change", body).status_code == 422


def test_a_change_is_reviewed_once_and_only_as_it_was_read(house: House, asked: Asked) -> None:
    assert asked.phone.call("POST", f"{asked.path}/change", CHANGE).status_code == 200
    zhen, path = house.clerk("zhen"), f"/staff/confirmations/{asked.confirmation}"
    case = zhen.call("GET", path).json or {}
    assert case["new_account"]["number"] == "1111222233334444"
    stale = zhen.call("POST", f"{path}/review", {"seen": "2026-01-01T00:00:00+00:00", "account": True})
    assert problem(stale) == (409, "change_renewed")
    seen = {"seen": case["changed_at"], "account": True}
    assert problem(house.clerk("cun").call("POST", f"{path}/review", seen)) == (403, "not_your_level")
    assert zhen.call("POST", f"{path}/review", seen).status_code == 200
    assert problem(house.clerk("xian").call("POST", f"{path}/review", seen)) == (409, "reviewed_already")
    (mine,) = (asked.phone.call("GET", "/benefits").json or {})["items"]
    assert mine["account_masked"] == "****4444"


def test_a_village_records_a_call_and_lists_no_silence(house: House, asked: Asked) -> None:
    cun = house.clerk("cun")
    listed = (cun.call("GET", "/staff/confirmations?limit=100").json or {})["items"]
    assert asked.confirmation not in [one["id"] for one in listed]
    path = f"/staff/confirmations/{asked.confirmation}/record"
    assert cun.call("POST", path, {"way": "call"}).status_code == 200
    assert problem(cun.call("POST", path, {"way": "call"})) == (409, "confirmed_already")
    assert (asked.phone.call("GET", asked.path).json or {})["confirmed_way"] == "call"


def test_a_look_needs_a_purpose(house: House, asked: Asked) -> None:
    path = f"/staff/recipients/{asked.recipient}"
    for query in ("", "?purpose=", "?purpose=curiosity"):
        assert house.clerk("zhen").call("GET", path + query).status_code == 422
    assert house.clerk("zhen").call("GET", f"{path}?purpose=payment").status_code == 200
    acts = (asked.phone.call("GET", f"/benefits/{asked.recipient}/record").json or {})["items"]
    assert acts[0]["act"] == "look.payment"


def test_an_end_a_class_and_an_account_go_through_staff(house: House, asked: Asked) -> None:
    zhen, path = house.clerk("zhen"), f"/staff/recipients/{asked.recipient}"
    day = today(house.runtime.clock()).isoformat()
    assert zhen.call("POST", f"{path}/account", {"bank": "某行", "account_number": "1"}).status_code == 422
    assert zhen.call("POST", f"{path}/class", {"amount_class": "golden", "on": day}).status_code == 422
    assert zhen.call("POST", f"{path}/end", {"reason": "silence", "on": day}).status_code == 422
    assert (zhen.call("POST", f"{path}/end", {"reason": "moved", "on": day}).json or {})["status"] == "ended"
    assert problem(zhen.call("POST", f"{path}/end", {"reason": "moved", "on": day})) == (409, "ended_already")


def test_an_account_with_a_benefit_is_not_erased(asked: Asked) -> None:
    assert problem(asked.phone.call("DELETE", "/me")) == (409, "open_benefit")


def test_recipients_are_searched_by_document_only_at_home(house: House, asked: Asked) -> None:
    body = {"id_number": id_number(asked.phone.serial % 1000)}
    found = house.clerk("cun").call("POST", "/staff/recipients/search", body).json or {}
    assert asked.recipient in [one["id"] for one in found["items"]]
    assert problem(house.clerk("cun").call("POST", "/staff/recipients/search", {"id_number": "1"}))[0] == 422


@pytest.mark.parametrize("query", ["", "?service_item=family-award&region=37", "?service_item=family-award&limit=0"])
def test_a_list_of_recipients_with_a_bad_query_is_422(house: House, query: str) -> None:
    assert house.clerk("zhen").call("GET", f"/staff/recipients{query}").status_code == 422


def test_only_the_county_begins_a_campaign(house: House) -> None:
    body = {"service_item": make.SUPPORT, "period": "2026", "answer_by": "2027-02-01"}
    assert problem(house.clerk("zhen").call("POST", "/staff/campaigns", body)) == (403, "not_your_level")
    xian: Desk = house.clerk("xian")
    assert xian.call("POST", "/staff/campaigns", body | {"period": "1"}).status_code == 422
    assert xian.call("POST", "/staff/campaigns", body).status_code == 201
    assert problem(xian.call("POST", "/staff/campaigns", body)) == (409, "campaign_exists")


def test_a_recipient_row_never_shows_an_account(house: House, asked: Asked) -> None:
    with house.runtime.db.reading() as session:
        assert "0000000000000000" not in session.get_one(Recipient, ids.decode(asked.recipient)).account
