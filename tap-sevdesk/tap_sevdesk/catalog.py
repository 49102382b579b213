"""What a catalog may say, also one that was written by hand; what it leaves out is as discovered."""

import logging
from collections.abc import Mapping
from typing import Any

from singer_sdk import Stream
from singer_sdk.singerlib.catalog import (
    REPLICATION_FULL_TABLE,
    Catalog,
    CatalogEntry,
    Metadata,
    MetadataMapping,
)
from singer_sdk.singerlib.schema import Schema

from tap_sevdesk.errors import InputError
from tap_sevdesk.inputs import did_you_mean


def read_catalog(given: Any) -> Catalog:  # noqa: ANN401
    """Return the streams of a catalog by their ids; `InputError` for what is none, or names a stream twice.

    Old catalogs have `selected` beside the metadata: it counts where those do not say it.
    """
    try:
        catalog = Catalog.from_dict(given)
        for stream in given["streams"]:
            entry = catalog[stream["tap_stream_id"]]
            if isinstance(stream.get("selected"), bool) and entry.metadata.root.selected is None:
                entry.metadata.root.selected = stream["selected"]
    except (AttributeError, KeyError, TypeError, ValueError):
        msg = (
            'The catalog is not one: it should look like {"streams": [{"tap_stream_id": "invoices", …}]}. '
            "Make a new one with --discover."
        )
        raise InputError(msg) from None
    names = [stream["tap_stream_id"] for stream in given["streams"]]
    if twice := {name for name in names if names.count(name) > 1}:
        msg = f"The catalog names {', '.join(sorted(twice))} twice. Remove one of the entries."
        raise InputError(msg)
    return catalog


def complete(catalog: Catalog, known: Mapping[str, Stream], logger: logging.Logger) -> None:
    """Give the streams of a catalog what it does not say of them; `InputError` for what cannot be.

    A stream that does not exist may be named, but not selected.
    """
    for name, entry in catalog.items():
        if name in known:
            _complete(entry, known[name], logger)
            continue
        sentence = f"The catalog names a stream {name!r} that does not exist{did_you_mean(name, known)}."
        if entry.metadata.root.selected:
            msg = f"{sentence} Make a new catalog with --discover."
            raise InputError(msg)
        logger.warning(sentence)


def _complete(entry: CatalogEntry, stream: Stream, logger: logging.Logger) -> None:
    """Complete what the catalog says of a stream; another key would make a target keep a record twice."""
    if entry.stream not in (None, stream.name):
        logger.warning(
            "The catalog calls %s %r, which changes nothing: __alias__ in stream_maps renames a stream.",
            stream.name,
            entry.stream,
        )
    entry.stream = stream.name
    entry.metadata = MetadataMapping({**stream.metadata, **entry.metadata})
    root = entry.metadata.root
    keys = entry.key_properties or root.table_key_properties
    if keys and list(keys) != ["id"]:
        msg = f"The catalog wants {stream.name} by the key {', '.join(keys)}; only 'id' tells records apart."
        raise InputError(msg)
    entry.key_properties = ["id"]
    by = entry.replication_key or root.replication_key
    if by not in (None, stream.replication_key):
        msg = f"The catalog wants {stream.name} by {by!r}; only 'update' shows changes."
        raise InputError(msg)
    entry.replication_key = stream.replication_key
    if not entry.schema.properties:
        entry.schema = Schema.from_dict(stream.schema)
    method = entry.replication_method or root.forced_replication_method
    by_changes = stream.replication_key and method != REPLICATION_FULL_TABLE
    for needed in ("id", "update") if by_changes else ("id",):
        entry.metadata[("properties", needed)] = Metadata(inclusion=Metadata.InclusionType.AUTOMATIC)
        if needed not in (entry.schema.properties or {}) and root.selected:
            msg = (
                f"The schema of {stream.name} in the catalog lacks {needed!r}, which the tap needs. "
                "Make a new catalog with --discover, and deselect what you do not want."
            )
            raise InputError(msg)
