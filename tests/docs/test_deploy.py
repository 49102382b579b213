"""deploy/: what the units and the compose file start exists, and the parts agree on their addresses."""

import configparser
import re
import shutil
import subprocess
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from dagster._core.instance.config import dagster_instance_config

from orchestration.dbt.manifest import FOLDERS
from orchestration.dev import PARTS, SOCKET
from orchestration.environment import OUR_FOLDERS, ROOT, program

DEPLOY = ROOT / "deploy"
HOME = "/opt/sevdesk-pipeline/"
UNITS = sorted((DEPLOY / "systemd").iterdir())
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def sections(unit: Path) -> dict[str, list[tuple[str, str]]]:
    """Return the lines of a unit by section; a key may stand several times, which configparser forbids."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in unit.read_text().splitlines():
        if line.startswith("["):
            lines = found.setdefault(line.strip("[]"), [])
        elif "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            lines.append((key, value))
    return found


def commands(unit: Path) -> list[str]:
    return [value for key, value in sections(unit).get("Service", []) if key == "ExecStart"]


def started_by(service: dict[str, Any]) -> str:
    """Return what a container runs in the end: the command, or what its shell puts in its own place."""
    command = service["command"]
    return command if isinstance(command, str) else command[-1].rpartition(" exec ")[2]


def existing(command: str) -> None:
    """Fail unless the program, the module and the workspace that `command` names are there."""
    name, *arguments = command.removeprefix(f"{HOME}.venv/bin/").split()
    assert name in {"/usr/bin/curl", "/bin/sh"} or program(name).exists(), command
    for option, value in pairwise(arguments):
        if option in {"-m", "--module-name"}:
            assert find_spec(value), command
        if option == "--workspace":
            assert (ROOT / value).exists(), command


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
class TestUnits:
    def test_it_is_a_unit_whose_programs_exist(self, unit: Path) -> None:
        parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=["="])
        parser.read(unit)
        assert "Unit" in parser
        for command in commands(unit):
            existing(command)

    @pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
    def test_systemd_finds_no_fault_but_that_it_is_not_installed_here(
        self, unit: Path, tmp_path: Path
    ) -> None:
        for each in UNITS:  # with the programs of this machine in place of those of /opt
            text = each.read_text().replace(f"{HOME}.venv/bin/", f"{program('python').parent}/")
            (tmp_path / each.name).write_text(text)
        checked = subprocess.run(
            ["systemd-analyze", "verify", tmp_path / unit.name], capture_output=True, text=True, check=False
        )
        ours = [line for line in checked.stderr.splitlines() if "sevdesk" in line]
        assert ours == []

    @pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
    def test_it_may_do_little_on_its_machine(self, unit: Path) -> None:
        if unit.suffix == ".service":
            asked = ["systemd-analyze", "security", "--offline=true", "--threshold=30", str(unit)]
            rated = subprocess.run(asked, capture_output=True, text=True, check=False)
            assert rated.returncode == 0, f"exposed by more than 3.0\n{rated.stdout}"

    def test_it_writes_only_where_the_install_has_made_folders(self, unit: Path) -> None:
        (made,) = re.findall(r"^mkdir -p ([\w./ -]+?) #", (DEPLOY / "install").read_text(), re.MULTILINE)
        for key, value in sections(unit).get("Service", []):
            if key == "ReadWritePaths":
                assert {path.removeprefix(f"-{HOME}") for path in value.split()} == {
                    ".dagster",
                    *made.split(),
                }

    def test_stopping_the_target_stops_it(self, unit: Path) -> None:
        if unit.suffix in {".timer", ".service"} and unit.stem != "sevdesk-health":
            assert ("PartOf", "sevdesk.target") in sections(unit)["Unit"]
            assert ("WantedBy", "sevdesk.target") in sections(unit)["Install"]


@pytest.mark.parametrize("name", ["code", "daemon"])
def test_a_program_of_dagsters_starts_only_on_a_machine_where_it_can_work(name: str) -> None:
    """It would print a traceback; the parts of our own look for themselves."""
    unit = sections(DEPLOY / "systemd" / f"sevdesk-{name}.service")["Service"]
    looks = [value for key, value in unit if key == "ExecStartPre"]
    assert looks == [f"{HOME}.venv/bin/python -m orchestration.this_machine"]
    line = COMPOSE["services"][name]["command"][-1]
    assert line.startswith("python -m orchestration.this_machine && exec ")


def test_nothing_listens_to_the_world() -> None:
    for unit in UNITS:
        for command in commands(unit):
            assert "0.0.0.0" not in command
    for service in COMPOSE["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_the_code_server_listens_on_a_socket_for_its_own_user_only() -> None:
    """Whoever reaches it can run code: it has no port, and the umask lets nobody else open its socket."""
    (entry,) = yaml.safe_load((DEPLOY / "workspace.yaml").read_text())["load_from"]
    assert entry["grpc_server"] == {"location_name": "orchestration", "socket": {"env": SOCKET}}
    for name in ("code", "web", "daemon"):
        set_by_unit = dict(sections(DEPLOY / "systemd" / f"sevdesk-{name}.service")["Service"])
        assert f"{SOCKET}={HOME}.dagster/code.sock" in set_by_unit["Environment"].split()
        assert set_by_unit["UMask"] == "0077"
        assert COMPOSE["services"][name]["environment"][SOCKET] == "/app/.dagster/code.sock"


NEEDED_BY_CONTAINER = {
    "web": ({SOCKET, "DAGSTER_URL"}, {"/app/.dagster"}),
    "daemon": ({SOCKET}, {"/app/.dagster"}),
    "webhook": (
        {"WEBHOOK_SECRET", "WEBHOOK_HOST", "WEBHOOK_PORT", "DASHBOARD_URL"},
        {"/app/.dagster", "/app/output:ro"},
    ),
}


@pytest.mark.parametrize("name", NEEDED_BY_CONTAINER)
def test_a_container_has_no_more_than_it_needs(name: str) -> None:
    service = COMPOSE["services"][name]
    variables, folders = NEEDED_BY_CONTAINER[name]
    assert "env_file" not in service
    assert set(service["environment"]) == variables
    mounted = {volume.partition(":")[2] for volume in service["volumes"] if not volume.startswith(".")}
    assert mounted == folders


def test_no_container_has_capabilities() -> None:
    for service in COMPOSE["services"].values():
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_containers_write_into_volumes_and_memory_only() -> None:
    compiled = re.search(r"PYTHONPYCACHEPREFIX=(\S+)", (DEPLOY / "Dockerfile").read_text())
    assert compiled
    for service in COMPOSE["services"].values():
        assert service["read_only"] is True
        assert {mount.partition(":")[0] for mount in service["tmpfs"]} >= {"/tmp", compiled[1]}
    code = COMPOSE["services"]["code"]
    written = [mount.split(":")[1] for mount in code["volumes"] if not mount.endswith(":ro")] + code["tmpfs"]
    for folder in OUR_FOLDERS:
        assert any(path.startswith(f"/app/{folder}") for path in written), folder
    user = re.search(r"useradd .*--uid (\d+)", (DEPLOY / "Dockerfile").read_text())
    assert user
    assert all(f":uid={user[1]}," in mount for mount in code["tmpfs"] if mount.startswith("/app/"))


def test_the_image_has_the_folders_that_meltano_would_make() -> None:
    plugins = yaml.safe_load((ROOT / "meltano.yml").read_text())["plugins"]
    made = (DEPLOY / "Dockerfile").read_text()
    for kind in ("extractors", "loaders"):
        for plugin in plugins[kind]:
            if "pip_url" not in plugin:  # Meltano installs it there, and the image has that
                assert f".meltano/{kind}/{plugin['name']}" in made


def test_systemd_containers_and_make_dev_start_the_same_parts() -> None:
    units = {unit.stem.removeprefix("sevdesk-") for unit in UNITS if unit.suffix == ".service"} - {"health"}
    assert units == set(COMPOSE["services"]) == set(PARTS)
    for name, service in COMPOSE["services"].items():
        existing(started_by(service))
        assert service["healthcheck"]["test"][0] == "CMD"
        (unit,) = commands(DEPLOY / "systemd" / f"sevdesk-{name}.service")
        assert _gist(unit.removeprefix(f"{HOME}.venv/bin/")) == _gist(started_by(service)) == PARTS[name]


def _gist(command: str) -> str:
    return re.sub(r" --host \S+", "", command)


def test_what_is_kept_by_the_containers_is_a_volume_that_the_image_has_a_folder_for() -> None:
    made = re.search(r"mkdir -p (.*)", (DEPLOY / "Dockerfile").read_text())
    assert made
    volumes = [volume for service in COMPOSE["services"].values() for volume in service["volumes"]]
    kept = dict(volume.split(":")[:2] for volume in volumes if not volume.startswith("."))
    assert set(kept) == set(COMPOSE["volumes"])
    assert {path.removeprefix("/app/") for path in kept.values()} == set(made[1].split())


def test_the_lines_for_postgres_are_a_configuration_that_dagster_takes(tmp_path: Path) -> None:
    lines = re.search(r"^    storage:\n(?:    .*\n)+", (DEPLOY / "README.md").read_text(), re.MULTILINE)
    assert lines
    ours = (ROOT / ".dagster" / "dagster.yaml").read_text()
    written, replaced = re.subn(r"^event_log_storage: .*\n", dedent(lines[0]), ours, flags=re.MULTILINE)
    assert replaced == 1
    (tmp_path / "dagster.yaml").write_text(written)
    storage, _ = dagster_instance_config(str(tmp_path))
    assert "postgres_db" in storage["storage"]["postgres"]
    assert {"hostname", "username", "password", "db_name", "port"} == set(
        storage["storage"]["postgres"]["postgres_db"]
    )


def in_the_image(path: str) -> bool:
    """Whether Docker copies a file: the last pattern that it or a folder above it matches counts."""
    parents = [path[: end.start()] for end in re.finditer("/|$", path)]
    copied = True
    for line in (DEPLOY / "Dockerfile.dockerignore").read_text().split():
        pattern = re.escape(line.removeprefix("!")).replace(r"\*\*/", "(.*/)?").replace(r"\*\*", ".*")
        if any(re.fullmatch(pattern.replace(r"\*", "[^/]*"), parent) for parent in parents):
            copied = line.startswith("!")
    return copied


def test_the_image_has_all_of_dbts_project_and_no_tests_of_ours() -> None:
    parsed = [file for name in FOLDERS for file in (ROOT / "transform" / name).rglob("*.*")]
    assert {file.suffix for file in parsed} >= {".sql", ".yml", ".csv"}
    assert not [file for file in parsed if not in_the_image(str(file.relative_to(ROOT)))]
    assert in_the_image("transform/profiles.yml")
    assert in_the_image("orchestration/run.py")
    for left_out in (
        "tests/conftest.py",
        "sandbox/tests/test_books.py",
        ".env",
        "transform/target/manifest.json",
    ):
        assert not in_the_image(left_out)


def test_the_image_has_all_that_its_build_installs_and_its_parts_run() -> None:
    let_in = re.findall(r"^!(\S+)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    assert all((ROOT / path).exists() for path in let_in)
    installed = re.findall(r"--editable \./(\S+)", (DEPLOY / "Dockerfile").read_text())
    assert {*installed, "orchestration", "transform", "meltano.yml", "constraints.txt"} <= set(let_in)
