"""Where the webhook and the dashboard are reached, and the secret of its callers."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from orchestration.variables import LOOPBACK, Variables

SECRET_LENGTH = 24


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


def read_webhook(source: Variables) -> Webhook | None:
    """Return the webhook's secret, if one is set."""
    secret = source.text("WEBHOOK_SECRET")
    if not secret:
        return None
    if len(secret) < SECRET_LENGTH or not re.fullmatch(r"[A-Za-z0-9_~.-]+", secret):
        what = f"must be {SECRET_LENGTH} or more letters and digits"
        source.problem("WEBHOOK_SECRET", what, "Make one: openssl rand -hex 32")
    return Webhook(secret)


def read_web(source: Variables) -> Web:
    """Return where the web service listens."""
    host = source.text("WEBHOOK_HOST") or "127.0.0.1"
    port = source.number("WEBHOOK_PORT", 8090, 1, 65535)
    return Web(host, port, source.url("DASHBOARD_URL", f"http://127.0.0.1:{port}").rstrip("/"))
