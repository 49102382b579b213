"""`make doctor`: a line for each part, good, off, or bad with what to do; it sends only if asked to."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from sevdesk_sandbox import Sandbox

from orchestration.doctor import snowflake as doctor_snowflake
from orchestration.environment import ROOT
from tests.helpers.alert_servers import Box, Letters, free_port
from tests.helpers.snowflake_stand_in import grants
from tests.helpers.snowflake_stand_in.account import StandIn, stand_in
from tests.helpers.snowflake_stand_in.install import install

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from orchestration.alerts.settings import Mail, Slack

KEPT = {"HOME", "LANG", "SSL_CERT_FILE", "TMPDIR", "PATH"}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with stand_in(install(), tmp_path_factory.mktemp("account") / "statements.jsonl") as account:
        yield account


@pytest.fixture
def healthy(account: StandIn) -> StandIn:
    account.refuse()
    account.grant(grants.granted())
    return account


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=1, now=None) as sandbox:
        yield sandbox


class Answer:
    """What the doctor printed, by part, and its exit code."""

    def __init__(self, *options: str, **settings: str) -> None:
        env = {name: value for name, value in os.environ.items() if name in KEPT} | settings
        done = subprocess.run(
            [sys.executable, "-m", "orchestration.doctor", *options],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr == ""
        self.exit_code = done.returncode
        self.printed = done.stdout
        self.rows = re.findall(r"^(good|bad|off) +(.+?)  +(.*)$", done.stdout, re.MULTILINE)

    def of(self, part: str) -> tuple[str, str]:
        """Return state and text of the one line of `part`."""
        ((state, text),) = [(state, text) for state, what, text in self.rows if what == part]
        return state, text

    @property
    def bad(self) -> list[str]:
        return [what for state, what, _ in self.rows if state == "bad"]


def real(sandbox: Sandbox, **more: str) -> dict[str, str]:
    return {"SEVDESK_API_KEY": sandbox.token, "SEVDESK_API_URL": sandbox.url} | more


def prod(account: StandIn, **more: str) -> dict[str, str]:
    """Return the settings of production, without a sevDesk: that key is missing, and said so."""
    return account.environment | {"MELTANO_ENVIRONMENT": "prod"} | more


class TestNothingConfigured:
    def test_all_is_good_or_off(self, tmp_path: Path) -> None:
        answer = Answer(WAREHOUSE_PATH=str(tmp_path / "warehouse.duckdb"))
        assert (answer.exit_code, answer.bad) == (0, [])
        assert answer.of("sevDesk")[0] == answer.of("Slack")[0] == answer.of("mail")[0] == "off"
        assert answer.printed.endswith("All is well.\n")

    def test_an_unknown_environment_is_reported_before_all(self) -> None:
        answer = Answer(MELTANO_ENVIRONMENT="production")
        assert answer.exit_code == 1
        assert "Set it to local or prod" in answer.of("environment")[1]

    def test_a_broken_or_locked_warehouse_is_bad(self, tmp_path: Path) -> None:
        (tmp_path / "warehouse.duckdb").write_text("no database")
        answer = Answer(WAREHOUSE_PATH=str(tmp_path / "warehouse.duckdb"))
        assert (answer.exit_code, answer.bad) == (1, ["warehouse"])
        assert "make nightly" in answer.of("warehouse")[1]

    def test_a_dagster_home_without_its_rules_is_bad(self, tmp_path: Path) -> None:
        assert Answer(DAGSTER_HOME=str(tmp_path)).bad == ["Dagster home"]

    def test_a_damaged_history_is_bad(self, tmp_path: Path) -> None:
        shutil.copy(ROOT / ".dagster" / "dagster.yaml", tmp_path)
        (tmp_path / "history" / "runs").mkdir(parents=True)
        (tmp_path / "history" / "runs" / "index.db").write_bytes(b"no database" * 100)
        answer = Answer(DAGSTER_HOME=str(tmp_path))
        assert answer.bad == ["Dagster home"]
        assert "move the folder `history` away" in answer.of("Dagster home")[1]

    def test_bookmarks_are_where_the_setting_says(self) -> None:
        where = Answer(MELTANO_STATE_BACKEND_URI="s3://key:secret@bucket/state")
        assert where.of("bookmarks") == ("good", "where MELTANO_STATE_BACKEND_URI says, s3://")

    def test_a_terminal_that_lacks_a_sign_gets_another(self) -> None:
        assert "sevDesk ? duckdb" in Answer(PYTHONIOENCODING="latin-1").of("environment")[1]


class TestSevDesk:
    def test_the_token_and_the_system_are_looked_at(self, sandbox: Sandbox) -> None:
        answer = Answer(**real(sandbox))
        assert (answer.exit_code, answer.bad) == (0, [])
        works = (
            "The API token works; the account uses bookkeeping system 2.0. `make probe` says how it answers"
        )
        assert answer.of("sevDesk")[1].startswith(works)

    def test_a_refused_token_is_bad_and_stays_secret(self, sandbox: Sandbox) -> None:
        answer = Answer(**real(sandbox, SEVDESK_API_KEY="f" * 32))
        state, text = answer.of("sevDesk")
        assert (state, answer.exit_code) == ("bad", 1)
        assert "401" in text
        assert "SEVDESK_API_KEY" in text
        assert "f" * 32 not in answer.printed


class TestSlackAndMail:
    def test_nothing_is_sent_unless_asked_for(
        self, slack: tuple[Slack, Box], post: tuple[Mail, Letters]
    ) -> None:
        settings = {
            "SLACK_WEBHOOK_URL": slack[0].url,
            "ALERT_EMAIL_TO": "finance@example.com",
            "ALERT_EMAIL_FROM": "pipeline@example.com",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(post[0].port),
            "SMTP_SECURITY": "none",
        }
        login = {"SMTP_USER": "pipeline", "SMTP_PASSWORD": "right"}
        assert Answer(**settings, **login).bad == []
        assert slack[1].texts == post[1].letters == []

        wrong = Answer(**settings, **login | {"SMTP_PASSWORD": "wrong"})
        assert wrong.bad == ["mail"]
        assert "code 535" in wrong.of("mail")[1]

        assert Answer("--send", **settings, **login).bad == []
        assert len(slack[1].texts) == len(post[1].letters) == 1
        slack[1].status = 404
        refused = Answer("--send", **settings, **login)
        assert refused.bad == ["Slack"]
        assert "Check SLACK_WEBHOOK_URL" in refused.of("Slack")[1]
        assert "sEcReT" not in refused.printed

    def test_an_address_that_the_mail_server_refuses_is_named(self, post: tuple[Mail, Letters]) -> None:
        """The letter goes to the others, so no alert fails of it."""
        settings = {
            "ALERT_EMAIL_TO": "finance@example.com, nobody@example.com",
            "ALERT_EMAIL_FROM": "pipeline@example.com",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(post[0].port),
            "SMTP_SECURITY": "none",
        }
        answer = Answer("--send", **settings)
        assert answer.bad == ["mail"]
        assert answer.of("mail")[1].endswith(
            " a letter was sent, but not to nobody@example.com, which the mail server refused. "
            "Check ALERT_EMAIL_TO."
        )
        assert len(post[1].letters) == 1

    def test_a_mail_server_that_is_away_and_a_malformed_setting_are_reported(self) -> None:
        mail = {"ALERT_EMAIL_TO": "a@x.de", "ALERT_EMAIL_FROM": "b@x.de", "SMTP_HOST": "127.0.0.1"}
        assert "ConnectionRefusedError" in Answer(**mail, SMTP_PORT=str(free_port())).of("mail")[1]
        answer = Answer(**mail, SMTP_PORT="many", WEBHOOK_SECRET="short")
        assert answer.bad == ["mail", "webhook"]


class TestSnowflake:
    def test_all_is_good_with_what_setup_sql_grants(self, healthy: StandIn) -> None:
        answer = Answer(**prod(healthy, SEVDESK_API_KEY=""))
        assert answer.bad == ["sevDesk"]  # production needs a key
        assert answer.of("Snowflake loader") == ("good", "SEVDESK_PIPELINE signs in as LOADER")
        assert answer.of("Snowflake dbt") == ("good", "SEVDESK_PIPELINE signs in as TRANSFORMER")
        assert answer.of("warehouse SEVDESK") == ("good", "computes")

    def test_it_needs_exactly_what_setup_sql_grants(self) -> None:
        env: dict[str, str] = {}
        needed = {
            "LOADER": doctor_snowflake.needed_by_loader(env, "SEVDESK"),
            "TRANSFORMER": doctor_snowflake.needed_by_dbt(env, "SEVDESK"),
        }
        for role, what in needed.items():
            assert what == {
                (privilege, on.replace("FUTURE TABLES IN SCHEMA", "FUTURE TABLE"))
                for one, privilege, on in grants.granted()
                if one == role and not on.startswith("ALL ")
            }

    @pytest.mark.parametrize("lost", [("LOADER", "CREATE TABLE"), ("TRANSFORMER", "SELECT")])
    def test_a_missing_grant_is_named(self, healthy: StandIn, lost: tuple[str, str]) -> None:
        role, privilege = lost
        healthy.grant([grant for grant in grants.granted() if grant[:2] != lost])
        state, text = Answer(**prod(healthy)).of(f"grants of {role}")
        assert state == "bad"
        assert text.startswith(f"→ {privilege} on ")
        assert "Run snowflake/setup.sql" in text

    def test_owning_is_as_good_as_each_grant(self, healthy: StandIn) -> None:
        mine = [grant for grant in grants.granted() if grant[2] != "SCHEMA SEVDESK.RAW"]
        healthy.grant([*mine, ("LOADER", "OWNERSHIP", "SCHEMA SEVDESK.RAW")])
        assert Answer(**prod(healthy)).of("grants of LOADER")[0] == "good"

    def test_dbt_that_could_write_raw_is_bad(self, healthy: StandIn) -> None:
        healthy.grant([*grants.granted(), ("TRANSFORMER", "CREATE TABLE", "SCHEMA SEVDESK.RAW")])
        state, text = Answer(**prod(healthy)).of("RAW for TRANSFORMER")
        assert state == "bad"
        assert "revoke CREATE TABLE on SCHEMA SEVDESK.RAW" in text

    @pytest.mark.parametrize(
        ("refusal", "part", "named"),
        [
            ({"code": "390144", "message": "JWT token is invalid."}, "loader", "PRIVATE_KEY"),
            ({"status": 404}, "loader", "SNOWFLAKE_ACCOUNT"),
            (
                {"role": "TRANSFORMER", "code": "390189", "message": "Role specified"},
                "dbt",
                "SNOWFLAKE_DBT_ROLE",
            ),
        ],
    )
    def test_a_refused_sign_in_names_the_setting(
        self, healthy: StandIn, refusal: dict[str, Any], part: str, named: str
    ) -> None:
        healthy.refuse({"at": "^sign in"} | refusal)
        answer = Answer(**prod(healthy))
        state, text = answer.of(f"Snowflake {part}")
        assert state == "bad"
        assert named in text

    def test_a_stopped_warehouse_is_reported_although_all_grants_are_there(self, healthy: StandIn) -> None:
        words = (
            "Warehouse 'SEVDESK' cannot be resumed because resource monitor 'SEVDESK' has exceeded its quota."
        )
        healthy.refuse({"at": "count", "code": "90073", "state": "22000", "message": words})
        answer = Answer(**prod(healthy))
        assert "credit_quota" in answer.of("warehouse SEVDESK")[1]
        assert answer.of("grants of LOADER")[0] == "good"

    def test_an_unusable_key_is_reported_and_nothing_is_sent(self, healthy: StandIn) -> None:
        before = len(healthy.logins())
        answer = Answer(**prod(healthy, SNOWFLAKE_PRIVATE_KEY_PASSPHRASE="wrong"))
        assert "not the passphrase" in answer.of("warehouse")[1]
        assert len(healthy.logins()) == before

    def test_a_password_does_as_well(self, healthy: StandIn) -> None:
        given = {"SNOWFLAKE_PRIVATE_KEY": "", "SNOWFLAKE_PASSWORD": "token"}
        assert Answer(**prod(healthy, **given)).of("Snowflake loader")[0] == "good"
        assert healthy.logins()[-1]["PASSWORD"] == "token"
