"""The form in which a stream's records are emitted: in another one, what was emitted last counts no more."""

import hashlib
from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from typing import Any

import msgspec
from singer_sdk.mapper import SameRecordTransform, StreamMap

from tap_sevdesk.inputs import pattern

_encode = msgspec.json.Encoder(order="sorted").encode


def fingerprint(stream: str, stream_maps: Sequence[StreamMap], settings: Mapping[str, Any]) -> str:
    """Return what changes when the form of a stream's records does: their schemas, by name, or the maps.

    A map is known by its definition in the settings: another filter or value need not change a schema.
    """
    form: list[Any] = [(each.stream_alias, each.transformed_schema) for each in stream_maps]
    form += [type(each).__name__ for each in stream_maps if not isinstance(each, SameRecordTransform)]
    maps = {
        name: definition
        for name, definition in (settings.get("stream_maps") or {}).items()
        if fnmatch(stream, pattern(name, definition))
    }
    if maps:
        form += [maps, settings.get("stream_map_config"), settings.get("faker_config")]
    return hashlib.blake2b(_encode(form), digest_size=4).hexdigest()
