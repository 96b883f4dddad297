"""Whether a definition makes sense: names that exist, rules that fit, levels in order, an example that passes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from backend.catalogue.definition import LEVELS, FormField, ItemDefinition, Notice
from backend.catalogue.eligibility import asked_fields, judge
from backend.catalogue.forms import check_answers
from backend.catalogue.reader import Fault, Path
from backend.catalogue.rule_checking import rule_faults
from backend.catalogue.rules import Rule


def faults_of(definition: ItemDefinition, *, purposes: frozenset[str], now: datetime) -> list[Fault]:
    """Everything that keeps a well-formed definition from being published.

    ``purposes`` are the consents that exist; ``now`` is the day the example is tried on.
    """
    found = [
        *_repeated(definition),
        *_form(definition),
        *_rules(definition),
        *_workflow(definition),
        *_shown(definition),
        *_benefit(definition),
        *_collecting(definition),
        *_consents(definition, purposes),
        *_kind(definition),
    ]
    return found or list(_example(definition, now))


def _repeated(definition: ItemDefinition) -> Iterator[Fault]:
    groups: list[tuple[str, str, Sequence[str]]] = [
        ("steps", "code", [step.code for step in definition.steps]),
        ("fields", "name", [field.name for field in definition.form]),
        ("materials", "code", [material.code for material in definition.materials]),
    ]
    for place, field in enumerate(definition.form):
        values = [option.value for option in field.options]
        if len(set(values)) != len(values):
            yield Fault(("fields", place, "options"), f"“{field.name}”有两个选项的 value 相同")
    for group, key, names in groups:
        for place, name in enumerate(names):
            if name in names[:place]:
                yield Fault((group, place, key), f"“{name}”写了两次，请换一个名字")
    for place, material in enumerate(definition.materials):
        if material.code in definition.field_names:
            yield Fault(("materials", place, "code"), f"“{material.code}”已经是一个问题的名字，请换一个")


def _form(definition: ItemDefinition) -> Iterator[Fault]:
    steps = [step.code for step in definition.steps]
    reached = -1
    for place, field in enumerate(definition.form):
        path: Path = ("fields", place)
        if bool(field.options) != (field.type in ("choice", "choices")):
            yield Fault((*path, "options"), "choice 和 choices 要有选项 options，其他类型不写")
        if not _ordered(field):
            yield Fault((*path, "max"), "min 不能比 max 大")
        if steps and field.step not in steps:
            yield Fault((*path, "step"), f"没有“{field.step}”这一页，请写在 [[steps]] 里")
        elif steps and steps.index(field.step) < reached:
            yield Fault((*path, "step"), "问题要按 [[steps]] 的先后排列")
        elif steps:
            reached = steps.index(field.step)
    for place, code in enumerate(steps):
        if all(field.step != code for field in definition.form):
            yield Fault(("steps", place), f"“{code}”这一页没有问题")


def _ordered(field: FormField) -> bool:
    low, high = field.min, field.max
    if isinstance(low, int) and isinstance(high, int):
        return low <= high
    # "today" is later than every date that a file may sensibly set as the first one.
    return not (isinstance(low, str) and isinstance(high, str)) or low <= high


def _rules(definition: ItemDefinition) -> Iterator[Fault]:
    """A question may depend on earlier ones only, so that nothing can be circular."""
    form = definition.form
    for place, field in enumerate(form):
        yield from _rule(field.when, form[:place], form, ("fields", place, "when"))
    for place, material in enumerate(definition.materials):
        path: Path = ("materials", place, "when")
        yield from _rule(material.when, form, form, path, ages=False)
    yield from _rule(definition.cosign_when, form, form, ("cosign_when",), ages=False)
    for place, requirement in enumerate(definition.eligibility):
        yield from _rule(requirement.must, form, form, ("eligibility", place, "must"))
        yield from _rule(requirement.when, form, form, ("eligibility", place, "when"))


def _rule(
    rule: Rule | None, known: Sequence[FormField], form: Sequence[FormField], path: Path, *, ages: bool = True
) -> Iterator[Fault]:
    later = {field.name for field in form} - {field.name for field in known}
    for message in rule_faults(rule, {field.name: field for field in known}, later=later, ages=ages):
        yield Fault(path, message)


def _workflow(definition: ItemDefinition) -> Iterator[Fault]:
    reached = -1
    for place, step in enumerate(definition.workflow):
        rank = LEVELS.index(step.level)
        if rank <= reached:
            yield Fault(
                ("workflow", place, "level"), f"“{step.level}”到不了：级别要从 village、town 到 county，每级一次"
            )
        reached = max(reached, rank)
    if any(step.notice_days for step in definition.workflow) and definition.notice is None:
        yield Fault(("workflow",), "有公示天数，就要写 [notice]，说明公示哪些内容")


def _shown(definition: ItemDefinition) -> Iterator[Fault]:
    """Certificates and notices show answers of the form; a notice may also show these."""
    known = definition.field_names
    if definition.certificate:
        for name in definition.certificate.shows:
            if name not in known:
                yield Fault(("certificate", "shows"), f"没有“{name}”这个问题")
    if definition.notice:
        yield from _announced(definition, definition.notice)


def _announced(definition: ItemDefinition, notice: Notice) -> Iterator[Fault]:
    """Whoever stands under a joint title must not be found; nobody's own words, numbers and dates are announced."""
    answers = {field.name for field in definition.form if field.type in ("choice", "choices", "boolean", "integer")}
    hidden = {"number", "town", "title"}
    for name in notice.shows:
        if name not in answers | hidden | {"holder", "village", "amount"}:
            yield Fault(("notice", "shows"), f"不能公示“{name}”")
        elif notice.title and name not in hidden:
            yield Fault(("notice", "shows"), f"用统称 title 公示时，不能再公示“{name}”")


