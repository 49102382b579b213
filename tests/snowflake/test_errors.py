"""Each refusal of Snowflake is one sentence that names the setting."""

import re

import pytest

from orchestration.snowflake.errors import RULES, explain

HOST = "myorg-account123.snowflakecomputing.com:443"
JWT = "JWT token is invalid. [0ce9eb56-821d-4ca9-a774-04ae89a0cf5a]"
FAILED = f"Failed to connect to DB: {HOST}."
# The words of Snowflake or its connector, and what the sentence must name.
REFUSALS = {
    f"290404 (08001): 404 Not Found: post https://{HOST}/session/v1/login-request": "SNOWFLAKE_ACCOUNT",
    (
        f"250001 (08001): Failed to connect to DB. Verify the account name is correct: {HOST}. 000403: 403: "
        "HTTP 403: Forbidden"
    ): "SNOWFLAKE_ACCOUNT",
    f"390144 (28000): {FAILED} {JWT}": "SNOWFLAKE_PRIVATE_KEY",
    f"250001 (08001): {FAILED} Incorrect username or password was specified.": "SNOWFLAKE_USER",
    f"390100 (28000): {FAILED} Incorrect username or password was specified.": "SNOWFLAKE_PASSWORD",
    f"390432 (08001): {FAILED} Fail : Network policy is required.": "SNOWFLAKE_PASSWORD",
    f"{FAILED} Programmatic access token is invalid.": "SNOWFLAKE_PASSWORD",
    (
        f"{FAILED} Failed to authenticate: MFA authentication is required, but none "
        "of your current MFA methods are supported for programmatic authentication."
    ): "SNOWFLAKE_PRIVATE_KEY",
    (
        f"390422 (08001): {FAILED} Incoming request with IP/Token 192.0.2.1 is not "
        "allowed to access Snowflake."
    ): "SNOWFLAKE_USER",
    f"{FAILED} User temporarily locked. Try again later": "SNOWFLAKE_USER",
    (
        f"390189 (08001): {FAILED} Role 'LOADER' specified in the connect string "
        "does not exist or not authorized."
    ): "SNOWFLAKE_ROLE",
    (
        f"390186 (08001): {FAILED} Role 'LOADER' specified in the connect string is not granted to this user."
    ): "SNOWFLAKE_ROLE",
    (
        "003001 (42501): SQL access control error:\nInsufficient privileges to operate on schema 'RAW'."
    ): "schema 'RAW'",
    (
        "002003 (02000): SQL compilation error:\nDatabase 'SEVDESK' does not exist or not authorized."
    ): "database 'SEVDESK'",
    (
        "002043 (02000): SQL compilation error:\nObject does not exist, or operation cannot be performed."
    ): "SNOWFLAKE_DATABASE",
    (
        "090105 (22000): Cannot perform CREATE TABLE. This session does not have a current database."
    ): "SNOWFLAKE_DATABASE",
    (
        "000606 (57P03): No active warehouse selected in the current session.  Select an active warehouse "
        "with the 'use warehouse' command."
    ): "SNOWFLAKE_WAREHOUSE",
    (
        "090073 (22000): Warehouse 'SEVDESK' cannot be resumed because resource monitor 'SEVDESK' has "
        "exceeded its quota."
    ): "SNOWFLAKE_WAREHOUSE",
    "250001: Could not connect to Snowflake backend after 2 attempt(s).Aborting": "SNOWFLAKE_ACCOUNT",
    f"390999 (08001): {FAILED} Something new.": "SNOWFLAKE_USER",
    "Password was not given but private key is encrypted": "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE",
    "Incorrect password, could not decrypt key": "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE",
    "Unable to load PEM file. See https://cryptography.io/ MalformedFraming": "SNOWFLAKE_PRIVATE_KEY",
}


class TestSentences:
    @pytest.mark.parametrize(("words", "named"), REFUSALS.items())
    def test_each_names_what_to_set(self, words: str, named: str) -> None:
        refusal = explain(f"(snowflake.connector.errors.DatabaseError) {words}\n[SQL: merge into t]")
        assert refusal
        assert named in refusal.sentence
        assert len(refusal.sentence) < 280

    def test_each_row_of_the_table_is_met_by_one_of_them(self) -> None:
        met = {refusal.sentence for words in REFUSALS if (refusal := explain(words))}
        assert (
            len(met) >= sum(len(rules) for _, rules in RULES) - 1
        )  # all but "not encrypted", which test_keys meets

    def test_everybody_reads_no_names_of_settings(self) -> None:
        for words in REFUSALS:
            refusal = explain(words)
            assert refusal
            assert not re.search(r"[A-Z]+_[A-Z]|\d|'.*'", refusal.public)

    def test_only_an_unreachable_snowflake_is_tried_again(self) -> None:
        again = [words for words in REFUSALS if (found := explain(words)) and found.transient]
        assert again == ["250001: Could not connect to Snowflake backend after 2 attempt(s).Aborting"]

    @pytest.mark.parametrize(
        "words", ["Could not convert string '000606' to INT32", "HTTP 500", "390144 rows"]
    )
    def test_other_words_and_numbers_are_left_alone(self, words: str) -> None:
        assert explain(words) is None
