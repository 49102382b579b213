"""Run a job of the code location for a person watching: `python -m orchestration [hourly|nightly]`.

It is the very job that `make dev` schedules, executed in this process and kept in the same run history. One
difference: it fails at once where a scheduled run would wait and try again, as somebody is there to see it.
"""

import os
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration import transform
from orchestration.lock import BusyError, only_one
from orchestration.worlds import ROOT, SettingsError, World, read_world

if TYPE_CHECKING:
    from dagster import DagsterInstance, ExecuteInProcessResult

PHASES = {"sevdesk": "extract and load", "models": "transform and test", "report": "report"}
MEANING = {
    "sevdesk": "Nothing is lost: the warehouse and the report are as before, and the next run goes on from there. "
    "Full log: logs/meltano.log",
    "models": "What was read is in the warehouse; the report still shows the previous figures. Full log: logs/dbt.log",
    "report": "Warehouse and models are up to date; the report is the previous one. Full log: logs/dbt.log",
}


def main(arguments: list[str]) -> int:
    """Run the job named by the first argument, `hourly` if none; return the exit code."""
    name = arguments[0] if arguments else "hourly"
    try:
        world = read_world()
        home = Path(os.environ.get("DAGSTER_HOME") or ROOT / ".dagster").absolute()
        os.environ["DAGSTER_HOME"] = str(home)
        with only_one(home / "foreground.lock"):
            return _run(name, world)
    except BusyError:
        return _complain(
            "Another `make run` or `make nightly` is still going on in this folder. Wait until it has ended."
        )
    except (SettingsError, transform.DbtError) as error:
        return _complain(str(error))
    except OSError as error:
        return _complain(f"{error.strerror}: {error.filename}. This folder must be writable.")
    except KeyboardInterrupt:
        return _complain("Stopped. Nothing is lost; the next run goes on from there.") + 129


def _run(name: str, world: World) -> int:
    started = time.time()
    print(f"{name}: sevDesk -> {world.loader.removeprefix('target-')} -> output/report.html", flush=True)
    # dbt may have to parse the project, which needs one of the two cores while Dagster's import needs the other
    parsing = threading.Thread(target=_ignore_errors, args=[world])
    parsing.start()
    warnings.filterwarnings("ignore", module="dagster")
    import dagster_dbt  # noqa: F401, PLC0415
    from dagster import DagsterInstance  # noqa: PLC0415

    parsing.join()
    from orchestration.definitions import FOREGROUND, defs  # noqa: PLC0415

    names = [job.name for job in defs.jobs or ()]
    if name not in names:
        return _complain(f"There is no job '{name}'. Jobs: {', '.join(names)}.")
    job = defs.resolve_job_def(name)
    with DagsterInstance.get() as instance:
        _bury_the_dead(instance, FOREGROUND)
        ready = time.time()
        result = job.execute_in_process(instance=instance, raise_on_error=False, tags={FOREGROUND: "true"})
        steps = instance.get_run_step_stats(result.run_id)
    print("\nseconds")
    print(f"  {'start-up':<20}{ready - started:>7.1f}")
    for step in sorted(steps, key=lambda step: step.start_time or 0):
        if step.start_time and step.end_time:
            print(f"  {PHASES.get(step.step_key, step.step_key):<20}{step.end_time - step.start_time:>7.1f}")
    print(f"  {'in all':<20}{time.time() - started:>7.1f}")
    if result.success:
        print(f"\nThe report: {ROOT / 'output' / 'report.html'}")
        return 0
    return _explain(result)


def _ignore_errors(world: World) -> None:
    try:
        transform.prepare(world)
    except (transform.DbtError, OSError):
        pass  # definitions will find the same and say it


def _bury_the_dead(instance: "DagsterInstance", tag: str) -> None:
    """Note runs like this one that were killed as failed. We hold the lock, so none of them is alive."""
    from dagster import DagsterRunStatus, RunsFilter  # noqa: PLC0415

    unfinished = [DagsterRunStatus.NOT_STARTED, DagsterRunStatus.STARTING, DagsterRunStatus.STARTED]
    for run in instance.get_runs(RunsFilter(tags={tag: "true"}, statuses=unfinished)):
        instance.report_run_failed(run, "The process was killed.")


def _explain(result: "ExecuteInProcessResult") -> int:
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            told = data.user_failure_data and data.user_failure_data.description
            reason = told or (data.error.message.strip() if data.error else "It failed without a reason.")
            return _complain(f"{reason}\n{MEANING.get(event.step_key or '', '')}")
    return _complain("The run failed; `make dev` shows where.")


def _complain(text: str) -> int:
    print(f"\nError: {text}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
