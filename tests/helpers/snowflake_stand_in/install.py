"""Installs what the stand-in needs, once, into the virtual environment the tests run in."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = HERE.parents[2]
LOADER_PINS = PROJECT / "constraints-loader.txt"


@dataclass(frozen=True)
class Installed:
    """`python`: runs server.py. `loaders`: Meltano's folder with the unmodified target-snowflake."""

    python: Path
    loaders: Path


def install() -> Installed:
    """Install fakesnow, and target-snowflake by Meltano itself; quick when that was done before.

    Both come from the package registry. Another version of anything is another folder.
    """
    loader = re.findall("pip_url: .*snowflake.*", (PROJECT / "meltano.yml").read_text())
    pins = (HERE / "requirements.txt").read_text() + "".join(loader) + LOADER_PINS.read_text()
    folder = Path(sys.prefix) / "snowflake-stand-in" / hashlib.sha256(pins.encode()).hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    installed = Installed(folder / "server" / "bin" / "python", folder / ".meltano" / "loaders")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may come at once
        if not (folder / "complete").exists():
            _install_server(folder / "server")
            _install_loader(folder, installed.loaders)
            (folder / "complete").touch()
    return installed


def _install_server(venv: Path) -> None:
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, venv], check=True)
    packages = ["pip", "install", "--quiet", "--python", str(venv / "bin" / "python")]
    # outside of the project: below it, as .venv is, uv leaves out what pyproject.toml excludes
    subprocess.run([*uv, *packages, "--requirements", HERE / "requirements.txt"], check=True, cwd=venv.anchor)
    compiled = "import importlib.metadata; importlib.metadata.version('sqlglotc')"
    subprocess.run([venv / "bin" / "python", "-c", compiled], check=True)


def _install_loader(folder: Path, loaders: Path) -> None:
    shutil.copy(PROJECT / "meltano.yml", folder)
    shutil.copy(LOADER_PINS, folder)
    subprocess.run(
        [Path(sys.executable).with_name("meltano"), "install", "loader", "target-snowflake"],
        cwd=folder,
        env=os.environ | {"MELTANO_ENVIRONMENT": "prod"},
        check=True,
        capture_output=True,
    )
    # Meltano drops PYTHONPATH for its plugins; a .pth file is the other way to be imported at the start. In
    # front, as Debian's Python has a sitecustomize of its own.
    packages = next(loaders.glob("target-snowflake/venv/lib/python*/site-packages"))
    line = f"import sys; sys.path.insert(0, {str(HERE / 'redirect')!r}); import sitecustomize\n"
    (packages / "stand_in.pth").write_text(line)
