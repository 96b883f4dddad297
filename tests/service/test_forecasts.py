"""What a message to many will take: by choice, by what reaches them, in parts and yuan, before anybody is told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from backend.db import Database
from backend.kernel.crypto import Vault
from backend.models.delivery import NotificationPreference, WechatBinding, WechatCredit
from backend.models.resident import Resident
from backend.notifications import costs, forecasts
from backend.notifications.costs import Tariff
from backend.notifications.forecasts import Forecast
from backend.notifications.planning import Reach
from backend.notifications.wording.template import PAGE
from backend.notifications.wording.templates import templates
from tests.clock import MONDAY

TARIFF = Tariff("阳光办", 45, 1)
REACH = Reach("https://yangguang.example.gov.cn")
PARAMS = {"service": "奖励扶助", "phone": "0632-12345", "answer_by": date(2026, 12, 30)}
ASKED = "confirmation_asked"


@pytest.fixture
def db(database: Database) -> Database:
    return database


def person(db: Database, vault: Vault, serial: int, **changes: Any) -> None:
    """``credits`` at WeChat (bound, if not ``None``), ``choices``, ``stopped``, and columns of the account."""
    bound, choices = changes.pop("credits", None), changes.pop("choices", None)
    stopped: datetime | None = MONDAY if changes.pop("stopped", False) else None

    def write(session: Any) -> None:
        values = {"mobile": "sealed", "mobile_index": f"{serial:064d}", "language": "zh"} | changes
        key = vault.new_person_key(serial)
        session.add(Resident(id=serial, **({"key": key} | values), created_at=MONDAY, updated_at=MONDAY))
        index = f"{serial:064x}"
        if bound is not None:
            session.add(WechatBinding(resident_id=serial, openid="sealed", openid_index=index, bound_at=MONDAY))
        for number in range(bound or 0):
            source = f"{serial * 100 + number:064d}"
            session.add(WechatCredit(openid_index=index, template="todo", source=source, granted_at=MONDAY))
        if choices is not None or stopped:
            row = NotificationPreference(resident_id=serial, choices=choices or {}, updated_at=MONDAY)
            row.stopped_at = stopped
            session.add(row)

    db.transact(write)


def told(db: Database, *, wechat: bool = True, tariff: Tariff = TARIFF) -> Forecast:
    with db.reading() as session:
        return forecasts.forecast(
            session,
            people=select(Resident.id),
            template=ASKED,
            params=PARAMS,
            reach=REACH,
            wechat=wechat,
            tariff=tariff,
            now=MONDAY,
        )


def counted(found: Forecast) -> tuple[int, int, int, int]:
    return found.people, found.wechat, found.sms, found.inbox


def test_forecast_says_over_which_channel_each_message_goes_first(db: Database, vault: Vault) -> None:
    person(db, vault, 1)
    person(db, vault, 2, credits=2)
    person(db, vault, 3, credits=0)
    person(db, vault, 4, mobile=None, mobile_index=None)
    person(db, vault, 5, stopped=True)
    person(db, vault, 6, choices={"todo": []})
    person(db, vault, 7, choices={"todo": ["wechat"]}, credits=0)
    person(db, vault, 8, choices={"todo": ["sms"]}, credits=3)
    person(db, vault, 9, choices={"benefit": []})
    assert counted(told(db)) == (9, 1, 4, 4)
    assert counted(told(db, wechat=False)) == (9, 0, 5, 4)


def test_erased_accounts_are_nobody(db: Database, vault: Vault) -> None:
    person(db, vault, 1, key="")
    assert counted(told(db)) == (0, 0, 0, 0)
    assert (told(db).parts, told(db).cost) == (0, 0)


def test_parts_are_those_of_the_text_in_each_ones_language(db: Database, vault: Vault) -> None:
    person(db, vault, 1)
    person(db, vault, 2, language="en")
    page = {**PARAMS, PAGE: f"{REACH.site}/messages"}
    texts = [words["text"] for words in templates()[ASKED].render("sms", page).values()]
    assert (told(db).parts, told(db).cost) == TARIFF.cost(texts)


def test_forecast_says_what_the_month_has_left_and_what_is_missing(db: Database, vault: Vault) -> None:
    for serial in range(1, 21):
        person(db, vault, serial)
    db.transact(costs.book, tariff=TARIFF, texts=["字"] * 10, now=MONDAY)
    found = told(db)
    assert (found.left, found.short) == (550, found.cost - 550)
    free = told(db, tariff=Tariff("阳光办", 45, 0))
    assert (free.left, free.short) == (None, 0)
