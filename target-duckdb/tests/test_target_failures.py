"""When things go wrong: one sentence, exit code 1, nothing half loaded, no state ahead of its rows."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from loading import (
    DATE_TIME,
    INTEGER,
    STRING,
    Load,
    Message,
    Rows,
    Run,
    activate,
    lines,
    load_into,
    read,
    record,
    schema,
    state,
)
from singer_sdk.exceptions import MissingKeyPropertiesError

from sevdesk_target_duckdb.warehouse import LoadError

# The command, with a state after each batch instead of every five minutes.
EAGER = (
    "from sevdesk_target_duckdb.target import TargetDuckDB as target;"
    "target._MAX_RECORD_AGE_IN_MINUTES = 0; target.cli()"
)


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """Return what the person reads: the last line, after the logger's columns."""
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr.strip().splitlines()[-1].split("| ")[-1]


def test_a_file_in_use_names_the_program_that_holds_it(run: Run, path: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import duckdb; db = duckdb.connect({str(path)!r}); print(1, flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    said = complaint(run(schema(), record(id=1), state(1)))
    holder.communicate(b"\n")
    assert said.startswith(f"{path} is in use by another program (")
    assert said.endswith(f"PID {holder.pid}). Close it there and run again.")


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    path = tmp_path / "not" / "yet" / "warehouse.duckdb"
    load_into(path, schema(), record(id=1))
    assert read(path, "select id from raw.things") == [(1,)]


@pytest.mark.parametrize("name", [":memory:", ":memory:books", "duckdb:books.duckdb", "md:books"])
def test_a_path_is_a_files_path_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """DuckDB would take these for a database without a file, or for a service: all rows would be lost."""
    monkeypatch.chdir(tmp_path)
    load_into(Path(name), schema(), record(id=1))
    assert read(tmp_path / name, "select id from raw.things") == [(1,)]


def test_a_path_may_begin_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    load_into(Path("~/books/warehouse.duckdb"), schema(), record(id=1))
    assert read(tmp_path / "books" / "warehouse.duckdb", "select id from raw.things") == [(1,)]


def test_a_folder_that_cannot_be_made_or_written_is_named(run: Run) -> None:
    assert "/proc/here/warehouse.duckdb cannot be written: " in complaint(
        run(path="/proc/here/warehouse.duckdb")
    )


def test_a_folder_in_place_of_the_file_is_named(run: Run, tmp_path: Path) -> None:
    assert f"{tmp_path} cannot be written: Is a directory. Check its folder" in complaint(
        run(path=str(tmp_path))
    )


def test_a_file_in_place_of_the_folder_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot be written: " in complaint(run(path=str(tmp_path / "file" / "warehouse.duckdb")))


def test_a_file_that_is_no_database_is_left_alone(run: Run, path: Path) -> None:
    path.write_text("my only copy of something" * 1000)
    assert complaint(run(schema())) == f"{path} is not a DuckDB file. Move it away, or set another `path`."
    assert path.read_text() == "my only copy of something" * 1000


def test_an_index_in_the_way_of_a_column_that_becomes_text_is_named(load: Load, run: Run, path: Path) -> None:
    load(schema(name=INTEGER), record(id=1, name=1))
    with duckdb.connect(path) as db:
        db.execute("create index of_somebody on raw.things (id)")
    done = run(schema(name=STRING), record(id=1, name="a"))
    assert done.returncode == 1
    assert "has an index on a table that must change. Drop it and run again." in done.stderr


def test_an_empty_file_left_by_a_killed_run_is_no_obstacle(load: Load, rows: Rows, path: Path) -> None:
    path.touch()
    load(schema(), record(id=1))
    assert rows("select id from raw.things") == [(1,)]


def test_a_file_of_another_duckdb_version_is_named(run: Run, path: Path) -> None:
    duckdb.connect(path).close()
    content = bytearray(path.read_bytes())
    checksum = int.from_bytes(content[:8], "little") ^ words(content)
    content[12:20] = (9999).to_bytes(8, "little")  # where DuckDB keeps the number of its format
    content[:8] = (checksum ^ words(content)).to_bytes(8, "little")
    path.write_bytes(content)
    assert "is in the format of another DuckDB version. Upgrade duckdb" in complaint(run(schema()))


def words(header: bytearray) -> int:
    """Compute what the two words with the format's number add to DuckDB's checksum of its header."""
    first, second = (int.from_bytes(header[at : at + 8], "little") * 0xBF58476D1CE4E5B9 for at in (8, 16))
    return (first ^ second) % 2**64


def test_a_full_disk_is_named(run: Run, tmp_path: Path) -> None:
    full = tmp_path / "full.duckdb"
    full.symlink_to("/dev/full")
    assert "cannot grow: the disk is full." in complaint(run(schema(), path=str(full)))


def test_a_disk_that_fills_up_costs_the_open_batch_only(path: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"path": str(path), "batch_size_rows": 1000, "validate_records": False}))
    command = [str(Path(sys.executable).with_name("target-duckdb")), "--config", str(config)]
    messages = [
        schema(text=STRING),
        *[record(id=n, text=f"{n * 7919:x}" * 40) for n in range(5000)],
        state("done"),
    ]
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 1000; exec "$@"', "sh", *command],
        input=lines(*messages).decode(),
        capture_output=True,
        check=False,
        text=True,
    )
    assert "cannot grow: the disk is full. The open batch was rolled back" in complaint(done)
    ((count, last),) = read(path, "select count(*), max(id) from raw.things")
    assert 0 < count < 5000
    assert count % 1000 == 0
    assert last == count - 1


