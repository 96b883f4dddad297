"""Events as WeChat pushes them to a server: XML, encrypted (消息加解密, AES mode), signed, tried three times.

Written from WeChat's description and not from our own reader of it, so that each proves the other.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import queue
import secrets
import struct
import threading
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from standins.wechat_state import Account, Sent

SECONDS, TRIES, PAUSE = 5.0, 3, 0.5
GH = "gh_0123456789ab"
#: (query string, body) → status and body of the answer
Post = Callable[[str, bytes], tuple[int, bytes]]


def event(openid: str, name: str, inner: str = "", *, at: int | None = None) -> str:
    """One event in plain XML; ``at``: Unix time of when it happened."""
    moment = int(time.time()) if at is None else at
    return (
        f"<xml><ToUserName><![CDATA[{GH}]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>"
        f"<CreateTime>{moment}</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        f"<Event><![CDATA[{name}]]></Event>{inner}</xml>"
    )


def popup(openid: str, answers: Sequence[tuple[str, str]], *, at: int | None = None) -> str:
    """What a person chose in the popup: (template id, accept or reject)."""
    parts = "".join(
        f"<List><TemplateId><![CDATA[{template}]]></TemplateId>"
        f"<SubscribeStatusString><![CDATA[{word}]]></SubscribeStatusString><PopupScene>1</PopupScene></List>"
        for template, word in answers
    )
    inner = f"<SubscribeMsgPopupEvent>{parts}</SubscribeMsgPopupEvent>"
    return event(openid, "subscribe_msg_popup_event", inner, at=at)


def change(openid: str, template: str, *, at: int | None = None) -> str:
    """The person refuses a template in the list of their notifications."""
    inner = (
        f"<SubscribeMsgChangeEvent><List><TemplateId><![CDATA[{template}]]></TemplateId><SubscribeStatusString>"
        "<![CDATA[reject]]></SubscribeStatusString></List></SubscribeMsgChangeEvent>"
    )
    return event(openid, "subscribe_msg_change_event", inner, at=at)


def outcome(sent: Sent, *, arrived: bool = True, at: int | None = None) -> str:
    """What became of a message."""
    code, word = (0, "success") if arrived else (1, "failed:system failed")
    inner = (
        f"<SubscribeMsgSentEvent><List><TemplateId><![CDATA[{sent.template}]]></TemplateId><MsgID>{sent.msgid}</MsgID>"
        f"<ErrorCode>{code}</ErrorCode><ErrorStatus><![CDATA[{word}]]></ErrorStatus></List></SubscribeMsgSentEvent>"
    )
    return event(sent.openid, "subscribe_msg_sent_event", inner, at=at)


def sealed(account: Account, xml: str, *, at: int | None = None) -> tuple[str, bytes]:
    """Query string and body of one push, encrypted and signed."""
    nonce, timestamp = secrets.token_hex(6), str(int(time.time()) if at is None else at)
    encrypted = encrypt(account.aes_key, account.app_id, xml)
    query = {
        "signature": sign(account.token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": "o",
        "encrypt_type": "aes",
        "msg_signature": sign(account.token, timestamp, nonce, encrypted),
    }
    body = f"<xml><ToUserName><![CDATA[{GH}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    return urlencode(query), body.encode()


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def encrypt(aes_key: str, app_id: str, xml: str) -> str:
    """random(16) + length(4, network order) + xml + AppID, padded to 32, AES-256-CBC with the key's head as IV."""
    key, text = base64.b64decode(aes_key + "="), xml.encode()
    plain = secrets.token_bytes(16) + struct.pack("!I", len(text)) + text + app_id.encode()
    pad = 32 - len(plain) % 32
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


def over_http(address: str) -> Post:
    """POST to the server's callback."""
    parts = urlsplit(address)

    def post(query: str, body: bytes) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(parts.netloc, timeout=SECONDS)
        try:
            connection.request("POST", f"{parts.path}?{query}", body, {"Content-Type": "text/xml"})
            answer = connection.getresponse()
            return answer.status, answer.read(1024)
        finally:
            connection.close()

    return post


class Pusher:
    """Pushes in the order of what happened, in a thread of its own; what was never taken is counted in ``lost``."""

    def __init__(self, account: Account, post: Post | None) -> None:
        self._account = account
        self._post = post
        self._waiting: queue.Queue[str] = queue.Queue()
        self.lost = 0
        threading.Thread(target=self._work, daemon=True).start()

    def push(self, xml: str) -> None:
        if self._post is not None:
            self._waiting.put(xml)

    def settle(self) -> None:
        """Wait until everything has been pushed."""
        self._waiting.join()

    def _work(self) -> None:
        while True:
            xml = self._waiting.get()
            try:
                self.lost += not any(self._taken(xml) for _ in range(TRIES))
            finally:
                self._waiting.task_done()

    def _taken(self, xml: str) -> bool:
        if self._post is None:
            return True
        try:
            status, answer = self._post(*sealed(self._account, xml))
        except (OSError, http.client.HTTPException):
            status, answer = 0, b""
        if (status, answer) == (200, b"success"):
            return True
        time.sleep(PAUSE)
        return False
