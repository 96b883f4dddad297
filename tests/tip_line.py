"""The tip line as a stranger meets it: its app alone, as one process serves it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select

from backend.models.tip import Tip
from backend.tips.pressure import Pressure
from backend.tips_app import create_tips_app
from backend.tips_runtime import TipsRuntime, build_tips_runtime
from config.settings import Settings
from tests import tipping
from tests.clock import MovableClock

API = "/api/v1/tips"
REPORT: dict[str, Any] = {
    "target": {"kind": "institution", "name": "光明门诊", "region": "370402", "address": "建设路 1 号"},
    "category": "sex_determination",
    "happened_month": "2026-10",
    "text": "晚上九点后在二楼做胎儿性别鉴定，收现金。",
}


class TipLine:
    """One process of the tip line. ``clock`` stands where the test's does."""

    def __init__(self, settings: Settings, clock: MovableClock | None = None, pressure: Pressure | None = None) -> None:
        self.at: TipsRuntime = build_tips_runtime(settings.tips, clock=clock or MovableClock(datetime.now(UTC)))
        if pressure is not None:
            object.__setattr__(self.at, "pressure", pressure)
        self.app = create_tips_app(self.at)

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def challenge(self) -> dict[str, Any]:
        answer = self.client.get(f"{API}/challenge")
        assert answer.status_code == 200, answer.text
        return dict(answer.json or {})

    def post(self, path: str = "", **body: Any) -> Any:
        return self.client.post(f"{API}{path}", json=body)

    def file(self, **changes: Any) -> Any:
        """A report with work that is done for it, unless ``altcha`` brings some."""
        return self.post(**(REPORT | {"altcha": tipping.solve(self.challenge())} | changes))

    def tips(self) -> int:
        with self.at.db.reading() as session:
            return session.scalar(select(func.count()).select_from(Tip)) or 0
