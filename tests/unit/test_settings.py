"""A wrong value stops the start and names its variable; production has none of the demo's doors."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from nacl.public import PrivateKey

from backend.app import create_app
from backend.cli import demo
from backend.kernel.errors import Forbidden
from backend.runtime import build_runtime
from config.env import WrongSetting
from config.settings import Settings, load_settings

KEY = base64.b64encode(bytes(32)).decode()
OVERSIGHT, RECOVERY = (base64.b64encode(bytes(PrivateKey(bytes([n]) * 32).public_key)).decode() for n in (1, 2))
PRODUCTION = {
    "PROFILE": "production",
    "DATABASE_URL": "mysql+pymysql://u:hidden@127.0.0.1:3306/y",
    "SECRET_DATA_KEYS": f"k1:{KEY}",
    "SECRET_INDEX_KEY": KEY,
    "SECRET_SESSION_KEY": KEY,
    "SECRET_REMINDER_KEY": KEY,
    "TIPS_ORIGIN": "https://report.example",
    "TIPS_DATABASE_URL": "mysql+pymysql://t:hidden@127.0.0.1:3306/t",
    "SECRET_TIPS_KEY": KEY,
    "TIPS_OVERSIGHT_KEY": OVERSIGHT,
    "TIPS_RECOVERY_KEY": RECOVERY,
}


def production(tmp_path: Path, **others: str) -> Settings:
    return load_settings(PRODUCTION | {"DATA_DIR": str(tmp_path), "BASE_URL": "https://ygb.example"} | others)


@pytest.mark.parametrize("name", [name for name in PRODUCTION if name != "PROFILE"])
def test_production_refuses_to_start_without(name: str, tmp_path: Path) -> None:
    values = {key: value for key, value in PRODUCTION.items() if key != name} | {"DATA_DIR": str(tmp_path)}
    with pytest.raises(WrongSetting, match=f"^{name}: must be set in production"):
        load_settings(values)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ISSUER", "阳光办"),
        ("ISSUER", "x" * 41),
        ("COUNTY", "37040"),
        ("SMS_BACKEND", "file"),
        ("SEAL_URL", "ftp://seal"),
        ("REDIS_SENTINELS", "10.0.0.1"),
        ("TRUSTED_PROXIES", "-1"),
        ("PORT", "８000"),
        ("SMS_BACKEND", "aliyun"),
        ("SMS_APP_ID", "app"),
        ("SECRET_SMS_KEY", "two words"),
        ("SMS_SIGN", "【阳光办】"),
        ("SMS_SIGN", "阳"),
        ("SMS_REGION", "广州"),
        ("SMS_ENDPOINT", "127.0.0.1:9100"),
        ("SMS_TIMEOUT", "0"),
        ("SMS_TEMPLATES", "sms_code=1"),
        ("SMS_TEMPLATES", "sms_code:1,"),
        ("SECRET_SMS_CALLBACK", "short"),
        ("SMS_PRICE", "0.045"),
        ("SMS_MONTHLY_BUDGET", "-1"),
        ("TIPS_ORIGIN", "report.example"),
        ("TIPS_ORIGIN", "https://report.example/tips"),
        ("TIPS_ORIGIN", "https://ygb.example:8443"),
        ("TIPS_DATABASE_URL", "mysql+pymysql://u:hidden@127.0.0.1:3306/y"),
        ("TIPS_DATABASE_URL", "postgresql://t@127.0.0.1/t"),
        ("SECRET_TIPS_KEY", "short"),
        ("TIPS_OVERSIGHT_KEY", "short"),
        ("TIPS_OVERSIGHT_KEY", KEY),
        ("TIPS_RECOVERY_KEY", OVERSIGHT),
        ("TIPS_OVERSIGHT", "市"),
        ("TIPS_HOTLINE", "call us"),
        ("TIPS_EXIT_URL", "javascript:0"),
        ("TIPS_RELEASE_HOURS", "9,24"),
        ("TIPS_RELEASE_HOURS", "nine"),
        ("TIPS_DIGEST_HOUR", "24"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=f"^{name}: must be"):
        production(tmp_path, **{name: value})


TENCENT = {
    "SMS_BACKEND": "tencent",
    "SMS_APP_ID": "1400006666",
    "SECRET_SMS_ID": "hidden-id",
    "SECRET_SMS_KEY": "hidden-key",
    "SMS_TEMPLATES": "sms_code:1",
}


@pytest.mark.parametrize("name", [name for name in TENCENT if name != "SMS_BACKEND"])
def test_tencent_refuses_to_start_without(name: str, tmp_path: Path) -> None:
    values = {key: value for key, value in TENCENT.items() if key != name}
    with pytest.raises(WrongSetting, match=f"^{name}: must be set with SMS_BACKEND=tencent"):
        production(tmp_path, **values)


def test_tencent_needs_a_template_of_the_sign_in_code(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=r"^SMS_TEMPLATES: must name sms_code"):
        production(tmp_path, **TENCENT | {"SMS_TEMPLATES": "todo:1"})


def test_settings_of_a_provider_show_no_secret(tmp_path: Path) -> None:
    assert "hidden" not in repr(production(tmp_path, **TENCENT))


def test_settings_show_no_secret(tmp_path: Path) -> None:
    shown = repr(production(tmp_path))
    assert "hidden" not in shown
    assert KEY not in shown


def test_production_has_no_demo_doors(tmp_path: Path) -> None:
    app = create_app(production(tmp_path))
    assert not [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/dev")]
    with pytest.raises(Forbidden):
        demo.load(build_runtime(production(tmp_path)))


@pytest.mark.parametrize("name", ["WECHAT_TEMPLATES", "SMS_TEMPLATES"])
def test_the_id_of_a_template_that_is_not_there_stops_the_start(tmp_path: Path, name: str) -> None:
    given = {"WECHAT_TEMPLATES": "todo:A", "SMS_TEMPLATES": "sms_code:1,sms_code_en:2"} | {name: "sms_code:1,tood:2"}
    account = {"WECHAT_APP_ID": "wx0123456789", "SECRET_WECHAT_APP": "s", "SECRET_WECHAT_TOKEN": "token"}
    values = {"PROFILE": "test", "DATA_DIR": str(tmp_path), "SECRET_WECHAT_AES": "a" * 43, **account, **given}
    with pytest.raises(WrongSetting, match=rf"^{name}: there is no template named"):
        build_runtime(load_settings(values))


WECHAT = {
    "WECHAT_APP_ID": "wx0123456789abcdef",
    "SECRET_WECHAT_APP": "app-secret-0123",
    "SECRET_WECHAT_TOKEN": "callbacktoken",
    "SECRET_WECHAT_AES": "Aa1" * 14 + "A",
}


def test_service_account_is_read_whole_and_shows_no_secret(tmp_path: Path) -> None:
    account = production(tmp_path, **WECHAT, WECHAT_TEMPLATES="todo:AbC,visit:D-e_F").wechat
    assert account.templates == {"todo": "AbC", "visit": "D-e_F"}
    assert account.api_url == "https://api.weixin.qq.com"
    shown = repr(account)
    assert not [value for name, value in WECHAT.items() if name.startswith("SECRET") and value in shown]


def test_service_account_without_aes_key_takes_plain_events(tmp_path: Path) -> None:
    values = {name: value for name, value in WECHAT.items() if name != "SECRET_WECHAT_AES"}
    assert production(tmp_path, **values).wechat.aes_key == ""


@pytest.mark.parametrize("name", ["SECRET_WECHAT_APP", "SECRET_WECHAT_TOKEN"])
def test_service_account_needs_its_secrets(name: str, tmp_path: Path) -> None:
    values = {key: value for key, value in WECHAT.items() if key != name}
    with pytest.raises(WrongSetting, match=f"^{name}: must be set with WECHAT_APP_ID"):
        production(tmp_path, **values)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WECHAT_APP_ID", "wx 1"),
        ("SECRET_WECHAT_TOKEN", "a-b"),
        ("SECRET_WECHAT_AES", "short"),
        ("WECHAT_API_URL", "api.weixin.qq.com"),
        ("WECHAT_OPEN_URL", "ftp://open.weixin.qq.com"),
        ("WECHAT_TEMPLATES", "todo=AbC"),
        ("WECHAT_CALLS_SECOND", "0"),
        ("MESSAGES_PER_PERSON_DAY", "many"),
    ],
)
def test_wrong_value_of_the_service_account_is_named(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=f"^{name}: must be"):
        production(tmp_path, **WECHAT | {name: value})


def test_production_that_sends_links_must_know_its_own_address(tmp_path: Path) -> None:
    account = {"SMS_BACKEND": "tencent", "SMS_APP_ID": "1400000000", "SECRET_SMS_ID": "id", "SECRET_SMS_KEY": "key"}
    account |= {"SMS_TEMPLATES": "sms_code:1"}
    with pytest.raises(WrongSetting, match=r"^BASE_URL: must be set"):
        load_settings(PRODUCTION | account | {"DATA_DIR": str(tmp_path)})
    assert production(tmp_path, **account).base_url == "https://ygb.example"
