"""A tip that its investigator has open, for tests of what the office may and may not do with its words."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from backend.models.tip import Tip, TipEntry
from tests import tipping
from tests.api.desk import Desk
from tests.api.house import House

#: Nothing beside the name says who she is.
TEXT = "周六下午，穿红衣服的张小红被带到后院"
HERS = {"start": 11, "end": 14}


class SealedCase:
    """A tip that its investigator has before the eyes."""

    def __init__(self, house: House) -> None:
        self.app = house.app
        self.code = tipping.filed(house.app, text=TEXT)["receipt_code"]
        self.inbox = tipping.call(house.app, "POST", "/inbox", {"receipt_code": self.code}).json
        self.entry = self.inbox["messages"][0]["id"]
        tips = house.runtime.tips
        with tips.db.reading() as session:
            self.id = session.scalars(select(TipEntry.tip_id).where(TipEntry.id == self.entry)).one()
        tips.db.transact(lambda session: session.execute(update(Tip).values(released_on=tips.today)))
        self.hecha = house.clerk("hecha")
        assert self.hecha.call("POST", "/staff/tips/unlock", {"passphrase": "Demo-Unlock-2026!"}).status_code == 200

    def redact(self, clerk: Desk | None = None, **body: Any) -> Any:
        return (clerk or self.hecha).call("POST", f"/staff/tips/{self.id}/redactions", {"entry": self.entry, **body})

    def shown(self) -> str:
        return str(tipping.call(self.app, "POST", "/inbox", {"receipt_code": self.code}).json["messages"][0]["text"])

    def say(self, text: str) -> str:
        token = self.inbox["token"]
        answer = tipping.call(self.app, "POST", "/messages", {"text": text}, token=token)
        assert answer.status_code == 201, answer.text
        return str(answer.json["id"])
