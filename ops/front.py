"""What stands between granian and the app: a body is whole before it gets one of the few threads.

granian hands a WSGI app its request at once, and a body that drips then holds a thread for as long as it likes: four of
them are the whole server. Here (RSGI) bodies are read side by side without threads. A short one needs nothing else, and
when very many are unfinished the oldest is given up; long ones take turns at a few places and must keep moving.
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

Headers = list[tuple[str, str]]
Answer = tuple[int, Headers, bytes]
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
#: Bytes of a body that needs no place, and of which no more is read (the app refuses it by then).
SHORT, LARGEST = 64 * 1024, 32 * 2**20
#: Long bodies at a time, and bodies that are unfinished at a time.
PLACES, UNFINISHED = 8, 512
#: Seconds that a body has, and bytes for which it has one more.
GRACE, PACE = 20.0, 16 * 1024
LATE = (408, [("Content-Type", "text/plain; charset=utf-8")], "网络太慢，请再试一次".encode())
BROKEN = (500, [("Content-Type", "text/plain; charset=utf-8")], "系统出了问题，请稍后再试".encode())
_FIXED: dict[str, Any] = {
    "GATEWAY_INTERFACE": "CGI/1.1",
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "Granian",
    "wsgi.input_terminated": True,
    "wsgi.multiprocess": False,
    "wsgi.multithread": True,
    "wsgi.run_once": False,
    "wsgi.version": (1, 0),
}
_BARE = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


class Late(Exception):
    """The body did not come in time, or had to make room."""


class Exchange(Protocol):
    """One request of granian's own interface: its body in pieces, and the way back."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...
    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None: ...


class Front:
    """``app`` behind so many threads."""

    def __init__(self, app: Wsgi, threads: int) -> None:
        self._app = app
        self._threads = ThreadPoolExecutor(threads)
        self._places = asyncio.Semaphore(PLACES)
        self._unfinished: dict[asyncio.Task[bytes], None] = {}

    async def __rsgi__(self, scope: Any, exchange: Exchange) -> None:
        try:
            body = b"" if scope.method in ("GET", "HEAD") else await self._whole(exchange)
        except Late:
            exchange.response_bytes(*LATE)
            return
        except Exception:  # noqa: BLE001 - whoever sent it is gone, and nobody is left to tell
            return
        loop = asyncio.get_running_loop()
        exchange.response_bytes(*await loop.run_in_executor(self._threads, self._answer, environ(scope, body)))

    async def _whole(self, exchange: Exchange) -> bytes:
        """The body; ``Late`` also when it is the oldest of too many unfinished ones."""
        task = asyncio.ensure_future(self._read(exchange))
        self._unfinished[task] = None
        if len(self._unfinished) > UNFINISHED:
            oldest = next(iter(self._unfinished))
            del self._unfinished[oldest]
            oldest.cancel()
        try:
            return await task
        except (asyncio.CancelledError, TimeoutError):
            raise Late from None
        finally:
            self._unfinished.pop(task, None)

    async def _read(self, exchange: Exchange) -> bytes:
        loop = asyncio.get_running_loop()
        body, begun, has_place = bytearray(), loop.time(), False
        try:
            async with asyncio.timeout(GRACE) as limit:
                async for piece in exchange:
                    body += piece
                    if len(body) > SHORT and not has_place:
                        has_place = await self._places.acquire()
                        begun = loop.time()
                    if len(body) >= LARGEST:
                        break
                    limit.reschedule(begun + GRACE + len(body) / PACE)
        finally:
            if has_place:
                self._places.release()
        return bytes(body)

    def _answer(self, environ: dict[str, Any]) -> Answer:
        """Run the app in a thread of its own. What it lets out in spite of everything becomes a plain 500."""
        head: list[Any] = []

        def start(status: str, headers: Headers, _error: Any = None) -> None:
            head[:] = [int(status[:3]), headers]

        try:
            found = self._app(environ, start)
            try:
                body = b"".join(found)
            finally:
                if hasattr(found, "close"):
                    found.close()
        except Exception as error:  # noqa: BLE001 - the last one who can answer
            print(f"unhandled {type(error).__name__} outside of the app", file=sys.stderr)
            return BROKEN
        return (head[0], head[1], body)


def environ(scope: Any, body: bytes) -> dict[str, Any]:
    """The WSGI environment (PEP 3333) of a request."""
    name, _, port = scope.server.rpartition(":")
    found = _FIXED | {
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": name,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
    }
    for field in scope.headers.keys():  # noqa: SIM118 - granian's own type; it gives each name once only here
        key = _BARE.get(field) or "HTTP_" + field.upper().replace("-", "_")
        # One that is no ASCII stays as an empty one, as granian hands it to WSGI.
        found[key] = ("; " if key == "HTTP_COOKIE" else ",").join(scope.headers.get_all(field))
    if scope.authority and "HTTP_HOST" not in found:
        found["HTTP_HOST"] = scope.authority
    return found
