"""The form of a report that names a woman: it comes back with all that was typed and the spots marked above the box."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from backend.app import create_app
from backend.models.tip import Tip
from config.settings import Settings
from tests import tipping

TEXT = "\r\n  周六下午，孕妇张小红进去了。\r\n<b>收三千</b>，证件 000000 19900101 0016 被拍了照"


@pytest.fixture
def app(sqlite_settings: Settings) -> Flask:
    return create_app(sqlite_settings)


def sent(app: Flask, **fields: str) -> str:
    form = {"category": "sex_determination", "kind": "institution", "name": "河边诊所", "region": "370402001000"}
    ticket = re.search(r'name="ticket" value="([^"]+)"', app.test_client().get("/tips/new").text)
    assert ticket is not None
    body = form | {"text": TEXT, "altcha": tipping.worked(app), "ticket": ticket[1]} | fields
    answer = app.test_client().post("/tips/new", data=body)
    assert answer.status_code == 422
    with tipping.line(app).db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Tip)) == 0
    return answer.text


def test_spots_are_marked_above_the_box_and_the_words_stay_in_it(app: Flask) -> None:
    page = sent(app)
    marks = page[page.index('id="m-text"') : page.index('<textarea class="input" id="f-text"')]
    assert re.findall(r"<mark>([^<]*)</mark>", marks) == ["张小红", "000000 19900101 0016"]
    assert "&lt;b&gt;收三千&lt;/b&gt;" in marks
    box = page[page.index('id="f-text"') :]
    assert "周六下午，孕妇张小红进去了。\n&lt;b&gt;收三千&lt;/b&gt;，证件 000000 19900101 0016" in box


def test_box_says_what_is_wrong_to_those_who_listen(app: Flask) -> None:
    box = re.search(r'<textarea class="input" id="f-text"[^>]*>', sent(app))
    assert box is not None
    assert 'aria-describedby="h-text e-text m-text" aria-invalid="true"' in box.group()


def test_every_field_is_marked_where_it_stands(app: Flask) -> None:
    page = sent(app, text="有人做鉴定", name="孕妇王丽", contacts="13800000000\n微信 000000199001010016")
    assert set(re.findall(r'id="m-(\w+)"', page)) == {"name", "contacts"}
    assert re.findall(r"<mark>([^<]*)</mark>", page) == ["王丽", "000000199001010016"]
    assert 'value="孕妇王丽"' in page


def test_title_is_kind_and_says_that_nothing_is_stored(app: Flask) -> None:
    page = sent(app)
    assert "举报不需要写孕妇是谁" in page
    assert "我们什么也没有存" in page
