"""The webhook: who is let in, what is written down, and what becomes of it."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest
import uvicorn
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteRepositoryOrigin
from dagster._daemon.types import DaemonHeartbeat
from dagster._time import get_current_timestamp

from orchestration.webhook import app as webhook
from orchestration.webhook import limits
from orchestration.webhook import sensor as webhook_events
from orchestration.webhook.limits import MOST_BYTES, RateLimit
from orchestration.webhook.settings import Web, Webhook

ROOT = Path(__file__).parents[2]
SECRET = "a-secret-that-only-this-test-knows"


@dg.op
def nothing() -> None:
    """Do nothing."""


@dg.job
def hourly() -> None:
    """Stand in for the pipeline."""
    nothing()


@pytest.fixture(scope="module")
def fresh_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home of Dagster with an empty history, to be copied."""
    home = tmp_path_factory.mktemp("fresh")
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with dg.DagsterInstance.from_config(str(home)) as instance:
        instance.get_runs()
    return home


@pytest.fixture
def instance(
    fresh_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dg.DagsterInstance]:
    """Yield a Dagster with a home of its own, whose daemon was alive a moment ago."""
    home = shutil.copytree(fresh_home, tmp_path / "home")
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with dg.DagsterInstance.from_config(str(home)) as instance:
        beat(instance)
        yield instance


def beat(instance: dg.DagsterInstance, ago: float = 0) -> None:
    moment = get_current_timestamp() - ago
    instance.add_daemon_heartbeat(DaemonHeartbeat(moment, "SENSOR", "daemon", []))


