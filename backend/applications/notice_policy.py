"""The pure rules of public notices 公示: how long, what may be shown of whom, and which days did not count.

Sources: the items' own rules (five working days each), 政府信息公开条例 §14–15 (no private values), and
未成年人保护法 §4, §103 (nobody under 18 is named).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from backend.catalogue.definition import ItemDefinition
from backend.catalogue.wording import written
from backend.kernel.clock import SHANGHAI, today
from backend.kernel.privacy import birth_date, mask_publicly
from backend.kernel.workdays import Calendar

#: What arrived in the last second of a notice gets its place before the notice is concluded.
GRACE = timedelta(minutes=2)
#: Two looks at the page further apart than this: nobody knows whether it was there.
GAP = timedelta(minutes=10)
#: The hours in which people are expected to read; a day is lost when all of them are.
MORNING, EVENING = time(8), time(18)
#: How far back lost days are looked for; the longest notice with its prolongations is far shorter.
LOOK_BACK = timedelta(days=60)
ADULT = 18
#: Names of ``[notice] shows`` that are no questions of the form.
OWN = ("number", "holder", "village", "town", "title", "amount")
Interval = tuple[datetime, datetime]


def owed(definition: ItemDefinition, level: str, *, beyond: str | None, found: Iterable[str]) -> int:
    """Working days of notice after the approval of ``level``; 0 for none.

    An approval also stands for levels whose office is empty: those below that never found anything (``found``: levels
    that did) and those above up to ``beyond``, the next at work. They are announced together, once, for the longest
    of their times, not for the sum.
    """
    levels = list(definition.levels)
    here = levels.index(level)
    end = levels.index(beyond) if beyond else len(levels)
    below = [name for name in levels[:here] if name not in set(found)]
    return max(definition.notice_days(name) for name in (*below, *levels[here:end]))


def days_of(calendar: Calendar, found_on: date, count: int) -> tuple[date, date]:
    """First and last day: from the next working day on, ``count`` working days with the first."""
    opens_on = calendar.add(found_on, 1)
    return opens_on, calendar.add(opens_on, count - 1)


def shown(
    definition: ItemDefinition, holder: Mapping[str, str], answers: Mapping[str, Any], *, village: str, on: date
) -> dict[str, Any]:
    """What the public may read, as the item says; whoever is under 18, or of unknown age, by number only."""
    rule = definition.notice
    wanted = rule.shows if rule else ()
    joint = rule if rule and rule.title else None
    said: dict[str, Any] = {
        "title": joint.title if joint else definition.name,
        "title_en": joint.title_en if joint else definition.name_en,
    }
    if "holder" in wanted:
        if not _adult(holder, on):
            return said
        said["holder"] = mask_publicly(holder["name"])
    if "village" in wanted:
        said["village"] = village
    if "amount" in wanted:
        said |= _amount(definition, answers, on)
    lines = [definition.field(name) for name in wanted if name not in OWN and name in answers]
    if lines:
        said["lines"] = [{"label": f.label, "value": written(f, answers[f.name], places={})} for f in lines]
    return said


def _adult(holder: Mapping[str, str], on: date) -> bool:
    born = birth_date(holder.get("id_number", ""))
    if born is None:
        return False
    return (on.year - born.year - ((on.month, on.day) < (born.month, born.day))) >= ADULT


def _amount(definition: ItemDefinition, answers: Mapping[str, Any], on: date) -> dict[str, Any]:
    found = definition.amount_class(answers, on=on)
    if found is None or definition.benefit is None:
        return {}
    return {"amount": {"yuan": found.yuan, "period": definition.benefit.period}}


def by_number_only(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is left where too few people live to stay unknown."""
    return {name: said[name] for name in ("title", "title_en")}


def readable(opens_on: date, closes_on: date, now: datetime) -> bool:
    """Whether a notice may be read, and objected to, at this moment."""
    return opens_on <= today(now) <= closes_on


def over(closes_on: date, now: datetime) -> bool:
    """Whether the last day is over for good."""
    return today(now - GRACE) > closes_on


def lost_days(outages: Sequence[Interval], calendar: Calendar, *, since: date, until: date) -> list[date]:
    """The working days between two days (both with) in whose reading hours the page was never there.

    ``outages`` are aware times, in any order; those that touch count as one.
    """
    whole = _joined(outages)
    days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    return [day for day in days if calendar.is_workday(day) and any(_covers(one, day) for one in whole)]


def _covers(outage: Interval, day: date) -> bool:
    began, ended = outage
    return began <= datetime.combine(day, MORNING, SHANGHAI) and datetime.combine(day, EVENING, SHANGHAI) <= ended


def _joined(outages: Sequence[Interval]) -> list[Interval]:
    found: list[Interval] = []
    for began, ended in sorted(outages):
        if found and began <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ended))
        else:
            found.append((began, ended))
    return found
