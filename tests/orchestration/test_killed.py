"""After a kill -9 the next run completes the work: the real Meltano, a tap and a loader of a few lines."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from orchestration.environment import Environment, child_environment, program
from orchestration.meltano.log import RunLog
from orchestration.meltano.run import ReadError, read

ENVIRONMENT = Environment("local", "target-file")

MELTANO_YML = """
default_environment: local
environments: [{name: local}]
send_anonymous_usage_stats: false
plugins:
  extractors: [{name: tap-sevdesk, namespace: tap_sevdesk, executable: ./tap, capabilities: []}]
  loaders: [{name: target-file, namespace: target_file, executable: ./target}]
"""

# The first time it says who started it, which is Meltano, and waits.
TAP = """
import os, pathlib, sys, time
if not pathlib.Path("tried").exists():
    pathlib.Path("tried.new").write_text(str(os.getppid()))
    pathlib.Path("tried.new").rename("tried")
    time.sleep(60)
print('{"type": "SCHEMA", "stream": "s", "schema": {"properties": {}}, "key_properties": []}')
print('{"type": "RECORD", "stream": "s", "record": {"id": "1"}}')
"""
TARGET = "import sys; open('loaded', 'w').write(sys.stdin.read())"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "meltano.yml").write_text(MELTANO_YML)
    for name, code in (("tap", TAP), ("target", TARGET)):
        (tmp_path / name).write_text(f"#!{sys.executable}\n{code}")
        (tmp_path / name).chmod(0o755)
    return tmp_path


def read_project(project: Path) -> tuple[RunLog, list[str]]:
    said: list[str] = []
    return read(ENVIRONMENT, lambda _level, text: said.append(text), timeout=120, root=project), said


def kill_as_soon_as_it_reads(project: Path) -> None:
    while not (project / "tried").exists():
        threading.Event().wait(0.02)
    os.kill(int((project / "tried").read_text()), signal.SIGKILL)


def test_a_read_takes_the_place_of_one_that_was_killed(project: Path) -> None:
    killer = threading.Thread(target=kill_as_soon_as_it_reads, args=[project])
    killer.start()
    with pytest.raises(ReadError):
        read_project(project)
    killer.join()
    _, said = read_project(project)
    assert "The previous run was killed half-way; this one takes its place." in said
    assert '"id": "1"' in (project / "loaded").read_text()


def test_a_killed_meltano_run_typed_by_hand_is_respected_until_its_lock_falls(project: Path) -> None:
    killer = threading.Thread(target=kill_as_soon_as_it_reads, args=[project])
    killer.start()
    environment = {**child_environment(ENVIRONMENT), "MELTANO_JOB_TRIGGER": "somebody"}
    command: list[str | Path] = [program("meltano"), "run", "tap-sevdesk", "target-file"]
    assert subprocess.run(command, cwd=project, env=environment, capture_output=True, check=False).returncode
    killer.join()
    with pytest.raises(ReadError, match="its lock falls by itself within five minutes") as failure:
        read_project(project)
    assert failure.value.transient
