"""Loading a case and its sealed parts; every command starts here."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.accounts.queries import Person
from backend.catalogue import queries as catalogue
from backend.catalogue.definition import ItemDefinition
from backend.kernel.crypto import Seal, Vault, place
from backend.kernel.errors import Conflict, NotFound, Stale
from backend.kernel.i18n import N_
from backend.lifecycles.application import ApplicationStatus as S
from backend.models.application import Application

EDITABLE = (S.DRAFT, S.CORRECTION)


def not_found() -> NotFound:
    return NotFound("not_found", N_("没有找到这件申请，可能已经删除，或者不是您的"))


@dataclass(frozen=True, slots=True)
class Case:
    """A loaded application with the person it belongs to and the item it is about."""

    row: Application
    person: Person
    definition: ItemDefinition

    @property
    def seal(self) -> Seal:
        return self.person.seal

    def answers(self) -> dict[str, Any]:
        """The answers as they were saved."""
        opened: dict[str, Any] = open_json(self.seal, self.row.answers, place("application", "answers", self.row.id))
        return opened

    def keep_answers(self, answers: dict[str, Any]) -> None:
        self.row.answers = seal_json(self.seal, answers, place("application", "answers", self.row.id))

    def note(self, words: str) -> str:
        """Words to the applicant, sealed for a history row."""
        return self.seal.seal_text(words, note_place(self.row.id))


def note_place(application_id: int) -> str:
    """The additional data of every history note of a case."""
    return place("application_history", "note", application_id)


def commitment(sealed: str) -> str:
    """What the audit chain keeps of sealed words: salted by their nonce, so that it says nothing after an erasure."""
    return hashlib.sha256(sealed.encode()).hexdigest()


def seal_json(seal: Seal, value: Any, at: str) -> str:
    return seal.seal(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), at)


def open_json(seal: Seal, sealed: str, at: str) -> Any:
    return json.loads(seal.open(sealed, at))


def own(session: Session, vault: Vault, *, application_id: int, resident_id: int, lock: bool = True) -> Case:
    """The applicant's own case; ``NotFound`` for anyone else's. Commands lock it, reads do not."""
    query = select(Application).where(Application.id == application_id, Application.resident_id == resident_id)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise not_found()
    return whole(session, vault, row)


def whole(session: Session, vault: Vault, row: Application) -> Case:
    """The case around a row that was loaded already."""
    person = accounts.person(session, vault, row.resident_id)
    definition = catalogue.definition(session, row.service_item, row.service_item_version)
    return Case(row, person, definition)


def check_version(row: Application, expected: int | None) -> None:
    """``Stale`` when the client looked at an older version."""
    if expected is not None and expected != row.version:
        raise Stale("stale", N_("这件申请在别处改过了，请刷新后再改，已保存的内容都在"), extra={"version": row.version})


def check_editable(row: Application) -> None:
    """``Conflict`` unless the applicant may change the content now."""
    if row.status not in EDITABLE:
        raise Conflict("not_editable", N_("这件申请已经提交，现在不能改；需要改请先撤回，或等补正通知"))
