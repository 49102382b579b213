"""The real pipeline against the sandbox: its failures become the right words, and its recovery is seen."""

import subprocess
import sys
from collections.abc import Iterator
from functools import partial

import dagster as dg
import pytest
from sevdesk_sandbox import Sandbox
from tap_sevdesk.client import ATTEMPTS

from orchestration import settings
from orchestration.alerts.channels import send_to_slack
from orchestration.alerts.sensor import send_next
from tests.helpers.alert_servers import slack_server
from tests.helpers.pipeline_project import Project

pytestmark = pytest.mark.xdist_group("pipeline")  # its tests share a place, and so what dbt has parsed

# A run worker: one run of the job for each line it is told, as the daemon would start it, with no delays.
WORKER = """
import sys
from dagster import DagsterInstance
from orchestration import definitions, failure
failure.FIRST_DELAY = 0
job = definitions.defs().resolve_job_def("hourly")
for line in sys.stdin:
    with DagsterInstance.get() as instance:
        result = job.execute_in_process(instance=instance, raise_on_error=False)
    print(f"RUN {result.success}", flush=True)
"""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=1, now="2025-01-10T09:00:00+00:00") as sandbox:
        yield sandbox


def test_an_outage_from_its_beginning_to_its_end(
    project: Project, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = project.folder / ".dagster"
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    environment = project.environment(sandbox, DAGSTER_HOME=str(home), PYTHONPATH=str(project.folder))
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER],
        cwd=project.folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with (
        worker,
        slack_server() as (slack, box),
        dg.DagsterInstance.get() as instance,
    ):
        cursor: str | None = None

        english = settings.read({"REPORT_LANGUAGE": "en"}, [])

        def settle() -> None:
            nonlocal cursor
            said = ""
            while said != "Nothing to send.":
                cursor, said = send_next(instance, cursor, partial(send_to_slack, slack), english)

        def of_updates() -> list[str]:
            """Return the messages but those on the data, such as old exchange rates."""
            return [text for text in box.texts if "something to look at" not in text]

        def run() -> bool:
            assert worker.stdin is not None
            assert worker.stdout is not None
            print("run", file=worker.stdin, flush=True)
            done = next(line for line in worker.stdout if line.startswith("RUN "))
            settle()
            return done == "RUN True\n"

        settle()
        sandbox.fail(path="/Invoice", status=503, times=ATTEMPTS, retry_after=0)
        assert run()
        (retried,) = of_updates()
        assert "an update needs a second attempt" in retried
        assert "while reading from sevDesk: /Invoice: the server answered 503" in retried

        right, sandbox.token = sandbox.token, "f" * 32
        assert not run()
        failed = of_updates()[1]
        assert "failed while reading from sevDesk: sevDesk refused the API token (401).\n" in failed
        assert "it has been outdated since" in failed
        assert right not in failed

        sandbox.token = right
        assert run()
        assert "up to date again" in of_updates()[2]
        assert len(of_updates()) == 3

        numbers = instance.get_latest_materialization_event(dg.AssetKey(["sevdesk", "invoices"]))
        assert numbers is not None
        assert numbers.asset_materialization is not None
        shown = numbers.asset_materialization.metadata
        assert shown["complete"].value == 1
        assert int(str(shown["requests"].value)) > 0
