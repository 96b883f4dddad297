"""What telling and sending ask of the database: little for a message, and of a chunk no more than of one."""

from __future__ import annotations

import pytest

from backend.runtime import Runtime
from tests import sending
from tests.statements import said
from workers import deliveries, drain, registry

TOPIC = registry.TOPICS[sending.TOPIC]
#: Who it is, the message between two savepoints, its delivery, the work.
TOLD = 6


def tell(runtime: Runtime, readers: list[int], mark: str) -> int:
    with said() as found:
        sending.leave(runtime, readers, len(readers), mark=mark)
    return len([one for one in found if not one.startswith("SELECT delivery.id")])


def send(runtime: Runtime) -> int:
    with said() as found:
        drain.drain(runtime, TOPIC, go_on=lambda: True, turn=60)
    return len(found)


def test_a_message_told_takes_six_statements(runtime: Runtime) -> None:
    assert tell(runtime, sending.people(runtime, 10), "m") == 10 * TOLD


def test_a_chunk_is_sent_in_as_many_statements_as_one_message(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "STINT", 60.0)
    sending.day(runtime.settings)
    readers = sending.people(runtime, deliveries.CHUNK)
    tell(runtime, readers[:1], "first")
    send(runtime)  # writes the rows of the provider and of the month
    tell(runtime, readers[:1], "one")
    alone = send(runtime)
    tell(runtime, readers, "chunk")
    assert send(runtime) == alone
    assert sending.fates(runtime) == {"sent": deliveries.CHUNK + 2}
