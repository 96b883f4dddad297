"""What WeChat's server sends is read only when it is WeChat's, ours, and of now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from backend.notifications.wechat.envelope import Forged, Keys, greeting, opened, parsed
from standins import wechat_callbacks as callbacks
from standins.wechat import account

OF = account(cards={"todo": frozenset({"thing1"})})
KEYS = Keys(OF.app_id, OF.token, OF.aes_key)
XML = callbacks.event("o-1", "subscribe")
BEAT = datetime(2026, 11, 23, 2, tzinfo=UTC)

#: WeChat's own example of its encryption (the sample code for developers): token, key, AppID, and what is in it.
SAMPLE = Keys("wx2c2769f8efd9abc2", "spamtest", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")
SAMPLE_QUERY = {
    "timestamp": "1409735669",
    "nonce": "1320562132",
    "msg_signature": "5d197aaffba7e9b25a30732f161a50dee96bd5fa",
}
SAMPLE_BODY = (
    b"<xml><ToUserName><![CDATA[gh_10f6c3c3ac5a]]></ToUserName><Encrypt><![CDATA["
    b"hyzAe4OzmOMbd6TvGdIOO6uBmdJoD0Fk53REIHvxYtJlE2B655HuD0m8KUePWB3+LrPXo87wzQ1QLvbeUgmBM4x6F8PGHQHFVAFmOD2LdJF9"
    b"FrXpbUAh0B5GIItb52sn896wVsMSHGuPE328HnRGBcrS7C41IzDWyWNlZkyyXwon8T332jisa+h6tEDYsVticbSnyU8dKOIbgU6ux5VTjg3y"
    b"t+WGzjlpKn6NPhRjpA912xMezR4kw6KWwMrCVKSVCZciVGCgavjIQ6X8tCOp3yZbGpy0VxpAe+77TszTfRd5RJSVO/HTnifJpXgCSUdUue1v"
    b"6h0EIBYYI1BD1DlD+C0CR8e6OewpusjZ4uBl9FyJvnhvQl+q5rv1ixrcpCumEPo5MJSgM9ehVsNPfUM669WuMyVWQLCzpu9GhglF2PE="
    b"]]></Encrypt></xml>"
)


def pushed(xml: str = XML, *, of: object = OF, at: datetime = BEAT) -> tuple[dict[str, str], bytes]:
    query, body = callbacks.sealed(of, xml, at=int(at.timestamp()))  # type: ignore[arg-type]
    return {name: values[0] for name, values in parse_qs(query).items()}, body


def test_wechats_own_example_opens() -> None:
    beat = datetime.fromtimestamp(1409735669, UTC)
    found = parsed(opened(SAMPLE, SAMPLE_QUERY, SAMPLE_BODY, beat=beat))
    assert (found.said("FromUserName"), found.said("Content")) == ("oyORnuP8q7ou2gfYjqLzSIWZf0rs", "abcdteT")


def test_event_comes_out_as_it_went_in() -> None:
    query, body = pushed()
    assert opened(KEYS, query, body, beat=BEAT).decode() == XML


@pytest.mark.parametrize("minutes", [-6, 6, 60 * 24])
def test_stale_event_is_refused(minutes: int) -> None:
    query, body = pushed(at=BEAT + timedelta(minutes=minutes))
    with pytest.raises(Forged):
        opened(KEYS, query, body, beat=BEAT)


@pytest.mark.parametrize("name", ["timestamp", "nonce", "msg_signature"])
def test_changed_query_is_refused(name: str) -> None:
    query, body = pushed()
    query[name] = query[name][:-1] + ("0" if query[name][-1] != "0" else "1")
    with pytest.raises(Forged):
        opened(KEYS, query, body, beat=BEAT)


@pytest.mark.parametrize("field", ["token", "aes_key", "app_id"])
def test_event_of_another_account_is_refused(field: str) -> None:
    other = account(cards=OF.fields)
    query, body = pushed(of=replace(OF, **{field: getattr(other, field)}))
    with pytest.raises(Forged):
        opened(KEYS, query, body, beat=BEAT)


def test_plain_event_is_refused_where_events_are_encrypted() -> None:
    query, _ = pushed()
    with pytest.raises(Forged):
        opened(KEYS, query, XML.encode(), beat=BEAT)


def test_plain_event_is_taken_where_there_is_no_key() -> None:
    query, _ = pushed()
    plain = replace(KEYS, aes_key="")
    assert opened(plain, query, XML.encode(), beat=BEAT) == XML.encode()
    with pytest.raises(Forged):
        opened(plain, query | {"signature": "0" * 40}, XML.encode(), beat=BEAT)


def test_greeting_is_given_back_to_wechat_only() -> None:
    query, _ = pushed()
    assert greeting(KEYS, query | {"echostr": "5"}, beat=BEAT) == "5"
    for wrong in ({"signature": ""}, {"nonce": "x"}, {"timestamp": "１"}, {"timestamp": ""}):
        with pytest.raises(Forged):
            greeting(KEYS, query | {"echostr": "5"} | wrong, beat=BEAT)


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"<xml>",
        b"\xff\xfe",
        b"<a/><b/>",
        b'<!DOCTYPE xml [<!ENTITY a "b">]><xml>&a;</xml>',
        b'<!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml/>',
        b"<a>" * 5000 + b"</a>" * 5000,
        "<xml>é</xml>".encode("utf-16") + b"\x00",
    ],
)
def test_tricky_document_is_refused(xml: bytes) -> None:
    with pytest.raises(Forged):
        parsed(xml)


@pytest.mark.parametrize("encrypted", ["", "AAAA", "!" * 64, "A" * 64, "Aa0+" * 16])
def test_signed_rubbish_is_refused(encrypted: str) -> None:
    nonce, moment = "n", str(int(BEAT.timestamp()))
    signature = callbacks.sign(OF.token, moment, nonce, encrypted)
    body = f"<xml><Encrypt>{encrypted}</Encrypt></xml>".encode()
    with pytest.raises(Forged):
        opened(KEYS, {"timestamp": moment, "nonce": nonce, "msg_signature": signature}, body, beat=BEAT)
