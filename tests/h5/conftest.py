"""The app on the embedded default with the district, every service item, staff, and a phone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from backend.app import create_app
from backend.runtime import build_runtime
from config.settings import Settings
from tests.clock import MovableClock
from tests.h5.phone import Phone
from tests.people import Cast, assemble


@pytest.fixture
def app(sqlite_settings: Settings, clock: MovableClock) -> Flask:
    return create_app(sqlite_settings, replace(build_runtime(sqlite_settings), clock=clock))


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
