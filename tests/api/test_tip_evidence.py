"""Handing in evidence: by content, in memory, with a token and nothing else of the sender."""

from __future__ import annotations

import io
import json
import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug import formparser
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from backend.kernel import sealing
from backend.models.tip import TipChunk, TipEntry
from backend.tips import filing, mailboxes, tokens
from backend.tips.codes import NewMailbox
from backend.tips.filing import Report, Target
from backend.tips.tokens import Holder
from backend.tips_app import LARGEST_BODY, create_tips_app
from backend.tips_runtime import TipsRuntime, build_tips_runtime
from config.settings import Settings
from tests import evidence_files as made, files
from tests.clock import MovableClock

PATH = "/api/v1/tips/evidence"
DAY = date(2026, 11, 23)
FORM = "multipart/form-data; boundary=b"
HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'


@dataclass
class Reporter:
    """The holder of an opened mailbox."""

    line: TipsRuntime
    app: Any
    holder: Holder

    @property
    def token(self) -> str:
        day = self.line.today
        return tokens.seal(self.holder, day_key=self.line.days.current(day), now=self.line.clock())

    def send(
        self, content: bytes | None, called: str = "DCIM/IMG_20261112.jpg", token: str = "", **form: str
    ) -> TestResponse:
        client: FlaskClient = self.app.test_client(use_cookies=False)
        data: dict[str, Any] = dict(form)
        if content is not None:
            data["file"] = (io.BytesIO(content), called)
        return client.post(
            PATH, data=data, headers={"Tip-Token": token or self.token}, content_type="multipart/form-data"
        )

    def count(self, model: type) -> int:
        with self.line.db.reading() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def reporter(settings: Settings, clock: MovableClock) -> Iterator[Reporter]:
    line = build_tips_runtime(settings.tips, clock=clock)
    pair = sealing.new_pair()
    tip_id = line.db.transact(
        filing.file,
        keys=line.keys,
        offline=line.offline,
        county="370402",
        report=Report(Target("institution", "河边诊所", "370402001000"), "sex_determination", "二楼"),
        opening={"salt": ""},
        mailbox=NewMailbox("0" * 64, b"salt", pair.public),
        consume=lambda session: None,
        day=DAY,
    )
    yield Reporter(line, create_tips_app(line), Holder(tip_id, 1, pair.private))
    line.db.dispose()


def refused(answer: TestResponse) -> tuple[int, str]:
    details = answer.json or {}
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, str(details["code"])


@pytest.mark.parametrize("make", [made.jpeg, made.pdf, made.mp3], ids=["picture", "paper", "recording"])
def test_evidence_handed_in_stands_in_the_mailbox_without_its_file_name(reporter: Reporter, make: Any) -> None:
    answer = reporter.send(make(), called="小明的手机.jpg", name="收费单")
    assert answer.status_code == 201, answer.text
    assert answer.json == {
        "id": answer.json["id"], "kind": "evidence", "author": "reporter", "day": "2026-11-23", "text": "收费单",
    }  # fmt: skip
    with reporter.line.db.reading() as session:
        entry = mailboxes.show(session, holder=reporter.holder).entries[-1]
    assert set(entry.content or {}) == {"name", "mime", "size", "pages", "seconds"}
    assert "小明" not in json.dumps(entry.content, ensure_ascii=False)


WRONG = {
    "office": (made.office(), 415, "file_type"),
    "html": (files.HTML, 415, "file_type"),
    "empty": (b"", 422, "file_rejected"),
    "bomb": (files.bomb_png(14_000), 422, "file_rejected"),
    "locked": (files.pdf(password="geheim"), 422, "file_rejected"),
    "20 MB and a byte": (files.jpeg() + bytes(20 * 2**20), 413, "file_too_large"),
    "beyond the body": (bytes(LARGEST_BODY + 1), 413, "file_too_large"),
    "none": (None, 422, "invalid_input"),
}


@pytest.mark.parametrize(("content", "status", "code"), WRONG.values(), ids=WRONG)
def test_evidence_that_is_not_taken_leaves_nothing(reporter: Reporter, content: bytes, status: int, code: str) -> None:
    assert refused(reporter.send(content, name="收费单")) == (status, code)
    assert (reporter.count(TipEntry), reporter.count(TipChunk)) == (1, 0)


def test_evidence_without_a_form_is_malformed(reporter: Reporter) -> None:
    client = reporter.app.test_client(use_cookies=False)
    answer = client.post(PATH, json={"file": "x"}, headers={"Tip-Token": reporter.token})
    assert refused(answer) == (400, "malformed")


def test_evidence_named_after_a_woman_is_refused_with_the_spots(reporter: Reporter) -> None:
    answer = reporter.send(files.jpeg(), name="孕妇张小花的单子")
    assert refused(answer) == (422, "third_party")
    assert (answer.json or {})["spots"]["name"]
    assert reporter.count(TipChunk) == 0


def test_evidence_without_a_token_is_the_same_404_as_a_wrong_code(reporter: Reporter, clock: MovableClock) -> None:
    old = reporter.token
    for token in ("x", "2026-11-23.AAAA", reporter.token[:-2] + "AA"):
        assert refused(reporter.send(files.jpeg(), token=token)) == (404, "tip_not_found")
    clock.advance(timedelta(hours=1, seconds=1))
    assert refused(reporter.send(files.jpeg(), token=old)) == (404, "tip_not_found")
    gone = replace(reporter, holder=replace(reporter.holder, generation=2))
    assert refused(gone.send(files.jpeg())) == (404, "tip_not_found")


def test_evidence_of_20_mb_never_touches_a_disk(reporter: Reporter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Werkzeug's own way writes what is above 500 kB to a temporary file, in the clear."""

    def on_disk(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file")

    for name in ("TemporaryFile", "SpooledTemporaryFile", "NamedTemporaryFile", "mkstemp", "mkdtemp"):
        monkeypatch.setattr(tempfile, name, on_disk)
    monkeypatch.setattr(formparser, "SpooledTemporaryFile", on_disk)
    with pytest.raises(AssertionError, match="temporary"):
        formparser.default_stream_factory(20 * 2**20, None, "a.jpg")
    picture = files.jpeg()
    body = HEAD + picture + bytes(20 * 2**20 - len(picture)) + b"\r\n--b--\r\n"
    client = reporter.app.test_client(use_cookies=False)
    answer = client.post(PATH, data=body, content_type=FORM, headers={"Tip-Token": reporter.token})
    assert answer.status_code == 201


def test_evidence_form_of_many_files_is_refused_before_it_takes_all_descriptors(reporter: Reporter) -> None:
    client = reporter.app.test_client(use_cookies=False)
    data = {"file": [(io.BytesIO(b"x"), "a.jpg") for _ in range(500)]}
    answer = client.post(PATH, data=data, headers={"Tip-Token": reporter.token})
    assert answer.status_code == 413


def test_evidence_of_a_client_that_stops_half_way_leaves_no_row(reporter: Reporter) -> None:
    server = make_server("127.0.0.1", 0, reporter.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with socket.create_connection(("127.0.0.1", server.server_port)) as line:
            fields = f"POST {PATH} HTTP/1.1\r\nHost: a\r\nTip-Token: {reporter.token}\r\n"
            line.sendall(f"{fields}Content-Type: {FORM}\r\nContent-Length: 900000\r\n\r\n".encode() + HEAD)
            line.sendall(files.jpeg())
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert (reporter.count(TipEntry), reporter.count(TipChunk)) == (1, 0)
    assert reporter.send(files.jpeg()).status_code == 201
