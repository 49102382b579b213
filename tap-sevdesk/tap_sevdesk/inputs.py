"""What a person gives the tap, settings and state, and the sentences for what cannot be right."""

import difflib
import json
import logging
import os
import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from tap_sevdesk.bookmark import format_time, parse_time
from tap_sevdesk.clock import TOLERANCE
from tap_sevdesk.errors import InputError
from tap_sevdesk.news import usable
from tap_sevdesk.paging import MAX_LIMIT

SETTINGS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["api_token"],
    "properties": {
        "api_token": {
            "type": "string",
            "title": "API token",
            "description": "API token of a sevDesk administrator",
            "secret": True,
            "writeOnly": True,
        },
        "api_url": {
            "type": "string",
            "title": "API address",
            "description": "Address of the API, ending in /api/v1",
            "default": "https://my.sevdesk.de/api/v1",
        },
        "start_date": {
            "type": "string",
            "format": "date-time",
            "title": "Start date",
            "description": "Without a bookmark, read only what changed since then; by default everything",
        },
        "page_size": {
            "type": "integer",
            "title": "Page size",
            "description": f"New rows to ask for with each request, 1 to {MAX_LIMIT}",
            "default": 500,
        },
        "lookback_seconds": {
            "type": "integer",
            "title": "Lookback",
            "description": "How far before its bookmark a stream is read again, in seconds",
            "default": 3600,
        },
        "requests_per_second": {
            "type": "number",
            "title": "Requests per second",
            "description": "The most requests sent in a second, 0 for no limit",
            "default": 4,
        },
        "read_ahead": {
            "type": "integer",
            "title": "Pages in flight",
            "description": "Pages of a list in flight at once; by default 1, or 4 if sevDesk is slow",
        },
        "user_agent": {
            "type": "string",
            "title": "User agent",
            "description": "How requests introduce themselves; by default tap-sevdesk and its version",
        },
        "request_timeout": {
            "type": "number",
            "title": "Request timeout",
            "description": "Seconds that sevDesk has for the whole answer to a request",
            "default": 60,
        },
        "account": {
            "type": "string",
            "title": "Account",
            "description": "Id of the sevDesk account (sevClient) that is expected; another one is refused",
        },
        "required_streams": {
            "type": "array",
            "items": {"type": "string"},
            "title": "Required streams",
            "description": "Streams without which the run fails, a list or text with commas; by default all",
        },
        "typed": {
            "type": "boolean",
            "title": "Typed columns",
            "description": "Columns of numbers, dates, times and flags; what does not fit stays as sent",
            "default": False,
        },
    },
}

_FLAGS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}
_SHORTEST_TOKEN = 20
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_KINDS = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
}
_RANGES = {
    "page_size": (1, MAX_LIMIT),
    "lookback_seconds": (0, 10**9),
    "requests_per_second": (0, None),
    "read_ahead": (1, 32),
    "request_timeout": (1, 86_400),
}


def normalise(config: Mapping[str, Any], known: Mapping[str, Any] = SETTINGS["properties"]) -> dict[str, Any]:
    """Return the settings with defaults filled in, empty ones left out, and values read from text by kind.

    Environment variables, and Meltano settings that come from them, are text whatever their kind is. What
    cannot be read stays text. `known` are the schemas of all settings.
    """
    given = {name: value for name, value in config.items() if value not in (None, "")}
    for name, schema in known.items():
        if "default" in schema and name in SETTINGS["properties"]:
            given.setdefault(name, schema["default"])
        if isinstance(given.get(name), str) and "string" not in (kinds := _kinds(schema)):
            given[name] = _from_text(given[name].strip(), kinds)
    return given


def _kinds(schema: Mapping[str, Any]) -> list[str]:
    kind = schema.get("type", ())
    return [kind] if isinstance(kind, str) else list(kind)


