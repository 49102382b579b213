"""A client that asks a server which answers as a test has laid down."""

from typing import Any

from tap_sevdesk.answer import Answer
from tap_sevdesk.client import Client, Tally

TOKEN = "0123456789abcdef0123456789abcdef"
URL = "https://sevdesk.test/api/v1"
DATE = "Tue, 30 Jun 2026 12:00:00 GMT"
GOOD = {"json": {"objects": []}, "headers": {"Date": DATE}}


def client(**options: Any) -> Client:
    return Client(
        **{"api_url": URL, "token": TOKEN, "user_agent": "test", "requests_per_second": 0, **options}
    )


def get(it: Client, tally: Tally | None = None) -> Answer:
    return it.get("/Invoice", [("limit", "5")], tally or Tally())


def answered_before(server: Any, **options: Any) -> Client:
    """Return a client that has had a good answer: from then on failures concern one stream only."""
    it = client(**options)
    server.get(f"{URL}/Tag", **GOOD)
    it.get("/Tag", (), Tally())
    return it
