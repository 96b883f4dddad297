"""The real parts every test may ask for: MariaDB, SQLite, Redis, keys, a clock.

One private MariaDB and one private Redis serve the whole run; each pytest-xdist worker has a database
and a Redis number of its own. Tables are made once by the migrations and emptied before each test.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from redis import Redis

from backend.accounts import passwords
from backend.catalogue import queries
from backend.db import Database
from backend.kernel.crypto import Vault
from config.settings import Settings, load_settings
from ops.migrate import TIPS
from tests.clock import MovableClock
from tests.discretion import LogWatch
from tests.schema import build, empty
from tests.servers import Broker, MariaDb

WATCH = LogWatch()
SERVERS = pytest.StashKey[list[MariaDb | Broker]]()


def pytest_configure(config: pytest.Config) -> None:
    logging.getLogger().addHandler(WATCH)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """The first pytest-xdist worker starts the servers that all workers share."""
    servers = node.config.stash.setdefault(SERVERS, [])
    if not servers:
        servers += [MariaDb().start(), Broker().start()]
    node.workerinput["mariadb_port"], node.workerinput["broker_port"] = (server.port for server in servers)


def pytest_unconfigure(config: pytest.Config) -> None:
    for server in config.stash.get(SERVERS, []):
        server.stop()


def _number(config: pytest.Config) -> int:
    """0 without pytest-xdist, else the worker's number from 1."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw")) + 1


def _shared(config: pytest.Config, server: MariaDb | Broker, key: str) -> Iterator[Any]:
    shared = getattr(config, "workerinput", {}).get(key)
    if shared is None:
        with server:
            yield server
    else:
        server.port = shared
        yield server


@pytest.fixture(scope="session")
def mariadb(request: pytest.FixtureRequest) -> Iterator[MariaDb]:
    """The shared MariaDB; do not kill it (start a ``MariaDb(durable=True)`` of your own for that)."""
    yield from _shared(request.config, MariaDb(), "mariadb_port")


@pytest.fixture(scope="session")
def broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """The shared Redis; do not kill it (start a ``Broker()`` of your own for that)."""
    yield from _shared(request.config, Broker(), "broker_port")


@pytest.fixture(scope="session")
def mariadb_url(mariadb: MariaDb, request: pytest.FixtureRequest) -> str:
    """A database with all tables, one per worker of the run."""
    url = mariadb.url(f"yangguang_{_number(request.config)}")
    build(url)
    return url


@pytest.fixture(scope="session")
def mariadb_engine(mariadb_url: str) -> Iterator[Database]:
    database = Database(mariadb_url, pool_size=16)
    yield database
    database.dispose()


@pytest.fixture
def database(mariadb_engine: Database) -> Database:
    """MariaDB with every table, all empty."""
    empty(mariadb_engine.engine)
    queries.forget()
    return mariadb_engine


@pytest.fixture(scope="session")
def tips_url(mariadb: MariaDb, request: pytest.FixtureRequest) -> str:
    """The tip line's database with all its tables, one per worker of the run."""
    url = mariadb.url(f"tips_{_number(request.config)}")
    build(url, TIPS)
    return url


@pytest.fixture(scope="session")
def tips_engine(tips_url: str) -> Iterator[Database]:
    database = Database(tips_url)
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def tips_template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The same as a SQLite file."""
    path = tmp_path_factory.mktemp("sqlite") / "tips.db"
    build(f"sqlite:///{path}", TIPS)
    return path.read_bytes()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A SQLite file with every table; copying it is faster than making it for each test."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    build(f"sqlite:///{path}")
    return path.read_bytes()


@pytest.fixture
def sqlite_database(sqlite_template: bytes, tmp_path: Path) -> Iterator[Database]:
    """The embedded default: a SQLite file with every table, all empty."""
    path = tmp_path / "yangguang.db"
    path.write_bytes(sqlite_template)
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture
def redis_url(broker: Broker, request: pytest.FixtureRequest) -> str:
    """An empty Redis."""
    url = broker.url(_number(request.config))
    with Redis.from_url(url) as client:
        client.flushdb()
    return url


@pytest.fixture
def settings(
    tmp_path: Path, database: Database, mariadb_url: str, tips_engine: Database, tips_url: str, redis_url: str
) -> Settings:
    """A test installation on MariaDB and Redis with fresh secrets and a data directory of its own."""
    empty(tips_engine.engine, TIPS)
    return load_settings(_environment(tmp_path, mariadb_url, redis_url) | {"TIPS_DATABASE_URL": tips_url})


@pytest.fixture
def sqlite_settings(tmp_path: Path, sqlite_database: Database, tips_template: bytes, redis_url: str) -> Settings:
    """The same on the embedded default."""
    (tmp_path / "tips.db").write_bytes(tips_template)
    return load_settings(_environment(tmp_path, f"sqlite:///{tmp_path}/yangguang.db", redis_url))


def _environment(data_dir: Path, database_url: str, redis_url: str) -> dict[str, str]:
    return {"PROFILE": "test", "DATA_DIR": str(data_dir), "DATABASE_URL": database_url, "REDIS_URL": redis_url}


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Master keys of a throw-away installation (the same as in ``settings`` of the same test)."""
    secrets = load_settings({"PROFILE": "test", "DATA_DIR": str(tmp_path)}).secrets
    return Vault(secrets.data_keys, secrets.current_kid, secrets.index_key)


@pytest.fixture
def clock() -> MovableClock:
    """A clock that stands at a working Monday, 10:00 in China, until a test moves it."""
    return MovableClock()


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[PasswordHasher]:
    """Hashing of staff passwords as cheap as the library allows, in this process; gives the real one.

    Every test that signs staff in would pay for it: it was a fifth of the run.
    """
    real, passwords._HASHER = passwords._HASHER, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield real
    passwords._HASHER = real


@pytest.fixture(autouse=True)
def discreet_logs() -> Iterator[None]:
    """No log line of any test holds an ID number or a mobile number."""
    WATCH.take()
    yield
    if leaks := WATCH.take():
        pytest.fail(f"personal numbers were logged by {', '.join(sorted(set(leaks)))}", pytrace=False)
