"""Worker tests run on MariaDB and Redis with the product's own runtime."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.runtime import Runtime, build_runtime
from config.settings import Settings
from tests.workers import world as worlds
from tests.workers.world import World


@pytest.fixture
def runtime(settings: Settings) -> Iterator[Runtime]:
    built = build_runtime(settings, patient=True)
    yield built
    built.db.dispose()
    built.redis.close()


@pytest.fixture
def world(runtime: Runtime) -> World:
    return worlds.build(runtime)