def _from_text(text: str, kinds: Collection[str]) -> Any:  # noqa: ANN401, PLR0911  # one for each kind
    if "boolean" in kinds and text.lower() in _FLAGS:
        return _FLAGS[text.lower()]
    if {"integer", "number"} & set(kinds) and re.fullmatch(r"-?\d+", text):
        return int(text)
    if "number" in kinds and re.fullmatch(r"\d*\.\d+", text):
        return float(text)
    if ("object" in kinds and text.startswith("{")) or ("array" in kinds and text.startswith("[")):
        try:
            return json.loads(text)
        except ValueError:
            return text
    if "array" in kinds:
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def problems(
    config: Mapping[str, Any], known: Mapping[str, Any], streams: Collection[str], now: datetime
) -> list[str]:
    """Return a sentence for each setting that cannot be right.

    `known` are the schemas of all settings, `streams` the names of all streams.
    """
    found = [
        f"There is no setting {name!r}{did_you_mean(name, known)}." for name in config if name not in known
    ]
    for name, value in config.items():
        kinds = _kinds(known.get(name, {}))
        allowed = tuple(t for k in kinds if k in _KINDS for t in _flat(_KINDS[k]))
        if allowed and (not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed)):
            found.append(f"{name} is not {_article(kinds[0])}.")
        elif name in _RANGES:
            least, most = _RANGES[name]
            if not value >= least or (most is not None and value > most):  # NaN is neither
                upto = "at least" if most is None else f"from {least} to {most}, not"
                found.append(f"{name} must be {upto} {least if most is None else value}.")
    if found:
        return found
    return [
        *_token_problems(config.get("api_token")),
        *_url_problems(config["api_url"]),
        *_agent_problems(config.get("user_agent")),
        *_start_problems(config.get("start_date"), now),
        *_no_such_stream("required_streams", config.get("required_streams") or (), streams),
        *_no_such_stream("stream_maps", _mapped(config.get("stream_maps") or {}), [*streams, "extractions"]),
    ]


def _flat(kind: Any) -> tuple[type, ...]:  # noqa: ANN401
    return kind if isinstance(kind, tuple) else (kind,)


def _article(kind: str) -> str:
    return {
        "string": "text",
        "integer": "a whole number",
        "object": "an object",
        "array": "a list",
        "boolean": "true or false",
    }.get(kind, f"a {kind}")


def did_you_mean(name: str, choices: Collection[str]) -> str:
    """Return the end of a sentence about a name that is none: the one that was meant, or all there are."""
    close = difflib.get_close_matches(name, choices, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(sorted(choices))}"


def token_name(token: str | None, environment: Mapping[str, str]) -> str:
    """Return what the user calls the token: a variable of theirs that holds it, or the setting.

    Meltano passes its `.env` on, and the variables that it makes of the settings.
    """
    made = ("TAP_SEVDESK_", "MELTANO")
    names = sorted(
        name
        for name, value in environment.items()
        if token and value == token and not name.startswith(made) and re.search("KEY|TOKEN", name.upper())
    )
    return names[0] if names else "api_token"


def _token_problems(token: str | None) -> list[str]:
    """Say what is wrong with a token without showing it."""
    called = token_name(token, os.environ)
    where = "sevDesk shows it with the user, in its settings"
    if token is None:
        return [f"api_token is missing: {where}. In the environment it is called TAP_SEVDESK_API_TOKEN."]
    if token.lower().startswith("bearer"):
        return [f"{called} begins with 'Bearer': sevDesk wants the bare token, without that word."]
    if re.search(r"[\s\"'`]", token):
        return [f"{called} contains a space, a line break or a quotation mark: it was not copied cleanly."]
    if len(token) < _SHORTEST_TOKEN or not re.fullmatch(r"[A-Za-z0-9._~-]+", token):
        return [f"{called} is not one: a sevDesk token has 32 characters from 0 to 9 and a to f; {where}."]
    return []


def _url_problems(url: str) -> list[str]:
    not_one = [f"api_url is not an address like {SETTINGS['properties']['api_url']['default']}."]
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return not_one
    if parts.scheme not in ("https", "http") or not host or parts.username or parts.password:
        return not_one
    if parts.scheme == "http" and host not in _LOOPBACK:
        return [f"api_url must begin with https://, or the token could be read on its way to {host}."]
    if not parts.path.rstrip("/").endswith("/api/v1") or parts.query or parts.fragment:
        return ["api_url must end in /api/v1: that is the API's own address, not that of the website."]
    return []


def _agent_problems(text: str | None) -> list[str]:
    if text is None or re.fullmatch(r"[!-~\xa1-\xff]([ -~\xa0-\xff]*[!-~\xa1-\xff])?", text):
        return []
    return ["user_agent begins or ends with a space, or has characters that a header cannot hold."]


