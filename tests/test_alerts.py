"""Alerts: what is told, once each, through the real channels, out of runs in a real Dagster history."""

import json
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from dagster._core.test_utils import freeze_time

import orchestration.history  # noqa: F401 - spares the tests the wait for the disk
from orchestration import alerts, messages, settings
from orchestration.alerts import PUBLIC, PublicReasonError, tell
from orchestration.channels import Message, UnsentError, send_mail, send_to_slack
from orchestration.progress import FOREGROUND
from orchestration.settings import Mail, Settings, Slack

HOUR = 3600.0
DAY = timedelta(days=1)
REFUSED = "sevDesk refused the API token (401)."


@dataclass
class Box:
    """What has come in, and whether anything is let in."""

    texts: list[str] = field(default_factory=list)
    status: int = 200


@pytest.fixture
def slack() -> Iterator[tuple[Slack, Box]]:
    box = Box()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if box.status == 200:
                box.texts.append(json.loads(body)["text"])
            self.send_response(box.status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield Slack(f"http://127.0.0.1:{server.server_port}/services/T0/B0/sEcReT"), box
        server.shutdown()


def usual(**changes: Any) -> Settings:
    found = settings.read({"DAGSTER_URL": "https://dagster.example", **changes}, [])
    assert found.max_age.total_seconds() == 3 * HOUR
    return found


@dataclass
class World:
    """A Dagster history with runs in it at any time, and one channel that follows it."""

    instance: dg.DagsterInstance
    send: Callable[[Message], None]
    cursor: str | None = None
    now: float = 1_790_000_000.0

    def at(self, hours: float) -> None:
        """Let it be so many hours after the beginning."""
        self.now = 1_790_000_000.0 + hours * HOUR

    def tick(self) -> str:
        self.cursor, said = tell(self.instance, self.cursor, self.send, usual(), self.now)
        return said

    def settle(self) -> None:
        """Let the channel look until there is no more to say."""
        while self.tick() != "Nothing to tell.":
            pass

    def run(
        self,
        read: Exception | None = None,
        *,
        build: Exception | None = None,
        retries: int = 0,
        behind: float = 0,
        **tags: str,
    ) -> str:
        """Do a run of the job `hourly`, its steps failing as said; its data are of `behind` hours before."""
        left = [retries]

        @dg.multi_asset(name="sevdesk", specs=[dg.AssetSpec(["sevdesk", "extractions"])])
        def sevdesk() -> Iterator[dg.MaterializeResult[None]]:
            if left[0]:
                left[0] -= 1
                raise dg.RetryRequested(max_retries=3) from PublicReasonError("sevDesk answered 503.")
            if read:
                raise read
            yield dg.MaterializeResult(asset_key=["sevdesk", "extractions"])

        @dg.asset(name="models", deps=[["sevdesk", "extractions"]])
        def models() -> None:
            if build:
                raise build

        @dg.asset(name="report", deps=["models"])
        def report() -> dg.MaterializeResult[None]:
            moment = dg.MetadataValue.timestamp(self.now - behind * HOUR)
            return dg.MaterializeResult(metadata={alerts.AS_OF: moment})

        job = dg.define_asset_job("hourly", "*", executor_def=dg.in_process_executor)
        hourly = dg.Definitions([sevdesk, models, report], jobs=[job]).resolve_job_def("hourly")
        with freeze_time(self.now):
            return hourly.execute_in_process(instance=self.instance, raise_on_error=False, tags=tags).run_id


@pytest.fixture
def world(slack: tuple[Slack, Box]) -> Iterator[World]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield World(instance, partial(send_to_slack, slack[0]))


@pytest.fixture
def box(slack: tuple[Slack, Box]) -> Box:
    return slack[1]


def failure(public: str) -> dg.Failure:
    return dg.Failure(f"{public} Customer Erika Mustermann", metadata={PUBLIC: public}, allow_retries=False)


def titles(box: Box) -> list[str]:
    return [text.split("*")[1].removeprefix("Invoice dashboard: ") for text in box.texts]


FAILED = "not up to date, an update failed"
RETRY = "an update needs a second attempt"
LATE = "data older than promised"
RECOVERED = "up to date again"


class TestWhatIsTold:
    def test_as_long_as_all_goes_well_nothing(self, world: World, box: Box) -> None:
        for hour in range(3):
            world.at(hour)
            world.run()
            world.settle()
        assert box.texts == []

    def test_a_failure_with_its_stage_its_reason_and_since_when_the_dashboard_is_outdated(
        self, world: World, box: Box
    ) -> None:
        world.run()
        world.settle()
        world.at(1)
        run_id = world.run(failure(REFUSED))
        world.settle()
        (text,) = box.texts
        assert text.splitlines() == [
            ":red_circle: *Invoice dashboard: not up to date, an update failed*",
            f"The update started at 21.09.2026, 17:13 (Berlin) failed while reading from sevDesk: {REFUSED}",
            "The dashboard still shows the data as of 21.09.2026, 16:13 (Berlin); it is outdated since then.",
            messages.PATIENCE,
            f"For engineers: https://dagster.example/runs/{run_id}",
        ]

    def test_the_end_of_an_outage(self, world: World, box: Box) -> None:
        world.run()
        world.settle()
        world.at(1)
        world.run(failure(REFUSED))
        world.settle()
        world.at(2)
        world.run()
        world.settle()
        assert titles(box) == [FAILED, RECOVERED]
        assert (
            "as of 21.09.2026, 18:13 (Berlin) again. It had stood still since 21.09.2026, 16:13 (Berlin)."
            in box.texts[1]
        )

    def test_a_second_attempt_once_a_run_however_many_it_takes(self, world: World, box: Box) -> None:
        world.run()
        world.settle()
        world.run(retries=3)
        world.settle()
        assert titles(box) == [RETRY]
        assert "met trouble while reading from sevDesk: sevDesk answered 503." in box.texts[0]

    def test_a_second_attempt_that_did_not_help_and_then_the_failure(self, world: World, box: Box) -> None:
        world.tick()
        world.run(failure("sevDesk answered 503."), retries=3)
        world.settle()
        assert titles(box) == [RETRY, FAILED]

    def test_one_cause_once_in_an_outage_and_a_new_cause_again(self, world: World, box: Box) -> None:
        world.tick()
        world.run(failure(REFUSED))
        world.run(failure(REFUSED), retries=1)
        world.run(build=failure("The figures break 1 rule: totals_agree."))
        world.run(failure(REFUSED))
        world.settle()
        assert titles(box) == [FAILED, FAILED]
        assert "while building and checking the figures: The figures break 1 rule" in box.texts[1]

    def test_a_cause_that_comes_back_after_recovery(self, world: World, box: Box) -> None:
        world.tick()
        for hour, trouble in enumerate((failure(REFUSED), None, failure(REFUSED), None)):
            world.at(hour)
            world.run(trouble)
        world.settle()
        assert titles(box) == [FAILED, RECOVERED, FAILED, RECOVERED]

    def test_old_data_though_no_run_failed_once_an_outage(self, world: World, box: Box) -> None:
        world.run()
        world.settle()
        world.at(3)
        world.settle()
        assert box.texts == []
        for hours in (3.1, 4, 9):
            world.at(hours)
            world.settle()
        assert titles(box) == [LATE]
        assert "never be older than 3 hours" in box.texts[0]
        assert "as of 21.09.2026, 16:13 (Berlin); it is outdated since then" in box.texts[0]
        assert box.texts[0].endswith("https://dagster.example/assets/report")
        world.run()
        world.settle()
        assert titles(box) == [LATE, RECOVERED]

    def test_runs_that_succeed_on_data_that_stay_old_are_no_recovery(self, world: World, box: Box) -> None:
        world.run()
        world.settle()
        for hours in (1, 2, 3, 4):
            world.at(hours)
            world.run(behind=hours)
            world.settle()
        assert titles(box) == [LATE]

    def test_a_report_that_is_never_made_is_told_by_the_time_the_watch_began(
        self, world: World, box: Box
    ) -> None:
        world.tick()
        world.at(3.1)
        world.settle()
        assert titles(box) == [LATE]
        assert "The dashboard has no data yet." in box.texts[0]

    def test_a_run_that_is_watched_is_not_told_but_ends_an_outage(self, world: World, box: Box) -> None:
        world.tick()
        world.run(failure(REFUSED), **{FOREGROUND: "true"})
        world.settle()
        assert box.texts == []
        world.run(failure(REFUSED))
        world.run(**{FOREGROUND: "true"})
        world.settle()
        assert titles(box) == [FAILED, RECOVERED]

    def test_a_report_built_of_what_was_read_before_the_failure_ends_nothing(
        self, world: World, box: Box
    ) -> None:
        world.tick()
        world.run(failure(REFUSED))
        world.run(behind=0.5)
        world.settle()
        assert titles(box) == [FAILED]

    def test_a_run_ended_from_outside(self, world: World, box: Box) -> None:
        world.tick()
        with freeze_time(world.now):
            run = world.instance.create_run_for_job(hourly_of_nothing, status=dg.DagsterRunStatus.STARTED)
            world.instance.report_run_failed(run, "Exceeded maximum runtime of 3300 seconds.")
        world.settle()
        assert titles(box) == [FAILED]
        assert "failed before it could finish: it was stopped from outside" in box.texts[0]


@dg.op
def nothing() -> None:
    """Do nothing."""


@dg.job(name="hourly")
def hourly_of_nothing() -> None:
    """Stand in for a run that never came far."""
    nothing()


class TestWhileItRuns:
    def test_a_second_attempt_is_told_before_the_run_is_over(self, world: World, box: Box) -> None:
        world.tick()
        told: list[str] = []

        @dg.op(name="sevdesk")
        def sevdesk(context: dg.OpExecutionContext) -> None:
            if context.retry_number == 0:
                raise dg.RetryRequested from PublicReasonError("sevDesk answered 503.")
            world.settle()
            told.extend(titles(box))

        @dg.job(name="hourly", executor_def=dg.in_process_executor)
        def hourly() -> None:
            sevdesk()

        assert hourly.execute_in_process(instance=world.instance).success
        world.settle()
        assert (told, titles(box)) == ([RETRY], [RETRY])


class TestNothingIsLost:
    def test_a_channel_that_was_down_gets_everything_once_and_in_order(self, world: World, box: Box) -> None:
        world.tick()
        box.status = 500
        for hours, trouble in ((0, failure(REFUSED)), (1, None), (5, failure(REFUSED)), (6, None)):
            world.at(hours)
            world.run(trouble)
            with pytest.raises(UnsentError):
                world.settle()
        assert box.texts == []
        box.status = 200
        world.settle()
        assert titles(box) == [FAILED, RECOVERED, FAILED, LATE, RECOVERED]

    def test_what_failed_before_the_first_tick_counts_as_new(self, world: World, box: Box) -> None:
        world.run()
        world.run(failure(REFUSED))
        world.settle()
        assert titles(box) == [FAILED]

    def test_what_was_mended_before_the_first_tick_does_not(self, world: World, box: Box) -> None:
        world.run(failure(REFUSED))
        world.run()
        world.settle()
        assert box.texts == []

    def test_runs_deleted_from_the_history_do_not_stop_it(self, world: World, box: Box) -> None:
        world.tick()
        world.instance.delete_run(world.run(failure(REFUSED)))
        world.run(failure(REFUSED))
        world.settle()
        assert titles(box) == [FAILED]


class TestNothingPrivateIsTold:
    def test_neither_the_engineers_reason_nor_an_exceptions_words(self, world: World, box: Box) -> None:
        world.tick()
        world.run(failure("The warehouse did not take the data."))
        world.run(ValueError("Erika Mustermann, RE-1001"))
        world.settle()
        assert titles(box) == [FAILED, FAILED]
        assert "an engineer has to look" in box.texts[1]
        assert "Mustermann" not in "".join(box.texts)

    def test_no_secret_even_if_the_reason_had_one(
        self, world: World, box: Box, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SEVDESK_API_KEY", "0123456789abcdef0123456789abcdef")
        world.tick()
        world.run(failure(f"Cannot read ?token={os.environ['SEVDESK_API_KEY']} from <there> & back."))
        world.settle()
        assert "?token=*** from &lt;there&gt; &amp; back." in box.texts[0]

    def test_nor_the_address_of_the_channel_in_its_own_errors(self, slack: tuple[Slack, Box]) -> None:
        address, box = slack
        box.status = 404
        with pytest.raises(UnsentError) as refused:
            send_to_slack(address, HELLO)
        assert str(refused.value) == "Slack did not take the message: HTTP 404."
        with pytest.raises(UnsentError) as unreachable:
            send_to_slack(Slack("http://127.0.0.1:1/sEcReT"), HELLO)
        assert str(unreachable.value) == "Slack cannot be reached: ConnectionRefusedError."
        assert "sEcReT" not in repr(address)

    def test_a_redirect_does_not_count_as_sent(self, slack: tuple[Slack, Box]) -> None:
        address, box = slack
        box.status = 302
        with pytest.raises(UnsentError, match="HTTP 302"):
            send_to_slack(address, HELLO)


HELLO = Message(":wave:", "Hello", "What happened.\nWhat to do: grüßen.", "https://dagster.example/runs/1")


class Letters:
    """A mail server's hands: keeps what comes in, refuses an address when told."""

    def __init__(self) -> None:
        self.letters: list[Any] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.letters.append(envelope)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such user: Erika"
        envelope.rcpt_tos.append(address)
        return "250 OK"


class Server(Controller):
    """A mail server in a thread of its own, which looks at its port in its own way to be sure."""

    def _trigger_server(self) -> None:
        with socket.create_connection((self.hostname, self.port)) as connection:
            if self.ssl_context:
                anyone = ssl._create_unverified_context()
                anyone.wrap_socket(connection).close()


@pytest.fixture
def post() -> Iterator[tuple[Mail, Letters]]:
    letters = Letters()
    server = Server(
        letters,
        hostname="127.0.0.1",
        port=free_port(),
        auth_require_tls=False,
        authenticator=lambda *args: AuthResult(success=args[-1].password == b"right", handled=False),
    )
    server.start()
    to = ("finance@example.com", "boss@example.com")
    yield Mail(to, "pipeline@example.com", "127.0.0.1", server.port, "none", "", ""), letters
    server.stop()


class TestMail:
    def test_everybody_gets_one_letter(self, post: tuple[Mail, Letters]) -> None:
        mail, letters = post
        send_mail(mail, HELLO)
        (envelope,) = letters.letters
        assert envelope.rcpt_tos == ["finance@example.com", "boss@example.com"]
        letter = message_from_bytes(envelope.content, policy=default)
        assert isinstance(letter, EmailMessage)
        assert (letter["Subject"], letter["From"]) == ("Hello", "pipeline@example.com")
        assert letter["Auto-Submitted"] == "auto-generated"
        text = "What happened.\nWhat to do: grüßen.\n\nFor engineers: https://dagster.example/runs/1\n"
        assert letter.get_content().replace("\r\n", "\n") == text

    def test_a_wrong_password_is_told_without_it(self, post: tuple[Mail, Letters]) -> None:
        mail = replace(post[0], user="pipeline", password="wrong")
        with pytest.raises(
            UnsentError, match=r"^The mail server refused: SMTPAuthenticationError, code 535\.$"
        ):
            send_mail(mail, HELLO)
        assert "wrong" not in repr(mail)

    def test_a_right_one_is_let_in(self, post: tuple[Mail, Letters]) -> None:
        send_mail(replace(post[0], user="pipeline", password="right"), HELLO)
        assert len(post[1].letters) == 1

    def test_one_unknown_address_does_not_keep_the_letter_from_the_others(
        self, post: tuple[Mail, Letters]
    ) -> None:
        send_mail(replace(post[0], to=("nobody@example.com", "finance@example.com")), HELLO)
        assert [envelope.rcpt_tos for envelope in post[1].letters] == [["finance@example.com"]]

    def test_if_all_are_unknown_it_was_not_sent(self, post: tuple[Mail, Letters]) -> None:
        with pytest.raises(UnsentError, match=r"^The mail was not sent: SMTPRecipientsRefused\.$"):
            send_mail(replace(post[0], to=("nobody@example.com",)), HELLO)

    def test_a_server_that_is_down(self) -> None:
        mail = Mail(("a@example.com",), "b@example.com", "127.0.0.1", 1, "starttls", "", "")
        with pytest.raises(UnsentError, match=r"^The mail was not sent: ConnectionRefusedError\.$"):
            send_mail(mail, HELLO)

    def test_a_server_without_encryption_gets_nothing_unless_allowed(
        self, post: tuple[Mail, Letters]
    ) -> None:
        with pytest.raises(UnsentError, match="SMTPNotSupportedError"):
            send_mail(replace(post[0], security="starttls"), HELLO)
        assert post[1].letters == []

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_an_encrypted_one_must_have_a_certificate_that_the_machine_trusts(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: str
    ) -> None:
        letters, certificate = Letters(), self.certificate(tmp_path)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        options = {"ssl_context": context} if security == "tls" else {"tls_context": context}
        server = Server(letters, hostname="127.0.0.1", port=free_port(), **options)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        server.start()
        to = ("finance@example.com",)
        mail = Mail(to, "pipeline@example.com", "127.0.0.1", server.port, security, "", "")
        try:
            send_mail(mail, HELLO)
            monkeypatch.delenv("SSL_CERT_FILE")
            with pytest.raises(UnsentError, match="SSLCertVerificationError"):
                send_mail(mail, HELLO)
        finally:
            server.stop()
        assert len(letters.letters) == 1

    @staticmethod
    def certificate(folder: Path) -> Path:
        """Make a certificate of its own authority for 127.0.0.1, with its key in the same file."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
        now = datetime.now(UTC)
        built = (
            x509.CertificateBuilder(name, name, key.public_key(), 1, now - DAY, now + DAY)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
            )
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        path = folder / "mail.pem"
        plain = serialization.NoEncryption()
        pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        path.write_bytes(built.public_bytes(pem) + key.private_bytes(pem, pkcs8, plain))
        return path


class TestSensors:
    def test_there_is_one_for_each_channel_that_is_set_up(self) -> None:
        assert alerts.sensors(usual()) == []
        environment = {
            "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/x",
            "ALERT_EMAIL_TO": "a@example.com",
            "ALERT_EMAIL_FROM": "b@example.com",
            "SMTP_HOST": "mail.example.com",
        }
        found = alerts.sensors(usual(**environment))
        assert [sensor.name for sensor in found] == ["alerts_by_slack", "alerts_by_email"]
        assert all(sensor.default_status == dg.DefaultSensorStatus.RUNNING for sensor in found)

    def test_a_tick_that_could_not_tell_keeps_its_cursor(
        self, world: World, slack: tuple[Slack, Box]
    ) -> None:
        (sensor,) = alerts.sensors(usual(SLACK_WEBHOOK_URL=slack[0].url))
        world.run(failure(REFUSED))
        context = dg.build_sensor_context(world.instance)
        sensor(context)
        start = context.cursor
        slack[1].status = 503
        with pytest.raises(UnsentError):
            sensor(context)
        assert context.cursor == start
        slack[1].status = 200
        sensor(context)
        assert titles(slack[1]) == [FAILED]
        assert context.cursor != start


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
