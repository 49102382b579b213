"""Which environment a run is in, and who holds the lock."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from orchestration.__main__ import main
from orchestration.environment import (
    OF_SNOWFLAKE,
    Environment,
    SettingsError,
    child_environment,
    read_environment,
)
from orchestration.meltano.lock import BusyError, only_one
from orchestration.settings import SECRETS

MELTANO_YML = """
default_environment: local
environments:
- {name: local, env: {LOADER: target-duckdb}}
- {name: prod, env: {LOADER: target-snowflake}}
- {name: empty}
"""


@pytest.fixture(autouse=True)
def no_environment_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MELTANO_ENVIRONMENT", "")  # .env may set it: undone after the test
    monkeypatch.delenv("MELTANO_ENVIRONMENT")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "meltano.yml").write_text(MELTANO_YML)
    return tmp_path


class TestEnvFile:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
    def test_it_is_utf_8_with_or_without_the_mark_of_windows(
        self, root: Path, encoding: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("MELTANO_ENVIRONMENT", raising=False)
        (root / ".env").write_text("MELTANO_ENVIRONMENT=nowhere\n# für uns\n", encoding=encoding)
        with pytest.raises(SettingsError, match="'nowhere'"):
            read_environment(root)

    @pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le"])
    def test_another_encoding_is_named(self, root: Path, encoding: str) -> None:
        (root / ".env").write_text("SMTP_USER=Jürgen\n", encoding=encoding)
        with pytest.raises(SettingsError, match="not UTF-8 text"):
            read_environment(root)

    def test_what_is_written_from_then_on_is_for_its_user_only(self, root: Path) -> None:
        before = os.umask(0o022)
        try:
            (root / "output").mkdir()
            read_environment(root)
            (root / "report.html").touch()
        finally:
            os.umask(before)
        assert (root / "output").stat().st_mode & 0o777 == 0o700
        assert (root / "report.html").stat().st_mode & 0o777 == 0o600


class TestEnvironment:
    def test_without_a_choice_it_is_the_default_of_meltano_yml(self, root: Path) -> None:
        assert read_environment(root) == Environment("local", "target-duckdb")

    def test_it_can_be_chosen_in_the_environment(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MELTANO_ENVIRONMENT", "prod")
        assert read_environment(root) == Environment("prod", "target-snowflake")

    def test_it_can_be_chosen_in_dotenv(self, root: Path) -> None:
        (root / ".env").write_text("MELTANO_ENVIRONMENT=prod\n")
        assert read_environment(root).name == "prod"

    def test_the_environment_wins_over_dotenv(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (root / ".env").write_text("MELTANO_ENVIRONMENT=prod\n")
        monkeypatch.setenv("MELTANO_ENVIRONMENT", "local")
        assert read_environment(root).name == "local"

    @pytest.mark.parametrize(
        ("name", "told"),
        [
            ("production", "Set it to local or prod or empty"),
            ("empty", "names no loader. Add `env: {LOADER: ...}`"),
        ],
    )
    def test_a_wrong_choice_is_reported(
        self, root: Path, monkeypatch: pytest.MonkeyPatch, name: str, told: str
    ) -> None:
        monkeypatch.setenv("MELTANO_ENVIRONMENT", name)
        with pytest.raises(SettingsError, match=told):
            read_environment(root)

    def test_a_broken_meltano_yml_is_reported_with_its_line(self, root: Path) -> None:
        (root / "meltano.yml").write_text("a: 1\nb: [\n")
        with pytest.raises(SettingsError, match=r"meltano\.yml is not YAML, line 3"):
            read_environment(root)

    def test_children_find_the_programs_of_this_python_and_the_environment(self) -> None:
        environment = child_environment(Environment("prod", "target-snowflake"), EXTRA="1")
        assert environment["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
        assert (environment["MELTANO_ENVIRONMENT"], environment["EXTRA"]) == ("prod", "1")

    @pytest.mark.parametrize("loader", ["target-duckdb", "target-snowflake"])
    def test_children_get_no_secret_that_they_have_no_use_for(
        self, monkeypatch: pytest.MonkeyPatch, loader: str
    ) -> None:
        for name in (*SECRETS, "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "secret")
        snowflakes = set(OF_SNOWFLAKE) if loader == "target-snowflake" else set()
        found = {
            name for name, text in child_environment(Environment("any", loader)).items() if text == "secret"
        }
        assert found == {"SEVDESK_API_KEY"} | snowflakes

    @pytest.mark.parametrize(
        ("bookmarks", "name"),
        [("s3://bucket", "AWS_SECRET_ACCESS_KEY"), ("snowflake://", "SNOWFLAKE_PRIVATE_KEY")],
    )
    def test_children_get_the_sign_in_of_the_place_of_bookmarks(
        self, monkeypatch: pytest.MonkeyPatch, bookmarks: str, name: str
    ) -> None:
        monkeypatch.setenv(name, "secret")
        assert name not in child_environment(Environment("local", "target-duckdb"))
        monkeypatch.setenv("MELTANO_STATE_BACKEND_URI", bookmarks)
        assert child_environment(Environment("local", "target-duckdb"))[name] == "secret"

    @pytest.mark.parametrize(
        "name",
        [
            *("HOME", "TZ", "LANG", "LC_ALL", "TMPDIR", "MELTANO_STATE_BACKEND_URI", "TAP_SEVDESK_PAGE_SIZE"),
            *("HTTPS_PROXY", "no_proxy", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "UV_CACHE_DIR", "PYTHONUTF8"),
            *("SEVDESK_START_DATE", "WAREHOUSE_PATH", "TARGET_DUCKDB_PATH"),
        ],
    )
    def test_children_get_what_a_user_may_set_for_them(
        self, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.setenv(name, "of the user")
        assert child_environment(Environment("local", "target-duckdb"))[name] == "of the user"

    @pytest.mark.parametrize("name", ["TAP_SEVDESK_LOGLEVEL", "TAP_ECB_LOGLEVEL", "MELTANO_CLI_LOG_LEVEL"])
    def test_the_log_that_numbers_are_read_from_says_no_less_but_may_say_more(
        self, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.setenv(name, "WARNING")
        assert name not in child_environment(Environment("local", "target-duckdb"))
        monkeypatch.setenv(name, "debug")
        assert child_environment(Environment("local", "target-duckdb"))[name] == "debug"


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


def test_a_job_that_does_not_exist_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["weekly"]) == 1
    assert capsys.readouterr().err == "\nError: There is no job 'weekly'. Say `hourly` or `nightly`.\n"


def test_while_one_runs_a_second_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with only_one(tmp_path / "foreground.lock"):
        assert main([]) == 1
    assert "Another run is still going on in this folder." in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "file"))
    assert main([]) == 1
    assert "Check its folder, its disk and permissions, and run again." in capsys.readouterr().err


def test_a_damaged_history_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "runs.db").write_bytes(b"no database" * 100)

    def run(*_: object) -> int:
        with closing(sqlite3.connect(tmp_path / "runs.db")) as history:
            history.execute("select 1 from runs")
        return 0

    monkeypatch.setattr("orchestration.__main__._run", run)
    assert main(["hourly"]) == 1
    told = capsys.readouterr().err
    assert "history of runs" in told
    assert "file is not a database" in told
    assert "only the list of past runs is lost" in told
