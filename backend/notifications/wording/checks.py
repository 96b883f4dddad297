"""What is wrong with a message template, told when it is loaded and not when somebody waits for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product

from backend.kernel import sms_parts
from backend.notifications import kinds
from backend.notifications.kinds import INBOX, SECURITY, SMS, WECHAT
from backend.notifications.wording import samples
from backend.notifications.wording.discretion import health_words
from backend.notifications.wording.speaking import Params
from backend.notifications.wording.template import KINDS, LANGUAGES, PAGE, Template, WrongTemplate, places, wanted
from backend.notifications.wording.wechat_fields import THING, wechat_templates

PARTS = {INBOX: ("title", "text"), SMS: ("text",)}
#: What phones take for a code.
SIX_DIGITS = re.compile(r"[0-9]{6}", re.ASCII)


def problems(template: Template) -> list[str]:
    """Sentences for whoever writes templates; the first kind that is found hides the later ones."""
    found: list[str] = []
    for check in (_names, _clauses, _channels, _placeholders, _discretion, _lengths):
        found = found or list(check(template))
    return found


def parts_of(template: Template, channel: str) -> tuple[str, ...]:
    """The sentences that a channel wants, in order."""
    return tuple(wechat_templates()[template.wechat].fields) if channel == WECHAT else PARTS[channel]


def _names(template: Template) -> Iterator[str]:
    if template.kind not in kinds.KINDS:
        yield f"kind: unknown kind {template.kind or '(none)'}"
    yield from (f"params.{name}: unknown kind {kind}" for name, kind in template.params.items() if kind not in KINDS)
    yield from (f"{name}: unknown channel" for name in template.channels if name not in (INBOX, WECHAT, SMS))
    if not template.channels:
        yield "no channel"
    if WECHAT in template.channels and template.wechat not in wechat_templates():
        yield f"wechat.template: unknown template {template.wechat or '(none)'}, see config/wechat.toml"
    if not isinstance(template.sms_parts, int) or not 1 <= template.sms_parts <= 4:
        yield "sms.parts: must be 1 to 4"


def _clauses(template: Template) -> Iterator[str]:
    for name, clause in template.optional.items():
        if tuple(clause) != ("when", *LANGUAGES) or name in template.params:
            yield f"optional.{name}: must have when, zh and en, and a name of its own"
        else:
            strange = sorted(wanted(clause) - set(template.params))
            yield from (f"optional.{name}: unknown placeholder {{{place}}}" for place in strange)


def _channels(template: Template) -> Iterator[str]:
    for channel, languages in template.channels.items():
        if tuple(languages) != LANGUAGES:
            yield f"{channel}: must have zh and en, in this order"
        for language, parts in languages.items():
            expected = parts_of(template, channel)
            if set(parts) != set(expected) or not all(isinstance(pattern, str) for pattern in parts.values()):
                yield f"{channel}.{language}: must have {', '.join(expected)}"


def _placeholders(template: Template) -> Iterator[str]:
    used: set[str] = set().union(*map(wanted, template.optional.values()))
    plain: dict[str, set[str]] = {}
    for where, channel, pattern in _patterns(template):
        plain.setdefault(channel, set()).update(places(pattern))
        names, outside = places(pattern), {PAGE} if channel != INBOX else set()
        used |= names
        strange = sorted(names - set(template.params) - set(template.optional) - outside)
        yield from (f"{where}: unknown placeholder {{{name}}}" for name in strange)
    for name in (*template.params, *template.optional):
        if name not in used:
            yield f"{name}: never used"
    yield from _surely_known(template, plain)


def _surely_known(template: Template, plain: Mapping[str, set[str]]) -> Iterator[str]:
    """What the inbox says in a clause only is not always known: outside it must stand in a clause too."""
    outside = plain.get(WECHAT, set()) | plain.get(SMS, set())
    if INBOX in plain:
        for name in sorted((outside - plain[INBOX]) & set(template.params)):
            yield f"{name}: is said outside, but not always known, because the inbox does not always say it"


def _discretion(template: Template) -> Iterator[str]:
    """Outside: no word of health or family, and no value that could hold one."""
    for where, channel, pattern in _patterns(template):
        if channel == INBOX:
            continue
        clauses = [template.optional[name] for name in places(pattern) & set(template.optional)]
        said = "".join([pattern, *(clause[language] for clause in clauses for language in LANGUAGES)])
        for word in health_words(said):
            yield f"{where}: a message that shows on a locked screen must not say {word}"
        names = (places(pattern) & set(template.params)).union(*map(wanted, clauses))
        for name in sorted(names):
            if not samples.may_leave(name, template.params[name]):
                yield f"{where}: {{{name}}} may hold a word of health or family, or six digits; it stays in the inbox"


def _lengths(template: Template) -> Iterator[str]:
    """Tried with the longest values, with and without each clause."""
    for where, _channel, pattern in _patterns(template):
        if "\n" in pattern or "\r" in pattern:
            yield f"{where}: no line breaks"
    tries = list(_tries(template))
    if WECHAT in template.channels:
        yield from _card_lengths(template, tries)
    if SMS in template.channels:
        yield from (fault for params in tries for fault in _sms_lengths(template, params))


def _card_lengths(template: Template, tries: list[Params]) -> Iterator[str]:
    fields = wechat_templates()[template.wechat].fields
    for language, parts in template.channels[WECHAT].items():
        for part, pattern in parts.items():
            bare = pattern.format_map(dict.fromkeys(places(pattern), ""))
            if not fields[part].is_moment and len(bare) > THING:
                yield f"wechat.{language}.{part}: {len(bare)} characters without any value, WeChat takes {THING}"
    for params in tries:
        try:
            template.render(WECHAT, params)
        except WrongTemplate as error:
            yield f"wechat: {error}"


def _sms_lengths(template: Template, params: Params) -> Iterator[str]:
    for language, said in template.render(SMS, params).items():
        where, text = f"sms.{language}", said["text"]
        parts, length = sms_parts.parts(text), sms_parts.characters(sms_parts.signed(text))
        if parts > template.sms_parts:
            yield f"{where}: {parts} parts ({length} characters with the sign), allowed {template.sms_parts}"
        runs = len(SIX_DIGITS.findall(text.replace(str(params[PAGE]), "")))
        if runs != (template.kind == SECURITY):
            yield f"{where}: six digits in a row are a code, and {runs} of them are here"


def _tries(template: Template) -> Iterator[Params]:
    """The sample values, with and without each clause that may be left out."""
    whole = {**samples.values(template.params), PAGE: samples.ADDRESS}
    plain = {name for _where, _channel, pattern in _patterns(template) for name in places(pattern)}
    spare = sorted({clause["when"] for clause in template.optional.values()} - plain)
    for left_out in product((False, True), repeat=len(spare)):
        gone = {name for name, out in zip(spare, left_out, strict=True) if out}
        yield {name: value for name, value in whole.items() if name not in gone}


def _patterns(template: Template) -> Iterator[tuple[str, str, str]]:
    """(where it stands, channel, pattern) of every sentence."""
    for channel, languages in template.channels.items():
        for language, parts in languages.items():
            yield from ((f"{channel}.{language}.{part}", channel, pattern) for part, pattern in parts.items())
