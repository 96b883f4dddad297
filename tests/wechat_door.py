"""WeChat for tests: the stand-in over HTTP, and an installation that has an account there."""

from __future__ import annotations

import contextlib
import json
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from backend.runtime import Runtime, build_runtime
from config.settings import Settings, load_settings
from standins.wechat import StandIn, account

OPENID, OTHERS = "o-test-mine", "o-test-others"
#: How WeChat's own browser names itself.
INSIDE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 MicroMessenger/8.0.50 NetType/4G"


@contextlib.contextmanager
def joined(settings: Settings) -> Iterator[tuple[StandIn, Settings]]:
    """The settings with an account at a stand-in that runs meanwhile."""
    with StandIn(account(site=settings.base_url)) as wechat:
        secrets = {"PROFILE": "test", "DATA_DIR": str(settings.data_dir)}
        yield wechat, replace(settings, wechat=load_settings(secrets | wechat.environment).wechat)


def known(runtime: Runtime, settings: Settings) -> Runtime:
    """A running installation with the gateway of these settings."""
    return replace(runtime, settings=settings, wechat=build_runtime(settings).wechat)


def code(wechat: StandIn, openid: str = OPENID, *, snapshot: bool = False) -> str:
    """What the consent page would come back with."""
    return wechat.state.code(openid, snapshot=snapshot)


def told(wechat: StandIn, **fault: Any) -> None:
    """Something goes wrong with the next call whose address ends in ``path``."""
    body = json.dumps({"faults": [fault]}).encode()
    request = urllib.request.Request(f"{wechat.url}/standin/faults", body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=5).close()
