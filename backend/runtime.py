"""What web and workers share: the composition root. Everything here arrives as an argument elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import TypeVar

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from redis.sentinel import Sentinel

from backend.accounts.consents import Purposes
from backend.administration.calendars import CalendarBook
from backend.db import Database
from backend.gateways.clock import FileClock
from backend.gateways.heartbeat import Heartbeat, HttpHeartbeat
from backend.gateways.scanner import ClamScanner, NoScanner, Scanner
from backend.gateways.seal import HttpSeal, NoSeal, SealGateway
from backend.gateways.sms import ConsoleSms, FileSms, NoSms, Sms
from backend.gateways.storage import FileStorage, Storage
from backend.gateways.wechat import NoWeChat, WeChat
from backend.gateways.wechat_account import ServiceAccount
from backend.gateways.wechat_http import Transport
from backend.kernel.clock import Clock, system_clock
from backend.kernel.crypto import Vault
from backend.kernel.workdays import Calendar
from backend.notifications.costs import Tariff
from backend.notifications.kinds import SMS
from backend.notifications.wording.templates import templates
from backend.notifications.wording.wechat_fields import wechat_templates
from backend.tips_runtime import TipsRuntime, build_tips_runtime
from config.calendar_data import load_plans
from config.consents import load_consents
from config.env import WrongSetting
from config.settings import Settings

#: The list a committed change pushes its topic to, so that the relay need not wait for its next sweep.
WAKE = "wake"


#: After a failure the broker is left alone for so many seconds: a hung one must not slow every request.
REST = 3.0

T = TypeVar("T")


@dataclass(slots=True)
class Broker:
    """Redis as a help that may be away: nothing that a person was promised depends on it."""

    redis: Redis
    _until: float = field(default=0.0, init=False)

    def attempt(self, ask: Callable[[Redis], T], otherwise: T) -> T:
        """The answer of the broker, or ``otherwise`` while it is away."""
        if time.monotonic() < self._until:
            return otherwise
        try:
            return ask(self.redis)
        except RedisError:
            self._until = time.monotonic() + REST
            return otherwise


@dataclass(frozen=True, slots=True)
class Runtime:
    """One per process. ``db`` and ``redis`` connect on first use."""

    settings: Settings
    db: Database
    redis: Redis
    broker: Broker
    vault: Vault
    clock: Clock
    calendars: CalendarBook
    purposes: Purposes
    sms: Sms
    storage: Storage
    scanner: Scanner
    seal: SealGateway
    heartbeat: Heartbeat
    wechat: WeChat
    #: Keys of the reminders and of nothing else.
    reminder_vault: Vault
    #: For the investigators' side and the sweeps; the tip line's own app has it and nothing else of this.
    tips: TipsRuntime

    @property
    def calendar(self) -> Calendar:
        """Working days as they count now; an administrator's change arrives within half a minute."""
        return self.calendars.current

    @property
    def tariff(self) -> Tariff:
        """What text messages cost here, and how much a month may."""
        sms = self.settings.sms
        return Tariff(sms.sign, sms.price, sms.budget)

    def wake(self, topic: str = "any") -> None:
        """Nudge the relay after a commit. Losing the nudge costs a second, never the work."""

        def push(redis: Redis) -> None:
            pipe = redis.pipeline(transaction=False)
            pipe.lpush(WAKE, topic)
            pipe.ltrim(WAKE, 0, 99)
            pipe.execute()

        self.broker.attempt(push, None)


def build_runtime(settings: Settings, *, patient: bool = False) -> Runtime:
    """Bind settings to their implementations; ``patient`` for workers, which wait for a lost database."""
    _check_messages(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    redis = connect_redis(settings)
    db = Database(settings.database_url, patient=patient)
    broker = Broker(redis)
    vault = Vault(settings.secrets.data_keys, settings.secrets.current_kid, settings.secrets.index_key)
    return Runtime(
        settings=settings,
        db=db,
        redis=redis,
        broker=broker,
        vault=vault,
        clock=FileClock(settings.data_dir / "clock.json") if settings.is_demo else system_clock,
        calendars=CalendarBook(load_plans(), db.reading),
        purposes=load_consents(),
        sms=provider_of_sms(settings),
        storage=FileStorage(settings.data_dir / "files"),
        scanner=ClamScanner(settings.clamav_socket) if settings.clamav_socket else NoScanner(),
        seal=HttpSeal(settings.seal_url) if settings.seal_url else NoSeal(),
        heartbeat=HttpHeartbeat(settings.base_url),
        wechat=_wechat(settings, broker, vault),
        reminder_vault=Vault.of_one_key(settings.secrets.reminder_key),
        tips=build_tips_runtime(settings.tips, patient=patient),
    )


def _check_messages(settings: Settings) -> None:
    """A template that cannot be sent, or the id of one that is not there, stops the start and not the first message."""
    short = {name for name, template in templates().items() if SMS in template.channels}
    for variable, given, known in (
        ("WECHAT_TEMPLATES", settings.wechat.templates, set(wechat_templates())),
        ("SMS_TEMPLATES", settings.sms.templates, short | {f"{name}_en" for name in short}),
    ):
        if strange := sorted(set(given) - known):
            raise WrongSetting(variable, f"there is no template named {strange[0]}")


def provider_of_sms(settings: Settings) -> Sms:
    """The provider that the settings name; Tencent's SDK is imported where it is named and nowhere else."""
    if settings.sms_backend == "file":
        return FileSms(settings.data_dir / "messages.jsonl", settings.sms.sign)
    if settings.sms_backend == "console":
        return ConsoleSms(settings.sms.sign) if settings.is_demo else NoSms()
    try:
        tencent = import_module("backend.gateways.sms_tencent")
    except ImportError as error:
        raise WrongSetting("SMS_BACKEND", "tencent needs its SDK: pip install 'yangguang[tencent]'") from error
    provider: Sms = tencent.TencentSms(
        tencent.Account(
            app_id=settings.sms.app_id,
            secret_id=settings.sms.secret_id,
            secret_key=settings.sms.secret_key,
            sign=settings.sms.sign,
            region=settings.sms.region,
            endpoint=settings.sms.endpoint,
            templates=settings.sms.templates,
            seconds=settings.sms.timeout,
        )
    )
    return provider


def _wechat(settings: Settings, broker: Broker, vault: Vault) -> WeChat:
    own = settings.wechat
    if not own.app_id:
        return NoWeChat()
    return ServiceAccount(
        app_id=own.app_id,
        secret=own.app_secret,
        open_url=own.open_url,
        transport=Transport(own.api_url),
        broker=broker,
        vault=vault,
    )


def connect_redis(settings: Settings) -> Redis:
    """Short time-outs and no retries: a hung broker must not hold a request (FIGURES: defaults held it 59 s)."""
    options = {"socket_connect_timeout": 0.5, "socket_timeout": 1.0, "retry": Retry(NoBackoff(), 0)}
    if not settings.redis_sentinels:
        return Redis.from_url(settings.redis_url, **options)
    hosts, _, name = settings.redis_sentinels.partition("/")
    pairs = [(host, int(port)) for host, _, port in (item.rpartition(":") for item in hosts.split(","))]
    sentinel = Sentinel(pairs, **options)  # type: ignore[no-untyped-call]
    master: Redis = sentinel.master_for(name or "yangguang")  # type: ignore[no-untyped-call]
    return master
