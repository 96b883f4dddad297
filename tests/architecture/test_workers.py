"""Nothing that is left in the outbox is left alone: every topic has a handler, every queue a worker."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from backend.lifecycles.application import APPLICATION
from config.queues import QUEUES
from config.settings import load_settings
from ops.supervision import configuration
from tests.architecture.tree import sources, tree
from workers import registry


@pytest.mark.parametrize("name", registry.TOPICS)
def test_topic_has_a_handler(name: str) -> None:
    assert callable(registry.handler(registry.TOPICS[name]))


def test_every_move_leaves_a_topic_someone_handles() -> None:
    left = {move.topic for move in APPLICATION.moves if move.topic}
    assert left - set(registry.TOPICS) == set()


def test_every_topic_named_in_the_code_is_registered() -> None:
    named = set()
    for path in sources("backend", "workers"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("outbox.add"):
                topics = [
                    k.value.value for k in node.keywords if k.arg == "topic" and isinstance(k.value, ast.Constant)
                ]
                named.update(topics)
    assert named - set(registry.TOPICS) == set()


def test_every_queue_has_a_worker_and_every_worker_a_topic(tmp_path: Path) -> None:
    settings = load_settings({"PROFILE": "test", "DATA_DIR": str(tmp_path)})
    started = configuration(settings, embedded=True)
    assert [queue for queue in QUEUES if f"-m workers.main {queue}\n" not in started] == []
    assert {topic.queue for topic in registry.TOPICS.values()} == set(QUEUES)
