"""How a run fails: tried again later or ended, with a reason for engineers and one for everybody."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from orchestration.errors import PublicError
from orchestration.meltano.run import ReadError
from orchestration.names import SECONDS, SEVDESK
from orchestration.progress import printable

PUBLIC = "public reason"  # metadata of a failure: what everybody may read
STAGE = "stage"  # metadata of a failure: where it happened
UNFORESEEN = "an unexpected error; an engineer has to look."
RETRIES = 3
FIRST_DELAY = 60.0  # seconds, then doubled: 60 + 120 + 240 outlast the 5 minutes of Meltano's own lock


class PublicReasonError(Exception):
    """Why a step has to be tried again, as everybody may read it: the cause of a RetryRequested."""


def verdict(error: ReadError, attempt: int, *, watched: bool) -> dg.Failure | dg.RetryRequested:
    """Return what to raise for `error` in attempt 0, 1, ...: a retry later, or the end of the run.

    Not Dagster's RetryPolicy: with it a run that somebody terminates starts the step again (dagster#15026).
    """
    if error.transient and not watched and attempt < RETRIES:
        return dg.RetryRequested(max_retries=RETRIES, seconds_to_wait=FIRST_DELAY * 2**attempt)
    return failure(SEVDESK, error, error.public)


def failure(where: str, reason: object, public: str) -> dg.Failure:
    """Return the end of a run in a stage: `reason` for engineers, `public` for all who get alerts."""
    return dg.Failure(printable(str(reason)), metadata={PUBLIC: public, STAGE: where}, allow_retries=False)


@contextmanager
def stage(context: dg.AssetExecutionContext, name: str) -> Iterator[None]:
    """Measure a stage of the run; what goes wrong unforeseen in it bears its name."""
    started = time.monotonic()
    try:
        yield
    except (dg.Failure, dg.RetryRequested):
        raise
    except PublicError as error:
        raise failure(name, error, error.public) from error
    except Exception as error:
        raise failure(name, f"{type(error).__name__}: {error}", UNFORESEEN) from error
    finally:
        taken = {f"{SECONDS}.{name}": f"{time.monotonic() - started:.1f}"}
        context.instance.add_run_tags(context.run.run_id, taken)
