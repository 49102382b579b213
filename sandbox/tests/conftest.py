"""Sandboxes to ask, and a way to ask them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from sevdesk_sandbox import Sandbox

NOW = "2026-06-30T12:00:00+00:00"
Ask = Callable[..., requests.Response]


@pytest.fixture(scope="session")
def ask() -> Ask:
    """Send a GET: `ask(sandbox, "/Invoice", limit=2)`; parameters with brackets go into a dict."""

    def send(
        sandbox: Sandbox, path: str, more: dict[str, Any] | None = None, **params: Any
    ) -> requests.Response:
        headers = {"Authorization": sandbox.token}
        url = sandbox.url + path
        return requests.get(
            url, {**params, **(more or {})}, headers=headers, timeout=120, allow_redirects=False
        )

    return send


@pytest.fixture(scope="session")
def firm() -> Iterator[Sandbox]:
    """Serve the firm at noon of a day in June; nobody may change it."""
    with Sandbox(now=NOW) as sandbox:
        yield sandbox


@pytest.fixture
def empty() -> Iterator[Sandbox]:
    """Serve empty books."""
    with Sandbox(firm=False, now=NOW) as sandbox:
        yield sandbox
