"""Tencent Cloud SMS 腾讯云短信 through its SDK (the optional extra ``tencent``): loaded only where it is configured.

Source: API 3.0 of 短信, version 2021-01-11: SendSms, PullSmsSendStatusByPhoneNumber and their error codes. One number a
call, so that every message has an answer of its own. ``SessionContext`` carries our key; an account whose pulled
reports do not repeat it (Tencent switches that on when asked) leaves a message in doubt in doubt.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectTimeout, RequestException
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from urllib3.exceptions import MaxRetryError, NewConnectionError

from backend.gateways.sms import Fate, Short, SmsInDoubt, SmsRefused, SmsUnavailable

SERVICE, VERSION = "sms", "2021-01-11"
HOST = "sms.tencentcloudapi.com"
#: To connect; how long an answer may take is a setting.
CONNECT_SECONDS = 2.0
#: Kept open: as many as a worker has threads for calls, and a few.
CONNECTIONS = 24
#: Reports can be pulled for so long, and so many at once.
PULLED_SECONDS, PULLED = 7 * 86_400, 100

#: What a code means, by its family (before the dot), and the codes that differ from their family.
FAMILIES: Mapping[str, type[Exception]] = {
    # Of this message: the number, the words, the template.
    "FailedOperation": SmsRefused,
    "InvalidParameter": SmsRefused,
    "InvalidParameterValue": SmsRefused,
    "MissingParameter": SmsRefused,
    "UnsupportedOperation": SmsRefused,
    # Of the account or the provider: people mend it, or it passes.
    "AuthFailure": SmsUnavailable,
    "UnauthorizedOperation": SmsUnavailable,
    "InternalError": SmsUnavailable,
    "LimitExceeded": SmsUnavailable,
    "RequestLimitExceeded": SmsUnavailable,
    "ServerNetworkError": SmsInDoubt,
}
CODES: Mapping[str, type[Exception]] = {
    "FailedOperation.InsufficientBalanceInSmsPackage": SmsUnavailable,
    "FailedOperation.FailResolvePacket": SmsUnavailable,
    # Today's share of this number is used up: another try today helps nobody.
    "LimitExceeded.PhoneNumberDailyLimit": SmsRefused,
    "LimitExceeded.PhoneNumberSameContentDailyLimit": SmsRefused,
    "LimitExceeded.PhoneNumberCountLimit": SmsRefused,
    "InternalError.Timeout": SmsInDoubt,
    "InternalError.SendAndRecvFail": SmsInDoubt,
}

# The SDK writes whole requests, with the number, at DEBUG.
logging.getLogger("tencentcloud_sdk_common").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Account:
    """The contract. ``templates``: our name → Tencent's id, ``name_en`` for English; ``endpoint``: "" for Tencent's."""

    app_id: str
    secret_id: str = field(repr=False)
    secret_key: str = field(repr=False)
    sign: str
    region: str
    endpoint: str
    templates: Mapping[str, str]
    seconds: float


class TencentSms:
    """One account; safe to share between threads."""

    def __init__(self, account: Account) -> None:
        self._account = account
        scheme, _, host = account.endpoint.rpartition("://")
        http = HttpProfile(
            protocol=scheme or "https", endpoint=host or HOST, reqTimeout=(CONNECT_SECONDS, account.seconds)
        )
        credential = Credential(account.secret_id, account.secret_key)
        self._client = CommonClient(SERVICE, VERSION, credential, account.region, ClientProfile(httpProfile=http))
        # The SDK keeps ten connections and throws the others away after each call, with a warning.
        session = self._client.request.conn._session
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS))

    def send(self, message: Short) -> str:
        """Tencent's ``SerialNo``, by which the report comes back."""
        asked = {
            "PhoneNumberSet": [_international(message.to)],
            "SmsSdkAppId": self._account.app_id,
            "SignName": self._account.sign,
            "TemplateId": self._template(message),
            "TemplateParamSet": _values(message),
            "SessionContext": message.key,
        }
        answer = self._ask("SendSms", asked)
        try:
            (status,) = answer["SendStatusSet"]
            code, serial = str(status["Code"]), str(status["SerialNo"])
        except (KeyError, TypeError, ValueError) as error:
            raise SmsInDoubt("unknown answer") from error
        if code != "Ok":
            raise meaning(code)
        return serial

    def fate(self, *, to: str, key: str, since: datetime) -> Fate:
        """Taken, where a report repeats our key. None proves nothing: that of a switched-off phone comes days later."""
        now, begun = int(time.time()), int(since.timestamp()) - 60
        earliest = now - PULLED_SECONDS + 60
        asked = {
            "PhoneNumber": _international(to),
            "SmsSdkAppId": self._account.app_id,
            # A product's clock that was moved ahead says nothing about the provider's.
            "BeginTime": begun if earliest <= begun < now else earliest,
            "EndTime": now + 60,
            "Offset": 0,
            "Limit": PULLED,
        }
        reports = self._ask("PullSmsSendStatusByPhoneNumber", asked).get("PullSmsSendStatusSet") or []
        return Fate.TAKEN if any(report.get("SessionContext") == key for report in reports) else Fate.UNKNOWN

    def sent(self, *, to: str | None, limit: int) -> list[dict[str, str]]:
        return []

    def _template(self, message: Short) -> str:
        """The template of the language; the Chinese one where there is no other."""
        known = self._account.templates
        found = known.get(f"{message.template}_{message.language}") or known.get(message.template)
        if found is None:
            raise SmsRefused("no template id")
        return found

    def _ask(self, action: str, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = self._client.call_json(action, asked)["Response"]
        except TencentCloudSDKException as error:
            raise _of_sdk(error) from error
        except (RequestException, ValueError, KeyError, TypeError) as error:
            raise SmsInDoubt("broken answer") from error
        return answer


def meaning(code: str) -> Exception:
    """Our error for a code of Tencent's; what nobody has heard of is not tried again."""
    return CODES.get(code, FAMILIES.get(code.partition(".")[0], SmsRefused))(code)


def _of_sdk(error: TencentCloudSDKException) -> Exception:
    """The SDK turns every failure of the network into one code; only a connection never made is free of doubt."""
    if error.code != "ClientNetworkError":
        return meaning(str(error.code))
    cause = error.__context__
    reason = cause.args[0] if cause is not None and cause.args else None
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    never = isinstance(cause, ConnectTimeout) or isinstance(reason, NewConnectionError)
    return SmsUnavailable("no connection") if never else SmsInDoubt("no answer")


def _values(message: Short) -> list[str]:
    """An address may not be a value (ProhibitedUseUrlInTemplateParameter): it stands in the text that Tencent keeps."""
    return [value for value in message.params if "://" not in value]


def _international(mobile: str) -> str:
    return mobile if mobile.startswith("+") else f"+86{mobile}"
