"""The log of a `meltano run` as it comes: rows by stream, what a person should see, why it failed."""

import json
import logging
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sevdesk_report import english

from orchestration.errors import in_one_line
from orchestration.settings import as_in_env
from orchestration.snowflake import errors as snowflake_errors

TAP = "tap-sevdesk"
MOST_ERRORS = 3
FOR_AN_ENGINEER = "The program that reads sevDesk could not do its work; an engineer has to look."
SETTINGS_REFUSED = "Config validation failed"  # what the Singer SDK says after the reasons
PERMANENT = re.compile(rf"\((401|403)\)|^{SETTINGS_REFUSED}|^Cannot start plugin")


@dataclass
class RunLog:
    """What the log of a `meltano run` has said so far; `tap` is the plugin that is run."""

    tap: str = TAP
    rows: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    last: dict[str, str] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    crashed: bool = False
    requests: dict[str, int] = field(default_factory=dict)
    complete: set[str] = field(default_factory=set)

    def follow(self, line: str) -> Iterator[tuple[int, str]]:
        """Take in one line of the log; yield what a person should see of it, with its level."""
        try:
            entry: dict[str, Any] = json.loads(line)
            text = str(entry["event"])
        except (ValueError, TypeError, KeyError):  # Meltano could not even set up its log
            self.last["meltano"] = line.strip() or self.last.get("meltano", "")
            return
        who = entry.get("string_id", "meltano")
        if metric := entry.get("metric_info"):
            if who == self.tap:  # a loader counts the same rows once more
                yield from self._measure(metric)
            return
        if "exit_codes" in entry:
            self.failed.update(entry["exit_codes"])
            return
        if crash := entry.get("plugin_exception"):
            text = f"{crash['type']}: {crash['message']}"
            self.crashed = True
        if who == self.tap:
            text = as_in_env(text)
        level = getattr(logging, str(entry.get("level")).upper(), logging.INFO)
        # What programs say of their work is no reason; a plain line may be: its loader may know no levels.
        if level >= logging.WARNING or not (who == "meltano" or entry.get("plugin_logger")):
            self.last[who] = text
        if level >= logging.ERROR and text not in self.errors[who]:
            self.errors[who].append(text)
        # Warnings of the SDK are for those who write taps, Meltano's for those who run it by hand.
        its_own = str(entry.get("plugin_logger")).startswith(who) and text != SETTINGS_REFUSED
        if level >= logging.ERROR or (level == logging.WARNING and its_own):
            yield level, text if who == "meltano" else f"{who}: {text}"

    def measured(self, stream: str) -> dict[str, int | float]:
        """Return the numbers of a stream, to be plotted; `complete` is 1, or 0 if something may be missing.

        `extractions`, which is not asked of sevDesk, has rows and seconds only.
        """
        numbers = {"rows": self.rows[stream], "seconds": round(self.seconds.get(stream, 0.0), 1)}
        if stream in self.requests:
            numbers |= {"requests": self.requests[stream], "complete": int(stream in self.complete)}
        return numbers

    def _measure(self, metric: dict[str, Any]) -> Iterator[tuple[int, str]]:
        stream = metric.get("tags", {}).get("stream", "")
        if metric.get("metric") == "record_count":
            self.rows[stream] += int(metric["value"])
            if metric["value"]:
                yield logging.INFO, f"{stream:<31}{english.count(self.rows[stream]):>9} rows"
        elif metric.get("metric") == "sync_duration":
            self.seconds[stream] = float(metric["value"])
        elif metric.get("metric") == "http_request_count":
            self.requests[stream] = int(metric["value"])
            if metric["tags"].get("complete") is True:
                self.complete.add(stream)

    def reason(self, exit_code: int, loader: str) -> str:
        """Return why the run failed: the errors of the part that failed, else the last thing it said."""
        if refusal := self._refusal():
            return refusal.sentence
        parts = [
            name for kind, name in (("loaders", loader), ("extractors", self.tap)) if kind in self.failed
        ]
        if not self.failed:  # a part that dies early, Meltano sometimes does not name
            parts = [name for name in (loader, self.tap) if self.errors[name]]
        for name in [*parts, "meltano"]:
            errors = [text for text in self.errors[name] if text != SETTINGS_REFUSED]
            if errors and SETTINGS_REFUSED in self.errors[name]:
                reasons = "; ".join(text.rstrip(".?") for text in errors)
                return f"The settings of {name} are not usable: {reasons}. See .env.example and meltano.yml."
            if errors:
                chosen = errors if len(errors) <= MOST_ERRORS else [errors[0], errors[-1]]
                return " ".join(in_one_line(text) for text in chosen)
            if said := self.last.get(name):
                return in_one_line(said)
        who = parts[0] if parts else "meltano"
        return f"{who} ended without a reason ({exit_code}): it was killed, or memory ran out."

    def public_reason(self, exit_code: int, loader: str) -> str:
        """Return why the run failed as everybody may read it.

        The tap's own sentences bear neither token nor data, and its first one is the cause; the text of a
        loader or of an exception may quote anything.
        """
        if refusal := self._refusal():
            return refusal.public
        if "loaders" in self.failed:
            return f"The warehouse did not take the data ({loader} failed)."
        if "extractors" in self.failed and not self.crashed:
            return self.reason(exit_code, loader).partition(". ")[0].removesuffix(".") + "."
        return FOR_AN_ENGINEER

    @property
    def transient(self) -> bool:
        """Whether another attempt may help: not with a refused token, a wrong setting, a program missing."""
        errors = [text for texts in self.errors.values() for text in texts]
        refusal = self._refusal()
        return not any(PERMANENT.search(text) for text in errors) and not (refusal and not refusal.transient)

    def _refusal(self) -> snowflake_errors.Refusal | None:
        """Return what Snowflake refused to the loader, or to Meltano, which may keep its bookmarks there."""
        errors = [*self.errors["target-snowflake"], *self.errors["meltano"]]
        return next((found for text in errors if (found := snowflake_errors.explain(text))), None)
