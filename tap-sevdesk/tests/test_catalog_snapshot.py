"""The whole catalog on one page, `catalog.txt`: a change of a stream, key or column shows as one line."""

import json
import subprocess
import sys
from pathlib import Path
from textwrap import fill
from typing import Any

TAP = Path(sys.executable).with_name("tap-sevdesk")
PAGE = Path(__file__).with_name("catalog.txt")
UPDATE = "python tap-sevdesk/tests/test_catalog_snapshot.py > tap-sevdesk/tests/catalog.txt"


def discover() -> list[dict[str, Any]]:
    """Ask the installed tap, without any variable of this process, for its streams."""
    done = subprocess.run([TAP, "--discover"], env={}, capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout)["streams"])


def page(streams: list[dict[str, Any]]) -> str:
    """Write each stream as a paragraph; the marks behind a column are explained at the top."""
    legend = "# @ date-time, {} reference, [] array, # integer, ? boolean, else text;"
    legend += " ! not null, + always, - not by default\n"
    return legend + "".join(f"\n{headline(stream)}\n{columns(stream)}\n" for stream in streams)


def headline(stream: dict[str, Any]) -> str:
    """Say how a stream is replicated, and everything else that its metadata holds."""
    root = next(entry["metadata"] for entry in stream["metadata"] if entry["breadcrumb"] == [])
    said = {"table-key-properties", "forced-replication-method", "valid-replication-keys", "inclusion"}
    rest = " ".join(f"{key}={value}" for key, value in sorted(root.items()) if key not in said)
    assert stream["tap_stream_id"] == stream["stream"]
    assert stream["key_properties"] == root["table-key-properties"]
    method = stream["replication_method"]
    by = f" by {stream['replication_key']}" if stream.get("replication_key") else ""
    return f"{stream['stream']}: key {','.join(stream['key_properties'])}, {method}{by} {rest}".rstrip()


def columns(stream: dict[str, Any]) -> str:
    """List the columns in their order."""
    automatic = {
        entry["breadcrumb"][-1]
        for entry in stream["metadata"]
        if entry["metadata"]["inclusion"] == "automatic"
        if len(entry["breadcrumb"]) == 2
    }
    left_out = {
        entry["breadcrumb"][-1]
        for entry in stream["metadata"]
        if entry["metadata"].get("selected-by-default") is False
    }
    marks = {"object": "{}", "array": "[]", "integer": "#", "boolean": "?", "string": ""}
    words = []
    for name, shape in stream["schema"]["properties"].items():
        types = [shape["type"]] if isinstance(shape["type"], str) else shape["type"]
        mark = "@" if shape.get("format") == "date-time" else marks[types[0]]
        words.append(
            name + mark + "!" * ("null" not in types) + "+" * (name in automatic) + "-" * (name in left_out)
        )
    return fill(
        " ".join(words), width=108, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False
    )


def test_the_catalog_is_the_one_on_the_page() -> None:
    assert page(discover()) == PAGE.read_text("utf-8"), f"if this change is meant, run:  {UPDATE}"


if __name__ == "__main__":
    print(page(discover()), end="")
