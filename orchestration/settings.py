"""What alerts, webhook and schedules are set to, from the environment; all that is wrong is said at once."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sevdesk_report import LANGUAGES
from tap_sevdesk import inputs as tap_inputs

from orchestration.environment import (
    OF_ALERTS_AND_WEBHOOK,
    OF_DBT,
    OF_SNOWFLAKE,
    ROOT,
    Environment,
    SettingsError,
    read_environment,
)
from orchestration.snowflake import key as snowflake_key
from orchestration.variables import Variables

SECRET_LENGTH = 24
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
SECURITY = ("starttls", "tls", "none")
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
class Slack:
    """A channel of Slack, by the address of its incoming webhook, which is a secret."""

    url: str = field(repr=False)


@dataclass(frozen=True)
class Mail:
    """A mail server and who gets alerts. `security`: STARTTLS, TLS from the start, or none."""

    to: tuple[str, ...]
    sender: str
    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Webhook:
    """The secret that callers of the webhook know."""

    secret: str = field(repr=False)


@dataclass(frozen=True)
class Web:
    """Where the small web service listens, and `url`, the address under which people open the dashboard."""

    host: str
    port: int
    url: str

    @property
    def public(self) -> str:
        """The address, where others than this machine can open it; else empty."""
        return "" if urlsplit(self.url).hostname in LOOPBACK else self.url


@dataclass(frozen=True)
class Watch:
    """How often sevDesk is asked whether anything changed, and how often a run may be started for that.

    `config` are the settings of the tap to ask with.
    """

    seconds: int
    min_minutes: int
    config: Mapping[str, str] = field(repr=False, default_factory=dict)


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
    if environment.loader != "target-snowflake":
        return []
    return _unusable_keys(env) + [
        f"{' or '.join(name.split('|'))} is missing, and MELTANO_ENVIRONMENT={environment.name} needs it. "
        "Set it in .env (.env.example says how)."
        for name in NEEDED_BY_SNOWFLAKE
        if not any(env.get(one, "").strip() for one in name.split("|"))
    ]


def _unusable_keys(env: Mapping[str, str]) -> list[str]:
    of_dbt = snowflake_key.as_dbt(env)
    problems = [] if of_dbt is env else snowflake_key.problems(of_dbt)
    own = snowflake_key.problems(env) or snowflake_key.cut_off_by_meltano(env)
    return [*own, *(snowflake_key.named_for_dbt(problem) for problem in problems)]


def read(
    env: Mapping[str, str], problems: list[str], of_environment: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings in `env`; what is missing or malformed is added to `problems`, by name.

    `of_environment` are the variables of the environment in `meltano.yml`.
    """
    source = Variables(env, problems)
    _check_by_tap(source)
    return Settings(
        slack=_slack(source),
        mail=_mail(source),
        webhook=_webhook(source),
        web=_web(source),
        dagster_url=source.url("DAGSTER_URL", "http://127.0.0.1:3000").rstrip("/"),
        max_age=timedelta(minutes=source.number("DATA_MAX_AGE_MINUTES", 180, 1, 100_000)),
        hourly=source.cron("HOURLY_CRON", "0 * * * *"),
        nightly=source.cron("NIGHTLY_CRON", "30 2 * * *"),
        language=source.choice("REPORT_LANGUAGE", LANGUAGES),
        company=source.text("COMPANY_NAME"),
        watch=_watch(source, of_environment or {}),
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


def _watch(source: Variables, of_environment: Mapping[str, str]) -> Watch | None:
    """Return how to watch sevDesk: by default every minute, but not a sandbox on this machine."""
    token = source.text("SEVDESK_API_KEY")
    url = of_environment.get("SEVDESK_API_URL") or source.text("SEVDESK_API_URL")
    own_machine = urlsplit(url).hostname in LOOPBACK if url.isascii() else False
    seconds = source.number("WATCH_SECONDS", 0 if own_machine else 60, 0, 3600)
    default = int(of_environment.get("WATCH_MIN_MINUTES", "1"))
    minutes = source.number("WATCH_MIN_MINUTES", default, 0, 1440)
    if not token or not seconds:
        return None
    pace = source.text("SEVDESK_REQUESTS_PER_SECOND")
    config = {"api_token": token, "api_url": url, "request_timeout": "10", "requests_per_second": pace}
    return Watch(seconds, minutes, {name: value for name, value in config.items() if value})


def _slack(source: Variables) -> Slack | None:
    if not source.text("SLACK_WEBHOOK_URL"):
        return None
    url = source.url("SLACK_WEBHOOK_URL", "")
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        what = "is a secret and must not travel unencrypted"
        source.problem("SLACK_WEBHOOK_URL", what, "Begin with https://")
    return Slack(url)


def _mail(source: Variables) -> Mail | None:
    names = ("ALERT_EMAIL_TO", "ALERT_EMAIL_FROM", "SMTP_HOST")
    given = [name for name in names if source.text(name)]
    if not given:
        return None
    for name in names:
        if name not in given:
            source.problem(name, f"is missing, and alerts by e-mail need it beside {' and '.join(given)}")
    to = tuple(part.strip() for part in source.text("ALERT_EMAIL_TO").split(",") if part.strip())
    for name, addresses in (("ALERT_EMAIL_TO", to), ("ALERT_EMAIL_FROM", (source.text("ALERT_EMAIL_FROM"),))):
        if not all(re.fullmatch(r"[!-?A-~]+@[!-?A-~]+", address) for address in addresses if address):
            source.problem(name, "is not an e-mail address", "Write a@b.de, several with commas between them")
    security = source.choice("SMTP_SECURITY", SECURITY)
    user, password = source.text("SMTP_USER"), source.text("SMTP_PASSWORD")
    if bool(user) != bool(password):
        lacking = "SMTP_PASSWORD" if user else "SMTP_USER"
        advice = "A login needs SMTP_USER and SMTP_PASSWORD; leave out both for none"
        source.problem(lacking, "is missing", advice)
    if password and security == "none" and source.text("SMTP_HOST") not in LOOPBACK:
        what = "is none, which would send SMTP_PASSWORD unencrypted"
        source.problem("SMTP_SECURITY", what, "Use starttls or tls")
    port = source.number("SMTP_PORT", 465 if security == "tls" else 587, 1, 65535)
    return Mail(to, source.text("ALERT_EMAIL_FROM"), source.text("SMTP_HOST"), port, security, user, password)


def _webhook(source: Variables) -> Webhook | None:
    secret = source.text("WEBHOOK_SECRET")
    if not secret:
        return None
    if len(secret) < SECRET_LENGTH or not re.fullmatch(r"[A-Za-z0-9_~.-]+", secret):
        what = f"must be {SECRET_LENGTH} or more letters and digits"
        source.problem("WEBHOOK_SECRET", what, "Make one: openssl rand -hex 32")
    return Webhook(secret)


def _web(source: Variables) -> Web:
    host = source.text("WEBHOOK_HOST") or "127.0.0.1"
    port = source.number("WEBHOOK_PORT", 8090, 1, 65535)
    return Web(host, port, source.url("DASHBOARD_URL", f"http://127.0.0.1:{port}").rstrip("/"))
