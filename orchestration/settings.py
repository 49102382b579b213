"""What alerts, webhook and schedules are set to, from the environment; what is wrong is told all together."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sevdesk_report import LANGUAGES

from orchestration.environment import (
    OF_ALERTS_AND_WEBHOOK,
    OF_SNOWFLAKE,
    ROOT,
    SettingsError,
    World,
    read_world,
)
from orchestration.snowflake import key as snowflake_key

SECRET_LENGTH = 24
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
SECURITY = ("starttls", "tls", "none")
SECRETS = ("SEVDESK_API_KEY", *OF_ALERTS_AND_WEBHOOK, *OF_SNOWFLAKE)
# Without these a world cannot work at all; alternatives are separated by |. Others have defaults.
NEEDED_BY = {
    "target-snowflake": (
        *("SEVDESK_API_KEY", "SNOWFLAKE_ACCOUNT", "SNOWFLAKE_USER"),
        *("SNOWFLAKE_WAREHOUSE", "SNOWFLAKE_DATABASE", "SNOWFLAKE_PRIVATE_KEY|SNOWFLAKE_PASSWORD"),
    )
}


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
    """All settings of the orchestration. `max_age`: how old the data may get before somebody is told.

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


def read_all(root: Path = ROOT) -> tuple[World, Settings]:
    """Return the world and the settings of this process, from the environment and `.env`.

    Raises SettingsError that names everything missing or malformed, one line each.
    """
    problems: list[str] = []
    world = None
    try:
        world = read_world(root)
    except SettingsError as error:
        problems.append(str(error))
    problems += missing(world, os.environ) if world else []
    settings = read(os.environ, problems, world.env if world else {})
    if world is None or problems:
        raise SettingsError("\n".join(problems))
    return world, settings


def missing(world: World, env: Mapping[str, str]) -> list[str]:
    """Return a sentence for each setting that `world` cannot do without and `env` lacks or has unusable."""
    names = NEEDED_BY.get(world.loader, ())
    lacking = [name for name in names if not any(env.get(one, "").strip() for one in name.split("|"))]
    unusable = snowflake_key.problems(env) if world.loader == "target-snowflake" else []
    return unusable + [
        f"{' or '.join(name.split('|'))} is missing, and MELTANO_ENVIRONMENT={world.name} needs it. "
        "Set it in .env (.env.example says how)."
        for name in lacking
    ]


