"""How often sevDesk is watched for changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from orchestration.variables import LOOPBACK, Variables


@dataclass(frozen=True)
class Watch:
    """How often sevDesk is asked whether anything changed, and how often a run may be started for that.

    `config` are the settings of the tap to ask with.
    """

    seconds: int
    min_minutes: int
    config: Mapping[str, str] = field(repr=False, default_factory=dict)


def read_watch(source: Variables, of_environment: Mapping[str, str]) -> Watch | None:
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
