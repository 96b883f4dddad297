"""A tip from filing to shredding over real HTTP, with a clumsy office and a broken database in between."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from backend.accounts.demo import PASSWORD
from backend.tips.demo import PASSPHRASE
from tests import evidence_files
from tests.reporter import WORDS, Reporter

Broken = Callable[[str], AbstractContextManager[None]]


@dataclass
class Office:
    """The demo's investigator at the main app's port."""

    port: int
    token: str = ""

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {"Content-Type": "application/json", "Idempotency-Key": f"{time.monotonic_ns():032x}"}
        sent |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        link.request(method, path, None if body is None else json.dumps(body).encode(), sent)
        answer = link.getresponse()
        content = answer.read()
        link.close()
        return answer.status, json.loads(content) if content.strip().startswith((b"{", b"[")) else content

    def at(self, moment: datetime | None) -> None:
        """Move the product's clock; a new day needs a new sign-in."""
        assert self.call("POST", "/dev/clock", {"now": moment and moment.isoformat()})[0] == 200
        self.token = ""
        status, found = self.call("POST", "/api/v1/staff/auth", {"username": "hecha", "password": PASSWORD})
        assert status == 200, found
        self.token = found["access_token"]

    def tips(self, path: str = "", body: Any = None, method: str = "") -> Any:
        status, found = self.call(method or ("GET" if body is None else "POST"), f"/api/v1/staff/tips{path}", body)
        assert status in (200, 201, 204), (path, status, found)
        return found

    def unlock(self) -> None:
        self.tips("/unlock", {"passphrase": PASSPHRASE})

    def find(self, name: str) -> dict[str, Any]:
        """The tip about a target, once the batch is out."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            for item in self.tips()["items"]:
                if (item["summary"] or {}).get("name") == name:
                    return dict(item)
            time.sleep(0.2)
        raise AssertionError("the tip did not come")


def reported(reporter: Reporter, broken: Broken) -> None:
    """What the reporter does before anyone looks; each thing also while the database is broken in the middle of it."""
    for page in ("/tips?lang=en", f"/tips?code={WORDS['query']}", f"/tips/{WORDS['query']}"):
        reporter.send("GET", page)
    assert reporter.call("GET", f"/tips/challenge?code={WORDS['query']}").status == 400
    assert reporter.call("POST", "/tips", {"text": WORDS["refused"]}).status in (403, 422)
    assert reporter.file(text=f"{WORDS['refused']}，孕妇王小丽，手机13812345678").status == 422
    with broken("tip_entry"):
        assert reporter.file(text=WORDS["broken"]).status == 500
    assert reporter.file().status == 201
    with broken("tip_entry"):
        body = {"receipt_code": reporter.told["code"], "passphrase": WORDS["passphrase"]}
        assert reporter.call("POST", "/tips/inbox", body).status == 500
    token = reporter.open()
    with broken("tip_chunk"):
        assert reporter.hand_in(token, evidence_files.jpeg()).status == 500
    assert reporter.hand_in(token, evidence_files.jpeg()).status == 201
    assert reporter.hand_in(token, b"MZ" + WORDS["refused"].encode()).status in (415, 422)
    with broken("tip_entry"):
        assert reporter.call("POST", "/tips/messages", {"text": WORDS["broken"]}, Tip_Token=token).status == 500
    assert reporter.call("POST", "/tips/messages", {"text": WORDS["message"]}, Tip_Token=token).status == 201


def looked_into(office: Office, broken: Broken) -> dict[str, str]:
    """What the office does with it, redacting, handing over and rewarding; what only the office was told."""
    office.at(datetime.now(UTC).replace(hour=2) + timedelta(days=1))
    office.unlock()
    tip_id: str = office.find(WORDS["target"])["id"]
    with broken("tip_entry"):
        assert office.call("GET", f"/api/v1/staff/tips/{tip_id}")[0] == 500
    assert office.tips(f"/{tip_id}")["report"]["text"] == WORDS["text"]
    assert office.tips(f"/{tip_id}/messages", {"text": WORDS["answer"], "ask": True})
    card = office.tips(f"/{tip_id}")
    message, picture = (
        next(m["id"] for m in card["messages"] if m["kind"] == kind) for kind in ("message", "evidence")
    )
    assert office.tips(f"/{tip_id}/evidence/{picture}").startswith(b"\xff\xd8")
    other = {"entry": message, "replacement": WORDS["replacement"]}
    assert office.tips(f"/{tip_id}/redactions", other)["entry"] == message
    sent = {"to": "market", "office": "市场监管局", "note": WORDS["handing over"], "entries": [message, picture]}
    handed = office.tips(f"/{tip_id}/transfers", sent)
    assert office.tips(f"/{tip_id}/transfers/{handed['id']}/package", method="POST").startswith(b"PK")
    assert office.tips(f"/{tip_id}/moves", {"move": "verify"})
    assert office.tips(f"/{tip_id}/moves", {"move": "substantiate", "note": WORDS["finding"]})
    assert office.tips(f"/{tip_id}/reward", {"amount": 3000})
    assert office.tips(f"/{tip_id}/log")["items"]
    assert office.tips("/patterns")
    assert office.tips("/lock", method="POST") == b""
    return {"package password": handed["password"]}


def gone(reporter: Reporter) -> None:
    """The answer is read, the reward given to a charity, the code renewed, and another tip taken back."""
    token = reporter.open()
    assert WORDS["answer"] in reporter.heard[-1].content.decode()
    assert WORDS["finding"] not in reporter.heard[-1].content.decode()
    reward = reporter.heard[-1].json["reward"]
    assert reward["amount"] == 3000
    reporter.told["voucher"] = reward["proof"]
    assert reporter.call("POST", "/tips/reward-claim", {"way": "charity"}, Tip_Token=token).status == 200
    body = {"passphrase": WORDS["passphrase"]}
    renewed = reporter.call("POST", "/tips/receipt-renewal", body, Tip_Token=token)
    assert renewed.status == 201
    reporter.keep("second code", renewed.json["receipt_code"])
    reporter.open("second code")
    assert reporter.call("POST", "/proofs", {"proof": reporter.told["proof"]}).json["status"] == "valid"
    assert reporter.file().status == 201
    assert reporter.call("POST", "/tips/withdrawal", Tip_Token=reporter.open()).json == {"destroyed": True}
