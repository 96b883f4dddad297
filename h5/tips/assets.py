"""Style and script of the tip line, from the line itself: nothing is asked of another place, nothing is kept."""

from __future__ import annotations

from flask import Blueprint, abort, url_for
from werkzeug.wrappers import Response

from h5.assets import asset

KINDS = {"app.css": "text/css", "tips.js": "text/javascript"}

blp = Blueprint("tips_assets", __name__, url_prefix="/tips/assets")


def asset_url(name: str) -> str:
    """The address of an asset for templates."""
    return url_for("tips_assets.serve", digest=asset(name).digest, name=name)


@blp.get("/<digest>/<name>")
def serve(digest: str, name: str) -> Response:
    """An asset as it is today, whatever release its address is of."""
    if name not in KINDS:
        abort(404)
    return Response(asset(name).content, mimetype=KINDS[name])
