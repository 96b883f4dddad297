"""The tip line has no column, no import and no word in which a person or a time of day could be kept.

A new column, a new module or a new log line must be argued for here.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import BigInteger, Date, Integer, LargeBinary, String, create_engine, inspect, text

from backend.models.tip import TipsBase
from ops.migrate import TIPS, every_model
from tests.architecture.tree import ROOT, sources, tree, where
from tests.schema import build
from tests.servers import MariaDb

#: Why each column may stand there. What is not a reason: "we could need it".
RANDOM = "UUIDv4: random, drawn here"
DAY = "a day in China, no time of it"
SEALED = "ciphertext, or a key under a key"
WORD = "one word of a list of the source"
OFFICE = "about the office's own people or numbers, not about a reporter"
COUNTS = "counts within one tip, key or reward; nothing counts across them"
HASH = "keyed hash: nothing without SECRET_TIPS_KEY or the key of a day"
COLUMNS = {
    "tip": {
        RANDOM: "id merged_into",
        COUNTS: "version entries",
        WORD: "status outcome",
        OFFICE: "county",
        DAY: "received_on released_on moved_on acknowledge_by answer_by acknowledged_on answered_on escalated_on"
        " closed_on",
        HASH: "target_index",
    },
    "tip_key": {RANDOM: "tip_id holder", SEALED: "sealed"},
    "tip_entry": {
        RANDOM: "id tip_id",
        COUNTS: "number edition",
        WORD: "kind author",
        DAY: "day",
        SEALED: "key content",
    },
    "tip_chunk": {RANDOM: "entry_id", COUNTS: "number", SEALED: "content"},
    "mailbox": {RANDOM: "tip_id salt", HASH: "locator", COUNTS: "generation", "public half of a key": "public"},
    "investigator": {
        RANDOM: "id salt backed_by admitted_by",
        COUNTS: "version",
        WORD: "status duty",
        OFFICE: "staff_id county region name post",
        SEALED: "wrapped",
        "public half of a key": "public",
        DAY: "moved_on",
    },
    "unlocked": {
        "hash of a random secret of the investigator": "id",
        RANDOM: "investigator_id",
        DAY: "day",
        SEALED: "sealed",
    },
    "day_key": {DAY: "day", SEALED: "sealed"},
    "used": {HASH: "digest", DAY: "day"},
    "tip_log": {RANDOM: "id tip_id investigator_id entry_id", DAY: "day", WORD: "act"},
    "reward": {
        RANDOM: "id claim_number proof first_release second_release",
        COUNTS: "version",
        WORD: "status way",
        OFFICE: "county amount",
        SEALED: "payee",
        DAY: "pay_on moved_on",
    },
    "tip_count": {OFFICE: "county year number", WORD: "outcome"},
    "tip_state": {"name and day of a batch, a digest, cover": "name value"},
}
#: No time of day, no text of any length, no floating number: nothing that two of these could be pressed into.
TYPES = (String, Integer, BigInteger, Date, LargeBinary)
OURS = re.compile(r"(^|[./_])(tips?|proofs)([./_]|$)")


def test_every_column_has_a_reason_to_be_there() -> None:
    argued = {table: sorted(" ".join(reasons.values()).split()) for table, reasons in COLUMNS.items()}
    assert {name: sorted(c.name for c in table.columns) for name, table in TipsBase.metadata.tables.items()} == argued


@pytest.mark.parametrize("table", list(COLUMNS))
def test_no_column_can_keep_a_time_or_an_order(table: str) -> None:
    found = TipsBase.metadata.tables[table]
    assert {c.name: str(c.type) for c in found.columns if not isinstance(c.type, TYPES)} == {}
    assert [c.name for c in found.columns if c.server_default is not None or c.onupdate is not None] == []
    assert not any(c.foreign_keys for c in found.columns)
    assert not found.dialect_options["sqlite"]["with_rowid"]
    keys = list(found.primary_key.columns)
    assert not [c.name for c in keys if isinstance(c.type, Integer) and len(keys) == 1]
    assert not [c.name for c in keys if c.autoincrement is True]


ASKED = (
    "SELECT table_name, column_name, data_type, extra, column_default FROM information_schema.columns "
    "WHERE table_schema = 'tips_schema' AND table_name <> 'alembic_version'"
)
OPTIONS = (
    "SELECT create_options FROM information_schema.tables "
    "WHERE table_schema = 'tips_schema' AND table_name <> 'alembic_version'"
)


def test_mariadb_has_the_same_and_nothing_of_its_own(mariadb: MariaDb) -> None:
    url = mariadb.url("tips_schema")
    build(url, TIPS)
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(text(ASKED)).all()
        options = connection.execute(text(OPTIONS)).scalars().all()
        triggers = connection.execute(text("SELECT COUNT(*) FROM information_schema.triggers")).scalar()
    engine.dispose()
    mariadb.drop("tips_schema")
    assert {row.data_type for row in found} <= {"varchar", "int", "bigint", "date", "tinyblob", "mediumblob", "blob"}
    assert {(row.extra, row.column_default) for row in found} <= {("", None), ("", "NULL")}
    assert {row.table_name for row in found} == set(COLUMNS)
    assert triggers == 0
    # Else mysql.innodb_table_stats keeps the second in which a tip came.
    assert [option for option in options if "stats_persistent=0" not in option] == []
    assert len(options) == len(COLUMNS)


def test_sqlite_numbers_no_row(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/t.db"
    build(url, TIPS)
    engine = create_engine(url)
    with engine.connect() as connection:
        made = dict(connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all())
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    assert [name for name, sql in made.items() if name != "alembic_version" and "WITHOUT ROWID" not in sql] == []
    assert "sqlite_sequence" not in names


def test_no_table_of_one_side_names_one_of_the_other() -> None:
    names = {column.name for table in TipsBase.metadata.tables.values() for column in table.columns}
    assert not names & {"resident_id", "account_id", "mobile_index", "openid", "session_id", "address", "user_agent"}
    theirs = [table.name for table in every_model().tables.values() if re.search(r"tip|reward|mailbox", table.name)]
    assert theirs == []


def own_files() -> list[Path]:
    """Every file of the tip line, also those that come later: by their names and by the folders they lie in."""
    paths = sources("backend", "h5", "config", "workers")
    return [path for path in paths if OURS.search(str(path.relative_to(ROOT)).removesuffix(".py"))]


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


LOADED = """
import sys
sys.path.insert(0, {root!r})
import {module}
print("\\n".join(sorted(sys.modules)))
"""
KNOW_PEOPLE_OR_COUNT = re.compile(
    r"(backend\.(accounts|models\.(resident|session)|runtime|app|web\.(context|guards|csrf|sessions|headers))|h5\.shell|"
    r"flask_jwt_extended|prometheus_client|redis|rq|sentry_sdk|opentelemetry)(\.|$)"
)


@cache
def loaded(module: str) -> tuple[str, ...]:
    """What a process that imports only this has in it, without a folder or a variable of anybody else."""
    with TemporaryDirectory() as folder:
        environment = {"PATH": "/usr/bin:/bin", "PROFILE": "test", "DATA_DIR": folder, "LANG": "C.UTF-8"}
        code = [sys.executable, "-c", LOADED.format(root=str(ROOT), module=module)]
        done = subprocess.run(code, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return tuple(done.stdout.split())


@pytest.mark.parametrize("module", ["backend.tips_app", "tips_wsgi"])
def test_app_loads_nothing_that_knows_people_or_counts(module: str) -> None:
    names = loaded(module)
    assert {"backend.tips.filing", "backend.api.tips", "h5.tips"} <= set(names)
    assert [name for name in names if KNOW_PEOPLE_OR_COUNT.match(name)] == []


def reporters_side() -> list[Path]:
    """Of the line's own files those which its app loads, whatever they are called."""
    names = set(loaded("backend.tips_app"))
    return [path for path in own_files() if dotted(path) in names and not dotted(path).startswith("config.")]


