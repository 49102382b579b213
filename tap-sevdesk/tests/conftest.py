"""What is emitted is tested on both ways to a message, the fast one and the SDK's; and no test waits."""

from typing import Any

import pytest
import responses

BOTH_WAYS = {
    "test_extractions",
    "test_faults",
    "test_positions",
    "test_singer",
    "test_surprises",
    "test_typed",
    "test_unreadable_rows",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.module.__name__ in BOTH_WAYS:
        metafunc.parametrize("way", ["fast", "by the SDK"], indirect=True)


@pytest.fixture(autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the way that the SDK offers, if the test is to be run on it."""
    if getattr(request, "param", "fast") == "by the SDK":
        monkeypatch.setattr("tap_sevdesk.stream.is_unmapped", lambda _: False)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Do not sleep; remember for how long one would have."""
    waits: list[float] = []
    monkeypatch.setattr("tap_sevdesk.client.sleep", waits.append)
    return waits


@pytest.fixture
def server() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock
