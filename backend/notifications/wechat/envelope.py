"""What WeChat's server sends to ours, taken out of its envelope: signature, time, encryption, XML.

Source: developers.weixin.qq.com, 服务号, 接入指南 and 消息加解密说明. Nothing in here is trusted before the signature
fits; with an AES key nothing but encrypted events is taken.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from xml.parsers import expat

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

#: Seconds by which the two machines' clocks may differ, with the pushes that WeChat repeats.
WINDOW = 300
LARGEST = 64 * 1024
DEEPEST = 8
BLOCK = 32


class Forged(Exception):
    """Not from WeChat, not for us, or too old; why is nobody's business outside."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Of the callback; ``aes_key``: 43 characters as WeChat shows them, "" for plain events."""

    app_id: str
    token: str = field(repr=False)
    aes_key: str = field(repr=False)


@dataclass(slots=True)
class Element:
    """One element of an XML document."""

    name: str
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def said(self, name: str) -> str:
        """The text of the first child of that name; "" without one."""
        return next((child.text.strip() for child in self.children if child.name == name), "")

    def all(self, *path: str) -> Iterator[Element]:
        """The elements at a path of names below this one."""
        if not path:
            yield self
            return
        for child in self.children:
            if child.name == path[0]:
                yield from child.all(*path[1:])


def greeting(keys: Keys, query: Mapping[str, str], *, beat: datetime) -> str:
    """What WeChat wants back when the address is entered at its site; ``Forged``."""
    _check(query.get("signature", ""), keys.token, query, beat)
    return query.get("echostr", "")


def opened(keys: Keys, query: Mapping[str, str], body: bytes, *, beat: datetime) -> bytes:
    """The event in plain XML; ``Forged``. ``beat``: the machine's time."""
    if not keys.aes_key:
        _check(query.get("signature", ""), keys.token, query, beat)
        return body
    encrypted = parsed(body).said("Encrypt")
    _check(query.get("msg_signature", ""), keys.token, query, beat, encrypted)
    return _decrypted(keys, encrypted)


def parsed(xml: bytes) -> Element:
    """The root of a document; ``Forged`` for broken, deep or tricky ones (a DTD can blow up a parser)."""
    root = Element("")
    path = [root]

    def begin(name: str, _: Mapping[str, str]) -> None:
        if len(path) > DEEPEST:
            raise Forged
        path[-1].children.append(Element(name))
        path.append(path[-1].children[-1])

    def say(text: str) -> None:
        path[-1].text += text

    def refuse(*_: object) -> None:
        raise Forged

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.CharacterDataHandler = begin, say
    parser.EndElementHandler = lambda _: path.pop()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError) as error:
        raise Forged from error
    return root.children[0]


def _check(signature: str, token: str, query: Mapping[str, str], beat: datetime, *more: str) -> None:
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    # SHA-1 over the sorted parts is WeChat's choice; the token is the secret in it.
    parts = "".join(sorted([token, timestamp, nonce, *more]))
    wanted = hashlib.sha1(parts.encode(), usedforsecurity=False).hexdigest()
    if not hmac.compare_digest(wanted.encode(), signature.encode()):
        raise Forged
    if not timestamp.isascii() or not timestamp.isdigit() or abs(beat.timestamp() - int(timestamp[:12])) > WINDOW:
        raise Forged


def _decrypted(keys: Keys, encrypted: str) -> bytes:
    """AES-256-CBC, padded to 32: 16 random bytes, the length (4, network order), the XML, the AppID."""
    key = base64.b64decode(keys.aes_key + "=")
    try:
        sealed = base64.b64decode(encrypted, validate=True)
        decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        plain = decryptor.update(sealed) + decryptor.finalize()
    except (binascii.Error, ValueError) as error:
        raise Forged from error
    pad = plain[-1] if plain else 0
    if not 1 <= pad <= BLOCK or len(plain) < 20 + pad:
        raise Forged
    content, (length,) = plain[20:-pad], struct.unpack("!I", plain[16:20])
    if content[length:] != keys.app_id.encode():
        raise Forged
    return content[:length]
