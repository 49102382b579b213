"""BEHAVIOR.md makes claims; each must name the tests that prove it, and they must exist."""

import ast
import re
from pathlib import Path

from tap_sevdesk import client, clock, paging, positions
from tap_sevdesk.inputs import SETTINGS

PACKAGE = Path(__file__).parents[1]
TEXT = (PACKAGE / "BEHAVIOR.md").read_text("utf-8")
ENTRIES = re.findall(r"^### (\d+)\. (.+?)\n(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL)


def existing_tests() -> set[str]:
    """Collect the names of all test functions of this package."""
    return {
        node.name
        for path in Path(__file__).parent.glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_entries_are_numbered_without_a_gap() -> None:
    assert [int(number) for number, _, _ in ENTRIES] == list(range(1, len(ENTRIES) + 1))


def test_every_entry_says_why_it_matters_what_the_tap_does_and_what_proves_it() -> None:
    for number, title, body in ENTRIES:
        for part in ("\n- **Why this matters.** ", "\n- **The tap** ", "\n- Tests: `test_"):
            assert part in f"\n{body}", f"{number}. {title} lacks {part!r}"


def test_every_test_that_is_named_exists() -> None:
    assert set(re.findall(r"\btest_\w+", TEXT)) <= existing_tests()


def test_numbers_in_the_text_are_those_in_the_code() -> None:
    """Each pattern holds one number; the right one is the code's."""
    tolerance = {5: "five"}[int(clock.TOLERANCE.total_seconds()) // 60]
    for pattern, number in {
        r"gives up, visibly, after (\d+) pages in a row": paging.PATIENCE,
        r"Every page begins (\w+) rows early": {5: "five"}[paging.OVERLAP],
        r"at most (\d+)\n": paging.MAX_LIMIT,
        r"is asked (\w+) times more before": {3: "three"}[paging.SURE],
        r"had changed in the (\w+) minutes before the last run": {5: "five"}[positions.SETTLED // 60],
        r"sends the request up to (\w+) times": {6: "six"}[client.ATTEMPTS],
        r"cost a run (\w+) minutes in all": {300: "five"}[int(client.PATIENCE)],
        r"lies more than (\w+) minutes in the future": tolerance,
        r"whose clock is more than (\w+) minutes off": tolerance,
        r"`request_timeout` \(default (\d+) s\)": SETTINGS["properties"]["request_timeout"]["default"],
        r"`requests_per_second` \(default (\d+)\)": SETTINGS["properties"]["requests_per_second"]["default"],
    }.items():
        assert re.findall(pattern, TEXT) == [str(number)], pattern


def test_code_refers_to_entries_that_exist() -> None:
    for path in (PACKAGE / "tap_sevdesk").rglob("*.py"):
        for numbers in re.findall(r"BEHAVIOR\.md ((?:\d+(?:, | and )?)+)", path.read_text("utf-8")):
            for number in re.findall(r"\d+", numbers):
                assert 1 <= int(number) <= len(ENTRIES), f"{path.name}: BEHAVIOR.md {number}"
