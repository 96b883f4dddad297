"""A couple links its accounts, takes both seats in one tap, shows a code that holds, moves the visit and cancels it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from joserfc import jws
from joserfc.jwk import KeySet
from playwright.sync_api import Browser

from tests.journeys.people import PHONE, Resident, decoded, window
from tests.journeys.product import Product


@pytest.fixture
def couple(browser: Browser, product: Product, javascript: bool) -> Iterator[tuple[Resident, Resident]]:
    """Two phones."""
    with ExitStack() as phones:
        yield tuple(  # type: ignore[misc]
            Resident(product, phones.enter_context(window(browser, javascript=javascript, **PHONE))) for _ in range(2)
        )


def linked(one: Resident, other: Resident) -> None:
    """From the first free slot over the invitation back to it; the other agrees with a login of their own."""
    one.go("/services/checkup")
    one.press("去预约", link=True)
    one.open("演示服务站甲")
    # The first day may be today: four hours before it a visit can no longer be moved.
    one.press("下一个有号的日子", link=True)
    one.press("我和爱人", link=True)
    one.sign_in()
    one.page.get_by_text("爱人也想用自己的手机看").click()
    one.press("去邀请爱人", link=True)
    one.press("邀请爱人")
    address = one.page.get_by_label("邀请的网址").input_value()
    other.page.goto(address)
    other.sign_in()
    agree(other)
    other.press("接受邀请")
    one.press("爱人接受了", link=True)
    one.press("接着约", link=True)


def agree(person: Resident) -> None:
    for box in person.page.get_by_role("checkbox").all():
        box.set_checked(True, force=True)


def shown(person: Resident, product: Product) -> dict[str, object]:
    """What the code on the screen says; its signature is checked with the published keys by another library."""
    token = decoded(person.page.screenshot(full_page=True))
    keys = KeySet.import_key_set(json.loads(json.dumps(product.get("/.well-known/jwks.json"))))
    claims: dict[str, object] = json.loads(jws.deserialize_compact(token, keys, algorithms=["EdDSA"]).payload)
    letters = re.sub(r"\s", "", person.page.locator(".qr b").inner_text())
    assert str(claims["jti"]).startswith(letters)
    return claims


@pytest.mark.slow
@pytest.mark.parametrize(
    ("product", "javascript"), [("served", True), ("embedded", False)], ids=["javascript", "bare"], indirect=["product"]
)
def test_a_couple_books_moves_and_calls_off_one_visit(product: Product, couple: tuple[Resident, Resident]) -> None:
    one, other = couple
    linked(one, other)
    one.choose("第一个孩子")
    one.press("占 ")
    assert one.reads("号给您占着，到")
    agree(one)
    one.press("确认 ")
    assert one.reads("约好了")
    first = shown(one, product)
    other.go("/")
    other.open("演示服务站甲")
    assert shown(other, product) == first
    other.press("不限次数", link=True)
    other.press("下一个有号的日子", link=True)
    other.press("改到 ", link=True)
    other.press("改到 ")
    assert other.reads("改好了")
    moved = shown(other, product)
    assert (moved["jti"], moved["type"]) == (str(first["jti"]).replace("-0", "-1"), "booking")
    one.page.reload()
    one.press("取消预约", link=True)
    one.press("取消预约")
    assert one.reads("预约取消了，没有任何影响")
    other.page.reload()
    assert other.reads("再约一次")
    assert one.complaints + other.complaints == []
