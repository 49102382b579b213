"""The page of some rows, open in a browser, and books to open."""

import shutil
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from playwright.sync_api import Page
from sevdesk_report import language, publish

from tests.helpers.report_by_hand import NEEDED, NOW, Rows, books, page_of, stream

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
GERMAN = language("de")
BOOKS = books(400, customers=60, places=30)
STALE = [
    stream("invoices", data_as_of=(NOW - timedelta(hours=5)).isoformat()),
    stream("credit_notes", last_read_is_complete=False),
    *(stream(name) for name in NEEDED[2:]),
]


class View:
    """The page of some rows, open in a browser at NOW."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self.file = folder / "report.html"
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text))
        page.clock.install(time=NOW + timedelta(minutes=1))

    def open(self, found: Rows, address: str = "", **options: Any) -> Page:
        publish(page_of(found, **options), self.file)
        self.page.goto(self.file.as_uri() + address)
        self.page.wait_for_selector("body[data-ready]")
        return self.page


def total(documents: list[dict[str, Any]], column: str) -> Decimal:
    return sum((Decimal(each[column]) for each in documents), Decimal(0))
