"""Message templates: ``config/messages/<name>/<version>.toml``, checked when loaded, said in Chinese and English."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from backend.notifications import kinds

FOLDER = Path(__file__).resolve().parents[2] / "config" / "messages"
LANGUAGES = ("zh", "en")
#: ``words``: the same in every language, {"zh": …, "en": …}; ``dates``: a tuple of days; ``flag``: said or not.
KINDS: Mapping[str, type] = {"text": str, "date": date, "words": Mapping, "dates": tuple, "flag": bool}
PARTS = {"inbox": ("title", "text"), "wechat": ("subject", "note"), "sms": ("text",)}
#: The address of the message, which every channel but the inbox may mention.
PAGE = "page"
#: A text message can be read over a shoulder: nothing about anyone's health or family (PRODUCT §4).
HEALTH_WORDS = (
    "孕", "产", "避孕", "检查", "体检", "化验", "检测", "疾病", "病", "乙肝", "梅毒", "艾滋", "残", "死亡", "生育",
    "子女", "婚", "流产", "手术", "pregnan", "birth", "child", "marri", "health", "disease", "test result",
)  # fmt: skip
WEEKDAYS = {
    "zh": "一二三四五六日",
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}

Value = str | date | Mapping[str, str] | tuple[date, ...] | bool
Params = Mapping[str, Value]
#: language → {part: sentence}
Said = dict[str, dict[str, str]]


class WrongTemplate(ValueError):
    """The file says something that cannot be sent; names file, place and reason."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Template:
    """``kind``: what people choose channels for (``notifications.kinds``); ``params`` name → kind (text, date, …);
    ``channels``: inbox, wechat, sms → language → part → pattern; ``wechat``: which of our WeChat templates.

    ``optional``: name of a clause → {when, zh, en}: a placeholder that is filled where the value ``when`` is known,
    and empty where it is not.
    """

    name: str
    version: int
    kind: str
    params: Mapping[str, str]
    channels: Mapping[str, Mapping[str, Mapping[str, str]]]
    optional: Mapping[str, Mapping[str, str]]
    wechat: str = ""

    def render(self, channel: str, params: Params) -> Said:
        """The channel's sentences in every language; a missing or mistyped value is a ``WrongTemplate``."""
        for name in self._needed(channel, params):
            kind = self.params[name]
            if not isinstance(params.get(name), KINDS[kind]):
                raise WrongTemplate(f"{self.name}: no {kind} value for {name}")
        return {
            language: {part: _fill(pattern, self._spoken(params, language)) for part, pattern in parts.items()}
            for language, parts in self.channels[channel].items()
        }

    def said_in_order(self, channel: str, params: Params, language: str) -> tuple[str, ...]:
        """The values of the placeholders as they stand in the channel's only part, for providers that keep the text."""
        (pattern,) = self.channels[channel][language].values()
        spoken_ = self._spoken(params, language)
        return tuple(spoken_[name] for _, name, _, _ in Formatter().parse(pattern) if name is not None)

    def _needed(self, channel: str, params: Params) -> set[str]:
        """The values that the channel's sentences want, with those of the clauses that are said."""
        patterns = [pattern for parts in self.channels[channel].values() for pattern in parts.values()]
        clauses = [_wanted(clause) for clause in self.optional.values() if clause["when"] in params]
        return set().union(*map(_places, patterns), *clauses) - set(self.optional) - {PAGE}

    def _spoken(self, params: Params, language: str) -> dict[str, str]:
        """Every placeholder as it is said."""
        said = {name: spoken(value, language) for name, value in params.items()}
        clauses = {
            name: _fill(clause[language], said) if clause["when"] in params else ""
            for name, clause in self.optional.items()
        }
        return said | clauses


@cache
def templates(folder: Path = FOLDER) -> Mapping[str, Template]:
    """The newest version of every template by name; reads the files once per process."""
    return {path.name: versions(path)[-1] for path in sorted(folder.iterdir()) if path.is_dir()}


def versions(folder: Path) -> list[Template]:
    """Every version of one template, oldest first."""
    return sorted((load(path) for path in folder.glob("*.toml")), key=lambda one: one.version)


