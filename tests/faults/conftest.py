"""The product over a MariaDB and a Redis that may be killed and stopped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.client import Client, eventually
from tests.journeys.product import Product
from tests.servers import Broker, MariaDb


@pytest.fixture(scope="session")
def own_mariadb() -> Iterator[MariaDb]:
    with MariaDb() as server:
        yield server


@pytest.fixture(scope="session")
def own_broker() -> Iterator[Broker]:
    with Broker() as server:
        yield server


@pytest.fixture(scope="session")
def product(own_mariadb: MariaDb, own_broker: Broker) -> Iterator[Product]:
    environment = {"DATABASE_URL": own_mariadb.url("yangguang"), "REDIS_URL": own_broker.url()}
    with Product(environment) as running:
        # Fast until the demo's data are in; from here on a commit survives kill -9.
        own_mariadb.durable = True
        own_mariadb.restart()
        yield running


@pytest.fixture
def client(product: Product) -> Client:
    """A signed-in resident with everything that an application needs."""
    newcomer = Client(product)
    eventually(newcomer, "/service-items")
    return newcomer.introduced()
