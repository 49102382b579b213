"""A finished file put in place."""

import os
from pathlib import Path


def publish(content: str | bytes, path: Path) -> None:
    """Put a file in place in one step: a reader sees the old one or the new one, never half of it.

    It is on the disk before it takes the name, so a power failure leaves one of the two as well.

    Raises OSError if that is not possible; the old file is as it was then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with fresh.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
