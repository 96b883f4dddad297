"""A lifecycle said once: states, moves, who may, labels. Everything else is derived from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.kernel.errors import Conflict
from backend.kernel.i18n import N_, Text


@dataclass(frozen=True, slots=True)
class Move:
    """``actors`` are roles of the case, not of the person: applicant, reviewer, system…

    ``topic`` names the outbox work that the move leaves behind (``None``: nothing).
    """

    name: str
    sources: frozenset[str]
    target: str
    actors: frozenset[str]
    label: Text
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The states of one kind of thing and every move between them."""

    name: str
    labels: Mapping[Any, Text]
    moves: tuple[Move, ...]

    #: (status, role) → names of moves; made once, asked for every row of every list.
    _allowed: Mapping[tuple[str, str], tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        roles = {role for move in self.moves for role in move.actors}
        table = {(status, role): self._moves_of(status, role) for status in self.states for role in roles}
        object.__setattr__(self, "_allowed", table)

    def _moves_of(self, status: str, role: str) -> tuple[str, ...]:
        return tuple(move.name for move in self.moves if status in move.sources and role in move.actors)

    def move(self, name: str) -> Move:
        return next(move for move in self.moves if move.name == name)

    def check(self, name: str, status: str, actor: str) -> Move:
        """The move, or ``Conflict`` when this status or this role does not allow it."""
        move = self.move(name)
        if status not in move.sources or actor not in move.actors:
            raise Conflict(
                "not_allowed_now",
                N_("现在是“%(status)s”，不能%(move)s", status=self.label(status), move=move.label),
                extra={"state": status, "allowed_actions": self.allowed(status, actor)},
            )
        return move

    def target(self, name: str, status: str) -> str | None:
        """Where a move leads from this status; ``None`` where it does not begin there."""
        move = self.move(name)
        return move.target if status in move.sources else None

    def allowed(self, status: str, actor: str) -> list[str]:
        """The names of the moves this role may make from this status."""
        return list(self._allowed.get((status, actor), ()))

    def label(self, status: str) -> Text:
        return self.labels[status]

    @property
    def states(self) -> list[str]:
        return [state.value for state in self.labels]


def moves(*rows: tuple[str, Iterable[str], str, Iterable[str], Text, str | None]) -> tuple[Move, ...]:
    """A table of moves: name, from, to, who, label, topic."""
    return tuple(Move(n, frozenset(f), t, frozenset(w), label, topic) for n, f, t, w, label, topic in rows)
