"""A Dagster history with a channel in Slack."""

from collections.abc import Iterator
from functools import partial

import dagster as dg
import pytest

from orchestration.alerts.channels import send_to_slack
from orchestration.alerts.settings import Slack
from tests.helpers.alert_history import History
from tests.helpers.alert_servers import Box


@pytest.fixture
def history(slack: tuple[Slack, Box]) -> Iterator[History]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield History(instance, partial(send_to_slack, slack[0]))


@pytest.fixture
def box(slack: tuple[Slack, Box]) -> Box:
    return slack[1]
