"""A word that WeChat lends for two hours (access token, JS ticket), shared by all processes of an installation.

One process fetches it, the others find it in Redis, sealed. Without Redis each process fetches for itself: the stable
token is the same for everyone who asks. Times are the machine's: they measure.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar, cast

from redis import Redis

from backend.gateways.wechat import WechatUnavailable
from backend.kernel.crypto import Unreadable, Vault, place

T = TypeVar("T")
#: Seconds: as long as one fetch may take; whoever holds the lock and dies does not keep the others for longer.
LOCK = 4.0
PAUSE = 0.05
#: Seconds after a failure in which nobody asks again: those who waited for it would each wait as long, one by one.
REST = 1.0
#: Seconds before its end a word is no longer begun with.
MARGIN = 200


class Broker(Protocol):
    """Redis as a help that may be away."""

    def attempt(self, ask: Callable[[Redis], T], otherwise: T) -> T: ...


@dataclass(frozen=True, slots=True)
class Word:
    """``until``: Unix time from which on it is not used."""

    value: str = field(repr=False)
    until: float

    @classmethod
    def lent(cls, value: str, seconds: int) -> Word:
        """A word just received that WeChat takes for so many seconds."""
        return cls(value, time.time() + max(seconds - MARGIN, seconds / 2))

    @property
    def fresh(self) -> bool:
        return time.time() < self.until


class SharedWord:
    """``fetch(force)`` asks WeChat; ``force``: for another word than the one it gave last."""

    def __init__(self, name: str, broker: Broker, vault: Vault, fetch: Callable[[bool], Word]) -> None:
        self._key = f"wechat:{name}"
        self._broker = broker
        self._vault = vault
        self._fetch = fetch
        self._kept: Word | None = None
        self._rests_until = 0.0
        self._mine = threading.Lock()

    def get(self) -> str:
        """The word that is good now; ``WechatUnavailable``."""
        return self._other_than(None)

    def renew(self, bad: str) -> str:
        """Another word than one that WeChat just refused: whoever comes second finds what the first one fetched."""
        return self._other_than(bad)

    def _other_than(self, bad: str | None) -> str:
        kept = self._kept
        if _good(kept, bad):
            return cast(Word, kept).value
        with self._mine:
            if not _good(self._kept, bad):
                if time.monotonic() < self._rests_until:
                    raise WechatUnavailable("failed just now")
                self._kept = self._found(bad)
            return cast(Word, self._kept).value

    def _found(self, bad: str | None) -> Word:
        """What another process has stored, or what this one fetches while it holds the lock."""
        end = time.monotonic() + LOCK
        while True:
            stored = self._stored()
            if _good(stored, bad):
                return cast(Word, stored)
            if self._locked() or time.monotonic() > end:
                break
            time.sleep(PAUSE)
        try:
            # Somebody may have stored one between our look and our lock.
            stored = self._stored()
            return cast(Word, stored) if _good(stored, bad) else self._fetched(force=bad is not None)
        finally:
            self._broker.attempt(lambda redis: redis.delete(f"{self._key}:lock"), None)

    def _fetched(self, *, force: bool) -> Word:
        try:
            word = self._fetch(force)
        except WechatUnavailable as error:
            self._rests_until = time.monotonic() + REST
            # Whatever became of the fetch, the message that wanted it was not sent.
            raise WechatUnavailable(str(error)) from error
        content = json.dumps([word.value, word.until]).encode()
        sealed, seconds = self._vault.seal(content, self._place), max(1, int(word.until - time.time()))
        self._broker.attempt(lambda redis: redis.set(self._key, sealed, ex=seconds), None)
        return word

    def _stored(self) -> Word | None:
        sealed = self._broker.attempt(lambda redis: cast("bytes | None", redis.get(self._key)), None)
        if sealed is None:
            return None
        try:
            value, until = json.loads(self._vault.open(sealed.decode(), self._place))
        except (Unreadable, ValueError):
            return None
        return Word(value, until)

    def _locked(self) -> bool:
        """Whether it is ours to fetch; without Redis everyone fetches."""
        return self._broker.attempt(
            lambda redis: bool(redis.set(f"{self._key}:lock", "1", nx=True, px=int(LOCK * 1000))), True
        )

    @property
    def _place(self) -> str:
        return place("wechat", self._key, 0)


def _good(word: Word | None, bad: str | None) -> bool:
    return word is not None and word.fresh and word.value != bad
