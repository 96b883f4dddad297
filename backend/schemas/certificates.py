"""Certificates as their holder and as anyone who verifies sees them."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from backend.schemas.base import Schema, Str, listing


class CertificateSchema(Schema):
    """One certificate of the signed-in resident; ``token`` is what its QR says."""

    number = fields.String()
    type = fields.String()
    title = fields.String()
    holder_masked = fields.String()
    issuer = fields.String()
    issued_on = fields.Date()
    expires_on = fields.Date(allow_none=True)
    status = fields.String()
    status_label = fields.String()
    allowed_actions = fields.List(fields.String())
    token = fields.String()


CertificateListSchema = listing(CertificateSchema)


class VerifySchema(Schema):
    """A token as it was scanned, or the number and the eight characters under the QR."""

    #: Any text of any length is a question that has an answer: unknown.
    token = fields.String()
    number = Str(max_length=64, raw=True)
    code = Str(max_length=64, raw=True)

    @validates_schema
    def _one_of_them(self, data: dict[str, Any], **_: Any) -> None:
        if "token" in data:
            return
        missing = [name for name in ("number", "code") if name not in data]
        if missing:
            raise ValidationError({name: ["请扫二维码，或填编号和核验码"] for name in missing})


class PublicCertificateSchema(Schema):
    number = fields.String()
    type = fields.String()
    title = fields.String()
    holder_masked = fields.String()
    issued_on = fields.Date()
    expires_on = fields.Date(allow_none=True)
    issuer = fields.String()


class PublicReceiptSchema(Schema):
    number = fields.String()
    service_item = fields.String()
    service_name = fields.String()
    submitted_on = fields.Date()
    office = fields.String()


class VerificationSchema(Schema):
    """``status``: valid, revoked, expired, unknown; what was found stands beside it."""

    status = fields.String()
    status_label = fields.String()
    certificate = fields.Nested(PublicCertificateSchema)
    receipt = fields.Nested(PublicReceiptSchema)
