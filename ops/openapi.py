"""The OpenAPI document as the app produces it, and its snapshot docs/openapi.json (`make openapi` writes it).

The snapshot makes every change of the outside visible in review; clients may generate code from it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from flask import Flask

from backend.app import create_app
from config.settings import ROOT, load_settings

SNAPSHOT = ROOT / "docs" / "openapi.json"


@contextmanager
def fresh_app() -> Iterator[Flask]:
    """The app of a throw-away installation; nothing is connected to."""
    with tempfile.TemporaryDirectory() as directory:
        yield create_app(load_settings({"PROFILE": "test", "DATA_DIR": directory}))


def produced(app: Flask) -> str:
    """The app's document with keys in a fixed order."""
    answer = app.test_client().get("/api/v1/openapi.json")
    if answer.status_code != HTTPStatus.OK:
        raise SystemExit(f"/api/v1/openapi.json answers {answer.status_code}")
    return json.dumps(json.loads(answer.data), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> None:
    with fresh_app() as app:
        SNAPSHOT.write_text(produced(app), encoding="utf-8")
    print(f"{SNAPSHOT.relative_to(ROOT)} written")


if __name__ == "__main__":
    main()
