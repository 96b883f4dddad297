"""One installation for all tests that look at the API from outside."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import replace

import pytest

import backend.tips_app
from config.settings import load_settings
from ops.migrate import TIPS
from tests.api.house import House
from tests.schema import build
from tests.servers import Broker, MariaDb


@pytest.fixture(scope="session")
def whole_house(mariadb: MariaDb, broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The demo's data on a MariaDB database and a Redis number of its own."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw")) + 1
    url, tips_url = mariadb.url(f"yangguang_house_{number}"), mariadb.url(f"tips_house_{number}")
    build(url)
    build(tips_url, TIPS)
    environment = {
        "PROFILE": "test",
        "DATA_DIR": str(tmp_path_factory.mktemp("house")),
        "DATABASE_URL": url,
        "TIPS_DATABASE_URL": tips_url,
        "REDIS_URL": broker.url(32 + number),
    }
    settings = load_settings(environment)
    # A test goes through every operation with one account; what the limit does is told in test_limits.
    house = House(replace(settings, limits=replace(settings.limits, calls_per_account_minute=10**6)))
    yield house
    house.runtime.db.dispose()
    house.runtime.tips.db.dispose()
    house.runtime.redis.close()


@pytest.fixture
def house(whole_house: House) -> House:
    """The same at 10:00 on a Monday."""
    whole_house.to_monday()
    return whole_house


@pytest.fixture
def said() -> Iterator[list[logging.LogRecord]]:
    """Everything that any logger says, down to DEBUG."""
    records: list[logging.LogRecord] = []
    handler = logging.Handler(logging.NOTSET)
    handler.emit = records.append  # type: ignore[method-assign]
    root = logging.getLogger()
    level = root.level
    for logger in (root, backend.tips_app.log):
        logger.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield records
    for logger in (root, backend.tips_app.log):
        logger.removeHandler(handler)
    root.setLevel(level)
