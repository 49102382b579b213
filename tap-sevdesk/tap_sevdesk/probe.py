"""What an account answers to the questions that BEHAVIOR.md leaves open: GET only, safe to show anybody.

    tap-sevdesk-probe --config config.json

Some hundred GET requests, at most five a second. The report holds names of lists and fields, and words such
as "inclusive"; no name, amount, number or text of the account, and no count of its rows.
"""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from http import HTTPStatus
from importlib import metadata
from pathlib import Path
from typing import Any

import click
import msgspec

from tap_sevdesk import masking
from tap_sevdesk.answer import Answer
from tap_sevdesk.bookmark import format_time, parse_time
from tap_sevdesk.client import Client, Tally
from tap_sevdesk.errors import RefusedError, RunError, StreamError, TapError
from tap_sevdesk.inputs import SETTINGS, normalise, problems
from tap_sevdesk.probe_values import VALUES
from tap_sevdesk.streams import SOURCES, Source

PACE = 5.0
"""Requests a second at most: more than the tap ever sends by default."""
SAMPLE = 1000
_MANY = 100
_FEW = 2
_NOBODY = "999999999999"
_FIELD = re.compile(r"[A-Za-z_]\w{0,39}")
Rows = Sequence[Mapping[str, Any]]
_decode = msgspec.json.Decoder(dict[str, Any], float_hook=msgspec.json.decode).decode


