"""Which program gets which secret: our meltano.yml with a tap and a loader that write down what they got."""

import json
import re
import sys
from pathlib import Path

import pytest

from orchestration.environment import OF_ALERTS_AND_WEBHOOK, OF_SNOWFLAKE, ROOT, Environment, read_environment
from orchestration.meltano.run import read

PROGRAM = f"""#!{sys.executable}
import json, os, sys
NOTHING = {{"type": "SCHEMA", "stream": "s", "schema": {{"properties": {{}}}}, "key_properties": []}}
json.dump(dict(os.environ), open(os.path.basename(sys.argv[0]) + ".env", "w"))
print(json.dumps(NOTHING)) if "tap" in sys.argv[0] else sys.stdin.read()
"""
ALL = ("SEVDESK_API_KEY", *OF_ALERTS_AND_WEBHOOK, *OF_SNOWFLAKE)


def secrets(environment: Path) -> set[str]:
    """Return the secrets in an environment, whatever they are called there."""
    values = set(json.loads(environment.read_text()).values())
    return {name for name in ALL if any(f"the {name}" in value for value in values)}


@pytest.mark.parametrize("source", ["environment", ".env"])
def test_a_plugin_gets_its_own_secrets_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    melt = (ROOT / "meltano.yml").read_text()
    melt = re.sub(r"executable: (tap|target)-\w+", r"executable: ./\1", melt)
    (tmp_path / "meltano.yml").write_text(re.sub(r".*(pip_url|capabilities): .*\n", "", melt))
    for name in ("tap", "target"):
        (tmp_path / name).write_text(PROGRAM)
        (tmp_path / name).chmod(0o755)
    for name in ("MELTANO_ENVIRONMENT", *ALL):  # set first, so that what .env sets is undone
        monkeypatch.setenv(name, f"the {name}" if source == "environment" else "")
        if source == ".env":
            monkeypatch.delenv(name)
    monkeypatch.setenv("MELTANO_ENVIRONMENT", "prod")
    if source == ".env":
        (tmp_path / ".env").write_text("".join(f"{name}='the {name}'\n" for name in ALL))
    chosen: Environment = read_environment(tmp_path)
    read(chosen, lambda _level, _text: None, timeout=300, root=tmp_path)
    assert secrets(tmp_path / "tap.env") == {"SEVDESK_API_KEY"}
    assert secrets(tmp_path / "target.env") == set(OF_SNOWFLAKE)
