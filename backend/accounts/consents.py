"""Consents: purposes are data, every grant and withdrawal is a row with the version that was shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.queries import resident_row
from backend.kernel.errors import Conflict, NotFound
from backend.kernel.i18n import N_
from backend.models.resident import ResidentConsent


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a person is asked to agree to; ``text`` by language (zh, en), ``version`` changes with the text."""

    code: str
    version: str
    text: Mapping[str, str]


Purposes = Mapping[str, Purpose]


@dataclass(frozen=True, slots=True)
class ConsentCard:
    """One purpose as a person sees it; ``given_at`` only while the present text is agreed to."""

    purpose: str
    text: str
    text_version: str
    required_for: Sequence[str]
    given_at: datetime | None


def listed(
    session: Session,
    *,
    resident_id: int,
    purposes: Purposes,
    required_for: Mapping[str, Sequence[str]],
    language: str = "zh",
) -> list[ConsentCard]:
    """Every purpose in the order of the configuration; ``required_for``: purpose → codes of service items."""
    given = given_purposes(session, resident_id=resident_id, purposes=purposes)
    return [
        ConsentCard(
            purpose.code,
            purpose.text.get(language, purpose.text["zh"]),
            purpose.version,
            list(required_for.get(purpose.code, ())),
            given.get(purpose.code),
        )
        for purpose in purposes.values()
    ]


def given_purposes(session: Session, *, resident_id: int, purposes: Purposes) -> dict[str, datetime]:
    """The purposes agreed to in their present version, and since when; what a submission asks."""
    return {
        code: row.at
        for code, row in _latest(session, resident_id).items()
        if row.act == "given" and code in purposes and row.text_version == purposes[code].version
    }


def give(
    session: Session,
    *,
    resident_id: int,
    purpose: str,
    text_version: str | None,
    purposes: Purposes,
    now: datetime,
) -> None:
    """Agree to the present text; ``Conflict`` when the person has seen an older one. Twice is once."""
    current = _known(purposes, purpose)
    if text_version is not None and text_version != current.version:
        raise Conflict(
            "consent_outdated",
            N_("这份说明有了新的内容，请再看一遍后同意"),
            extra={"text_version": current.version},
        )
    resident_row(session, resident_id)
    latest = _latest(session, resident_id).get(purpose)
    if latest is None or (latest.act, latest.text_version) != ("given", current.version):
        _record(session, resident_id, purpose, current.version, "given", now)


def withdraw(session: Session, *, resident_id: int, purpose: str, purposes: Purposes, now: datetime) -> None:
    """Take a consent back from now on; nothing happens when none was given."""
    _known(purposes, purpose)
    latest = _latest(session, resident_id).get(purpose)
    if latest is not None and latest.act == "given":
        _record(session, resident_id, purpose, latest.text_version, "withdrawn", now)


def history(session: Session, resident_id: int) -> list[ResidentConsent]:
    """Every grant and withdrawal in order."""
    statement = select(ResidentConsent).where(ResidentConsent.resident_id == resident_id)
    return list(session.scalars(statement.order_by(ResidentConsent.id)))


def _known(purposes: Purposes, purpose: str) -> Purpose:
    if purpose not in purposes:
        raise NotFound("not_found", N_("没有这一项同意"))
    return purposes[purpose]


def _latest(session: Session, resident_id: int) -> dict[str, ResidentConsent]:
    return {row.purpose: row for row in history(session, resident_id)}


def _record(session: Session, resident_id: int, purpose: str, version: str, act: str, now: datetime) -> None:
    session.add(ResidentConsent(resident_id=resident_id, purpose=purpose, text_version=version, act=act, at=now))
