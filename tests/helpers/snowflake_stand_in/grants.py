"""What snowflake/setup.sql grants, and SHOW GRANTS answered from it, which fakesnow does not know.

Nothing is enforced: the stand-in lets everybody do everything unless a test says otherwise (refusals.py).
"""

from __future__ import annotations

import json
import re
from pathlib import Path

SETUP = Path(__file__).parents[3] / "snowflake" / "setup.sql"
GRANT = re.compile(r"grant (?P<privileges>.+) on (?P<object>.+) to role (?P<role>\w+)")
SHOW = re.compile(r'show (future )?grants to role "?(\w+)"?', re.IGNORECASE)

Grant = tuple[str, str, str]


def granted() -> list[Grant]:
    """Return role, privilege and object of each grant in setup.sql, in capitals."""
    statements = [" ".join(text.split()) for text in re.sub(r"--.*", "", SETUP.read_text()).split(";")]
    return [
        (found["role"].upper(), privilege.strip().upper(), found["object"].upper())
        for statement in statements
        if (found := GRANT.fullmatch(statement))
        for privilege in found["privileges"].split(",")
    ]


def write(folder: Path, grants: list[Grant]) -> None:
    """From now on answer SHOW GRANTS with `grants`."""
    (folder / "grants.json").write_text(json.dumps(grants))


def answer(folder: Path, command: str) -> str | None:
    """Return the query whose result is that of `command`, if that is SHOW GRANTS."""
    if not (show := SHOW.fullmatch(command.strip())):
        return None
    future, role = bool(show[1]), show[2].upper()
    rows = [
        (privilege, *_object(on, future=future))
        for one, privilege, on in json.loads((folder / "grants.json").read_text())
        if one == role and on.startswith("FUTURE ") == future and not on.startswith("ALL ")
    ]
    kind = "grant_on" if future else "granted_on"
    values = ", ".join(f"('{privilege}', '{on}', '{name}')" for privilege, on, name in rows)
    source = f"(values {values})" if rows else "(select '' as a, '' as b, '' as c where false)"
    return f'select * from {source} as t("privilege", "{kind}", "name")'


def _object(on: str, *, future: bool) -> tuple[str, str]:
    """Return kind and name: FUTURE TABLES IN SCHEMA A.B is a TABLE called A.B.<TABLE>."""
    kind, name = on.removeprefix("FUTURE ").partition(" ")[0].removesuffix("S"), on.rpartition(" ")[2]
    return (kind, f"{name}.<{kind}>") if future else (kind, name)
