"""What a connection carries from one user of the pool to the next: nothing."""

from __future__ import annotations

from pymysql.constants import SERVER_STATUS
from sqlalchemy import func, select

from backend.db import Database
from backend.models.region import Region


def test_a_forgotten_transaction_ends_before_its_connection_is_used_again(database: Database) -> None:
    forgetful = database.engine.raw_connection()
    forgetful.cursor().execute("INSERT INTO region (code, name, level, parent) VALUES ('1', 'x', 'town', '')")
    driver = forgetful.dbapi_connection
    assert driver is not None
    assert driver.server_status & SERVER_STATUS.SERVER_STATUS_IN_TRANS
    forgetful.close()
    assert not driver.server_status & SERVER_STATUS.SERVER_STATUS_IN_TRANS
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Region)) == 0
