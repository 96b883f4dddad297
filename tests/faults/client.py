"""A resident's app that talks to a running product and looks at the clock."""

from __future__ import annotations

import http.client
import itertools
import json
import secrets
import time
from dataclasses import dataclass
from email.message import Message
from typing import Any, Self

from backend.accounts.demo import PASSWORD
from tests import files
from tests.journeys.product import Product
from tests.people import VILLAGE, id_number

SERIALS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Answer:
    """``seconds``: from the first byte sent to the last one read."""

    status: int
    headers: Message
    content: bytes
    seconds: float

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.content)
        return found


class Client:
    def __init__(self, product: Product) -> None:
        self.product, self.token = product, ""
        self.serial = next(SERIALS)
        self.mobile = f"136{int(time.time()) % 10**5:05d}{self.serial:03d}"

    def send(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        """One request on a connection of its own."""
        started = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.product.port, timeout=30)
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        connection.request(method, path, body, sent | (headers or {}))
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return Answer(answer.status, answer.headers, content, time.monotonic() - started)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        kind = {"Content-Type": "application/json"} if body is not None else {}
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        raw = json.dumps(body).encode() if body is not None else None
        return self.send(method, f"/api/v1{path}", raw, kind | names)

    def introduced(self) -> Self:
        """Signed in by code, identity and consents given."""
        assert self.call("POST", "/auth/sms-codes", {"mobile": self.mobile}).status == 202
        code = self.product.code(self.mobile)
        self.token = self.call("POST", "/auth/sms", {"mobile": self.mobile, "code": code}).json["access_token"]
        identity = {"name": "王㐂", "id_type": "resident_id", "id_number": id_number(self.serial)}
        assert self.call("PUT", "/me/identity", identity).status == 200
        for item in self.call("GET", "/me/consents").json["items"]:
            assert self.call("PUT", f"/me/consents/{item['purpose']}", {}).status == 200
        return self

    def upload(self, application: str, content: bytes, code: str = "id_card") -> Answer:
        line = secrets.token_hex(8)
        head = f'--{line}\r\nContent-Disposition: form-data; name="material"\r\n\r\n{code}\r\n--{line}\r\n'
        head += 'Content-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{line}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={line}"}
        return self.send("POST", f"/api/v1/applications/{application}/materials", body, kind)

    def draft(self, item: str = "migrant-proof") -> str:
        """A complete draft, answered as the item's own sample is; its id."""
        guide = self.call("GET", f"/service-items/{item}").json
        begun = self.call("POST", "/applications", {"service_item": item, "region": VILLAGE})
        application: str = begun.json["id"]
        assert self.call("PATCH", f"/applications/{application}", {"answers": guide["example"]}).status == 200
        for material in guide["materials"]:
            if material["mode"] == "required":
                assert self.upload(application, files.jpeg(), material["code"]).status in (201, 422)
        return application

    def officer(self, username: str) -> Self:
        """Signed in as a member of the demo's staff."""
        self.token = self.call("POST", "/staff/auth", {"username": username, "password": PASSWORD}).json["access_token"]
        return self

    def messages(self) -> list[str]:
        return [item["template"] for item in self.call("GET", "/me/messages").json["items"]]


def eventually(client: Client, path: str = "/me", *, seconds: float = 20) -> float:
    """Seconds until a request succeeds again."""
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        if client.call("GET", path).status == 200:
            return time.monotonic() - started
        time.sleep(0.1)
    raise AssertionError(f"{path} does not come back")
