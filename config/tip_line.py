"""The settings of the tip line 举报: its own values, so that it can run alone and know nothing of the rest."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from config.env import Environment, WrongSetting, secret_bytes
from config.keys import kept_secret

KEY = "SECRET_TIPS_KEY"
DATABASES = ("sqlite", "mysql+pymysql", "mariadb+pymysql")
#: Hours (China): when tips reach the investigators, and when these get their digest.
RELEASES, DIGEST = "9,15", 9
HOURS = "[0-9]{1,2}(,[0-9]{1,2}){0,5}"


@dataclass(frozen=True, slots=True)
class TipLine:
    """What the tip line knows. ``origin``: scheme, host and port under which people reach it.

    ``oversight_key``, ``recovery_key``: public X25519 keys (32 bytes) whose other halves are never on this machine
    (in the demo they lie beside its data).
    """

    demo: bool
    data_dir: Path
    origin: str
    #: Whether the origin is also that of the main app (the demo only).
    shared_origin: bool
    database_url: str = field(repr=False)
    key: bytes = field(repr=False)
    county: str
    phone: str
    hotline: str
    oversight: str
    oversight_key: bytes
    recovery_key: bytes
    exit_url: str
    release_hours: tuple[int, ...]
    digest_hour: int

    @property
    def host(self) -> str:
        """``host[:port]`` of the origin, as a browser writes it into ``Host``."""
        return urlsplit(self.origin).netloc


def read_tip_line(env: Environment, *, demo: bool, data_dir: Path, base_url: str, database_url: str) -> TipLine:
    """Read and check the values; outside the demo origin, database, key and both public keys must be given."""
    for name in () if demo else ("TIPS_ORIGIN", "TIPS_DATABASE_URL", KEY, "TIPS_OVERSIGHT_KEY", "TIPS_RECOVERY_KEY"):
        if env.raw(name) is None:
            raise WrongSetting(name, "must be set in production")
    origin = env.url("TIPS_ORIGIN", base_url, ("http", "https"))
    _check_origin(origin, base_url, demo)
    own = env.url("TIPS_DATABASE_URL", f"sqlite:///{data_dir}/tips.db", DATABASES)
    if database_url and own == database_url:
        raise WrongSetting("TIPS_DATABASE_URL", "must be a database of its own, with an account of its own")
    offline = _demo_keys(data_dir) if demo else {}
    oversight = _public(env, "TIPS_OVERSIGHT_KEY", offline.get("oversight"))
    recovery = _public(env, "TIPS_RECOVERY_KEY", offline.get("recovery"))
    _check_apart(oversight, recovery)
    return TipLine(
        demo=demo,
        data_dir=data_dir,
        origin=origin,
        shared_origin=origin == base_url,
        database_url=own,
        key=_key(env, data_dir, demo),
        county=env.matching("COUNTY", "370402", "[0-9]{6}", "6 digits"),
        phone=env.text("PHONE", "0632-12345"),
        hotline=env.matching("TIPS_HOTLINE", "12345", "[0-9-]{3,20}", "a telephone number"),
        oversight=env.matching("TIPS_OVERSIGHT", "市级监督", r"\S.{1,39}", "the name of an office"),
        oversight_key=oversight,
        recovery_key=recovery,
        exit_url=env.url("TIPS_EXIT_URL", "https://www.weather.com.cn", ("http", "https")),
        release_hours=_hours(env.matching("TIPS_RELEASE_HOURS", RELEASES, HOURS, "hours as 9,15")),
        digest_hour=env.integer("TIPS_DIGEST_HOUR", DIGEST, 0, 23),
    )


def load_tip_line(environ: Mapping[str, str] | None = None) -> TipLine:
    """The tip line run alone: only its own variables are read."""
    env = Environment(os.environ if environ is None else environ)
    demo = env.choice("PROFILE", "demo", ("demo", "production", "test")) != "production"
    data_dir = Path(env.text("DATA_DIR", "var")).resolve()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    here = f"http://{env.text('HOST', '127.0.0.1')}:{env.integer('PORT', 8000, 1, 65535)}"
    base_url = env.url("BASE_URL", here, ("http", "https"))
    return read_tip_line(env, demo=demo, data_dir=data_dir, base_url=base_url, database_url="")


def _check_origin(origin: str, base_url: str, demo: bool) -> None:
    """Outside the demo another site, so that no cookie, cache or storage of the main one is ever in reach."""
    if urlsplit(origin).path:
        raise WrongSetting("TIPS_ORIGIN", "must be an address without a path, as https://report.example.gov.cn")
    if not demo and _site(origin) == _site(base_url):
        raise WrongSetting("TIPS_ORIGIN", "must be another site than BASE_URL: another name, not another port or path")


def _site(url: str) -> str:
    return urlsplit(url).hostname or ""


def _hours(value: str) -> tuple[int, ...]:
    hours = tuple(sorted({int(part) for part in value.split(",")}))
    if hours[-1] > 23:
        raise WrongSetting("TIPS_RELEASE_HOURS", "must be hours from 0 to 23")
    return hours


def _key(env: Environment, data_dir: Path, demo: bool) -> bytes:
    value = env.raw(KEY) or (kept_secret(data_dir, KEY) if demo else "")
    try:
        return secret_bytes(value)
    except ValueError as error:
        raise WrongSetting(KEY, str(error)) from error


def _public(env: Environment, name: str, otherwise: str | None) -> bytes:
    """A public key to which something can be sealed: zeros, for one, are none, and that shows only at the sealing."""
    try:
        key = secret_bytes(env.raw(name) or otherwise or "")
        SealedBox(PublicKey(key)).encrypt(b"")
    except (ValueError, CryptoError) as error:
        raise WrongSetting(name, "must be a public key: 32 bytes in base64 (flask tips keypair)") from error
    return key


def _check_apart(oversight: bytes, recovery: bytes) -> None:
    if oversight == recovery:
        raise WrongSetting("TIPS_RECOVERY_KEY", "must be another key than TIPS_OVERSIGHT_KEY")


def _demo_keys(data_dir: Path) -> dict[str, str]:
    """The public halves of the demo's two offline keys; the private ones lie in its secrets."""
    private = {name: kept_secret(data_dir, f"DEMO_TIPS_{name.upper()}") for name in ("oversight", "recovery")}
    return {
        name: base64.b64encode(bytes(PrivateKey(secret_bytes(value)).public_key)).decode()
        for name, value in private.items()
    }
