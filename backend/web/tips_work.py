"""The door of the tip line: who has worked may file; while too many try, so does who opens a mailbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import orjson
from flask import g, request

from backend.kernel.errors import Invalid, Problem
from backend.kernel.i18n import N_
from backend.tips import spending, tickets, work
from backend.tips.tickets import Ticket
from backend.tips.work import Spent
from backend.web.body import read_json
from backend.web.tips_context import line

P = ParamSpec("P")
R = TypeVar("R")


class WorkRequired(Problem):
    """Everybody works first for a while; the sum to solve comes with it."""

    status = 429


@dataclass(frozen=True, slots=True)
class Carried:
    """What a form carries hidden: a sum for phones that can (JSON), and a ticket for those that wait."""

    challenge: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Admission:
    """What lets a form in. ``used``: it let one in before, so that only the same form again is answered."""

    spent: Spent
    ticket: Ticket
    used: bool


def challenge(locator: str | None = None) -> dict[str, Any]:
    """A fresh sum. ``locator``: of the mailbox it is to open."""
    at = line()
    return work.issue(at.days.current(at.today), day=at.today, level=at.pressure.level(locator))


def carried(sum_: object = None) -> Carried:
    """For a form that is shown now. ``sum_``: the one that a refusal brought."""
    at = line()
    text = orjson.dumps(sum_ or challenge()).decode()
    return Carried(text, tickets.issue(at.days.current(at.today), now=at.clock()))


def solved(altcha: object) -> Spent:
    """A right and unused answer, to be used up by what it lets in; ``work_refused`` else."""
    at = line()
    spent = work.check(altcha, keys=at.key_of, today=at.today)
    if _is_used(spent):
        raise work.refused()
    at.pressure.costs()
    return spent


def looked_at_first(view: Callable[P, R]) -> Callable[P, R]:
    """Before ``arguments``: without work nobody reads what was sent. The answer is in ``worked``.

    ``Invalid`` for what is no object at all: nothing in it could be work.
    """

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        body = read_json(request)
        if not isinstance(body, dict):
            raise Invalid("invalid_input", N_("内容的形状不对，应该是一个对象"))
        g.spent = solved(body.get("altcha"))
        return view(*args, **kwargs)

    return wrapped


def worked() -> Spent:
    """The work behind this request, ``looked_at_first``."""
    found: Spent = g.spent
    return found


def admitted(altcha: str, ticket: str) -> Admission:
    """What a posted form brings, before its content is looked at.

    Errors: ``too_early`` and ``slow_lane_full`` leave the ticket good; ``work_refused`` for anything forged or old, and
    for a form whose receipt was written down.
    """
    at = line()
    form = tickets.read(ticket, keys=at.key_of, now=at.clock())
    spent = work.check(altcha, keys=at.key_of, today=at.today) if altcha else form.as_pass
    if _is_used(form.as_word):
        raise work.refused()
    used = _is_used(spent)
    if not used:
        if not altcha:
            tickets.ripen(form, now=at.clock())
            at.pressure.slow_lane()
        at.pressure.costs()
    return Admission(spent, form, used)


def work_first(locator: str, *, altcha: object, ticket: object) -> None:
    """Under load: ``work_required`` with a challenge, unless an answer to one or a ripe ticket is used up here."""
    at = line()
    at.pressure.opened()
    if at.pressure.work_wanted():
        at.db.transact(spending.spend, spent=_brought(locator, altcha, ticket))
    at.pressure.costs()


def _brought(locator: str, altcha: object, ticket: object) -> Spent:
    """Forged and old answers are refused; for those that are too light by now there is a heavier one."""
    at = line()
    if altcha:
        spent = work.check(altcha, keys=at.key_of, today=at.today)
        if work.is_enough(spent.level, at.pressure.level(locator)):
            return spent
    elif ticket:
        form = tickets.read(ticket, keys=at.key_of, now=at.clock())
        tickets.ripen(form, now=at.clock())
        at.pressure.slow_lane()
        return form.as_pass
    words = N_("现在访问的人多，先请手机做一道小题，再打开一次")
    raise WorkRequired("work_required", words, extra={"challenge": challenge(locator)})


def _is_used(spent: Spent) -> bool:
    with line().db.reading() as session:
        return spending.is_used(session, spent)
