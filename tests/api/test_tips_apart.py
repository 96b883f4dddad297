"""The rest of the house knows nothing of a tip: no row, key, number, line or file of it changes."""

from __future__ import annotations

import contextlib
import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client import REGISTRY
from redis import Redis

from backend.kernel.errors import Unavailable
from backend.models.base import Base
from backend.models.tip import TipsBase
from backend.web.context import EXTENSION
from tests import evidence_files, tipping, traces
from tests.api.house import House
from tests.reporter import WORDS
from tests.spied import FILING, INBOX, NEEDLES, SPIED, call, contents, filed, opened, report
from workers import tips as sweeps


@pytest.fixture
def app(house: House) -> Flask:
    return house.app


def journey(app: Flask) -> str:
    """File, look, hand in, write, a new code, take back; also what is refused."""
    code = filed(app)
    token = opened(app, code)
    headers = {"Tip-Token": token}
    picture = {"file": (io.BytesIO(evidence_files.jpeg()), WORDS["file name"]), "name": WORDS["evidence"]}
    client = app.test_client(use_cookies=False)
    assert client.post(f"{FILING}/evidence", data=picture, headers=headers, environ_overrides=SPIED).status_code == 201
    assert call(app, f"{FILING}/messages", {"text": WORDS["message"]}, headers=headers).status_code == 201
    assert call(app, body=report(app, text=f"{WORDS['refused']}，孕妇王小丽")).status_code == 422
    assert call(app, INBOX, {"receipt_code": "1" * 28}).status_code == 404
    renewed = call(app, f"{FILING}/receipt-renewal", {}, headers=headers)
    assert renewed.status_code == 201
    last: str = (renewed.json or {})["receipt_code"]
    return last


def test_main_database_and_broker_do_not_change_by_a_tip(house: House, app: Flask) -> None:
    main = app.extensions[EXTENSION].db
    before = contents(main, Base.metadata)
    with Redis.from_url(house.runtime.settings.redis_url) as broker:
        keys = broker.keys("*")
        call(app, f"{FILING}/withdrawal", headers={"Tip-Token": opened(app, journey(app), "")})
        assert broker.keys("*") == keys
    assert contents(main, Base.metadata) == before


def test_numbers_of_the_house_do_not_change_by_a_tip(app: Flask) -> None:
    def numbers() -> list[str]:
        pages = [app.test_client().get(path).text for path in ("/metrics", "/readyz", "/healthz")]
        pages = [re.sub(r"(?m)^yangguang_outbox_oldest_seconds\{.*", "", page) for page in pages]  # it tells the time
        return [*pages, str([metric.name for metric in REGISTRY.collect()])]

    before = numbers()
    journey(app)
    assert numbers() == before
    assert [word for text in before for word in re.findall(r"tip\w*", text)] in (["tips"], ["tips", "tips", "tip"])


def test_nothing_is_logged_and_no_file_is_written_by_a_tip(
    house: House, said: list[logging.LogRecord], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    room = tmp_path / "temporary"
    room.mkdir()
    monkeypatch.setenv("TMPDIR", str(room))
    monkeypatch.setattr("tempfile.tempdir", None)
    data = house.runtime.settings.data_dir
    before = set(data.rglob("*"))
    journey(house.app)
    assert [record.getMessage() for record in said] == []
    assert set(data.rglob("*")) | set(room.rglob("*")) == before


def test_nothing_of_a_tip_can_be_read_in_its_tables(app: Flask) -> None:
    code = journey(app)
    rows = "\n".join(str(contents(tipping.line(app).db, TipsBase.metadata)))
    assert traces.hits(rows.encode(), NEEDLES | traces.needles({"code": code, "secret": code[8:]})) == []


@pytest.mark.parametrize(("drawn", "written"), [(0, True), (1, False)])
def test_cover_comes_by_chance_and_is_no_clock(
    house: House, monkeypatch: pytest.MonkeyPatch, drawn: int, written: bool
) -> None:
    monkeypatch.setattr("workers.tips.secrets.randbelow", lambda _: drawn)
    before = contents(house.runtime.tips.db, TipsBase.metadata)["tip_state"]
    sweeps.cover(house.runtime)
    assert (contents(house.runtime.tips.db, TipsBase.metadata)["tip_state"] != before) == written


def test_server_shared_with_the_main_database_is_warned_of(house: House) -> None:
    """Their changes lie in one log there, and those of the main database carry the second."""
    warnings = (house.app.test_client().get("/readyz").json or {})["warnings"]
    assert [warning for warning in warnings if warning.startswith("tips: on the server of the main database")]


def test_database_of_tips_out_does_not_take_the_house_along(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextlib.contextmanager
    def refused() -> Iterator[None]:
        raise Unavailable("database_unavailable", "x")
        yield

    monkeypatch.setattr(house.runtime.tips.db, "reading", refused)
    answer = house.app.test_client().get("/readyz")
    assert (answer.status_code, (answer.json or {})["checks"]["tips"]) == (200, "out")
