"""Sentences that a person reads: the Chinese original is the message id, edges translate it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Text:
    """A Chinese sentence with ``%(name)s`` places; ``str()`` gives it in Chinese."""

    msgid: str
    params: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.msgid % self.params if self.params else self.msgid


def N_(msgid: str, **params: object) -> Text:
    """Mark a sentence for translation (pybabel extracts ``N_``) and carry its values."""
    return Text(msgid, params)
