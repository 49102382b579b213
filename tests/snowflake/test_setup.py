"""snowflake/setup.sql may be run again and again, and gives each role what README.md says, and no more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlglot

from tests.helpers.snowflake_stand_in import grants

SNOWFLAKE = Path(__file__).parents[2] / "snowflake"
SETUP = (SNOWFLAKE / "setup.sql").read_text()
STATEMENTS = [" ".join(text.split()) for text in re.sub(r"--.*", "", SETUP).split(";") if text.strip()]

# What sqlglot reads as one opaque text, so that only Snowflake's manual vouches for it.
NOT_PARSED = re.compile(
    "create (resource monitor|user|role) |alter (warehouse|user) |grant role "
    "|grant select on (all|future) (tables|views) "
)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_every_statement_is_snowflake_sql(statement: str) -> None:
    parsed = sqlglot.parse_one(statement, dialect="snowflake")
    assert isinstance(parsed, sqlglot.exp.Command) == bool(NOT_PARSED.match(statement))


@pytest.mark.parametrize("statement", STATEMENTS)
def test_running_it_again_changes_nothing(statement: str) -> None:
    creates = statement.startswith("create ")
    assert (
        " if not exists " in statement
        if creates
        else statement.startswith(("use role ", "grant ", "alter warehouse ", "alter user "))
    )


def test_it_takes_nothing_away() -> None:
    assert not re.search(r"\b(drop|replace|revoke|truncate|delete)\b", " ".join(STATEMENTS))


def test_the_table_in_the_readme_says_who_may_do_what() -> None:
    assert documented() == granted()


def test_no_role_owns_or_holds_everything() -> None:
    assert not {grant for grant in granted() if grant[1] in {"ALL", "OWNERSHIP"}}


def test_reporter_only_reads_the_marts() -> None:
    assert {(privilege, on) for role, privilege, on in granted() if role == "REPORTER"} == {
        ("USAGE", "WAREHOUSE SEVDESK"),
        ("USAGE", "DATABASE SEVDESK"),
        ("USAGE", "SCHEMA ANALYTICS"),
        ("SELECT", "ALL TABLES IN SCHEMA ANALYTICS"),
        ("SELECT", "FUTURE TABLES IN SCHEMA ANALYTICS"),
        ("SELECT", "ALL VIEWS IN SCHEMA ANALYTICS"),
        ("SELECT", "FUTURE VIEWS IN SCHEMA ANALYTICS"),
    }


def test_services_sign_in_by_key_and_with_one_role_at_a_time() -> None:
    users = [statement for statement in STATEMENTS if statement.startswith("create user")]
    assert users
    for user in users:
        assert " type = service " in user
        assert " default_secondary_roles = () " in user
        assert "password" not in user


def test_each_service_has_a_user_with_one_role_a_key_and_a_network_policy() -> None:
    users = re.findall(r"create user if not exists (\w+)", SETUP)
    given = [re.fullmatch(r"grant role (\w+) to user (\w+)", statement) for statement in STATEMENTS]
    roles = {grant[2]: grant[1] for grant in given if grant}
    assert roles == {
        "sevdesk_pipeline": "loader",
        "sevdesk_dbt": "transformer",
        "sevdesk_looker": "reporter",
    }
    assert set(users) == set(roles)
    assert sum(bool(grant) for grant in given) == len(users)
    for user in users:
        assert f"-- alter user {user} set rsa_public_key" in SETUP
        assert f"-- alter user {user} set network_policy" in SETUP


@pytest.mark.parametrize("user", ["sevdesk_pipeline", "sevdesk_dbt"])
def test_dates_are_read_and_written_in_one_form_whatever_the_account_is_set_to(user: str) -> None:
    """With DATE_INPUT_FORMAT = 'DD.MM.YYYY' in the account no date could be read: all were in question."""
    (form,) = [statement for statement in STATEMENTS if statement.startswith(f"alter user {user} set ")]
    assert dict(re.findall(r"(\w+) = '([^']*)'", form)) == {
        "date_input_format": "AUTO",
        "date_output_format": "YYYY-MM-DD",
        "timestamp_input_format": "AUTO",
        "timestamp_output_format": "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
        "timestamp_tz_output_format": "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
        "timezone": "UTC",
    }


def test_no_key_is_in_the_file() -> None:
    assert not re.search(r"[A-Za-z0-9+/]{60}", SETUP)


def granted() -> set[tuple[str, str, str]]:
    """Return role, privilege and object of each grant in setup.sql."""
    return {(role, privilege, on.replace("SEVDESK.", "")) for role, privilege, on in grants.granted()}


def documented() -> set[tuple[str, str, str]]:
    """Return the same from the table in README.md: | `ROLE` | PRIVILEGE, ... | object |."""
    rows = re.findall(
        r"^\| `(\w+)` \| ([A-Z, ]+) \| (.+?) \|$", (SNOWFLAKE / "README.md").read_text(), re.MULTILINE
    )
    return {
        (role, privilege.strip(), on.strip().upper().replace("`", ""))
        for role, privileges, objects in rows
        for privilege in privileges.split(",")
        for on in objects.split(",")
    }
