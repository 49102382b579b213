"""README.md's "To production", followed line by line in a fresh clone, with the stand-in as the account."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from base64 import b64decode
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sevdesk_sandbox import Sandbox

from tests.helpers.few_documents import invoice
from tests.helpers.snowflake_stand_in.account import StandIn, stand_in
from tests.helpers.snowflake_stand_in.install import PROJECT, install

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSPHRASE = "only for tests"
KEPT = {"HOME", "LANG", "SSL_CERT_FILE", "TMPDIR"}


def commands(file: Path, heading: str) -> list[str]:
    """Return the indented commands of a section, without what is said after #."""
    section = re.split(rf"^#+ {heading}.*$", file.read_text(), flags=re.MULTILINE)[1]
    section = re.split(r"^## ", section, flags=re.MULTILINE)[0]
    lines = re.findall(r"^(?: {4}| {7})(\S.*)$", section, re.MULTILINE)
    return [re.sub(r"\s+#.*", "", line) for line in lines]


@pytest.fixture
def account(tmp_path: Path) -> Iterator[StandIn]:
    with stand_in(install(), tmp_path / "statements.jsonl") as account:
        for schema in ("raw", "staging", "analytics"):  # the part of setup.sql that the stand-in understands
            account.rows(f"create schema if not exists sevdesk.{schema}")
        yield account


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a clone of what is committed, with virtual environment and loader as if just installed."""
    clone = tmp_path / "sevdesk"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", f"file://{PROJECT}", clone], check=True)
    (clone / ".venv").symlink_to(sys.prefix)
    (clone / ".meltano").mkdir()
    (clone / ".meltano" / "loaders").symlink_to(install().loaders)
    return clone


def shell(clone: Path, command: str, **env: str) -> str:
    """Run `command` as typed; the virtual environment is taken as installed."""
    kept = {name: value for name, value in os.environ.items() if name in KEPT}
    # without this make would install the clone into the environment that the tests run in
    installed = "--assume-old=.venv/.installed --assume-old=.venv/.installed-snowflake"
    typed = re.sub(r"^make ", f"make {installed} ", command)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"source .venv/bin/activate\n{typed}"],
        cwd=clone,
        env=kept | {"PATH": os.environ["PATH"]} | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}"
    return done.stdout


def fill_in(clone: Path, **settings: str) -> None:
    """Make .env of .env.example, as its words say: each line that is given is uncommented and filled in."""
    text = (clone / ".env.example").read_text()
    for name, value in settings.items():
        line = f"{name}={value}".replace("\\", r"\\")
        text, found = re.subn(rf"^#{name}=.*$", line, text, flags=re.MULTILINE)
        assert found == 1, f".env.example does not name {name} once"
    (clone / ".env").write_text(text)
    (clone / ".env").chmod(0o600)


def test_each_command_does_what_it_says(account: StandIn, clone: Path) -> None:
    # 1. the key pair, as snowflake/README.md makes it; somebody types the passphrase
    typed = {
        "-topk8": f"-topk8 -passout 'pass:{PASSPHRASE}'",
        "-in rsa": f"-passin 'pass:{PASSPHRASE}' -in rsa",
    }
    private = ""
    while not private or b64decode(private)[-1:].isspace():  # `make doctor` asks for a new pair then
        for command in commands(clone / "snowflake" / "README.md", "Snowflake"):
            printed = shell(clone, reduce(lambda text, said: text.replace(*said), typed.items(), command))
            private = printed if "rsa_key.p8 |" in command else private
    # 2. .env
    with Sandbox(firm=False, now=None) as sandbox:
        sandbox.books.put("SevUser", {"id": "1"})
        sandbox.books.put("Invoice", invoice("1"))
        fill_in(
            clone,
            SEVDESK_API_KEY=sandbox.token,
            MELTANO_ENVIRONMENT="prod",
            SNOWFLAKE_ACCOUNT="myorg-account123",
            SNOWFLAKE_USER="SEVDESK_PIPELINE",
            SNOWFLAKE_ROLE="LOADER",
            SNOWFLAKE_DBT_ROLE="TRANSFORMER",
            SNOWFLAKE_WAREHOUSE="SEVDESK",
            SNOWFLAKE_DATABASE="SEVDESK",
            SNOWFLAKE_PRIVATE_KEY=private.strip(),
            SNOWFLAKE_PRIVATE_KEY_PASSPHRASE=PASSPHRASE,
            MELTANO_STATE_BACKEND_URI="snowflake://",
        )
        # only where sevDesk and Snowflake are is another than in production
        elsewhere = {
            **{name: account.environment[name] for name in ("SNOWFLAKE_STAND_IN_PORT", "PYTHONPATH")},
            "TAP_SEVDESK_API_URL": sandbox.url,
            "TAP_SEVDESK_REQUESTS_PER_SECOND": "0",
        }
        # 3. the commands
        said = {
            command: shell(clone, command, **elsewhere)
            for command in commands(clone / "README.md", "To production")
        }
    assert list(said) == ["make doctor", "meltano run tap-sevdesk target-snowflake", "make run"]
    assert "All is well." in said["make doctor"]
    assert "sevDesk -> snowflake -> output/report.html" in said["make run"]
    assert (clone / "output" / "report.html").stat().st_size > 10_000
    assert account.rows("select * from sevdesk.analytics.invoices_amount_by_city")
    assert account.rows("select * from sevdesk.raw.meltano_state")
    assert not (clone / "output" / "warehouse.duckdb").exists()
    assert "Installing" not in "".join(said.values())
