"""Settings: everything missing or malformed is told at once, by name, with what to do, and no secret."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from orchestration import settings
from orchestration.alerts.settings import Mail, Slack
from orchestration.environment import ROOT, Environment
from orchestration.settings import SECRETS, Settings, missing
from orchestration.webhook.settings import Web, Webhook

SECRET = "0123456789abcdef01234567"
MAIL = {"ALERT_EMAIL_TO": "a@x.de, b@x.de", "ALERT_EMAIL_FROM": "c@x.de", "SMTP_HOST": "mail.x.de"}


def read(**env: str) -> tuple[Settings, list[str]]:
    problems: list[str] = []
    return settings.read(env, problems), problems


def problems(**env: str) -> list[str]:
    return read(**env)[1]


def test_with_nothing_set_everything_that_can_be_off_is_off() -> None:
    assert read() == (
        Settings(
            None,
            None,
            None,
            Web("127.0.0.1", 8090, "http://127.0.0.1:8090"),
            "http://127.0.0.1:3000",
            timedelta(hours=3),
            "0 * * * *",
            "30 2 * * *",
            "de",
            "",
        ),
        [],
    )


def test_what_is_set_is_used() -> None:
    found, wrong = read(
        **MAIL,
        SEVDESK_API_URL="https://my.sevdesk.de/api/v1",
        SEVDESK_REQUESTS_PER_SECOND="0.5",
        SEVDESK_START_DATE="2024-01-01",
        SLACK_WEBHOOK_URL="https://hooks.slack.com/services/T0/B0/x",
        SMTP_SECURITY="tls",
        SMTP_USER="u",
        SMTP_PASSWORD="p",
        WEBHOOK_SECRET=SECRET,
        WEBHOOK_HOST="0.0.0.0",
        WEBHOOK_PORT="9000",
        DAGSTER_URL="https://dagster.x.de/",
        DASHBOARD_URL="https://dashboard.x.de/",
        REPORT_LANGUAGE="en",
        COMPANY_NAME="Beispiel GmbH",
        DATA_MAX_AGE_MINUTES="90",
        HOURLY_CRON="*/15 * * * *",
        NIGHTLY_CRON="0 4 * * 0",
    )
    assert wrong == []
    assert found == Settings(
        Slack("https://hooks.slack.com/services/T0/B0/x"),
        Mail(("a@x.de", "b@x.de"), "c@x.de", "mail.x.de", 465, "tls", "u", "p"),
        Webhook(SECRET),
        Web("0.0.0.0", 9000, "https://dashboard.x.de"),
        "https://dagster.x.de",
        timedelta(minutes=90),
        "*/15 * * * *",
        "0 4 * * 0",
        "en",
        "Beispiel GmbH",
    )


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"SEVDESK_API_URL": "my.sevdesk.de"}, "SEVDESK_API_URL is not an address like https://"),
        ({"SEVDESK_REQUESTS_PER_SECOND": "two"}, "SEVDESK_REQUESTS_PER_SECOND is not a number."),
        ({"SEVDESK_START_DATE": "1.1.2024"}, "SEVDESK_START_DATE is not a time like 2024-01-01T00:00:00Z."),
        ({"SEVDESK_API_KEY": "Bearer 0123"}, "SEVDESK_API_KEY begins with 'Bearer'"),
        ({"REPORT_LANGUAGE": "fr"}, "REPORT_LANGUAGE is 'fr'. Set it to de or en."),
        ({"DASHBOARD_URL": "dashboard.x.de"}, "DASHBOARD_URL is not an address of the web. Write it"),
        ({"SLACK_WEBHOOK_URL": "hooks.slack.com/x"}, "SLACK_WEBHOOK_URL is not an address of the web. Write"),
        ({"SLACK_WEBHOOK_URL": "http://hooks.slack.com/x"}, "SLACK_WEBHOOK_URL is a secret and must not"),
        ({"ALERT_EMAIL_TO": "a@x.de", "SMTP_HOST": "h"}, "ALERT_EMAIL_FROM is missing"),
        ({**MAIL, "ALERT_EMAIL_TO": "a@x.de;b@x.de"}, "ALERT_EMAIL_TO is not an e-mail address"),
        ({**MAIL, "ALERT_EMAIL_FROM": "Fin\nBcc: x@y.de"}, "ALERT_EMAIL_FROM is not an e-mail address"),
        ({**MAIL, "SMTP_PORT": "smtp"}, "SMTP_PORT is 'smtp'. Set it to a whole number from 1 to 65535."),
        ({**MAIL, "SMTP_PORT": "70000"}, "SMTP_PORT is '70000'"),
        ({**MAIL, "SMTP_SECURITY": "ssl"}, "SMTP_SECURITY is 'ssl'. Set it to starttls or tls or none."),
        ({**MAIL, "SMTP_USER": "u"}, "SMTP_PASSWORD is missing. A login needs"),
        ({**MAIL, "SMTP_USER": "u", "SMTP_PASSWORD": "grüß"}, "SMTP_PASSWORD has a letter with an accent"),
        ({**MAIL, "SMTP_USER": "jörg", "SMTP_PASSWORD": "p"}, "SMTP_USER has a letter with an accent"),
        (
            {**MAIL, "SMTP_USER": "u", "SMTP_PASSWORD": "p", "SMTP_SECURITY": "none"},
            "SMTP_SECURITY is none, which would send SMTP_PASSWORD unencrypted. Use starttls or tls.",
        ),
        (
            {"WEBHOOK_SECRET": "secret"},
            "WEBHOOK_SECRET must be 24 or more letters and digits. Make one: openssl",
        ),
        ({"WEBHOOK_SECRET": f"{SECRET}/?"}, "WEBHOOK_SECRET must be"),
        ({"WEBHOOK_PORT": "0"}, "WEBHOOK_PORT is '0'"),
        ({"DAGSTER_URL": "localhost:3000"}, "DAGSTER_URL is not an address of the web"),
        ({"DATA_MAX_AGE_MINUTES": "3h"}, "DATA_MAX_AGE_MINUTES is '3h'"),
        (
            {"HOURLY_CRON": "hourly"},
            "HOURLY_CRON is 'hourly', no cron expression. Write minute, hour, ...: 0 *",
        ),
    ],
)
def test_what_is_wrong_is_reported_by_name(env: dict[str, str], told: str) -> None:
    (problem,) = problems(**env)
    assert problem.startswith(told)


@pytest.mark.parametrize(
    ("name", "text", "usable"),
    [
        ("START_DATE", "2024-W05-1", False),
        ("START_DATE", "2024-01-31", True),
        ("REQUESTS_PER_SECOND", ".5", True),
    ],
)
def test_what_is_handed_to_the_tap_is_judged_by_the_tap(name: str, text: str, usable: bool) -> None:
    assert (problems(**{f"SEVDESK_{name}": text}) == []) == usable


def test_a_mail_server_on_this_machine_may_be_used_without_encryption() -> None:
    local = {
        **MAIL,
        "SMTP_HOST": "127.0.0.1",
        "SMTP_SECURITY": "none",
        "SMTP_USER": "u",
        "SMTP_PASSWORD": "p",
    }
    assert problems(**local) == []


def test_snowflake_needs_more_and_one_of_two_ways_to_sign_in() -> None:
    environment = Environment("prod", "target-snowflake")
    told = missing(environment, {"SNOWFLAKE_USER": "u"})
    names = ["SEVDESK_API_KEY", "SNOWFLAKE_ACCOUNT", "SNOWFLAKE_WAREHOUSE", "SNOWFLAKE_DATABASE"]
    assert [line.split(" is missing")[0] for line in told] == [
        *names,
        "SNOWFLAKE_PRIVATE_KEY or SNOWFLAKE_PASSWORD",
    ]
    assert missing(environment, dict.fromkeys([*names, "SNOWFLAKE_USER", "SNOWFLAKE_PASSWORD"], "x")) == []
    assert missing(Environment("local", "target-duckdb"), {}) == []


def test_every_setting_is_described_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text()
    source = "".join(file.read_text() for file in (ROOT / "orchestration").rglob("settings.py"))
    names = {*re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', source.replace("|", '"')), *SECRETS}
    assert {"SMTP_PORT", "WEBHOOK_SECRET", "WATCH_SECONDS", "SNOWFLAKE_PASSWORD"} <= names
    assert {name for name in names if f"#{name}=" not in example} == set()


def test_a_job_does_not_start_and_tells_all_in_one_go(tmp_path: Path) -> None:
    wrong = {"MELTANO_ENVIRONMENT": "prd", "SMTP_PORT": "x", "WEBHOOK_SECRET": "short", **MAIL}
    env = {**os.environ, "DAGSTER_HOME": str(tmp_path), **wrong}
    command = [sys.executable, "-m", "orchestration"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    assert [line.removeprefix("Error: ").split()[0] for line in lines] == [
        "MELTANO_ENVIRONMENT",
        "SMTP_PORT",
        "WEBHOOK_SECRET",
    ]
    assert "short" not in done.stderr
