"""What a resubmission changed: field by field and image by image."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import claims, queries, records, views
from backend.applications.policy import Reviewer
from backend.kernel import ids
from backend.kernel.crypto import Vault, place
from backend.models.application import ApplicationRevision


def changes(session: Session, whole: records.Case) -> list[dict[str, Any]]:
    """What a resubmission changed: each question with before and after, each material that is new or gone."""
    query = (
        select(ApplicationRevision)
        .where(ApplicationRevision.application_id == whole.row.id)
        .order_by(ApplicationRevision.revision.desc())
        .limit(2)
    )
    found = list(session.scalars(query))
    if len(found) < 2:
        return []
    after, before = (_revision(whole, row) for row in found)
    words = {name: _words(session, whole, answers) for name, answers in (("after", after), ("before", before))}
    labels = {field.name: field.label for field in whole.definition.form}
    changed = [
        {"target": name, "label": label, "before": words["before"].get(name), "after": words["after"].get(name)}
        for name, label in labels.items()
        if words["before"].get(name) != words["after"].get(name)
    ]
    return changed + _changed_materials(whole, found[1].materials, found[0].materials)


def changed_counts(session: Session, vault: Vault, *, reviewer: Reviewer, numbers: list[str]) -> dict[str, int]:
    """How many answers and materials each resubmitted case changed; for the few of one page."""
    rows = [claims.in_jurisdiction(session, reviewer, number, lock=False) for number in numbers]
    return {row.number or "": len(changes(session, records.whole(session, vault, row))) for row in rows}


def _revision(whole: records.Case, row: ApplicationRevision) -> dict[str, Any]:
    opened: dict[str, Any] = records.open_json(
        whole.seal, row.answers, place("application_revision", "answers", row.id)
    )
    return opened


def _words(session: Session, whole: records.Case, answers: dict[str, Any]) -> dict[str, str]:
    written = views.written(whole.definition, answers, queries.places(session, answers))
    return {item["name"]: item["value"] for item in written}


def _changed_materials(whole: records.Case, before: list[Any], after: list[Any]) -> list[dict[str, Any]]:
    labels = {material.code: material.label for material in whole.definition.materials}
    changed = []
    for code in sorted({item["code"] for item in before + after}):
        old = [item for item in before if item["code"] == code]
        new = [item for item in after if item["code"] == code]
        if {item["sha256"] for item in old} != {item["sha256"] for item in new}:
            changed.append(
                {
                    "target": code,
                    "label": labels.get(code, code),
                    "before_materials": [ids.encode(item["id"]) for item in old],
                    "after_materials": [ids.encode(item["id"]) for item in new],
                }
            )
    return changed
