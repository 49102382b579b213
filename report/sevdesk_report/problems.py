"""Whether the figures may be relied on: every list that they need is read, to its end, and lately."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sevdesk_report.language import Language
from sevdesk_report.rows import Report, Stream

MINUTES_OF_AN_HOUR = 60

# sevDesk's lists in words; one that is not here is written as the stream is called
TITLES = {
    "invoices": "Invoices",
    "invoice_positions": "Invoice positions",
    "credit_notes": "Credit notes",
    "credit_note_positions": "Credit note positions",
    "contacts": "Contacts",
    "contact_addresses": "Contact addresses",
    "static_countries": "Countries",
    "vouchers": "Vouchers",
    "voucher_positions": "Voucher positions",
    "orders": "Orders",
    "order_positions": "Order positions",
    "check_accounts": "Bank accounts",
    "check_account_transactions": "Bank transactions",
    "check_account_transaction_logs": "Payments",
    "exchange_rates": "Exchange rates",
}


@dataclass(frozen=True)
class Problem:
    """Why the figures are not to be relied on: a title, what it means, and what the pipeline said of it."""

    title: str
    text: str
    quote: str = ""


def problems(report: Report, now: datetime, max_age: timedelta, words: Language) -> list[Problem]:
    """Return what is wrong with the data at `now`, an aware instant; nothing if all is well.

    `max_age` is the promise: how old the data may get.
    """
    text = words.text
    needed = [stream for stream in report.streams if stream.needed]
    never = [stream for stream in needed if is_unread(stream)]
    part = [stream for stream in needed if not is_unread(stream) and doubt(stream, words)]
    stale = [stream for stream in needed if is_stale(stream, now, max_age)]
    found = []
    if len(never) == len(needed):
        found.append(
            Problem(
                text("Nothing has been read completely yet."),
                text("There are no figures to rely on yet. Ask whoever looks after the updates."),
            )
        )
    elif never:
        found.append(
            Problem(
                text("Incomplete."),
                text(
                    "Not read yet: %(lists)s. What depends on it is missing here. "
                    "Ask whoever looks after the updates.",
                    lists=_names(never, words),
                ),
            )
        )
    if part:
        found.append(
            Problem(
                text("Incomplete."),
                text(
                    "The latest read did not see everything of: %(lists)s. Documents may be missing from "
                    "these totals until the next full read, at night.",
                    lists=_names(part, words),
                ),
            )
        )
    if stale:
        since = min(stream.as_of for stream in stale if stream.as_of)
        found.append(
            Problem(
                text("Out of date."),
                text(
                    "Not read completely since %(moment)s: %(lists)s. Later changes are missing here. "
                    "Ask whoever looks after the updates.",
                    moment=words.moment(since),
                    lists=_names(stale, words),
                ),
            )
        )
    return found


def doubt(stream: Stream, words: Language) -> str:
    """Return what is wrong with the latest read of `stream` in a word or two, or nothing."""
    if is_unread(stream):
        return words.text("not read yet")
    if stream.count_agrees is False and stream.seen is not None and stream.expected is not None:
        return words.text(
            "%(seen)s of %(expected)s", seen=words.count(stream.seen), expected=words.count(stream.expected)
        )
    return "" if stream.complete else words.text("not complete")


def is_unread(stream: Stream) -> bool:
    """Whether nothing at all is known of `stream`: neither a complete read nor one that was counted."""
    return stream.as_of is None and stream.seen is None


def is_stale(stream: Stream, now: datetime, max_age: timedelta) -> bool:
    """Whether `stream` was last read completely longer ago than promised."""
    return stream.as_of is not None and now - stream.as_of > max_age


def miscount(streams: Sequence[Stream], words: Language) -> str:
    """Return of which streams the latest read saw not as many as the server counts, in a sentence, if any.

    Without the counts themselves: the same fault says the same an hour later, and is alerted once.
    """
    parts = []
    for stream in streams:
        if stream.count_agrees is not False:
            continue
        gap = (stream.seen or 0) - (stream.expected or 0)
        name, number = title(stream.name, words), words.count(abs(gap))
        parts.append(
            words.text("%(name)s: %(number)s more", name=name, number=number)
            if gap > 0
            else words.text("%(name)s: %(number)s fewer", name=name, number=number)
        )
    if not parts:
        return ""
    return words.text(
        "The latest read saw not as many as sevDesk counts. %(lists)s.", lists=words.listed(parts)
    )


def age(max_age: timedelta, words: Language) -> str:
    """Return `3 hours`, or minutes unless they are whole hours and more than one."""
    minutes = round(max_age / timedelta(minutes=1))
    if minutes % MINUTES_OF_AN_HOUR == 0 and minutes > MINUTES_OF_AN_HOUR:
        return words.plural("%(number)s hour", "%(number)s hours", minutes // MINUTES_OF_AN_HOUR)
    return words.plural("%(number)s minute", "%(number)s minutes", minutes)


def title(stream: str, words: Language) -> str:
    """Return the list that `stream` reads, in words."""
    return words.text(TITLES[stream]) if stream in TITLES else stream.replace("_", " ").capitalize()


def _names(streams: Iterable[Stream], words: Language) -> str:
    return words.listed([title(stream.name, words) for stream in streams])