class Probe:
    """Asks one account; keeps a sample of each list, so that none is asked for twice."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.tally = Tally()
        self.samples: dict[str, list[dict[str, Any]]] = {}

    def ask(self, path: str, *params: tuple[str, str]) -> Answer:
        """Send one request. Raises like `Client.get`."""
        return self.client.get(path, params, self.tally)

    def rows(self, path: str, *params: tuple[str, str]) -> list[dict[str, Any]]:
        """Return the rows of an answer that can be read. Raises like `Client.get`."""
        found = []
        objects = self.ask(path, *params).objects
        for raw in objects if isinstance(objects, list) else []:
            try:
                row = _decode(raw)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
                continue
            if isinstance(row.get("id"), (str, int)):
                found.append(row)
        return found


def report(client: Client) -> Iterator[tuple[str, str, str]]:
    """Yield what was found, each as its subject, the question and the answer. Raises `TapError`."""
    probe = Probe(client)
    yield "account", "bookkeeping system", _system(probe)
    offered = []
    for source in SOURCES:
        found = _offered(probe, source)
        yield source.name, "list", found
        if found == "offered":
            offered.append(source)
    for source in offered:
        rows = probe.samples[source.name]
        yield source.name, "fields that the schema does not name", _unknown(source, rows)
        yield source.name, "order", _order(probe, source, rows)
        yield source.name, "updateAfter", _update_after(probe, source, rows)
    yield from _of_lists(probe)
    for subject, question, answer in VALUES:
        yield subject, question, answer(probe.samples)
    yield "invoices", "sums of final invoices", _final_sums(probe)
    yield "account", "pace", _pace(probe)


def _of_lists(probe: Probe) -> Iterator[tuple[str, str, str]]:
    ask = probe.ask("/SevUser", ("limit", "1"), ("countAll", "true"))
    yield "lists", "total of countAll", ask.total_as
    yield "lists", "Date of answers", "right or near" if probe.client.clock.date else "absent or unreadable"
    yield "lists", "offset", _offset(probe)
    yield "lists", "orderBy[0][field]=update", _order_by(probe)
    yield "invoices", "updateAfter as ISO text", _iso(probe)
    yield "invoices", "types without showAll", _plain_types(probe)
    yield "invoices", "an id that does not exist", _refusal(probe, f"/Invoice/{_NOBODY}")
    yield "contacts", "an id that does not exist", _refusal(probe, f"/Contact/{_NOBODY}")
    yield "contact_addresses", "one record by its id", _by_id(probe, "contact_addresses", "/ContactAddress")
    yield "invoices", "one record by its id", _by_id(probe, "invoices", "/Invoice")


def _system(probe: Probe) -> str:
    try:
        answer = probe.ask("/Tools/bookkeepingSystemVersion")
    except (RefusedError, RunError) as error:
        if error.status is None or error.status == HTTPStatus.UNAUTHORIZED:
            raise
        return f"refused ({error.status})"
    version = str(answer.objects.get("version")) if isinstance(answer.objects, dict) else ""
    return version if re.fullmatch(r"\d\.\d", version) else "unknown"


def _offered(probe: Probe, source: Source) -> str:
    params = (*source.params, ("limit", str(SAMPLE)))
    try:
        probe.samples[source.name] = probe.rows(source.path, *params)
    except RefusedError as error:
        return f"refused ({error.status})"
    except RunError:
        raise
    except StreamError:
        return "an error in place of rows"
    return "offered" if probe.samples[source.name] else "offered, empty"


def _unknown(source: Source, rows: Rows) -> str:
    names = {name for row in rows for name in row} - set(source.schema["properties"])
    good = sorted(name for name in names if _FIELD.fullmatch(name))
    hidden = len(names) - len(good)
    return ", ".join([*good, *([f"{hidden} with other characters"] if hidden else [])]) or "none"


def _moment(row: Mapping[str, Any], field: str) -> int | None:
    moment = parse_time(row.get(field))
    return None if moment is None else int(moment.timestamp())


def _key(row: Mapping[str, Any], field: str) -> int | None:
    text = str(row["id"])
    return (int(text) if text.isdigit() else None) if field == "id" else _moment(row, field)


def _order(probe: Probe, source: Source, rows: Rows) -> str:
    if len(rows) <= _FEW:
        return "too few rows to tell"
    try:
        again = probe.rows(source.path, *source.params, ("limit", str(SAMPLE)))
    except StreamError:
        again = []
    ids, other = [str(row["id"]) for row in rows], [str(row["id"]) for row in again]
    both = set(ids) & set(other)
    if [key for key in ids if key in both] != [key for key in other if key in both]:
        return "another one each time"
    fits = []
    for field in ("create", "update", "id"):
        keys = [_key(row, field) for row in rows]
        known = [key for key in keys if key is not None]
        if len(known) == len(keys) and len(set(known)) > _FEW:
            if known == sorted(known):
                fits.append(f"{field} ascending")
            if known == sorted(known, reverse=True):
                fits.append(f"{field} descending")
    return ", also ".join(fits) or "none of create, update, id"


def _pivot(rows: Rows) -> int | None:
    """Return a time of change with rows before, at and after it; `None` when there is none."""
    moments = sorted({moment for row in rows if (moment := _moment(row, "update")) is not None})
    return moments[len(moments) // 2] if len(moments) > _FEW else None


def _update_after(probe: Probe, source: Source, rows: Rows, text: str | None = None) -> str:
    pivot = _pivot(rows)
    if pivot is None:
        return "too few changes to tell"
    asked = ("updateAfter", text or str(pivot))
    try:
        answer = probe.rows(source.path, *source.params, ("limit", str(SAMPLE)), asked)
    except RefusedError as error:
        return f"refused ({error.status})"
    except StreamError:
        return "an error in place of rows"
    moments = [moment for row in answer if (moment := _moment(row, "update")) is not None]
    if any(moment < pivot for moment in moments):
        return "ignored"
    if not moments:
        return "honoured as something else: nothing came"
    return "honoured, inclusive" if pivot in moments else "honoured, exclusive"


def _iso(probe: Probe) -> str:
    (source,) = [source for source in SOURCES if source.name == "invoices"]
    rows = probe.samples.get("invoices", [])
    pivot = _pivot(rows)
    text = format_time(datetime.fromtimestamp(pivot or 0, timezone.utc))
    return _update_after(probe, source, rows, text)


def _offset(probe: Probe) -> str:
    for source in SOURCES:
        if len(probe.samples.get(source.name, [])) > _FEW:
            pages = [
                probe.rows(source.path, *source.params, ("limit", "2"), ("offset", offset))
                for offset in ("0", "2")
            ]
            first, second = ({str(row["id"]) for row in page} for page in pages)
            return "ignored" if first == second else "honoured"
    return "too few rows to tell"


def _order_by(probe: Probe) -> str:
    rows = probe.samples.get("invoices", [])
    if _pivot(rows) is None:
        return "too few changes to tell"
    asked = (("orderBy[0][field]", "update"), ("orderBy[0][arrangement]", "asc"))
    try:
        answer = probe.rows("/Invoice", ("showAll", "true"), ("limit", str(_MANY)), *asked)
    except RefusedError as error:
        return f"refused ({error.status})"
    moments = [moment for row in answer if (moment := _moment(row, "update")) is not None]
    usual = [moment for row in rows[:_MANY] if (moment := _moment(row, "update")) is not None]
    if usual == sorted(usual):
        return "cannot tell: the usual order is the same"
    return "honoured" if moments == sorted(moments) else "ignored"


def _plain_types(probe: Probe) -> str:
    plain = {str(row.get("invoiceType")) for row in probe.rows("/Invoice", ("limit", str(SAMPLE)))}
    every = {str(row.get("invoiceType")) for row in probe.samples.get("invoices", [])}
    codes = re.compile(r"[A-Z]{2,3}")
    named = [sorted(filter(codes.fullmatch, kinds)) for kinds in (plain, every - plain)]
    return f"{', '.join(named[0]) or 'none'}; with it also {', '.join(named[1]) or 'none'}"


def _refusal(probe: Probe, path: str) -> str:
    try:
        probe.ask(path)
    except RefusedError as error:
        code = re.search(r"with code (\w+)", str(error))
        return f"{error.status}{f' with code {code[1]}' if code else ''}"
    except StreamError:
        return "an error under 200"
    return "200"


def _by_id(probe: Probe, stream: str, path: str) -> str:
    rows = probe.samples.get(stream, [])
    if not rows:
        return "no row to ask for"
    try:
        answer = probe.ask(f"{path}/{rows[0]['id']}")
    except StreamError:
        return "an error"
    return "an array of one" if isinstance(answer.objects, list) else "an object"


def _sum_net(row: Mapping[str, Any]) -> int | None:
    """Return a net sum in cents."""
    match = re.fullmatch(r"(-?\d+)(?:\.(\d{1,2}))?\d*", str(row.get("sumNet")))
    return None if match is None else int(f"{match[1]}{(match[2] or '').ljust(2, '0')}")


def _final_sums(probe: Probe) -> str:
    """Compare final invoices with the order they bill, and with what was billed of it before."""
    invoices = probe.samples.get("invoices", [])
    orders = {str(row["id"]): _sum_net(row) for row in probe.samples.get("orders", [])}

    def order_of(row: Mapping[str, Any]) -> str | None:
        origin = row.get("origin")
        return (
            str(origin.get("id"))
            if isinstance(origin, dict) and origin.get("objectName") == "Order"
            else None
        )

    votes = {"remaining": 0, "cumulative": 0}
    for final in invoices:
        key, amount = order_of(final), _sum_net(final)
        whole = orders.get(key or "")
        if final.get("invoiceType") != "ER" or amount is None or whole is None:
            continue
        before = [
            _sum_net(row)
            for row in invoices
            if row.get("invoiceType") in ("AR", "TR") and order_of(row) == key
        ]
        if not before or None in before:
            continue
        if abs(amount - whole) <= _FEW:
            votes["cumulative"] += 1
        elif abs(amount + sum(part or 0 for part in before) - whole) <= _FEW:
            votes["remaining"] += 1
    if not any(votes.values()):
        return "no final invoice with an order to compare"
    return "both have been seen" if all(votes.values()) else max(votes, key=lambda vote: votes[vote])


def _pace(probe: Probe) -> str:
    before = probe.tally.retries
    for _ in range(20):
        probe.ask("/SevUser", ("limit", "1"))
    pace = f"{probe.client.requests_per_second or PACE:g} requests a second"
    return f"{pace}: {'refused at times' if probe.tally.retries > before else 'tolerated'}"


def _settings(path: str | None) -> dict[str, Any]:
    """Read the tap's settings from a file or from the environment. Raises `TapError`."""
    known = SETTINGS["properties"]
    given = {name: os.environ.get(f"TAP_SEVDESK_{name.upper()}") for name in known}
    if path is not None:
        try:
            given |= {
                name: value
                for name, value in json.loads(Path(path).read_text("utf-8")).items()
                if name in known
            }
        except (OSError, ValueError, AttributeError):
            msg = f"{path} is not a file with settings in JSON."
            raise TapError(msg) from None
    settings = normalise(given, known)
    masking.hide(str(settings.get("api_token", "")))
    for problem in problems(settings, known, [source.name for source in SOURCES], datetime.now(timezone.utc)):
        raise TapError(problem)
    return settings


def write(client: Client, say: Callable[[str], None]) -> None:
    """Write the report, a line for each answer."""
    version = metadata.version("tap-sevdesk")
    say(f"tap-sevdesk {version}: what this sevDesk account answers to the open questions of BEHAVIOR.md")
    for subject, question, answer in report(client):
        say(f"{subject} | {question} | {answer}")
    say("Nothing above is a name, an amount, a number or a text of the account.")


@click.command(help="Ask sevDesk what BEHAVIOR.md leaves open; GET only, nothing personal in the report.")
@click.option(
    "--config", "path", help="The tap's settings as JSON; by default from TAP_SEVDESK_... variables."
)
def main(path: str | None) -> None:
    """Run from the command line: the report, or one sentence and exit code 1."""
    try:
        settings = _settings(path)
        client = Client(
            api_url=settings["api_url"].rstrip("/"),
            token=settings["api_token"],
            user_agent=settings.get("user_agent") or f"tap-sevdesk/{metadata.version('tap-sevdesk')} probe",
            timeout=settings["request_timeout"],
            requests_per_second=min(PACE, settings["requests_per_second"] or PACE),
        )
        write(client, click.echo)
    except TapError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
