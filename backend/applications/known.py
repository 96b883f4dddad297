"""Ask once: what is known about a person fills the questions that say so in the catalogue."""

from __future__ import annotations

from typing import Any

from backend.accounts.queries import Person
from backend.catalogue.definition import ItemDefinition
from backend.kernel.privacy import birth_date


def suggestions(definition: ItemDefinition, person: Person, region: str, answers: dict[str, Any]) -> dict[str, Any]:
    """Values for unanswered questions with a ``prefill``; the person sees and may change them."""
    born = birth_date(person.id_number) if person.id_number else None
    data = {
        "name": person.name,
        "id_number": person.id_number if person.id_type == "resident_id" else None,
        "birth_date": born.isoformat() if born else None,
        "mobile": person.mobile,
        "region": region,
    }
    wanted = ((field.name, data.get(field.prefill)) for field in definition.form if field.name not in answers)
    return {name: value for name, value in wanted if value}
