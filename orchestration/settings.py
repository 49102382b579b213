"""What alerts, webhook and schedules are set to, from the environment; all that is wrong is said at once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sevdesk_report import LANGUAGES
from tap_sevdesk import inputs as tap_inputs

from orchestration.alerts.settings import Mail, Slack, read_mail, read_slack
from orchestration.environment import (
    OF_ALERTS_AND_WEBHOOK,
    OF_DBT,
    OF_SNOWFLAKE,
    ROOT,
    Environment,
    SettingsError,
    read_environment,
)
from orchestration.snowflake import account as snowflake_account
from orchestration.variables import Variables
from orchestration.watch.settings import Watch, read_watch
from orchestration.webhook.settings import Web, Webhook, read_web, read_webhook

# Settings of the tap, and what they are called in .env (meltano.yml).
OF_THE_TAP = {
    "api_token": "SEVDESK_API_KEY",
    "api_url": "SEVDESK_API_URL",
    "start_date": "SEVDESK_START_DATE",
    "requests_per_second": "SEVDESK_REQUESTS_PER_SECOND",
}
SECRETS = ("SEVDESK_API_KEY", *OF_ALERTS_AND_WEBHOOK, *OF_SNOWFLAKE, *OF_DBT)
# Without these production cannot work at all; alternatives are separated by |. Others have defaults.
NEEDED_BY_SNOWFLAKE = (
    *("SEVDESK_API_KEY", "SNOWFLAKE_ACCOUNT", "SNOWFLAKE_USER"),
    *("SNOWFLAKE_WAREHOUSE", "SNOWFLAKE_DATABASE", "SNOWFLAKE_PRIVATE_KEY|SNOWFLAKE_PASSWORD"),
)


@dataclass(frozen=True)
class Settings:
    """All settings of the orchestration. `max_age`: how old the data may get before there is an alert.

    `dagster_url` is where engineers open the UI. `language` and `company` are the report's. The
    schedules are cron expressions in Berlin time.
    """

    slack: Slack | None
    mail: Mail | None
    webhook: Webhook | None
    web: Web
    dagster_url: str
    max_age: timedelta
    hourly: str
    nightly: str
    language: str
    company: str
    watch: Watch | None = None


def read_all(root: Path = ROOT) -> tuple[Environment, Settings]:
    """Return the environment and the settings of this process, from the environment and `.env`.

    Raises SettingsError that names everything missing or malformed, one line each.
    """
    problems: list[str] = []
    environment = None
    try:
        environment = read_environment(root)
    except SettingsError as error:
        problems.append(str(error))
    problems += missing(environment, os.environ) if environment else []
    settings = read(os.environ, problems, environment.env if environment else {})
    if environment is None or problems:
        raise SettingsError("\n".join(problems))
    return environment, settings


def missing(environment: Environment, env: Mapping[str, str]) -> list[str]:
    """Return a sentence for each setting that `environment` needs and `env` lacks or has unusable."""
    if environment.warehouse != "snowflake":
        return []
    return snowflake_account.problems(env) + [
        f"{' or '.join(name.split('|'))} is missing, and MELTANO_ENVIRONMENT={environment.name} needs it. "
        "Set it in .env (.env.example says how)."
        for name in NEEDED_BY_SNOWFLAKE
        if not any(env.get(one, "").strip() for one in name.split("|"))
    ]


def read(
    env: Mapping[str, str], problems: list[str], of_environment: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings in `env`; what is missing or malformed is added to `problems`, by name.

    `of_environment` are the variables of the environment in `meltano.yml`.
    """
    source = Variables(env, problems)
    _check_by_tap(source)
    return Settings(
        slack=read_slack(source),
        mail=read_mail(source),
        webhook=read_webhook(source),
        web=read_web(source),
        dagster_url=source.url("DAGSTER_URL", "http://127.0.0.1:3000").rstrip("/"),
        max_age=timedelta(minutes=source.number("DATA_MAX_AGE_MINUTES", 180, 1, 100_000)),
        hourly=source.cron("HOURLY_CRON", "0 * * * *"),
        nightly=source.cron("NIGHTLY_CRON", "30 2 * * *"),
        language=source.choice("REPORT_LANGUAGE", LANGUAGES),
        company=source.text("COMPANY_NAME"),
        watch=read_watch(source, of_environment or {}),
    )


def as_in_env(sentence: str) -> str:
    """Return a sentence of the tap with its settings called as in .env, where the user has them."""
    for setting, variable in OF_THE_TAP.items():
        sentence = sentence.replace(setting, variable)
    return sentence


def _check_by_tap(source: Variables) -> None:
    """Have the tap check what Meltano hands to it, so that it is refused before anything runs."""
    given = {setting: source.text(variable) for setting, variable in OF_THE_TAP.items()}
    given["api_token"] = given["api_token"] or "0" * 32  # it may be missing: the sandbox has one
    known = tap_inputs.SETTINGS["properties"]
    found = tap_inputs.problems(tap_inputs.normalise(given, known), known, (), datetime.now(UTC))
    source.problems.extend(map(as_in_env, found))
