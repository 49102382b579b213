"""Whatever goes wrong, at whatever level: neither the token nor a customer appears in the log."""

import contextlib
import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from sevdesk_sandbox import Sandbox
from singer_sdk.logging import ConsoleFormatter, StructuredFormatter
from tap_running import NOON, run_tap

from tap_sevdesk import masking
from tap_sevdesk.tap import TapSevDesk

CUSTOMER = "Geheimnis GmbH"


@pytest.fixture(params=[ConsoleFormatter, StructuredFormatter])
def log(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Collect everything that is logged by anybody, formatted as for people or for Meltano."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(request.param())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    monkeypatch.setattr("tap_sevdesk.client.sleep", lambda _: None)
    yield text
    root.removeHandler(handler)
    root.setLevel(before)


FAULTS: dict[str, dict[str, Any]] = {
    "nothing": {"kind": "slow", "seconds": 0},
    "401": {"status": 401},
    "400": {"status": 400},
    "500": {"status": 500, "times": 0},
    "a page": {"kind": "html", "times": 0},
    "an error with 200": {"kind": "envelope"},
    "a redirect": {"kind": "redirect"},
    "half a body": {"kind": "truncated", "times": 0},
    "broken JSON": {"kind": "invalid", "times": 0},
    "a reset": {"kind": "reset", "times": 0},
}


@pytest.mark.parametrize("kind", FAULTS)
def test_no_failure_tells_the_token_or_a_customer(log: io.StringIO, kind: str) -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        for i in range(30):
            sandbox.books.put("Contact", {"id": str(i), "name": CUSTOMER, "secret": CUSTOMER})
        sandbox.fail(path="/Contact", nth=2, **FAULTS[kind])
        run = run_tap(sandbox, "contacts", page_size=10)
        assert bool(run.error) == (kind != "nothing")
        assert "/api/v1/Contact" in log.getvalue()  # it is at DEBUG that all of this holds
        assert sandbox.token not in log.getvalue()
        assert CUSTOMER not in log.getvalue()
        assert sandbox.token not in str(run.error)
        assert sandbox.token not in str(run.messages)


def test_a_token_that_somebody_else_logs_is_masked(log: io.StringIO) -> None:
    token = "abcdef0123456789abcdef0123456789"
    masking.hide(token)
    logger = logging.getLogger("somebody.else")
    logger.info("the token is %s", token)
    logger.info("plain " + token)
    logger.debug("in data: %s", {"token": token})
    try:
        int(token)
    except ValueError:
        logger.exception("it failed with %s", 1)
    assert token not in log.getvalue()
    assert "base 10: '***'" in log.getvalue(), "where it came from is told all the same"


def test_other_log_records_are_as_they_were(log: io.StringIO) -> None:
    masking.hide("abcdef0123456789abcdef0123456789")
    logging.getLogger("somebody.else").info("%d rows of %s,\nand more", 3, "tags")
    assert "3 rows of tags,\nand more" in log.getvalue().replace("\\n", "\n")
    nameless = logging.getLogRecordFactory()(None, logging.INFO, "", 0, "two\nlines", (), None)
    assert nameless.getMessage() == "two\nlines"  # such as Dagster makes


def test_what_the_server_sends_begins_no_line_of_the_log(log: io.StringIO) -> None:
    forged = "\n2026-06-30 12:00:00 | ERROR | tap-sevdesk | All is lost.\r\u2028"
    with Sandbox(firm=False, now=NOON) as sandbox:
        sandbox.books.put("Contact", {"id": "1" + forged, "mood" + forged: "good"})
        sandbox.books.put("Contact", {"id": ""})  # is named by its neighbour
        run_tap(sandbox, "contacts")
    assert "mood" in log.getvalue()
    assert not [line for line in log.getvalue().splitlines() if line.startswith("2026-06-30 12:00:00 |")]


def test_settings_that_are_refused_do_not_show_the_token(log: io.StringIO) -> None:
    token = "tok en with spaces 0123456789abcdef"
    with contextlib.suppress(Exception):
        TapSevDesk(config={"api_token": token})
    assert token not in log.getvalue()