def test_only_one_place_of_the_tip_line_speaks_to_a_log() -> None:
    def speaks(node: ast.AST) -> bool:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            return bool({name.split(".")[0] for name in names} & {"logging", "warnings", "prometheus_client", "syslog"})
        return isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "print",
            "sys.stderr.write",
            "sys.stdout.write",
        )

    found = {path.relative_to(ROOT).as_posix() for path in own_files() for node in ast.walk(tree(path)) if speaks(node)}
    assert found - {"backend/cli/tips.py"} == {"backend/tips_app.py"}


#: What would have to be said to know who calls, to keep it, or to leave something on a disk.
FORBIDDEN = re.compile(
    r"remote_addr|access_route|user_agent|remote_user|request\.(cookies|referrer|host|origin|headers)|set_cookie|"
    r"HTTP_(X_|COOKIE|REFERER)|NamedTemporaryFile|TemporaryFile|mkstemp|mkdtemp|write_bytes|write_text|outbox|audit|"
    r"redis|\bwake\b|\bopen\("
)
#: What reads one thing by name: the token, and the evidence pipe that opens pictures out of memory.
ALLOWED = re.compile(r"request\.headers\.get\(HEADER, ''\)|path\.open\(encoding='utf-8-sig'|(Image|package)\.open\(")