def test_a_batch_that_fails_half_way_is_rolled_back_whole(load: Load, rows: Rows, path: Path) -> None:
    load(schema(name=STRING), record(id=1, name="a"), record(id=2, name="b"))
    read(path, "alter table raw.things alter name set not null")
    with pytest.raises(LoadError, match=r"rolled back\. DuckDB says: ConstraintException"):
        load(schema(name=STRING), record(id=1, name="new"), record(id=2, name=None))
    assert rows("select id, name from raw.things order by id") == [(1, "a"), (2, "b")]


def test_the_state_after_a_batch_that_fails_is_not_passed_on(run: Run) -> None:
    done = run(schema(at=DATE_TIME), record(id=1, at="never"), state(1))
    assert (
        "at has values that are no TIMESTAMPTZ (1 in this batch). Nothing of the batch was loaded."
        in complaint(done)
    )


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_loader_stopped_in_mid_run_never_said_a_state_ahead_of_its_rows(
    path: Path, tmp_path: Path, end: signal.Signals
) -> None:
    total = 20_000
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"path": str(path)}))
    messages = [schema(n=INTEGER), *[m for n in range(total) for m in (record(id=n, n=n), state(n))]]
    (tmp_path / "input.jsonl").write_bytes(lines(*messages))
    loader = subprocess.Popen(
        [sys.executable, "-c", EAGER, "--config", config, "--input", tmp_path / "input.jsonl"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert loader.stdout is not None
    said = [loader.stdout.readline() for _ in range(20)]
    loader.send_signal(end)
    rest, _ = loader.communicate(timeout=60)
    assert loader.returncode == (-end if end == signal.SIGKILL else 128 + end)
    last = json.loads([*said, *rest.splitlines()][-1])["bookmark"]
    ((count, newest),) = read(path, "select count(*), max(id) from raw.things")
    assert last <= newest < total - 1, (
        "every row before the last state is there, and it was stopped in mid-run"
    )
    assert count == newest + 1, "and no row is missing before the newest"

    load_into(
        path, schema(n=INTEGER), *[record(id=n, n=n) for n in range(last, total)], validate_records=False
    )
    assert read(path, "select count(*), sum(n) from raw.things") == [(total, total * (total - 1) // 2)]


ANYTHING = {"secret": "secret"}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b'{"type": "RECORD", "secret', "The tap sent a line that is not JSON."),
        pytest.param(b"[" * 100_000, "The tap sent a line that is not JSON.", id="nested without end"),
        (b'["secret"]', "The tap sent a line that is not a Singer message."),
        ({"record": ANYTHING}, "The tap sent a message of an unknown type."),
        ({"type": "secret"}, "The tap sent a message of an unknown type."),
        ({"type": ["secret"]}, "The tap sent a message of an unknown type."),
        ({"type": "RECORD", "record": ANYTHING}, "The tap sent RECORD without a good stream."),
        (record() | {"stream": ["secret"]}, "The tap sent RECORD without a good stream."),
        (record() | {"record": ["secret"]}, "The tap sent RECORD without a good record."),
        (record() | {"record": None}, "The tap sent RECORD without a good record."),
        (record(name="secret"), "missing one or more key_properties"),
        ({"type": "STATE"}, "The tap sent STATE without a good value."),
        (schema("other") | {"schema": ["secret"]}, "The tap sent SCHEMA without a good schema."),
        (schema("other") | {"schema": {}}, "The tap sent SCHEMA without good properties."),
        (
            schema("other") | {"schema": {"properties": ["secret"]}},
            "The tap sent SCHEMA without good properties.",
        ),
        (schema("other", secret="secret"), "The tap sent SCHEMA without good properties."),
        (
            schema("other") | {"key_properties": "secret"},
            "The tap sent SCHEMA without good key_properties.",
        ),
        (
            schema("other") | {"key_properties": [["secret"]]},
            "The tap sent SCHEMA without good key_properties.",
        ),
        (
            {"type": "ACTIVATE_VERSION", "stream": "things"},
            "The tap sent ACTIVATE_VERSION without a good version.",
        ),
        (
            activate(1) | {"version": "secret"},
            "The tap sent ACTIVATE_VERSION without a good version.",
        ),
        ({"type": "BATCH", "stream": "things"}, "BATCH messages are not supported. Unset batch_config"),
        ({"type": "BATCH", "stream": "other"}, "BATCH messages are not supported. Unset batch_config"),
    ],
)
def test_a_broken_message_is_described_but_never_quoted(
    load: Load, line: Message | bytes, sentence: str
) -> None:
    with pytest.raises((LoadError, MissingKeyPropertiesError), match=sentence) as refused:
        load(schema(name=STRING), line, validate_records=False)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("broken", [{"type": "secret"}, {"$ref": "#/definitions/secret"}])
def test_a_schema_that_cannot_be_used_ends_in_a_sentence(run: Run, broken: Message) -> None:
    said = complaint(run(schema(name=broken), record(id=1, name="secret")))
    assert said.startswith("Unexpected ")
    assert "secret" not in said


@pytest.mark.parametrize("message", [record(id=1, name="secret"), activate(1)])
def test_a_record_before_its_schema_is_named(run: Run, message: Message) -> None:
    sentence = "A record for stream 'things' was encountered before a corresponding schema"
    assert sentence in complaint(run(message))


def test_a_state_before_anything_is_passed_on(run: Run) -> None:
    assert run(state(1)).stdout == '{"bookmark": 1}\n'


def test_a_misspelt_setting_is_refused(run: Run) -> None:
    done = run(pth="x")
    assert done.returncode == 1
    assert "Additional properties are not allowed ('pth' was unexpected)" in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_but_the_database_lies_on_the_disk_afterwards(run: Run, path: Path) -> None:
    before = {file.name for file in path.parent.iterdir()}
    run(schema(name=STRING), *[record(id=n, name="x") for n in range(100)])
    assert {file.name for file in path.parent.iterdir()} - before == {"warehouse.duckdb", "config.json"}


def test_the_file_is_free_when_the_loader_is_done(load: Load, path: Path) -> None:
    load(schema(), record(id=1))
    duckdb.connect(
        path, read_only=True
    ).close()  # DuckDB refuses this while this process has it open to write
