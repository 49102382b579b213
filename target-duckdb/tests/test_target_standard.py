"""The singer-sdk's own suite of what a target must take."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from singer_sdk.testing import get_target_test_class

from sevdesk_target_duckdb.target import TargetDuckDB
from sevdesk_target_duckdb.warehouse import Warehouse


class Target(TargetDuckDB):
    """Remembers its files, which the suite keeps open till Python ends, when DuckDB complains."""

    opened: ClassVar[list[Warehouse]] = []

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.opened.append(self.warehouse)


@pytest.fixture(autouse=True)
def own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test loads into a file of its own: DuckDB lets one process at a time open a file."""
    monkeypatch.chdir(tmp_path)
    yield
    for warehouse in Target.opened:
        warehouse.close()
        del warehouse.db
    Target.opened.clear()


TestStandard = get_target_test_class(Target, config={"path": "standard.duckdb"})
