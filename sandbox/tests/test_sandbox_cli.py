"""The command: what it prints, what it runs, and that nothing is left behind."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest
import requests

CLI = [sys.executable, "-m", "sevdesk_sandbox.cli"]
PYTHON = sys.executable


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a program in an empty folder and without settings; what is left at the end is killed."""
    running: list[subprocess.Popen[str]] = []

    def begin(*command: str, **environment: str) -> subprocess.Popen[str]:
        clean = {name: text for name, text in os.environ.items() if not name.startswith("SEVDESK_")}
        process = subprocess.Popen(
            command,
            cwd=tmp_path,
            env=clean | environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


Start = Callable[..., "subprocess.Popen[str]"]


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=20)
    return process.returncode, out, err


def all_ended(process: subprocess.Popen[str]) -> None:
    """Wait for the end of all who hold the other end of its output: the process and its descendants."""
    process.communicate(timeout=20)


def line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline().strip()


def test_it_serves_and_prints_lines_for_a_shell(start: Start) -> None:
    process = start(*CLI, "--port", "0", "--now", "2025-01-31T12:00:00Z", "--switch", "total=int")
    settings = dict(line(process.stdout).removeprefix("export ").split("=", 1) for _ in "123")
    headers = {"Authorization": settings["SEVDESK_API_KEY"]}
    answer = requests.get(f"{settings['SEVDESK_API_URL']}/Invoice?countAll=true", headers=headers, timeout=20)
    assert answer.json()["total"] > 100
    assert settings["SEVDESK_REQUESTS_PER_SECOND"] == "0"
    assert answer.headers["Date"] == "Fri, 31 Jan 2025 12:00:00 GMT"
    process.send_signal(signal.SIGTERM)
    assert finish(process)[0] == 0


def test_a_command_gets_the_address_and_the_key_and_returns_its_exit_code(start: Start) -> None:
    script = """if True:
        import os, sys, urllib.request
        request = urllib.request.Request(os.environ["SEVDESK_API_URL"] + "/Tools/bookkeepingSystemVersion")
        request.add_header("Authorization", os.environ["SEVDESK_API_KEY"])
        print(urllib.request.urlopen(request).status)
        sys.exit(7)
    """
    code, out, err = finish(start(*CLI, PYTHON, "-c", script))
    assert (code, out) == (7, "200\n")
    assert err.startswith(
        "sevdesk-sandbox: no SEVDESK_API_KEY is set: a made-up sevDesk serves at http://127.0.0.1:"
    )
    assert err.count("\n") == 1


@pytest.mark.parametrize("given", [{}, {"no_proxy": "example.com"}, {"NO_PROXY": "example.com"}])
def test_no_proxy_is_asked_for_the_sandbox(start: Start, given: dict[str, str]) -> None:
    proxies = dict.fromkeys(("http_proxy", "HTTP_PROXY", "ALL_PROXY"), "http://127.0.0.1:9") | given
    code = "import os, requests; print(requests.get(os.environ['SEVDESK_API_URL'] + '/Contact').status_code)"
    printed, _ = start(*CLI, PYTHON, "-c", code, **proxies).communicate()
    assert printed == "401\n", "an answer of the sandbox, which wants a token"


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_dotenv_of_another_encoding_is_reported_in_a_sentence(
    start: Start, tmp_path: Path, encoding: str
) -> None:
    (tmp_path / ".env").write_text("COMPANY_NAME=Müller\n", encoding=encoding)
    process = start(*CLI, PYTHON, "-c", "print('runs')")
    printed, said = process.communicate()
    assert (process.returncode, printed) == (2, "")
    assert (
        said == "sevdesk-sandbox: .env is not UTF-8 text. Save it as UTF-8 in your editor, and run again.\n"
    )


def test_options_of_the_command_are_its_own(start: Start) -> None:
    code, out, _ = finish(start(*CLI, "--seed", "3", "--", "echo", "--port", "x"))
    assert (code, out) == (0, "--port x\n")


@pytest.mark.parametrize("name", ["SEVDESK_API_KEY", "SEVDESK_API_URL"])
def test_with_a_setting_in_the_environment_the_command_just_runs(start: Start, name: str) -> None:
    shell = ["sh", "-c", "echo ${SEVDESK_API_URL-no} ${SEVDESK_API_KEY-no}; exit 3"]
    code, out, err = finish(start(*CLI, *shell, **{name: "mine"}))
    assert code == 3
    assert sorted(out.split()) == ["mine", "no"]
    assert err == f"sevdesk-sandbox: {name} is set in the environment: no sandbox is started\n"