@dataclass
class Service:
    """The webhook on a port of this machine."""

    port: int

    def call(
        self, path: str = "/webhook", body: bytes = b"{}", method: str = "POST", **headers: str
    ) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, fields)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    def status(self, path: str = "/webhook", **headers: str) -> int:
        return self.call(path, b"{}", "POST", **headers).status

    def send(self, raw: bytes) -> bytes:
        """Send `raw` and nothing more; return all that comes until the connection is ended from there."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.sendall(raw)
            return b"".join(iter(lambda: connection.recv(4096), b""))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def service(
    instance: dg.DagsterInstance,  # noqa: ARG001 - it writes to where this lives
    tmp_path: Path,
) -> Iterator[Service]:
    web = Web("127.0.0.1", free_port(), "https://dashboard.example.com")
    server = uvicorn.Server(webhook.config(web, Webhook(SECRET), tmp_path / "output"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Service(web.port)
    server.should_exit = True
    thread.join()


def calls_noted(instance: dg.DagsterInstance) -> int:
    return len(instance.fetch_observations(webhook_events.KEY, limit=1000).records)


class TestWhoIsLetIn:
    def test_the_secret_counts_in_either_header_or_in_the_path(
        self, service: Service, instance: dg.DagsterInstance
    ) -> None:
        assert service.status(x_webhook_secret=SECRET) == 202
        assert service.status(authorization=f"Bearer {SECRET}") == 202
        assert service.status(authorization=f"bearer  {SECRET}") == 202, "HTTP has it either way"
        assert service.status(f"/webhook/{SECRET}") == 202
        assert calls_noted(instance) == 4

    @pytest.mark.parametrize(
        ("path", "headers"),
        [
            ("/webhook", {}),
            ("/webhook", {"x_webhook_secret": SECRET[:-1]}),
            ("/webhook", {"authorization": "Bearer "}),
            ("/webhook/w%C3%BCrg", {}),
            (f"/webhook/wrong?secret={SECRET}", {}),
        ],
    )
    def test_nobody_else(
        self, service: Service, instance: dg.DagsterInstance, path: str, headers: dict[str, str]
    ) -> None:
        assert service.status(path, **headers) == 401
        assert calls_noted(instance) == 0

    def test_only_post_calls(self, service: Service) -> None:
        assert service.call(method="GET", x_webhook_secret=SECRET).status == 405

    def test_its_health_is_for_everybody(self, service: Service) -> None:
        assert service.call("/health", method="GET").status == 200

    def test_who_guesses_is_slowed_down_and_who_knows_is_not(self, service: Service) -> None:
        answers = [service.call(x_webhook_secret="guess") for _ in range(webhook.MISTAKES_A_MINUTE + 3)]
        assert answers[-1].status == 429
        assert answers[-1].headers["Retry-After"] == "60"
        assert service.status(x_webhook_secret=SECRET) == 202

    def test_no_more_than_so_many_a_minute(self, monkeypatch: pytest.MonkeyPatch) -> None:
        now = [0.0]
        monkeypatch.setattr("orchestration.webhook.limits.time.monotonic", lambda: now[0])
        limit = RateLimit(60)
        assert [limit.take() for _ in range(61)] == [True] * 60 + [False]
        now[0] = 1.0
        assert [limit.take() for _ in range(2)] == [True, False]


class TestWhatItBears:
    HEAD = f"POST /webhook HTTP/1.1\r\nHost: x\r\nX-Webhook-Secret: {SECRET}\r\n".encode()

    def test_a_body_of_some_size(self, service: Service) -> None:
        assert service.call(body=b"x" * MOST_BYTES, x_webhook_secret=SECRET).status == 202

    def test_a_huge_body_is_refused_before_it_is_sent(
        self, service: Service, instance: dg.DagsterInstance
    ) -> None:
        answer = service.send(self.HEAD + b"Content-Length: 99999999999999999999\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 413")
        assert calls_noted(instance) == 0

    def test_a_body_without_a_size_is_refused_once_it_is_too_large(self, service: Service) -> None:
        chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
        answer = service.send(self.HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 3)
        assert answer.startswith(b"HTTP/1.1 413")

    def test_a_slow_body_is_not_waited_for(
        self, service: Service, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits, "BODY_SECONDS", 0.2)
        answer = service.send(self.HEAD + b"Content-Length: 10\r\n\r\nx")
        assert answer.startswith(b"HTTP/1.1 408")
        assert calls_noted(instance) == 0

    def test_nor_is_a_slow_head(self, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "CONNECTION_SECONDS", 0.2)
        assert service.send(b"POST /webhook HTTP/1.1\r\nHos") == b""

    def test_the_next_call_of_a_connection_is_answered(self, service: Service) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=20)
        for _ in range(2):
            connection.request("POST", "/webhook", b"x" * 10_000, {"X-Webhook-Secret": SECRET})
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (202, b'{"status":"accepted"}')
        connection.close()


class TestWhenDagsterIsAway:
    def test_a_storage_that_cannot_be_written_is_reported(
        self, service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "file"))
        answer = service.call(x_webhook_secret=SECRET)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "60")

    def test_a_daemon_that_is_away_is_reported_and_the_call_is_kept(
        self, service: Service, instance: dg.DagsterInstance
    ) -> None:
        beat(instance, ago=webhook_events.ALIVE_SECONDS + 1)
        answer = service.call(x_webhook_secret=SECRET)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
        assert calls_noted(instance) == 1


def runs_asked(instance: dg.DagsterInstance, cursor: str | None) -> tuple[list[dg.RunRequest], str | None]:
    """Let the sensor look once."""
    context = dg.build_sensor_context(instance, cursor=cursor)
    found = webhook_events.sensor(hourly)(context)
    return [found] if isinstance(found, dg.RunRequest) else [], context.cursor


EVENT_OF = {
    dg.DagsterRunStatus.QUEUED: dg.DagsterEventType.RUN_ENQUEUED,
    dg.DagsterRunStatus.STARTING: dg.DagsterEventType.RUN_STARTING,
    dg.DagsterRunStatus.STARTED: dg.DagsterEventType.RUN_START,
    dg.DagsterRunStatus.SUCCESS: dg.DagsterEventType.RUN_SUCCESS,
}


class TestOneRunForMany:
    def test_a_burst_of_a_hundred_calls(self, service: Service, instance: dg.DagsterInstance) -> None:
        with ThreadPoolExecutor(20) as pool:
            statuses = list(pool.map(lambda _: service.status(x_webhook_secret=SECRET), range(100)))
        assert statuses == [202] * 100
        asked, cursor = runs_asked(instance, None)
        assert len(asked) == 1
        assert runs_asked(instance, cursor) == ([], cursor)

    def test_no_call_no_run(self, instance: dg.DagsterInstance) -> None:
        assert runs_asked(instance, None) == ([], None)

    @pytest.mark.parametrize(
        ("status", "runs"),
        [
            (dg.DagsterRunStatus.NOT_STARTED, 0),
            (dg.DagsterRunStatus.QUEUED, 0),
            (dg.DagsterRunStatus.STARTING, 0),
            (dg.DagsterRunStatus.STARTED, 1),
            (dg.DagsterRunStatus.SUCCESS, 1),
        ],
    )
    def test_a_call_is_left_to_a_run_that_has_not_begun_but_never_to_one_that_may_be_past_its_read(
        self, instance: dg.DagsterInstance, status: dg.DagsterRunStatus, runs: int
    ) -> None:
        origin = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("here"), "ours").get_job_origin("hourly")
        run = instance.create_run_for_job(hourly, remote_job_origin=origin)
        if status in EVENT_OF:
            event = dg.DagsterEvent(EVENT_OF[status].value, hourly.name)
            instance.report_dagster_event(event, run.run_id)
        webhook_events.record()
        asked, cursor = runs_asked(instance, None)
        assert len(asked) == runs
        webhook_events.record()
        assert len(runs_asked(instance, cursor)[0]) == runs

    def test_a_sensor_that_died_before_its_cursor_was_kept_asks_for_the_same_run(
        self, instance: dg.DagsterInstance
    ) -> None:
        webhook_events.record()
        first, second = runs_asked(instance, None)[0], runs_asked(instance, None)[0]
        assert first[0].run_key == second[0].run_key is not None

    def test_a_history_that_was_damaged_and_began_anew_loses_no_call(
        self, instance: dg.DagsterInstance
    ) -> None:
        """The cursor is kept with the schedules; places in the log begin at 1 again."""
        webhook_events.record()
        asked, cursor = runs_asked(instance, "5000")
        assert len(asked) == 1
        assert runs_asked(instance, cursor)[0] == []


class TestOnItsOwn:
    """`python -m orchestration.webhook`, as a process."""

    @staticmethod
    def start(home: Path, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "orchestration.webhook"],
            cwd=ROOT,
            env={**os.environ, "DAGSTER_HOME": str(home), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def test_a_restart_of_either_side_loses_nothing(self, instance: dg.DagsterInstance) -> None:
        home, port = Path(instance.root_directory), free_port()
        for _ in range(2):
            process = self.start(home, WEBHOOK_SECRET=SECRET, WEBHOOK_PORT=str(port))
            assert process.stdout is not None
            assert "The dashboard is at http://127.0.0.1:" in process.stdout.readline()
            assert "listens on" in process.stdout.readline()
            until_it_answers(port)
            assert Service(port).status(x_webhook_secret=SECRET) == 202
            process.terminate()
            told, _ = process.communicate(timeout=20)
            assert process.returncode == -signal.SIGTERM
            assert SECRET not in told
        with dg.DagsterInstance.from_config(str(home)) as after_its_own_restart:
            assert calls_noted(after_its_own_restart) == 2
            assert len(runs_asked(after_its_own_restart, None)[0]) == 1

    def test_without_a_secret_it_is_off_and_only_the_dashboard_is_served(self, tmp_path: Path) -> None:
        port = free_port()
        process = self.start(tmp_path, WEBHOOK_SECRET="", WEBHOOK_PORT=str(port))
        assert process.stdout is not None
        process.stdout.readline()
        assert process.stdout.readline().startswith("The webhook is off. Set WEBHOOK_SECRET in .env")
        until_it_answers(port)
        assert Service(port).status() == 404
        assert Service(port).call("/health", method="GET").status == 200
        process.terminate()
        process.communicate(timeout=20)

    def test_a_port_that_something_else_has_is_reported(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            process = self.start(tmp_path, WEBHOOK_PORT=str(port))
            told, _ = process.communicate(timeout=60)
        assert process.returncode == 1
        assert told == (
            f"Error: Nothing can be served on 127.0.0.1:{port} (Address already in use). End what is there, "
            "or set WEBHOOK_HOST and WEBHOOK_PORT in .env.\n"
        )

    def test_all_that_is_set_wrongly_is_reported_at_once(self, tmp_path: Path) -> None:
        process = self.start(tmp_path, WEBHOOK_SECRET="short", WEBHOOK_PORT="x", SMTP_HOST="mail")
        told, _ = process.communicate(timeout=60)
        assert process.returncode == 1
        for name in ("WEBHOOK_SECRET", "WEBHOOK_PORT", "ALERT_EMAIL_TO", "ALERT_EMAIL_FROM"):
            assert name in told
        assert "short" not in told


def until_it_answers(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
