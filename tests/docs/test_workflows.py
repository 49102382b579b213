"""The workflows name only what exists, and may do no more than they need."""

from __future__ import annotations

import re
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


def test_a_deployment_that_does_not_take_place_takes_no_others_place_in_the_queue() -> None:
    """Of a group GitHub keeps one that waits: the CI of a fork's `main` would take the place of an update."""
    deploy = yaml.safe_load((ROOT / ".github" / "workflows" / "deploy.yml").read_text())
    assert "concurrency" not in deploy  # which counts runs whose job is skipped, too
    assert deploy["jobs"]["deploy"]["concurrency"]
