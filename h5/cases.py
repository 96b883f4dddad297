"""A case 申请 as pages show it: one line of a list, and the page of one case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from backend.applications import looks as looking, queries, visits
from backend.catalogue import queries as catalogue, stored
from backend.catalogue.definition import ItemDefinition
from backend.certificates import queries as certificates
from backend.certificates.queries import CertificateCard
from backend.kernel.clock import today
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.visits import LABELS
from backend.web.words import say
from h5 import dates
from h5.shell import in_language

#: status → the colour beside the word.
KINDS = {
    "draft": "grey",
    "submitted": "blue",
    "in_review": "blue",
    "in_notice": "blue",
    "correction": "sun",
    "approved": "",
    "issued": "",
    "rejected": "red",
    "withdrawn": "grey",
}
STOPS = ("reject", "withdraw", "lapse")
WAITING = ("submitted", "in_review", "in_notice", "correction", "approved", "draft")
#: (state, title, line) of a timeline.
Event = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One row of "my applications" and of the home page."""

    name: str
    href: str
    line: str
    tag: str
    kind: str
    waiting: bool


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything the page of one case shows."""

    id: str
    name: str
    number: str
    service_item: str
    tag: str
    kind: str
    headline: str
    next_step: str
    due_on: str | None
    late: bool
    owner: str
    phone: str
    events: list[Event]
    correction: dict[str, Any] | None
    #: Why the last notice was taken back, as long as nothing happened since.
    cancelled: str | None
    questions: list[dict[str, Any]]
    reason: str | None
    certificate: CertificateCard | None
    looks: int
    #: Of a paused case: the last day if it went on today, or on the answer's last day.
    projected: dict[str, str | None] | None
    #: When somebody comes to the home, in words; "" when nobody does.
    visit: str
    #: The time is offered and waits for the resident's word.
    visit_offered: bool
    #: The newest public notice of the case, while it is of interest.
    notice: dict[str, Any] | None
    can_withdraw: bool
    again: bool
    just_sent: bool


def load(application: int) -> dict[str, Any]:
    """The caller's own case as the domain tells it; ``NotFound`` for anybody else's."""
    at = runtime()
    with at.db.reading() as session:
        return queries.one(
            session,
            at.vault,
            purposes=at.purposes,
            calendar=at.calendar,
            resident_id=caller().id,
            application_id=application,
            now=at.clock(),
        )


def lines(items: list[dict[str, Any]]) -> list[CaseLine]:
    """Rows of a list."""
    names = _names()
    return [_line(case, names) for case in items]


def name_of(case: dict[str, Any]) -> str:
    """What the case is about, in the language of the request."""
    return _names().get(case["service_item"], str(case["service_name"]))


def _names() -> dict[str, str]:
    db = runtime().db
    return {item.code: in_language(item, "name") for item in stored.items(db, db.reading)}


def _line(case: dict[str, Any], names: dict[str, str]) -> CaseLine:
    status = case["status"]
    page = {"draft": "h5_filling.resume", "correction": "h5_correction.show"}.get(status, "h5_applications.show")
    return CaseLine(
        name=names.get(case["service_item"], case["service_name"]),
        href=url_for(page, application=case["id"]),
        line=_when(case),
        tag=_("需要您处理") if status == "correction" else say(case["status_label"]),
        kind=KINDS[status],
        waiting=status in WAITING,
    )


def _when(case: dict[str, Any]) -> str:
    match case["status"]:
        case "draft":
            until = dates.full_day(case["expires_at"][:10])
            return _("填了一半，接着填；%(day)s前有效", day=until)
        case "correction":
            return _("请改好交回，%(day)s前", day=dates.day(case["expires_at"][:10])) if case["expires_at"] else ""
    if case["due_on"]:
        day = dates.day(case["due_on"])
        return _("本该 %(day)s 办完，晚了", day=day) if _late(case) else _("最晚 %(day)s 办完", day=day)
    return _("%(moment)s 提交", moment=dates.moment(case["submitted_at"])) if case["submitted_at"] else ""


def _late(case: dict[str, Any]) -> bool:
    """The last day has gone by and the case is not done."""
    return bool(case["due_on"]) and case["due_on"] < today(runtime().clock()).isoformat()


def view(application: int, *, just_sent: bool) -> CaseView:
    """The page of a case that was handed in."""
    case = load(application)
    at = runtime()
    with at.db.reading() as session:
        looks = looking.mine(session, resident_id=caller().id, application_id=application)
        certificate = certificates.of_application(session, application_id=application, now=at.clock())
        visit = visits.of_case(session, application, now=at.clock())[:1]
    notes = [event["note"] for event in case["timeline"] if event["event"] == "reject" and event["note"]]
    return CaseView(
        id=case["id"],
        name=name_of(case),
        number=case["number"] or "",
        service_item=case["service_item"],
        tag=say(case["status_label"]),
        kind=KINDS[case["status"]],
        headline=headline(case),
        next_step=say(case["next_step"]),
        due_on=case["due_on"],
        late=_late(case),
        owner=_owner(case["owner"]),
        phone=case["phone"],
        events=_events(case),
        correction=case["correction"],
        cancelled=_cancelled(case["timeline"]),
        questions=case["questions"],
        reason=notes[-1] if notes and case["status"] == "rejected" else None,
        certificate=certificate,
        visit=" · ".join(_coming(one.starts_at, one.state) for one in visit),
        visit_offered=any(one.state == "offered" and not one.over for one in visit),
        looks=len(looks),
        projected=case["projected"],
        notice=case["notice"] if case["status"] == "in_notice" else None,
        can_withdraw="withdraw" in case["allowed_actions"],
        again="renew" in case["allowed_actions"],
        just_sent=just_sent,
    )


def _coming(starts_at: datetime, state: str) -> str:
    """When somebody comes, and how far that is agreed; that an offer waits for an answer, its tag says."""
    return dates.moment(starts_at) if state == "offered" else f"{dates.moment(starts_at)} · {say(LABELS[state])}"


def _cancelled(timeline: list[dict[str, Any]]) -> str | None:
    last = timeline[-1] if timeline else None
    return last["note"] if last and last["event"] == "cancel_correction" else None


def headline(case: dict[str, Any]) -> str:
    """First the answer: where the case is now."""
    if case["ended_as"]:
        return say(case["status_label"])
    said = {
        "correction": _("请您补正"),
        "approved": _("通过了，正在办结"),
        "issued": _("办好了"),
        "rejected": _("没有通过"),
        "withdrawn": _("已经撤回"),
        "in_notice": _("正在公示"),
    }
    if case["status"] in said:
        return said[case["status"]]
    return _("%(office)s正在办", office=say(case["owner"]["office"])) if case["owner"] else say(case["status_label"])


def _owner(owner: dict[str, Any]) -> str:
    return f"{say(owner['office'])} {say(owner['post'])}" if owner.get("post") else say(owner["office"])


def _events(case: dict[str, Any]) -> list[Event]:
    """What happened, then what is still ahead."""
    events: list[Event] = []
    for event in case["timeline"]:
        by = [dates.moment(event["at"]), event["by"] or ""]
        if event["event"] in ("submit", "grant") and case["number"]:
            by[1] = _("回执 %(number)s", number=case["number"])
        state = "stop" if event["event"] in STOPS else "done"
        events.append((state, say(event["label"]), " · ".join(part for part in by if part)))
    if case["status"] in ("rejected", "withdrawn"):
        return events
    if case["status"] == "correction":
        events.append(("now", _("等您改好交回"), dates.day(case["correction"]["due_on"]) if case["correction"] else ""))
    ahead = [step for step in case["steps"] if step["state"] != "done"]
    return events + [_ahead(case, step) for step in ahead]


def _ahead(case: dict[str, Any], step: dict[str, Any]) -> Event:
    """A level that is still to come, or at work now (never while the case waits for the applicant)."""
    state = "next" if case["status"] == "correction" else step["state"]
    title = _("%(office)s审核", office=step["office"]) if step["office"] else say(step["label"])
    until = _("最晚 %(day)s", day=dates.day(case["due_on"])) if state == "now" and case["due_on"] else ""
    return (state, title, dates.notice(step) or until)


def definition_of(case: dict[str, Any]) -> ItemDefinition:
    """The version of the item that the case keeps."""
    with runtime().db.reading() as session:
        return catalogue.definition(session, case["service_item"], case["service_item_version"])
