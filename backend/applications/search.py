"""Finding a case by its number, or by exact name or document through the blind index: each case shown is noted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session

from backend.accounts.policy import id_index
from backend.applications import claims, queue
from backend.applications.policy import Reviewer
from backend.applications.queue import CASE
from backend.events import audit
from backend.kernel.crypto import Vault
from backend.kernel.errors import Invalid, Wrong
from backend.kernel.i18n import N_
from backend.kernel.privacy import check_id
from backend.kernel.text import person_name
from backend.models.application import Application

#: More than so many cases of one name are not a find: the number of the document says who is meant.
MOST = 20
ACT = "search.person"


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a clerk looks for: a checked name, or a document by type and checked number."""

    name: str | None = None
    id_type: str | None = None
    id_number: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """Lines, newest case first; ``more``: there are others, which only a document number tells apart."""

    items: list[dict[str, Any]]
    more: bool


def person(*, name: str | None, id_type: str | None, id_number: str | None) -> Person:
    """What was typed, in the form in which a submission keeps it; ``Invalid`` says what to mend."""
    try:
        if id_number:
            return Person(id_type=id_type or "resident_id", id_number=check_id(id_type or "resident_id", id_number))
        if name:
            return Person(name=person_name(name))
    except Wrong as wrong:
        field = "id_number" if id_number else "name"
        raise Invalid("unreadable", wrong.text, errors={field: [wrong.text]}) from wrong
    words = N_("请写姓名或者证件号")
    raise Invalid("nothing_to_search", words, errors={"name": [words]})


def by_number(session: Session, *, reviewer: Reviewer, number: str, now: datetime) -> Result:
    """The case of a number as it stands in the queue; none outside the jurisdiction."""
    return Result(queue.lines(session, reviewer, _rows(session, reviewer, CASE.number == number, 1), now), False)


def by_person(session: Session, *, vault: Vault, reviewer: Reviewer, person: Person, now: datetime) -> Result:
    """Cases of the jurisdiction whose holder has exactly this name or document.

    A command: each case that is shown gets a row in its chain, which the applicant reads as a look.
    """
    rows = _rows(session, reviewer, _whose(vault, person), MOST + 1)
    shown = rows[:MOST]
    items = queue.lines(session, reviewer, shown, now)
    # In one order, so that two searches never wait for each other in a ring.
    cases = select(Application).where(Application.id.in_([row.id for row in shown])).order_by(Application.id)
    for case in session.scalars(cases):
        audit.note(session, case, act=ACT, actor=claims.actor(reviewer), now=now)
    return Result(items, len(rows) > MOST)


def _whose(vault: Vault, person: Person) -> ColumnElement[bool]:
    if person.id_type and person.id_number:
        return CASE.holder_id_index == id_index(vault, person.id_type, person.id_number)
    return CASE.holder_name_index == vault.index("holder-name", person.name or "")


def _rows(session: Session, reviewer: Reviewer, whose: ColumnElement[bool], most: int) -> list[Row[Any]]:
    """The county stands in the index of names, so that a common name elsewhere costs nothing here."""
    place, county = CASE[reviewer.level] == reviewer.region, CASE.county == f"{reviewer.region[:6]}000000"
    query = queue.SELECTED.where(whose, county, place, CASE.due_at.is_not(None))
    return list(session.execute(query.order_by(CASE.id.desc()).limit(most), {"reader": reviewer.id}))
