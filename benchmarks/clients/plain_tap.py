"""A tap as singer-sdk's project template gives it, filled in: client, paginator, schema, replication key."""

import sys
from pathlib import Path
from typing import Any

from requests import Response
from singer_sdk import RESTStream, Stream, Tap
from singer_sdk import typing as th
from singer_sdk.authenticators import APIKeyAuthenticator
from singer_sdk.pagination import BaseOffsetPaginator

SCHEMAS = Path(__file__).parent.parent.parent / "tap-sevdesk" / "tap_sevdesk" / "schemas"
PAGE_SIZE = 1000


class Offset(BaseOffsetPaginator):
    """Goes on while pages are full."""

    def has_more(self, response: Response) -> bool:
        """Tell whether this page was full."""
        return len(response.json()["objects"]) == PAGE_SIZE


class Invoices(RESTStream[int]):
    """Invoices, with the columns of our tap."""

    name = "invoices"
    path = "/Invoice"
    primary_keys = ("id",)
    replication_key = "update"
    records_jsonpath = "$.objects[*]"
    schema_filepath = SCHEMAS / "invoices.json"

    @property
    def url_base(self) -> str:
        """The API's address."""
        return str(self.config["api_url"])

    @property
    def authenticator(self) -> APIKeyAuthenticator:
        """The token in its header."""
        return APIKeyAuthenticator(key="Authorization", value=self.config["api_token"], location="header")

    def get_new_paginator(self) -> Offset:
        """Begin at the front."""
        return Offset(start_value=0, page_size=PAGE_SIZE)

    def get_url_params(self, context: Any, next_page_token: int | None) -> dict[str, Any]:  # noqa: ANN401, ARG002
        """Ask for one page of every type of invoice."""
        return {"showAll": "true", "limit": PAGE_SIZE, "offset": next_page_token or 0}


class PlainTap(Tap):
    """One stream."""

    name = "plain-tap"
    config_jsonschema = th.PropertiesList(
        th.Property("api_url", th.StringType, required=True),
        th.Property("api_token", th.StringType, required=True, secret=True),
    ).to_dict()

    def discover_streams(self) -> list[Stream]:
        """Return it."""
        return [Invoices(self)]


if __name__ == "__main__":
    sys.exit(PlainTap.cli())
