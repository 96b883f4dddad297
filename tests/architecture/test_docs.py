"""What the documents say is there is there: generated pages, links, files, commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click import Command, Group
from flask import Flask

from backend.cli import register
from ops import lifecycles
from ops.openapi import SNAPSHOT, fresh_app, produced
from tests.architecture.tree import ROOT

PAGES = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")]
PAGES += sorted((ROOT / "docs").rglob("*.md"))
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
CODE = re.compile(r"`([^`\n]+)`")
#: ``backend/db.py``, ``config/catalogue/``, ``docs/adr/0003-….md``: anything below a folder of ours.
PATH = re.compile(r"(?:backend|bench|config|docs|drills|h5|migrations|ops|tests|workers)/[\w./-]*[\w/]")
OPERATOR = re.compile(r"flask(?: --app wsgi)? ([a-z]+)(?: ([a-z][a-z|-]*[a-z]))?")
MADE = re.compile(r"\bmake ([a-z]+)\b")
FENCE = re.compile(r"```.*?```", re.S)


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """The anchors of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text(page), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def code(page: Path) -> list[str]:
    """What stands between backticks, and the lines of fenced blocks."""
    whole = text(page)
    blocks = [line for block in FENCE.findall(whole) for line in block.splitlines()]
    return CODE.findall(FENCE.sub("", whole)) + blocks


@pytest.fixture(scope="module")
def app() -> Flask:
    with fresh_app() as app:
        register(app)
        return app


def test_lifecycles_are_those_of_the_code() -> None:
    assert text(lifecycles.PAGE) == lifecycles.page(), "make docs"


def test_openapi_is_what_the_app_produces(app: Flask) -> None:
    assert text(SNAPSHOT) == produced(app), "make openapi"


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    for link in [one or other for one, other in LINK.findall(FENCE.sub("", text(page)))]:
        if not link.startswith(("http:", "https:", "mailto:")):
            target, _, anchor = link.partition("#")
            aim = (page.parent / target).resolve() if target else page
            assert aim.exists(), link
            assert not anchor or aim.suffix != ".md" or anchor in anchors(aim), link


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_files_that_are_named_exist(page: Path) -> None:
    named = {found for line in code(page) for found in PATH.findall(line)}
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_commands_that_are_named_exist(page: Path, app: Flask) -> None:
    for group, names in {found for line in code(page) for found in OPERATOR.findall(line)}:
        known: Command | None = app.cli.commands.get(group)
        assert isinstance(known, Group), group
        assert set(filter(None, names.split("|"))) <= set(known.commands), f"{group} {names}"


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_make_targets_that_are_named_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), re.M))
    assert {name for line in code(page) for name in MADE.findall(line)} - targets == set()
