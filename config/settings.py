"""The settings of one installation, as frozen values read once from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.env import Environment, WrongSetting
from config.keys import Secrets, read_secrets
from config.tip_line import DATABASES, TipLine, read_tip_line

PROFILES = ("demo", "production", "test")
SENTINELS = r"[^\s,/]+:[0-9]{1,5}(,[^\s,/]+:[0-9]{1,5})*(/[A-Za-z0-9._-]+)?"
#: Of text messages; ``file`` is for the demo only: it keeps sign-in codes in the clear.
SMS_PROVIDERS = ("console", "tencent")
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class WechatAccount:
    """The service account 服务号; without an ``app_id`` there is none. ``templates``: our name → WeChat's id of it."""

    app_id: str = ""
    app_secret: str = field(default="", repr=False)
    #: Of the server callback: the token of its signature and the AES key (43 characters, as WeChat shows it).
    token: str = field(default="", repr=False)
    aes_key: str = field(default="", repr=False)
    api_url: str = "https://api.weixin.qq.com"
    open_url: str = "https://open.weixin.qq.com"
    templates: Mapping[str, str] = field(default_factory=dict)

    @property
    def stands_in(self) -> bool:
        """Whether something else than WeChat plays WeChat (the demo, tests)."""
        return not self.open_url.endswith(".weixin.qq.com")


@dataclass(frozen=True, slots=True)
class SmsAccount:
    """The contract with a provider of text messages. ``templates``: our name → the provider's template id.

    ``endpoint``: empty for the provider's own; ``timeout``: seconds for an answer;
    ``price``: thousandths of a yuan a part; ``budget``: yuan a month, 0 for none.
    """

    app_id: str = ""
    secret_id: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    sign: str = "阳光办"
    region: str = "ap-guangzhou"
    endpoint: str = ""
    timeout: int = 5
    callback_key: str = field(default="", repr=False)
    templates: Mapping[str, str] = field(default_factory=dict)
    price: int = 45
    budget: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """How often; the window is in the name."""

    messages_per_person_day: int = 8
    wechat_calls_second: int = 200
    sms_calls_second: int = 200

    sms_codes_per_mobile_hour: int = 5
    sms_codes_per_address_10_min: int = 30
    calls_per_account_minute: int = 600


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an installation may decide (config/.env.example says it in words)."""

    profile: str
    host: str
    port: int
    data_dir: Path
    base_url: str
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    redis_sentinels: str
    secrets: Secrets
    county: str
    issuer: str
    phone: str
    tips: TipLine
    sms_backend: str = "file"
    seal_url: str = ""
    clamav_socket: str = ""
    trusted_proxies: int = 0
    log_level: str = "INFO"
    limits: Limits = Limits()
    wechat: WechatAccount = field(default_factory=WechatAccount)
    sms: SmsAccount = field(default_factory=SmsAccount)

    @property
    def is_demo(self) -> bool:
        return self.profile != "production"


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check every variable; the first wrong one stops the start and is named."""
    env = Environment(os.environ if environ is None else environ)
    profile = env.choice("PROFILE", "demo", PROFILES)
    data_dir = Path(env.text("DATA_DIR", "var")).resolve()
    host, port = env.text("HOST", "127.0.0.1"), env.integer("PORT", 8000, 1, 65535)
    if profile == "demo" and host not in ("127.0.0.1", "::1", "localhost") and not env.flag("DEMO_PUBLIC", False):
        raise WrongSetting("HOST", "the demo binds loopback only; DEMO_PUBLIC=1 lets others in")
    demo = profile != "production"
    base_url, database_url = _base_url(env, demo, f"http://{host}:{port}"), _database_url(env, data_dir, demo)
    return Settings(
        profile=profile,
        host=host,
        port=port,
        data_dir=data_dir,
        base_url=base_url,
        database_url=database_url,
        redis_url=env.url("REDIS_URL", f"unix://{data_dir}/broker.sock", ("redis", "rediss", "unix")),
        redis_sentinels=env.matching("REDIS_SENTINELS", "", SENTINELS, "host:port[,host:port…][/name]"),
        secrets=read_secrets(env, data_dir, demo),
        county=env.matching("COUNTY", "370402", "[0-9]{6}", "6 digits"),
        # In every QR code, and compared byte for byte by those who verify offline: never cut, never escaped.
        issuer=env.matching("ISSUER", "yangguang", "[!-~]{1,40}", "1 to 40 ASCII characters without space"),
        phone=env.text("PHONE", "0632-12345"),
        tips=read_tip_line(env, demo=demo, data_dir=data_dir, base_url=base_url, database_url=database_url),
        sms_backend=env.choice(
            "SMS_BACKEND", "file" if demo else "console", ("file", *SMS_PROVIDERS) if demo else SMS_PROVIDERS
        ),
        wechat=_wechat(env),
        sms=_sms(env),
        seal_url=env.url("SEAL_URL", "", ("http", "https")),
        clamav_socket=env.text("CLAMAV_SOCKET"),
        trusted_proxies=env.integer("TRUSTED_PROXIES", 0, 0, 5),
        log_level=env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
        limits=_limits(env, demo),
    )


