"""A stand-in for Tencent's SMS: API 3.0 over HTTP, signatures checked, faults on demand, and a count of what it took.

    with Tencent().serving() as tencent:
        settings = load_settings(values | tencent.environment())

It believes nothing: a wrong signature, app, sign, template, number of values or telephone number gets the code that
Tencent gives. ``taken`` counts by our key (``SessionContext``) what would have reached a phone, answered or not.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import random
import re
import socket
import struct
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

APP, SECRET_ID, SECRET_KEY, SIGN = "1400006666", "AKIDstandin", "standin-secret", "阳光办"
VERSION = "2021-01-11"
MOBILE = re.compile(r"\+861[3-9][0-9]{9}", re.ASCII)
AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256 Credential=([^/]+)/(\d{4}-\d\d-\d\d)/sms/tc3_request, "
    r"SignedHeaders=content-type;host, Signature=([0-9a-f]{64})"
)
MESSAGES = Path(__file__).resolve().parent.parent / "config" / "messages"
#: How far a caller's clock may be off.
SKEW = 300


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one call. ``code``: of the number; ``error``: of the whole call; neither takes the message.

    ``takes``: whether the message is taken all the same, as after a slow, broken or cut answer.
    """

    code: str = ""
    error: str = ""
    slow: float = 0
    broken: bool = False
    reset: bool = False
    status: int = 200
    takes: bool = False


BUSY = Fault(code="InternalError.OtherError")
REFUSED = Fault(code="FailedOperation.PhoneNumberInBlacklist")
OVERLOADED = Fault(error="RequestLimitExceeded")
CUT_BEFORE, CUT_AFTER = Fault(reset=True), Fault(reset=True, takes=True)
BROKEN = Fault(broken=True, takes=True)
DOWN = Fault(status=502)


def slow(seconds: float) -> Fault:
    """Takes the message at once and answers late."""
    return Fault(slow=seconds, takes=True)


