"""Every page, signed in and out, in both languages and in care mode."""

from __future__ import annotations

import re

import pytest

from backend.kernel import ids
from tests import factories
from tests.h5.phone import Phone
from tests.people import Cast, id_number

OPEN = (
    "/",
    "/services",
    "/services?q=证明",
    "/services?q=没有这样的事",
    "/services/migrant-proof",
    "/services/checkup",
    "/services/childcare-subsidy-guide",
    "/services/migrant-proof/check",
    "/services/childcare-subsidy-guide/check",
    "/verify",
    "/v/x.y.z",
    "/progress",
    "/privacy",
    "/login",
)
MINE = (
    "/",
    "/services/migrant-proof/start",
    "/services/migrant-proof/start?town=370402001",
    "/applications",
    "/certificates",
    "/messages",
    "/me",
    "/me/identity",
    "/me/consents",
    "/me/export",
    "/me/notifications",
    "/me/notifications/sent",
    "/me/erasure",
)
DRAFT = ("consents", "steps/place", "steps/marriage", "cosign", "materials", "mandate", "review", "discarding")
CASE = ("", "/receipt", "/copy", "/looks", "/withdrawal")
CHOICES = ({}, {"lang": "en"}, {"care": "1"})


def sound(page: str) -> bool:
    """A whole page: one heading, a phone number, the switches, nothing inline, nothing undefined."""
    return (
        page.count("<h1") == 1
        and 'href="tel:' in page
        and "care=" in page
        and "lang=" in page
        and not re.search(r"\sstyle=|<script(?![^>]*src=)|\son\w+=", page)
        and "None" not in page
        and "Undefined" not in page
    )


@pytest.mark.parametrize("choice", CHOICES, ids=("zh", "en", "care"))
def test_open_pages_render_for_anyone(stranger: Phone, choice: dict[str, str]) -> None:
    for name, value in choice.items():
        stranger.choose(name, value)
    assert [path for path in OPEN if not sound(stranger.page(path))] == []


@pytest.mark.parametrize("choice", CHOICES, ids=("zh", "en", "care"))
def test_own_pages_render_for_an_empty_account(phone: Phone, choice: dict[str, str]) -> None:
    for name, value in choice.items():
        phone.choose(name, value)
    assert [path for path in MINE if not sound(phone.page(path))] == []


@pytest.mark.parametrize("choice", CHOICES, ids=("zh", "en", "care"))
def test_pages_of_a_case_render(phone: Phone, cast: Cast, choice: dict[str, str]) -> None:
    for name, value in choice.items():
        phone.choose(name, value)
    draft, sent = factories.draft(cast), factories.submitted(cast)
    asked, done = factories.in_correction(cast), factories.issued(cast)
    paths = [f"/applications/{ids.encode(draft)}/{page}" for page in DRAFT]
    paths += [f"/applications/{ids.encode(sent.id)}{page}" for page in CASE]
    paths += [f"/applications/{ids.encode(asked.id)}{page}" for page in ("", "/correction", "/review", "/materials")]
    paths += [f"/applications/{ids.encode(done.id)}", "/applications", "/certificates", "/"]
    assert [path for path in paths if not sound(phone.page(path))] == []


def test_no_page_shows_a_whole_document_or_mobile_number(phone: Phone, cast: Cast) -> None:
    sent, draft = factories.submitted(cast), factories.draft(cast)
    paths = [f"/applications/{ids.encode(sent.id)}{page}" for page in CASE]
    paths += [f"/applications/{ids.encode(draft)}/{page}" for page in DRAFT] + list(MINE)
    text = "".join(phone.page(path) for path in paths)
    assert id_number(7) not in text
    assert "13800000007" not in text
    assert "王㐂" not in text


def test_anothers_case_looks_like_none(phone: Phone, cast: Cast) -> None:
    other = factories.submitted(cast, "欧阳明", serial=8)
    for page in (*CASE, "/correction", "/materials", "/review", "/resume"):
        assert phone.get(f"/applications/{ids.encode(other.id)}{page}").status_code == 404


@pytest.mark.parametrize("path", MINE[1:])
def test_own_pages_ask_a_stranger_to_sign_in(stranger: Phone, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/login?next=/")


@pytest.mark.parametrize(("path", "status"), [("/nope", 404), ("/applications/１", 404), ("/services/nope", 404)])
def test_a_wrong_address_is_a_page_with_a_phone_number(stranger: Phone, path: str, status: int) -> None:
    answer = stranger.get(path)
    assert answer.status_code == status
    assert sound(answer.text)
