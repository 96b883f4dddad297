"""The cast on a MariaDB with the district and one service item."""

from __future__ import annotations

import pytest

from backend.db import Database
from backend.kernel.crypto import Vault
from tests.clock import MovableClock
from tests.people import Cast, assemble


@pytest.fixture
def cast(database: Database, vault: Vault, clock: MovableClock) -> Cast:
    return assemble(database, vault, clock)
