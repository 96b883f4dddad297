"""The tip line of the app that answers this request."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app

from backend.tips_runtime import TipsRuntime

EXTENSION = "yangguang_tips"


def line() -> TipsRuntime:
    """What this process was built with."""
    return cast(TipsRuntime, current_app.extensions[EXTENSION])


def bind(app: Flask, value: TipsRuntime) -> None:
    app.extensions[EXTENSION] = value
