"""What a weak line has to carry, and how long it is kept."""

from __future__ import annotations

import gzip
import re

import pytest

from backend.kernel import ids
from h5.assets import asset
from tests import factories
from tests.h5.phone import Phone
from tests.people import Cast

KB = 1000
LINK = re.compile(r'(?:href|src)="(/assets/[^"#]+)')


def weight(phone: Phone, path: str) -> tuple[int, int]:
    """Bytes of a first visit (page and assets, compressed) and of a second (the page alone)."""
    headers = {"Accept-Encoding": "gzip"}
    answer = phone.get(path, headers=headers)
    page = gzip.decompress(answer.data).decode()
    links = {phone.get(link, headers=headers).content_length or 0 for link in set(LINK.findall(page))}
    return len(answer.data) + sum(links), len(answer.data)


def test_all_styles_fit_into_nine_kilobytes() -> None:
    assert len(asset("app.css").packed) <= 9 * KB


def test_home_is_light(stranger: Phone) -> None:
    first, second = weight(stranger, "/")
    assert first <= 45 * KB
    assert second <= 6 * KB


def test_a_form_is_light(phone: Phone, cast: Cast) -> None:
    case = ids.encode(factories.draft(cast))
    first, second = weight(phone, f"/applications/{case}/steps/place")
    assert first <= 60 * KB
    assert second <= 6 * KB


@pytest.mark.parametrize("name", ["app.css", "app.js", "wechat.js", "icons.svg", "icon.svg"])
def test_an_asset_is_kept_for_ever_under_its_own_name(stranger: Phone, name: str) -> None:
    answer = stranger.get(f"/assets/{asset(name).digest}/{name}")
    assert "immutable" in answer.headers["Cache-Control"]
    assert "immutable" not in stranger.get(f"/assets/0000000000/{name}").headers["Cache-Control"]


def test_an_unknown_asset_is_404(stranger: Phone) -> None:
    assert stranger.get("/assets/0000000000/other.css").status_code == 404


@pytest.mark.parametrize("name", ["app.js", "wechat.js"])
def test_scripts_need_no_eval_and_write_no_style(name: str) -> None:
    script = asset(name).content.decode()
    assert not re.search(r"\beval\(|new Function|\.style\b|insertAdjacentHTML", script)