def read(
    env: Mapping[str, str], problems: list[str], of_environment: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings in `env`; what is missing or malformed is added to `problems`, by name.

    `of_environment` are the variables of the environment in `meltano.yml`.
    """
    source = _Source(env, problems)
    _sevdesk(source)
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


def _sevdesk(source: "_Source") -> None:
    """Look at what Meltano hands to the tap, which would complain too, but not before it runs."""
    if source.text("SEVDESK_API_URL"):
        source.url("SEVDESK_API_URL", "")
    pace, start = source.text("SEVDESK_REQUESTS_PER_SECOND"), source.text("SEVDESK_START_DATE")
    if pace and not re.fullmatch(r"\d+(\.\d+)?", pace, re.ASCII):
        source.problem("SEVDESK_REQUESTS_PER_SECOND", f"is '{pace}'", "Set it to a number, 0 for no limit")
    try:
        datetime.fromisoformat(start or "2024-01-31")
    except ValueError:
        source.problem("SEVDESK_START_DATE", f"is '{start}'", "Write a day like 2024-01-31")


def _watch(source: "_Source", of_environment: Mapping[str, str]) -> Watch | None:
    """Return how to watch sevDesk: by default every minute, but not a sandbox on this machine."""
    token = source.text("SEVDESK_API_KEY")
    url = of_environment.get("SEVDESK_API_URL") or source.text("SEVDESK_API_URL")
    own_machine = urlsplit(url).hostname in LOOPBACK if url.isascii() else False
    seconds = source.number("WATCH_SECONDS", 0 if own_machine else 60, 0, 3600)
    default = int(of_environment.get("WATCH_MIN_MINUTES", "1"))
    minutes = source.number("WATCH_MIN_MINUTES", default, 0, 1440)
    if not token or not seconds:
        return None
    given = {"api_token": token, "api_url": url, "request_timeout": "10"}
    given["requests_per_second"] = source.text("SEVDESK_REQUESTS_PER_SECOND")
    return Watch(seconds, minutes, {name: value for name, value in given.items() if value})


def _slack(source: "_Source") -> Slack | None:
    if not source.text("SLACK_WEBHOOK_URL"):
        return None
    url = source.url("SLACK_WEBHOOK_URL", "")
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        source.problem(
            "SLACK_WEBHOOK_URL", "is a secret and must not travel unencrypted", "Begin with https://"
        )
    return Slack(url)


def _mail(source: "_Source") -> Mail | None:
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
    security = source.text("SMTP_SECURITY") or "starttls"
    if security not in SECURITY:
        source.problem("SMTP_SECURITY", f"is '{security}'", f"Set it to {', '.join(SECURITY)}")
    user, password = source.text("SMTP_USER"), source.text("SMTP_PASSWORD")
    if bool(user) != bool(password):
        lacking = "SMTP_PASSWORD" if user else "SMTP_USER"
        source.problem(
            lacking, "is missing", "A login needs SMTP_USER and SMTP_PASSWORD; leave out both for none"
        )
    if password and security == "none" and source.text("SMTP_HOST") not in LOOPBACK:
        source.problem(
            "SMTP_SECURITY", "is none, which would send SMTP_PASSWORD unencrypted", "Use starttls or tls"
        )
    port = source.number("SMTP_PORT", 465 if security == "tls" else 587, 1, 65535)
    return Mail(to, source.text("ALERT_EMAIL_FROM"), source.text("SMTP_HOST"), port, security, user, password)


def _webhook(source: "_Source") -> Webhook | None:
    secret = source.text("WEBHOOK_SECRET")
    if not secret:
        return None
    if len(secret) < SECRET_LENGTH or not re.fullmatch(r"[A-Za-z0-9_~.-]+", secret):
        what = f"must be {SECRET_LENGTH} or more letters and digits"
        source.problem("WEBHOOK_SECRET", what, "Make one: openssl rand -hex 32")
    return Webhook(secret)


def _web(source: "_Source") -> Web:
    host = source.text("WEBHOOK_HOST") or "127.0.0.1"
    port = source.number("WEBHOOK_PORT", 8090, 1, 65535)
    return Web(host, port, source.url("DASHBOARD_URL", f"http://127.0.0.1:{port}").rstrip("/"))


@dataclass(frozen=True)
class _Source:
    """The environment, and where complaints about it go. No complaint repeats the value of a secret."""

    env: Mapping[str, str]
    problems: list[str]

    def problem(self, name: str, what: str, advice: str = "Set it in .env (.env.example says how)") -> None:
        self.problems.append(f"{name} {what}. {advice}.")

    def text(self, name: str) -> str:
        return self.env.get(name, "").strip()

    def number(self, name: str, default: int, least: int, most: int) -> int:
        text = self.text(name) or str(default)
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            self.problem(name, f"is '{text}'", f"Set it to a whole number from {least} to {most}")
            return default
        return int(text)

    def choice(self, name: str, choices: Sequence[str]) -> str:
        text = self.text(name) or choices[0]
        if text not in choices:
            self.problem(name, f"is '{text}'", f"Set it to {' or '.join(choices)}")
        return text

    def url(self, name: str, default: str) -> str:
        text = self.text(name) or default
        try:
            parts = urlsplit(text)
            usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            usable = False
        if not usable or re.search(r"[^!-~]", text):
            self.problem(name, "is not an address of the web", "Write it whole, from https:// on")
        return text

    def cron(self, name: str, default: str) -> str:
        from dagster._utils.schedules import is_valid_cron_schedule  # noqa: PLC0415 - slow to import

        text = self.text(name) or default
        if not is_valid_cron_schedule(text):
            self.problem(name, f"is '{text}', no cron expression", f"Write minute, hour, ...: {default}")
        return text
