"""A child process never outlives its starter, whatever ends either of them."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestration.meltano.child import child

ROOT = Path(__file__).parents[2]

# A parent and its own child, as meltano and its tap are; both write down who they are.
FAMILY = """
import os, signal, subprocess, sys, time
if "deaf" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "leaf" not in sys.argv:
    subprocess.Popen([sys.executable, __file__, "leaf", *sys.argv[1:]])
print(os.getpid(), flush=True)
time.sleep(60)
"""


@pytest.fixture
def family(tmp_path: Path) -> list[str]:
    script = tmp_path / "family.py"
    script.write_text(FAMILY)
    return [sys.executable, str(script)]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def becomes(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return met


def environment() -> dict[str, str]:
    return dict(os.environ)


def test_a_signal_that_comes_as_it_starts_does_not_wait_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    monkeypatch.setattr(threading.Timer, "start", lambda _: sys.exit(143))
    began = time.monotonic()
    with pytest.raises(SystemExit), child(asleep, cwd=tmp_path, env=environment(), timeout=60):
        pass
    assert time.monotonic() - began < 30


def test_lines_come_as_they_are_written_from_both_outputs(tmp_path: Path) -> None:
    code = "import sys; print('out', flush=True); print('fehlgeschlagen: ü', file=sys.stderr); sys.exit(3)"
    with child([sys.executable, "-c", code], cwd=tmp_path, env=environment(), timeout=60) as running:
        assert list(running.lines()) == ["out", "fehlgeschlagen: ü"]
        assert running.exit_code() == 3


class Alarm:
    """A timer that goes off when the test says so."""

    def __init__(self, _seconds: float, ring: Callable[[], None]) -> None:
        self.ring = ring
        ALARMS.append(self)

    def start(self) -> None:
        pass

    def cancel(self) -> None:
        pass


ALARMS: list[Alarm] = []


@pytest.fixture(params=[signal.SIG_DFL, signal.SIG_IGN], ids=["by a person", "in the background"])
def started(request: pytest.FixtureRequest) -> Iterator[None]:
    """How the pipeline was started: in the background SIGINT is ignored, and by Dagster SIGTERM as well."""
    before = {number: signal.signal(number, request.param) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("started")
@pytest.mark.parametrize(("manner", "signal_"), [("polite", signal.SIGTERM), ("deaf", signal.SIGKILL)])
def test_timeout_ends_the_whole_family_by_force_if_need_be(
    family: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, manner: str, signal_: signal.Signals
) -> None:
    monkeypatch.setattr(threading, "Timer", Alarm)
    grace = 30 if manner == "polite" else 0.1
    with child([*family, manner], cwd=tmp_path, env=environment(), timeout=60, grace=grace) as running:
        lines = running.lines()
        pids = [int(next(lines)), int(next(lines))]
        assert not running.timed_out
        ALARMS.pop().ring()
        assert list(lines) == []
        assert running.exit_code() == -signal_
    assert running.timed_out
    assert becomes(lambda: not any(is_alive(pid) for pid in pids))


def test_an_interrupted_reader_leaves_nobody_behind(family: list[str], tmp_path: Path) -> None:
    def read_until_interrupted() -> None:
        with child(family, cwd=tmp_path, env=environment(), timeout=60) as running:
            for line in running.lines():
                pids.append(int(line))
                if len(pids) == 2:
                    raise KeyboardInterrupt

    pids: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        read_until_interrupted()
    assert becomes(lambda: not any(is_alive(pid) for pid in pids))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tell a child that its parent was killed")
def test_a_killed_starter_takes_its_child_along(family: list[str], tmp_path: Path) -> None:
    starter_code = f"""
import os
from pathlib import Path
from orchestration.meltano.child import child
with child({family!r}, cwd=Path({str(tmp_path)!r}), env=dict(os.environ), timeout=60) as running:
    for line in running.lines():
        print(line, flush=True)
"""
    starter = subprocess.Popen(
        [sys.executable, "-c", starter_code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    head = int(starter.stdout.readline())
    starter.kill()
    starter.wait()
    starter.stdout.close()
    assert becomes(lambda: not is_alive(head))
