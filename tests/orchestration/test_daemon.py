"""kill -9 of the daemon, twice, and of the code server: real processes, started as deploy/ starts them."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.scheduler.instigation import InstigatorState, ScheduleInstigatorData, TickStatus

from orchestration.alerts.sensor import stored_cursor
from orchestration.alerts.settings import Slack
from orchestration.dev import SOCKET
from orchestration.environment import ROOT, program
from orchestration.webhook import sensor as webhook_events
from tests.helpers.alert_servers import Box
from tests.helpers.until import until


def listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


class Deployment:
    """Code server and daemon on a home of their own, and what has happened there."""

    def __init__(self, folder: Path, slack: Slack) -> None:
        self.folder, home = folder, folder / "home"
        home.mkdir()
        shutil.copy(ROOT / ".dagster" / "dagster.yaml", home)
        self.short = tempfile.TemporaryDirectory()  # the path of a socket may have some 100 characters
        self.socket = Path(self.short.name) / "code.sock"
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ},
            "PYTHONPATH": str(ROOT),
            "DAGSTER_HOME": str(home),
            SOCKET: str(self.socket),
            "STAGE": str(folder),
            "SLACK_WEBHOOK_URL": slack.url,
            "REPORT_LANGUAGE": "en",
            "HOURLY_CRON": f"{(datetime.now(UTC).minute + 30) % 60} * * * *",  # not by itself meanwhile
        }
        self.code = self.start_the_code_server()
        self.instance = dg.DagsterInstance.from_config(str(home))
        self.daemon = self.start_daemon()

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{name}.log").open("ab")
        command = [str(program(name)), *arguments]
        environment = self.environment
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )

    def start_the_code_server(self) -> subprocess.Popen[bytes]:
        module = ("--module-name", "tests.helpers.daemon_location")
        server = self.start("dagster", "code-server", "start", *module)
        until(lambda: listens(self.socket), "the start of the code server")
        return server

    def start_daemon(self) -> subprocess.Popen[bytes]:
        return self.start("dagster-daemon", "run", "--workspace", "deploy/workspace.yaml")

    def kill_the_code_server(self) -> None:
        """Kill it with all that it has started, runs too: systemd leaves nothing of a unit that failed."""
        os.killpg(self.code.pid, signal.SIGKILL)
        self.code.wait()

    def restart_the_code_server(self) -> None:
        self.code = self.start_the_code_server()

    def kill_the_daemon(self) -> None:
        self.daemon.kill()
        self.daemon.wait()

    def restart_the_daemon(self) -> None:
        self.daemon = self.start_daemon()

    def stop(self) -> None:
        for process in (self.daemon, self.code):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.instance.dispose()
        self.short.cleanup()

    def diary(self) -> list[str]:
        """Return what runs have written: `begin <run>` and `end <run>`, in this order."""
        path = self.folder / "diary"
        return path.read_text().splitlines() if path.exists() else []

    def cue(self, text: str) -> None:
        """Tell the run that waits how to end."""
        (self.folder / "cue.new").write_text(text)
        (self.folder / "cue.new").rename(self.folder / "cue")

    def state(self, name: str) -> InstigatorState | None:
        """Return what the daemon keeps of a schedule or sensor."""
        return next((state for state in self.instance.all_instigator_state() if state.name == name), None)

    def scheduled(self) -> list[str]:
        """Return the runs that the schedule has started, one of a tick."""
        state = self.state("hourly_schedule")
        assert state is not None
        ticks = self.instance.get_ticks(state.instigator_origin_id, state.selector_id)
        return [" ".join(tick.run_ids) for tick in ticks if tick.status == TickStatus.SUCCESS]

    def status(self, run_id: str) -> dg.DagsterRunStatus:
        run = self.instance.get_run_by_id(run_id)
        assert run is not None
        return run.status

    def let_an_hour_pass(self) -> None:
        """Set the schedule back by an hour, so that a tick is overdue."""
        state = self.state("hourly_schedule")
        assert state is not None
        past = time.time() - 3600
        data = ScheduleInstigatorData(self.environment["HOURLY_CRON"], past, past)
        self.instance.update_instigator_state(state.with_data(data))


@pytest.fixture
def deployment(
    tmp_path: Path, slack: tuple[Slack, Box], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Deployment]:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    deployment = Deployment(tmp_path, slack[0])
    yield deployment
    deployment.stop()


def test_parts_that_are_killed_lose_nothing_and_do_nothing_twice(
    deployment: Deployment, slack: tuple[Slack, Box]
) -> None:
    texts = slack[1].texts
    webhook_events.record()
    until(deployment.diary, "the run that the webhook asked for")
    until(lambda: stored_cursor(deployment.instance, "alerts_by_slack"), "the first look of the alerts")

    deployment.kill_the_daemon()  # in the middle of a run
    deployment.let_an_hour_pass()
    deployment.restart_the_daemon()
    until(deployment.scheduled, "the tick that fell into the time without a daemon")
    until(lambda: len(deployment.diary()) == 2, "a run that need not wait")
    assert deployment.diary()[1] == "passed by"
    (waiting,) = deployment.scheduled()
    assert deployment.status(waiting) == dg.DagsterRunStatus.QUEUED, "the other one has not ended"
    deployment.cue("fail")
    until(lambda: texts, "the message of the failure")
    # Dagster fails a run after start_timeout_seconds when the daemon is killed while it starts it
    until(lambda: len(deployment.diary()) == 4, "the run that waited")

    deployment.kill_the_daemon()
    deployment.restart_the_daemon()
    deployment.cue("well")
    until(lambda: len(texts) == 2, "the message of the recovery")

    assert [text.split("*")[1] for text in texts] == [
        "Invoice dashboard: not up to date, an update failed",
        "Invoice dashboard: up to date again",
    ]
    first = deployment.diary()[0].removeprefix("begin ")
    told = ["passed by", f"end {first}", f"begin {waiting}", f"end {waiting}"]
    assert deployment.diary() == [f"begin {first}", *told]
    assert deployment.scheduled() == [waiting]
    assert deployment.status(first) == dg.DagsterRunStatus.FAILURE

    webhook_events.record()
    until(lambda: len(deployment.diary()) == 6, "another run")
    killed = deployment.diary()[5].removeprefix("begin ")
    deployment.kill_the_code_server()
    webhook_events.record()
    deployment.restart_the_code_server()
    until(lambda: len(deployment.diary()) == 7, "the next run, although the pool lets one in at a time")
    assert deployment.status(killed) == dg.DagsterRunStatus.FAILURE
    deployment.cue("well")
    until(lambda: len(deployment.diary()) == 8, "its end")
