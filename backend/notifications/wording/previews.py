"""Templates as people will see them, with sample values: for administrators, who also learn what is still to be set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from backend.kernel import sms_parts
from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_, Text
from backend.notifications.kinds import CHOOSABLE, INBOX, KINDS, OWN, SECURITY, SMS, WECHAT, Kind
from backend.notifications.wording import samples
from backend.notifications.wording.speaking import Params, spoken
from backend.notifications.wording.template import PAGE, Template
from backend.notifications.wording.templates import FOLDER, templates, versions
from backend.notifications.wording.wechat_fields import wechat_templates


@dataclass(frozen=True, slots=True)
class Contracts:
    """What this installation has at its providers: our name → their template id.

    ``wechat``: None without a service account; ``sms``: None where texts need no ids; ``sends_sms``: whether anybody
    sends them at all; ``inbox``: the address that a text message leads to.
    """

    wechat: Mapping[str, str] | None
    sms: Mapping[str, str] | None
    sends_sms: bool
    sign: str = sms_parts.SIGN
    inbox: str = samples.ADDRESS


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a WeChat card."""

    label: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Card:
    """A WeChat card in one language."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Short:
    """A text message in one language; ``to_hand_in``: the text as the provider wants to approve it, with {1},
    {2}… for values and our address written out, because no address may be a value."""

    text: str
    characters: int
    parts: int
    to_hand_in: str


@dataclass(frozen=True, slots=True)
class Preview:
    """One version of one template; each channel language → what is said; empty where it does not go there."""

    name: str
    version: int
    versions: tuple[int, ...]
    kind: Kind
    inbox: Mapping[str, Mapping[str, str]]
    wechat: Mapping[str, Card]
    wechat_template: str
    sms: Mapping[str, Short]
    sms_limit: int
    #: (name, kind, sample) of every value.
    values: tuple[tuple[str, str, str], ...]
    missing: tuple[Text, ...]

    @property
    def title(self) -> Mapping[str, str]:
        """What the inbox says first; of codes, the text itself."""
        said = {language: parts["title"] for language, parts in self.inbox.items()}
        return said or {language: one.text for language, one in self.sms.items()}

    @property
    def channels(self) -> list[str]:
        """Where it can go, the inbox first."""
        found = {INBOX: self.inbox, WECHAT: self.wechat, SMS: self.sms}
        return [channel for channel, said in found.items() if said]


def everything(contracts: Contracts) -> list[tuple[Kind, list[Preview]]]:
    """Every template by its kind, in the order in which people choose."""
    found = [_preview(template, (), contracts) for template in templates().values()]
    names = (*CHOOSABLE, OWN, SECURITY)
    return [(KINDS[name], [one for one in found if one.kind.name == name]) for name in names]


def one(name: str, contracts: Contracts, version: int | None = None) -> Preview:
    """One template, the newest version unless another is asked for; ``NotFound``."""
    known = versions(FOLDER / name) if name in templates() else []
    wanted = version or len(known)
    if not 1 <= wanted <= len(known):
        raise NotFound("not_found", N_("没有这个消息模板"))
    return _preview(known[wanted - 1], tuple(each.version for each in known), contracts)


def _preview(template: Template, known: tuple[int, ...], contracts: Contracts) -> Preview:
    params: Params = {**samples.shown(template.params), PAGE: samples.ADDRESS}
    said = {channel: template.render(channel, params) for channel in template.channels}
    return Preview(
        name=template.name,
        version=template.version,
        versions=known,
        kind=KINDS[template.kind],
        inbox=said.get(INBOX, {}),
        wechat={language: _card(template, parts) for language, parts in said.get(WECHAT, {}).items()},
        wechat_template=template.wechat,
        sms={
            language: _short(parts["text"], _numbered(template, language, contracts.inbox), contracts.sign)
            for language, parts in said.get(SMS, {}).items()
        },
        sms_limit=template.sms_parts,
        values=tuple(
            (name, kind, spoken(params[name], "zh")) for name, kind in template.params.items() if name in params
        ),
        missing=tuple(_missing(template, contracts)),
    )


def _card(template: Template, parts: Mapping[str, str]) -> Card:
    known = wechat_templates()[template.wechat]
    lines = tuple(Line(field.label, field.field, parts[part]) for part, field in known.fields.items())
    return Card(known.title, lines)


def _short(text: str, to_hand_in: str, sign: str) -> Short:
    whole = sms_parts.signed(text, sign)
    return Short(whole, sms_parts.characters(whole), sms_parts.parts(text, sign), to_hand_in)


def _numbered(template: Template, language: str, inbox: str) -> str:
    """The values as providers write them, in the order in which they are handed over."""
    said, count = "", 0
    for plain, name, _form, _conversion in Formatter().parse(template.channels[SMS][language]["text"]):
        said += plain
        if name == PAGE:
            said += inbox
        elif name is not None and not _is_address(template, name):
            count += 1
            said += f"{{{count}}}"
    return said


def _is_address(template: Template, name: str) -> bool:
    """Whether a clause holds an address of one person: where texts are kept by the provider it cannot be said."""
    clause = template.optional.get(name)
    wanted = [clause["when"]] if clause else [name]
    return any("://" in str(samples.values(template.params).get(each, "")) for each in wanted)


def _missing(template: Template, contracts: Contracts) -> list[Text]:
    """What has to be set before it goes out over a channel; a channel that nobody has is not missed."""
    found = []
    if WECHAT in template.channels and contracts.wechat is not None and template.wechat not in contracts.wechat:
        found.append(N_("微信模板 %(name)s 还没有编号，填在 WECHAT_TEMPLATES", name=template.wechat))
    if SMS in template.channels and contracts.sms is not None and template.name not in contracts.sms:
        found.append(N_("短信模板 %(name)s 还没有编号，填在 SMS_TEMPLATES", name=template.name))
    return found
