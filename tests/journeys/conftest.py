"""One Chromium, and the product once on each engine, for all journeys of a run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.product import Product
from tests.servers import Broker, MariaDb

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "chromium is not installed: run `make test`, or install the package chromium"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture(scope="session")
def embedded() -> Iterator[Product]:
    """SQLite and the broker that comes along."""
    with Product() as product:
        yield product


@pytest.fixture(scope="session")
def served(mariadb: MariaDb, broker: Broker) -> Iterator[Product]:
    """MariaDB and Redis."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw")) + 1
    environment = {"DATABASE_URL": mariadb.url(f"yangguang_journey_{number}"), "REDIS_URL": broker.url(56 + number)}
    with Product(environment) as product:
        yield product


@pytest.fixture(params=["embedded", "served"])
def product(request: pytest.FixtureRequest) -> Product:
    found: Product = request.getfixturevalue(request.param)
    return found
