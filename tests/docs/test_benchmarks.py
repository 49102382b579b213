"""`make bench` starts: its parts import the project's own code, which moves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EACH = """
from importlib import import_module
from benchmarks.__main__ import PARTS
for part, (_, _, module) in PARTS.items():
    assert callable(getattr(import_module(f"benchmarks.{module}"), part)), part
"""


def test_each_part_of_the_benchmarks_can_be_imported_after_the_others() -> None:
    done = subprocess.run([sys.executable, "-c", EACH], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
