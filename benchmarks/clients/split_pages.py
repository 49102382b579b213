"""The floor: read the pages with requests and split them into records without understanding them."""

import os
import sys

import msgspec
import requests


class Answer(msgspec.Struct):
    """A page; each record stays the bytes that were sent."""

    objects: list[msgspec.Raw]


def main() -> None:
    """Write each record to stdout, a line each."""
    session, url = requests.Session(), os.environ["SEVDESK_API_URL"] + "/Invoice"
    session.headers["Authorization"] = os.environ["SEVDESK_API_KEY"]
    decode = msgspec.json.Decoder(Answer).decode
    offset, limit = 0, 1000
    while True:
        answer = session.get(f"{url}?showAll=true&limit={limit}&offset={offset}", timeout=60)
        answer.raise_for_status()
        records = decode(answer.content).objects
        sys.stdout.buffer.write(b"".join([bytes(record) + b"\n" for record in records]))
        if len(records) < limit:
            return
        offset += limit


if __name__ == "__main__":
    main()