def _start_problems(text: str | None, now: datetime) -> list[str]:
    if text is None:
        return []
    moment = parse_time(text)
    if moment is None:
        return ["start_date is not a time like 2024-01-01T00:00:00Z."]
    if moment > now:
        return [
            f"start_date lies in the future ({format_time(moment)}): nothing could have changed since then."
        ]
    return []


def _mapped(stream_maps: Mapping[str, Any]) -> list[str]:
    """Return the streams that stream maps are for; a misspelt one would leave data as it is, in silence."""
    named = [pattern(name, each) for name, each in stream_maps.items() if name != "__else__"]
    return [name for name in named if not re.search(r"[*?[]", name)]


def pattern(name: str, definition: object) -> str:
    """Return the name of the stream that an entry of `stream_maps` is for, or a pattern of such names."""
    return str(definition.get("__source__", name)) if isinstance(definition, dict) else name


def _no_such_stream(setting: str, names: Collection[Any], streams: Collection[str]) -> list[str]:
    return [
        f"{setting} names a stream {name!r} that does not exist{did_you_mean(str(name), streams)}."
        for name in names
        if name not in streams
    ]


def read_state(state: Any, known: Collection[str], logger: logging.Logger) -> dict[str, dict[str, Any]]:  # noqa: ANN401
    """Return what the tap can use of a state: by stream, its bookmark and what belongs to it.

    The state of another tap, or something that is no state, is an `InputError`: reading everything again
    without a word, or from a wrong place, would be worse. Streams that no longer exist and keys of other
    versions are left out.
    """
    if not state:
        return {}
    bookmarks = (
        state.get("bookmarks", {} if "account" in state else None) if isinstance(state, dict) else None
    )
    if not isinstance(bookmarks, dict) or not all(isinstance(entry, dict) for entry in bookmarks.values()):
        raise InputError(
            'The state is not one of this tap: it should look like {"bookmarks": {"invoices": {…}}}. '
            "Give the value of the last STATE message, or no state to read everything."
        )
    strangers = sorted(set(bookmarks) - set(known))
    if strangers and len(strangers) == len(bookmarks):
        msg = f"The state belongs to another tap: none of its streams exists here ({', '.join(strangers)})."
        raise InputError(msg)
    if strangers:
        logger.warning(
            "The state has bookmarks of streams that do not exist, left out: %s", ", ".join(strangers)
        )
    usable: dict[str, dict[str, Any]] = {}
    for name, entry in bookmarks.items():
        if name in known:
            usable[name] = _read_bookmark(name, entry, logger)
    return usable


def read_account(state: Mapping[str, Any]) -> str | None:
    """Return the account that a state belongs to, `None` in one of a version that did not know it."""
    account = state.get("account")
    if account is not None and not (isinstance(account, str) and account):
        msg = "The account in the state is not the id of a sevDesk account."
        raise InputError(msg)
    return account


def usable_at(now: datetime, bookmarks: dict[str, dict[str, Any]], logger: logging.Logger) -> None:
    """Remove bookmarks in the future of `now`, sevDesk's time, so that their streams are read in full.

    None of them is true: the tap moves no bookmark beyond sevDesk's time. It would hide every change until
    then (BEHAVIOR.md 13).
    """
    for name, entry in bookmarks.items():
        moment = parse_time(entry.get("replication_key_value"))
        if moment is not None and moment > now + TOLERANCE:
            logger.warning(
                "The bookmark of %s lies in the future and is not used: the stream is read in full.", name
            )
            entry.clear()


def _read_bookmark(name: str, entry: Mapping[str, Any], logger: logging.Logger) -> dict[str, Any]:
    value = entry.get("replication_key_value")
    if value is None or entry.get("replication_key", "update") != "update":
        return usable(name, entry, logger) if value is None else {}
    moment = parse_time(value)
    if moment is None:
        msg = (
            f"The bookmark of {name} in the state is not a time. Remove its entry to read the stream in full."
        )
        raise InputError(msg)
    kept = {"replication_key": "update", "replication_key_value": format_time(moment)}
    return kept | usable(name, entry, logger)
