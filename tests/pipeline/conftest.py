"""Projects to run: one just cloned, and one that has run once before. Each test changes a copy of its own."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

import pytest
from sevdesk_sandbox import Sandbox

from orchestration import build_state, warehouse
from tests.helpers.pipeline_project import LOCAL, Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SEED, NOON = 3, "2026-06-30T12:00:00+00:00"


@dataclass(frozen=True)
class FirstRun:
    """How the first run in a fresh clone ended, the project that it left, and the home folder that it had."""

    code: int
    printed: str
    project: Path
    home: Path


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the project of a test is while it runs; no two of one process run at once.

    dbt parses anew where the warehouse has another path, which is a quarter of a first run.
    """
    return tmp_path_factory.mktemp("place").resolve() / "project"


@pytest.fixture(scope="session")
def cloned(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a clone whose dbt part is parsed, to be copied to the place."""
    folder = tmp_path_factory.mktemp("cloned") / "project"
    Project.clone_to(place).parse().folder.rename(folder)
    return folder


@contextmanager
def copied(source: Path, place: Path, end: Path) -> Iterator[Project]:
    """Have a copy of `source` at the place; it ends as `end`, for whoever looks why a test failed."""
    shutil.copytree(source, place)
    try:
        yield Project(place)
    finally:
        place.rename(end)


@pytest.fixture
def project(cloned: Path, place: Path, tmp_path: Path) -> Iterator[Project]:
    """Return a project as just cloned."""
    with copied(cloned, place, tmp_path / "project") as project:
        yield project


@pytest.fixture(scope="session")
def first_run_of(
    cloned: Path, place: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], FirstRun]:
    """Return what runs a fresh clone, once for each day: on another one a run builds for no other reason."""

    @cache
    def first_run_of(day: str) -> FirstRun:
        folder = tmp_path_factory.mktemp(day)
        (home := folder / "home").mkdir()
        with (
            copied(cloned, place, folder / "project") as project,
            Sandbox(seed=SEED, now=NOON) as sandbox,
        ):
            code, printed = project.job("hourly", sandbox, HOME=str(home))
        return FirstRun(code, printed, folder / "project", home)

    return first_run_of


@pytest.fixture
def first_run(first_run_of: Callable[[str], FirstRun]) -> FirstRun:
    """Return the first run of today, over the books of `SEED` at `NOON`; not to be changed."""
    return first_run_of(build_state.day(datetime.now(UTC)))


@pytest.fixture
def project_run_once(first_run: FirstRun, place: Path, tmp_path: Path) -> Iterator[Project]:
    """Return a project that has run once, over the books of `SEED` at `NOON`."""
    assert first_run.code == 0, first_run.printed
    with copied(first_run.project, place, tmp_path / "project") as project:
        # a copied warehouse is another file, which a run would not trust to hold what was read before
        state = build_state.load(file := project.folder / ".dagster" / "build_state.local.json")
        assert state.warehouse == identity(Project(first_run.project))
        build_state.save(file, replace(state, warehouse=identity(project)))
        yield project


def identity(project: Project) -> str | None:
    """Return as what a run knows the warehouse of `project`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warehouse, "WAREHOUSE", project.warehouse)
        return warehouse.identity(LOCAL, {})
