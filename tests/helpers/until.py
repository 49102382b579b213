"""Waiting for what other processes do."""

import threading
import time
from collections.abc import Callable

PATIENCE = 600  # seconds for one step on a busy machine


def until(come: Callable[[], object], what: str) -> None:
    """Return as soon as `come` is true; fail with `what` if it never is."""
    deadline = time.monotonic() + PATIENCE
    while not come():
        assert time.monotonic() < deadline, f"{what} did not happen"
        threading.Event().wait(0.1)
