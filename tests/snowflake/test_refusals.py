"""Whatever Snowflake refuses, loader, bookmarks and dbt say so alike, and nothing is left half-loaded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from sevdesk_sandbox import Sandbox

from orchestration.dbt.run import DbtError
from orchestration.environment import Environment
from orchestration.meltano import run as meltano
from orchestration.meltano.log import RunLog
from orchestration.snowflake.errors import explain
from tests.helpers.snowflake_stand_in.account import StandIn, stand_in
from tests.helpers.snowflake_stand_in.deployment import OURS, project
from tests.helpers.snowflake_stand_in.install import PROJECT, install

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("refusals")  # its tests share an account and what dbt has parsed
PROD = Environment("prod", "target-snowflake")
NOW = "2025-01-10T09:00:00+00:00"
JWT = "JWT token is invalid. [0ce9eb56-821d-4ca9-a774-04ae89a0cf5a]"
NOT_A_ROLE = "Role 'LOADER' specified in the connect string does not exist or not authorized."
NO_SCHEMA = "SQL access control error:\nInsufficient privileges to operate on schema 'RAW'."
KEY_REFUSED = {"at": "^sign in", "code": "390144", "message": JWT}
NO_GRANT = {
    "at": "merge into .*contacts",
    "code": "3001",
    "state": "42501",
    "message": "SQL access control error:\nInsufficient privileges to operate on table 'CONTACTS'.",
}
NO_CREDITS = {
    "at": "merge into",
    "code": "90073",
    "state": "22000",
    "message": "Warehouse 'SEVDESK' cannot be resumed: resource monitor 'SEVDESK' has exceeded its quota.",
}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with stand_in(install(), tmp_path_factory.mktemp("account") / "statements.jsonl") as account:
        for schema in ("raw", "staging", "analytics"):  # as snowflake/setup.sql does
            account.rows(f"create schema if not exists sevdesk.{schema}")
        yield account


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=1, now=NOW) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who ask for an account have its settings in their environment, and nothing of this machine's."""
    if "account" not in request.fixturenames:
        return
    account, sandbox = request.getfixturevalue("account"), request.getfixturevalue("sandbox")
    account.refuse()
    for name in [name for name in os.environ if name.startswith(OURS)]:
        monkeypatch.delenv(name)
    tap = {"API_URL": sandbox.url, "API_TOKEN": sandbox.token, "REQUESTS_PER_SECOND": "0"}
    for name, value in (account.environment | {f"TAP_SEVDESK_{k}": v for k, v in tap.items()}).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def one_contact(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the environment name a sevDesk with next to nothing to load."""
    with Sandbox(firm=False, now=NOW) as sandbox:
        sandbox.books.put("SevUser", {"id": "1"})
        sandbox.books.put("Contact", {"id": "1"})
        monkeypatch.setenv("TAP_SEVDESK_API_URL", sandbox.url)
        monkeypatch.setenv("TAP_SEVDESK_API_TOKEN", sandbox.token)
        yield


@pytest.fixture
def nothing_loaded(account: StandIn) -> None:
    """Have the account as before any load of another test."""
    account.rows("drop schema sevdesk.raw")
    account.rows("create schema sevdesk.raw")


@pytest.fixture(scope="module")
def transform(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the dbt project, which the first build parses for those that follow."""
    copy = tmp_path_factory.mktemp("dbt") / "transform"
    shutil.copytree(PROJECT / "transform", copy, ignore=shutil.ignore_patterns("target", "logs"))
    return copy


@pytest.fixture
def folder(tmp_path: Path, transform: Path) -> Path:
    folder = project(tmp_path / "project", install())
    (folder / "transform").symlink_to(transform)
    return folder


def load(folder: Path) -> RunLog:
    return meltano.read(PROD, lambda *_: None, timeout=200, root=folder)


def refused(folder: Path) -> meltano.ReadError:
    with pytest.raises(meltano.ReadError) as caught:
        load(folder)
    assert not caught.value.transient
    return caught.value


BUILD = """
import json, sys
from pathlib import Path
from orchestration.dbt.events import DbtLog
from orchestration.dbt.run import Dbt, DbtError
from orchestration.environment import Environment
dbt = Dbt(Environment("prod", "target-snowflake"), Path(sys.argv[1]))
try:
    alone = ["--indirect-selection", "cautious", "--select", "extractions_stg"]
    list(dbt.build(alone, timeout=200, log=DbtLog()))
    print(json.dumps(None))
except DbtError as error:
    print(json.dumps([str(error), error.public]))
"""


def build(folder: Path) -> None:
    # in a process of its own, as only one that starts with the stand-in's settings is sent there
    command = [sys.executable, "-c", BUILD, str(folder / "transform")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    if said := json.loads(done.stdout.splitlines()[-1]):
        raise DbtError(*said)


def ids(account: StandIn, table: str) -> set[str]:
    there = account.rows(
        "select table_name from sevdesk.information_schema.tables where table_schema = 'RAW'"
    )
    found = account.rows(f"select id from sevdesk.raw.{table}") if table.upper() in str(there) else []
    return {row["id"] for row in found}


@pytest.mark.usefixtures("nothing_loaded")
def test_a_load_refused_half_way_leaves_nothing_half_and_the_next_good_one_completes_it(
    account: StandIn, sandbox: Sandbox, folder: Path
) -> None:
    account.refuse(NO_GRANT)
    error = refused(folder)
    assert str(error) == (
        "The role in SNOWFLAKE_ROLE lacks a grant on table 'CONTACTS'. Run snowflake/setup.sql again as "
        "ACCOUNTADMIN; it adds what is missing."
    )
    assert error.public == "Snowflake does not allow the pipeline what it has to do there."
    assert ids(account, "contacts") == set()

    account.refuse(NO_CREDITS)
    assert "SNOWFLAKE_WAREHOUSE is stopped" in str(refused(folder))
    assert ids(account, "contacts") == set()

    account.refuse()
    load(folder)
    for table, resource in (("invoices", "Invoice"), ("contacts", "Contact"), ("credit_notes", "CreditNote")):
        assert ids(account, table) == {str(row["id"]) for row in sandbox.books.rows(resource)}


def test_a_refused_key_is_reported_by_loader_bookmarks_and_dbt_alike(
    account: StandIn, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.refuse(KEY_REFUSED)
    sentence = explain(JWT)
    assert sentence
    assert str(refused(folder)) == sentence.sentence
    with pytest.raises(DbtError) as of_dbt:
        build(folder)
    assert (str(of_dbt.value), of_dbt.value.public) == (sentence.sentence, sentence.public)
    monkeypatch.setenv("MELTANO_STATE_BACKEND_URI", "snowflake://")
    error = refused(folder)
    assert (str(error), error.public) == (sentence.sentence, sentence.public)


def test_dbt_names_its_own_role_and_the_model(account: StandIn, folder: Path) -> None:
    account.refuse({"at": "^sign in", "role": "TRANSFORMER", "code": "390189", "message": NOT_A_ROLE})
    with pytest.raises(DbtError, match="SNOWFLAKE_DBT_ROLE names a role that does not exist"):
        build(folder)
    account.refuse(NO_GRANT | {"at": "create .*view", "message": NO_SCHEMA})
    with pytest.raises(
        DbtError,
        match="build extractions_stg: The role in SNOWFLAKE_DBT_ROLE lacks a grant on schema 'RAW'",
    ):
        build(folder)


@pytest.mark.parametrize("account_name", ["wrong"])
def test_a_wrong_account_and_an_unreadable_key_are_reported_although_meltano_names_only_the_loader(
    account: StandIn, folder: Path, monkeypatch: pytest.MonkeyPatch, account_name: str
) -> None:
    account.refuse({"at": "^sign in", "status": 404})
    monkeypatch.setenv("SNOWFLAKE_ACCOUNT", account_name)
    assert "SNOWFLAKE_ACCOUNT is wrong" in str(refused(folder))
    monkeypatch.setenv("SNOWFLAKE_PRIVATE_KEY_PASSPHRASE", "wrong")
    assert "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE" in str(refused(folder))


@pytest.mark.usefixtures("one_contact")
@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"SNOWFLAKE_PASSWORD": ""}, {"AUTHENTICATOR": "SNOWFLAKE_JWT", "PASSWORD": None}),
        (
            {"SNOWFLAKE_PASSWORD": "eyJ.token_of-1", "SNOWFLAKE_PRIVATE_KEY": ""},
            {"AUTHENTICATOR": None, "PASSWORD": "eyJ.token_of-1"},
        ),
        (
            {
                "SNOWFLAKE_PASSWORD": "a b%41/@:+ß",
                "SNOWFLAKE_PRIVATE_KEY": "",
                "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE": "",
            },
            {"AUTHENTICATOR": None, "PASSWORD": "a b%41/@:+ß"},
        ),
    ],
    ids=["key beside an empty password", "token", "password"],
)
def test_loader_bookmarks_and_dbt_sign_in_with_what_is_given(
    account: StandIn,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: dict[str, str],
    sent: dict[str, Any],
) -> None:
    for name, value in (given | {"MELTANO_STATE_BACKEND_URI": "snowflake://"}).items():
        monkeypatch.setenv(name, value)
    before = len(account.logins())
    load(folder)
    build(folder)
    logins = account.logins()[before:]
    assert {login.get("roleName") for login in logins} == {"LOADER", "TRANSFORMER"}
    of_bookmarks = [login for login in logins if login.get("schemaName") == "RAW"]
    assert 0 < len(of_bookmarks) < len(logins)
    for login in logins:
        assert {name: login.get(name) for name in sent} == sent
        assert bool(login.get("TOKEN")) == (sent["AUTHENTICATOR"] == "SNOWFLAKE_JWT")
