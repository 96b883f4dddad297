"""What the queue page shows: tabs with counts, filters, lines, notices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import request, url_for
from flask_babel import gettext as _, pgettext

from backend.applications import differences
from backend.applications.policy import LEVELS, Reviewer
from backend.applications.queue import MOST_COUNTED, VIEWS, Filter, of_view
from backend.applications.views import LEVEL_NAMES
from backend.catalogue import queries as catalogue, stored
from backend.web.context import runtime
from backend.web.health import unknown_years as years
from backend.web.words import say
from h5 import dates
from h5.cases import name_of
from h5.shell import in_language
from h5.staff import wording

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: The colour of a view's tab.
COLOURS = {"overdue": "red", "soon": "sun"}
#: Views that show what waits for the clerk's own level unless another is chosen.
OWN_TURN = ("todo", "unclaimed", "overdue", "soon")
AGES = (3, 7, 15, 30, 90, 365)
_NUMBER = re.compile(r"[A-Z0-9-]{4,24}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The view and the filters of this page; the rest: (value, name) to choose from."""

    view: str
    item: str
    region: str
    level: str
    age: str
    items: list[tuple[str, str]]
    regions: list[tuple[str, str]]
    levels: list[tuple[str, str]]
    ages: list[tuple[str, str]]

    @property
    def filter(self) -> Filter:
        return of_view(
            self.view,
            service_item=self.item or None,
            region=self.region or None,
            level=self.level or None,
            older_than_days=int(self.age) if self.age else None,
        )

    @property
    def chosen(self) -> dict[str, str]:
        """The filters that narrow the view, by the name of their field."""
        given = {"item": self.item, "region": self.region, "level": self.level, "age": self.age}
        return {name: value for name, value in given.items() if value}

    @property
    def what(self) -> str:
        """The filters in words."""
        names = dict(self.items) | dict(self.regions) | dict(self.levels) | dict(self.ages)
        return " · ".join(names[value] for value in self.chosen.values() if value in names)

    def href(self, **changes: str | None) -> str:
        kept: dict[str, Any] = {"view": self.view, **self.chosen} | changes
        return url_for("h5_staff_queue.show", **{name: value for name, value in kept.items() if value})


