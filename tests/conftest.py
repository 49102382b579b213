"""Slack and mail servers for whoever asks for them."""

from collections.abc import Iterator

import pytest

from orchestration.alerts.settings import Mail, Slack
from tests.helpers.alert_servers import Box, Letters, mail_server, slack_server


@pytest.fixture
def slack() -> Iterator[tuple[Slack, Box]]:
    with slack_server() as served:
        yield served


@pytest.fixture
def post() -> Iterator[tuple[Mail, Letters]]:
    with mail_server() as served:
        yield served
