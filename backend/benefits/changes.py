"""What a person says has changed: checked when told, sealed with their key, opened for the clerk who reviews it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from backend.benefits import policy
from backend.benefits.policy import Account, Change
from backend.kernel.clock import today
from backend.kernel.crypto import Seal, place
from backend.kernel.errors import Invalid, Wrong
from backend.kernel.i18n import N_, Text
from backend.kernel.text import clean
from backend.models.benefit import Confirmation

LONGEST = 500


def told(
    *,
    kinds: tuple[str, ...],
    moved_to: str,
    bank: str,
    account_number: str,
    died_on: date | None,
    words: str,
    holder: str,
    now: datetime,
) -> Change:
    """A checked change, or one refusal that names every wrong field; what belongs to no chosen kind is left out."""
    wrong: dict[str, list[Text]] = {}
    found: dict[str, Any] = {}

    def take(name: str, read: Callable[[], Any]) -> None:
        try:
            found[name] = read()
        except Wrong as error:
            wrong[name] = [error.text]

    if not kinds or any(kind not in policy.CHANGES for kind in kinds):
        wrong["kinds"] = [N_("请选一选，哪里有变化")]
    if "moved" in kinds:
        take("moved_to", lambda: clean(moved_to, max_length=100))
    if "account" in kinds:
        take("bank", lambda: clean(bank, max_length=60))
        take("account_number", lambda: policy.account(name=holder, bank="-", number=account_number).number)
    if "died" in kinds and (died_on is None or died_on > today(now)):
        wrong["died_on"] = [N_("请填去世的日期，不会晚于今天")]
    if words.strip() or {"family", "other"} & set(kinds):
        take("words", lambda: clean(words, max_length=LONGEST, multiline=True))
    if wrong:
        raise Invalid("invalid_input", N_("还有 %(n)s 处要填，写好的都在", n=len(wrong)), errors=wrong)
    return _change(kinds, found, holder, died_on)


def _change(kinds: tuple[str, ...], found: dict[str, Any], holder: str, died_on: date | None) -> Change:
    return Change(
        kinds=tuple(kind for kind in policy.CHANGES if kind in kinds),
        moved_to=found.get("moved_to", ""),
        account=Account(holder, found["bank"], found["account_number"]) if "account" in kinds else None,
        died_on=died_on if "died" in kinds else None,
        words=found.get("words", ""),
    )


def sealed(seal: Seal, change: Change, row: Confirmation) -> str:
    """The sealed form for the row it belongs to."""
    value = {
        "kinds": change.kinds,
        "moved_to": change.moved_to,
        "bank": change.account.bank if change.account else "",
        "account": change.account.number if change.account else "",
        "name": change.account.name if change.account else "",
        "died_on": change.died_on.isoformat() if change.died_on else "",
        "words": change.words,
    }
    return seal.seal_text(
        json.dumps(value, ensure_ascii=False, separators=(",", ":")), place("confirmation", "change", row.id)
    )


def opened(seal: Seal, row: Confirmation) -> Change | None:
    """The change of a row, or ``None`` when none was told."""
    if row.change is None:
        return None
    found = json.loads(seal.open_text(row.change, place("confirmation", "change", row.id)))
    account = Account(found["name"], found["bank"], found["account"]) if found["account"] else None
    died_on = date.fromisoformat(found["died_on"]) if found["died_on"] else None
    return Change(tuple(found["kinds"]), found["moved_to"], account, died_on, found["words"])
