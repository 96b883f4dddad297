"""What `make check` asks beside formatter, linter, types and import rules; each question answers in words."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from jinja2 import TemplateSyntaxError

from config.settings import ROOT
from ops import openapi, translations
from ops.migrate import MAIN, TIPS, Tables, differences, upgrade

#: Paths of a developer's machine, and sentences that promise work instead of doing it. The brackets keep this
#: line from finding itself.
MACHINE = re.compile(r"/(?:wor[k]|far[m]|hom[e]|User[s])/\w|/tm[p]/[a-z]|\b(?:TOD[O]|FIXM[E]|XX[X])\b")
#: ``noqa: CODE - reason``
BARE_NOQA = re.compile(r"#\s*noqa(?!: [A-Z]+\d+(?:, [A-Z]+\d+)* - \S)")
LOCKS = ("requirements.lock", "requirements-dev.lock")


def migrations() -> list[str]:
    """Tables made by the migrations against the models, on SQLite (the suite does it on MariaDB)."""
    return [*_differing(MAIN), *_differing(TIPS)]


def _differing(tables: Tables) -> list[str]:
    with tempfile.TemporaryDirectory() as directory:
        url = f"sqlite:///{directory}/check.db"
        upgrade(url, tables=tables)
        return [f"the models differ from the migrations: {change}" for change in differences(url, tables)]


def pages() -> list[str]:
    """Every template compiles with the app's own filters."""
    with openapi.fresh_app() as app:
        return [line for name in app.jinja_env.list_templates(extensions=["html"]) for line in _compile(app, name)]


def _compile(app: Flask, name: str) -> list[str]:
    try:
        app.jinja_env.get_template(name)
    except TemplateSyntaxError as error:
        return [f"h5/templates/{error.name}:{error.lineno}: {error.message}"]
    return []


def api() -> list[str]:
    """The OpenAPI snapshot is the app's own document."""
    kept = openapi.SNAPSHOT.read_text(encoding="utf-8") if openapi.SNAPSHOT.exists() else ""
    with openapi.fresh_app() as app:
        same = kept == openapi.produced(app)
    return [] if same else ["docs/openapi.json is not what the app produces: make openapi"]


def sentences() -> list[str]:
    """Every sentence has its translation."""
    missing = [(locale, text) for locale in translations.LOCALES for text in translations.untranslated(locale)]
    return [f"no {locale} translation: {text}" for locale, text in missing]


def words() -> list[str]:
    """No word of a developer's machine, no promise for later, no silenced rule without its reason."""
    found = []
    for path in _tracked():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if MACHINE.search(line) or (path.suffix == ".py" and BARE_NOQA.search(line)):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    return found


def _tracked() -> list[Path]:
    """The text files under version control, without the locks and the API snapshot (both are generated)."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [ROOT / name for name in listed.split("\0") if name and name not in LOCKS]
    return [path for path in paths if path.is_file() and path != openapi.SNAPSHOT and _is_text(path)]


def _is_text(path: Path) -> bool:
    return b"\0" not in path.read_bytes()[:8192]


QUESTIONS: tuple[Callable[[], list[str]], ...] = (migrations, pages, api, sentences, words)


def main() -> None:
    wrong = [line for question in QUESTIONS for line in question()]
    print("\n".join(wrong) or "Migrations, templates, OpenAPI, translations and words: fine")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
