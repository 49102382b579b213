"""Run the tests of what the tap emits on both ways to a message, the fast one and that of the SDK."""

import pytest

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
