"""Reply templates at the console: kept by an office, used by it and those below."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests import factories
from tests.h5.clerk import Clerk, address
from tests.people import Cast

WORDS = {"decision": "reject", "title": "不符合条件", "note": "户籍不在本区"}


@pytest.fixture
def cun(app: Flask, cast: Cast) -> Clerk:
    return Clerk(app).sit_down(cast.reviewers["village"].id)


@pytest.fixture
def zhen(app: Flask, cast: Cast) -> Clerk:
    return Clerk(app).sit_down(cast.reviewers["town"].id)


def test_an_office_without_templates_is_told_what_they_are(cun: Clerk) -> None:
    assert "本办公室还没有常用语" in cun.page("/staff/templates")


def test_a_template_is_kept_changed_and_taken_away(cun: Clerk) -> None:
    assert cun.post("/staff/templates", **WORDS).status_code == 303
    where = re.search(r'href="(/staff/templates/[0-9a-z]{13})"', cun.page("/staff/templates"))
    assert where
    assert "户籍不在本区" in cun.page(where[1])
    changed = cun.post(where[1], **WORDS | {"title": "不在本区", "version": "1"})
    assert changed.status_code == 303
    assert cun.post(where[1], **WORDS | {"version": "1"}).status_code == 412
    assert "不在本区" in cun.page("/staff/templates")
    assert cun.post(f"{where[1]}/removal").status_code == 303
    assert "不在本区" not in cun.page("/staff/templates")


def test_an_unfinished_template_keeps_its_words(cun: Clerk) -> None:
    answer = cun.post("/staff/templates", **WORDS | {"title": " "})
    assert answer.status_code == 422
    assert "户籍不在本区" in answer.text


def test_the_offices_below_use_it_and_cannot_change_it(cun: Clerk, zhen: Clerk) -> None:
    zhen.post("/staff/templates", **WORDS)
    where = re.search(r'href="(/staff/templates/[0-9a-z]{13})"', zhen.page("/staff/templates"))
    assert where
    assert "上级的，可以直接用" in cun.page("/staff/templates")
    assert cun.get(where[1]).status_code == 404
    assert cun.post(where[1], **WORDS).status_code == 404
    assert cun.post(f"{where[1]}/removal").status_code == 404


def test_a_template_fills_the_decision_form(cun: Clerk, cast: Cast) -> None:
    photo, row = factories.photo(cast), factories.submitted(cast)
    fields = {"decision": "request_correction", "item": "migrant-proof", "title": "照片", "note": "照片看不清"}
    cun.post("/staff/templates", **fields, **{f"reason.{photo}": "请重拍一张"})
    factories.claim(cast, row.number or "", cast.reviewers["village"])
    link = re.search(r'href="([^"]+\?template=[0-9a-z]{13})#decide"', cun.page(address(row.number)))
    assert link
    page = cun.page(link[1])
    assert "照片看不清</textarea>" in page
    assert 'value="请重拍一张"' in page
    assert cun.get(address(row.number, "?template=0000000000000")).status_code == 200