def load(path: Path) -> Template:
    """One checked template."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise WrongTemplate(f"{path.parent.name}/{path.name}: {error}") from error
    if not path.stem.isdecimal():
        raise WrongTemplate(f"{path}: the name of the file is the version, a number")
    kind, params, optional = raw.pop("kind", ""), raw.pop("params", {}), raw.pop("optional", {})
    wechat = raw.get("wechat", {}).pop("template", "")
    template = Template(path.parent.name, int(path.stem), kind, params, raw, optional, wechat)
    for problem in _problems(template):
        raise WrongTemplate(f"{path.parent.name}/{path.name}: {problem}")
    return template


def _problems(template: Template) -> list[str]:
    found = [] if template.kind in kinds.KINDS else [f"kind: unknown kind {template.kind or '(none)'}"]
    found += [f"params.{name}: unknown kind {kind}" for name, kind in template.params.items() if kind not in KINDS]
    found += [f"{channel}: unknown channel" for channel in template.channels if channel not in PARTS]
    if found or not template.channels:
        return found or ["no channel"]
    if found := _clause_problems(template):
        return found
    used: set[str] = set().union(*map(_wanted, template.optional.values()))
    for channel, languages in template.channels.items():
        if tuple(languages) != LANGUAGES:
            found.append(f"{channel}: must have zh and en, in this order")
        for language, parts in languages.items():
            found += _part_problems(template, channel, f"{channel}.{language}", parts, used)
    return found + [f"{name}: never used" for name in (*template.params, *template.optional) if name not in used]


def _clause_problems(template: Template) -> list[str]:
    found = []
    for name, clause in template.optional.items():
        if tuple(clause) != ("when", *LANGUAGES) or name in template.params:
            found.append(f"optional.{name}: must have when, zh and en, and a name of its own")
        else:
            strange = sorted(_wanted(clause) - set(template.params))
            found += [f"optional.{name}: unknown placeholder {{{place}}}" for place in strange]
    return found


def _wanted(clause: Mapping[str, str]) -> set[str]:
    """The values that a clause needs."""
    return {clause["when"]}.union(*(_places(clause[language]) for language in LANGUAGES))


def _part_problems(template: Template, channel: str, where: str, parts: Mapping[str, Any], used: set[str]) -> list[str]:
    found = [] if tuple(parts) == PARTS[channel] else [f"{where}: must have {', '.join(PARTS[channel])}"]
    known = set(template.params) | set(template.optional) | (set() if channel == "inbox" else {PAGE})
    for part, pattern in parts.items():
        names = _places(pattern)
        used |= names
        found += [f"{where}.{part}: unknown placeholder {{{name}}}" for name in sorted(names - known)]
        if channel != "inbox":
            clauses = [template.optional[name][each] for name in names & set(template.optional) for each in LANGUAGES]
            said = "".join([pattern, *clauses]).lower()
            found += [
                f"{where}.{part}: a message that shows on a locked screen must not say {word}"
                for word in HEALTH_WORDS
                if word in said
            ]
    return found


def _places(pattern: str) -> set[str]:
    """Only plain ``{name}``: a format or attribute in a data file could reach into the program."""
    names = set()
    for _, name, form, conversion in Formatter().parse(pattern):
        if name is not None:
            names.add(name if name.isidentifier() and not form and not conversion else f"{name}!{conversion}:{form}")
    return names


def _fill(pattern: str, said: Mapping[str, str]) -> str:
    return pattern.format_map(said)


def spoken(value: Value, language: str) -> str:
    """Dates with their weekday (DESIGN, Words): 12 月 8 日（周二）, Tuesday 8 December."""
    if isinstance(value, tuple):
        return ("、" if language == "zh" else ", ").join(spoken(day, language) for day in value)
    if isinstance(value, Mapping):
        return value[language]
    if not isinstance(value, date):
        return str(value)
    weekday = WEEKDAYS[language][value.weekday()]
    if language == "zh":
        return f"{value.month} 月 {value.day} 日（周{weekday}）"
    return f"{weekday} {value.day} {MONTHS[value.month - 1]}"


MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
