"""What every template keeps: strict CSP, a CSRF field in every form that posts, short pages, no request in macros."""

from __future__ import annotations

import re

from tests.architecture.tree import ROOT, templates

PAGE_LINES = 80
INLINE = re.compile(r"\sstyle\s*=|<style\b|\son[a-z]+\s*=\s*[\"']|javascript:", re.I)
SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=)", re.I)
FORM = re.compile(r"<form\b(?P<tag>[^>]*)>(?P<body>.*?)</form>", re.I | re.S)
CSRF = re.compile(r"\bcsrf\w*\(\)|name=\"csrf_token\"")
COMMENT = re.compile(r"{#.*?#}", re.S)


def texts() -> dict[str, str]:
    """Template name → its text without comments."""
    base = ROOT / "h5" / "templates"
    return {str(p.relative_to(base)): COMMENT.sub("", p.read_text(encoding="utf-8")) for p in templates()}


def test_no_template_has_inline_style_or_script() -> None:
    assert [name for name, text in texts().items() if INLINE.search(text) or SCRIPT.search(text)] == []


def test_every_posting_form_has_a_csrf_field() -> None:
    # On the tip line nobody is signed in by a cookie: there is nothing that another site could ride on.
    signed_in = {name: text for name, text in texts().items() if not name.startswith("tips/")}
    found = [(name, form) for name, text in signed_in.items() for form in FORM.finditer(text)]
    posting = [(name, form) for name, form in found if re.search(r"method=[\"']?post", form["tag"], re.I)]
    assert [name for name, form in posting if not CSRF.search(form["body"])] == []
    assert posting


def test_pages_are_short() -> None:
    lengths = {name: text.count("\n") for name, text in texts().items() if not name.startswith("macros/")}
    assert {name: lines for name, lines in lengths.items() if lines > PAGE_LINES} == {}


def test_macros_take_data_and_never_the_request() -> None:
    assert [name for name, text in texts().items() if name.startswith("macros/") and "request." in text] == []
