"""The tip line as its own office would spy on it: nothing of who calls is seen, said, counted or kept."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

import backend.tips_app
from backend.models.tip import TipsBase
from backend.tips import entries, mailboxes
from backend.web import tips_skin
from tests import tipping, traces
from tests.api.house import House
from tests.reporter import WORDS
from tests.spied import FILING, INBOX, NEEDLES, REPORT, SPIED, call, contents, filed, opened, report

#: One line of a log: a kind of error and places. No time, no value.
LINE = re.compile(r"[A-Za-z]+ at [\w<>.]+:\d+( < [\w<>.]+:\d+)*")


@pytest.fixture
def app(house: House) -> Flask:
    return house.app


def whole(answer: TestResponse) -> tuple[str, list[tuple[str, str]], bytes]:
    return answer.status, list(answer.headers), answer.data


# Nobody looks at who calls


def test_app_gets_a_dozen_names_and_nothing_of_the_caller(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, str] = {}
    inner = tips_skin.Padded.__call__

    def spy(self: Any, environ: dict[str, Any], start: Any) -> Any:
        seen.update({name: repr(value) for name, value in environ.items()})
        return inner(self, environ, start)

    monkeypatch.setattr(tips_skin.Padded, "__call__", spy)
    assert call(app, "/tips", method="GET").status_code == 200
    assert set(seen) <= {*tips_skin.KNOWN, "HTTP_HOST", "HTTP_ACCEPT_LANGUAGE", tips_skin.IN_WECHAT}
    assert traces.hits("\n".join(seen.values()).encode(), NEEDLES) == []
    assert (seen["HTTP_ACCEPT_LANGUAGE"], seen[tips_skin.IN_WECHAT]) == ("'zh'", "True")


@pytest.mark.parametrize("path", ["/tips", "/tips/new", "/tips/no-such-page", "/api/v1/tips/keys"])
def test_answer_is_the_same_whoever_asks(app: Flask, path: str) -> None:
    """But for the WeChat page, which asks to leave WeChat. A fresh ticket and a fresh challenge are of any visit."""
    plain = {"HTTP_ACCEPT_LANGUAGE": "zh", "HTTP_USER_AGENT": "x"}
    mine = SPIED | {"HTTP_USER_AGENT": "another-browser"}
    one, two = (call(app, path, method="GET", environ_overrides=environ) for environ in (plain, mine))
    fresh = re.compile(rb'value="[\w-]{48}"|data-challenge="[^"]{300,400}"')
    assert one.status_code < 500
    assert (one.status, list(one.headers)) == (two.status, list(two.headers))
    assert len(one.data) == len(two.data)
    assert fresh.sub(b"", one.data) == fresh.sub(b"", two.data)


@pytest.mark.parametrize("language", ["", "x" * 5000, "zh;q=nan", ",,;;==", "en;q=-1", "\x7f", "zh-é", "*;q=1e999"])
def test_language_header_is_no_door(app: Flask, language: str) -> None:
    environ = {"HTTP_ACCEPT_LANGUAGE": language.encode().decode("latin-1")}
    assert call(app, "/tips", method="GET", environ_overrides=environ).status_code == 200


@pytest.mark.parametrize(
    "query", [f"code={WORDS['query']}", "receipt_code=1", "lang=fr", "lang=zh&lang=en", "a", "%ff=%00", "care=2"]
)
@pytest.mark.parametrize("path", ["/tips", "/api/v1/tips/challenge", INBOX, FILING])
def test_address_with_content_is_400_and_in_no_log(
    app: Flask, said: list[logging.LogRecord], path: str, query: str
) -> None:
    method = "POST" if path in (INBOX, FILING) else "GET"
    answer = call(app, f"{path}?{query}", {} if method == "POST" else None, method)
    assert answer.status_code == 400
    assert WORDS["query"] not in answer.text
    assert said == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "GET"])
def test_other_methods_are_405_and_say_nothing(app: Flask, said: list[logging.LogRecord], method: str) -> None:
    answer = call(app, INBOX, method=method, data=WORDS["text"].encode())
    assert answer.status_code in (200, 405)
    assert (answer.status_code == 405) != (method == "OPTIONS")
    assert traces.hits(answer.data, NEEDLES) == []
    assert said == []


# Answers tell nothing by their form


def tokens_that_are_none(house: House) -> dict[str, str]:
    """Tokens of a withdrawn, a renewed and a forgotten mailbox, and others."""
    app = house.app
    withdrawn, renewed, old = (opened(app, filed(app)) for _ in range(3))
    assert call(app, f"{FILING}/withdrawal", headers={"Tip-Token": withdrawn}).status_code == 200
    assert call(app, f"{FILING}/receipt-renewal", {}, headers={"Tip-Token": renewed}).status_code == 201
    house.advance(timedelta(minutes=61))
    day, _, sealed = old.partition(".")
    found = {
        "withdrawn": withdrawn,
        "renewed": renewed,
        "old": old,
        "none": "",
        "words": WORDS["text"],
        "long": "9" * 9000,
    }
    found |= {"cut": old[:-3], "another day": f"2026-01-01.{sealed}", "bent": f"{day}.{sealed[::-1]}"}
    return {name: token.encode().decode("latin-1") for name, token in found.items()}


def test_every_token_that_is_none_gets_one_answer(house: House, app: Flask) -> None:
    for name, token in tokens_that_are_none(house).items():
        answers = {
            path: call(app, f"{FILING}/{path}", body, environ_overrides=SPIED | {"HTTP_TIP_TOKEN": token})
            for path, body in (("messages", {"text": "x"}), ("receipt-renewal", {}), ("withdrawal", None))
        }
        assert {answer.status_code for answer in answers.values()} == {404}, name
        assert len({answer.data.replace(path.encode(), b"").strip() for path, answer in answers.items()}) == 1, name
        assert len({len(answer.data) for answer in answers.values()}) == 1, name


def wrong_codes(app: Flask) -> dict[str, dict[str, str]]:
    """Everything that is not a code and its passphrase."""
    code, withdrawn = filed(app), filed(app)
    assert call(app, f"{FILING}/withdrawal", headers={"Tip-Token": opened(app, withdrawn)}).status_code == 200
    last = str((int(code[-1]) + 1) % 10)
    right = {"receipt_code": code, "passphrase": WORDS["passphrase"]}
    return {
        "unknown": right | {"receipt_code": "0" * 28},
        "wrong secret": right | {"receipt_code": code[:-1] + last},
        "wrong locator": right | {"receipt_code": last * 8 + code[8:]},
        "wrong passphrase": right | {"passphrase": "x"},
        "no passphrase": {"receipt_code": code},
        "withdrawn": right | {"receipt_code": withdrawn},
        "no code": right | {"receipt_code": "x"},
        "too short": right | {"receipt_code": code[:27]},
        "too long": right | {"receipt_code": code + "1"},
        "injection": right | {"receipt_code": "' OR 1=1 --"},
    }


def test_every_wrong_code_gets_the_same_bytes(app: Flask) -> None:
    answers = {name: whole(call(app, INBOX, body)) for name, body in wrong_codes(app).items()}
    first = answers["unknown"]
    assert first[0].startswith("404")
    assert {name for name, answer in answers.items() if answer != first} == set()


def test_length_of_an_answer_does_not_say_what_it_says(app: Flask) -> None:
    """Right and wrong codes, filings and refusals: steps of 8 KiB, and a fresh mailbox as long as none."""
    code = filed(app)
    answers = [
        call(app, INBOX, {"receipt_code": code, "passphrase": WORDS["passphrase"]}),
        call(app, INBOX, {"receipt_code": "1" * 28}),
        call(app, body=report(app)),
        call(app, body=report(app, altcha="x")),
        call(app, body=report(app, text="")),
        call(app, f"{FILING}/nothing", {}),
        call(app, "/tips", method="GET"),
        call(app, "/tips/nothing", method="GET"),
    ]
    assert sorted({answer.status_code for answer in answers}) == [200, 201, 403, 404, 422]
    lengths = [len(a.status) + sum(len(n) + len(v) + 4 for n, v in a.headers) + len(a.data) for a in answers]
    assert [length % tips_skin.STEP for length in lengths] == [0] * len(answers)
    assert lengths[0] == lengths[1] == tips_skin.STEP


# What goes wrong inside stays inside


def breaking(words: str) -> Callable[..., Any]:
    def broken(*_: Any, **__: Any) -> Any:
        secret = words  # a local that a careless traceback would show
        raise RuntimeError(f"could not write {secret}")

    return broken


def plain(records: list[logging.LogRecord]) -> list[str]:
    """The lines, without a traceback, values or anything that another formatter would show."""
    assert [record.exc_info or record.stack_info for record in records] == [None] * len(records)
    lines = [record.getMessage() for record in records]
    everything = "\n".join(str(vars(record)) for record in records)
    assert traces.hits(everything.encode(), NEEDLES) == []
    return lines


@pytest.mark.parametrize(
    ("module", "name", "path"),
    [
        (entries, "write", FILING),
        (mailboxes, "unlock", INBOX),
        (mailboxes, "show", INBOX),
        (backend.tips_app, "_headers", INBOX),
    ],
)
def test_exception_says_its_kind_and_places_and_nothing_else(
    app: Flask, said: list[logging.LogRecord], monkeypatch: pytest.MonkeyPatch, module: Any, name: str, path: str
) -> None:
    code, work = filed(app), tipping.worked(app)
    body = (
        tipping.report(**REPORT, altcha=work)
        if path == FILING
        else {"receipt_code": code, "passphrase": WORDS["passphrase"]}
    )
    said.clear()
    if name == "_headers":
        tips = backend.tips_app.create_tips_app(tipping.line(app))
        tips.after_request_funcs[None] = [breaking(WORDS["text"])]
        answer = tips.test_client().post(path, json=body, environ_overrides=SPIED)
    else:
        monkeypatch.setattr(module, name, breaking(f"{WORDS['text']} {WORDS['passphrase']} {code}"))
        answer = call(app, path, body)
    assert answer.status_code == 500
    lines = plain(said)
    assert lines
    assert [line for line in lines if not LINE.fullmatch(line) or not line.startswith("RuntimeError at broken:")] == []
    assert traces.hits(answer.data, NEEDLES | traces.needles({"code": code})) == []
    assert not re.search(r"\d\d:\d\d", "".join(lines))


def test_broken_page_of_an_error_is_no_news_to_the_log(
    app: Flask, said: list[logging.LogRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words for an error break themselves: the server behind must not get the exception."""
    monkeypatch.setattr("backend.web.problems.body", breaking(WORDS["text"]))
    monkeypatch.setattr(entries, "write", breaking(WORDS["text"]))
    answer = call(app, body=report(app))
    assert (answer.status_code, "系统出了问题" in answer.text) == (500, True)
    assert [line for line in plain(said) if not LINE.fullmatch(line)] == []


def test_half_written_tip_is_none(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last of the writes breaks: nothing of the others is there, and the same work files the report afterwards."""
    work = tipping.worked(app)
    before = contents(tipping.line(app).db, TipsBase.metadata)
    with monkeypatch.context() as broken:
        broken.setattr(entries, "write", breaking("x"))
        assert call(app, body=tipping.report(**REPORT, altcha=work)).status_code == 500
    assert contents(tipping.line(app).db, TipsBase.metadata) == before
    assert call(app, body=tipping.report(**REPORT, altcha=work)).status_code == 201
