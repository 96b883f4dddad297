"""What a person typed into the form of a report: kept as it came, read into a report, marked where it must not stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from backend.kernel.errors import Problem
from backend.schemas.base import MISSING
from backend.schemas.tips import ReportSchema
from backend.tips.filing import Report, Target
from backend.tips.third_parties import detector
from backend.tips.third_parties.detector import Piece
from backend.web.blueprint import invalid
from backend.web.words import say
from h5.tips import marks

SCHEMA = ReportSchema()
OF_TARGET = ("kind", "name", "region", "address")
OF_REPORT = ("category", "text", "happened_month", "passphrase")
#: As they stand on the page.
ORDER = (
    "category",
    "kind",
    "name",
    "region",
    "text",
    "address",
    "contacts",
    "happened_month",
    "passphrase",
    "left_out",
)
#: Nothing is written here.
CHOSEN = ("category", "kind", "region")
#: Characters that are kept of a field, more than any may have.
MOST = 20_000


@dataclass(frozen=True, slots=True)
class Typed:
    """``values`` of the fields of one line each; ``contacts``: one a line; ``left_out``: ids."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    left_out: Sequence[str] = ()

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    @property
    def contacts(self) -> list[str]:
        return [one.strip() for one in self["contacts"].splitlines() if one.strip()]

    @property
    def more(self) -> bool:
        """Whether something stands in the part that is folded."""
        return any(self[name] for name in ("address", "contacts", "happened_month"))

    def body(self) -> dict[str, Any]:
        """As the API would get it; what is empty is left out, so that it is missing and not wrong."""
        target = {name: self[name] for name in OF_TARGET if self[name].strip()}
        found = {name: self[name] for name in OF_REPORT if self[name].strip()}
        return {**found, "target": {**target, "contacts": self.contacts}, "left_out": list(self.left_out)}

    def report(self) -> tuple[Report, str]:
        """The report and its passphrase; ``invalid_input`` field by field."""
        try:
            body = SCHEMA.load(self.body())
        except ValidationError as error:
            raise invalid(error.messages) from error
        target = Target(**{**body["target"], "contacts": tuple(body["target"]["contacts"])})
        report = Report(target, body["category"], body["text"], body["happened_month"], body["left_out"])
        return report, body["passphrase"]


def read(form: MultiDict[str, str]) -> Typed:
    """The fields of a posted form."""
    names = (*OF_TARGET, *OF_REPORT, "contacts")
    # A browser sends CR LF; what is counted, marked and sealed has one sign for a new line.
    values = {name: form.get(name, "")[:MOST].replace("\r\n", "\n") for name in names}
    return Typed(values, form.getlist("left_out")[:50])


def errors(found: Problem | None) -> dict[str, str]:
    """What to say beside each field: ``target.contacts.0`` of the API is ``contacts`` of the page."""
    said: dict[str, str] = {}
    for path, texts in (found.errors if found else {}).items():
        name = _field(path)
        said.setdefault(name, _("请选一项") if name in CHOSEN and texts[0] == MISSING else say(texts[0]))
    return {name: said[name] for name in (*ORDER, *said) if name in said}


def marked(typed: Typed, found: Problem | None) -> dict[str, list[Piece]]:
    """The words of each field that names a person, cut where they do: the words as they were read, without blanks."""
    named = marks.spots(found)
    pieces: dict[str, list[Piece]] = {}
    read_as = detector.written(typed.report()[0].content()) if named else {}
    for path, places in named.items():
        pieces.setdefault(_field(path), []).extend(marks.cut(read_as.get(path, ""), places))
    return pieces


def _field(path: str) -> str:
    parts = [part for part in path.split(".") if part != "target" and not part.isdecimal()]
    return parts[0] if parts else path
