"""What a person who starts a run by hand sees of it on the console."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import suppress

import dagster as dg
import pytest

from orchestration import __main__ as main
from orchestration import failure, progress, published


def test_the_console_shows_what_the_assets_say_but_neither_dagsters_events_nor_errors(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logger = progress.console(None)
    logger.info("reading ...")
    logger.info("STEP_START", extra={"dagster_meta": {"dagster_event": object()}})
    logger.error("told at the end")
    logger.log(logging.WARNING, "two\nlines")
    shown = capsys.readouterr().out.splitlines()
    assert [line[8:] for line in shown] == ["reading ...", "warning: two", "lines"]


def test_a_run_goes_on_in_silence_when_nobody_reads_the_console_any_more(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as `make run | head -1`."""
    reader, writer = os.pipe()
    os.close(reader)
    with suppress(BrokenPipeError), os.fdopen(writer, "w", encoding="utf-8") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        progress.console(None).info("reading ...")
        progress.say("The report: output/report.html")
    assert capfd.readouterr().err == ""


def test_a_copy_that_could_not_be_written_does_not_make_the_page_incomplete(
    capsys: pytest.CaptureFixture[str],
) -> None:
    @dg.asset
    def report() -> Iterator[dg.MaterializeResult[None]]:
        yield dg.MaterializeResult()
        raise failure.failure(
            "report", "warehouse.duckdb could not be replaced: disk full", published.NOT_COPIED
        )

    with dg.DagsterInstance.ephemeral() as instance:
        main._explain(dg.materialize([report], instance=instance, raise_on_error=False))
    assert capsys.readouterr().err.splitlines()[-2:] == [
        "Error: warehouse.duckdb could not be replaced: disk full",
        f"{published.NOT_COPIED} The next run does it again.",
    ]