def _benefit(definition: ItemDefinition) -> Iterator[Fault]:
    """Where the money goes must be asked, every class must be reachable, and two must not share a code."""
    if definition.benefit is None:
        return
    for key in ("bank", "account"):
        name = getattr(definition.benefit, key)
        if name not in definition.field_names:
            yield Fault(("benefit", key), f"没有“{name}”这个问题")
        elif definition.field(name).type != "text":
            yield Fault(("benefit", key), f"“{name}”要是文字题（text）")
    codes = [one.code for one in definition.benefit.classes]
    if not codes:
        yield Fault(("benefit", "classes"), "至少要有一个档次 [[benefit.classes]]")
    for place, one in enumerate(definition.benefit.classes):
        if one.code in codes[:place]:
            yield Fault(("benefit", "classes", place, "code"), f"“{one.code}”写了两次，请换一个名字")
        yield from _rule(one.when, definition.form, definition.form, ("benefit", "classes", place, "when"))


def _collecting(definition: ItemDefinition) -> Iterator[Fault]:
    """A collection needs a code to show, and the question that asks for a parcel."""
    rule = definition.collecting
    if rule is None:
        return
    if definition.certificate is None:
        yield Fault(("collecting",), "凭码领取，就要写 [certificate]，说明领取码")
    asked = next((field for field in definition.form if field.name == rule.question), None)
    if asked is None or rule.mail not in asked.values:
        yield Fault(("collecting", "question"), f"“{rule.question}”要是一道选择题，并有“{rule.mail}”这个选项")


def _consents(definition: ItemDefinition, purposes: frozenset[str]) -> Iterator[Fault]:
    for purpose in definition.consents:
        if purpose not in purposes:
            yield Fault(("consents",), f"没有“{purpose}”这种同意书，现有：{'、'.join(sorted(purposes))}")


def _kind(definition: ItemDefinition) -> Iterator[Fault]:
    if definition.kind != "application":
        if definition.workflow:
            yield Fault(("workflow",), '只有 kind = "application" 的事项有审核级别')
        return
    if not definition.form:
        yield Fault(("kind",), "网上申请的事项至少要有一个问题 [[fields]]")
    if definition.workflow and not 0 < definition.promised_days <= definition.legal_days:
        yield Fault(("deadline",), "承诺天数 promised 至少 1 天，不能超过法定天数 legal")


def _example(definition: ItemDefinition, now: datetime) -> Iterator[Fault]:
    """The sample answers must be what a person could submit and would be eligible with."""
    checked = check_answers(definition, definition.example, complete=definition.kind == "application", now=now)
    for name, text in {**checked.missing, **checked.wrong}.items():
        yield Fault(("example", name), f"样例“{name}”：{text}")
    for name in checked.dropped:
        yield Fault(("example", name), f"样例“{name}”：按其他回答，这个问题不会出现")
    if checked.ok and all(field.name in checked.answers for field in asked_fields(definition) if field.required):
        for reason in judge(definition, checked.answers, now=now):
            yield Fault(("example",), f"样例不符合条件：{reason.reason}")
