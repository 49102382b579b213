"""A Snowflake account for tests: the stand-in as a process, and what its clients need to find it."""

from __future__ import annotations

import base64
import json
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import snowflake.connector
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.helpers.snowflake_stand_in import grants
from tests.helpers.snowflake_stand_in.install import HERE, Installed

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSPHRASE = "only for tests"


class StandIn:
    """A running stand-in: `port` on 127.0.0.1, `environment` for its clients, the statements they sent."""

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self.log = log
        self.environment = {
            "SNOWFLAKE_STAND_IN_PORT": str(port),
            "PYTHONPATH": str(HERE / "redirect"),
            "SNOWFLAKE_ACCOUNT": "myorg-account123",
            "SNOWFLAKE_USER": "SEVDESK_PIPELINE",
            "SNOWFLAKE_ROLE": "LOADER",
            "SNOWFLAKE_WAREHOUSE": "SEVDESK",
            "SNOWFLAKE_DATABASE": "SEVDESK",
            "SNOWFLAKE_PRIVATE_KEY": private_key(PASSPHRASE),
            "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE": PASSPHRASE,
        }

    def statements(self) -> list[str]:
        """Every statement it was sent so far, in order."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def refuse(self, *entries: dict[str, Any]) -> None:
        """From now on refuse what fits one of `entries` (refusals.py), and nothing else."""
        (self.log.parent / "refusals.json").write_text(json.dumps(entries))

    def grant(self, granted: list[grants.Grant]) -> None:
        """From now on show these grants instead of those of setup.sql."""
        grants.write(self.log.parent, granted)

    def logins(self) -> list[dict[str, Any]]:
        """Return what each client sent to sign in so far, in order."""
        return [json.loads(line) for line in (self.log.parent / "logins.jsonl").read_text().splitlines()]

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return the result of a query, with column names in lower case."""
        with (
            snowflake.connector.connect(
                account="test",
                user="test",
                password="test",
                database="SEVDESK",
                host="127.0.0.1",
                port=self.port,
                protocol="http",
                platform_detection_timeout_seconds=0,
            ) as connection,
            connection.cursor(snowflake.connector.DictCursor) as cursor,
        ):
            return [
                {name.lower(): value for name, value in row.items()} for row in cursor.execute(query) or ()
            ]


@contextmanager
def stand_in(installed: Installed, log: Path) -> Iterator[StandIn]:
    """Start an empty account; it ends with the block, or with this process."""
    log.touch()
    grants.write(log.parent, grants.granted())
    command = [installed.python, HERE / "server.py", log]
    with (
        log.with_suffix(".stderr").open("w") as errors,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as server,
    ):
        assert server.stdin
        assert server.stdout
        try:
            yield StandIn(int(server.stdout.readline()), log)
        finally:
            server.stdin.close()


def private_key(passphrase: str) -> str:
    """Make a private key as .env.example asks for it: base64 of the encrypted DER form, in one line."""
    key, der = rsa.generate_private_key(public_exponent=65537, key_size=2048), b" "
    while der[-1:].isspace():  # Meltano's state backend would cut that off
        der = key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(passphrase.encode()),
        )
    return base64.b64encode(der).decode()
