"""Two investigators of one county with tips before them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import update

from backend.models.tip import Tip
from backend.tips import (
    desk,
    dialogue,
    entries,
    lines,
    mailboxes,
    merging,
    moving,
)
from backend.tips.desk import TipCard
from backend.tips.lines import Listed
from backend.tips.moving import Words
from backend.tips.tokens import Holder
from backend.tips.unlocking import Opener
from backend.tips_runtime import TipsRuntime
from tests import investigating


@dataclass
class Office:
    """Two investigators of one county and the tips that reached them."""

    at: TipsRuntime
    one: Opener
    two: Opener

    def file(self, **what: Any) -> Holder:
        """A tip, released; its reporter."""
        _, holder = investigating.filed(self.at, **what)
        self.at.db.transact(lambda session: session.execute(released(self.at.today)))
        return holder

    def show(self, tip_id: str, opener: Opener | None = None) -> TipCard:
        return self.at.db.transact(desk.show, opener=opener or self.one, tip_id=tip_id, day=self.at.today)

    def act(self, command: Any, tip_id: str, *, by: Opener | None = None, **what: Any) -> Any:
        given = {"opener": by or self.one, "day": self.at.today, "version": None, "log_id": entries.new_id()} | what
        return self.at.db.transact(command, tip_id=tip_id, **given)

    def say(self, tip_id: str, text: str = "请问是哪一层", *, ask: bool = False, **what: Any) -> Any:
        return self.act(dialogue.say, tip_id, text=text, ask=ask, **what)

    def move(self, tip_id: str, name: str, *, note: str = "", tell: str = "", **what: Any) -> Any:
        return self.act(moving.move, tip_id, name=name, words=Words(note, tell), **what)

    def merge(self, tip_id: str, into: str | None, **what: Any) -> Any:
        return self.act(merging.merge, tip_id, into=into, **what)

    def list(self, *, view: str = "all", by: Opener | None = None, locked: bool = False) -> list[Listed]:
        opener = by or self.one
        private = None if locked else opener.private
        with self.at.db.reading() as session:
            return lines.listing(
                session, investigator_id=opener.id, private=private, day=self.at.today, view=view, limit=20
            )

    def row(self, tip_id: str) -> Tip:
        with self.at.db.reading() as session:
            return session.get_one(Tip, tip_id)

    def inbox(self, holder: Holder) -> mailboxes.Inbox:
        with self.at.db.reading() as session:
            return mailboxes.show(session, holder=holder)


def released(day: date) -> Any:
    three, fifteen = day + timedelta(days=3), day + timedelta(days=15)
    waiting = update(Tip).where(Tip.released_on.is_(None))
    return waiting.values(released_on=day, acknowledge_by=three, answer_by=fifteen)
