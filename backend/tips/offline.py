"""What the holder of an offline key does with a parcel, away from the server: open it.

It needs neither database nor settings nor network: ``python -m ops.open_tips`` runs it on any machine with this code.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from backend.kernel import sealing
from backend.kernel.crypto import Unreadable
from backend.tips import entries, packages, papers, parcels
from backend.tips.entries import Entry
from backend.tips.packages import Paper
from backend.tips.papers import Attached, Sheet

#: What the oversight reads beside the report: it judges the work of the office.
SAID = (entries.MESSAGE, entries.FINDING, entries.TRANSFER)


class Lines:
    """The lines of a parcel with a look at the next one."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = parcels.read(lines)
        self.next: dict[str, Any] | None = next(self._lines, None)

    def take(self) -> dict[str, Any]:
        taken, self.next = self.next, next(self._lines, None)
        if taken is None:
            raise ValueError("the parcel is cut off")
        return taken

    def is_next(self, what: str) -> bool:
        return self.next is not None and self.next["what"] == what

    def skip(self) -> None:
        """Past all that belongs to a tip."""
        while self.is_next("entry") or self.is_next("chunk"):
            self.take()

    def pieces(self) -> Iterator[bytes]:
        while self.is_next("chunk"):
            yield parcels.unb64(self.take()["content"])


def pair_of(text: str) -> sealing.Pair:
    """The pair of a private key as ``flask tips keypair`` prints it; ``ValueError`` without exactly one in the text."""
    said = [line.partition(":")[2] or line for line in text.splitlines() if not line.startswith(("#", "public"))]
    found = [raw for raw in map(_raw, said) if len(raw) == sealing.KEY]
    if len(found) != 1:
        raise ValueError("no private key in this file, or more than one")
    return sealing.pair_of(found[0])


def opened(parcel: Iterable[bytes], private: bytes) -> Iterator[Paper]:
    """The papers of a parcel: for each tip its evidence and a page, at last how many there are.

    To be written in this order: evidence is read on the way. Tips that were sealed to an earlier key are counted and
    left out; ``Unreadable`` when none opens.
    """
    lines, tips, others = Lines(parcel), 0, 0
    head = lines.take()
    while lines.is_next("tip"):
        tip = lines.take()
        try:
            key = sealing.open_from(private, parcels.unb64(tip["box"]))
        except Unreadable:
            others += 1
            lines.skip()
            continue
        tips += 1
        yield from _tip(lines, tip, key, f"{tips:04d}")
    if not lines.is_next("end") or lines.take()["tips"] != tips + others:
        raise ValueError("the parcel is cut off")
    if others and not tips:
        raise Unreadable("another key")
    yield Paper("summary.txt", [_summary(head, tips, others).encode()])


def _summary(head: dict[str, Any], tips: int, others: int) -> str:
    said = f"{papers.written(date.fromisoformat(head['day']))}导出，{tips} 件\r\n"
    return said + (f"另有 {others} 件是封给以前的钥匙的，请用那一把再打开一次\r\n" if others else "")


def _tip(lines: Lines, tip: dict[str, Any], key: bytes, name: str) -> Iterator[Paper]:
    read: list[Entry] = []
    attached: list[Attached] = []
    while lines.is_next("entry"):
        row = parcels.row_of(lines.take(), tip["id"])
        entry = entries.opened(key, row)
        read.append(entry)
        if entry.kind == entries.EVIDENCE and entry.content is not None:
            file = packages.evidence_name(len(attached) + 1, entry.content["mime"], f"{name}-")
            attached.append(Attached(file, entry.content["name"]))
            yield Paper(file, sealing.open_stream(entries.key_of(key, row), lines.pieces()), packed=True)
    report = next((one.content for one in read if one.kind == entries.REPORT), None)
    said = [one for one in read if one.kind in SAID]
    yield Paper(f"{name}-report.html", [papers.page(Sheet("举报", _facts(tip), report, True, said, attached))])


def _facts(tip: dict[str, Any]) -> list[tuple[str, str]]:
    days = (
        ("收到", tip["received_on"]),
        ("交给核查人员", tip["released_on"]),
        ("应当在这天以前看", tip["acknowledge_by"]),
        ("看过", tip["acknowledged_on"]),
        ("应当在这天以前答复", tip["answer_by"]),
        ("答复过", tip["answered_on"]),
        ("逾期，请市级监督", tip["escalated_on"]),
        ("结束", tip["closed_on"]),
    )
    said = [(name, papers.written(date.fromisoformat(day)) if day else "还没有") for name, day in days]
    return [("编号", tip["id"]), ("现在", papers.status(tip["status"])), *said]


def _raw(word: str) -> bytes:
    try:
        return base64.b64decode(word.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""
