"""The operator's commands: check, publish, diff, regions import."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from backend.cli import catalogue, regions
from backend.runtime import build_runtime
from backend.web.context import bind
from config.settings import ROOT, Settings
from tests.catalogue_samples import SMALL, changed

Run = Callable[..., Result]


@pytest.fixture
def run(sqlite_settings: Settings) -> Run:
    """Run one command of an app that has the operator's groups only."""
    app = Flask("commands")
    bind(app, build_runtime(sqlite_settings))
    app.cli.add_command(catalogue.catalogue)
    app.cli.add_command(regions.regions)
    return lambda *words: app.test_cli_runner().invoke(args=[str(word) for word in words])


def test_shipped_folder_is_checked_and_published_by_default(run: Run) -> None:
    assert run("catalogue", "check").output.count(": ok") == 10
    assert "migrant-proof: version 1\n" in run("catalogue", "publish").output
    assert run("catalogue", "publish").output.count("(unchanged)") == 10
    assert run("catalogue", "diff").output == ""


def test_diff_shows_what_publishing_would_change(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "small.toml"
    file.write_text(SMALL)
    assert run("catalogue", "diff", file).output == "small: new\n"
    run("catalogue", "publish", file)
    file.write_text(changed(("max = 20", "max = 30")))
    assert run("catalogue", "diff", file).output == "small: fields.children.max: 20 → 30\n"


def test_mistake_is_told_with_file_and_line_and_nothing_is_published(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(SMALL)
    (tmp_path / "b.toml").write_text(changed(("fee = 0", "fee = 5"), ('code = "small"', 'code = "b"')))
    refused = run("catalogue", "publish", tmp_path)
    assert refused.exit_code == 1
    assert f"{tmp_path}/b.toml:15: fee" in refused.output
    assert run("catalogue", "diff", tmp_path / "a.toml").output == "small: new\n"


def test_regions_are_imported_twice_without_change(run: Run) -> None:
    file = ROOT / "config" / "regions" / "370402.csv"
    assert run("regions", "import", file).output == "184 added, 0 changed, 0 unchanged; 182 offices added\n"
    assert run("regions", "import", file).output == "0 added, 0 changed, 184 unchanged; 0 offices added\n"


def test_wrong_region_file_is_told_with_its_lines(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "regions.csv"
    file.write_text("code,name,level,parent\n370000000000,山东省,province,\nx,y,town,z\n")
    refused = run("regions", "import", file)
    assert (refused.exit_code, f"{file}:3: code" in refused.output) == (1, True)
