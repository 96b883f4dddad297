"""What may be done to many cases at once: the wish, its limits, and the dry run that says it case by case.

The dry run only reads. It asks what the commands of one case ask, in their order; what it cannot know (somebody acts
in between) the act itself finds out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from backend.applications import corrections, handover, hands
from backend.applications.corrections import Defect
from backend.applications.policy import Reviewer
from backend.catalogue import queries as catalogue
from backend.catalogue.definition import ItemDefinition
from backend.kernel.errors import Invalid
from backend.kernel.i18n import N_, Text
from backend.lifecycles.application import REVIEWABLE, ApplicationStatus as S
from backend.models.application import Application, Correction

KINDS = ("accept", "approve", "request_correction", "hand_over")
MOST = 500
#: Outcomes that are no refusals: done, and what a dry run says instead.
DONE, READY = "done", "ready"
DUPLICATE, FOREIGN = "duplicate", "not_found"
#: Every outcome in words; a refusal keeps the code that the page of the case would have given.
OUTCOMES: dict[str, Text] = {
    DONE: N_("办好了"),
    READY: N_("可以办"),
    DUPLICATE: N_("同一件写了两遍，只办一次"),
    FOREIGN: N_("辖区里没有这一件"),
    "failed": N_("没有办成，系统已记下原因，请单独办这件"),
    "changed_since": N_("您看过以后又有了变化，请打开看看再办"),
    "already_claimed": N_("同事正在办"),
    "not_your_level": N_("现在轮到别的层级办"),
    "not_reviewable": N_("现在不在审核中"),
    "already_accepted": N_("已经受理过了"),
    "correction_open": N_("正在等申请人补正"),
    "in_notice": N_("公示还没有结束"),
    "consent_pending": N_("再次补正正在等上级同意"),
    "second_notice": N_("已经通知补正过，再次补正要单独办"),
    "unknown_target": N_("这个事项没有要补正的那一项"),
    "not_there": N_("接手的同事现在不在岗"),
} | dict(hands.WORDS)


CHOOSE = N_("请选一个办法")


@dataclass(frozen=True, slots=True)
class Pick:
    """One case as the clerk saw it; without a version, whichever."""

    number: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What to do with each of them; ``to``: the name with which the colleague of a hand-over signs in."""

    kind: str
    note: str = ""
    items: tuple[Defect, ...] = ()
    to: str | None = None


def title(outcome: str | None) -> Text:
    """An outcome in words; a code that has none yet stands for a refusal of the case's own page."""
    if outcome is None:
        return N_("还没有办")
    return OUTCOMES.get(outcome) or N_("按规定现在不能这样办，请打开看看")


def check_wish(session: Session, reviewer: Reviewer, wish: Wish) -> None:
    """Whole, before any case is looked at; 422 with the field that is missing."""
    if wish.kind == "request_correction":
        if not wish.note.strip():
            raise _missing("note", "note_missing", N_("请写明原因，申请人会看到"))
        if not wish.items:
            raise _missing("items", "items_missing", N_("请选一个写明了补正内容的常用语"))
    if wish.kind == "hand_over":
        if not wish.to:
            raise _missing("to", "to_missing", N_("请选交给哪位同事"))
        receiver(session, reviewer, wish)


def receiver(session: Session, reviewer: Reviewer, wish: Wish) -> Reviewer:
    """The colleague of a hand-over, at work in the clerk's own office; 404 or 409 for anybody else."""
    return handover.taker(session, wish.to or "", region=reviewer.region, but=reviewer.id)


def _missing(field: str, code: str, words: Text) -> Invalid:
    return Invalid(code, words, errors={field: [words]})


def check_size(picks: Collection[Pick]) -> None:
    """1 to 500."""
    if not picks:
        raise _missing("numbers", "nothing_chosen", N_("请先勾选要办的件"))
    if len(picks) > MOST:
        raise _missing("numbers", "too_many", N_("一次最多办 %(most)d 件，请分几次", most=MOST))


def repeated(picks: Sequence[Pick]) -> set[int]:
    """Positions of numbers that stood before."""
    seen: set[str] = set()
    again = set()
    for position, pick in enumerate(picks):
        if pick.number in seen:
            again.add(position)
        seen.add(pick.number)
    return again


