"""Slack and mail servers for whoever asks for them; and what takes long comes first."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.alerts.settings import Mail, Slack
from tests.helpers.alert_servers import Box, Letters, mail_server, slack_server

HERE = Path(__file__).parent
LONG = (HERE / "pipeline", HERE / "snowflake", HERE / "transform")  # the longest first


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with what takes long: last, one worker would be at it while the others have nothing to do."""
    items.sort(key=lambda item: [part not in item.path.parents for part in LONG])


@pytest.fixture
def slack() -> Iterator[tuple[Slack, Box]]:
    with slack_server() as served:
        yield served


@pytest.fixture
def post() -> Iterator[tuple[Mail, Letters]]:
    with mail_server() as served:
        yield served
