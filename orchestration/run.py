"""One run: read sevDesk, build dbt's models, make the page; what was read decides what is built."""

import os
import time
from collections.abc import Generator, Iterator, Sequence, Set
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import dagster as dg
from sevdesk_report import english

from orchestration import build_state, page, published, retention, warehouse
from orchestration.assets import Pipeline
from orchestration.build_state import BuildState
from orchestration.dbt import manifest as dbt_manifest
from orchestration.dbt.events import DbtLog
from orchestration.dbt.run import Dbt, release
from orchestration.errors import PublicError
from orchestration.failure import stage
from orchestration.load import load, loaded
from orchestration.meltano.run import ANOTHER_READS
from orchestration.names import MODELS, REPORT, SEVDESK
from orchestration.progress import printable

DBT_SECONDS = 40 * 60.0
PROGRESS_SECONDS = 10
TABLES_AND_RULES = ("config.materialized:table", "resource_type:test", "checked_until")
"""What new rows change, for dbt: `checked_until` is a view that holds a moment, all others read tables."""

Made = Iterator[Any]
"""What an op yields to Dagster: results of assets and of checks."""


class Config(dg.Config):
    """How a run reads and builds.

    `full`: read everything, not only what changed, for `minutes` at most. `always`: build the models though
    nothing has changed since they were built.
    """

    full: bool = False
    minutes: int = 45
    always: bool = True


