"""Run a job of the code location for a person watching: `python -m orchestration [hourly|nightly]`.

It is the very job that `make dev` schedules, executed in this process and kept in the same run history. One
difference: it fails at once where a scheduled run would wait and try again, as a person is there to see it.
"""

import atexit
import os
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from orchestration import this_machine
from orchestration.dbt.manifest import ManifestError, prepare
from orchestration.environment import ROOT, Environment, SettingsError, dagster_home
from orchestration.idle import HELD, RUN
from orchestration.meltano.lock import BusyError, only_one
from orchestration.names import FOREGROUND, JOBS, MODELS, REPORT, SECONDS, SEVDESK
from orchestration.progress import say
from orchestration.settings import read_all

if TYPE_CHECKING:
    from dagster import ExecuteInProcessResult

INTERRUPTED = 130  # as shells have it for Ctrl-C


class Stage(NamedTuple):
    """A stage of a run as it is printed: what it does, what its failure means, where its log is."""

    title: str
    meaning: str
    log: str


STAGES = {
    SEVDESK: Stage(
        "extract and load",
        "Nothing is lost: the report shows the previous figures, and the next run goes on from there.",
        "logs/meltano.log",
    ),
    MODELS: Stage(
        "transform and test",
        "What was read is in the warehouse; the report still shows the previous figures, and why.",
        "logs/dbt.log",
    ),
    REPORT: Stage(
        "report",
        "Warehouse and models are up to date; the report still shows the previous figures.",
        "logs/dbt.log",
    ),
}
INCOMPLETE = (
    "The report shows what was read, and says in red that it is not all; make nightly reads everything."
)


def main(arguments: list[str]) -> int:
    """Run the job named by the first argument, `hourly` if none; return the exit code."""
    name = arguments[0] if arguments else JOBS[0]
    if name not in JOBS:
        return _complain(f"There is no job '{name}'. Say `hourly` or `nightly`.")
    try:
        environment, _ = read_all()
        with only_one(dagster_home() / RUN):
            return _run(name, environment)
    except BusyError:
        return _complain(HELD[RUN])
    except (SettingsError, ManifestError) as error:
        return _complain(str(error))
    except Exception as error:
        if not (sentence := this_machine.explain(error)):
            raise
        return _complain(sentence)
    except KeyboardInterrupt:
        _complain("stopped. Nothing is lost; the next run goes on from there.")
        return INTERRUPTED


def _run(name: str, environment: Environment) -> int:
    started = time.time()
    say(f"{name}: sevDesk -> {environment.loader.removeprefix('target-')} -> output/report.html")
    # in the first run, and after a change of a model: dbt parses while Dagster is imported
    threading.Thread(target=_prepare, args=(environment,), daemon=True).start()
    from dagster import DagsterInstance  # noqa: PLC0415 - slow to import

    from orchestration import definitions, lost_runs  # noqa: PLC0415

    job = definitions.load(to_run=True).resolve_job_def(name)
    with DagsterInstance.get() as instance:
        lost_runs.mark_as_failed(instance)
        begun, tags = time.time(), {FOREGROUND: "true", **lost_runs.this_process()}
        result = job.execute_in_process(instance=instance, raise_on_error=False, tags=tags)
        run = instance.get_run_by_id(result.run_id)
    noted = dict(run.tags) if run else {}
    phases = {"start-up": begun - started}
    for stage, shown in STAGES.items():
        if taken := noted.get(f"{SECONDS}.{stage}"):
            phases[shown.title] = float(taken)
    phases["in all"] = time.time() - started
    say("\n" + "\n".join(f"{phase:<20}{seconds:>7.1f} s" for phase, seconds in phases.items()))
    if not result.success:
        return _explain(result)
    say(f"\nThe report: {ROOT / 'output' / 'report.html'}")
    return 0


def _prepare(environment: Environment) -> None:
    """Make dbt's manifest; what fails here fails again, and is reported, when it is read."""
    with suppress(ManifestError, OSError):
        prepare(environment)


def _explain(result: "ExecuteInProcessResult") -> int:
    from orchestration.failure import PUBLIC, STAGE  # noqa: PLC0415 - slow to import
    from orchestration.page import KEY  # noqa: PLC0415
    from orchestration.published import NOT_COPIED  # noqa: PLC0415

    data = next((event.step_failure_data for event in result.all_events if event.is_step_failure), None)
    if data is None:
        return _complain("The run could not be executed; `make dev` shows it with all its events.")
    error = data.error.cause or data.error if data.error else None
    if error and error.cls_name == "DagsterExecutionInterruptedError":
        raise KeyboardInterrupt
    reason: str | None = error.message.strip() if error else "it ended without a reason"
    public, where = "", SEVDESK
    if known := data.user_failure_data:
        reason = known.description
        public, where = (str(known.metadata[key].value) for key in (PUBLIC, STAGE))
    meaning = STAGES[where].meaning
    if KEY in {made.asset_key for made in result.get_asset_materialization_events()}:
        if public == NOT_COPIED:
            return _complain(f"{reason}\n{NOT_COPIED} The next run does it again.")
        meaning, where = INCOMPLETE, SEVDESK
    return _complain(f"{reason}\n{meaning} Log: {ROOT / STAGES[where].log}")


def _complain(text: str) -> int:
    print(f"\nError: {text}", file=sys.stderr)
    return 1


def _end(code: int) -> NoReturn:
    """End the process at once: taking apart what dbt knows of the project would take a second or two."""
    atexit._run_exitfuncs()  # what Python would do first
    with suppress(OSError):  # nobody reads any more
        sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    _end(main(sys.argv[1:]))