def spoken(path: Path) -> list[str]:
    """The statements of a file without its docstrings and comments."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(module):
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            body[0] = ast.Pass()
    return ast.unparse(module).splitlines()


def test_no_part_of_the_reporters_side_asks_who_calls_or_writes_a_file() -> None:
    found = [
        f"{dotted(path)}: {line}"
        for path in reporters_side()
        for line in spoken(path)
        if FORBIDDEN.search(ALLOWED.sub("", line))
    ]
    assert found == []


def test_now_is_asked_only_where_it_is_not_kept() -> None:
    """Moments are for expiry in the holder's hand; a row gets ``today``."""

    def moment(node: ast.AST) -> bool:
        said = ast.unparse(node) if isinstance(node, ast.Call) else ""
        return bool(
            re.match(r"(datetime\.(now|utcnow)|time\.time|time\.time_ns|func\.(now|current_timestamp))\(", said)
        )

    assert [where(path, node) for path in own_files() for node in ast.walk(tree(path)) if moment(node)] == []


#: Who may ask the tip line's tables anything: the line itself, the investigators' side of the console, its commands.
ASK = re.compile(
    r"backend\.(tips|tips_app|tips_runtime|runtime|app)$|backend\.(tips|models)\.|backend\.(api|web|schemas)\.(tips?_|tips$|proofs)|"
    r"backend\.(api\.staff|web|schemas|cli)\.(staff_)?tips?(_|$)|backend\.web\.(investigators|health)$|backend\.cli\.demo$|"
    r"h5\.(staff\.)?tips?[_.]|h5\.(staff\.)?tips$|workers\.(tips|schedule)$|backend\.notifications\.staff$"
)


#: The tip line's runtime; ``settings.tips`` is no more than an address to lead people to.
RUNTIME = re.compile(r"runtime(\(\))?\.tips$")


def test_nobody_else_in_the_house_asks_about_tips() -> None:
    """No statistics, dashboard, search, export, outbox or metric of another part reads or counts them."""
    found = []
    for path in sources():
        if ASK.match(dotted(path)) or "tip" not in path.read_text(encoding="utf-8"):
            continue
        for node in ast.walk(tree(path)):
            named = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            origin = f"{getattr(node, 'module', None) or ''}."
            asks = any(re.match(r"backend\.(tips|models\.tip)\b", (origin + name).lstrip(".")) for name in named)
            runtime = isinstance(node, ast.Attribute) and node.attr == "tips" and RUNTIME.search(ast.unparse(node))
            if asks or runtime:
                found.append(where(path, node))
    assert found == []
