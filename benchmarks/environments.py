"""A virtual environment for each client, made once, so that nobody's dependencies disturb another's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
CLIENTS = Path(__file__).parent / "clients"
OURS = "tap-sevdesk"
_UV = str(Path(sys.executable).parent / "uv")


def prepare(folder: Path, names: set[str]) -> None:
    """Make the environments `folder/<name>` as `clients/<name>.txt` says; ours is installed again each time.

    Raises:
        CalledProcessError: when the registry cannot be reached, say.

    """
    for name in sorted(names - {OURS}):
        wanted = (CLIENTS / f"{name}.txt").read_text("utf-8")
        stamp = folder / name / "installed.txt"
        if not stamp.exists() or stamp.read_text("utf-8") != wanted:
            _make(folder / name, ["--requirements", str(CLIENTS / f"{name}.txt")])
            stamp.write_text(wanted, "utf-8")
    if OURS in names:
        pinned = ["--constraint", str(ROOT / "constraints.txt")]
        # without `refresh` uv would install what it built of an earlier state of the sources
        _make(folder / OURS, [*pinned, "--refresh-package", OURS, str(ROOT / OURS)])


def _make(environment: Path, arguments: list[str]) -> None:
    print(f"installing {environment.name} ...", file=sys.stderr, flush=True)
    subprocess.run(  # noqa: S603 - our own uv
        [_UV, "venv", "--quiet", "--clear", "--python", sys.executable, str(environment)], check=True
    )
    subprocess.run(  # noqa: S603
        [_UV, "pip", "install", "--quiet", "--compile-bytecode", *arguments],
        check=True,
        env={**os.environ, "VIRTUAL_ENV": str(environment)},
    )
