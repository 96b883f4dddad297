"""The way through an application: consents, identity, the steps of the form, signature, materials, review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from backend.catalogue import forms
from backend.catalogue.definition import ItemDefinition
from backend.web.context import runtime

REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Stop:
    """One page of the way; ``settled``: nothing to do there, so the way passes by."""

    name: str
    href: str
    settled: bool


@dataclass(frozen=True, slots=True)
class Course:
    """Where a page stands on the way. ``total`` 0: opened for one change, no counting."""

    now: int
    total: int
    back: str
    next: str


def stops(case: dict[str, Any], definition: ItemDefinition) -> list[Stop]:
    """Every page of the way for these answers, in order."""
    application, missing = case["id"], case["missing"]
    visible = {field.step for field in forms.visible_fields(definition, case["answers"], now=runtime().clock())}
    found = []
    if definition.consents:
        asked = any(name.startswith("consents.") for name in missing)
        found.append(Stop("consents", url_for("h5_filling.consents", application=application), not asked))
    found.append(Stop("identity", _identity(application), "identity" not in missing))
    for step in definition.steps:
        if step.code in visible:
            href = url_for("h5_filling.step", application=application, code=step.code)
            found.append(Stop(f"step-{step.code}", href, _filled(definition, step.code, missing)))
    if definition.asks_cosignature(case["answers"]):
        signed = case["cosignature"] is not None and not case["cosignature"]["outdated"]
        settled = signed or (definition.cosign == "optional" and not missing)
        found.append(Stop("cosign", url_for("h5_cosign.invite", application=application), settled))
    if wanted(case, definition):
        owed = any(name.startswith("materials.") for name in missing)
        found.append(Stop("materials", url_for("h5_materials.show", application=application), not owed))
    return [*found, Stop(REVIEW, url_for("h5_filling.review", application=application), False)]


def wanted(case: dict[str, Any], definition: ItemDefinition) -> bool:
    """Whether there is any material to hand in or to promise."""
    return bool(case["mandate"]) or bool(forms.wanted_materials(definition, case["answers"]))


def _identity(application: str) -> str:
    after = url_for("h5_filling.resume", application=application)
    return url_for("h5_me.identity", next=after)


def _filled(definition: ItemDefinition, step: str, missing: dict[str, Any]) -> bool:
    return not any(f"answers.{field.name}" in missing for field in definition.form if field.step == step)


def course(case: dict[str, Any], definition: ItemDefinition, name: str) -> Course:
    """Where the page ``name`` stands; opened from the review or a correction it leads back there."""
    then = request.args.get("then")  # where it was opened from: the review or the correction notice
    if case["status"] == "correction" or then == REVIEW:
        page = "h5_correction.show" if case["status"] == "correction" and then != REVIEW else "h5_filling.review"
        back = url_for(page, application=case["id"])
        return Course(0, 0, back, back)
    way = stops(case, definition)
    place = next((at for at, stop in enumerate(way) if stop.name == name), len(way) - 1)
    before = way[place - 1].href if place else url_for("h5_services.show", code=case["service_item"])
    return Course(place + 1, len(way), before, _after(way, place))


def _after(way: list[Stop], place: int) -> str:
    """The next page: consents and identity that are settled are passed by."""
    ahead = way[place + 1 :]
    passing = ("consents", "identity")
    return next((stop.href for stop in ahead if not (stop.settled and stop.name in passing)), way[-1].href)


def first_open(case: dict[str, Any], definition: ItemDefinition) -> str:
    """Where to go on: the first page with something to do."""
    return next(stop.href for stop in stops(case, definition) if not stop.settled)


def place_of(name: str, case: dict[str, Any], definition: ItemDefinition) -> str:
    """The page that settles one missing thing (``answers.x``, ``materials.x``, ``identity``…), to come back from."""
    application = case["id"]
    kind, _, target = name.partition(".")
    match kind:
        case "answers":
            step = definition.field(target).step
            href = url_for("h5_filling.step", application=application, code=step, then=_then(case))
            return f"{href}#f-{target}"
        case "materials":
            href = url_for("h5_materials.show", application=application, then=_then(case))
            return f"{href}#m-{target}"
        case "consents":
            return url_for("h5_filling.consents", application=application, then=_then(case))
        case "cosignature":
            return url_for("h5_cosign.invite", application=application, then=_then(case))
    return url_for("h5_me.identity", next=url_for("h5_filling.review", application=application))


def _then(case: dict[str, Any]) -> str:
    return "correction" if case["status"] == "correction" else REVIEW
