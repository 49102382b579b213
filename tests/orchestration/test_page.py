"""The page of a run that failed: what finance reads there, and what is left to the engineers."""

import pytest

from orchestration import page


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (
            "9 of 10 documents are no longer listed: nothing is published. If so, run `make accept-deletes`.",
            "9 of 10 documents are no longer listed: nothing is published.",
        ),
        (
            "The token is of account 2. Nothing was read. Use another one (in this project: make reset).",
            "The token is of account 2. Nothing was read.",
        ),
        ("sevDesk does not answer.", "sevDesk does not answer."),
        ("Run `make install`.", "The latest update failed."),
        ("", "The latest update failed."),
    ],
)
def test_a_reason_for_finance_names_no_command(reason: str, told: str) -> None:
    assert page.without_commands(reason) == told
