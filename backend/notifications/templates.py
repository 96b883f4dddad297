"""Message templates: TOML in ``config/messages``, checked when loaded, said in Chinese and English."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "config" / "messages"
LANGUAGES = ("zh", "en")
KINDS = {"text": str, "date": date}
PARTS = {"inbox": ("title", "text"), "sms": ("text",)}
#: A text message can be read over a shoulder: nothing about anyone's health or family (PRODUCT §4).
HEALTH_WORDS = (
    "孕", "产", "避孕", "检查", "体检", "化验", "检测", "疾病", "病", "乙肝", "梅毒", "艾滋", "残", "死亡", "生育",
    "子女", "婚", "流产", "手术", "pregnan", "birth", "child", "marri", "health", "disease", "test result",
)  # fmt: skip
WEEKDAYS = {
    "zh": "一二三四五六日",
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}

Params = Mapping[str, str | date]
#: language → {part: sentence}
Said = dict[str, dict[str, str]]


class WrongTemplate(ValueError):
    """The file says something that cannot be sent; names file, place and reason."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Template:
    """``params`` name → kind (text, date); ``channels``: inbox and/or sms → language → part → pattern."""

    name: str
    params: Mapping[str, str]
    channels: Mapping[str, Mapping[str, Mapping[str, str]]]

    def render(self, channel: str, params: Params) -> Said:
        """The channel's sentences in every language; a missing or mistyped value is a ``WrongTemplate``."""
        for name, kind in self.params.items():
            if not isinstance(params.get(name), KINDS[kind]):
                raise WrongTemplate(f"{self.name}: no {kind} value for {name}")
        return {
            language: {part: _fill(pattern, params, language) for part, pattern in parts.items()}
            for language, parts in self.channels[channel].items()
        }


@cache
def templates(folder: Path = FOLDER) -> Mapping[str, Template]:
    """Every template by name; reads the files once per process."""
    return {path.stem: load(path) for path in sorted(folder.glob("*.toml"))}


def load(path: Path) -> Template:
    """One checked template."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise WrongTemplate(f"{path.name}: {error}") from error
    params = raw.pop("params", {})
    template = Template(path.stem, params, raw)
    for problem in _problems(template):
        raise WrongTemplate(f"{path.name}: {problem}")
    return template


def _problems(template: Template) -> list[str]:
    found = [f"params.{name}: unknown kind {kind}" for name, kind in template.params.items() if kind not in KINDS]
    found += [f"{channel}: unknown channel" for channel in template.channels if channel not in PARTS]
    if found or not template.channels:
        return found or ["no channel"]
    used: set[str] = set()
    for channel, languages in template.channels.items():
        if tuple(languages) != LANGUAGES:
            found.append(f"{channel}: must have zh and en, in this order")
        for language, parts in languages.items():
            found += _part_problems(template, channel, f"{channel}.{language}", parts, used)
    return found + [f"params.{name}: never used" for name in template.params if name not in used]


def _part_problems(template: Template, channel: str, where: str, parts: Mapping[str, Any], used: set[str]) -> list[str]:
    found = [] if tuple(parts) == PARTS[channel] else [f"{where}: must have {', '.join(PARTS[channel])}"]
    for part, pattern in parts.items():
        names = _places(pattern)
        used |= names
        found += [f"{where}.{part}: unknown placeholder {{{name}}}" for name in sorted(names - set(template.params))]
        if channel == "sms":
            words = [word for word in HEALTH_WORDS if word in pattern.lower()]
            found += [f"{where}.{part}: a text message must not say {word}" for word in words]
    return found


def _places(pattern: str) -> set[str]:
    """Only plain ``{name}``: a format or attribute in a data file could reach into the program."""
    names = set()
    for _, name, form, conversion in Formatter().parse(pattern):
        if name is not None:
            names.add(name if name.isidentifier() and not form and not conversion else f"{name}!{conversion}:{form}")
    return names


def _fill(pattern: str, params: Params, language: str) -> str:
    return pattern.format_map({name: _spoken(value, language) for name, value in params.items()})


def _spoken(value: str | date, language: str) -> str:
    """Dates with their weekday (DESIGN, Words): 12 月 8 日（周二）, Tuesday 8 December."""
    if isinstance(value, str):
        return value
    weekday = WEEKDAYS[language][value.weekday()]
    if language == "zh":
        return f"{value.month} 月 {value.day} 日（周{weekday}）"
    return f"{weekday} {value.day} {MONTHS[value.month - 1]}"


MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
