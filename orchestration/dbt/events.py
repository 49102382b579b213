"""The log of a dbt run as it comes: what was built and checked, which rules do not hold, why it failed."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from orchestration.snowflake import errors as snowflake_errors

Event = dict[str, Any]

ENDS = {"LogModelResult", "LogSeedResult", "LogSnapshotResult", "LogTestResult"}
MOST_NAMES = 3
MOST_LINES = 3
SOME_FAILED = 1  # dbt's exit code when it came to its end; 2 if it did not
FRAME = ("Encountered an error", "Completed with", "compiled code at", "Failure in", "Running with dbt")

REFUSAL = re.compile(r"Compilation Error in model int_release[^\n]*\n(.+)")  # transform/macros/refusals.sql


@dataclass
class DbtLog:
    """What the events of one dbt run have said so far."""

    done: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    broken_rules: list[str] = field(default_factory=list)
    broken_models: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    documents: dict[str, str] = field(default_factory=dict)
    """By rule: up to five documents that break it, by number or id (transform/macros/name_culprits.sql)."""
    reading_failed: bool = False
    """Whether a rule is broken that says something of what was read, not of what was built from it."""

    def follow(self, event: Event) -> None:
        """Take in one event."""
        if event["info"]["name"] not in ENDS:
            if event["info"]["level"] == "error":
                self.errors.append(event["info"]["msg"].strip())
            if event["info"]["name"] == "JinjaLogInfo":
                rule, _, documents = event["info"]["msg"].partition(": ")
                self.documents[rule] = documents
            return
        node = event["data"]["node_info"]
        kind, status = node["resource_type"], node["node_status"]
        self.done[kind] += 1
        rows = event["data"].get("num_failures")
        name = node["node_name"] + (f" ({rows} rows)" if rows else "")
        if status == "warn":
            self.warnings.append(name)
        elif status == "fail" and node["meta"].get("about") == "reading":
            self.warnings.append(name)
            self.reading_failed = True
        elif status in {"fail", "error"}:
            (self.broken_rules if kind == "test" else self.broken_models).append(name)

    def only_the_reading_failed(self, exit_code: int) -> bool:
        """Whether all models are built and all rules hold but some about the reading."""
        others = self.broken_models or self.broken_rules
        return exit_code == SOME_FAILED and self.reading_failed and not others

    def summary(self) -> str:
        """Return what was done, in a line or two."""
        rules = self.done["test"]
        text = f"{self.done.total() - rules} models built, {rules} rules checked"
        if self.warnings:
            text += f", {len(self.warnings)} of them with a warning:\n"
            text += "\n".join(self._with_documents(self.warnings))
        return text

    def public_reason(self, exit_code: int) -> str:
        """Return why the run failed for everybody: without the warehouse's text, which quotes data."""
        everything = "\n".join(self.errors)
        if "Could not set lock on file" in everything:
            holder = re.search(r"\(PID (\d+)\)", everything)
            who = f"process {holder[1]}" if holder else "another program"
            return f"The warehouse file is open in {who}. Close it there, then run again."
        if refusal := snowflake_errors.explain(everything):
            return refusal.public
        if refused := REFUSAL.search(everything):
            return refused[1].strip()
        if self.broken_models:
            return f"dbt could not build {_names(self.broken_models)}."
        if self.broken_rules:
            rules = f"{len(self.broken_rules)} rule{'s' if len(self.broken_rules) > 1 else ''}"
            return f"The figures break {rules}: {_names(self.broken_rules)}."
        return f"dbt ended with exit code {exit_code}."

    def reason(self, exit_code: int) -> str:
        """Return why the run failed, in one plain sentence."""
        if refusal := snowflake_errors.explain("\n".join(self.errors), "SNOWFLAKE_DBT_ROLE"):
            models = f"dbt could not build {_names(self.broken_models)}: " if self.broken_models else ""
            return models + refusal.sentence
        text = self.public_reason(exit_code)
        if text.startswith("The figures break"):
            named = [rule for rule in self._with_documents(self.broken_rules) if ": " in rule]
            return "\n".join([text, *named[:MOST_NAMES]])
        return f"{text.removesuffix('.')}: {_gist(self.errors)}" if text.startswith("dbt ") else text

    def _with_documents(self, rules: list[str]) -> list[str]:
        found = ((rule, self.documents.get(rule.split(" ")[0])) for rule in rules)
        return [f"{rule}: {documents}" if documents else rule for rule, documents in found]


def _names(names: list[str]) -> str:
    rest = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {rest} more" if rest > 0 else "")


def _gist(texts: list[str]) -> str:
    """Return the first lines that say something of the case at hand."""
    lines = [line.strip() for text in texts for line in text.splitlines()]
    useful = [line for line in lines if line and not line.startswith(FRAME)]
    return " ".join(useful[:MOST_LINES]) or "it said nothing."