def _base_url(env: Environment, demo: bool, default: str) -> str:
    """Where people find us; messages that leave the house lead there, so it may not be guessed."""
    sends = env.raw("WECHAT_APP_ID") or env.raw("SMS_BACKEND") == "tencent"
    if sends and not demo and env.raw("BASE_URL") is None:
        raise WrongSetting("BASE_URL", "must be set where text messages or WeChat lead to our pages")
    return env.url("BASE_URL", default, ("http", "https"))


def _limits(env: Environment, demo: bool) -> Limits:
    return Limits(
        sms_codes_per_address_10_min=500 if demo else 30,
        messages_per_person_day=env.integer("MESSAGES_PER_PERSON_DAY", 8, 1, 1000),
        wechat_calls_second=env.integer("WECHAT_CALLS_SECOND", 200, 1, 10_000),
        sms_calls_second=env.integer("SMS_CALLS_SECOND", 200, 1, 10_000),
    )


def _wechat(env: Environment) -> WechatAccount:
    """``WECHAT_APP_ID`` and what belongs to it: all of it or nothing; without an AES key events come in plain."""
    app_id = env.matching("WECHAT_APP_ID", "", "[A-Za-z0-9_-]{4,32}", "the AppID of a service account")
    if not app_id:
        return WechatAccount()
    needed = {name: env.raw(name) for name in ("SECRET_WECHAT_APP", "SECRET_WECHAT_TOKEN")}
    for name, value in needed.items():
        if value is None:
            raise WrongSetting(name, "must be set with WECHAT_APP_ID")
    key = env.matching("SECRET_WECHAT_AES", "", "[A-Za-z0-9]{43}", "43 letters and digits, as WeChat shows it")
    return WechatAccount(
        app_id=app_id,
        app_secret=env.text("SECRET_WECHAT_APP"),
        token=env.matching("SECRET_WECHAT_TOKEN", "", "[A-Za-z0-9]{3,32}", "3 to 32 letters or digits"),
        aes_key=key,
        api_url=env.url("WECHAT_API_URL", "https://api.weixin.qq.com", ("http", "https")),
        open_url=env.url("WECHAT_OPEN_URL", "https://open.weixin.qq.com", ("http", "https")),
        templates=_pairs(env, "WECHAT_TEMPLATES"),
    )


def _sms(env: Environment) -> SmsAccount:
    """The provider's account; ``SMS_BACKEND=tencent`` needs app, secrets and templates."""
    tencent = env.raw("SMS_BACKEND") == "tencent"
    for name in ("SMS_APP_ID", "SECRET_SMS_ID", "SECRET_SMS_KEY", "SMS_TEMPLATES") if tencent else ():
        if env.raw(name) is None:
            raise WrongSetting(name, "must be set with SMS_BACKEND=tencent")
    templates = _pairs(env, "SMS_TEMPLATES")
    if tencent and "sms_code" not in templates:
        raise WrongSetting("SMS_TEMPLATES", "must name sms_code: nobody could sign in without it")
    return SmsAccount(
        app_id=env.matching("SMS_APP_ID", "", "[0-9]{1,16}", "the SdkAppId, digits only"),
        secret_id=env.matching("SECRET_SMS_ID", "", "[!-~]{1,128}", "the SecretId, without spaces"),
        secret_key=env.matching("SECRET_SMS_KEY", "", "[!-~]{1,128}", "the SecretKey, without spaces"),
        sign=env.matching("SMS_SIGN", "阳光办", r"[^\s【】\[\]]{2,12}", "2 to 12 characters, without 【】"),
        region=env.matching("SMS_REGION", "ap-guangzhou", "[a-z0-9-]{2,32}", "a region as ap-guangzhou"),
        endpoint=env.url("SMS_ENDPOINT", "", ("http", "https")),
        timeout=env.integer("SMS_TIMEOUT", 5, 1, 20),
        callback_key=env.matching("SECRET_SMS_CALLBACK", "", "[A-Za-z0-9_-]{16,64}", "16 to 64 letters or digits"),
        templates=templates,
        price=env.integer("SMS_PRICE", 45, 0, 10_000),
        budget=env.integer("SMS_MONTHLY_BUDGET", 0, 0, 100_000_000),
    )


def _pairs(env: Environment, name: str) -> dict[str, str]:
    """``ours:theirs,ours:theirs``."""
    value = env.matching(name, "", r"([a-z_]+:[A-Za-z0-9_-]+(,[a-z_]+:[A-Za-z0-9_-]+)*)?", "name:id[,name:id…]")
    return dict(pair.split(":", 1) for pair in value.split(",") if pair)


def _database_url(env: Environment, data_dir: Path, demo: bool) -> str:
    if not demo and env.raw("DATABASE_URL") is None:
        raise WrongSetting("DATABASE_URL", "must be set in production")
    return env.url("DATABASE_URL", f"sqlite:///{data_dir}/yangguang.db", DATABASES)
