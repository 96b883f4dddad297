"""The settings of one installation, as frozen values read once from the environment."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.env import Environment, WrongSetting, secret_bytes

PROFILES = ("demo", "production", "test")
SENTINELS = r"[^\s,/]+:[0-9]{1,5}(,[^\s,/]+:[0-9]{1,5})*(/[A-Za-z0-9._-]+)?"
DATABASES = ("sqlite", "mysql+pymysql", "mariadb+pymysql")
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Secrets:
    """``data_keys``: kid → master key, the first is in use; the others each have one purpose."""

    data_keys: Mapping[str, bytes] = field(repr=False)
    index_key: bytes = field(repr=False)
    session_key: bytes = field(repr=False)

    @property
    def current_kid(self) -> str:
        return next(iter(self.data_keys))


@dataclass(frozen=True, slots=True)
class Limits:
    """How often; the window is in the name."""

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
    sms_backend: str = "file"
    seal_url: str = ""
    clamav_socket: str = ""
    trusted_proxies: int = 0
    log_level: str = "INFO"
    limits: Limits = Limits()

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
    return Settings(
        profile=profile,
        host=host,
        port=port,
        data_dir=data_dir,
        base_url=env.url("BASE_URL", f"http://{host}:{port}", ("http", "https")),
        database_url=_database_url(env, data_dir, demo),
        redis_url=env.url("REDIS_URL", f"unix://{data_dir}/broker.sock", ("redis", "rediss", "unix")),
        redis_sentinels=env.matching("REDIS_SENTINELS", "", SENTINELS, "host:port[,host:port…][/name]"),
        secrets=_secrets(env, data_dir, demo),
        county=env.matching("COUNTY", "370402", "[0-9]{6}", "6 digits"),
        # In every QR code, and compared byte for byte by those who verify offline: never cut, never escaped.
        issuer=env.matching("ISSUER", "yangguang", "[!-~]{1,40}", "1 to 40 ASCII characters without space"),
        phone=env.text("PHONE", "0632-12345"),
        # A file of sign-in codes in the clear is for the demo only.
        sms_backend=env.choice(
            "SMS_BACKEND", "file" if demo else "console", ("file", "console") if demo else ("console",)
        ),
        seal_url=env.url("SEAL_URL", "", ("http", "https")),
        clamav_socket=env.text("CLAMAV_SOCKET"),
        trusted_proxies=env.integer("TRUSTED_PROXIES", 0, 0, 5),
        log_level=env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
        limits=Limits(sms_codes_per_address_10_min=500) if demo else Limits(),
    )


def _database_url(env: Environment, data_dir: Path, demo: bool) -> str:
    if not demo and env.raw("DATABASE_URL") is None:
        raise WrongSetting("DATABASE_URL", "must be set in production")
    return env.url("DATABASE_URL", f"sqlite:///{data_dir}/yangguang.db", DATABASES)


def _secrets(env: Environment, data_dir: Path, demo: bool) -> Secrets:
    """From ``SECRET_DATA_KEYS`` (``kid:base64,kid:base64``), ``SECRET_INDEX_KEY``, ``SECRET_SESSION_KEY``."""
    names = ("SECRET_DATA_KEYS", "SECRET_INDEX_KEY", "SECRET_SESSION_KEY")
    given = {name: env.raw(name) for name in names}
    missing = [name for name, value in given.items() if value is None]
    if missing and not demo:
        raise WrongSetting(missing[0], "must be set in production")
    kept = _demo_secrets(data_dir) if missing else {}
    values = {name: value or kept[name] for name, value in given.items()}
    return Secrets(
        data_keys=_data_keys(values["SECRET_DATA_KEYS"]),
        index_key=_one("SECRET_INDEX_KEY", values["SECRET_INDEX_KEY"]),
        session_key=_one("SECRET_SESSION_KEY", values["SECRET_SESSION_KEY"]),
    )


def _one(name: str, value: str) -> bytes:
    try:
        return secret_bytes(value)
    except ValueError as error:
        raise WrongSetting(name, str(error)) from error


def _data_keys(value: str) -> dict[str, bytes]:
    keys = {}
    for part in value.split(","):
        kid, _, secret = part.partition(":")
        if not kid.isalnum() or not kid.isascii() or len(kid) > 8:
            raise WrongSetting("SECRET_DATA_KEYS", "must be kid:base64[,kid:base64…], kid of 1 to 8 letters or digits")
        keys[kid] = _one("SECRET_DATA_KEYS", secret)
    return keys


def _demo_secrets(data_dir: Path) -> dict[str, str]:
    """Secrets of a demo or test installation: made once, kept beside its data, readable by its owner only."""
    path = data_dir / "secrets.json"
    data_dir.mkdir(parents=True, exist_ok=True)
    fresh = {
        "SECRET_DATA_KEYS": "k1:" + _random(),
        "SECRET_INDEX_KEY": _random(),
        "SECRET_SESSION_KEY": _random(),
    }
    draft = data_dir / f"secrets.{secrets.token_hex(4)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(fresh, file)
    try:
        os.link(draft, path)  # atomic: of several processes that start at once, one wins
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return kept


def _random() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
