"""A whole installation behind the API for tests that look from outside: loaded once, each test brings new people."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from backend.accounts import policy, queries
from backend.app import create_app
from backend.cli import demo
from backend.models.session import SmsCode
from backend.runtime import Runtime
from backend.web.context import EXTENSION
from config.settings import Settings
from tests import files
from tests.api.desk import Desk
from tests.clock import MONDAY
from tests.people import VILLAGE, id_number

#: Seconds after which a clerk signs in again (access tokens live for 15 minutes of real time).
FRESH = 600
EXAMPLE = {
    "born_on": "1992-05-18",
    "registered_here": True,
    "current_address": "江苏省苏州市昆山市玉山镇",
    "marital_status": "single",
    "has_children": False,
    "purpose": "work",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One application as its applicant knows it."""

    phone: Phone
    id: str
    number: str = ""

    def call(self, method: str, path: str = "", body: Any = None, **options: Any) -> TestResponse:
        return self.phone.call(method, f"/applications/{self.id}{path}", body, **options)

    def seen(self) -> dict[str, Any]:
        answer = self.call("GET")
        assert answer.status_code == 200, answer.text
        return dict(answer.json or {})

    def upload(self, content: bytes, name: str = "id.jpg", **options: Any) -> TestResponse:
        return upload(self.phone, self.id, content, name, **options)


class Phone(Desk):
    """A resident at an address of their own."""

    def __init__(self, app: Flask, serial: int) -> None:
        super().__init__(app)
        self.serial = serial
        self.mobile = f"139{serial:08d}"
        self.address = f"127.{serial >> 16 & 255}.{serial >> 8 & 255}.{serial & 255}"

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> TestResponse:
        options.setdefault("environ_base", {"REMOTE_ADDR": self.address})
        return super().call(method, path, body, **options)

    def code(self, mobile: str = "", **options: Any) -> str:
        """Ask for a code and read it; the newest of this number, since clocks are turned back here."""
        mobile = mobile or self.mobile
        assert super().call("POST", "/auth/sms-codes", {"mobile": mobile}, **options).status_code == 202
        at = self.runtime
        with at.db.reading() as session:
            wanted = select(SmsCode.id).where(
                SmsCode.mobile_index == policy.mobile_index(at.vault, mobile), SmsCode.closed_at.is_(None)
            )
            found = queries.sms_code(session, at.vault, session.scalars(wanted).one(), at.clock())
        assert found is not None
        return found[1]

    def introduce(self, name: str = "王㐂") -> Phone:
        """Identity and every consent."""
        body = {"name": name, "id_type": "resident_id", "id_number": id_number(self.serial % 1000)}
        assert self.call("PUT", "/me/identity", body).status_code == 200
        for item in (self.call("GET", "/me/consents").json or {})["items"]:
            assert self.call("PUT", f"/me/consents/{item['purpose']}", {}).status_code == 200
        return self

    def begin(self, item: str = "migrant-proof", region: str = VILLAGE) -> Case:
        answer = self.call("POST", "/applications", {"service_item": item, "region": region})
        assert answer.status_code == 201, answer.text
        return Case(self, (answer.json or {})["id"])


class House:
    """The app on a database of its own with the demo's data."""

    def __init__(self, settings: Settings) -> None:
        self.app = create_app(settings)
        self.runtime: Runtime = self.app.extensions[EXTENSION]
        demo.load(self.runtime)
        self._serials = itertools.count(1)
        self._clerks: dict[str, tuple[float, Desk]] = {}
        self.to_monday()

    def to_monday(self) -> None:
        """A working Monday, 10:00 in China; time goes on from there."""
        self.runtime.clock.set(MONDAY)  # type: ignore[attr-defined]

    def advance(self, step: timedelta) -> None:
        self.runtime.clock.set(self.runtime.clock() + step)  # type: ignore[attr-defined]

    def visitor(self) -> Phone:
        """A phone nobody has signed in on."""
        return Phone(self.app, next(self._serials))

    def resident(self) -> Phone:
        """A new signed-in person without an identity."""
        phone = self.visitor()
        phone.sign_in(phone.mobile)
        return phone

    def applicant(self, name: str = "王㐂") -> Phone:
        return self.resident().introduce(name)

    def draft(self, phone: Phone | None = None, region: str = VILLAGE) -> Case:
        """A complete draft."""
        case = (phone or self.applicant()).begin(region=region)
        assert case.call("PATCH", "", {"answers": EXAMPLE}).status_code == 200
        assert case.upload(files.jpeg()).status_code == 201
        return case

    def submitted(self, phone: Phone | None = None, region: str = VILLAGE) -> Case:
        case = self.draft(phone, region)
        answer = case.call("POST", "/submission")
        assert answer.status_code == 200, answer.text
        return Case(case.phone, case.id, (answer.json or {})["number"])

    def clerk(self, username: str) -> Desk:
        """A signed-in member of the demo's staff."""
        since, desk = self._clerks.get(username, (0.0, Desk(self.app)))
        if time.monotonic() - since > FRESH or not since:
            answer = Desk(self.app).staff(username)
            assert answer.status_code == 200, answer.text
            desk.token = (answer.json or {})["access_token"]
            self._clerks[username] = (time.monotonic(), desk)
        return desk

    def decide(self, username: str, number: str, decision: str, **body: Any) -> TestResponse:
        """Claim and decide."""
        desk = self.clerk(username)
        fence = claim(desk, number)
        return desk.call(
            "POST",
            f"/staff/applications/{number}/decisions",
            {"decision": decision, "note": "核对无误", "fence": fence, **body},
        )


def claim(desk: Desk, number: str) -> int:
    """Take a case; the fence."""
    answer = desk.call("POST", f"/staff/applications/{number}/claim")
    assert answer.status_code == 200, answer.text
    return int((answer.json or {})["fence"])


def upload(
    phone: Phone, case_id: str, content: bytes, name: str = "id.jpg", *, material: str = "id_card", **options: Any
) -> TestResponse:
    from_disk = {"material": material, "file": (files.io.BytesIO(content), name)}
    options.setdefault("content_type", "multipart/form-data")
    return phone.call("POST", f"/applications/{case_id}/materials", data=from_disk, **options)
