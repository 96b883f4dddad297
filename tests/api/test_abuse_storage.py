"""The disk is full or broken while somebody uploads: a clear error, no row, no file."""

from __future__ import annotations

import dataclasses
import errno
from collections.abc import Iterable
from typing import Any

import pytest

from backend.gateways import storage
from backend.web.context import EXTENSION
from tests import files
from tests.api.desk import problem
from tests.api.house import House


class Full:
    """The real storage on a disk that takes some bytes and no more."""

    def __init__(self, real: storage.Storage, number: int) -> None:
        self.real, self.number = real, number

    def put(self, key: str, chunks: Iterable[bytes]) -> None:
        def some() -> Iterable[bytes]:
            yield next(iter(chunks))
            raise OSError(self.number, "no more")

        self.real.put(key, some())

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_upload_on_a_full_disk_is_503_and_leaves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    case = house.resident().begin()
    stored = house.runtime.settings.data_dir / "files"
    before = sorted(path for path in stored.rglob("*") if path.is_file())
    broken = dataclasses.replace(house.runtime, storage=Full(house.runtime.storage, number))
    monkeypatch.setitem(house.app.extensions, EXTENSION, broken)
    answer = case.upload(files.jpeg())
    monkeypatch.undo()
    assert problem(answer)[0] == 503
    assert int(answer.headers["Retry-After"]) >= 1
    assert case.seen()["materials"] == []
    assert sorted(path for path in stored.rglob("*") if path.is_file()) == before
    assert case.upload(files.jpeg()).status_code == 201
