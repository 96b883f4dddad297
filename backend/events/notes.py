"""Whether the words kept beside a case are still the ones its chain commits to."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.lifecycles.application import APPLICATION
from backend.models.retention import CaseRetention

#: Acts that wrote a line of history each, in the same order.
MOVES = frozenset(f"{APPLICATION.name}.{move.name}" for move in APPLICATION.moves)
#: The name of a move and the SHA-256 of its words; ``None``: without words.
Line = tuple[str, str | None]


def histories(session: Session, subject: Any, ids: Sequence[int]) -> dict[int, list[Line]]:
    """The history of these cases in order; empty for rows that keep none."""
    found: dict[int, list[Line]] = defaultdict(list)
    if not ids or not hasattr(subject, "__history__"):
        return found
    history = subject.__history__
    query = select(history.subject_id, history.move, history.note).where(history.subject_id.in_(ids))
    for one in session.execute(query.order_by(history.subject_id, history.id)):
        digest = hashlib.sha256(one.note.encode()).hexdigest() if one.note is not None else None
        found[one.subject_id].append((one.move, digest))
    return found


@dataclass(slots=True)
class Said:
    """The moves of one chain as they pass by, and the history they are held against afterwards."""

    session: Session
    subject: Any
    id: int
    lines: Sequence[Line]
    moves: list[tuple[int, str, str]] = field(default_factory=list)

    def listen(self, entries: Iterable[Any]) -> Iterator[Any]:
        """Pass the rows on."""
        for entry in entries:
            if entry.act in MOVES:
                self.moves.append((entry.sequence, entry.act, entry.commitment))
            yield entry

    def wrong(self, length: int) -> tuple[int, str] | None:
        """The first row whose words are not the committed ones; ``length``: how far the chain was walked."""
        if not hasattr(self.subject, "__history__"):
            return None
        moves = [move for move in self.moves if move[0] <= length]
        for at, (sequence, act, commitment) in enumerate(moves):
            if at >= len(self.lines):
                return sequence, f"{act}: its line of history is missing"
            move, digest = self.lines[at]
            if f"{APPLICATION.name}.{move}" != act:
                return sequence, f"{act}: its line of history says {move}"
            if (digest or "") != commitment and not (digest is None and self._destroyed()):
                return sequence, f"{act}: its words are not the ones that were written"
        if len(self.lines) > len(moves) and self._length() == length:
            return length, "is followed by a line of history that no row knows"
        return None

    def _destroyed(self) -> bool:
        """Whether the words went with everything else when the time of keeping them was over."""
        gone = select(CaseRetention.destroyed_at).where(CaseRetention.application_id == self.id)
        return self.session.execute(gone).scalar() is not None

    def _length(self) -> int:
        """How long the chain is now: what was appended meanwhile has its line already."""
        query = select(self.subject.audit_sequence).where(self.subject.id == self.id)
        return int(self.session.execute(query).scalar() or 0)
