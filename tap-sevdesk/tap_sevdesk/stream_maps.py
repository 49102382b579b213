"""Stream maps of the SDK: whether a stream has one, and what one makes of a record."""

from typing import Any

from singer_sdk import Stream
from singer_sdk.mapper import SameRecordTransform, StreamMap

from tap_sevdesk.errors import StreamError


def is_unmapped(stream: Stream) -> bool:
    """Tell whether records are written without a stream map, without flattening, and not in a trial run."""
    first, *copies = stream.stream_maps
    return (
        type(first) is SameRecordTransform
        and not first.flattening_enabled
        and not copies
        and stream.ABORT_AT_RECORD_COUNT is None
    )


def map_record(name: str, stream_map: StreamMap, record: dict[str, Any]) -> dict[str, Any] | None:
    """Return what a stream map makes of a record of the stream `name`; an error of it may quote the record.

    Flattening (singer-sdk 0.54.9) leaves the bare name of a reference that is null: no schema has it.
    """
    try:
        mapped = stream_map.transform(record)
    except Exception as error:
        msg = (
            f"{name}: its stream map cannot be computed for a record ({type(error).__name__}). "
            "Correct the setting stream_maps, for example for values that are null."
        )
        raise StreamError(msg) from error
    if mapped is None or not stream_map.flattening_enabled:
        return mapped
    known = stream_map.transformed_schema["properties"]
    return {field: value for field, value in mapped.items() if value is not None or field in known}