@dataclass(frozen=True, slots=True)
class Tab:
    view: str
    label: str
    count: str
    kind: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One case; ``place`` is empty for a village, which has only its own; ``pick``: what a tick sends, if it may be."""

    number: str
    pick: str
    news: str
    holder: str
    name: str
    href: str
    deadline: str
    extra: str
    place: str
    mark: wording.Mark


def wanted(session: Session, clerk: Reviewer, given: Mapping[str, str]) -> Wanted:
    """What an address or a form asks for; anything that is not offered is as if it were not there."""
    at = runtime()
    items = [(item.code, in_language(item, "name")) for item in stored.items(at.db, at.db.reading) if item.levels]
    below = [] if clerk.level == "village" else catalogue.regions(session, parent=clerk.region)
    view = given.get("view", "")
    offered = {
        "item": items,
        "region": [(place.code, place.name) for place in below],
        "level": _levels(),
        "age": [(str(days), _("交了 %(n)s 天以上", n=days)) for days in AGES],
    }
    item, region, level, age = (
        value if (value := given.get(name, "")) in dict(options) else "" for name, options in offered.items()
    )
    chosen = view if view in VIEWS else "todo"
    return Wanted(chosen, item, region, level, age, items, offered["region"], offered["level"], offered["age"])


def _levels() -> list[tuple[str, str]]:
    named = [(level, _("轮到%(level)s", level=say(LEVEL_NAMES[level]))) for level in LEVELS]
    return [*named, ("any", _("所有层级"))]


def tabs(chosen: Wanted, counts: dict[str, int]) -> list[Tab]:
    """The views with how many wait in each; the whole jurisdiction is never counted."""
    return [
        Tab(view, label, _shown(counts.get(view)), COLOURS.get(view, ""), chosen.href(view=view), view == chosen.view)
        for view, label in _labels().items()
    ]


def _labels() -> dict[str, str]:
    return {
        "todo": _("待办"),
        "mine": pgettext("queue", "我的"),
        "unclaimed": _("未领"),
        "overdue": _("超期"),
        "soon": _("快到期"),
        "waiting": _("等补正"),
        "notice": _("公示中"),
        "all": _("全部"),
    }


def _shown(count: int | None) -> str:
    if count is None:
        return ""
    return f"{MOST_COUNTED - 1}+" if count >= MOST_COUNTED else str(count)


def lines(session: Session, clerk: Reviewer, items: list[dict[str, Any]]) -> list[Line]:
    """The rows of a page; for resubmitted cases with how much was changed."""
    again = [case["number"] for case in items if case["revision"] > 1 and case["status"] == "in_review"]
    changed = differences.changed_counts(session, runtime().vault, reviewer=clerk, numbers=again) if again else {}
    names = catalogue.region_names(session, [case["region"] for case in items]) if clerk.level != "village" else {}
    return [_line(case, changed, names) for case in items]


def _line(case: dict[str, Any], changed: dict[str, int], names: dict[str, str]) -> Line:
    count = changed.get(case["number"], 0)
    awaited = _("等到 %(day)s", day=dates.day(case["answer_due_on"])) if case["answer_due_on"] else ""
    changes = _("补正后改了 %(n)s 处", n=count) if count else ""
    extra = [awaited, wording.age(case["age_days"]), changes, wording.held(case["claim"])]
    return Line(
        number=case["number"],
        pick=f"{case['number']}:{case['version']}" if tickable(case) else "",
        news=_("、").join(dict.fromkeys(say(one["label"]) for one in case["news"])),
        holder=case["holder_masked"],
        name=name_of(case),
        href=url_for("h5_staff_cases.show", number=case["number"]),
        deadline=wording.deadline(case),
        extra=" · ".join(part for part in extra if part),
        place=names.get(case["region"], ""),
        mark=wording.mark(case),
    )


def tickable(case: dict[str, Any]) -> bool:
    """Whether this clerk could act on the case now, and so may take it into a bulk act."""
    return not {"claim", "approve"}.isdisjoint(case["allowed_actions"])


def notice(found: dict[str, Any]) -> dict[str, str]:
    """A deadline this office was told about."""
    return {
        "number": found["number"],
        "href": url_for("h5_staff_cases.show", number=found["number"]),
        "line": f"{wording.left(found['days'])} · {dates.day(found['due_on'])}",
        "kind": "red" if found["days"] < 0 else "blue" if found["kind"] == "deadline_soon" else "sun",
        "word": _("超期") if found["days"] < 0 else _("过了六成") if found["kind"] == "deadline_soon" else _("快到期"),
    }


def unknown_years() -> str:
    """The years whose holidays nobody has entered yet, for the banner."""
    return _("、").join(str(year) for year in years(runtime()))


def empty(chosen: Wanted) -> tuple[str, str]:
    """What an empty list says: what will stand here."""
    if chosen.chosen:
        return _("这样筛选，一件也没有"), _("换个事项或地方，或者看全部。")
    return {
        "mine": (_("您手上没有件"), _("领办一件，它会留在这里 30 分钟，别人看得见是您在办。")),
        "unclaimed": (_("没有等着领的件"), _("有人提交、或补正交回后，会出现在这里。")),
        "overdue": (_("没有超期的件"), _("过了承诺期限还没办完的，会列在这里。")),
        "soon": (_("没有快到期的件"), _("两天以内到期的，会列在这里。")),
        "waiting": (_("没有等申请人补正的件"), _("要求补正后，等回复的件会列在这里，期限先停着。")),
        "notice": (_("没有正在公示的件"), _("通过后要公示的件会列在这里，公示期满才能办结。")),
        "all": (_("还没有人提交申请"), _("辖区里的每一件，办完的也在内，都会列在这里。")),
    }.get(chosen.view) or (_("都办完了"), _("轮到您这一级办的件会列在这里，最急的在最上面。"))


def done() -> tuple[str, str] | None:
    """What was just done, from the address: a sentence, and the number of the case it was done to."""
    number = request.args.get("number", "")
    said = {
        "accept": _("已受理"),
        "hand_up": _("已通过，交给上一级"),
        "approve": _("已通过，正在办结"),
        "notice": _("已通过，下一个工作日起公示"),
        "return": _("已退回下一级"),
        "request_correction": _("已通知申请人补正，期限先停下"),
        "propose": _("再次补正写好了，上一级同意后才发给申请人"),
        "reject": _("已作出不予通过的决定，申请人会收到原因"),
        "release": _("已放回待办"),
        "nothing": _("没有等着领的件了，歇一歇"),
    }.get(request.args.get("done", ""))
    return (said, number if _NUMBER.fullmatch(number) else "") if said else None
