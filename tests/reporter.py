"""A reporter before a running product, who is easy to know again: everything a phone could give away is planted."""

from __future__ import annotations

import http.client
import json
import secrets
import sys
from dataclasses import dataclass, field
from typing import Any

from tests import tipping, traces

#: Any address of 127/8 is this machine's own on Linux.
ADDRESS = "127.77.66.55" if sys.platform == "linux" else "127.0.0.1"
FORWARDED, FORWARDED6 = "203.0.113.177", "2001:db8:77:66:55:44:33:22"
HEADERS = {
    "User-Agent": "YuFengPhone/77.66 (Canary-Handset; MicroMessenger)",
    "Cookie": "session=cookie-of-xiaoming-7766; care=1; openid=oXiaoMing_77665544332211",
    "Referer": "http://neighbour.example/xiaoming-was-here",
    "X-Forwarded-For": f"{FORWARDED}, {FORWARDED6}",
    "X-Real-IP": FORWARDED,
    "Forwarded": f"for={FORWARDED};host=xiaoming-host.example",
    "X-Forwarded-Host": "xiaoming-host.example",
    "Authorization": "Bearer bearer-of-xiaoming-7766",
    "X-WX-OPENID": "oXiaoMing_77665544332211",
    "X-Request-Id": "request-of-xiaoming-7766",
    "Accept-Language": "zh-CN,zh;q=0.9,xx-xiaoming;q=0.1",
    "Accept-Encoding": "gzip, br",
    "Connection": "close",
}
WORDS = {
    "agent": "Canary-Handset",
    "cookie": "cookie-of-xiaoming-7766",
    "referrer": "xiaoming-was-here",
    "host": "xiaoming-host",
    "bearer": "bearer-of-xiaoming-7766",
    "openid": "oXiaoMing_77665544332211",
    "request id": "request-of-xiaoming-7766",
    "language": "xx-xiaoming",
    "text": "紫色的风筝挂在卫生室门口的老槐树上",
    "target": "暗香巷七号便民诊室",
    "place": "暗香巷北口第三个院子",
    "contact": "wx_anxiang_7788",
    "passphrase": "石榴 铁桶 北风 三十七",
    "message": "隔壁的木匠铺也看得见那扇门",
    "refused": "绿色的邮筒旁边的豆腐店里",
    "broken": "银色的自行车靠在水塔底下",
    "answer": "请问那扇门朝着哪一边开",
    "finding": "现场看到了没有登记的机器",
    "handing over": "请你处派人看一看后面的仓库",
    "replacement": "改写之后只剩下的几个字在此",
    "evidence": "水塔照片的说明文字",
    "file name": "IMG_xiaoming_phone_7766.jpg",
    "query": "query-of-xiaoming-7766",
}
ADDRESSES = {"address": ADDRESS, "forwarded": FORWARDED, "forwarded 6": FORWARDED6}
TARGET = {
    "kind": "institution",
    "name": WORDS["target"],
    "region": "370402001",
    "address": WORDS["place"],
    "contacts": [WORDS["contact"]],
}


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer. ``wire``: every byte of it, as they came."""

    status: int
    headers: dict[str, str]
    content: bytes
    wire: bytes

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.content)
        return found


@dataclass
class Reporter:
    """``told``: what only this reporter was told (codes, tokens), to be looked for afterwards."""

    port: int
    told: dict[str, str] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Heard:
        """A request of the API with all that gives away."""
        raw = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        kind = {"Content-Type": "application/json"} if body is not None else {}
        return self.send(method, f"/api/v1{path}", raw, kind | {n.replace("_", "-"): v for n, v in headers.items()})

    def send(self, method: str, path: str, raw: bytes | None = None, headers: dict[str, str] | None = None) -> Heard:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=(ADDRESS, 0))
        link.request(method, path, raw, HEADERS | (headers or {}))
        answer = link.getresponse()
        content = answer.read()
        head = b"".join(f"{n}: {v}\r\n".encode("latin-1") for n, v in answer.getheaders())
        found = Heard(answer.status, dict(answer.getheaders()), content, head + content)
        link.close()
        assert "set-cookie" not in {name.lower() for name in found.headers}
        self.heard.append(found)
        return found

    def work(self) -> str:
        return tipping.solve(self.call("GET", "/tips/challenge").json)

    def report(self, **more: Any) -> dict[str, Any]:
        body = {"target": TARGET, "category": "drug_selling", "text": WORDS["text"], "happened_month": "2026-10"}
        return body | {"altcha": self.work(), "passphrase": WORDS["passphrase"]} | more

    def file(self, **more: Any) -> Heard:
        answer = self.call("POST", "/tips", self.report(**more))
        if answer.status == 201:
            self.keep("code", answer.json["receipt_code"])
            self.told["proof"] = answer.json["proof"]
        return answer

    def keep(self, name: str, code: str) -> None:
        """A receipt code, as digits, in groups, and without the part that is looked up."""
        fours = " ".join(code[at : at + 4] for at in range(0, 28, 4))
        self.told |= {f"{name}": code, f"{name} in fours": fours, f"{name} secret": code[8:]}

    def open(self, name: str = "code", passphrase: str = WORDS["passphrase"]) -> str:
        """The token of the mailbox."""
        answer = self.call("POST", "/tips/inbox", {"receipt_code": self.told[name], "passphrase": passphrase})
        assert answer.status == 200, answer.content
        token: str = answer.json["token"]
        self.told[f"token {len(self.told)}"] = token.partition(".")[2]
        return token

    def hand_in(self, token: str, content: bytes, **headers: str) -> Heard:
        line = secrets.token_hex(8)
        parts = (
            f'--{line}\r\nContent-Disposition: form-data; name="name"\r\n\r\n{WORDS["evidence"]}\r\n--{line}\r\n'
            f'Content-Disposition: form-data; name="file"; filename="{WORDS["file name"]}"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        )
        raw = parts.encode() + content + f"\r\n--{line}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={line}", "Tip-Token": token}
        return self.send("POST", "/api/v1/tips/evidence", raw, kind | headers)

    def needles(self) -> dict[str, bytes]:
        """All that may be nowhere."""
        proof = {"proof": self.told["proof"]} if "proof" in self.told else {}
        return traces.needles(WORDS | {n: w for n, w in self.told.items() if n != "proof"} | proof, ADDRESSES)
