"""Sample values (``config/messages/samples.toml``): templates are tried with them at load, and previews show them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from backend.notifications.wording.speaking import Params, Value

FILE = Path(__file__).resolve().parents[3] / "config" / "messages" / "samples.toml"
#: As long as a date gets, in both languages and every style.
DAY, OTHER_DAY = date(2026, 12, 30), date(2026, 12, 23)
#: As long as an address of ours: scheme, a name of a county's site, /messages/ and an id.
ADDRESS = "https://yangguang.example.gov.cn/messages/2fn0q8h7c3k9z"
_OF_KIND: Mapping[str, Value] = {"date": DAY, "dates": (OTHER_DAY, DAY), "flag": True}


@cache
def samples() -> Mapping[str, Mapping[str, Value]]:
    """``inside``, ``outside``, ``words`` and ``shown``: name → value; reads the file once per process."""
    found: dict[str, dict[str, Value]] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return found


def may_leave(name: str, kind: str) -> bool:
    """Whether a value may stand in a message outside: days, clock times and codes; no names, no numbers."""
    return kind in ("date", "dates", "flag") or (kind == "text" and name in samples()["outside"])


def values(params: Mapping[str, str]) -> Params:
    """A value for every parameter; what has no sample of its own is said by its name, marked."""
    return {name: _value(name, kind) for name, kind in params.items()}


def shown(params: Mapping[str, str]) -> Params:
    """The same for previews, without what never comes together."""
    said = samples()["shown"]
    return {name: value for name, value in values(params).items() if said.get(name, True)}


def _value(name: str, kind: str) -> Value:
    if kind in _OF_KIND:
        return _OF_KIND[kind]
    known = samples()
    if kind == "words":
        return known["words"].get(name, {"zh": f"〔{name}〕", "en": f"[{name}]"})
    return known["outside"].get(name) or known["inside"].get(name, f"〔{name}〕")
