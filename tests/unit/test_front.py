"""The front of the web server: whole bodies for the app, and no thread for one that is still coming."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from ops import front
from ops.front import Front, environ


class Exchange:
    """A request whose body comes in ``pieces``; a number is a pause in seconds."""

    def __init__(self, *pieces: bytes | float) -> None:
        self.pieces = pieces
        self.answer: tuple[int, list[tuple[str, str]], bytes] | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, bytes):
                yield piece
            else:
                await asyncio.sleep(piece)

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answer = (status, headers, body)

    @property
    def status(self) -> int:
        assert self.answer is not None
        return self.answer[0]


class Headers(dict[str, list[str]]):
    """As granian gives them."""

    def get_all(self, field: str) -> list[str]:
        return self[field]


def scope(method: str = "POST", **more: Any) -> Any:
    values: dict[str, Any] = {
        "path": "/中/a b",
        "query_string": "q=%41",
        "server": "10.1.1.1:80",
        "client": "10.1.1.2:5555",
    }
    values |= {"http_version": "1.1", "scheme": "http", "authority": None, "headers": {}}
    return SimpleNamespace(method=method, **(values | more))


def echo(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    start("201 CREATED", [("Content-Type", "text/plain")])
    return [environ["wsgi.input"].read(), b"!"]


def broken(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    raise RuntimeError("晚上九点后在二楼")


def served(made: Front, *exchanges: Exchange, method: str = "POST") -> list[Exchange]:
    async def run() -> None:
        await asyncio.gather(*(made.__rsgi__(scope(method), one) for one in exchanges))

    asyncio.run(run())
    return list(exchanges)


def test_front_hands_over_a_whole_body() -> None:
    [answered] = served(Front(echo, 1), Exchange(b"ab", 0.01, b"cd"))
    assert answered.answer == (201, [("Content-Type", "text/plain")], b"abcd!")
    [nothing] = served(Front(echo, 1), Exchange(b"unread"), method="GET")
    assert nothing.answer == (201, [("Content-Type", "text/plain")], b"!")


def test_front_lets_others_pass_while_a_hundred_bodies_drip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "GRACE", 0.3)
    slow = [Exchange(b"x", 9.0) for _ in range(100)]
    *dripping, quick = served(Front(echo, 1), *slow, Exchange(b"quick"))
    assert quick.status == 201
    assert {one.status for one in dripping} == {408}


def test_front_gives_up_the_oldest_of_too_many_unfinished_bodies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "UNFINISHED", 3)
    answered = served(Front(echo, 1), *(Exchange(0.1, b"x") for _ in range(5)))
    assert [one.status for one in answered] == [408, 408, 201, 201, 201]


def test_front_lets_long_bodies_take_turns_and_short_ones_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "PLACES", 1)
    monkeypatch.setattr(front, "PACE", 10**9)
    monkeypatch.setattr(front, "GRACE", 0.4)
    long = bytes(front.SHORT + 1)
    made = [Exchange(long, 9.0), Exchange(0.05, long, b"end"), Exchange(0.05, b"short")]
    stuck, waited, short = served(Front(echo, 1), *made)
    assert (stuck.status, short.status) == (408, 201)
    assert waited.status in (201, 408)  # its turn comes as the first one's time is over


def test_front_reads_no_more_than_the_largest_body(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "LARGEST", 10)
    [answered] = served(Front(echo, 1), Exchange(b"12345", b"67890", b"never read", 9.0))
    assert answered.answer is not None
    assert answered.answer[2] == b"1234567890!"


def test_front_says_nothing_of_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    [answered] = served(Front(broken, 1), Exchange(b"x"))
    assert answered.status == 500
    assert capfd.readouterr().err == "unhandled RuntimeError outside of the app\n"


def test_front_makes_the_environment_that_wsgi_asks_for() -> None:
    sent = {"cookie": ["a=1", "b=2"], "x-a": ["1", "2"], "content-type": ["text/plain"], "x-not-ascii": []}
    made = environ(scope(headers=Headers(sent), authority="h:1"), b"body")
    assert made["HTTP_X_NOT_ASCII"] == ""
    assert (made["HTTP_COOKIE"], made["HTTP_X_A"], made["CONTENT_TYPE"]) == ("a=1; b=2", "1,2", "text/plain")
    assert made["PATH_INFO"].encode("latin-1").decode() == "/中/a b"
    assert (made["SERVER_NAME"], made["SERVER_PORT"], made["REMOTE_ADDR"]) == ("10.1.1.1", "80", "10.1.1.2")
    assert (made["HTTP_HOST"], made["wsgi.input"].read()) == ("h:1", b"body")
