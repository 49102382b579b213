"""What the benchmark ran on, without naming the machine."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.environments import CLIENTS


def machine() -> str:
    """Return date, cores, processor, Python and how busy the machine is."""
    today = datetime.now(UTC).date().isoformat()
    load = f"load {os.getloadavg()[0]:.1f}"
    return f"{today}, {os.cpu_count()} cores of {_processor()}, Python {platform.python_version()}, {load}."


def versions() -> str:
    """Return what is asked of the registry for each client."""
    asked = (path.read_text("utf-8").split() for path in sorted(CLIENTS.glob("*.txt")))
    return "Versions: " + "; ".join(", ".join(each) for each in asked) + "."


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text("utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
