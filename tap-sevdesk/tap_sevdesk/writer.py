"""Write Singer messages in large pieces: one system call for many records, and none of them out of order."""

import sys

import msgspec
from singer_sdk.contrib.msgspec import enc_hook
from singer_sdk.singerlib.encoding.base import GenericSingerWriter
from singer_sdk.singerlib.messages import Message, RecordMessage

PIECE = 1 << 16
"""Bytes of records that are collected before they are written: as much as a pipe holds."""

_encode = msgspec.json.Encoder(enc_hook=enc_hook, decimal_format="number").encode


class BufferedWriter(GenericSingerWriter[bytes, Message]):
    """Collects records; any other message, above all STATE, goes out at once, behind those before it."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def serialize_message(self, message: Message) -> bytes:
        """Return the message as a line of JSON."""
        return _encode(message.to_dict()) + b"\n"

    def write_message(self, message: Message) -> None:
        """Take a message; it may reach standard output later, never in another order."""
        self._pending += self.serialize_message(message)
        if len(self._pending) >= PIECE or not isinstance(message, RecordMessage):
            self.flush()

    def write_lines(self, lines: bytes) -> None:
        """Write messages that are encoded already, each a line, behind those before them."""
        self.flush()
        _write(lines)

    def flush(self) -> None:
        """Write what is pending."""
        pending, self._pending = self._pending, bytearray()
        if pending:
            _write(pending)


def _write(lines: bytes | bytearray) -> None:
    if (binary := getattr(sys.stdout, "buffer", None)) is not None:
        rest = memoryview(lines)
        while (
            rest
        ):  # with PYTHONUNBUFFERED there is no buffer: a stop and go of the process cuts a write short
            rest = rest[binary.write(rest) or 0 :]
    else:  # a test has put text in place of standard output
        sys.stdout.write(lines.decode())
    sys.stdout.flush()
