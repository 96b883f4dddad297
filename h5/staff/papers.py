"""The papers of a case as the console lays them out: materials, what a resubmission changed, the course so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from backend.lifecycles.application import APPLICATION
from backend.web.words import say
from h5 import dates

STOPS = ("reject", "withdraw", "lapse")


@dataclass(frozen=True, slots=True)
class Paper:
    """One file; every opening of ``href`` is recorded for the applicant."""

    label: str
    href: str
    picture: bool
    line: str


@dataclass(frozen=True, slots=True)
class Change:
    """One answer or material before and after; of the two kinds one is empty."""

    label: str
    before: str
    after: str
    old: list[Paper]
    new: list[Paper]


@dataclass(frozen=True, slots=True)
class Event:
    """One step of the case: ``state`` done, now, next or stop; ``note``: the words written with it."""

    state: str
    title: str
    line: str
    note: str


def of(case: dict[str, Any]) -> list[Paper]:
    """The files as they are now."""
    return [_paper(case, file) for file in case["materials"]]


def _paper(case: dict[str, Any], file: dict[str, Any]) -> Paper:
    picture = file["type"].startswith("image/")
    kind = _("照片") if picture else "PDF"
    size = f"{file['size'] / 2**20:.1f} MB" if file["size"] >= 2**20 else f"{max(1, file['size'] // 1024)} KB"
    return Paper(
        label=say(file["label"]),
        href=url_for("staff-applications.material", number=case["number"], document_id=file["id"]),
        picture=picture,
        line=f"{kind} · {size} · {dates.moment(file['created_at'])}",
    )


def changes(case: dict[str, Any]) -> list[Change]:
    """Before and after of the last resubmission."""
    files = {file["id"]: file for file in case["materials"] + case["earlier_materials"]}
    return [_change(case, found, files) for found in case["changes"]]


def _change(case: dict[str, Any], found: dict[str, Any], files: dict[str, Any]) -> Change:
    sides = [
        [_paper(case, files[one]) for one in found.get(name, []) if one in files]
        for name in ("before_materials", "after_materials")
    ]
    nothing = _("没有填") if "before" in found else ""
    return Change(
        say(found["label"]), found.get("before") or nothing, found.get("after") or nothing, sides[0], sides[1]
    )


def course(case: dict[str, Any]) -> list[Event]:
    """What happened, with the words written to the applicant, then what is still ahead."""
    events = [_event(entry) for entry in case["timeline"]]
    if case["status"] in ("rejected", "withdrawn"):
        return events
    if case["status"] == "correction" and case["correction"]:
        until = _("最晚 %(day)s", day=dates.day(case["correction"]["due_on"]))
        events.append(Event("now", _("等申请人补正"), until, ""))
    ahead = [step for step in case["steps"] if step["state"] != "done"]
    return events + [_ahead(case, step) for step in ahead]


def returned(case: dict[str, Any]) -> Event | None:
    """Why the level above sent the case back, until somebody acts on it again."""
    last = case["timeline"][-1] if case["timeline"] else None
    return _event(last) if last and last["event"] == "return" else None


def _event(entry: dict[str, Any]) -> Event:
    line = " · ".join(part for part in (dates.moment(entry["at"]), entry["by"] or "") if part)
    state = "stop" if entry["event"] in STOPS else "done"
    return Event(state, say(APPLICATION.move(entry["event"]).label), line, entry["note"] or "")


def _ahead(case: dict[str, Any], step: dict[str, Any]) -> Event:
    state = "next" if case["status"] == "correction" else step["state"]
    title = _("%(office)s审核", office=step["office"]) if step["office"] else say(step["label"])
    until = _("最晚 %(day)s", day=dates.day(case["due_on"])) if state == "now" and case["due_on"] else ""
    return Event(state, title, dates.notice(step) or until, "")
