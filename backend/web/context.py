"""The runtime of the app that answers this request."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app

from backend.runtime import Runtime

EXTENSION = "yangguang"


def runtime() -> Runtime:
    """What this process was built with."""
    return cast(Runtime, current_app.extensions[EXTENSION])


def bind(app: Flask, value: Runtime) -> None:
    app.extensions[EXTENSION] = value