class Run:
    """One run as it goes: what was read decides whether it builds, what was built what the page shows."""

    def __init__(self, pipeline: Pipeline, context: dg.AssetExecutionContext, config: Config) -> None:
        self.pipeline, self.context, self.config = pipeline, context, config
        self.environment = pipeline.environment
        self.dbt = Dbt(self.environment)
        self.path = build_state.path_of(self.environment)
        self.state = build_state.load(self.path)
        self.code = dbt_manifest.checksum(os.environ)
        self.build_because = "it was asked for"
        self.built_whole = self.page_is_made = self.views_stand = False
        self.built_until = self.state.checked_until

    def make(self, chosen: Set[dg.AssetKey], models: Set[dg.AssetKey]) -> Made:
        """Make the assets `chosen`, some of which are `models`: read, build, and show the figures."""
        published.take_over(self.environment)
        if any(key.path[0] in {"sevdesk", "ecb"} for key in chosen):
            yield from self.read()
            if not self.build_because and chosen >= models | {page.KEY}:
                yield from self.stay()
                return
        if chosen & models:
            names = sorted(key.path[-1] for key in chosen & models)
            yield from self.build(names, whole=chosen >= models)
        if page.KEY in chosen:
            yield from self.report()

    def read(self) -> Made:
        """Read sevDesk into the warehouse: one `meltano run` for all lists; dbt parses meanwhile."""
        before, began = self.state, datetime.now(UTC)
        present = warehouse.identity(self.environment, os.environ)
        lost = build_state.must_read_in_full(before, present)
        full = self.config.full or lost
        self.note(pending=True, full_read_due=lost)
        self.context.log.info("reading %s from sevDesk ...", "everything" if full else "what changed")
        needed = dbt_manifest.needed_streams(self.pipeline.manifest)
        required = dbt_manifest.required_streams(self.pipeline.manifest)
        self.dbt.begin_to_parse()
        with stage(self.context, SEVDESK):
            log, rates = load(
                self.environment,
                self.context,
                required,
                account=None if lost else before.account,  # another warehouse may hold other books
                full=full,
                timeout=self.config.minutes * 60.0,
            )
        news = sum(log.rows[stream] for stream in needed) + (rates or 0)
        incomplete = required - log.complete
        until = before.checked_until if incomplete else began.replace(microsecond=0)
        where = warehouse.identity(self.environment, os.environ)
        self.build_because = self._why_build(before, news, incomplete, full=full)
        # Views and seeds follow from the code: they stand where only new rows of sevDesk's ask for a build.
        self.views_stand = not self._why_build(before, rates or 0, incomplete, full=full)
        quiet = {} if self.build_because else {"pending": False}
        self.note(full_read_due=False, warehouse=where, checked_until=until, **quiet)
        yield from loaded(self.pipeline, self.context, log, rates, full=full)

    def _why_build(self, before: BuildState, news: int, incomplete: Set[str], *, full: bool) -> str:
        if self.config.always:
            return "it was asked for"
        if full:
            return "everything was read"
        if incomplete:
            return f"the read was not complete ({', '.join(sorted(incomplete))})"
        if not build_state.load_rows(self.path):
            return "the page has to be made again"
        if published.is_missing(self.environment):
            return "the warehouse file for people has to be made again"
        return build_state.why_build(before, news, self.code, datetime.now(UTC))

    def stay(self) -> Made:
        """Build nothing: the figures hold up to the read, and warehouse and page say so."""
        until = self.state.checked_until or datetime.now(UTC)
        with stage(self.context, REPORT):
            warehouse.set_checked_until(self.environment, until)
            rows = page.move_on(build_state.load_rows(self.path), until)
            yield from self._page(rows, new_figures=False)
        build_state.save_rows(self.path, rows)
        retention.forget_planned(self.context.instance, self.context.run.run_id)
        since = english.moment(self.built_until) if self.built_until else "the build"
        self.context.log.info("nothing has changed since %s: no model was built", since)

    def build(self, names: Sequence[str], *, whole: bool) -> Made:
        """Build and test the models: `dbt build`, of all or of those in `names`."""
        from orchestration.dbt import translation  # noqa: PLC0415 - slow to import

        self.context.log.info("building and testing the models, as %s ...", self.build_because)
        # unit tests prove the code, not the data: they belong to `make test`
        arguments = ["--exclude-resource-type", "unit_test"]
        if self.state.checked_until:
            arguments += ["--vars", f"checked_until: '{self.state.checked_until.isoformat()}'"]
        if not whole:
            arguments += ["--indirect-selection", "cautious", "--select", *names]
        elif self.views_stand:
            arguments += ["--select", *TABLES_AND_RULES]
        log, said = DbtLog(), time.monotonic()
        with stage(self.context, MODELS):
            for event in self.dbt.build(arguments, timeout=DBT_SECONDS, log=log):
                yield from translation.results(event, self.pipeline.manifest, self.context)
                if time.monotonic() - said > PROGRESS_SECONDS:
                    said = time.monotonic()
                    self.context.log.info("%d steps done", log.done.total())
        self.context.log.info(log.summary())
        self.built_whole = whole and not log.reading_failed

    def report(self) -> Made:
        """Make the page of what the marts hold and the copy for people; note that everything is built."""
        with stage(self.context, REPORT):
            rows = self.dbt.rows(page.QUERY)
            made = yield from self._page(rows, new_figures=True)
        if self.built_whole:
            build_state.save_rows(self.path, rows)
            today = build_state.day(datetime.now(UTC))
            account = made.account or self.state.account
            self.note(pending=False, code=self.code, day=today, account=account)

    def _page(self, rows: list[dict[str, Any]], *, new_figures: bool) -> Generator[Any, None, page.Page]:
        """Make the page, and of new figures spreadsheet and copy for people; yield its asset, return it."""
        made = page.make(rows, datetime.now(UTC), self.pipeline.settings, spreadsheet=new_figures)
        self.page_is_made = True
        self.context.log.info(printable(made.summary))
        yield dg.MaterializeResult(asset_key=page.KEY, metadata=made.metadata)
        if new_figures:
            release()
            published.publish(self.environment)
        if made.miscount:  # the page is made and says so; the run has failed all the same
            raise PublicError(made.miscount)
        return made

    def say_why_not_updated(self, reason: str) -> None:
        """Make the page again of the rows that it shows, with `reason` in red: the run has failed.

        It is no new page for Dagster, and nothing goes wrong here that would hide why the run failed. While
        another run reads, the page is that one's.
        """
        rows = build_state.load_rows(self.path)
        if self.page_is_made or reason == ANOTHER_READS or not rows:
            return
        try:
            page.make(rows, datetime.now(UTC), self.pipeline.settings, stopped=page.without_commands(reason))
        except Exception as error:
            self.context.log.warning("the page could not say so: %s", printable(str(error)))

    def note(self, **changes: Any) -> None:  # noqa: ANN401
        """Keep `changes` of the state, on the disk too."""
        self.state = replace(self.state, **changes)
        build_state.save(self.path, self.state)
