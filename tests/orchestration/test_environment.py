"""Which world a run is in, and who holds the lock."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.__main__ import main
from orchestration.environment import SettingsError, World, child_environment, read_world
from orchestration.meltano.lock import BusyError, only_one

MELTANO_YML = """
default_environment: local
environments:
- {name: local, env: {LOADER: target-duckdb}}
- {name: prod, env: {LOADER: target-snowflake}}
- {name: empty}
"""


@pytest.fixture(autouse=True)
def no_world_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MELTANO_ENVIRONMENT", "")  # .env may set it: undone after the test
    monkeypatch.delenv("MELTANO_ENVIRONMENT")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "meltano.yml").write_text(MELTANO_YML)
    return tmp_path


class TestWorld:
    def test_without_a_choice_it_is_the_default_of_meltano_yml(self, root: Path) -> None:
        assert read_world(root) == World("local", "target-duckdb")

    def test_it_can_be_chosen_in_the_environment(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MELTANO_ENVIRONMENT", "prod")
        assert read_world(root) == World("prod", "target-snowflake")

    def test_it_can_be_chosen_in_dotenv(self, root: Path) -> None:
        (root / ".env").write_text("MELTANO_ENVIRONMENT=prod\n")
        assert read_world(root).name == "prod"

    def test_the_environment_wins_over_dotenv(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (root / ".env").write_text("MELTANO_ENVIRONMENT=prod\n")
        monkeypatch.setenv("MELTANO_ENVIRONMENT", "local")
        assert read_world(root).name == "local"

    @pytest.mark.parametrize(
        ("name", "told"),
        [
            ("production", "Set it to local or prod or empty"),
            ("empty", "names no loader. Add `env: {LOADER: ...}`"),
        ],
    )
    def test_a_wrong_choice_is_told(
        self, root: Path, monkeypatch: pytest.MonkeyPatch, name: str, told: str
    ) -> None:
        monkeypatch.setenv("MELTANO_ENVIRONMENT", name)
        with pytest.raises(SettingsError, match=told):
            read_world(root)

    def test_a_broken_meltano_yml_is_told_with_its_line(self, root: Path) -> None:
        (root / "meltano.yml").write_text("a: 1\nb: [\n")
        with pytest.raises(SettingsError, match=r"meltano\.yml is not YAML, line 3"):
            read_world(root)

    def test_children_find_the_programs_of_this_python_and_the_world(self) -> None:
        environment = child_environment(World("prod", "target-snowflake"), EXTRA="1")
        assert environment["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
        assert (environment["MELTANO_ENVIRONMENT"], environment["EXTRA"]) == ("prod", "1")


class TestLock:
    def test_only_one_has_it(self, tmp_path: Path) -> None:
        with only_one(tmp_path / "lock"), pytest.raises(BusyError), only_one(tmp_path / "lock"):
            pass

    def test_a_child_that_was_given_it_keeps_it_when_we_let_go(self, tmp_path: Path) -> None:
        with only_one(tmp_path / "lock") as file:
            waiting = [sys.executable, "-c", "input()"]
            holder = subprocess.Popen(waiting, stdin=subprocess.PIPE, pass_fds=[file])
        with pytest.raises(BusyError), only_one(tmp_path / "lock"):
            pass
        holder.communicate(b"\n")
        with only_one(tmp_path / "lock"):
            pass


def test_a_job_that_does_not_exist_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["weekly"]) == 1
    assert capsys.readouterr().err == "\nError: There is no job 'weekly'. Say `hourly` or `nightly`.\n"


def test_while_one_runs_a_second_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with only_one(tmp_path / "foreground.lock"):
        assert main([]) == 1
    assert "Another run is still going on in this folder." in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "file"))
    assert main([]) == 1
    assert "Mend its folder or permissions and run again." in capsys.readouterr().err
