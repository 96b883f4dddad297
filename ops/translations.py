"""The sentences of code and templates, and whether each has its English one.

``make translations`` collects them into h5/translations/en/LC_MESSAGES/messages.po: new ones come without a
translation, those that are gone leave. ``untranslated`` is what `make check` asks.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from config.settings import ROOT

METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"**/templates/**.html": {"trimmed": "true", "silent": "false"}}
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "_l": None}
PACKAGES = ("backend", "h5", "workers")
LOCALES = ("en",)


def path(locale: str) -> Path:
    return ROOT / "h5" / "translations" / locale / "LC_MESSAGES" / "messages.po"


def collected() -> Catalog:
    """Every marked sentence with the files that say it."""
    catalog = Catalog(project="yangguang", charset="utf-8")
    for package in PACKAGES:
        found = extract_from_dir(ROOT / package, METHODS, OPTIONS, KEYWORDS)
        for file, _line, message, comments, context in found:
            # Without line numbers: a catalogue that changes only where a sentence does.
            catalog.add(message, None, [(f"{package}/{file}", 0)], auto_comments=comments, context=context)
    return catalog


def kept(locale: str) -> Catalog:
    """What is translated so far."""
    if not path(locale).exists():
        return Catalog(locale=locale)
    with path(locale).open("rb") as file:
        return read_po(file, locale=locale)


def untranslated(locale: str) -> list[str]:
    """Sentences without a translation, with an unsure one, or with other places than the original."""
    catalog, missing = kept(locale), []
    for message in collected():
        if not message.id:
            continue
        ours = catalog.get(message.id, message.context)
        texts = ours.string if ours and isinstance(ours.string, list | tuple) else [ours.string if ours else ""]
        if ours is None or ours.fuzzy or not all(texts) or list(ours.check(catalog)):
            missing.append(str(message.id))
    return missing


def main() -> None:
    template = collected()
    for locale in LOCALES:
        catalog = kept(locale)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        path(locale).parent.mkdir(parents=True, exist_ok=True)
        with path(locale).open("wb") as file:
            write_po(file, catalog, width=120, sort_output=True, include_lineno=False)
        print(f"{locale}: {len(template)} sentences, {len(untranslated(locale))} without a translation")


if __name__ == "__main__":
    main()
