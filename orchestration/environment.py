"""The environment of this process: `MELTANO_ENVIRONMENT` and the table of environments in `meltano.yml`."""

import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib.util import find_spec
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import yaml
from dotenv import load_dotenv

ROOT = Path(__file__).parents[1]
OUTPUT = ROOT / "output"
LOGS = ROOT / "logs"
WAREHOUSE = OUTPUT / ".pipeline" / "warehouse.duckdb"
"""The DuckDB file that loader and dbt write; meltano.yml and transform/profiles.yml name it, too."""
PUBLISHED = OUTPUT / "warehouse.duckdb"
"""The copy of it that people open. Of the same name: views in the file name their catalog by it."""
OUR_FOLDERS = (".dagster", ".meltano", "logs", "output", "transform/target")
"""What the project and its children write into."""


# What programs that we start get of our environment: the machine, its network, and settings of their own.
FOR_CHILDREN = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "TZ", "LANG", "LANGUAGE", "LC_*"),
    *("TMPDIR", "TEMP", "TMP", "XDG_*", "LD_LIBRARY_PATH", "PYTHON*", "UV_*", "PIP_*"),
    *("*_PROXY", "*_proxy", "SSL_CERT_*", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    *("MELTANO_*", "SINGER_*", "TAP_*", "TARGET_*", "SEVDESK_*", "DBT_*", "WAREHOUSE_PATH"),
)
OF_STORES = {"snowflake": "SNOWFLAKE_*", "s3": "AWS_*", "gs": "GOOGLE_*", "azure": "AZURE_*"}
"""What they get besides, by where data are, or bookmarks (the scheme of MELTANO_STATE_BACKEND_URI)."""
LEVELS_OF_LOGS = ("*_LOGLEVEL", "*_LOG_LEVEL")
"""They get only DEBUG of these: numbers of a read come from the log, which must not say less than usual."""
MELTANO_OPTIONS = (f"--env-file={os.devnull}", "--log-format=json")
"""For each command of Meltano: it gets what it needs, so it need not read `.env`, which holds more."""

# Secrets by who needs them.
OF_ALERTS_AND_WEBHOOK = ("SLACK_WEBHOOK_URL", "SMTP_PASSWORD", "WEBHOOK_SECRET")
OF_SNOWFLAKE = ("SNOWFLAKE_PASSWORD", "SNOWFLAKE_PRIVATE_KEY", "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE")
OF_DBT = tuple(name.replace("SNOWFLAKE", "SNOWFLAKE_DBT") for name in OF_SNOWFLAKE)


class SettingsError(Exception):
    """The project is set up wrongly; the message says what is wrong and what to do."""


@dataclass(frozen=True)
class Environment:
    """One environment of `meltano.yml`: where data goes. dbt's target has the same name.

    `env` are the variables that it sets there; they win over all others.
    """

    name: str
    loader: str
    env: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def warehouse(self) -> str:
        """Return `duckdb` or `snowflake`: loaders are named after what they fill."""
        return self.loader.removeprefix("target-")


def read_environment(root: Path = ROOT) -> Environment:
    """Return the environment named by `MELTANO_ENVIRONMENT`, else the `default_environment` there.

    `.env` in the project folder is read first; what is set in the environment already wins over it.
    Every program of ours begins here, so from here on nobody else on the machine can read what is written.
    Raises SettingsError when there is no such environment, it names no loader, or its packages are missing.
    """
    _keep_private(root)
    _print_anything()
    _read_env_file(root / ".env")
    try:
        meltano: dict[str, Any] = yaml.safe_load((root / "meltano.yml").read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where else ""
        raise SettingsError(f"meltano.yml is not YAML{line}.") from error
    name = os.environ.get("MELTANO_ENVIRONMENT") or meltano.get("default_environment", "local")
    environments = {entry["name"]: entry.get("env", {}) for entry in meltano["environments"]}
    if name not in environments:
        known = " or ".join(environments)
        raise SettingsError(
            f"MELTANO_ENVIRONMENT is '{name}', which meltano.yml does not know. Set it to {known}."
        )
    env = {key: str(value) for key, value in environments[name].items()}
    if not env.get("LOADER"):
        raise SettingsError(
            f"meltano.yml: environment '{name}' names no loader. Add `env: {{LOADER: ...}}` to it."
        )
    if env["LOADER"] == "target-snowflake" and not find_spec("snowflake"):
        raise SettingsError(
            f"The packages for Snowflake are not installed. Run `MELTANO_ENVIRONMENT={name} make install`."
        )
    return Environment(name=name, loader=env["LOADER"], env=env)


def _keep_private(root: Path) -> None:
    """Let only this user read what this process and its children write: names of customers, a token."""
    os.umask(0o077)
    for name in OUR_FOLDERS:  # an earlier version may have made them for everybody
        with suppress(OSError):  # it is not there yet, or is another user's
            (root / name).chmod(0o700)


def _print_anything() -> None:
    """Show a question mark where a terminal lacks a sign (`€` in Latin-1); Python would raise an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _read_env_file(path: Path) -> None:
    """Take over the variables of `.env`; an editor on Windows may have put a mark at its beginning."""
    try:
        load_dotenv(path, encoding="utf-8-sig")
    except ValueError as error:  # of another encoding: bytes that are no UTF-8, or zeros between the letters
        raise SettingsError(
            ".env is not UTF-8 text. Save it as UTF-8 in your editor, and run again."
        ) from error
    except OSError as error:
        raise SettingsError(
            f".env cannot be read ({error.strerror}). Check its owner and permissions."
        ) from error


def dagster_home() -> Path:
    """Return where Dagster keeps its state, `.dagster/` unless DAGSTER_HOME says so, and let it know."""
    home = Path(os.environ.get("DAGSTER_HOME") or ROOT / ".dagster").absolute()
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def child_environment(environment: Environment, **extra: str) -> dict[str, str]:
    """Return the environment for meltano and dbt: what they need of ours, and this Python's programs first.

    Secrets for alerts and the webhook are not among it, and those for Snowflake only where it is used.
    """
    stores = {environment.warehouse, os.environ.get("MELTANO_STATE_BACKEND_URI", "").partition(":")[0]}
    needed = (*FOR_CHILDREN, *(OF_STORES[store] for store in stores & OF_STORES.keys()))
    env = {
        name: text
        for name, text in os.environ.items()
        if name not in OF_DBT
        and _matches(name, needed)
        and (text.upper() == "DEBUG" or not _matches(name, LEVELS_OF_LOGS))
    }
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {**env, "PATH": path, "MELTANO_ENVIRONMENT": environment.name, "NO_COLOR": "1", **extra}


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def program(name: str) -> Path:
    """Return the program `name` of this virtual environment."""
    return Path(sys.executable).with_name(name)
