"""`make dev` starts its parts together and leaves nothing behind, whenever and however it is stopped."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration import dev, idle
from orchestration.environment import ROOT
from tests.helpers.alert_servers import free_port

# A part with a child of its own, as the code server has. `short` ends; in a folder `deaf` nobody listens.
PART = """
import os, socket, subprocess, sys, time
from pathlib import Path
name, folder = sys.argv[1], Path(sys.argv[2])
if name == "short":
    sys.exit("It has lost its way.")
child = subprocess.Popen(["sleep", "600"])
(folder / f"{name}.new").write_text(f"{os.getpid()} {child.pid} {os.environ['DAGSTER_CODE_SERVER_SOCKET']}")
(folder / f"{name}.new").rename(folder / f"{name}.pids")
if name == "code" and folder.name != "deaf":
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(os.environ["DAGSTER_CODE_SERVER_SOCKET"])
    listening.listen()
time.sleep(600)
"""

STARTER = """
import sys
from orchestration import dev, idle
dev.PARTS = {name: f"python {sys.argv[1]}/part.py {name} {sys.argv[1]}" for name in sys.argv[2].split(",")}
sys.exit(dev.main([sys.argv[3]]))
"""


def start(folder: Path, parts: str, **more: str) -> subprocess.Popen[str]:
    (folder / "part.py").write_text(PART)
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "DAGSTER_HOME": str(folder),
        "TMPDIR": str(folder),
        "WEBHOOK_PORT": str(free_port()),
        "MELTANO_ENVIRONMENT": "local",
        **more,
    }
    return subprocess.Popen(
        [sys.executable, "-c", STARTER, str(folder), parts, str(free_port())],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def pids(folder: Path, name: str) -> list[int]:
    """Wait until a part is there; return its process and the one that it has started."""
    while not (folder / f"{name}.pids").exists():
        threading.Event().wait(0.02)
    return [int(word) for word in (folder / f"{name}.pids").read_text().split()[:2]]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def short() -> Iterator[Path]:
    """Yield a folder with a short path: that of a socket may have some 100 characters."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


ALL = ["code", "web", "daemon", "webhook"]


@pytest.mark.parametrize(
    ("number", "name", "parts"),
    [
        (signal.SIGINT, "deaf", ["code"]),
        (signal.SIGTERM, "deaf", ["code"]),
        (signal.SIGINT, "up", ALL),
        (signal.SIGTERM, "up", ALL),
        (signal.SIGHUP, "up", ALL),
    ],
)
def test_it_leaves_nothing_running(short: Path, number: signal.Signals, name: str, parts: list[str]) -> None:
    folder = short / name
    folder.mkdir()
    running = start(folder, ",".join(ALL))
    started = [pid for part in parts for pid in pids(folder, part)]
    running.send_signal(number)
    _, said = running.communicate()
    assert (running.returncode, said) == (0, "")
    assert not any(is_alive(pid) for pid in started)
    socket_of_code = Path((folder / "code.pids").read_text().split()[2])
    assert not socket_of_code.parent.exists()


def test_a_part_that_ends_is_named_and_takes_the_others_along(short: Path) -> None:
    running = start(short, "code,short")
    _, said = running.communicate()
    assert (running.returncode, said) == (1, "Error: the part `short` has ended, see above.\n")
    assert not any(is_alive(pid) for pid in pids(short, "code"))


def test_a_damaged_history_is_reported_before_anything_is_started(short: Path) -> None:
    (short / "history").mkdir()
    (short / "history" / "runs.db").write_bytes(b"no database" * 100)
    running = start(short, "code")
    _, said = running.communicate()
    assert running.returncode == 1
    assert said.startswith(f"Error: Dagster's history of runs in {short} cannot be used (file is not a data")
    assert said.count("\n") == 1
    assert not list(short.glob("*.pids"))


def test_a_second_one_in_the_same_folder_and_a_reset_below_it_are_refused(short: Path) -> None:
    first = start(short, "code")
    pids(short, "code")
    said = "Error: `make dev` is running in this folder. Stop it first.\n"
    try:
        assert start(short, "web").communicate(timeout=20)[1] == said
        assert idle.at_work(short) == said.removeprefix("Error: ").rstrip()
    finally:
        first.terminate()
        first.communicate()
    assert idle.at_work(short) is None


def test_a_reset_below_the_services_of_deploy_is_refused_and_one_below_a_socket_left_over_is_not(
    short: Path,
) -> None:
    with socket.socket(socket.AF_UNIX) as code_server:
        code_server.bind(str(short / "code.sock"))
        code_server.listen()
        said = "The services of deploy/ are running in this folder. Stop them first."
        assert idle.at_work(short) == said
    assert (short / "code.sock").exists()
    assert idle.at_work(short) is None


@pytest.mark.parametrize("port", ["abc", "-1", "0", "70000", "３０００"])
def test_a_port_that_is_none_is_reported(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main([port]) == 1
    assert capsys.readouterr().err == f"Error: PORT is '{port}'. Set it to a whole number from 1 to 65535.\n"
