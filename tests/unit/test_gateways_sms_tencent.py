"""Tencent's SMS over HTTP against a stand-in that believes nothing: taken, refused, or in doubt."""

from __future__ import annotations

import logging
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.gateways.sms import Fate, Short, SmsInDoubt, SmsRefused, SmsUnavailable
from backend.gateways.sms_tencent import Account, TencentSms
from backend.runtime import provider_of_sms
from config.env import WrongSetting
from config.settings import load_settings
from tests.tencent import (
    APP,
    BROKEN,
    BUSY,
    CUT_AFTER,
    CUT_BEFORE,
    DOWN,
    OVERLOADED,
    REFUSED,
    SECRET_ID,
    SECRET_KEY,
    SIGN,
    Fault,
    Tencent,
    slow,
)

NOW = datetime.now(UTC)
PAGE = "https://example.gov.cn/messages"


@pytest.fixture
def tencent() -> Iterator[Tencent]:
    with Tencent({"t-code": 1, "t-code-en": 1, "t-todo": 2}).serving() as standing_in:
        yield standing_in


def account(tencent: Tencent, **changes: object) -> Account:
    templates = {"code": "t-code", "code_en": "t-code-en", "todo": "t-todo", "gone": "t-gone"}
    address = f"http://127.0.0.1:{tencent.port}"
    one = Account(APP, SECRET_ID, SECRET_KEY, SIGN, "ap-guangzhou", address, templates, 1.0)
    return replace(one, **changes)  # type: ignore[arg-type]


def short(**changes: object) -> Short:
    one = Short("13800138000", "code", "unused", "sms_code:1", NOW, ("012345",))
    return replace(one, **changes)  # type: ignore[arg-type]


def test_message_is_taken_once_and_named_by_its_serial(tencent: Tencent) -> None:
    serial = TencentSms(account(tencent)).send(short())
    assert serial == tencent.receipts()[0]["sid"]
    assert tencent.taken == {"sms_code:1": 1}


def test_address_is_no_value_and_english_has_its_own_template(tencent: Tencent) -> None:
    sms = TencentSms(account(tencent))
    sms.send(short(template="todo", params=("12 月 8 日", "0632-12345", PAGE), key="a"))
    sms.send(short(language="en", key="b"))
    sms.send(short(template="todo", language="en", params=("8 December", "0632-12345"), key="c"))
    assert tencent.taken == {"a": 1, "b": 1, "c": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"to": "12345678901"},
        {"template": "unknown"},
        {"template": "gone"},
        {"params": ()},
    ],
)
def test_message_that_is_wrong_in_itself_is_refused_for_good(tencent: Tencent, change: dict[str, object]) -> None:
    with pytest.raises(SmsRefused):
        TencentSms(account(tencent)).send(short(**change))
    assert not tencent.taken


@pytest.mark.parametrize("change", [{"secret_key": "wrong"}, {"secret_id": "wrong"}, {"app_id": "1"}])
def test_account_that_is_wrong_may_be_mended_and_tried_again(tencent: Tencent, change: dict[str, str]) -> None:
    with pytest.raises(SmsUnavailable) as error:
        TencentSms(account(tencent, **change)).send(short())
    assert not isinstance(error.value, SmsInDoubt)
    assert not tencent.taken


@pytest.mark.parametrize(
    ("fault", "error", "taken"),
    [
        (REFUSED, SmsRefused, 0),
        (Fault(code="LimitExceeded.PhoneNumberDailyLimit"), SmsRefused, 0),
        (Fault(error="InvalidParameterValue.Anything"), SmsRefused, 0),
        (Fault(code="Nobody.HasHeardOfThis"), SmsRefused, 0),
        (BUSY, SmsUnavailable, 0),
        (OVERLOADED, SmsUnavailable, 0),
        (Fault(code="LimitExceeded.PhoneNumberThirtySecondLimit"), SmsUnavailable, 0),
        (Fault(code="FailedOperation.InsufficientBalanceInSmsPackage"), SmsUnavailable, 0),
        (Fault(code="InternalError.Timeout"), SmsInDoubt, 0),
        (DOWN, SmsInDoubt, 0),
        (CUT_BEFORE, SmsInDoubt, 0),
        (CUT_AFTER, SmsInDoubt, 1),
        (BROKEN, SmsInDoubt, 1),
        (slow(1.5), SmsInDoubt, 1),
    ],
)
def test_every_fault_is_refused_or_later_or_in_doubt(
    tencent: Tencent, fault: Fault, error: type[Exception], taken: int
) -> None:
    tencent.next(fault)
    with pytest.raises(error) as raised:
        TencentSms(account(tencent)).send(short())
    assert type(raised.value) is error
    assert tencent.taken["sms_code:1"] == taken


def test_nobody_listening_is_free_of_doubt(tencent: Tencent) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(SmsUnavailable) as raised:
            TencentSms(account(tencent, endpoint=address)).send(short())
    assert type(raised.value) is SmsUnavailable


def test_fate_is_taken_only_where_a_report_repeats_our_key(tencent: Tencent) -> None:
    sms, since = TencentSms(account(tencent)), NOW - timedelta(days=30)
    tencent.next(CUT_AFTER)
    with pytest.raises(SmsInDoubt):
        sms.send(short())
    assert sms.fate(to="13800138000", key="sms_code:1", since=since) is Fate.TAKEN
    assert sms.fate(to="13800138000", key="sms_code:2", since=since) is Fate.UNKNOWN
    tencent.reporting = False
    assert sms.fate(to="13800138000", key="sms_code:1", since=since) is Fate.UNKNOWN


def test_provider_that_cannot_be_asked_leaves_the_question_open(tencent: Tencent) -> None:
    with pytest.raises(SmsUnavailable):
        TencentSms(account(tencent, secret_key="wrong")).fate(to="13800138000", key="k", since=NOW)


def test_threads_share_one_account_and_its_connections(tencent: Tencent, caplog: pytest.LogCaptureFixture) -> None:
    sms = TencentSms(account(tencent))
    threads = [threading.Thread(target=sms.send, args=(short(key=f"k{n}"),)) for n in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tencent.taken == {f"k{n}": 1 for n in range(24)}
    assert "discarding" not in caplog.text


def test_number_and_words_reach_no_log(tencent: Tencent, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    TencentSms(account(tencent)).send(short())
    assert "13800138000" not in caplog.text
    assert "012345" not in caplog.text


def test_settings_of_the_stand_in_build_the_real_gateway(tencent: Tencent, tmp_path: Path) -> None:
    settings = load_settings({"PROFILE": "test", "DATA_DIR": str(tmp_path), **tencent.environment()})
    tencent.params = None
    provider_of_sms(settings).send(short(template="sms_code"))
    assert tencent.taken == {"sms_code:1": 1}


def test_missing_sdk_refuses_to_start_and_says_what_to_install(
    tencent: Tencent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings({"PROFILE": "test", "DATA_DIR": str(tmp_path), **tencent.environment()})
    monkeypatch.setitem(sys.modules, "backend.gateways.sms_tencent", None)
    with pytest.raises(WrongSetting, match=r"^SMS_BACKEND: .*yangguang\[tencent\]"):
        provider_of_sms(settings)


def test_fate_is_found_whatever_the_products_clock_says(tencent: Tencent) -> None:
    sms = TencentSms(account(tencent))
    sms.send(short())
    for since in (NOW - timedelta(days=300), NOW, NOW + timedelta(days=300)):
        assert sms.fate(to="13800138000", key="sms_code:1", since=since) is Fate.TAKEN
