"""Style, script and icons under names that carry their content, so that a second visit asks for none of them."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, request, url_for

STATIC = Path(__file__).resolve().parent / "static"
STYLES = ("tokens", "base", "components", "plain", "care")
#: One scope in this order: ``net`` says what the others report.
SCRIPTS = ("net", "guard", "save", "upload", "region", "scan", "extras")
YEAR = 31_536_000
_KINDS = {
    "app.css": "text/css",
    "app.js": "text/javascript",
    # By itself: only pages that ask for a permission of WeChat's load it, and only there.
    "wechat.js": "text/javascript",
    # By itself: the pages of tips load no other, and it is its own worker.
    "tips.js": "text/javascript",
    "icons.svg": "image/svg+xml",
    "icon.svg": "image/svg+xml",
}

blp = Blueprint("h5_assets", __name__, url_prefix="/assets")


@dataclass(frozen=True, slots=True)
class Asset:
    """``digest``: 10 hex digits of the content's SHA-256."""

    content: bytes
    packed: bytes
    digest: str


@cache
def asset(name: str) -> Asset:
    """The asset, built and compressed once per process; ``KeyError`` for a name we do not have."""
    content = _build(name, _KINDS[name]).encode()
    return Asset(content, gzip.compress(content, 9, mtime=0), hashlib.sha256(content).hexdigest()[:10])


def asset_url(name: str) -> str:
    """The address of an asset for templates."""
    return url_for("h5_assets.serve", digest=asset(name).digest, name=name)


@blp.get("/<digest>/<name>")
def serve(digest: str, name: str) -> Response:
    """An asset; an address of an older release gives today's content, kept for a minute only."""
    if name not in _KINDS:
        abort(404)
    found = asset(name)
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(found.packed if packed else found.content, mimetype=_KINDS[name])
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    current = digest == found.digest
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if current else "public, max-age=60"
    return response


def _build(name: str, kind: str) -> str:
    if kind == "text/css":
        return _tight("".join(_read(f"css/{part}.css") for part in STYLES))
    if name == "wechat.js":
        return _bare(_read("js/wechat.js"))
    if name == "tips.js":
        return _alone(_read("js/tips.js"))
    if kind == "text/javascript":
        return _alone("".join(_read(f"js/{part}.js") for part in SCRIPTS))
    return _read(f"img/{name}")


def _read(path: str) -> str:
    return (STATIC / path).read_text(encoding="utf-8")


def _alone(text: str) -> str:
    """In a scope of its own."""
    return '(() => {\n"use strict";\n' + _bare(text) + "})();\n"


def _bare(text: str) -> str:
    """Without comments and indentation; our scripts hold no ``/*`` in strings."""
    return re.sub(r"\n\s+", "\n", re.sub(r"/\*.*?\*/\n?", "", text, flags=re.DOTALL))


def _tight(text: str) -> str:
    """Without comments, line ends and the blanks that no rule needs."""
    return re.sub(r"\s*([{}:;,])\s+", r"\1", re.sub(r"\s+", " ", _bare(text)))
