"""Reminders belong to the person who set them (PRODUCT §2.2): no path leads to them from anybody else's rooms.

Not by an import in however many steps, not by the name of the table in a statement, not by a foreign key, not by a
count. Violations are planted in a copy of the tree to see each rule break.
"""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect

from backend.db import Database
from backend.events.uncounted import UNCOUNTED
from backend.models.base import Base
from backend.models.reminder import Reminder
from ops.openapi import fresh_app
from tests.architecture.tree import PACKAGES, ROOT
from workers import registry

#: The only files outside ``backend/reminders`` that may touch it: the edge, leaving, and a person's own copy.
EDGE = {
    "backend/api/reminders.py",
    "backend/app.py",
    "backend/schemas/reminders.py",
    "backend/web/leaving.py",
    "backend/web/reminders.py",
    "h5/__init__.py",
    "h5/reminders.py",
    "workers/exports.py",
    "workers/reminders.py",
    "workers/schedule.py",
}
#: The lists of all pages and endpoints: whoever imports one page does not import the others.
COMPOSITION = ("backend/app.py", "h5/__init__.py")
OWN = ("backend/reminders/", "backend/models/reminder.py")
#: Rooms of staff, statistics, decisions, operators and metrics: from none of them in any number of steps.
ROOMS = (
    *("backend/api/staff/", "backend/api/admin/", "h5/staff/", "h5/admin/", "backend/cli/", "backend/web/health.py"),
    *("backend/applications/", "backend/bookings/", "backend/benefits/", "backend/openness/"),
    *("backend/administration/", "backend/certificates/", "backend/catalogue/", "backend/documents/"),
    *("backend/accounts/", "backend/notifications/", "backend/events/", "backend/gateways/"),
    *("workers/counting.py", "workers/ratings.py", "workers/payments.py", "workers/bulk.py"),
)
SECRET = ("backend.reminders", "backend.models.reminder")
#: A statement about the table, in a string, and the table by its name from the metadata.
STATEMENT = re.compile(r"\b(?:from|into|update|join|table)\s+[`\"]?reminder\b", re.I)
BY_NAME = re.compile(r"tables\[[\"']reminder[\"']\]|\b[Tt]able\(\s*[\"']reminder[\"']")


def files(root: Path) -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((root / package).rglob("*.py"))


def imported(tree: ast.AST) -> set[str]:
    """``backend.reminders.service`` for either way of importing it."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def is_secret(module: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in SECRET)


def violations(root: Path) -> set[str]:
    """Every file that reaches reminders and may not, and how."""
    texts = {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in files(root)}
    trees = {name: ast.parse(text) for name, text in texts.items()}
    imports = {name: imported(tree) for name, tree in trees.items()}
    of_module = {name.removesuffix(".py").replace("/", "."): name for name in trees if name not in COMPOSITION}
    found = set()
    for name, tree in trees.items():
        if name.startswith(OWN):
            continue
        if name not in EDGE and any(map(is_secret, imports[name])):
            found.add(f"{name}: imports")
        if BY_NAME.search(texts[name]) or any(map(STATEMENT.search, strings(tree))):
            found.add(f"{name}: names the table")
        if name.startswith(ROOMS) and reaches(name, imports, of_module):
            found.add(f"{name}: reaches")
    return found


def reaches(start: str, imports: dict[str, set[str]], of_module: dict[str, str]) -> bool:
    """Whether a chain of imports leads from a file to a reminder."""
    seen, ahead = {start}, [start]
    while ahead:
        for module in imports[ahead.pop()]:
            if is_secret(module):
                return True
            if (following := of_module.get(module)) and following not in seen:
                seen.add(following)
                ahead.append(following)
    return False


def test_nothing_but_the_edge_touches_reminders_and_nobody_elses_room_reaches_them() -> None:
    assert violations(ROOT) == set()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", "static", "templates", "translations", "*.toml", "*.csv", "*.ttf")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    return tmp_path


PLANTED = [
    ("h5/staff/queue.py", "from backend.reminders import service", {"imports", "reaches"}),
    ("backend/openness/months.py", "import backend.models.reminder", {"imports", "reaches"}),
    ("backend/cli/work.py", "from backend.web import reminders", {"reaches"}),
    ("backend/web/health.py", "from workers import exports", {"reaches"}),
    ("backend/administration/sizes.py", 'SIZE = "SELECT count(*) FROM reminder"', {"names the table"}),
    ("backend/applications/sizes.py", 'Base.metadata.tables["reminder"]', {"names the table"}),
]


def test_every_planted_violation_is_seen(copy: Path) -> None:
    for file, line, _kinds in PLANTED:
        with (copy / file).open("a", encoding="utf-8") as planted:
            planted.write(f"\n{line}\n")
    # In two steps: by way of a room that may not either.
    (copy / "backend/accounts/planted.py").write_text("import backend.reminders.service\n")
    (copy / "backend/bookings/planted.py").write_text("from backend.accounts import planted\n")
    expected = {f"{file}: {kind}" for file, _line, kinds in PLANTED for kind in kinds}
    assert expected | {"backend/bookings/planted.py: reaches"} <= violations(copy)


def test_the_row_has_no_column_for_anybody() -> None:
    assert set(Reminder.__table__.columns.keys()) == {
        *("id", "version", "person", "content", "due_at", "round", "stop_index"),
    }


def test_no_foreign_key_leads_to_or_from_a_reminder(database: Database) -> None:
    for table in Base.metadata.tables.values():
        ends = {key.target_fullname.partition(".")[0] for key in table.foreign_keys}
        assert Reminder.__tablename__ not in ends
        assert table.name != Reminder.__tablename__ or not ends
    found = inspect(database.engine)
    keys = {name: found.get_foreign_keys(name) for name in found.get_table_names()}
    assert keys[Reminder.__tablename__] == []
    assert [name for name, own in keys.items() if any(k["referred_table"] == Reminder.__tablename__ for k in own)] == []


def test_staff_have_no_address_about_it() -> None:
    with fresh_app() as app:
        about = {
            str(rule) for rule in app.url_map.iter_rules() if "quarterly" in str(rule) or "/reminders" in str(rule)
        }
    assert about
    assert [rule for rule in about if "staff" in rule or "admin" in rule] == []


def test_their_work_is_in_no_count() -> None:
    own = ("workers.reminders:", "workers.followups:")
    topics = {topic.name for topic in registry.TOPICS.values() if topic.handler.startswith(own)}
    assert topics == {"own_reminder", "own_date"}
    assert topics <= UNCOUNTED
