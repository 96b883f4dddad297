"""Sessions and the person: what comes in and what goes out."""

from __future__ import annotations

import re
from typing import Any

import marshmallow as ma

from backend.accounts.factors import normalise
from backend.kernel.errors import Wrong
from backend.kernel.i18n import N_
from backend.kernel.privacy import ID_TYPES, check_mobile
from backend.kernel.text import ascii_digits
from backend.schemas.base import Choice, Flag, RowId, Schema, Str

LANGUAGES = ("zh", "en")
#: No token of ours is longer; longer ones are refused before they are looked at.
LONGEST_TOKEN = 1024
OPENID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class Mobile(Str):
    """A mobile number in any width and writing, as 11 digits."""

    def __init__(self, **kwargs: Any) -> None:
        shape = {"pattern": "^1[3-9][0-9]{9}$", "minLength": 11, "maxLength": 11, "example": "13800000021"}
        super().__init__(max_length=32, raw=True, metadata=shape, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return check_mobile(text)
        except Wrong as wrong:
            raise ma.ValidationError([wrong.text]) from wrong


class SixDigits(Str):
    """A one-time code in any width."""

    def __init__(self, **kwargs: Any) -> None:
        shape = {"pattern": "^[0-9]{6}$", "minLength": 6, "maxLength": 6, "example": "123456"}
        super().__init__(max_length=16, raw=True, metadata=shape, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            digits = ascii_digits(text)
        except Wrong as wrong:
            raise ma.ValidationError([wrong.text]) from wrong
        if len(digits) != 6:
            raise ma.ValidationError([N_("这里是 6 位数字")])
        return digits


class SecondFactor(Str):
    """Six digits of the app, or a recovery code, in any width and with spaces or hyphens."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=32, raw=True, metadata={"example": "123456"}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        code = normalise(super()._deserialize(value, attr, data, **kwargs))
        if code is None:
            raise ma.ValidationError([N_("动态口令是 6 位数字，恢复码是 10 位字母和数字")])
        return code


class NewPasswordSchema(Schema):
    """The person's own: the present password, and the next one."""

    password = Str(max_length=128, raw=True, required=True, metadata={"format": "password"})
    new_password = Str(max_length=128, raw=True, required=True, metadata={"format": "password"})


class PasswordSchema(Schema):
    password = Str(max_length=128, raw=True, required=True, metadata={"format": "password"})


class ConfirmFactorSchema(Schema):
    """``pending`` as it came with the secret; ``password`` only to replace a factor that is bound already."""

    pending = Str(max_length=1024, raw=True, required=True)
    code = SixDigits(required=True)
    password = Str(max_length=128, raw=True, load_default=None, allow_none=True, metadata={"format": "password"})


class EnrolmentSchema(Schema):
    secret = ma.fields.String()
    url = ma.fields.String()
    pending = ma.fields.String()


class RecoveryCodesSchema(Schema):
    recovery_codes = ma.fields.List(ma.fields.String())


class StaffSessionSchema(Schema):
    id = RowId()
    started_at = ma.fields.AwareDateTime()
    last_seen_on = ma.fields.Date()
    current = ma.fields.Boolean()


class StaffSessionsSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(StaffSessionSchema))


class SmsCodeRequestSchema(Schema):
    mobile = Mobile(required=True)


class SmsSignInSchema(Schema):
    """``wechat``: the ``binding`` of a WeChat that no account has, to bind it while signing in."""

    mobile = Mobile(required=True)
    code = SixDigits(required=True)
    wechat = Str(max_length=512, raw=True, load_default=None, allow_none=True, attribute="wechat_word")


class WechatCodeSchema(Schema):
    """What WeChat's consent page (``snsapi_base``) came back with."""

    code = Str(max_length=128, raw=True, required=True, metadata={"minLength": 1})


class AuthorizeQuery(Schema):
    """Of the demo's consent page. ``openid``: who presses "allow"; without it this browser's own identity."""

    redirect_uri = Str(max_length=512, raw=True, required=True, metadata={"format": "uri"})
    state = Str(max_length=128, raw=True, load_default="")
    openid = Str(max_length=64, raw=True, load_default=None, metadata={"pattern": "^[A-Za-z0-9_-]{1,64}$"})

    @ma.validates("openid")
    def known_letters(self, value: str | None, **_: Any) -> None:
        if value is not None and not OPENID.fullmatch(value):
            raise ma.ValidationError([N_("openid 只有字母、数字、- 和 _，最多 64 个")])


class WechatCreditSchema(Schema):
    """``left``: how many messages of this WeChat template the person has allowed and not had yet."""

    template = ma.fields.String()
    left = ma.fields.Integer()


class WechatSchema(Schema):
    """``available``: whether this installation has a service account at WeChat's."""

    available = ma.fields.Boolean()
    bound = ma.fields.Boolean()
    bound_at = ma.fields.AwareDateTime(allow_none=True)
    credits = ma.fields.List(ma.fields.Nested(WechatCreditSchema))


class SecondStepSchema(Schema):
    code = SixDigits(required=True)


class RefreshToken(Str):
    """Looked at by its signature only: whatever is not ours is 401."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_TOKEN, raw=True, metadata={"pattern": "^[0-9a-z.]+$"}, **kwargs)


class RefreshSchema(Schema):
    refresh_token = RefreshToken(required=True)


class SignOutSchema(Schema):
    refresh_token = RefreshToken(load_default=None, allow_none=True)


class StaffSignInSchema(Schema):
    username = Str(max_length=64, required=True)
    password = Str(max_length=128, raw=True, required=True, metadata={"pattern": "^[^\\u0000]*$", "format": "password"})
    otp = SecondFactor(load_default=None, allow_none=True)


class ResidentSchema(Schema):
    """The person as shown to themselves: everything personal is masked."""

    id = RowId()
    mobile = ma.fields.String(attribute="mobile_masked")
    name = ma.fields.String(attribute="name_masked")
    id_type = ma.fields.String(allow_none=True)
    id_number = ma.fields.String(attribute="id_number_masked", allow_none=True)
    identity_at = ma.fields.AwareDateTime(allow_none=True)
    language = ma.fields.String()
    care_mode = ma.fields.Boolean()
    has_partner = ma.fields.Boolean()
    created_at = ma.fields.AwareDateTime()
    version = ma.fields.Integer()


class TokensSchema(Schema):
    access_token = ma.fields.String()
    refresh_token = ma.fields.String()
    token_type = ma.fields.String()
    expires_in = ma.fields.Integer()


class SignedInSchema(TokensSchema):
    """``wechat_bound``: whether the WeChat that it came with belongs to the account now."""

    resident = ma.fields.Nested(ResidentSchema)
    wechat_bound = ma.fields.Boolean()


class PostSchema(Schema):
    id = RowId()
    username = ma.fields.String()
    post = ma.fields.String()
    role = ma.fields.String()
    level = ma.fields.String()
    region = ma.fields.String()


class StaffSignedInSchema(TokensSchema):
    staff = ma.fields.Nested(PostSchema)


class ProfileSchema(Schema):
    """What a person may change about the account by themselves; a role is not among it."""

    language = Choice(LANGUAGES)
    care_mode = Flag()


class IdentitySchema(Schema):
    """Name and number are checked together by the domain, so that every defect is told at once."""

    name = Str(max_length=200, raw=True, required=True)
    id_type = Choice(ID_TYPES, required=True)
    id_number = Str(max_length=64, raw=True, required=True)


class GiveConsentSchema(Schema):
    text_version = Str(max_length=64, raw=True, load_default=None)


class ConsentSchema(Schema):
    purpose = ma.fields.String()
    text = ma.fields.String()
    text_version = ma.fields.String()
    required_for = ma.fields.List(ma.fields.String())
    given_at = ma.fields.AwareDateTime(allow_none=True)


class ConsentsSchema(Schema):
    items = ma.fields.List(ma.fields.Nested(ConsentSchema))


class ExportSchema(Schema):
    id = RowId()
    status = ma.fields.String()
    status_label = ma.fields.String()
    allowed_actions = ma.fields.List(ma.fields.String())
    requested_at = ma.fields.AwareDateTime()
    ready_at = ma.fields.AwareDateTime(allow_none=True)
    expires_at = ma.fields.AwareDateTime(allow_none=True)
    content = ma.fields.Dict(keys=ma.fields.String(), allow_none=True)


class InvitationSchema(Schema):
    code = ma.fields.String()
    url = ma.fields.String()
    expires_at = ma.fields.AwareDateTime()


class PartnershipSchema(Schema):
    has_partner = ma.fields.Boolean()