def test_with_a_setting_in_dotenv_the_command_just_runs(start: Start, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SEVDESK_API_KEY=0123\n", encoding="utf-8")
    code, _, err = finish(start(*CLI, "true"))
    assert code == 0
    assert err == "sevdesk-sandbox: SEVDESK_API_KEY is set in .env: no sandbox is started\n"


def test_an_empty_setting_in_dotenv_counts_for_nothing(start: Start, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SEVDESK_API_KEY=\nSEVDESK_API_URL=\n", encoding="utf-8")
    assert "a made-up sevDesk serves at" in finish(start(*CLI, "true"))[2]


def test_a_command_killed_by_a_signal_gives_128_and_its_number(start: Start) -> None:
    assert finish(start(*CLI, "sh", "-c", "kill -9 $$"))[0] == 128 + 9


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_are_passed_on(start: Start, sent: signal.Signals) -> None:
    script = f"import signal, sys; signal.signal({sent}, lambda *_: sys.exit(5)); print('up', flush=True)"
    process = start(*CLI, PYTHON, "-c", f"{script}; signal.pause()")
    assert line(process.stdout) == "up"
    process.send_signal(sent)
    assert finish(process)[0] == 5


def test_an_interrupt_from_the_keyboard_is_not_sent_twice(start: Start) -> None:
    """In the foreground the terminal sends it to COMMAND as well, so it is passed on only outside of that."""
    script = "from sevdesk_sandbox.process import in_foreground; print(in_foreground())"
    assert finish(start(PYTHON, "-c", script))[1] == "False\n"
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(PYTHON, [PYTHON, "-c", script])
    assert os.read(terminal, 1024).startswith(b"True")
    os.waitpid(pid, 0)
    os.close(terminal)


def test_when_the_parent_is_killed_the_sandbox_and_its_command_end(start: Start) -> None:
    inner = " ".join([*CLI, "sh", "-c", "'echo up; exec sleep 60'"])
    parent = start("sh", "-c", f"{inner} & wait")
    assert line(parent.stdout) == "up"
    parent.kill()
    all_ended(parent)


def test_when_the_parent_of_a_serving_sandbox_is_killed_it_ends(start: Start) -> None:
    parent = start("sh", "-c", " ".join([*CLI, "--port", "0", "& wait"]))
    assert line(parent.stdout).startswith("export")
    parent.kill()
    all_ended(parent)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux signals a process that its parent was killed")
def test_when_the_sandbox_itself_is_killed_its_command_ends(start: Start) -> None:
    process = start(*CLI, "sh", "-c", "echo up; exec sleep 60")
    assert line(process.stdout) == "up"
    process.kill()
    all_ended(process)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--now", "yesterday", "true"], "yesterday is no time: write it as in 2026-06-30T12:00:00+00:00"),
        (["--now", "2026-06-30T12:00:00", "true"], "lacks its offset from UTC"),
        (["--switch", "sandwich=ham", "true"], "there is no switch sandwich: there are ignore"),
        (["--switch", "total=big", "true"], "it takes string, int, absent"),
        (["--switch", "total", "true"], "total lacks its value: --switch total=..."),
        (["--port", "99999"], "99999 is no port: 0 to 65535"),
        (["--size", "many", "true"], "many is no whole number"),
    ],
)
def test_a_bad_argument_is_refused_with_a_sentence(start: Start, arguments: list[str], sentence: str) -> None:
    code, out, err = finish(start(*CLI, *arguments))
    assert (code, out) == (2, "")
    assert sentence in err.splitlines()[-1]
    assert "Traceback" not in err


def test_a_port_in_use_is_reported_in_a_sentence(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = finish(start(*CLI, "--port", str(port)))
    assert code == 2
    assert err == (
        f"sevdesk-sandbox: no access to port {port} (Address already in use): "
        "stop what uses it, or choose another with --port\n"
    )


@pytest.mark.parametrize(("command", "code"), [("no-such-program", 127), ("/", 126)])
def test_a_command_that_cannot_run_is_reported_in_a_sentence(start: Start, command: str, code: int) -> None:
    found, _, err = finish(start(*CLI, command))
    assert found == code
    assert f"sevdesk-sandbox: cannot run {command}: " in err
    assert "Traceback" not in err
