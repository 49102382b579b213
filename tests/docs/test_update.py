"""deploy/update leaves a machine that runs either the new commit or the one before."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.environment import ROOT

BROKEN = {"orchestration/jobs.py": "this cannot be loaded", "constraints.txt": "dagster==0.0.0"}


def link(source: str, target: str) -> None:
    """Make `target` the same file as `source`, or a copy where the disk is another."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


class Machine:
    """A machine with the project, really installed, and a sudo that notes what it was to do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.origin, self.home, self.notes = folder / "origin", folder / "home", folder / "notes"
        self.git("clone", "--quiet", "--depth=1", f"file://{ROOT}", self.origin)
        self.git("-C", self.origin, "checkout", "--quiet", "-B", "main")
        self.git("clone", "--quiet", "--depth=1", f"file://{self.origin}", self.home)
        self.first = self.runs
        sudo = folder / "bin" / "sudo"
        sudo.parent.mkdir()
        sudo.write_text(f'#!/bin/sh\necho "$*" >> {self.notes}\n')
        sudo.chmod(0o755)

    def install(self) -> None:
        """Take over the packages of the tests' own environment, so that little is left to install."""
        here = Path(sys.prefix)
        for part in ("bin", "lib"):
            shutil.copytree(here / part, self.home / ".venv" / part, symlinks=True, copy_function=link)
        shutil.copy(here / "pyvenv.cfg", self.home / ".venv")
        subprocess.run(["make", "install"], cwd=self.home, env=self.env, check=True)

    @property
    def env(self) -> dict[str, str]:
        quick = {"UV_COMPILE_BYTECODE": "0", "PYTHONDONTWRITEBYTECODE": ""}
        return os.environ | quick | {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}"}

    def git(self, *arguments: str | Path) -> str:
        who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
        done = subprocess.run(["git", *who, *arguments], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, path: str, line: str) -> str:
        """Commit at the origin that `path` ends with `line`, on top of the first commit."""
        self.git("-C", self.origin, "reset", "--quiet", "--hard", self.first)
        with (self.origin / path).open("a") as file:
            file.write(f"{line}\n")
        self.git("-C", self.origin, "commit", "--quiet", "--all", "--message", path)
        return self.git("-C", self.origin, "rev-parse", "HEAD")

    def update(self, commit: str) -> int:
        return subprocess.run([self.home / "deploy" / "update", commit], env=self.env, check=False).returncode

    @property
    def runs(self) -> str:
        return self.git("-C", self.home, "rev-parse", "HEAD")

    @property
    def restarts(self) -> int:
        return self.notes.read_text().count("systemctl restart sevdesk.target") if self.notes.exists() else 0


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.slow
def test_a_good_commit_is_started_a_bad_one_is_not_and_the_old_one_can_come_back(machine: Machine) -> None:
    machine.install()
    good = machine.commit("orchestration/jobs.py", "NEW = True")
    assert machine.update(good) == 0
    assert (machine.runs, machine.restarts) == (good, 1)
    for path, line in BROKEN.items():
        assert machine.update(machine.commit(path, line)) == 1, path
        assert (machine.runs, machine.restarts) == (good, 1)
    assert machine.update(machine.first) == 0
    assert (machine.runs, machine.restarts) == (machine.first, 2)


@pytest.mark.parametrize("word", ["", "main", "--help", "$(id)"])
def test_anything_but_a_commit_is_refused(machine: Machine, word: str) -> None:
    assert machine.update(word) == 2
    assert (machine.runs, machine.restarts) == (machine.first, 0)
