"""An installation by day whose processes are real, and who sends text messages: to the demo's file or over HTTP."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from backend.runtime import Runtime
from config.settings import Settings
from ops.supervision import web_command
from tests import sending
from tests.tencent import Tencent
from tests.workers.processes import RELAY, WORKER, Process, eventually

#: Seconds within which everything must have ended, on a machine that has other work.
PATIENCE = 90.0


@dataclass(frozen=True, slots=True)
class House:
    """``provider``: where its messages go, if not into the demo's file."""

    settings: Settings
    runtime: Runtime
    environment: Mapping[str, str]
    provider: Tencent | None = None

    def process(self, *module: str) -> Process:
        return Process(self.settings, *module, more=self.environment)

    @contextmanager
    def running(self, *modules: tuple[str, ...]) -> Iterator[list[Process]]:
        """A relay and a worker, or others."""
        with ExitStack() as stack:
            yield [stack.enter_context(self.process(*module)) for module in modules or (RELAY, WORKER)]

    @contextmanager
    def web(self, port: int, path: str) -> Iterator[None]:
        """The web server, once it answers there."""
        with self.process("granian", *web_command("127.0.0.1", port)[1:]) as process:
            answers = eventually(lambda: status(port, "GET", path) > 0, seconds=PATIENCE)
            assert answers, process.log()
            yield

    def leave(self, people: int, number: int) -> list[str]:
        """Messages to new people; the keys that the provider must see once each."""
        return sending.leave(self.runtime, sending.people(self.runtime, people), number)

    def sent(self) -> list[str]:
        """The keys that the demo's file holds, in order."""
        return [key for key, _ in sending.sent(self.settings)]

    def all_ended(self) -> bool:
        """Whether in time nothing waits any more, however often the clock must go on for another try."""
        return eventually(lambda: sending.ended(self.settings, self.runtime), seconds=PATIENCE)

    def some_sent(self, number: float) -> bool:
        return eventually(lambda: len(self.sent()) >= number, seconds=PATIENCE)


def status(port: int, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> int:
    """What the web server of the loopback answers; 0 while nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body or None, {"Content-Type": kind})
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


@contextmanager
def house(database_url: str, redis_url: str, *, provider: Tencent | None = None, **more: str) -> Iterator[House]:
    """On a database with all tables and an empty Redis."""
    environment = {**sending.ENVIRONMENT, **(provider.environment() if provider else {}), **more}
    with sending.installation(database_url, redis_url, **environment) as (settings, runtime):
        sending.day(settings)
        yield House(settings, runtime, environment, provider)
