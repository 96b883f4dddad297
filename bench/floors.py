"""The floors that are web apps: what a bare Flask view answers on the same server with the same statements."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import orjson
import pymysql
from flask import Flask, Response, request

from bench.statements import connect

app = Flask("floor", static_folder=None)
_local = threading.local()


@app.get("/")
def hello() -> str:
    """The least that Flask can do."""
    return "hello"


@app.get("/applications")
def applications() -> Response:
    """The statements of "my applications" (``FLOOR_STATEMENTS``: a JSON file), raw, and their rows as JSON.

    The caller names session and account in two headers, where ours reads them from a signed token.
    """
    values: dict[str | int, str] = {"session": request.headers["X-Session"], "resident": request.headers["X-Resident"]}
    with _connection().cursor() as cursor:
        for statement, parameters in _statements():
            cursor.execute(statement, {name: values.get(value, value) for name, value in parameters.items()})
            rows = cursor.fetchall()
        names = [column[0] for column in cursor.description]
    items = [dict(zip(names, row, strict=True)) for row in rows]
    return Response(orjson.dumps({"items": items, "next_cursor": None}), mimetype="application/json")


def _statements() -> list[tuple[str, dict[str, str | int]]]:
    if not hasattr(_local, "statements"):
        _local.statements = json.loads(Path(os.environ["FLOOR_STATEMENTS"]).read_text(encoding="utf-8"))
    found: list[tuple[str, dict[str, str | int]]] = _local.statements
    return found


def _connection() -> pymysql.connections.Connection:
    if not hasattr(_local, "connection"):
        _local.connection = connect(os.environ["DATABASE_URL"], autocommit=True)
    found: pymysql.connections.Connection = _local.connection
    return found