class Tencent:
    """The account and what it has taken. ``params``: its template's id → how many values it has; without it, any go."""

    def __init__(self, params: Mapping[str, int] | None = None, *, seed: int = 1) -> None:
        self.params = params
        self.taken: Counter[str] = Counter()
        self.calls = 0
        #: phone → its reports, as they are pulled.
        self.reports: dict[str, list[dict[str, Any]]] = {}
        #: Whether reports repeat ``SessionContext``: Tencent switches that on when asked.
        self.repeats = True
        #: Whether reports exist at all yet: phones that are switched off send none.
        self.reporting = True
        self.port = 0
        self._lock = threading.Lock()
        self._faults: deque[Fault] = deque()
        self._share, self._kinds = 0.0, [BUSY]
        self._random = random.Random(seed)
        self._serials = itertools.count(1)

    def environment(self) -> dict[str, str]:
        """What an installation sets to send all its templates through this stand-in."""
        templates = ",".join(f"{folder.name}:t-{folder.name}" for folder in MESSAGES.iterdir() if folder.is_dir())
        return {
            "SMS_BACKEND": "tencent",
            "SMS_APP_ID": APP,
            "SECRET_SMS_ID": SECRET_ID,
            "SECRET_SMS_KEY": SECRET_KEY,
            "SMS_SIGN": SIGN,
            "SMS_TEMPLATES": templates,
            "SMS_ENDPOINT": f"http://127.0.0.1:{self.port}",
        }

    def next(self, *faults: Fault) -> None:
        """The next calls go wrong so, one each."""
        with self._lock:
            self._faults.extend(faults)

    def fail(self, share: float, kinds: Sequence[Fault] = (BUSY,)) -> None:
        """From now on that share of calls goes wrong, in one of these ways."""
        with self._lock:
            self._share, self._kinds = share, list(kinds)

    def receipts(self, *, success: bool = True) -> list[dict[str, str]]:
        """What Tencent would post to the callback: one report for each message taken, in the order of taking."""
        with self._lock:
            reports = [report for phone in self.reports.values() for report in phone]
        return [receipt(report["SerialNo"], success=success) for report in sorted(reports, key=lambda one: one["at"])]

    @contextmanager
    def serving(self, port: int = 0) -> Iterator[Tencent]:
        """Serve on the loopback in a thread of this process."""
        server = _Server(("127.0.0.1", port), self._handler())
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def fault(self) -> Fault | None:
        """What goes wrong with this call."""
        with self._lock:
            if self._faults:
                return self._faults.popleft()
            return self._random.choice(self._kinds) if self._random.random() < self._share else None

    def take(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Take one message; its ``SendStatus``."""
        (phone,) = asked["PhoneNumberSet"]
        key = asked.get("SessionContext", "")
        with self._lock:
            serial = f"{next(self._serials)}:{int(time.time())}"
            self.taken[key] += 1
            context = key if self.repeats else ""
            report = {"SerialNo": serial, "PhoneNumber": phone, "SessionContext": context, "at": time.time()}
            self.reports.setdefault(phone, []).append(report)
        return status(phone, key, "Ok", serial)

    def wrong(self, asked: Mapping[str, Any]) -> str:
        """The code of the first thing that is wrong with a message; "" for none."""
        (phone,), values = asked["PhoneNumberSet"], asked.get("TemplateParamSet") or []
        template = str(asked["TemplateId"])
        if asked["SmsSdkAppId"] != APP:
            return "UnauthorizedOperation.SmsSdkAppIdVerifyFail"
        if not MOBILE.fullmatch(phone):
            return "InvalidParameterValue.IncorrectPhoneNumber"
        if asked["SignName"] != SIGN:
            return "FailedOperation.SignatureIncorrectOrUnapproved"
        if self.params is not None and template not in self.params:
            return "FailedOperation.TemplateIncorrectOrUnapproved"
        if any("://" in value for value in values):
            return "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter"
        if self.params is not None and self.params[template] != len(values):
            return "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
        return ""

    def pull(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The reports of one number."""
        with self._lock:
            found = list(self.reports.get(asked["PhoneNumber"], [])) if self.reporting else []
        found = [report for report in found if asked["BeginTime"] <= report["at"] <= asked["EndTime"]]
        return {"PullSmsSendStatusSet": [{**report, "ReportStatus": "SUCCESS"} for report in found[: asked["Limit"]]]}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        return type("Handler", (_Handler,), {"tencent": self})


def receipt(serial: str, *, success: bool = True) -> dict[str, str]:
    """One report as the callback says it."""
    return {
        "user_receive_time": "2026-11-23 10:00:04",
        "nationcode": "86",
        "mobile": "13800000000",
        "report_status": "SUCCESS" if success else "FAIL",
        "errmsg": "DELIVRD" if success else "MK:0001",
        "description": "用户短信接收成功" if success else "空号",
        "sid": serial,
    }


def status(phone: str, key: str, code: str, serial: str = "") -> dict[str, Any]:
    """One entry of ``SendStatusSet``."""
    return {
        "SerialNo": serial,
        "PhoneNumber": phone,
        "Fee": int(code == "Ok"),
        "SessionContext": key,
        "Code": code,
        "Message": "send success" if code == "Ok" else code,
        "IsoCode": "CN",
    }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that was killed, or that we cut, is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    tencent: Tencent
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        refusal = self._refusal(body)
        if refusal:
            self._answer({"Error": {"Code": refusal, "Message": refusal}})
        elif self.headers["X-TC-Action"] == "PullSmsSendStatusByPhoneNumber":
            self._answer(self.tencent.pull(json.loads(body)))
        else:
            self._send(json.loads(body))

    def _send(self, asked: dict[str, Any]) -> None:
        tencent, fault = self.tencent, self.tencent.fault()
        (phone,), key = asked["PhoneNumberSet"], asked.get("SessionContext", "")
        with tencent._lock:
            tencent.calls += 1
        wrong = tencent.wrong(asked)
        if fault is None:
            answer = status(phone, key, wrong) if wrong else tencent.take(asked)
            self._answer({"SendStatusSet": [answer]})
            return
        taken = tencent.take(asked) if fault.takes and not wrong else status(phone, key, wrong or fault.code)
        self._go_wrong(fault, taken)

    def _go_wrong(self, fault: Fault, taken: dict[str, Any]) -> None:
        time.sleep(fault.slow)
        if fault.reset:
            # An end without good-bye: RST.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
        elif fault.error:
            self._answer({"Error": {"Code": fault.error, "Message": fault.error}})
        elif fault.broken:
            self._write(b'{"Response": {"SendStatusSet": [{"Seri')
        elif fault.status != 200:
            self._write(b"<html>bad gateway</html>", fault.status, "text/html")
        else:
            self._answer({"SendStatusSet": [taken]})

    def _refusal(self, body: bytes) -> str:
        """What is wrong with the call itself, as Tencent's front door says it."""
        found = AUTHORIZATION.fullmatch(self.headers.get("Authorization", ""))
        moment = self.headers.get("X-TC-Timestamp", "")
        if found is None or not moment.isdigit():
            return "AuthFailure.SignatureFailure"
        if abs(time.time() - int(moment)) > SKEW:
            return "AuthFailure.SignatureExpire"
        if found[1] != SECRET_ID:
            return "AuthFailure.SecretIdNotFound"
        if not hmac.compare_digest(found[3], self._signature(body, moment, found[2])):
            return "AuthFailure.SignatureFailure"
        if self.headers["X-TC-Version"] != VERSION:
            return "NoSuchVersion"
        known = ("SendSms", "PullSmsSendStatusByPhoneNumber")
        return "" if self.headers["X-TC-Action"] in known else "InvalidAction"

    def _signature(self, body: bytes, moment: str, day: str) -> str:
        """TC3-HMAC-SHA256, computed here from the wire and not by the SDK."""
        headers = f"content-type:{self.headers['Content-Type']}\nhost:{self.headers['Host']}\n"
        request = f"POST\n/\n\n{headers}\ncontent-type;host\n{hashlib.sha256(body).hexdigest()}"
        digest = hashlib.sha256(request.encode()).hexdigest()
        to_sign = f"TC3-HMAC-SHA256\n{moment}\n{day}/sms/tc3_request\n{digest}"
        key = _mac(_mac(_mac(f"TC3{SECRET_KEY}".encode(), day), "sms"), "tc3_request")
        return _mac(key, to_sign).hex()

    def _answer(self, response: dict[str, Any]) -> None:
        self._write(json.dumps({"Response": response | {"RequestId": "r"}}).encode())

    def _write(self, body: bytes, status: int = 200, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: numbers of people stand in the lines."""


def _mac(key: bytes, said: str) -> bytes:
    return hmac.new(key, said.encode(), hashlib.sha256).digest()
