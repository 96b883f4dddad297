"""What every page of the tip line shows around its content. Choices of the display travel in addresses: no cookie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.tips_runtime import TipsRuntime
from backend.web.tips_context import line
from backend.web.words import language
from h5 import dates
from h5.tips.assets import asset_url

blp = Blueprint("tips_screen", __name__)


@dataclass(frozen=True, slots=True)
class Screen:
    """``path``: of this page, for switching language or size; ``oversight``: the name of an office."""

    language: str
    care: bool
    path: str
    origin: str
    hotline: str
    phone: str
    oversight: str

    def to(self, endpoint: str) -> str:
        """The address of a page of ours, with what the person chose."""
        query: dict[str, Any] = {**_chosen(self.language, self.care)}
        return url_for(endpoint, **query)

    @property
    def other_language(self) -> str:
        return self._here("zh" if self.language == "en" else "en", self.care)

    @property
    def other_size(self) -> str:
        return self._here(self.language, not self.care)

    def _here(self, wanted: str, care: bool) -> str:
        query = "&".join(f"{name}={value}" for name, value in _chosen(wanted, care).items())
        return f"{self.path}?{query}" if query else self.path


@blp.get("/")
def root() -> Response:
    """The bare address, where the line has an origin of its own."""
    return redirect(screen().to("tips_start.show"), 303)


@blp.app_context_processor
def around() -> dict[str, Any]:
    """For every template."""
    return {"screen": screen(), "tips_asset": asset_url}


@blp.record_once
def _filters(state: Any) -> None:
    state.app.jinja_env.filters |= {"day": dates.day, "full_day": dates.full_day}


def screen() -> Screen:
    """The surroundings of the page for this request."""
    said = at().line
    care = request.args.get("care") == "1"
    return Screen(language(), care, request.path, said.origin, said.hotline, said.phone, said.oversight)


def at() -> TipsRuntime:
    """The tip line of this process."""
    return line()


def page(template: str, status: int = 200, **values: Any) -> Response:
    """A page of the tip line."""
    return Response(render_template(template, **values), status, mimetype="text/html")


def _chosen(wanted: str, care: bool) -> dict[str, str]:
    return ({"lang": "en"} if wanted == "en" else {}) | ({"care": "1"} if care else {})
