"""One message template: what it says over each channel, in Chinese and English, with the values of one message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from string import Formatter

from backend.notifications.kinds import INBOX, WECHAT
from backend.notifications.wording.speaking import Params, Style, spoken
from backend.notifications.wording.wechat_fields import THING, Field, wechat_templates

LANGUAGES = ("zh", "en")
#: ``words``: the same in every language, {"zh": …, "en": …}; ``dates``: a tuple of days; ``flag``: said or not.
KINDS: Mapping[str, type] = {"text": str, "date": date, "words": Mapping, "dates": tuple, "flag": bool}
#: The address of the message, which every channel but the inbox may mention.
PAGE = "page"
#: Parts that a text message may take unless its template says otherwise.
SMS_PARTS = 2

#: language → {part: sentence}
Said = dict[str, dict[str, str]]


class WrongTemplate(ValueError):
    """The file says something that cannot be sent; names file, place and reason."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Template:
    """``kind``: what people choose channels for (``notifications.kinds``); ``params`` name → kind (text, date, …);
    ``channels``: inbox, wechat, sms → language → part → pattern; ``wechat``: which of our WeChat templates;
    ``sms_parts``: the most that its text message may take.

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
    sms_parts: int = SMS_PARTS

    def render(self, channel: str, params: Params) -> Said:
        """The channel's sentences in every language; a missing, mistyped or too long value is a ``WrongTemplate``."""
        for name in self.needed(channel, params):
            kind = self.params[name]
            if not isinstance(params.get(name), KINDS[kind]):
                raise WrongTemplate(f"{self.name}: no {kind} value for {name}")
        return {
            language: {part: self._said(channel, language, part, params) for part in parts}
            for language, parts in self.channels[channel].items()
        }

    def said_in_order(self, channel: str, params: Params, language: str) -> tuple[str, ...]:
        """The values of the placeholders as they stand in the channel's only part, for providers that keep the text."""
        (pattern,) = self.channels[channel][language].values()
        spoken_ = self._spoken(pattern, params, language, Style.BRIEF)
        return tuple(spoken_[name] for _, name, _, _ in Formatter().parse(pattern) if name is not None)

    def needed(self, channel: str, params: Params) -> set[str]:
        """The values that the channel's sentences want, with those of the clauses that are said there."""
        names: set[str] = set().union(
            *(places(one) for parts in self.channels[channel].values() for one in parts.values())
        )
        said = [self.optional[name] for name in names & set(self.optional) if self.optional[name]["when"] in params]
        return names.union(*map(wanted, said)) - set(self.optional) - {PAGE}

    def _said(self, channel: str, language: str, part: str, params: Params) -> str:
        pattern = self.channels[channel][language][part]
        if channel != WECHAT:
            style = Style.LONG if channel == INBOX else Style.BRIEF
            return pattern.format_map(self._spoken(pattern, params, language, style))
        field = wechat_templates()[self.wechat].fields[part]
        style = Style.MOMENT if field.is_moment else Style.BRIEF
        return self._fitted(field, pattern, pattern.format_map(self._spoken(pattern, params, language, style)))

    def _fitted(self, field: Field, pattern: str, said: str) -> str:
        """Cut with … where only names are said; half a date or a number would be a wrong one."""
        if field.fits(said):
            return said
        if field.is_moment or any(self.params.get(name) != "text" for name in places(pattern)):
            raise WrongTemplate(f"{self.name}: {field.field} cannot hold what is to be said")
        return said[: THING - 1] + "…"

    def _spoken(self, pattern: str, params: Params, language: str, style: Style) -> dict[str, str]:
        """Every placeholder of a pattern as it is said."""
        said = {name: spoken(value, language, style) for name, value in params.items()}
        clauses = {name: self.optional[name] for name in places(pattern) & set(self.optional)}
        return said | {
            name: clause[language].format_map(said) if clause["when"] in params else ""
            for name, clause in clauses.items()
        }


def wanted(clause: Mapping[str, str]) -> set[str]:
    """The values that a clause needs."""
    return {clause["when"]}.union(*(places(clause[language]) for language in LANGUAGES))


def places(pattern: str) -> set[str]:
    """Only plain ``{name}``: a format or attribute in a data file could reach into the program."""
    names = set()
    for _, name, form, conversion in Formatter().parse(pattern):
        if name is not None:
            names.add(name if name.isidentifier() and not form and not conversion else f"{name}!{conversion}:{form}")
    return names
