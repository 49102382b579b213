"""A key that cannot be right is refused before anything is sent, as only the key itself is looked at."""

import pytest

from orchestration import settings
from orchestration.environment import Environment
from orchestration.snowflake import key as snowflake_key
from tests.helpers.snowflake_stand_in.account import PASSPHRASE, private_key

KEY = private_key(PASSPHRASE)


def problems(**env: str) -> list[str]:
    return snowflake_key.problems({f"SNOWFLAKE_{name}": value for name, value in env.items()})


def test_a_key_with_its_passphrase_is_good_beside_an_empty_password() -> None:
    assert problems(PRIVATE_KEY=KEY, PRIVATE_KEY_PASSPHRASE=PASSPHRASE, PASSWORD="") == []


@pytest.mark.parametrize(
    ("cut", "passphrase", "said"),
    [
        (0, "wrong", "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE is not the passphrase"),
        (0, "", "encrypted, and SNOWFLAKE_PRIVATE_KEY_PASSPHRASE is missing"),
        (4, PASSPHRASE, "SNOWFLAKE_PRIVATE_KEY is not a whole private key"),
        (1, PASSPHRASE, "SNOWFLAKE_PRIVATE_KEY is not a key in one line"),
    ],
)
def test_otherwise_the_setting_is_named(cut: int, passphrase: str, said: str) -> None:
    (problem,) = problems(PRIVATE_KEY=KEY[: len(KEY) - cut], PRIVATE_KEY_PASSPHRASE=passphrase)
    assert said in problem


def test_a_key_in_its_frame_or_beside_a_password_is_refused() -> None:
    assert "first and last line" in problems(PRIVATE_KEY="-----BEGIN PRIVATE KEY-----")[0]
    assert "both set" in problems(PRIVATE_KEY=KEY, PASSWORD="x")[0]


def test_the_settings_of_prod_are_refused_with_it_and_those_of_local_are_not() -> None:
    env = {"SNOWFLAKE_PRIVATE_KEY": "x"}
    assert any(
        "not a key" in problem for problem in settings.missing(Environment("prod", "target-snowflake"), env)
    )
    assert settings.missing(Environment("local", "target-duckdb"), env) == []
