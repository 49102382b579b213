"""A key that cannot be right is refused before anything is sent, as only the key itself is looked at."""

import base64

import pytest
import yaml
from jinja2.nativetypes import NativeEnvironment

from orchestration import settings
from orchestration.environment import ROOT, Environment
from orchestration.snowflake import account, errors
from tests.helpers.snowflake_stand_in.account import PASSPHRASE, private_key

KEY = private_key(PASSPHRASE)


def problems(**env: str) -> list[str]:
    return account.problems({f"SNOWFLAKE_{name}": value for name, value in env.items()})


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


@pytest.mark.parametrize(
    ("kept_in", "last", "usable"),
    [("snowflake://", b"\n", False), ("snowflake://", b"x", True), ("", b"\n", True)],
)
def test_a_key_of_which_meltano_would_cut_off_the_last_byte_is_named(
    kept_in: str, last: bytes, *, usable: bool
) -> None:
    key = base64.b64encode(b"0" + last).decode()
    env = {"SNOWFLAKE_PRIVATE_KEY": key, "MELTANO_STATE_BACKEND_URI": kept_in}
    assert account.meltano_can_use_key(env) == usable


def test_the_settings_of_prod_are_refused_with_it_and_those_of_local_are_not() -> None:
    env = {"SNOWFLAKE_PRIVATE_KEY": "x"}
    assert any(
        "not a key" in problem for problem in settings.missing(Environment("prod", "target-snowflake"), env)
    )
    assert settings.missing(Environment("local", "target-duckdb"), env) == []


LOADERS = {"SNOWFLAKE_USER": "LOADS", "SNOWFLAKE_PRIVATE_KEY": KEY, "SNOWFLAKE_ROLE": "LOADER"}
OWN = {"SNOWFLAKE_DBT_USER": "BUILDS", "SNOWFLAKE_DBT_PASSWORD": "token"}


class TestDbtsOwnUser:
    def test_without_one_dbt_signs_in_as_the_loader_does(self) -> None:
        assert account.as_dbt(LOADERS) == LOADERS

    def test_nothing_of_the_loaders_sign_in_is_left_beside_it(self) -> None:
        signed_in = account.as_dbt({**LOADERS, **OWN})
        assert (signed_in["SNOWFLAKE_USER"], signed_in["SNOWFLAKE_PASSWORD"]) == ("BUILDS", "token")
        assert signed_in["SNOWFLAKE_PRIVATE_KEY"] == ""
        assert signed_in["SNOWFLAKE_ROLE"] == "LOADER"

    def test_what_is_wrong_with_its_key_is_named_by_its_own_settings(self) -> None:
        env = {**OWN, "SNOWFLAKE_DBT_PRIVATE_KEY": "x"}
        (problem, *_) = settings.missing(Environment("prod", "target-snowflake"), env)
        assert problem.startswith("SNOWFLAKE_DBT_PRIVATE_KEY and SNOWFLAKE_DBT_PASSWORD are both set")

    def test_a_refusal_names_its_own_settings(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SNOWFLAKE_DBT_USER", "BUILDS")
        said = "250001 (08001): Failed to connect to DB: x. JWT token is invalid."
        refusal = errors.explain(said, "SNOWFLAKE_DBT_ROLE")
        assert refusal
        assert "SNOWFLAKE_DBT_USER" in refusal.sentence
        assert "SNOWFLAKE_USER" not in refusal.sentence

    @pytest.mark.parametrize("own", [False, True])
    def test_the_profile_of_dbt_takes_it(self, own: bool) -> None:
        env = {**LOADERS, **(OWN if own else {})}
        prod = yaml.safe_load((ROOT / "transform" / "profiles.yml").read_text())["sevdesk"]["outputs"]["prod"]

        def rendered(text: str) -> str:
            return str(NativeEnvironment().from_string(text).render(env_var=env.get))

        wanted = account.as_dbt(env)
        assert rendered(prod["user"]) == wanted["SNOWFLAKE_USER"]
        assert rendered(prod["private_key"]) == wanted["SNOWFLAKE_PRIVATE_KEY"]
        assert rendered(prod["password"]) == wanted.get("SNOWFLAKE_PASSWORD", "")
