"""The fields of a person's document, for oneself and for someone one helps."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _

LONGEST = 100


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed; shown again in the page of the person who typed it and nowhere else."""

    name: str = ""
    id_type: str = "resident_id"
    id_number: str = ""
    mobile: str = ""
    relation: str = ""


def typed() -> Typed:
    """The fields of this request."""
    names = ("name", "id_type", "id_number", "mobile", "relation")
    return Typed(**{name: request.form.get(name, "")[:LONGEST] for name in names})


def id_types() -> list[tuple[str, str, str | None]]:
    """The documents that people have, the usual one first."""
    return [
        ("resident_id", _("居民身份证"), None),
        ("hmt_permit", _("港澳台居民居住证"), None),
        ("foreign_pr", _("外国人永久居留身份证"), None),
        ("passport", _("护照"), None),
        ("other", _("其他证件"), None),
    ]


def relations() -> list[tuple[str, str, str | None]]:
    """Who helps."""
    return [
        ("family", _("家人"), None),
        ("village_specialist", _("村（社区）专干"), None),
        ("other", _("朋友、其他人"), None),
    ]
