"""What a connection carries from one user of the pool to the next: nothing. And what a lost file is: away."""

from __future__ import annotations

from pathlib import Path

import pytest
from pymysql.constants import SERVER_STATUS
from sqlalchemy import func, select, text

from backend.app import create_app
from backend.db import Database
from backend.kernel.errors import Unavailable
from backend.models.region import Region
from config.settings import Settings


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


def test_a_file_of_tips_that_was_moved_away_is_503_and_no_new_one_is_begun(
    sqlite_settings: Settings, tmp_path: Path
) -> None:
    client = create_app(sqlite_settings).test_client()
    (tmp_path / "tips.db").rename(tmp_path / "elsewhere.db")
    paths = ("/api/v1/tips/challenge", "/tips/new", "/api/v1/tips/counts")
    assert [client.get(path).status_code for path in paths] == [503] * 3
    assert client.get("/tips").status_code == 200  # what to know before reporting can be read all the same
    checks = client.get("/readyz").json["checks"]
    assert (checks["tips"], checks["database"]) == ("out", "ok")
    assert client.get("/api/v1/regions").status_code == 200
    assert not (tmp_path / "tips.db").exists()
    (tmp_path / "elsewhere.db").rename(tmp_path / "tips.db")
    assert client.get("/tips/new").status_code == 200


def test_a_file_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "case.db").mkdir()
    with pytest.raises(Unavailable), Database(f"sqlite:///{tmp_path}/case.db").reading() as session:
        session.execute(text("SELECT 1"))
