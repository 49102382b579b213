"""The page and the spreadsheet: made by the package sevdesk_report of what dbt's report_rows holds."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import dagster as dg
import sevdesk_report

from orchestration.alerts import language
from orchestration.alerts.runs import AS_OF, NOTICES
from orchestration.environment import OUTPUT
from orchestration.errors import PublicError
from orchestration.settings import Settings

KEY = dg.AssetKey("report")
ROWS = dg.AssetKey(["staging", "report_rows"])
QUERY = "select part, content from {{ ref('report_rows') }}"
RATES_DAYS = 7  # the ECB sets none on weekends and on some holidays
COMMAND = re.compile(r"`|\bmake (run|nightly|reset|install|dev|doctor|accept-deletes)\b")
PAGE, SPREADSHEET = OUTPUT / "report.html", OUTPUT / "invoices.xlsx"

Row = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """What there is to say of the page: to somebody watching, to the UI, and if lists were miscounted.

    None of it is Markdown: a name in the data may be anything, and Markdown would be rendered. `account` is
    the id of the sevDesk account that its figures come from, empty if they do not say.
    """

    summary: str
    metadata: Mapping[str, Any]
    miscount: str
    account: str


def make(
    lines: list[Row], now: datetime, settings: Settings, *, spreadsheet: bool = True, stopped: str = ""
) -> Page:
    """Write page and spreadsheet of `lines`, those of QUERY, at the aware instant `now`.

    Without `spreadsheet` that one stays if it is there, as it takes most of the time and names no time: for
    the same `lines` as before.
    `stopped` says why there are no newer figures, for everybody, in English. Raises PublicError.
    """
    words = language.words(settings.language)
    report = sevdesk_report.read(sevdesk_report.tables(lines))
    file = PAGE  # first: of many documents the spreadsheet takes minutes
    try:
        page = sevdesk_report.render(
            report,
            now=now,
            max_age=settings.max_age,
            language_code=settings.language,
            company=settings.company,
            stopped=language.reason(stopped, words) if stopped else "",
            spreadsheet=SPREADSHEET.name,
        )
        sevdesk_report.publish(page, file)
        if spreadsheet or not SPREADSHEET.exists():
            book = sevdesk_report.spreadsheet(report, language_code=settings.language)
            file = SPREADSHEET
            sevdesk_report.publish(book, file)
    except OSError as error:
        reason = f"{file} cannot be written ({error.strerror}). Repair its folder or permissions."
        raise PublicError(reason, "The page of the report cannot be written.") from error
    as_of = report.status.as_of
    metadata = {
        "page": dg.MetadataValue.path(PAGE),
        "spreadsheet": dg.MetadataValue.path(SPREADSHEET),
        AS_OF: dg.MetadataValue.timestamp(as_of) if as_of else "never",
        "documents": len(report.documents),
        "net": words.euro(sum((each.net for each in report.documents), Decimal(0))),
        "gross": words.euro(sum((each.gross for each in report.documents), Decimal(0))),
        "documents in question": len(report.questions),
        NOTICES: dg.MetadataValue.json(notices(report, now, words)),
    }
    return Page(
        sevdesk_report.summary(report, now, settings.max_age),
        metadata,
        sevdesk_report.miscount(report.streams, sevdesk_report.english),
        report.status.account,
    )


def notices(found: sevdesk_report.Report, now: datetime, words: sevdesk_report.Language) -> dict[str, str]:
    """Return what somebody should look at, in a sentence each, by a key that stays while it is the same."""
    notices = {}
    if found.questions:
        ids = sorted(f"{each.source} {each.sevdesk_id} {each.code}" for each in found.questions)
        notices[f"documents {hashlib.sha256(str(ids).encode()).hexdigest()[:16]}"] = words.plural(
            "%(number)s document is in no total, as something in it cannot be right; the page lists it with "
            "the reason.",
            "%(number)s documents are in no total, as something in them cannot be right; the page lists each "
            "with the reason.",
            len(ids),
        )
    if behind := sorted(each.name for each in found.streams if not each.needed and _is_short(each)):
        notices[f"lists {', '.join(behind)}"] = words.text(
            "The latest read did not see everything of %(lists)s. No total needs it.",
            lists=words.listed([sevdesk_report.title(name, words) for name in behind]),
        )
    status = found.status
    if status.foreign and status.rates_as_of and (now.date() - status.rates_as_of).days > RATES_DAYS:
        notices["rates"] = words.text(
            "The ECB's exchange rates end on %(day)s; later invoices in other currencies are converted at "
            "the rate of that day.",
            day=words.day(status.rates_as_of),
        )
    return notices


def _is_short(stream: sevdesk_report.Stream) -> bool:
    return not stream.complete or stream.count_agrees is False


def without_commands(reason: str) -> str:
    """Return `reason` without the sentences that tell an engineer what to type: the page is for finance."""
    sentences = re.split(r"(?<=[.!?])\s+", reason)
    return " ".join(each for each in sentences if not COMMAND.search(each)) or "The latest update failed."


def move_on(lines: list[Row], until: datetime) -> list[Row]:
    """Return `lines` as they are once a read that found nothing new says that they hold up to `until`."""
    return [
        _later(line, until) if line["part"] in {"report_status", "report_streams"} else line for line in lines
    ]


def _later(line: Row, until: datetime) -> Row:
    row = {name.lower(): value for name, value in json.loads(line["content"]).items()}
    known = row.get("data_as_of")
    complete = str(row.get("last_read_is_complete")).lower() != "false"
    if not known or not complete or datetime.fromisoformat(known) >= until:
        return line
    return {**line, "content": json.dumps({**row, "data_as_of": until.isoformat()})}