def preview(
    session: Session, *, reviewer: Reviewer, wish: Wish, picks: Sequence[Pick], now: datetime
) -> list[dict[str, Any]]:
    """The dry run: number, outcome and its words for each case, in the order given; nothing is written."""
    check_wish(session, reviewer, wish)
    check_size(picks)
    rows = _rows(session, reviewer, {pick.number for pick in picks})
    asked = _Asked(session, reviewer, wish, [row.id for row in rows.values()], now)
    again, items = repeated(picks), []
    for position, pick in enumerate(picks):
        row = rows.get(pick.number)
        outcome = DUPLICATE if position in again else FOREIGN if row is None else asked.outcome(row, pick)
        service = catalogue.definition(session, row.service_item, row.service_item_version).name if row else None
        items.append({"number": pick.number, "outcome": outcome, "title": title(outcome), "service_name": service})
    return items


def _rows(session: Session, reviewer: Reviewer, numbers: set[str]) -> Mapping[str, Row[Any]]:
    columns = (
        Application.id,
        Application.number,
        Application.version,
        Application.status,
        Application.queue,
        Application.service_item,
        Application.service_item_version,
        Application.claimed_by,
        Application.claimed_until,
    )
    inside = getattr(Application, reviewer.level) == reviewer.region
    query = select(*columns).where(Application.number.in_(numbers), inside, Application.due_at.is_not(None))
    rows: list[Row[Any]] = list(session.execute(query))
    return {row.number: row for row in rows}


class _Asked:
    """What must be known of all the cases, read in a few statements whatever their number."""

    def __init__(self, session: Session, reviewer: Reviewer, wish: Wish, cases: list[int], now: datetime) -> None:
        self.session, self.reviewer, self.wish, self.now = session, reviewer, wish, now
        self.barred = hands.barred(session, reviewer, cases)
        self.their_barred: dict[int, str] = {}
        if wish.kind == "hand_over":
            self.their_barred = hands.barred(session, receiver(session, reviewer, wish), cases)
        sent, self.pending = _notices(session, cases)
        self.sent = sent if wish.kind == "request_correction" else set()

    def outcome(self, row: Row[Any], pick: Pick) -> str:
        """The first reason against it, or ``ready``."""
        barred = (self.their_barred if self.wish.kind == "hand_over" else self.barred).get(row.id)
        party = barred if barred != hands.ACTED else None
        changed = "changed_since" if pick.version not in (None, row.version) else None
        return party or self._state(row) or barred or changed or self._words(row) or READY

    def _state(self, row: Row[Any]) -> str | None:
        if row.status not in REVIEWABLE:
            return "not_reviewable"
        if row.queue != self.reviewer.level:
            return "not_your_level"
        held = row.claimed_until is not None and row.claimed_until > self.now
        if held and row.claimed_by != self.reviewer.id:
            return "already_claimed"
        if self.wish.kind != "hand_over" and row.id in self.pending:
            return "consent_pending"
        return "already_accepted" if self.wish.kind == "accept" and row.status != S.SUBMITTED else None

    def _words(self, row: Row[Any]) -> str | None:
        if self.wish.kind != "request_correction":
            return None
        if row.id in self.sent:
            return "second_notice"
        definition: ItemDefinition = catalogue.definition(self.session, row.service_item, row.service_item_version)
        return "unknown_target" if any(one.target not in definition.targets for one in self.wish.items) else None


def _notices(session: Session, cases: list[int]) -> tuple[set[int], set[int]]:
    """Cases that had a notice, and cases in which a second one waits for consent."""
    columns = (Correction.application_id, Correction.waits_for, Correction.closed_as, Correction.closed_at)
    sent, pending = set(), set()
    for row in session.execute(select(*columns).where(Correction.application_id.in_(cases))):
        if row.waits_for is not None and row.closed_at is None:
            pending.add(row.application_id)
        if row.waits_for is None and row.closed_as not in corrections.NEVER_SENT:
            sent.add(row.application_id)
    return sent, pending
