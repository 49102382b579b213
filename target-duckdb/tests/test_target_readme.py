"""The README's claims that no other test proves."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
EXECUTABLE = Path(sys.executable).with_name("target-duckdb")


def test_the_table_of_settings_says_what_about_says() -> None:
    about = json.loads(subprocess.check_output([EXECUTABLE, "--about", "--format=json"]))
    documented = {
        name: (setting.get("default"), setting["description"])
        for name, setting in about["settings"]["properties"].items()
        if not name.startswith(("stream_map", "flattening", "faker"))
    }
    row = re.compile(r"^\| `(\w+)` \| (?:`(.+?)`)? *\| (.+?) \|$", re.MULTILINE)
    written = {
        name: (json.loads(default) if default else None, text)
        for name, default, text in row.findall(README.read_text())
    }
    assert written == {name: (default, text) for name, (default, text) in documented.items()}


def test_the_example_runs_as_written(tmp_path: Path) -> None:
    example = re.search(r"```sh\n(.+?)```", README.read_text(), re.DOTALL)
    assert example
    steps = (
        example[1]
        .replace("pip install ./target-duckdb\n", "")
        .replace("target-duckdb --", f"{EXECUTABLE} --")
    )
    done = subprocess.run(
        ["bash", "-euc", steps],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        text=True,
        env={"PATH": f"{EXECUTABLE.parent}:/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ['{"bookmark": 1}', "[(1, 'Müller GmbH')]"]
