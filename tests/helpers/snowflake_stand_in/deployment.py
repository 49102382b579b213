"""The pipeline as its users run it, in either environment: our meltano.yml and transform/, state apart."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.meltano.child import child
from tests.helpers.snowflake_stand_in.install import PROJECT, Installed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sevdesk_sandbox import Sandbox

BIN = Path(sys.executable).parent
OURS = ("SEVDESK_", "SNOWFLAKE_", "MELTANO_", "TAP_", "TARGET_", "DBT_", "WAREHOUSE_PATH", "PYTHONPATH")

PATIENCE = 900.0  # seconds for one command


class CommandError(Exception):
    """Meltano or dbt failed; `output` is all it printed."""

    def __init__(self, output: str) -> None:
        super().__init__(output[-5000:])
        self.output = output


@dataclass(frozen=True)
class Deployment:
    """`name` is the Meltano environment and the dbt target; `settings` are environment variables."""

    name: str
    loader: str
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def load(self, sandbox: Sandbox, *, full: bool = False, **settings: str) -> None:
        """`meltano run tap-sevdesk <loader>`; `full`: with --full-refresh."""
        tap = {
            "TAP_SEVDESK_API_URL": sandbox.url,
            "TAP_SEVDESK_API_TOKEN": sandbox.token,
            "TAP_SEVDESK_REQUESTS_PER_SECOND": "0",
        }
        options = ["--full-refresh"] if full else []
        self._run(["meltano", "run", *options, "tap-sevdesk", self.loader], **tap, **settings)

    def build(self, *, tests: bool = False, only: Sequence[str] = ("fqn:*",)) -> None:
        """`dbt build` of all, or of what `only` selects, with its data tests if `tests`.

        Unit tests stay out: they need temporary tables, which fakesnow has not; DuckDB runs them.
        """
        left_out = ["unit_test", *([] if tests else ["test"])]
        self._dbt("build", "--select", *only, "--exclude-resource-types", *left_out)

    def _dbt(self, *arguments: str) -> str:
        transform = str(PROJECT / "transform")
        project = ["--project-dir", transform, "--profiles-dir", transform]
        output = ["--target-path", str(self.folder / "target"), "--log-path", str(self.folder)]
        output += ["--log-level-file", "none"]
        return self._run(["dbt", *arguments, *project, *output, "--target", self.name])

    def _run(self, command: list[str | Path], **settings: str) -> str:
        env = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        env |= {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "MELTANO_ENVIRONMENT": self.name}
        with child(command, cwd=self.folder, env=env | self.settings | settings, timeout=PATIENCE) as running:
            output = "\n".join(running.lines())
            if running.exit_code():
                raise CommandError(output)
        return output


def project(folder: Path, installed: Installed) -> Path:
    """Make a Meltano project with our meltano.yml, without a .env, and with the loader installed already."""
    (folder / ".meltano").mkdir(parents=True)
    shutil.copy(PROJECT / "meltano.yml", folder)
    (folder / ".meltano" / "loaders").symlink_to(installed.loaders)
    return folder
