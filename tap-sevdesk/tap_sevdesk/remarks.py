"""What a person should know about a read that is over, in a sentence each."""

from collections.abc import Collection, Iterator

from tap_sevdesk.reader import StreamReader

_NAMED_AT_MOST = 5


def remarks(reader: StreamReader, unknown: Collection[str]) -> Iterator[str]:
    """Yield what is worth a warning; `unknown` are the names of fields that the schema does not name."""
    yield from reader.remarks
    if unknown:
        yield f"Fields that the schema does not name are in additional_fields: {', '.join(sorted(unknown))}"
    if reader.extraction.unreadable:
        rows = list(reader.extraction.unreadable.values())
        named = "; ".join(map(str, rows[:_NAMED_AT_MOST]))
        more = f" and {len(rows) - _NAMED_AT_MOST} more" if len(rows) > _NAMED_AT_MOST else ""
        yield (
            f"{len(rows)} of its rows could not be read, the others were: {named}{more}. "
            "See extractions.unreadable_rows."
        )
    for doubt in reader.doubts:
        yield f"May be incomplete: {doubt}. The bookmark stays, the next run reads it again."
