"""Every form asks for its CSRF value; whatever is typed comes back as text."""

from __future__ import annotations

import pytest

from backend.kernel import ids
from tests import factories
from tests.h5.phone import Phone
from tests.people import Cast

EVIL = "\"><script>alert(1)</script><img src=x onerror='x'>"
POSTS = ("/login/code", "/login", "/logout", "/verify", "/progress", "/services/migrant-proof/check")
OWN_POSTS = (
    "/services/migrant-proof/start",
    "/me/identity",
    "/me/export",
    "/me/erasure",
    "/me/consents/identity/withdrawal",
)
CASE_POSTS = (
    "/consents",
    "/steps/place",
    "/steps/place/autosave",
    "/submission",
    "/resubmission",
    "/materials",
    "/mandate",
    "/mandate/removal",
    "/cosign",
    "/withdrawal",
    "/discarding",
)


@pytest.mark.parametrize("path", POSTS)
def test_an_open_form_without_csrf_is_refused(stranger: Phone, path: str) -> None:
    assert stranger.post(path, bare=True).status_code == 403


@pytest.mark.parametrize("path", OWN_POSTS)
def test_an_own_form_without_csrf_is_refused(phone: Phone, path: str) -> None:
    phone.csrf()
    assert phone.post(path, bare=True).status_code == 403
    assert phone.post(path, bare=True, csrf_token="x.y").status_code == 403


def test_a_form_of_a_case_without_csrf_is_refused(phone: Phone, cast: Cast) -> None:
    case = f"/applications/{ids.encode(factories.draft(cast))}"
    assert {phone.post(f"{case}{path}", bare=True).status_code for path in CASE_POSTS} == {403}


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/login/code", "mobile"),
        ("/verify", "number"),
        ("/progress", "number"),
        ("/me/identity", "name"),
        ("/me/identity", "id_number"),
        ("/services/migrant-proof/check", "born_on.y"),
    ],
)
def test_html_in_a_field_comes_back_as_text(phone: Phone, path: str, field: str) -> None:
    phone.leave() if path.startswith("/login") else None
    answer = phone.post(path, data={field: EVIL})
    assert "<script>alert" not in answer.text
    assert "<img src=x" not in answer.text


def test_html_in_every_question_comes_back_as_text(phone: Phone, cast: Cast) -> None:
    case = f"/applications/{ids.encode(factories.draft(cast))}"
    for step, names in {"place": ["current_address"], "purpose": ["purpose", "recipient"]}.items():
        answer = phone.post(f"{case}/steps/{step}", data={"shown": names, **dict.fromkeys(names, EVIL)})
        assert "<script>alert" not in answer.text
    assert "<script>alert" not in phone.page(f"{case}/review")


def test_html_in_a_search_comes_back_as_text(stranger: Phone) -> None:
    assert "<script>alert" not in stranger.page(f"/services?q={EVIL}")


def test_pages_carry_a_strict_policy(stranger: Phone) -> None:
    policy = stranger.get("/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy


def test_language_is_a_choice_and_not_a_header(stranger: Phone) -> None:
    assert 'lang="zh-CN"' in stranger.get("/", headers={"Accept-Language": "en"}).text
    assert 'lang="en"' in stranger.page("/?lang=en")
    assert 'lang="en"' in stranger.page("/services")


def test_care_mode_stays_until_it_is_switched_off(stranger: Phone) -> None:
    assert stranger.get("/mode?care=1&next=/services").headers["Location"] == "/services"
    assert 'class="care"' in stranger.page("/")
    stranger.get("/mode?care=0&next=//evil.example")
    assert 'class="care"' not in stranger.page("/")
