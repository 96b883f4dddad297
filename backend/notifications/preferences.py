"""What a person chose about being told: over which channels, at what hours, in which language, or the inbox alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.accounts import service as accounts
from backend.kernel.crypto import Vault
from backend.kernel.errors import Collision, Invalid, NotFound, Stale
from backend.kernel.i18n import N_, Text
from backend.kernel.quiet import NIGHT
from backend.models.delivery import NotificationPreference
from backend.models.resident import Resident
from backend.notifications import calling_off, planning
from backend.notifications.kinds import CHANNELS, CHOOSABLE, KINDS, Kind
from backend.notifications.wording.templates import templates

#: The quiet hours that everybody has, as hours of the clock.
USUAL_FROM, USUAL_TO = NIGHT.start.hour, NIGHT.end.hour
#: They may begin as early and end as late as that, if enough of the day is left for a message to come through.
EARLIEST_FROM, LATEST_TO, LEAST_DAY = 12, 17, 4


@dataclass(frozen=True, slots=True)
class Choice:
    """``offered``: over which channels messages of this kind can come at all; ``channels``: those that are wanted."""

    kind: Kind
    offered: tuple[str, ...]
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preferences:
    """``version`` counts from 1, the defaults; ``mobile``, ``wechat``: whether the person can be reached there."""

    version: int
    choices: tuple[Choice, ...]
    quiet_from: int
    quiet_to: int
    stopped_at: datetime | None
    language: str
    mobile: bool
    wechat: bool


def read(session: Session, *, resident_id: int) -> Preferences:
    """What holds for a person; ``NotFound`` for an erased account."""
    person = planning.recipient(session, resident_id)
    if person is None or not person.key:
        raise NotFound("not_found", N_("没有找到这个账号"))
    row = session.get(NotificationPreference, resident_id)
    offers = offered()
    return Preferences(
        version=_version(row),
        choices=tuple(Choice(KINDS[name], offers[name], _wanted(person.choices, name)) for name in CHOOSABLE),
        quiet_from=person.quiet.start.hour,
        quiet_to=person.quiet.end.hour,
        stopped_at=row.stopped_at if row else None,
        language=person.language,
        mobile=person.mobile,
        wechat=person.wechat,
    )


def put(
    session: Session,
    vault: Vault,
    *,
    resident_id: int,
    now: datetime,
    choices: Mapping[str, Sequence[str]] | None = None,
    quiet_from: int | None = None,
    quiet_to: int | None = None,
    stopped: bool | None = None,
    language: str | None = None,
    expected_version: int | None = None,
) -> None:
    """Keep what was chosen; ``None``, and a kind that is not named, stays as it is. Holds for what still waits, too.

    ``Invalid`` for a shorter night than everybody's; ``Stale`` when ``expected_version`` is not the current one.
    """
    spoken = _hold(session, resident_id)
    row = session.get(NotificationPreference, resident_id)
    if expected_version is not None and expected_version != _version(row):
        raise Stale("stale", N_("内容已经变了，请刷新后再改"))
    if row is None:
        row = NotificationPreference(resident_id=resident_id, choices={}, updated_at=now)
        session.add(row)
    row.quiet_from, row.quiet_to = _hours(row, quiet_from, quiet_to)
    row.choices = dict(row.choices) | _ordered(choices or {})
    if stopped is not None:
        row.stopped_at = (row.stopped_at or now) if stopped else None
    row.updated_at = now
    try:
        session.flush()
    except IntegrityError as error:
        # Two first choices at once: the other one made the row, this one is kept on top of it.
        raise Collision from error
    if language not in (None, spoken):
        accounts.update_profile(session, resident_id=resident_id, language=language, now=now)
    calling_off.fit(session, vault, resident_id=resident_id, wanted=_all_wanted(row), now=now)


def everything(session: Session, _vault: Vault, resident_id: int) -> list[dict[str, Any]]:
    """What a person has chosen, for their own copy; nothing where nothing was."""
    row = session.get(NotificationPreference, resident_id)
    if row is None:
        return []
    names = ("choices", "quiet_from", "quiet_to", "stopped_at", "updated_at")
    return [{name: getattr(row, name) for name in names}]


def offered() -> dict[str, tuple[str, ...]]:
    """Kind → the channels that at least one of its templates has words for."""
    found: dict[str, set[str]] = {name: set() for name in CHOOSABLE}
    for template in templates().values():
        found.get(template.kind, set()).update(template.channels)
    return {name: tuple(channel for channel in CHANNELS if channel in has) for name, has in found.items()}


def _hold(session: Session, resident_id: int) -> str:
    """The language of an account that is there, and stays while this is kept: an erasure waits."""
    held = select(Resident.key, Resident.language).where(Resident.id == resident_id).with_for_update()
    found = session.execute(held).one_or_none()
    if found is None or not found.key:
        raise NotFound("not_found", N_("没有找到这个账号"))
    return str(found.language)


def _version(row: NotificationPreference | None) -> int:
    return row.version + 1 if row is not None else 1


def _wanted(choices: Mapping[str, Sequence[str]], kind: str) -> tuple[str, ...]:
    return tuple(choices.get(kind, KINDS[kind].channels))


def _all_wanted(row: NotificationPreference) -> dict[str, tuple[str, ...]]:
    """Kind → channels, none for somebody who has stopped everything."""
    return {name: () if row.stopped_at else _wanted(row.choices, name) for name in CHOOSABLE}


def _ordered(choices: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Each channel once, in the order in which they are tried."""
    return {kind: [name for name in CHANNELS if name in set(wanted)] for kind, wanted in choices.items()}


def _hours(row: NotificationPreference, quiet_from: int | None, quiet_to: int | None) -> tuple[int | None, int | None]:
    """The hours to keep: both, or neither where they are the usual ones."""
    start = quiet_from if quiet_from is not None else row.quiet_from
    end = quiet_to if quiet_to is not None else row.quiet_to
    start, end = USUAL_FROM if start is None else start, USUAL_TO if end is None else end
    errors: dict[str, list[Text]] = {}
    if not EARLIEST_FROM <= start <= USUAL_FROM:
        errors["quiet_from"] = [
            N_("晚上只能更早安静：请选 %(low)s 点到 %(high)s 点", low=EARLIEST_FROM, high=USUAL_FROM)
        ]
    if not USUAL_TO <= end <= LATEST_TO:
        errors["quiet_to"] = [N_("早上只能更晚开始：请选 %(low)s 点到 %(high)s 点", low=USUAL_TO, high=LATEST_TO)]
    if not errors and start - end < LEAST_DAY:
        errors["quiet_to"] = [N_("一天里至少留 %(hours)s 个小时，不然消息送不到您", hours=LEAST_DAY)]
    if errors:
        raise Invalid("invalid_input", N_("有 %(n)s 处要改", n=len(errors)), errors=errors)
    return (None, None) if (start, end) == (USUAL_FROM, USUAL_TO) else (start, end)
