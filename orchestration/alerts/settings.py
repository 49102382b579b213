"""Where alerts are sent: Slack, e-mail."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from orchestration.variables import LOOPBACK, Variables

SECURITY = ("starttls", "tls", "none")


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


def read_slack(source: Variables) -> Slack | None:
    """Return the channel of Slack, if one is set."""
    if not source.text("SLACK_WEBHOOK_URL"):
        return None
    url = source.url("SLACK_WEBHOOK_URL", "")
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        what = "is a secret and must not travel unencrypted"
        source.problem("SLACK_WEBHOOK_URL", what, "Begin with https://")
    return Slack(url)


def read_mail(source: Variables) -> Mail | None:
    """Return the mail server and its recipients, if they are set."""
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
    if not (user + password).isascii():
        what = "has a letter with an accent or an umlaut, which no mail server is sure to take"
        source.problem("SMTP_USER" if password.isascii() else "SMTP_PASSWORD", what, "Choose another")
    if password and security == "none" and source.text("SMTP_HOST") not in LOOPBACK:
        what = "is none, which would send SMTP_PASSWORD unencrypted"
        source.problem("SMTP_SECURITY", what, "Use starttls or tls")
    port = source.number("SMTP_PORT", 465 if security == "tls" else 587, 1, 65535)
    return Mail(to, source.text("ALERT_EMAIL_FROM"), source.text("SMTP_HOST"), port, security, user, password)
