"""The pages while the database is away."""

from __future__ import annotations

from typing import NoReturn

import pytest

from backend.kernel.errors import Unavailable
from backend.kernel.i18n import N_
from tests.h5.phone import Phone


def away() -> NoReturn:
    raise Unavailable("database_unavailable", N_("系统正忙，请过一会儿再试，已填的内容都在"), retry_after=5)


@pytest.mark.parametrize("path", ["/", "/applications", "/messages", "/me"])
def test_a_page_without_the_database_is_503_in_words(phone: Phone, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phone.runtime.db, "reading", away)
    answer = phone.get(path)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "再试一次" in answer.text
    assert 'href="tel:' in answer.text
