"""`make verify-snowflake`: both environments compared in the account of SNOWFLAKE_*, in a new database.

The books are the sandbox's, so no real data are read or shown. The database has a random name and is dropped
at the end, however that comes about short of kill -9. Exit code 0 if all is the same, 1 if not.
"""

from __future__ import annotations

import os
import secrets
import signal
import sys
import tempfile
import threading
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snowflake.connector.errors import Error

from orchestration.environment import Environment, read_environment
from orchestration.settings import missing
from orchestration.snowflake import account as snowflake_account
from orchestration.snowflake.errors import explain
from tests.helpers.both_warehouses import Verdict, story
from tests.helpers.snowflake_stand_in.deployment import CommandError
from tests.helpers.snowflake_stand_in.install import install

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snowflake.connector import SnowflakeConnection

SCHEMAS = ("RAW", "STAGING", "ANALYTICS")
INTERRUPTED = 130
TERMINATED = 143
stopped = threading.Event()


@dataclass(frozen=True)
class Scratch:
    """The throw-away database, as seen through one connection."""

    connection: SnowflakeConnection

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return the result of a query, with column names in lower case."""
        return list(snowflake_account.rows(self.connection, query))


def main() -> int:
    """Compare, say so line by line, clean up; return the exit code."""
    signal.signal(signal.SIGTERM, _terminate)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs start without it
    read_environment()  # for its .env
    problems = [
        text
        for text in missing(Environment("prod", "target-snowflake"), os.environ)
        if "SEVDESK_API" not in text
    ]
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 1
    role = os.environ.get("SNOWFLAKE_VERIFY_ROLE") or os.environ.get("SNOWFLAKE_ROLE") or "LOADER"
    try:
        with (
            database(role) as (account, name),
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        ):
            return compare(account, role, name, Path(folder))
    except (CommandError, Error) as error:
        text = error.output if isinstance(error, CommandError) else str(error)
        refusal = explain(text, "SNOWFLAKE_VERIFY_ROLE")
        print(f"\nNot verified. {refusal.sentence if refusal else text}", file=sys.stderr)
    except AssertionError as error:
        print(f"\nNot verified: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        return INTERRUPTED
    return 1


def compare(account: Scratch, role: str, name: str, folder: Path) -> int:
    """Print every step and verdict of the story; return the exit code."""
    given = {key: value for key, value in os.environ.items() if key.startswith(("SNOWFLAKE_", "PYTHONPATH"))}
    own = {
        "SNOWFLAKE_DATABASE": name,
        "SNOWFLAKE_ROLE": role,
        "SNOWFLAKE_DBT_ROLE": role,
        "SNOWFLAKE_DBT_USER": "",
    }
    verdicts = []
    for told in story(account, given | own, install(), folder):
        if stopped.is_set():
            sys.exit(TERMINATED)
        print(told if isinstance(told, Verdict) else f"\n{told} ...", flush=True)
        verdicts += [told] if isinstance(told, Verdict) else []
    differing = sum(bool(verdict.difference) for verdict in verdicts)
    print(f"\n{len(verdicts)} comparisons, {differing} differ." if differing else "\nVerified: all the same.")
    return 1 if differing else 0


@contextmanager
def database(role: str) -> Iterator[tuple[Scratch, str]]:
    """Create a database with a random name; drop it on the way out, however that is."""
    name = f"SEVDESK_VERIFY_{secrets.token_hex(4).upper()}"
    with closing(snowflake_account.connect(os.environ, role, database=None)) as connection:
        account = Scratch(connection)
        try:
            account.rows(f"create database {name} comment = 'make verify-snowflake; may be dropped'")
            print(f"Comparing in database {name}, which is dropped at the end.", flush=True)
            for schema in SCHEMAS:
                account.rows(f"create schema {name}.{schema}")
            account.rows(f"use database {name}")
            yield account, name
        finally:
            for caught in (signal.SIGTERM, signal.SIGINT):
                signal.signal(caught, signal.SIG_IGN)  # what is left takes a second and must not be cut short
            account.rows(f"drop database if exists {name}")
            print(f"Database {name} is dropped.", flush=True)


def _terminate(*_: object) -> None:
    stopped.set()  # Python loses what is raised while it forks, so this is looked at, too
    sys.exit(TERMINATED)


if __name__ == "__main__":
    sys.exit(main())
