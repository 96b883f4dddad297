"""The app on the embedded default with the district, every service item, staff, and a phone."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from flask import Flask

from backend.api.stored_guides import StoredGuides
from backend.app import create_app
from backend.runtime import build_runtime
from backend.web import tokens
from backend.web.context import bind
from config.settings import Settings, load_settings
from tests.clock import MovableClock
from tests.h5.phone import Phone
from tests.people import Cast, assemble


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Routes, schemas and templates, which take half a second to make and are the same in every test."""
    return create_app(load_settings({"PROFILE": "test", "DATA_DIR": str(tmp_path_factory.mktemp("house"))}))


@pytest.fixture
def app(house: Flask, sqlite_settings: Settings, clock: MovableClock) -> Flask:
    """The app with a database, secrets and a clock of this test's own: all that it remembers of the last is gone."""
    runtime = replace(build_runtime(sqlite_settings), clock=clock)
    house.config["JWT_SECRET_KEY"] = sqlite_settings.secrets.session_key
    house.extensions[tokens.KNOWN] = {}
    bind(house, runtime)
    # The tip line beside it keeps the runtime it was made with: it has tests and an app of its own.
    house.wsgi_app = StoredGuides(partial(Flask.wsgi_app, house), runtime)  # type: ignore[method-assign]
    return house


@pytest.fixture
def cast(app: Flask, clock: MovableClock) -> Cast:
    at = Phone(app).runtime
    whole = assemble(at.db, at.vault, clock)
    whole.publish()
    return whole


@pytest.fixture
def stranger(app: Flask, cast: Cast) -> Phone:
    """Nobody is signed in."""
    return Phone(app)


@pytest.fixture
def phone(app: Flask, cast: Cast) -> Phone:
    """王㐂 is signed in, with identity and consents."""
    return Phone(app).enter(cast.resident("王㐂", 7))
