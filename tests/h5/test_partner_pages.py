"""One of a couple invites with a link and a QR code, the other accepts and agrees to what they choose."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from backend.accounts import consents, service
from tests import booking
from tests.h5.phone import Phone, hidden
from tests.h5.test_pages_render import CHOICES, sound
from tests.people import Cast

PAGE = "/me/partner"


@pytest.fixture
def wife(app: Flask, cast: Cast) -> Phone:
    """Signed in, and has agreed to nothing yet."""
    who = cast.run(service.ensure_resident, vault=cast.vault, mobile="13900000001", now=cast.clock())
    cast.residents["李䶮"] = who
    return Phone(app).enter(who)


def invited(phone: Phone, came: str = "") -> str:
    """The address of a fresh invitation, as its page shows it."""
    phone.post(f"{PAGE}/invitation", **({"next": came} if came else {}))
    page = phone.page(f"{PAGE}?next={came}" if came else PAGE)
    return re.search(r'readonly value="https?://[^/]+([^"]+)"', page)[1]  # type: ignore[index]


def agreed(cast: Cast, who: int) -> set[str]:
    with cast.db.reading() as session:
        return set(consents.given_purposes(session, resident_id=who, purposes=cast.purposes))


@pytest.mark.parametrize("choice", CHOICES)
def test_pages_of_a_couple_are_sound(phone: Phone, wife: Phone, choice: dict[str, str]) -> None:
    for name, value in choice.items():
        phone.choose(name, value)
        wife.choose(name, value)
    assert sound(phone.page(PAGE))
    link = invited(phone)
    assert sound(phone.page(PAGE))
    assert sound(wife.page(link))
    wife.post(link)
    assert sound(phone.page(PAGE))


def test_invitation_is_a_code_a_link_and_a_picture(phone: Phone, wife: Phone) -> None:
    link = invited(phone)
    page = phone.page(PAGE)
    assert 'src="data:image/svg+xml;base64,' in page
    assert f'<b class="num" translate="no">{link.rpartition("/")[2]}</b>' in page
    assert "王* 邀请您一起办" in wife.page(link)


def test_partner_agrees_to_what_was_ticked_and_to_nothing_else(cast: Cast, phone: Phone, wife: Phone) -> None:
    link = invited(phone)
    page = wife.page(link)
    assert {"version.identity", "version.health"} <= set(hidden(page))
    wife.post(link, data={**hidden(page), "consents.health": "yes"})
    assert agreed(cast, cast.residents["李䶮"]) == {"health"}
    assert "和 李䶮" not in phone.page(PAGE)
    assert "已关联" in phone.page(PAGE)


def test_partner_may_accept_without_agreeing(cast: Cast, phone: Phone, wife: Phone) -> None:
    assert wife.post(invited(phone)).location == "/me?said=partner"
    assert agreed(cast, cast.residents["李䶮"]) == set()


def test_invitation_from_the_checkup_leads_back_to_it(phone: Phone, wife: Phone) -> None:
    link = invited(phone, "/checkup/demo-a")
    assert link.endswith("?for=checkup")
    accepted = wife.post(link, data=hidden(wife.page(link)))
    assert accepted.location == "/checkup?said=partner"
    assert 'href="/checkup/demo-a"' in phone.page(f"{PAGE}?next=/checkup/demo-a")


def test_link_of_another_site_is_not_gone_on_to(phone: Phone) -> None:
    assert phone.post(f"{PAGE}/ending", next="https://evil.example/checkup").location == f"{PAGE}?said=unlinked"


def test_each_reason_against_an_invitation_has_its_own_words(app: Flask, cast: Cast, phone: Phone, wife: Phone) -> None:
    link = invited(phone)
    own = phone.get(link).text
    assert "您自己发出的邀请" in own
    assert not re.search("接受后|接受邀请", own)
    newer = invited(phone)
    assert "过期了，或者爱人换了新的" in wife.get(link).text
    assert wife.post(newer).status_code == 303
    third = Phone(app).enter(booking.guest(cast, 20))
    answers = [third.get(newer), third.post(newer), wife.get(newer), third.get("/partner-invitations/AAAAAAAAAA")]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert [answer.text.count("已经接受过了") for answer in answers] == [1, 1, 1, 0]
    assert "不对，请对照" in answers[3].text


def test_invitation_is_good_for_a_week(cast: Cast, phone: Phone, wife: Phone) -> None:
    link = invited(phone)
    cast.clock.advance(timedelta(days=7))
    assert "过期了" in wife.post(link).text
    assert "readonly" not in phone.page(PAGE)


def test_couple_ends_the_link_and_keeps_its_booking(app: Flask, cast: Cast) -> None:
    booking.open_stations(cast)
    mine, theirs = booking.couple(cast)
    made = booking.booked(cast, mine, partner=True)
    phone = Phone(app).enter(theirs)
    phone.post(f"{PAGE}/ending")
    assert "邀请爱人" in phone.page(PAGE)
    assert booking.load(cast, made).status == "confirmed"
