"""The workflows name only what exists, and deploying leaves a machine that runs either the new or the old."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from orchestration.environment import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
MAKEFILE = (ROOT / "Makefile").read_text()
DOCUMENTED = "".join(
    (ROOT / path).read_text() for path in (".env.example", "deploy/README.md", "snowflake/README.md")
)


def jobs(workflow: Path) -> dict[str, dict[str, Any]]:
    return dict(yaml.safe_load(workflow.read_text())["jobs"])


def commands(workflow: Path) -> Iterator[str]:
    for job in jobs(workflow).values():
        for step in job["steps"]:
            yield from step.get("run", "").splitlines()


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
class TestWorkflows:
    def test_every_program_of_ours_that_it_calls_exists(self, workflow: Path) -> None:
        for command in commands(workflow):
            for target in re.findall(r"\bmake ([a-z-]+)", command):
                assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), command
            for path in re.findall(r"(?:/opt/sevdesk-pipeline/|^)(\.?[a-z]+/[a-z]+)", command):
                assert (ROOT / path).stat().st_mode & 0o111, command

    def test_every_secret_and_variable_is_explained(self, workflow: Path) -> None:
        for name in re.findall(r"\b(?:secrets|vars)\.(\w+)", workflow.read_text()):
            assert re.search(rf"\b{name}\b", DOCUMENTED), name

    def test_it_may_do_no_more_than_it_says_and_not_for_ever(self, workflow: Path) -> None:
        assert "permissions" in yaml.safe_load(workflow.read_text())
        for name, job in jobs(workflow).items():
            assert "timeout-minutes" in job, name
        assert "persist-credentials: false" in workflow.read_text() or "checkout" not in workflow.read_text()

    def test_every_action_of_others_is_pinned_by_commit_with_its_version_beside_it(
        self, workflow: Path
    ) -> None:
        for used in re.findall(r"uses: (.*)", workflow.read_text()):
            assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+(\.\d+)+", used), used

    def test_the_workflow_it_waits_for_exists(self, workflow: Path) -> None:
        names = {yaml.safe_load(path.read_text())["name"] for path in WORKFLOWS}
        after = yaml.safe_load(workflow.read_text())[True].get("workflow_run", {})  # YAML reads `on` so
        assert set(after.get("workflows", [])) <= names


class Machine:
    """A machine that runs a commit, with a make and a systemctl of its own that note what they do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.origin, self.home, self.notes = folder / "origin", folder / "home", folder / "notes"
        self.git("init", "--quiet", "--initial-branch=main", self.origin)
        self.old = self.commit("works")
        self.git("clone", "--quiet", self.origin, self.home)
        programs = folder / "bin"
        programs.mkdir()
        for name, text in (
            (
                "make",
                'echo "make $*: $(cat state)" >> ../notes; test "$(cat state)" != "cannot be installed"',
            ),
            ("sudo", 'echo "$*" >> ../notes'),
        ):
            (programs / name).write_text(f"#!/bin/sh\n{text}\n")
            (programs / name).chmod(0o755)
        python = self.home / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text('#!/bin/sh\ntest "$(cat state)" != "cannot be loaded"\n')
        python.chmod(0o755)

    def git(self, *arguments: str | Path) -> str:
        who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
        done = subprocess.run(["git", *who, *arguments], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, state: str) -> str:
        (self.origin / "deploy").mkdir(exist_ok=True)
        (self.origin / "deploy" / "update").write_text((ROOT / "deploy" / "update").read_text())
        (self.origin / "deploy" / "update").chmod(0o755)
        (self.origin / "state").write_text(state)
        self.git("-C", self.origin, "add", ".")
        self.git("-C", self.origin, "commit", "--quiet", "--message", state)
        return self.git("-C", self.origin, "rev-parse", "HEAD")

    def update(self, commit: str) -> int:
        env = {"PATH": f"{self.folder / 'bin'}:/usr/local/bin:/usr/bin:/bin", "HOME": str(self.folder)}
        return subprocess.run([self.home / "deploy" / "update", commit], env=env, check=False).returncode

    @property
    def runs(self) -> str:
        return self.git("-C", self.home, "rev-parse", "HEAD")

    @property
    def restarts(self) -> int:
        return self.notes.read_text().count("systemctl restart sevdesk.target") if self.notes.exists() else 0


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


class TestUpdate:
    def test_a_good_commit_is_installed_and_started_and_the_old_one_can_come_back(
        self, machine: Machine
    ) -> None:
        new = machine.commit("works better")
        assert machine.update(new) == 0
        assert (machine.runs, machine.restarts) == (new, 1)
        assert machine.update(machine.old) == 0
        assert (machine.runs, machine.restarts) == (machine.old, 2)

    @pytest.mark.parametrize("state", ["cannot be installed", "cannot be loaded"])
    def test_a_bad_commit_leaves_the_old_one_running(self, machine: Machine, state: str) -> None:
        assert machine.update(machine.commit(state)) == 1
        assert (machine.runs, machine.restarts) == (machine.old, 0)
        assert machine.notes.read_text().splitlines()[-1] == "make install: works"

    @pytest.mark.parametrize("word", ["", "main", "--help", "$(id)"])
    def test_anything_but_a_commit_is_refused(self, machine: Machine, word: str) -> None:
        assert machine.update(word) == 2
        assert machine.runs == machine.old
