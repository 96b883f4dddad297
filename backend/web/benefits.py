"""What the API and the pages of benefits do in the same way: a change that was typed, an account that was told."""

from __future__ import annotations

from typing import Any

from backend.benefits import accounts, campaigns, changes, confirmations, foretelling, policy, queries, recipients
from backend.benefits.policy import Account, Change
from backend.kernel.errors import Forbidden, Invalid, Wrong
from backend.kernel.i18n import N_
from backend.notifications.forecasts import Forecast
from backend.notifications.planning import Reach
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once
from backend.web.reviewers import reviewer


def foretell(wanted: dict[str, Any]) -> Forecast:
    """What the campaign would take that the signed-in clerk of the county is about to begin."""
    at, clerk = runtime(), reviewer()
    if clerk.level != "county":
        raise Forbidden("not_your_level", campaigns.COUNTY_ONLY)
    with at.db.reading() as session:
        return foretelling.foretell(
            session,
            county=clerk.region,
            reach=Reach(at.settings.base_url),
            wechat=at.wechat.enabled,
            tariff=at.tariff,
            phone=at.settings.phone,
            now=at.clock(),
            **wanted,
        )


def report(confirmation_id: int, told: dict[str, Any]) -> None:
    """The signed-in person says what has changed."""
    at, me = runtime(), caller().id
    with at.db.reading() as session:
        holder = queries.holder(session, at.vault, resident_id=me, confirmation_id=confirmation_id)
    once(
        confirmations.report,
        vault=at.vault,
        resident_id=me,
        confirmation_id=confirmation_id,
        change=_change(told, holder),
        now=at.clock(),
    )


def record(confirmation_id: int, *, way: str, reached: bool, told: dict[str, Any] | None) -> None:
    """The signed-in clerk writes down a call or a visit, and what was told in it."""
    at, clerk = runtime(), reviewer()
    change = None
    if told is not None:
        with at.db.reading() as session:
            pair = confirmations.of_jurisdiction(session, clerk, confirmation_id, lock=False)
            seal = accounts.seal_of(session, at.vault, pair.recipient)
            change = _change(told, accounts.of_recipient(seal, pair.recipient).name)
    once(
        confirmations.record,
        vault=at.vault,
        clerk=clerk,
        confirmation_id=confirmation_id,
        way=way,
        reached=reached,
        change=change,
        now=at.clock(),
    )


def change_account(recipient_id: int, *, bank: str, account_number: str) -> None:
    """The signed-in clerk enters another account in the same name."""
    at, clerk = runtime(), reviewer()
    with at.db.reading() as session:
        row = recipients.seen(session, clerk, recipient_id)
        name = accounts.of_recipient(accounts.seal_of(session, at.vault, row), row).name
    once(
        recipients.change_account,
        vault=at.vault,
        clerk=clerk,
        recipient_id=recipient_id,
        account=_account(name, bank, account_number),
        now=at.clock(),
    )


def _change(told: dict[str, Any], holder: str) -> Change:
    return changes.told(
        kinds=tuple(told["kinds"]),
        moved_to=told["moved_to"],
        bank=told["bank"],
        account_number=told["account_number"],
        died_on=told["died_on"],
        words=told["words"],
        holder=holder,
        now=runtime().clock(),
    )


def _account(name: str, bank: str, number: str) -> Account:
    try:
        return policy.account(name=name, bank=bank, number=number)
    except Wrong as wrong:
        raise Invalid("invalid_input", N_("有 1 处要改"), errors={"account_number": [wrong.text]}) from wrong
