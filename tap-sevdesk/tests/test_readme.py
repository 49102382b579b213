"""The README's tables and the plugin definition say what the tap itself says."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tap_sevdesk.streams import SOURCES
from tap_sevdesk.tap import TapSevDesk

PACKAGE = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
README = (PACKAGE / "README.md").read_text("utf-8")
DEFINITION = PACKAGE / "meltano" / "tap-sevdesk.yml"


def ask_tap(*arguments: str) -> Any:
    """Decode what the installed tap prints."""
    done = subprocess.run(
        [BIN / "tap-sevdesk", *arguments], env={}, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def about() -> Any:
    return ask_tap("--about", "--format=json")


@pytest.fixture(scope="module")
def streams() -> Any:
    return ask_tap("--discover")["streams"]


@pytest.fixture(scope="module")
def settings(about: Any) -> dict[str, Any]:
    """Leave out the settings that the SDK gives to every tap; the README names them in one sentence."""
    of_every_tap = re.findall(r"`(\w+)`", re.findall(r"every tap of the Singer SDK has: (.+)", README)[0])
    assert set(of_every_tap) <= about["settings"]["properties"].keys()
    return {key: value for key, value in about["settings"]["properties"].items() if key not in of_every_tap}


def table(heading: str) -> list[list[str]]:
    """Split the rows of the table below a heading or column title into cells, backticks taken off."""
    lines = README.split(heading, 1)[1].split("\n|", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def test_the_settings_table_is_what_the_tap_says_about_itself(about: Any, settings: dict[str, Any]) -> None:
    expected = []
    for name, setting in settings.items():
        default = "required" if name in about["settings"]["required"] else str(setting.get("default", ""))
        expected.append([name, default, setting["description"]])
    assert table("## Settings") == expected


def test_the_streams_table_says_of_every_stream_where_it_comes_from_and_how_it_is_read() -> None:
    expected = []
    for source in SOURCES:
        how = "changes" if source.filtered else "compared" if source.replication_key else "whole"
        expected.append([source.name, source.path, "with their document" if source.parent else how])
    assert [row[:3] for row in table("## Streams")] == [*expected, ["extractions", "", ""]]


def test_the_columns_of_the_audit_trail_are_explained(streams: Any) -> None:
    (audit,) = [stream for stream in streams if stream["stream"] == "extractions"]
    assert [row[0] for row in table("**Deletes.**")] == list(audit["schema"]["properties"])


def definition() -> dict[str, Any]:
    return dict(yaml.safe_load(DEFINITION.read_text("utf-8")))


def fragment() -> dict[str, Any]:
    """Take the tap's entry from the README's piece of meltano.yml."""
    (text,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    return dict(yaml.safe_load(text)["plugins"]["extractors"][0])


def test_the_plugin_definition_has_the_settings_and_capabilities_of_the_tap(
    about: Any, settings: dict[str, Any]
) -> None:
    kinds = {
        "integer": "integer",
        "number": "string",
        "string": "string",
        "array": "string",
        "boolean": "boolean",
    }
    expected = []
    for name, setting in settings.items():
        kind = "date_iso8601" if setting.get("format") == "date-time" else kinds[setting["type"]]
        entry = {"name": name, "label": setting["title"], "kind": kind, "description": setting["description"]}
        entry |= {"value": setting["default"]} if "default" in setting else {}
        expected.append(entry | ({"sensitive": True} if setting.get("secret") else {}))
    of_the_tap = definition()["settings"][: len(expected)]
    assert of_the_tap == expected
    of_every_tap = {each["name"]: each["kind"] for each in definition()["settings"][len(expected) :]}
    for name in about["settings"]["properties"].keys() - {each["name"] for each in expected}:
        wanted = about["settings"]["properties"][name]["type"]
        assert of_every_tap.pop(name) in wanted, name
    assert of_every_tap == {}
    assert definition()["settings_group_validation"] == [about["settings"]["required"]]
    assert definition()["capabilities"] == sorted(about["capabilities"])
    assert definition()["supported_python_versions"] == about["supported_python_versions"]


def test_the_plugin_definition_has_its_keys_sorted_as_the_hub_asks() -> None:
    for each in (definition(), *definition()["settings"]):
        assert list(each) == sorted(each)


def test_the_fragment_in_the_readme_agrees_with_the_plugin_definition() -> None:
    for key in ("name", "namespace", "executable", "capabilities"):
        assert fragment()[key] == definition()[key]
    shared = ("name", "kind", "sensitive")
    assert fragment()["settings"] == [
        {key: setting[key] for key in shared if key in setting} for setting in definition()["settings"]
    ]
    assert fragment()["config"].keys() < {setting["name"] for setting in definition()["settings"]}


def test_meltano_selects_what_the_tap_selects_by_default(tmp_path: Path) -> None:
    """Its own `*.*` selects bank data, too: the definition excludes what the tap leaves to a choice."""
    names = [f"{source.name}.{name}" for source in SOURCES for name in source.not_by_default]
    assert "invoices.sepaPayerIban" in names
    assert definition()["select"] == fragment()["select"] == ["*.*", *(f"!{name}" for name in names)]

    plugins = {"extractors": [{key: it for key, it in definition().items() if key != "pip_url"}]}
    project = {"project_id": "stranger", "send_anonymous_usage_stats": False, "plugins": plugins}
    (tmp_path / "meltano.yml").write_text(yaml.safe_dump(project), "utf-8")
    command = [str(BIN / "meltano"), "invoke", "--dump=catalog", "tap-sevdesk"]
    environment = {"PATH": str(BIN), "TAP_SEVDESK_API_TOKEN": "0" * 32}
    dumped = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    left_out = [
        f"{stream['tap_stream_id']}.{entry['breadcrumb'][1]}"
        for stream in json.loads(dumped.stdout)["streams"]
        for entry in stream["metadata"]
        if entry["breadcrumb"] and entry["metadata"].get("selected") is False
    ]
    assert left_out == names


def test_meltano_takes_the_plugin_definition_as_the_readme_tells(tmp_path: Path) -> None:
    project = tmp_path / "meltano.yml"
    project.write_text("project_id: stranger\nsend_anonymous_usage_stats: false\n", "utf-8")
    (command,) = re.findall(r"^    meltano (add .+)$", README, re.MULTILINE)
    arguments = command.replace("tap-sevdesk/meltano/tap-sevdesk.yml", str(DEFINITION)).split()
    subprocess.run([BIN / "meltano", *arguments], cwd=tmp_path, capture_output=True, check=True)
    (added,) = yaml.safe_load(project.read_text("utf-8"))["plugins"]["extractors"]
    for key in ("settings", "capabilities", "settings_group_validation", "executable"):
        assert added[key] == definition()[key]


def test_meltano_can_hand_over_every_setting_from_the_environment(tmp_path: Path) -> None:
    plugins = {"extractors": [definition() | {"pip_url": ""}]}
    project = {"project_id": "stranger", "send_anonymous_usage_stats": False, "plugins": plugins}
    (tmp_path / "meltano.yml").write_text(yaml.safe_dump(project), "utf-8")
    given = {
        "page_size": "50",
        "requests_per_second": "0.5",
        "request_timeout": "7.5",
        "lookback_seconds": "60",
        "required_streams": '["invoices"]',
        "flattening_enabled": "true",
        "flattening_max_depth": "1",
        "stream_maps": '{"tags": {"name": "name.upper()"}}',
    }
    environment = {f"TAP_SEVDESK_{name.upper()}": value for name, value in given.items()}
    command = [str(BIN / "meltano"), "config", "print", "tap-sevdesk"]
    printed = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    handed_over = TapSevDesk(config={**json.loads(printed.stdout), "api_token": "0" * 32}).config
    assert {name: handed_over[name] for name in given} == {
        name: json.loads(text) for name, text in given.items()
    }
